"""Catalina Surveys: periodic variables of the north (CSDR1) and the south (CSDR2, SSS).

North: ``CatalinaVars.tbl`` (white space: name, number, RA, Dec, V, period, amplitude, number
of observations, type code) and ``AllVar.phot.gz``, one CSV of all measurements without
header: number, MJD, mag, error, RA, Dec.

South: ``SSS_Per_Tab.dat`` (white space, three lines of header: name, number, RA, Dec, period,
V, number of observations, amplitude, type code, earlier name; some copies leave the name
out) and ``SSS_Per_Var_Cat.tar.gz`` with ``<number>.dat``: MJD, mag, error.

Quirks
------
- MJD (UTC), not heliocentric: up to eight minutes.
- Type codes differ between the two. South: 11 (Misc) and 13 (nine LMC Cepheids) are to be left out
  of training and tests.
- North: RA and Dec in degrees or as hh:mm:ss; code 17 (EA_UP) are Algols of unknown period;
  ``\\nodata`` is a missing period; rows with a negative MJD are no measurements.
- The north's one large file need not be sorted by star: it is sorted here through temporary
  files, so that memory stays flat.
"""

import gzip
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd

from varstar.datasets.archives.text import degrees, number, rows, three_columns
from varstar.datasets.convert import Curve
from varstar.datasets.unpack import unpack

_BASE = "http://nesssi.cacr.caltech.edu/DataRelease"

SURVEYS = {
    "catalina_css_north": {
        "title": "Catalina Surveys North, periodic variables (CSDR1)",
        "holds": "light curves",
        "archive": "catalina",
        "bands": ["V"],
        "classes": "RRab, RRc, RRd, Blazhko, EW, EA, beta_lyrae, RS_CVn, LPV, HADS, LADS, ELL, "
        "Cep_II, ACEP, PCEB, Hump, EA_UP",
        "stars": "about 47 000",
        "time_scale": "MJD (UTC), not heliocentric (up to 8 minutes)",
        "papers": ["s20"],
        "citation": ["Drake et al. 2014, ApJS 213, 9", "Drake et al. 2009, ApJ 696, 870"],
        "terms": "Public; cite the papers named and acknowledge the Catalina Surveys.",
        "base": _BASE,
        "estimate": 200_000_000,
        "pause": 1.0,
        "files": [{"path": "CatalinaVars.tbl"}, {"path": "AllVar.phot.gz"}],
        "bulk": [],
        "star_files": [],
    },
    "catalina_sss": {
        "title": "Catalina Surveys South, periodic variables (CSDR2, SSS)",
        "holds": "light curves",
        "archive": "catalina",
        "bands": ["V"],
        "classes": "RRab, RRc, RRd, Blazhko, EA, Ecl (contact/semi-detached, EW/EB), Rotational, "
        "LPV, Cep-II, ACEP, delta-Scuti; type codes 11 and 13 are to be left out",
        "stars": "about 37 000",
        "time_scale": "MJD (UTC), not heliocentric (up to 8 minutes)",
        "papers": ["s20", "sm", "ts19"],
        "citation": ["Drake et al. 2017, MNRAS 469, 3688", "Drake et al. 2009, ApJ 696, 870"],
        "terms": "Public; cite the papers named and acknowledge the Catalina Surveys.",
        "base": _BASE,
        "estimate": 60_000_000,
        "pause": 1.0,
        "files": [{"path": "SSS_Per_Tab.dat"}, {"path": "SSS_Per_Var_Cat.tar.gz"}],
        "bulk": [],
        "star_files": [],
    },
}

NORTH = {
    1: "EW", 2: "EA", 3: "beta_lyrae", 4: "RRab", 5: "RRc", 6: "RRd", 7: "Blazhko", 8: "RS_CVn",
    9: "ACEP", 10: "Cep_II", 11: "HADS", 12: "LADS", 13: "LPV", 14: "ELL", 15: "Hump", 16: "PCEB",
    17: "EA_UP",
}  # fmt: skip
SOUTH = {
    1: "RRab", 2: "RRc", 3: "RRd", 4: "Blazhko", 5: "Ecl (contact/semi-detached, EW/EB)", 6: "EA",
    7: "Rotational", 8: "LPV", 9: "delta-Scuti", 10: "ACEP", 11: "Misc (type code 11)",
    12: "Cep-II", 13: "LMC-Cep-I",
}  # fmt: skip
_NORTH_COLUMNS = ["name", "star_id", "ra", "dec", "mean_mag", "period", "amplitude", "npts_cat",
                  "type_code"]  # fmt: skip
_SOUTH_COLUMNS = ["name", "star_id", "ra", "dec", "period", "mean_mag", "npts_cat", "amplitude",
                  "type_code", "prior_id"]  # fmt: skip


def catalogue(raw: Path, name: str, types: list[str] | None = None) -> pd.DataFrame:
    """The stars of the north's or the south's catalogue under `raw`."""
    north = name == "catalina_css_north"
    path = raw / ("CatalinaVars.tbl" if north else "SSS_Per_Tab.dat")
    columns, codes = (_NORTH_COLUMNS, NORTH) if north else (_SOUTH_COLUMNS, SOUTH)
    if not path.is_file():
        raise ValueError(f"{raw}: expected {path.name}")
    out = []
    for i, line in rows(path):
        words = line.split()
        if not any(w.isdigit() and len(w) >= 10 for w in words[:2]):
            if not out and i <= 5:  # lines of header
                continue
            raise ValueError(f"{path}: line {i}: expected {columns}. Received: {line[:70]!r}")
        names = columns if not words[0].isdigit() else columns[1:]
        if len(words) < len([c for c in names if c != "prior_id"]):
            raise ValueError(f"{path}: line {i}: expected {names} (truncated?). Received: {line!r}")
        row = dict(zip(names, words, strict=False))
        if ":" in row["ra"]:
            row["ra"], row["dec"] = degrees(row["ra"], row["dec"])
        out.append(row)
    if not out:
        raise ValueError(f"{path}: no stars in it")
    stars = pd.DataFrame(out).drop_duplicates("star_id", ignore_index=True)
    for column in ("ra", "dec", "mean_mag", "period", "amplitude", "npts_cat"):
        stars[column] = [number("" if str(v) == "\\nodata" else str(v)) for v in stars[column]]
    stars.loc[~(stars["period"] > 0), "period"] = np.nan
    stars["type_code"] = stars["type_code"].astype(int)
    unknown = sorted(set(stars["type_code"]) - set(codes))
    if unknown:
        raise ValueError(f"{path}: expected type codes {sorted(codes)}. Received: {unknown}")
    stars["label"] = [codes[c] for c in stars["type_code"]]
    stars["survey"] = "Catalina CSDR1 CSS (north)" if north else "Catalina CSDR2 SSS"
    stars["bands"] = "V (CSS unfiltered, calibrated to V)"
    stars["label_source"] = "; ".join(SURVEYS[name]["citation"][:1])
    stars["time_scale"] = "MJD (UTC, not heliocentric-corrected)"
    return stars[stars["label"].isin(types)] if types else stars


def light_curves(raw: Path, name: str, stars: pd.DataFrame) -> Iterator[Curve]:
    """The light curves of the stars asked for; times are MJD."""
    if name == "catalina_css_north":
        path = next(
            (raw / f for f in ("AllVar.phot.gz", "AllVar.phot") if (raw / f).is_file()), None
        )
        if path is None:
            raise ValueError(f"{raw}: expected AllVar.phot.gz or AllVar.phot")
        yield from read_north(path, set(stars["star_id"]))
        return
    archive, unpacked = raw / "SSS_Per_Var_Cat.tar.gz", raw / "SSS_Per_Var_Cat"
    if not unpacked.is_dir():
        if not archive.is_file():
            raise ValueError(f"{raw}: expected {archive.name} or the folder {unpacked.name}")
        unpack(archive, unpacked, place)
    for star_id in stars["star_id"]:
        path = unpacked / f"{star_id}.dat"
        if path.is_file():
            yield Curve(star_id, "V", *three_columns(path))


def place(member: PurePosixPath) -> str | None:
    """Where a member of the south's archive goes: ``<number>.dat``."""
    return member.name if member.suffix == ".dat" and member.stem.isdigit() else None


def read_north(
    path: Path, wanted: set[str] | None = None, buckets: int = 64, chunk: int = 500_000
) -> Iterator[Curve]:
    """The north's large CSV, star by star: first spread over files by star, then one file a time.

    Parameters
    ----------
    path : path
    wanted : set of str, optional
        Only these stars.
    buckets : int
        Temporary files, each small enough for memory.
    chunk : int
        Rows read at a time.
    """
    opener = gzip.open if path.suffix == ".gz" else open
    folder = path.parent / ".sorting"  # what a killed conversion left is thrown away
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        try:
            with ExitStack() as stack, opener(path, "rt") as f:
                names = [folder / f"{i}.bin" for i in range(buckets)]
                files = [stack.enter_context(open(n, "wb")) for n in names]
                header = not f.readline().split(",")[0].strip().isdigit()
                f.seek(0)
                reader = pd.read_csv(
                    f, header=None, skiprows=int(header), usecols=range(4), dtype=float,
                    chunksize=chunk, on_bad_lines="error",
                )  # fmt: skip
                for table in reader:
                    values = table.to_numpy()
                    values = values[np.isfinite(values).all(axis=1) & (values[:, 1] > 0)]
                    for i in range(buckets):
                        part = values[values[:, 0] % buckets == i]
                        files[i].write(np.ascontiguousarray(part).tobytes())
        except (EOFError, OSError, ValueError) as error:
            raise ValueError(
                f"{path}: expected number, MJD, mag, error a line, to the end (truncated?): {error}"
            ) from error
        for n in names:
            values = np.fromfile(n, float).reshape(-1, 4)
            values = values[np.lexsort((values[:, 1], values[:, 0]))]
            ids, starts = np.unique(values[:, 0], return_index=True)
            ends = np.append(starts, len(values))[1:]
            for star, start, end in zip(ids, starts, ends, strict=True):
                star_id = str(int(star))
                if wanted is None or star_id in wanted:
                    yield Curve(star_id, "V", *values[start:end, 1:4].T)
    finally:
        shutil.rmtree(folder, ignore_errors=True)

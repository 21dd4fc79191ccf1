"""OGLE-III and OGLE-IV collections of variable stars (LMC, SMC, Galactic bulge and disk).

Each type has a folder with ``ident.dat`` (class, position, other names), parameter tables
(``RRab.dat``, ``cepF.dat``, ...: mean magnitudes, period, amplitude, Fourier parameters),
and light curves: ``phot.tar.gz`` for all, ``phot/{I,V}/<ID>.dat`` for one star.

Quirks
------
- ``ident.dat`` must be read by byte position (missing names are blanks); parameter tables
  mark missing values by ``-``. The columns of OGLE-IV are known byte by byte for the types
  below, shifted by the length of a region's star names; where a line does not fit them, and
  for OGLE-III's parameter tables and LPV lists (not verified), lines are read by white
  space and by the look of a coordinate.
- Times are HJD - 2 450 000, but full HJD for blg/cep, blg/t2cep, blg/rot, lmc/ecl, smc/ecl,
  gd/cep, gd/t2cep, gal/acep, with exceptions again: told apart by size, point by point.
- RA and Dec have colons or blanks; figures may be padded with blanks.
- Some folders hold phot_ogle2, phot_ogle3, phot_ogle4 instead of phot, and some files are
  called <ID>_I.dat: all of a star's files are put together.
- OGLE-IV has no LPV for the Clouds: they are OGLE-III's. Sub-types of delta Scuti stars
  (SINGLEMODE, MULTIMODE) are in the column ``subtype``; their label is ``DSCT``.
"""

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd

from varstar.datasets.archives.text import cut, degrees, fits, full_jd, number, rows, three_columns
from varstar.datasets.convert import Curve
from varstar.datasets.unpack import unpack

_O3 = "https://ftp.astrouw.edu.pl/ogle/ogle3/OIII-CVS"
_O4 = "https://www.astrouw.edu.pl/ogle/ogle4/OCVS"
_REGIONS = {"lmc": "LMC", "smc": "SMC", "blg": "Galactic bulge", "gd": "Galactic disk"}

#: type -> parameter tables
TABLES = {
    "acep": ("acepF.dat", "acep1O.dat"),
    "cep": (
        "cepF.dat", "cep1O.dat", "cep2O.dat", "cepF1O.dat", "cep1O2O.dat", "cep1O3O.dat",
        "cep2O3O.dat", "cepF1O2O.dat", "cep1O2O3O.dat",
    ),
    "dsct": ("dsct.dat",),
    "ecl": ("ecl.dat", "ell.dat"),
    "lpv": ("Miras.dat",),
    "rrlyr": ("RRab.dat", "RRc.dat", "RRd.dat", "aRRd.dat", "RRe.dat"),
    "t2cep": ("t2cep.dat",),
}  # fmt: skip

#: types of each collection, and the size of phot.tar.gz [bytes] where it is known
_TYPES = {
    ("ogle3", "lmc"): ("acep", "cep", "dsct", "ecl", "lpv", "rrlyr", "t2cep"),
    ("ogle3", "smc"): ("cep", "dsct", "ecl", "lpv", "rrlyr", "t2cep"),
    ("ogle3", "blg"): ("cep", "lpv", "rrlyr", "t2cep"),
    ("ogle3", "gd"): ("dsct", "ecl", "lpv", "rrlyr"),
    ("ogle4", "lmc"): ("acep", "cep", "dsct", "ecl", "rrlyr", "t2cep"),
    ("ogle4", "smc"): ("acep", "cep", "dsct", "ecl", "rrlyr", "t2cep"),
    ("ogle4", "blg"): ("acep", "cep", "dsct", "ecl", "lpv", "rrlyr", "t2cep"),
    ("ogle4", "gd"): ("acep", "cep", "dsct", "ecl", "rrlyr", "t2cep"),
}
_SIZES = {("ogle3", "lmc", "rrlyr"): 108_000_000, ("ogle4", "lmc", "rrlyr"): 188_000_000}
_COUNTS = {
    ("ogle4", "lmc"): "148 ACEP, 4713 CEP, 15 256 DSCT, more than 63 252 ECL, 41 471 RRLYR, "
    "291 T2CEP",
    ("ogle3", "lmc"): "83 ACEP, 2696 DSCT, 26 121 ECL, 24 904 RRLYR, 203 T2CEP (as S20 used "
    "them), 91 995 LPV",
}
_PAPERS = {
    ("ogle3", "lmc"): ["s20", "k21"],
    ("ogle4", "lmc"): ["s20"],
    ("ogle4", "blg"): ["s26"],
    ("ogle4", "gd"): ["s26"],
}
#: all light curves at 4.5 kB a star, as for OGLE-IV's RR Lyrae stars in the LMC [bytes]
_ESTIMATES = {("ogle3", "lmc"): 650_000_000, ("ogle4", "lmc"): 570_000_000}
_CITATION = {
    "ogle3": [
        "Udalski et al. 2008, AcA 58, 69",
        "Soszyński et al. 2008, AcA 58, 163 and 293 (Cepheids)",
        "Soszyński et al. 2009, AcA 59, 1 (RR Lyrae) and 59, 239 (LPV)",
        "Poleski et al. 2010, AcA 60, 1 (delta Scuti)",
        "Graczyk et al. 2011, AcA 61, 103 (eclipsing)",
    ],
    "ogle4": [
        "Udalski, Szymański & Szymański 2015, AcA 65, 1",
        "Soszyński et al. 2015, AcA 65, 297 (Cepheids)",
        "Soszyński et al. 2014, AcA 64, 177; 2016, AcA 66, 131; 2019, AcA 69, 321 (RR Lyrae)",
        "Pawlak et al. 2016, AcA 66, 421 (eclipsing, Magellanic Clouds)",
        "Soszyński et al. 2018, AcA 68, 89 (type II Cepheids)",
    ],
}


def _entry(release: str, region: str) -> dict:
    base = f"{_O3 if release == 'ogle3' else _O4}/{region}"
    types = _TYPES[release, region]
    return {
        "title": f"OGLE-{'III' if release == 'ogle3' else 'IV'}, {_REGIONS[region]}",
        "holds": "light curves",
        "archive": "ogle",
        "bands": ["I", "V"],
        "types": list(types),
        "classes": ", ".join(t.upper() for t in types) + " with their sub-types",
        "stars": _COUNTS.get((release, region), ""),
        "time_scale": "HJD",
        "papers": _PAPERS.get((release, region), []),
        "citation": _CITATION[release] + ["and the paper named in each folder's README"],
        "terms": "Public; OGLE asks to cite the paper of each collection.",
        "base": base,
        "pause": 0.5,
        "estimate": _ESTIMATES.get((release, region)),
        "files": [
            {"type": t, "path": f"{t}/{name}", "optional": name != "ident.dat"}
            for t in types
            for name in ("README", "ident.dat", *TABLES[t])
        ],
        "bulk": [
            {"type": t, "path": f"{t}/phot.tar.gz", "size": _SIZES.get((release, region, t))}
            for t in types
        ],
        "star_files": [
            {"path": f"{{type}}/phot/{band}/{{star_id}}.dat", "optional": True}
            for band in ("I", "V")
        ],
        "unverified": "columns of the parameter tables and of the LPV lists"
        if release == "ogle3"
        else "columns of the disk's tables",
    }


SURVEYS = {f"{release}-{region}": _entry(release, region) for release, region in _TYPES}

# Byte columns, from 1, inclusive, for star names as long as `id` says; other regions' names
# are longer or shorter, and all columns move with them.
_ID, _SUB, _RA, _DEC = "star_id", "subtype", "ra", "dec"
_IDENT = {
    ("ogle4", "rrlyr"): {_ID: (1, 20), _SUB: (23, 26), _RA: (29, 39), _DEC: (41, 51),
                         "ogle4_id": (54, 69), "ogle3_id": (71, 85), "ogle2_id": (87, 101)},
    ("ogle4", "cep"): {_ID: (1, 17), _SUB: (19, 26), _RA: (29, 39), _DEC: (41, 51),
                       "ogle4_id": (54, 69), "ogle3_id": (71, 85), "ogle2_id": (87, 101)},
    ("ogle4", "t2cep"): {_ID: (1, 18), _SUB: (21, 25), _RA: (28, 38), _DEC: (40, 50)},
    ("ogle4", "dsct"): {_ID: (1, 19), _SUB: (22, 31), _RA: (34, 44), _DEC: (46, 56)},
    ("ogle4", "ecl"): {_ID: (1, 18), _SUB: (21, 23), _RA: (25, 35), _DEC: (37, 47),
                       "ogle4_id": (50, 65), "ogle3_id": (67, 81), "ogle2_id": (83, 97)},
    ("ogle3", "rrlyr"): {_ID: (1, 20), "field": (23, 30), "number": (32, 37), _SUB: (39, 42),
                         _RA: (45, 55), _DEC: (57, 67), "ogle2_id": (69, 83),
                         "macho_id": (85, 98)},
    ("ogle3", "ecl"): {_ID: (1, 17), "field": (20, 27), "number": (29, 34), _SUB: (36, 37),
                       _RA: (40, 50), _DEC: (52, 62), "ogle2_id": (64, 77),
                       "macho_id": (80, 93)},
}  # fmt: skip
_MEAN, _V, _P, _EP, _T0, _A = "mean_mag", "mean_mag_V", "period", "period_err", "t0", "amplitude"
_PARAMETERS = {
    "rrlyr": {_ID: (1, 20), _MEAN: (23, 28), _V: (30, 35), _P: (38, 46), _EP: (48, 56),
              _T0: (59, 68), _A: (71, 75)},
    "rrlyr blg": {_ID: (1, 20), _MEAN: (23, 28), _V: (30, 35), _P: (38, 47), _EP: (49, 58),
                  _T0: (61, 70), _A: (73, 77)},
    "cep": {_ID: (1, 17), _MEAN: (20, 25), _V: (27, 32), _P: (34, 44), _EP: (46, 54),
            _T0: (57, 66), _A: (68, 73)},
    "acep": {_ID: (1, 17), _MEAN: (20, 25), _V: (27, 32), _P: (34, 43), _EP: (45, 53),
             _T0: (56, 65), _A: (68, 72)},
    "t2cep": {_ID: (1, 18), _MEAN: (21, 26), _V: (28, 33), _P: (36, 45), _EP: (47, 55),
              _T0: (58, 67), _A: (70, 74)},
    "dsct": {_ID: (1, 19), _MEAN: (22, 27), _V: (29, 34), _P: (37, 46), _EP: (48, 57),
             _T0: (60, 69), _A: (72, 76)},
    "ecl": {_ID: (1, 18), _MEAN: (21, 26), _V: (28, 33), _P: (35, 46), _T0: (49, 60),
            _A: (62, 67), "depth2": (69, 73)},
    "ecl blg": {_ID: (1, 19), _MEAN: (22, 27), _V: (29, 34), _P: (36, 47), _T0: (50, 58),
                _A: (61, 65), "depth2": (67, 71)},
    "lpv blg": {_ID: (1, 19), _MEAN: (22, 27), _V: (29, 34), _P: (36, 44), _A: (46, 50)},
}  # fmt: skip
_FOURIER = ("r21", "phi21", "r31", "phi31")
_WORDS = {
    "ecl": [_MEAN, _V, _P, _T0, _A, "depth2"],
    "lpv": [_MEAN, _V, _P, _A],
}
_USUAL_WORDS = [_MEAN, _V, _P, _EP, _T0, _A, *_FOURIER]

_NAME = re.compile(r"OGLE-[A-Z0-9-]+-\d+$")
_HMS = r"\d{1,2}[: ]\s?\d{1,2}[: ]\s?\d{1,2}"
_COORDINATES = re.compile(rf"(?<!\d)({_HMS}\.\d+)\s+([+-]?\s?{_HMS}\.?\d*)")


def catalogue(raw: Path, name: str, types: list[str] | None = None) -> pd.DataFrame:
    """The stars of `name` from ``<type>/ident.dat`` and parameter tables under `raw`."""
    release, region = name.split("-")
    wanted = types or SURVEYS[name]["types"]
    found = [t for t in wanted if (raw / t / "ident.dat").is_file()]
    if not found:
        raise ValueError(
            f"{raw}: expected <type>/ident.dat for one of {wanted}. "
            f"Received: {sorted(p.name for p in raw.glob('*'))}"
        )
    parts = []
    for kind in found:
        stars = read_ident(raw / kind / "ident.dat", release, kind)
        tables = [raw / kind / t for t in TABLES[kind] if (raw / kind / t).is_file()]
        parameters = [read_parameters(t, kind, region) for t in tables]
        if parameters:
            all_of_them = pd.concat(parameters).drop_duplicates(_ID)
            stars = stars.merge(all_of_them, on=_ID, how="left")
        stars["type"] = kind
        parts.append(stars)
    stars = pd.concat(parts, ignore_index=True).drop_duplicates(_ID, ignore_index=True)
    entry = SURVEYS[name]
    stars["survey"] = entry["title"]
    stars["bands"] = "I,V"
    stars["label_source"] = f"{entry['title']} collection of variable stars (ident.dat)"
    stars["time_scale"] = "HJD (2450000 added where the files have HJD-2450000)"
    for column in (_P, _MEAN, _A):
        if column not in stars:
            stars[column] = np.nan
    return stars


def label_of(kind: str, subtype: str) -> str:
    """The label of a sub-type: ``"RRab"``, ``"CEP F/1O"``, ``"ECL NC"``, ``"LPV OSARG AGB"``."""
    if kind == "rrlyr":
        return subtype or "RRLYR"
    if kind == "dsct":
        return "DSCT"
    if kind == "lpv":
        subtype = subtype.replace("O-rich", "O").replace("C-rich", "C")
        words = subtype.split()
        if words[:1] == ["OSARG"]:
            words = words[:2]  # whether rich in oxygen or carbon is not asked of OSARGs
        return " ".join(["LPV", *words])
    return f"{kind.upper()} {subtype}".strip()


def read_ident(path: Path, release: str, kind: str) -> pd.DataFrame:
    """``ident.dat``: one row a star with its names, sub-type, label, RA and Dec [deg]."""
    layout = _IDENT.get((release, kind))
    out = []
    for i, line in rows(path):
        star_id = line.split()[0]
        if not _NAME.match(star_id):
            raise ValueError(f"{path}: line {i}: expected a star's name. Received: {line[:40]!r}")
        row = _by_position(line, layout, star_id) if layout else None
        if row is not None:
            try:
                row[_RA], row[_DEC] = degrees(row[_RA], row[_DEC])
            except ValueError:
                row = None
        if row is None:
            row = _by_look(line, star_id)
        if row is None:
            raise ValueError(f"{path}: line {i}: no RA and Dec found in {line!r} (truncated?)")
        row["label"] = label_of(kind, row[_SUB])
        out.append(row)
    if not out:
        raise ValueError(f"{path}: no stars in it")
    return pd.DataFrame(out)


def _by_position(line: str, layout: dict, star_id: str) -> dict | None:
    """Values by byte position; None when the line does not keep to the columns."""
    shift = len(star_id) - layout[_ID][1]
    columns = {
        k: (a + shift if k != _ID else a, b + shift)
        for k, (a, b) in layout.items()
        if k != "number"
    }
    if not fits(line, [columns[k] for k in columns if k != _ID]):
        return None
    return {k: cut(line, a, b) for k, (a, b) in columns.items()}


def _by_look(line: str, star_id: str) -> dict | None:
    """Values by the look of a coordinate: what stands before it is field, number, sub-type."""
    found = _COORDINATES.search(line)
    if found is None:
        return None
    words = line[: found.start()].split()[1:]
    words = [w for w in words if not w.isdigit() and not re.match(r"(LMC|SMC|BLG|GD|GAL)\d", w)]
    try:
        ra, dec = degrees(found[1], found[2])
    except ValueError:
        return None
    return {_ID: star_id, _SUB: " ".join(words), _RA: ra, _DEC: dec}


def read_parameters(path: Path, kind: str, region: str) -> pd.DataFrame:
    """A parameter table: means [mag], period [d], its error, t0 (full HJD), amplitude [mag]."""
    layout = _PARAMETERS.get(f"{kind} {region}", _PARAMETERS.get(kind))
    out = []
    for i, line in rows(path):
        star_id = line.split()[0]
        row = None
        shift = len(star_id) - layout[_ID][1] if layout else 0
        if layout and _NAME.match(star_id) and len(line.rstrip()) >= layout[_P][0] + shift:
            row = _numbers(_by_position(line, layout, star_id))
            if row is not None and kind not in ("ecl", "lpv"):
                more = line[layout[_A][1] + shift :].split()[:4]
                row |= dict(zip(_FOURIER, (number(v) for v in more), strict=False))
        if row is None:
            words = line.split()[1:]
            names = _WORDS.get(kind, _USUAL_WORDS)
            row = _numbers({_ID: star_id, **dict(zip(names, words, strict=False))})
        if row is None or _P not in row:
            raise ValueError(f"{path}: line {i}: expected {_WORDS.get(kind, _USUAL_WORDS)}. "
                             f"Received: {line!r}")  # fmt: skip
        if _T0 in row and np.isfinite(row[_T0]):
            row[_T0] = float(full_jd(row[_T0]))
        out.append(row)
    return pd.DataFrame(out, columns=None if out else [_ID, _P])


def _numbers(row: dict | None) -> dict | None:
    if row is None:
        return None
    try:
        values = {k: v if k == _ID else number(v) for k, v in row.items()}
    except ValueError:
        return None
    period = values.get(_P, np.nan)
    return values if np.isnan(period) or period > 0 else None


# --- light curves -------------------------------------------------------------------------

_MEMBER = re.compile(r"(OGLE-[A-Z0-9-]+-\d+)(?:[._]([IV]))?\.dat$")


def place(member: PurePosixPath) -> str | None:
    """Where a member of ``phot.tar.gz`` goes: ``phot*/<band>/<star>.dat``."""
    found = _MEMBER.match(member.name)
    if not found:
        return None
    band = found[2] or next((p for p in reversed(member.parts[:-1]) if p in ("I", "V")), None)
    folder = next((p for p in member.parts[:-1] if re.fullmatch(r"phot\w*", p)), "phot")
    return f"{folder}/{band}/{found[1]}.dat" if band else None


def light_curves(raw: Path, name: str, stars: pd.DataFrame) -> Iterator[Curve]:
    """The light curves, from unpacked archives and single files; times are full HJD."""
    for kind, group in stars.groupby("type", sort=False):
        archive, unpacked = raw / kind / "phot.tar.gz", raw / kind / "unpacked"
        if archive.is_file() and not unpacked.is_dir():
            unpack(archive, unpacked, place)
        folders = sorted(p for p in (raw / kind).glob("phot*") if p.is_dir())
        folders += sorted(p for p in unpacked.glob("phot*") if p.is_dir())
        for star_id in group[_ID]:
            for band in ("I", "V"):
                seen = set()
                for folder in folders:
                    for file in (f"{band}/{star_id}.dat", f"{band}/{star_id}_{band}.dat"):
                        path = folder / file
                        # The same file may lie there twice: fetched alone and unpacked.
                        if path.is_file() and (folder.name, file) not in seen:
                            seen.add((folder.name, file))
                            yield read_light_curve(path, star_id, band)


def read_light_curve(path: Path, star_id: str, band: str) -> Curve:
    """One file of ``HJD mag err``; full and reduced HJD are told apart by size."""
    t, mag, err = three_columns(path)
    return Curve(star_id, band, full_jd(t), mag, err)

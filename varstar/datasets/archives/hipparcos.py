"""Hipparcos epoch photometry (CDS I/239) with the classes of its variability annex.

``hip_ep.dat`` holds one block a star, ``|`` between the values::

    HIP|flag|V-I|Ntot|Nacc
    meanHp|error|...|...
    period|reference epoch|type|flag|flag
    BJD-2440000|Hp|error|flag          (Ntot lines)

Quirks
------
- Times are BJD(TT) - 2 440 000; the blocks' own offset differs from every other archive's.
- A flag of 0 marks a good measurement; only these are kept.
- The period and what surrounds it may be blank. The meaning of some header values is not
  verified; only number, counts and period are used.
- The labels are the GCVS types of VizieR's I/239/hip_va_1 (periodic) and hip_va_2 (unsolved),
  a colon (uncertain) kept. Kim et al. (2021) took the classes of Dubath et al. (2011) instead.
"""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import numpy as np
import pandas as pd

from varstar.datasets.archives.text import degrees, number, pick, vizier
from varstar.datasets.convert import Curve

_TABLE = "/viz-bin/asu-tsv?-source=I/239/{}&-out.all&-out.max=unlimited"

SURVEYS = {
    "hipparcos": {
        "title": "Hipparcos epoch photometry",
        "holds": "light curves",
        "archive": "hipparcos",
        "bands": ["Hp"],
        "classes": "types of the GCVS: EA, EB, EW, RRAB, RRC, DCEP, DCEPS, DSCT, M, SR, ACV, ...",
        "stars": "118 204 with photometry, 2712 periodic and 5542 unsolved variables",
        "time_scale": "BJD(TT)",
        "papers": ["k21"],
        "citation": ["ESA 1997, SP-1200", "van Leeuwen et al. 1997, A&A 323, L61"],
        "terms": "Public; cite the papers named and acknowledge the CDS.",
        "base": "https://cdsarc.cds.unistra.fr",
        "estimate": 110_000_000,
        "pause": 1.0,
        "files": [
            {"path": "hip_ep.dat.gz", "url": "/ftp/I/239/hip_ep.dat.gz"},
            {
                "path": "hip_va_1.tsv",
                "url": "https://vizier.cds.unistra.fr" + _TABLE.format("hip_va_1"),
            },
            {
                "path": "hip_va_2.tsv",
                "url": "https://vizier.cds.unistra.fr" + _TABLE.format("hip_va_2"),
                "optional": True,
            },
        ],
        "bulk": [],
        "star_files": [],
        "unverified": "addresses at the CDS, and the annex's column names",
    }
}

_NAMES = {
    "star_id": ("HIP",),
    "label": ("VarType", "Type", "VType"),
    "period?": ("Period", "Per"),
    "ra?": ("_RAJ2000", "RAICRS", "_RA.icrs", "RAdeg", "_RA"),
    "dec?": ("_DEJ2000", "DEICRS", "_DE.icrs", "DEdeg", "_DE"),
}


def catalogue(raw: Path, name: str = "hipparcos", types: list[str] | None = None) -> pd.DataFrame:
    """The variables of the annex, from ``hip_va_1.tsv`` and ``hip_va_2.tsv`` under `raw`."""
    paths = [p for p in (raw / "hip_va_1.tsv", raw / "hip_va_2.tsv") if p.is_file()]
    if not paths:
        raise ValueError(f"{raw}: expected hip_va_1.tsv")
    parts = []
    for path in paths:
        stars = pick(vizier(path), _NAMES, path)
        if {"ra", "dec"} <= set(stars) and stars["ra"].astype(str).str.contains("[: ]").any():
            both = [degrees(a, d) for a, d in zip(stars["ra"], stars["dec"], strict=True)]
            stars["ra"], stars["dec"] = np.array(both).T
        for column in ("period", "ra", "dec"):
            if column in stars:
                stars[column] = [number(str(v)) for v in stars[column]]
            else:
                stars[column] = np.nan
        parts.append(stars)
    stars = pd.concat(parts).drop_duplicates("star_id", ignore_index=True)
    stars["label"] = [v or "?" for v in stars["label"]]
    stars["survey"], stars["bands"] = "Hipparcos", "Hp"
    stars["label_source"] = "Hipparcos variability annex (GCVS types)"
    stars["time_scale"] = "BJD(TT) (2440000 added)"
    return stars[stars["label"].isin(types)] if types else stars


def light_curves(raw: Path, name: str, stars: pd.DataFrame) -> Iterator[Curve]:
    """The light curves of `stars`, in the order of ``hip_ep.dat`` (plain or gzipped)."""
    files = [raw / f for f in ("hip_ep.dat", "Hip_ep.dat", "hip_ep.dat.gz")]
    path = next((f for f in files if f.is_file()), None)
    if path is None:
        raise ValueError(f"{raw}: expected hip_ep.dat or hip_ep.dat.gz")
    wanted = set(stars["star_id"].astype(str))
    yield from (c for c in read_epochs(path) if c.star_id in wanted)


def read_epochs(path: Path) -> Iterator[Curve]:
    """All light curves of a ``hip_ep.dat``, block by block; times are full BJD."""
    try:
        with gzip.open(path, "rt") if path.suffix == ".gz" else open(path) as f:
            yield from _blocks(f, path)
    except (EOFError, gzip.BadGzipFile) as error:
        raise ValueError(f"{path}: not a whole file (truncated?): {error}") from error


def _blocks(f: TextIO, path: Path) -> Iterator[Curve]:
    line_number = 0

    def line() -> list[str] | None:
        nonlocal line_number
        text = f.readline()
        line_number += 1
        return text.rstrip("\r\n").split("|") if text else None

    while (head := line()) is not None:
        if head == [""]:
            continue
        try:
            star_id, total = str(int(head[0])), int(head[3])
        except (ValueError, IndexError):
            raise ValueError(
                f"{path}: line {line_number}: expected HIP|flag|V-I|Ntot|Nacc. Received: {head}"
            ) from None
        line(), line()  # means; period
        points = [line() for _ in range(total)]
        try:
            values = [(float(p[0]), float(p[1]), float(p[2]), int(p[3])) for p in points]
        except (TypeError, IndexError, ValueError):
            raise ValueError(
                f"{path}: HIP {star_id}: expected {total} lines BJD|Hp|error|flag up to line "
                f"{line_number} (truncated?)"
            ) from None
        t, mag, err, flag = np.array(values, float).reshape(-1, 4).T
        good = flag == 0
        yield Curve(star_id, "Hp", t[good] + 2_440_000, mag[good], err[good])

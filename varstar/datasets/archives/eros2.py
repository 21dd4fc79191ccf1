"""EROS-2, Large Magellanic Cloud: light curves in B_E and R_E.

The old text format, one file a star: a comment ``# star: erosid MagR ErrMR XR YR MagB ErrMB
XB YB``, then ``date MagR ErrMagR MagB ErrMagB`` with HJD - 2 450 000.

Quirks
------
- 99.999 (and an error of 9.999) is "not measured": often one of the two bands.
- Labels: Kim et al. (2014), VizieR J/A+A/566/A43 table2 (150 115 stars). Their column names are
  not verified: several spellings are understood.
- The old files have no public address of their own: give them with ``--raw``, in ``lc/``. The
  release of 2026 (A&A 706, A189; CDS II/390) has a layout that is not known here: name its
  columns in ``columns.json`` beside the files (see `read_named`), and they are read by name.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from varstar.datasets.archives.text import full_jd, numbers, pick, vizier
from varstar.datasets.convert import Curve

SURVEYS = {
    "eros2-lmc": {
        "title": "EROS-2, Large Magellanic Cloud",
        "holds": "light curves",
        "archive": "eros2",
        "bands": ["B", "R"],
        "classes": "RRL, CEPH, EB, LPV, T2CEPH, DSCT, QSO, BV with their sub-types, as Kim et "
        "al. 2014 give them",
        "stars": "150 115 labelled",
        "time_scale": "HJD",
        "papers": ["k21", "s26"],
        "citation": ["Tisserand et al. 2007, A&A 469, 387", "Kim et al. 2014, A&A 566, A43"],
        "terms": "Public; cite the papers named and acknowledge the CDS.",
        "base": "https://vizier.cds.unistra.fr",
        "pause": 1.0,
        "files": [
            {
                "path": "table2.tsv",
                "url": "/viz-bin/asu-tsv?-source=J/A%2BA/566/A43/table2&-out.all"
                "&-out.max=unlimited",
            }
        ],
        "bulk": [],
        "star_files": [],
        "unverified": "the columns of the table of labels",
        "how": "The labels come with `python -m varstar data fetch eros2-lmc`; put the light "
        "curves, which have no stable address, into lc/ of a folder of raw files and run "
        "`python -m varstar data convert eros2-lmc --raw DIR`.",
    }
}

_NAMES = {
    "star_id": ("EROS-2", "EROS2", "EROS", "ID", "Name", "Star"),
    "label": ("Class", "Type", "VarClass", "Cl"),
    "ra": ("RAJ2000", "_RAJ2000", "RAdeg"),
    "dec": ("DEJ2000", "_DEJ2000", "DEdeg"),
    "period?": ("Per", "Period"),
    "mean_mag?": ("Bmag", "BEmag"),
}


def catalogue(raw: Path, name: str = "eros2-lmc", types: list[str] | None = None) -> pd.DataFrame:
    """The labelled stars of ``table2.tsv`` under `raw`."""
    path = raw / "table2.tsv"
    if not path.is_file():
        raise ValueError(f"{raw}: expected table2.tsv (VizieR J/A+A/566/A43)")
    stars = pick(vizier(path), _NAMES, path)
    for column in ("ra", "dec", "period", "mean_mag"):
        if column in stars:
            stars[column] = numbers(stars[column])
    stars["survey"], stars["bands"] = "EROS-2 LMC", "B,R"
    stars["label_source"] = "Kim et al. 2014, A&A 566, A43"
    stars["time_scale"] = "HJD (2450000 added)"
    stars = stars.drop_duplicates("star_id", ignore_index=True)
    return stars[stars["label"].isin(types)] if types else stars


def light_curves(raw: Path, name: str, stars: pd.DataFrame) -> Iterator[Curve]:
    """The light curves ``lc/<star_id>.*`` under `raw`; times are HJD."""
    files = {p.name.split(".")[0]: p for p in sorted((raw / "lc").glob("*")) if p.is_file()}
    columns = raw / "columns.json"
    names = json.loads(columns.read_text()) if columns.is_file() else None
    for star_id in stars["star_id"]:
        if (path := files.get(star_id)) is not None:
            yield from (
                read_old(path, star_id) if names is None else read_named(path, star_id, names)
            )


def read_old(path: Path, star_id: str | None = None) -> Iterator[Curve]:
    """A file of the old text format: the curves in B and R."""
    rows = []
    for i, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            values = [float(v) for v in line.split()[:5]]
        except ValueError:
            values = []
        if len(values) != 5:
            raise ValueError(
                f"{path}: line {i}: expected date, R, its error, B, its error (truncated?). "
                f"Received: {line!r}"
            )
        rows.append(values)
    table = np.array(rows, float).reshape(-1, 5)
    t = full_jd(table[:, 0])
    for band, k in (("B", 3), ("R", 1)):
        good = (table[:, k] > 0) & (table[:, k] < 90) & (table[:, k + 1] < 9)
        yield Curve(star_id or path.stem, band, t[good], table[good, k], table[good, k + 1])


def read_named(path: Path, star_id: str, columns: dict) -> Iterator[Curve]:
    """A table with named columns (CSV, VOTable, FITS, ...): the adapter of later releases.

    Parameters
    ----------
    path, star_id
    columns : dict
        ``{"t": "hjd", "B": ["b_mag", "b_err"], "R": ["r_mag", "r_err"]}``; a number under
        ``"offset"`` is added to the times.
    """
    from varstar.datasets.light_curve import read_light_curve
    from varstar.lightcurves.sample import light_curves as flat

    if "t" not in columns or not {"B", "R"} & set(columns):
        raise ValueError(f"columns.json: expected t and B or R. Received: {columns}")
    for band in ("B", "R"):
        if band in columns:
            mag, err = columns[band]
            curve = flat(read_light_curve(path, t=columns["t"], mag=mag, err=err, band=band))
            good = np.isfinite(curve.mag) & (curve.mag < 90)
            t = full_jd(curve.t[good] + columns.get("offset", 0.0))
            yield Curve(star_id, band, t, curve.mag[good], curve.err[good])

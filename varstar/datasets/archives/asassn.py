"""ASAS-SN Catalog of Variable Stars.

The catalogue is one CSV with named columns; a star's light curve another, found by the
star's UUID: ``hjd, camera, mag, mag_err, flux, flux_err`` (Sky Patrol adds ``UT Date``,
``FWHM``, ``Limit``, ``Filter``).

Quirks
------
- Upper limits look like ``>16.2``, with an error of 99.99: they are left out.
- The band is in ``Filter`` where there is one, else the camera tells it (`band_of`).
- Rows are not sorted by time. Column names vary in case and blanks between releases.
- A colon after a class (``ROT:``) means that it is uncertain; the label keeps it.
- Column names of the catalogue and of the UUID were read in others' programs, not verified:
  several spellings are understood.
- The service is slow and sometimes down; light curves are fetched one a star, politely.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from varstar.datasets.archives.table import read_curves
from varstar.datasets.archives.text import numbers, pick
from varstar.datasets.convert import Curve

SURVEYS = {
    "asassn": {
        "title": "ASAS-SN Catalog of Variable Stars",
        "holds": "light curves",
        "archive": "asassn",
        "bands": ["V", "g"],
        "classes": "EA, EB, EW, RRAB, RRC, RRD, DCEP, DCEPS, CWA, CWB, RVA, DSCT, HADS, M, SR, "
        "SRD, L, LSP, ROT, YSO, VAR and rarer ones; a colon marks an uncertain class",
        "stars": "378 319 in 19 classes as SM used it",
        "time_scale": "HJD",
        "papers": ["sm", "ts19", "k21"],
        "citation": [
            "Shappee et al. 2014, ApJ 788, 48",
            "Kochanek et al. 2017, PASP 129, 104502",
            "Jayasinghe et al. 2018, MNRAS 477, 3145 and the papers that follow it",
        ],
        "terms": "Public; cite the papers named.",
        "base": "https://asas-sn.osu.edu",
        "estimate": 190_000_000,
        "pause": 2.0,
        "files": [
            {
                "path": "variables.csv",
                "url": "/variables.csv?action=index&controller=variables",
            }
        ],
        "bulk": [],
        "star_files": [{"path": "lc/{uuid}.csv", "url": "/variables/{uuid}.csv", "optional": True}],
        "unverified": "the catalogue's column names",
    }
}

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.I)
_NAMES = {
    "star_id": ("asassn_name", "asas_sn_name", "name", "id"),
    "label": ("variable_type", "ml_classification", "classification", "type", "class"),
    "ra": ("raj2000", "ra", "ra_deg"),
    "dec": ("dej2000", "dec", "dec_deg"),
    "period?": ("period",),
    "mean_mag?": ("mean_vmag", "mean_gmag", "mean_mag"),
    "amplitude?": ("amplitude",),
    "class_prob?": ("class_probability", "class_prob", "prob"),
    "lksl_statistic?": ("lksl_statistic", "lksl"),
    "rfr_score?": ("rfr_score",),
    "t0?": ("epoch_hjd",),
    "gaia_source_id?": ("edr3_source_id", "gdr2_id", "gaia_source_id", "source_id"),
    "parallax?": ("parallax",),
    "parallax_error?": ("parallax_error",),
    "bp_rp?": ("bp_rp",),
}
_TEXT = ("star_id", "label", "gaia_source_id")


def catalogue(raw: Path, name: str = "asassn", types: list[str] | None = None) -> pd.DataFrame:
    """The stars of ``variables.csv`` under `raw`, with the UUID of each light curve."""
    path = raw / "variables.csv"
    if not path.is_file():
        raise ValueError(f"{raw}: expected variables.csv")
    table = _csv(path)
    stars = pick(table, _NAMES, path)
    for column in stars.columns:
        if column not in _TEXT:
            stars[column] = numbers(stars[column])
    if "period" in stars:
        stars.loc[~(stars["period"] > 0), "period"] = np.nan
    stars["uuid"] = [
        next((m[0] for v in row if (m := _UUID.search(str(v)))), "") for row in table.to_numpy()
    ]
    stars["survey"] = "ASAS-SN"
    stars["label_source"] = "ASAS-SN Catalog of Variable Stars (Jayasinghe et al.)"
    stars["bands"], stars["time_scale"] = "V,g", "HJD (as the archive gives it)"
    stars = stars.drop_duplicates("star_id", ignore_index=True)
    return stars[stars["label"].isin(types)] if types else stars


def _csv(path: Path) -> pd.DataFrame:
    """A CSV as text; a short line is an error."""
    with open(path, newline="", encoding="utf-8-sig", errors="replace") as f:
        table = [row for row in csv.reader(f) if row and not row[0].startswith("#")]
    if not table:
        raise ValueError(f"{path}: the file is empty")
    for i, row in enumerate(table, 1):
        if len(row) != len(table[0]):
            raise ValueError(
                f"{path}: row {i}: expected {len(table[0])} values (truncated?). "
                f"Received: {len(row)}"
            )
    return pd.DataFrame(table[1:], columns=table[0], dtype=object)


def light_curves(raw: Path, name: str, stars: pd.DataFrame) -> Iterator[Curve]:
    """The light curves ``lc/<uuid>.csv`` (or ``lc/<star_id>.csv``) under `raw`."""
    for star_id, uuid in zip(stars["star_id"], stars["uuid"], strict=True):
        paths = [raw / "lc" / f"{key}.csv" for key in (uuid, star_id) if key]
        path = next((p for p in paths if p.is_file()), None)
        if path is not None:
            yield from read_light_curve(path, star_id)


def read_light_curve(path: Path, star_id: str | None = None) -> Iterator[Curve]:
    """One star's measurements, a curve a band, limits left out, sorted by time."""
    yield from read_curves(path, star_id)


def band_of(camera: np.ndarray) -> np.ndarray:
    """The band of each measurement from its camera's name.

    The case of the letter tells: ``ba`` to ``bh`` see V, ``bA`` to ``bH`` (the same
    cameras, later) see g, and so do the cameras ``bi`` to ``bz``, which never saw V.
    """
    letter = np.array([c.strip()[1:2] for c in camera], dtype="U1")
    v = (letter >= "a") & (letter <= "h")
    return np.where(v, "V", np.where(letter == "", "?", "g")).astype(object)

"""Light curves from the files that people have: text, CSV, ECSV, VOTable, FITS, IPAC, Parquet.

A file is a table (`varstar.datasets.containers`), whose columns are recognised by the
layouts of the surveys and by their usual names (`varstar.datasets.measurements`). Every
choice can be overridden by keyword and is kept in a report; a file that cannot be
understood is an error that says what was looked for and what was found: never a guess
that might be wrong in silence.
"""

import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar.datasets import containers, formats
from varstar.datasets.brightness import flux_to_mag
from varstar.datasets.measurements import Measurements, read
from varstar.datasets.report import describe
from varstar.datasets.samples import sample_of, with_period

__all__ = ["flux_to_mag", "inspect", "read_light_curve"]


def read_light_curve(
    path: str | Path | Iterable[str | Path],
    *,
    t: str | int | None = None,
    mag: str | int | None = None,
    err: str | int | None = None,
    band: str | int | None = None,
    flux: str | int | None = None,
    flux_err: str | int | None = None,
    zero_point: float | None = None,
    star_id: str | int | None = None,
    period: float | None = None,
    time_unit: str | None = None,
    mag_unit: str | None = None,
    flux_unit: str | None = None,
    verbose: bool = False,
) -> NestedFrame:
    """One star's light curve, or many stars', from files, ready for `varstar.classify`.

    Understood: CSV and other delimited text, columns by blanks with or without a header (an
    OGLE ``.dat``: time, magnitude, error), ECSV, VOTable, FITS binary tables (the first with
    a time and a brightness), IPAC and CDS tables, Parquet, also with lists in cells; plain
    or packed by gzip, bzip2 or xz. The layouts of ``varstar/datasets/layouts.yaml`` (AAVSO,
    ASAS-SN, ATLAS, Gaia, Kepler, Rubin, TESS, ZTF, ...) are recognised by their columns in
    any of these, and their flagged points and limits are left out; so are the pages of
    ASAS-3, EROS-2 and Hipparcos (`varstar.datasets.formats`).

    Parameters
    ----------
    path : path, or a list of them
        Of several files, one sample of all their stars.
    t, mag, err, flux, flux_err, band, star_id : str or int, optional
        The column's name, or its position from 0; guessed otherwise. A `band` that names no
        column is the name of the band itself (``band="V"``) in a file without a column of
        bands; a `star_id` that names no column is the star's name.
    zero_point : float, optional
        Fluxes become ``mag = zero_point - 2.5 log10(flux)``. By default AB magnitudes where
        the unit is known (Jy, mJy, uJy, nJy, ...), else 25, which is arbitrary (Szklenár et
        al. 2020 use it). Negative fluxes lose no point: see
        `varstar.datasets.brightness.magnitudes`.
    period : float, optional
        A known period [d]; also taken from a column that is constant for each star.
    time_unit : str, optional
        ``"d"``, ``"s"``, ``"min"``, ``"h"``, ``"yr"``, ``"unix"``: instead of the file's own.
    mag_unit : str, optional
        ``"mag"`` or ``"mmag"``.
    flux_unit : str, optional
        ``"Jy"``, ..., ``"ppm"``, ``"relative"``, or ``"difference"`` (against a reference image).
    verbose : bool
        Print the report.

    Returns
    -------
    NestedFrame
        One row a star (index ``star_id``: the column's values, or the file's name) with
        ``lc`` (``t`` [d], ``mag``, ``err`` [mag], ``band``, and ``flux``, ``flux_err`` in the
        file's unit where it has fluxes), ``time_scale``, and ``period``, ``label``, ``ra``,
        ``dec`` where known. Times with an offset that the file names (BJD - 2457000) become
        full Julian dates; MJD stays MJD. What marks "not measured" (99.999, ``>16.2``) is
        NaN. ``sample.attrs["report"]`` says what was read (`varstar.datasets.report`).

    Raises
    ------
    FileNotFoundError
        No such file.
    ValueError
        An empty or truncated file, an unknown format, or a column that is missing, unknown,
        or not what it must be; the message names what was expected and received.
    """
    asked = {
        "t": t, "mag": mag, "err": err, "band": band, "flux": flux, "flux_err": flux_err,
        "star_id": star_id, "zero_point": zero_point, "time_unit": time_unit,
        "mag_unit": mag_unit, "flux_unit": flux_unit,
    }  # fmt: skip
    asked = {k: v for k, v in asked.items() if v is not None}
    if isinstance(path, str | Path):
        found = _one(path, asked)
    elif isinstance(path, Iterable) and not isinstance(path, bytes | pd.DataFrame | np.ndarray):
        found = _many([_one(p, asked) for p in path])
    else:
        raise ValueError(f"expected a path or a list of paths. Received: {type(path).__name__}")
    if verbose:
        print(describe(found.report))
    return sample_of(found, with_period(found.stars, period))


def inspect(path: str | Path, **asked: Any) -> str:
    """How a file is read, in a few lines: layout, columns, units, what is left out and why."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return describe(_one(path, asked).report)


def _one(path: str | Path, asked: dict[str, Any]) -> Measurements:
    if not isinstance(path, str | Path):
        raise ValueError(f"expected a path. Received: {type(path).__name__}")
    path = Path(path).expanduser()
    try:
        there, folder = path.is_file(), path.is_dir()
    except (OSError, ValueError):  # a name with a NUL, or too long
        there = folder = False
    if not there:
        kind = "a folder" if folder else "nothing there"
        raise FileNotFoundError(f"{path}: expected a light-curve file. Received: {kind}")
    found = formats.read(path, asked)
    if found is None:
        table = containers.read(path, asked)
        if len(table) == 0:
            raise ValueError(f"{path}: no measurements. Columns: {list(table.columns)}")
        found = read(table, str(path), stem(path), asked)
    if not np.isfinite(found.obs["t"].to_numpy(float)).any():
        left = found.report["left_out"]
        raise ValueError(
            f"{path}: no measurements with a time" + (f"; left out: {left}" if left else "")
        )
    found.report["file"] = path.name
    for note in found.report["notes"]:
        if "linear in flux" in note or "32-bit" in note:
            warnings.warn(f"{path}: {note}", stacklevel=3)
    return found


def _many(parts: list[Measurements]) -> Measurements:
    """All files' stars; a name that comes in two files gets its file's name in front."""
    if not parts:
        raise ValueError("expected at least one file. Received: none")
    names = pd.Series([s for p in parts for s in p.stars.index])
    twice = set(names[names.duplicated()])
    obs, stars = [], []
    for k, part in enumerate(parts):
        new = {s: f"{part.report['file']}:{s}" for s in part.stars.index if s in twice}
        if any(v in set(names) for v in new.values()) or len(
            {p.report["file"] for p in parts}) < len(parts):  # fmt: skip
            new = {s: f"{k}:{v}" for s, v in new.items()}
        obs.append(part.obs.assign(star_id=part.obs["star_id"].replace(new)))
        stars.append(part.stars.rename(index=new))
    report = {"files": [p.report for p in parts]}
    return Measurements(pd.concat(obs, ignore_index=True), pd.concat(stars), report)


def stem(path: Path) -> str:
    """The star's name from its file's: without the ending, and that of its packing."""
    name = path.name
    for packed in (".gz", ".bz2", ".xz"):
        name = name.removesuffix(packed)
    return name.rsplit(".", 1)[0] or name

"""Surveys by name: simulated ones anywhere, real ones from the folder ``VARSTAR_DATA``.

A survey on disk is a folder with ``stars.parquet`` (one row a star: ``star_id``,
``label``, ``period`` [d], ...) and ``observations.parquet`` (``star_id``, ``band``,
``time`` [d], ``mag``, ``mag_err``).
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from nested_pandas import NestedFrame

from varstar import paths
from varstar.datasets.registry import SURVEYS
from varstar.hints import meant
from varstar.lightcurves.sample import UNKNOWN_BAND, LightCurves, nest

__all__ = ["SURVEYS", "available", "is_on_disk", "load"]

_STARS, _OBSERVATIONS = "stars.parquet", "observations.parquet"
_COLUMNS = ["star_id", "band", "time", "mag", "mag_err"]


def _simulated() -> list[str]:
    from varstar.simulate import SURVEYS as simulated

    return sorted(simulated)


def is_on_disk(name: str, root: str | Path | None = None) -> bool:
    """Whether both files of the survey `name` lie under the data folder."""
    folder = paths.data(root) / name
    return (folder / _STARS).is_file() and (folder / _OBSERVATIONS).is_file()


def available(root: str | Path | None = None) -> list[str]:
    """Names of the surveys that `load` can give here: the simulated and those on disk."""
    top = paths.data(root)
    found = sorted(p.parent.name for p in top.glob(f"*/{_STARS}")) if top.is_dir() else []
    return _simulated() + [name for name in found if is_on_disk(name, root)]


def load(
    name: str,
    root: str | Path | None = None,
    bands: str | Sequence[str] | None = None,
    size: int | None = None,
    seed: int = 0,
    **options,
) -> NestedFrame:
    """A survey's sample: one row a star, its light curve nested in column ``lc``.

    Parameters
    ----------
    name : str
        A simulated survey (``"sim-ogle3"``, ...) or a folder under the data folder.
    root : path, optional
        The data folder; ``VARSTAR_DATA`` by default.
    bands : str or sequence of str, optional
        Only measurements in these bands. A star without any keeps its row.
    size : int, optional
        So many stars: drawn at random by `seed` from a real survey; the first so many
        of the endless simulated one. All of a real survey by default.
    seed : int
    **options
        For simulated surveys: see `varstar.simulate.survey`.

    Returns
    -------
    NestedFrame
        Index ``star_id``; the survey's own class in ``label``.

    Raises
    ------
    ValueError
        Unknown survey or band, columns missing, or a file that is not whole.
    FileNotFoundError
        A known survey that is not on disk; the message says how to get it.
    """
    if size is not None and (isinstance(size, bool) or int(size) != size or size < 1):
        raise ValueError(f"size: expected a positive whole number or None. Received: {size!r}")
    if name in _simulated():
        from varstar.simulate import survey

        _check_options(name, survey, options)
        return survey(name, size=size, seed=seed, bands=bands, **options)
    if options:
        raise ValueError(f"{name}: options {sorted(options)} are for simulated surveys only")
    folder = paths.data(root) / name
    if not is_on_disk(name, root):
        raise _absent(name, folder, root)

    stars = _read(folder / _STARS, None).to_pandas()
    needed = [c for c in ("star_id", "label") if c not in stars.columns]
    if needed:
        raise ValueError(f"{folder / _STARS}: missing columns {needed}. Has: {list(stars.columns)}")
    stars = stars.set_index("star_id")
    if not stars.index.is_unique:
        twice = stars.index[stars.index.duplicated()][:3].tolist()
        raise ValueError(f"{folder / _STARS}: expected star_id once. Received twice: {twice}")
    if size is not None and size < len(stars):
        rows = np.random.default_rng(seed).choice(len(stars), size, replace=False)
        stars = stars.iloc[np.sort(rows)]
    return nest(_observations(folder / _OBSERVATIONS, stars.index, bands), stars)


def _check_options(name: str, survey: Callable, options: Mapping[str, Any]) -> None:
    known = [k for k in inspect.signature(survey).parameters if k not in ("name", "spec")]
    for option in options:
        if option not in (*known, "spec"):
            raise TypeError(
                f"load({name!r}): no option {option!r}.{meant(option, known)} There are: {known}"
            )


def _absent(name: str, folder: Path, root: str | Path | None) -> Exception:
    if name in SURVEYS:
        return FileNotFoundError(
            f"survey {name!r} is not on disk: looked for {_STARS} and {_OBSERVATIONS} in "
            f"{folder}. Set VARSTAR_DATA to the folder that holds it. {SURVEYS[name]['how']}"
        )
    known = sorted({*available(root), *SURVEYS})
    near = meant(name, [*known, *_simulated()])
    return ValueError(f"unknown survey {name!r}.{near} Known: {known}")


def _read(path: Path, columns: list[str] | None) -> pa.Table:
    try:
        schema = pq.read_schema(path)
        missing = [c for c in columns or [] if c not in schema.names]
        if missing:
            raise ValueError(f"{path}: missing columns {missing}. Has: {schema.names}")
        # A name per measurement as text would take gigabytes for a large survey.
        names = [
            c for c in ("star_id", "band") if columns and "string" in str(schema.field(c).type)
        ]
        return pq.read_table(path, columns=columns, read_dictionary=names)
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise ValueError(
            f"{path} is not a whole Parquet file (truncated or corrupt?): {error}"
        ) from error


def _encoded(column: pa.ChunkedArray) -> pa.DictionaryArray:
    """A column as one array of codes and names."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    return column.unify_dictionaries().combine_chunks()


def _observations(path: Path, index: pd.Index, bands: str | Sequence[str] | None) -> LightCurves:
    """Measurements of the stars in `index`, in its order, as flat arrays."""
    table = _read(path, _COLUMNS)
    ids = _encoded(table["star_id"])
    # Names are compared as text: one file may hold 149389 as a number, the other as a string.
    known = pd.Index([str(v) for v in index])
    row = known.get_indexer(pd.Index([str(v) for v in ids.dictionary.to_pylist()], dtype=str))
    code = ids.indices.fill_null(-1).to_numpy()
    row = np.append(row, -1)[code]  # without a name: of no star
    band = _encoded(table["band"])
    names = tuple(str(b) for b in band.dictionary.to_pylist())
    if band.indices.null_count or not names:  # no band is no known band
        names = names if UNKNOWN_BAND in names else (*names, UNKNOWN_BAND)
    unknown_band = names.index(UNKNOWN_BAND) if UNKNOWN_BAND in names else 0
    code = band.indices.fill_null(unknown_band).to_numpy(zero_copy_only=False).astype(np.int8)
    keep = row >= 0
    if bands is not None:
        wanted = [bands] if isinstance(bands, str) else list(bands)
        unknown = [b for b in wanted if b not in names]
        if unknown:
            raise ValueError(f"{path.parent.name}: unknown band {unknown}. Has: {list(names)}")
        keep &= np.isin(code, [names.index(b) for b in wanted])
    take = np.flatnonzero(keep)
    if np.any(np.diff(row[take]) < 0):  # files are sorted by star, `index` need not be
        take = take[np.argsort(row[take], kind="stable")]
    offsets = np.concatenate([[0], np.cumsum(np.bincount(row[take], minlength=len(index)))])
    t, mag, err = (table[c].to_numpy()[take] for c in ("time", "mag", "mag_err"))
    return LightCurves(t, mag, err, code[take], offsets, names)

"""What the public functions take: whatever light curves come as, turned into a sample.

`as_sample` understands a sample, arrays, tables, objects of other packages and files, and
says of anything else what to do. `takes_anything` puts it before a function.
"""

import glob
import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar.catalogs import is_partition
from varstar.datasets.samples import make_sample, together
from varstar.hints import meant
from varstar.lightcurves.sample import LightCurves

HOW = (
    "a sample (vs.load, vs.make_sample), one star's arrays (t, mag, err), a DataFrame or "
    "astropy Table with columns t, mag (err, band, star_id), a lightkurve object, a file's "
    "name, or a list of these"
)


def as_sample(given: Any) -> Any:
    """The sample that something stands for.

    Parameters
    ----------
    given : object
        - a sample, `varstar.lightcurves.sample.LightCurves`, or a partition of a survey's
          catalogue (`varstar.catalogs`): as it is;
        - ``(t, mag)``, ``(t, mag, err)`` or ``(t, mag, err, band)``: one star's arrays,
          days and magnitudes;
        - a DataFrame, a dict of columns, an astropy Table or TimeSeries, an object with
          ``time`` and ``flux`` or ``mag`` (lightkurve): one star, or many where there is
          a column ``star_id``;
        - a path, a pattern (``"*.csv"``) or a folder: all stars of these files;
        - a list of any of these: all of them, one after the other.

    Returns
    -------
    NestedFrame
        One row a star.

    Raises
    ------
    ValueError
        Anything else, and a star that cannot be read; the message says what to do.
    FileNotFoundError
        No such file.
    """
    if isinstance(given, LightCurves) or _is_sample(given) or is_partition(given):
        return given
    if isinstance(given, str | Path):
        return _files(given)
    if isinstance(given, tuple) and _is_arrays(given):
        return _arrays(given)
    if isinstance(given, np.ndarray):
        return _matrix(given)
    if isinstance(given, list | tuple):
        return _many(given)
    if isinstance(given, pd.Series):
        row = "lc" in given.index or "nested" in str(given.dtype)
        what = (
            "a row or column of a sample: write sample.iloc[[0]] or sample"
            if row
            else ("one column is no light curve")
        )
        raise ValueError(_sentence(given, what))
    if isinstance(given, Mapping | pd.DataFrame) or hasattr(given, "colnames"):
        return _table(given)
    if hasattr(given, "time") and (hasattr(given, "flux") or hasattr(given, "mag")):
        return _table(given)
    raise ValueError(_sentence(given))


def takes_anything(function: Callable) -> Callable:
    """`function` with `as_sample` before its first argument."""
    first = next(iter(inspect.signature(function).parameters))

    @wraps(function)
    def door(*args: Any, **options: Any) -> Any:
        if args:
            given, args = args[0], args[1:]
        elif first in options:
            given = options.pop(first)
        else:
            raise TypeError(f"{function.__name__}: expected {HOW}")
        if args and _is_column(args[0]) and _is_column(given):
            raise ValueError(
                f"{function.__name__}: expected one light curve as one thing. Received: arrays "
                f"one by one. Write vs.{function.__name__}((t, mag, err), ...) or "
                f"vs.{function.__name__}(vs.light_curve(t, mag, err), ...)"
            )
        _check_options(function, options)
        return function(as_sample(given), *args, **options)

    return door


def _check_options(function: Callable, options: Mapping[str, Any]) -> None:
    """A mistyped option is said with those that there are."""
    parameters = inspect.signature(function).parameters
    if any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        return
    known = list(parameters)[1:]
    for name in options:
        if name not in parameters:
            near = meant(name, known)
            raise TypeError(
                f"{function.__name__}: no option {name!r}.{near} There are: {', '.join(known)}"
            )


# --- one by one -------------------------------------------------------------------------


def _is_sample(given: Any) -> bool:
    return isinstance(given, NestedFrame) and "lc" in given.columns


def _is_column(given: Any) -> bool:
    """Whether something is one column of numbers (times, magnitudes)."""
    if isinstance(given, str | Mapping | pd.DataFrame | LightCurves) or hasattr(given, "colnames"):
        return False
    try:
        values = np.ma.asarray(getattr(given, "value", given))
    except (TypeError, ValueError):
        return False
    return values.ndim == 1 and values.size != 1 and values.dtype.kind in "iufM"


def _is_text(given: Any) -> bool:
    return isinstance(given, np.ndarray | pd.Series) and np.asarray(given).dtype.kind in "USO"


def _is_arrays(given: tuple) -> bool:
    return 2 <= len(given) <= 4 and all(_is_column(v) for v in given[:2])


def _arrays(given: tuple) -> NestedFrame:
    from varstar.datasets.samples import light_curve

    lengths = [len(v) for v in given if _is_column(v)]
    if len(set(lengths)) > 1:
        raise ValueError(_sentence(given, f"arrays of different lengths: {lengths}"))
    return light_curve(*given)


def _matrix(given: np.ndarray) -> NestedFrame:
    if given.dtype.names:
        return _table({name: given[name] for name in given.dtype.names})
    if given.ndim == 2 and given.shape[1] in (2, 3):
        return _arrays(tuple(given.T))
    if given.ndim == 2 and given.shape[0] in (2, 3):
        return _arrays(tuple(given))
    raise ValueError(_sentence(given, f"an array of shape {given.shape}"))


def _table(given: Any) -> NestedFrame:
    columns = set(given.columns) if isinstance(given, pd.DataFrame) else set()
    if {"status", "period"} <= columns and not {"t", "time", "mag", "flux"} & columns:
        what = "a table of results (of vs.classify or vs.find_periods)"
        raise ValueError(_sentence(given, what))
    return make_sample(given)


def _files(given: str | Path) -> NestedFrame:
    from varstar.datasets.light_curve import read_light_curve

    path = Path(given).expanduser()
    if path.is_dir():
        inside = sorted(p for p in path.iterdir() if p.is_file() and p.name[0] != ".")
        if not inside:
            raise FileNotFoundError(
                f"{path}: expected light-curve files in the folder. It has none"
            )
        return _many(inside)
    if glob.has_magic(str(given)) and not path.exists():
        matches = sorted(glob.glob(str(path), recursive=True))
        if not matches:
            raise FileNotFoundError(f"{given}: no file matches")
        return _many(matches)
    if not path.exists() and not path.suffix and "/" not in str(given):
        from varstar.datasets import available

        if str(given) in available():
            raise ValueError(f"{given!r} is a survey: write vs.load({str(given)!r})")
    return read_light_curve(path)


def _many(given: list | tuple) -> NestedFrame:
    if not len(given):
        raise ValueError(_sentence(given, "an empty list"))
    if all(_is_column(v) for v in given) and 2 <= len(given) <= 3:
        return _arrays(tuple(given))
    if any(_is_text(v) for v in given):
        raise ValueError(_sentence(given, "text: turn it into numbers, as by np.asarray(t, float)"))
    samples = []
    for i, one in enumerate(given):
        if isinstance(one, list) or _is_column(one):
            raise ValueError(_sentence(one, f"item {i} is a {type(one).__name__} of numbers"))
        sample = as_sample(one)
        if isinstance(sample, LightCurves):
            raise ValueError(_sentence(one, "a list of LightCurves"))
        samples.append(sample)
    names = [str(name) for sample in samples for name in sample.index]
    if len(set(names)) < len(names):  # arrays without a name, or one name in two files
        samples = [
            s.set_axis(pd.Index([f"{i}" if len(s) == 1 else f"{i}:{n}" for n in s.index],
                                name="star_id"))
            for i, s in enumerate(samples)
        ]  # fmt: skip
    return together(samples)


def _sentence(given: Any, what: str | None = None) -> str:
    what = what or f"{type(given).__name__} {str(given)[:60]!r}"
    return f"expected {HOW}. Received: {what}"

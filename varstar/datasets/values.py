"""A table as it was read, and its columns as numbers, text and lists."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

#: What stands for "no value" in text.
MISSING = {"", "nan", "na", "n/a", "null", "none", "indef", "inf", "-inf", "+inf", "nil", "masked",
           "untrusted", "\\nodata", "nodata", "~", "?", "<na>", "nat"}  # fmt: skip
#: A number with what people write behind it: ``15.3:`` (uncertain), ``15.3 # clouds``.
_MARKED = re.compile(r"^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?)\s*(:{1,2}|\?|#.*)$")
_D_EXPONENT = re.compile(r"^([+-]?(?:\d+\.?\d*|\.\d+))[dD]([+-]?\d+)$")
#: Most measurements of one file.
MAX_ROWS = 50_000_000


@dataclass(frozen=True)
class Table:
    """Columns of one length with what their container says of them.

    Attributes
    ----------
    columns : dict of ndarray
        Native numbers, datetime64, or objects: text, None, lists.
    units : dict of str
    named : bool
        Whether the columns have names of their own.
    meta : dict
        Header values that matter: ``BJDREFI``, ``DATE`` (AAVSO), ``layout``, ...
    notes : tuple of str
        What the reading had to decide.
    """

    columns: dict[str, np.ndarray]
    units: dict[str, str] = field(default_factory=dict)
    named: bool = True
    meta: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def replace(self, **changes: Any) -> "Table":
        """The same table with some attributes changed."""
        return replace(self, **changes)


def text(values: np.ndarray) -> np.ndarray:
    """A column as text without blanks around; None where there is none."""
    if values.dtype.kind in "iubf":
        codes, known = pd.factorize(values)
        words = [_integer(v) for v in known.tolist()]
    else:
        codes, known = pd.factorize(values.astype(object), use_na_sentinel=True)
        words = [_word(v) for v in known]
    return (
        np.append(np.array(words, object), [None])[codes]
        if len(words)
        else np.full(len(values), None, object)
    )


def _integer(value: float) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _word(value: Any) -> str | None:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if value is None or value is pd.NA or value != value:
        return None
    value = _integer(value) if isinstance(value, float) else str(value)
    return value.strip("\x00").strip() or None


def missing(value: str | None) -> bool:
    """Whether a text says that there is no value."""
    return value is None or value.lower() in MISSING or not value.strip("-*.")


def numbers(values: np.ndarray, what: str = "", notes: list[str] | None = None) -> np.ndarray:
    """A column as float64: NaN for what is missing and for limits (``>16.2``).

    Raises
    ------
    ValueError
        A text that is none of these; the message begins with `what` and names the row.
    """
    if values.dtype.kind in "iufb":
        return values.astype(np.float64)
    if values.dtype.kind in "mM":
        raise ValueError(f"{what}: expected numbers. Received: dates")
    strings = text(values)
    out = pd.to_numeric(pd.Series(strings, dtype=object), errors="coerce").to_numpy(float).copy()
    marked = 0
    for i in np.flatnonzero(~np.isfinite(out)):
        out[i] = np.nan
        v = strings[i]
        if missing(v) or v[0] in "<>":
            continue
        if found := _MARKED.match(v):
            v, marked = found[1], marked + (found[2][0] != "#")
        if found := _D_EXPONENT.match(v):
            v = f"{found[1]}e{found[2]}"
        try:
            out[i] = float(v)
        except ValueError:
            raise ValueError(f"{what}: expected numbers. Received: {v!r} in row {i + 1}") from None
    if marked and notes is not None:
        notes.append(f"{what.rsplit(': ', 1)[-1]}: {marked} values marked uncertain are kept")
    return out


def limits(values: np.ndarray) -> np.ndarray:
    """Where a text column holds upper or lower limits (``>16.2``, ``<13.1``)."""
    if values.dtype.kind != "O":
        return np.zeros(len(values), bool)
    return np.array([isinstance(v, str) and v.strip()[:1] in ("<", ">") for v in values], bool)


def flat(table: Table) -> Table:
    """One row a measurement, from one row a star with lists in its cells.

    A text that is a list (``[1.5, 2.5]``, ``(1.5 2.5)``, as CSV writes arrays) counts as
    one. All lists of a row must have one length.
    """
    lists = {n: parsed for n, v in table.columns.items() if (parsed := _lists(v)) is not None}
    if not lists:
        return table
    counts = np.array([[len(c) for c in cells] for cells in lists.values()])
    most = counts.max(axis=0)
    if most.sum() > MAX_ROWS:
        raise ValueError(f"expected at most {MAX_ROWS} measurements. Received: {most.sum()}")
    wrong = [n for n, c in zip(lists, counts, strict=True) if np.any((c != most) & (c > 0))]
    if wrong:
        raise ValueError(
            f"lists in cells: expected one length a row. Received others in columns {wrong}"
        )
    out = {}
    for name, values in table.columns.items():
        if name in lists:
            cells = [c if len(c) else [None] * n for c, n in zip(lists[name], most, strict=True)]
            if all(isinstance(c, np.ndarray) and c.dtype.kind in "iufbM" for c in cells):
                out[name] = array(np.concatenate(cells))
            else:
                values = [v for c in cells for v in (c.tolist() if hasattr(c, "tolist") else c)]
                out[name] = array(values)
        else:
            out[name] = np.repeat(values, most)
    note = f"lists in cells: {len(most)} rows become {int(most.sum())}"
    return table.replace(columns=out, notes=(*table.notes, note))


def _lists(values: np.ndarray) -> list[Any] | None:
    """The cells as sequences, or None where the column is none of lists."""
    if values.ndim == 2:
        return list(values)
    if values.dtype.kind != "O" or not len(values):
        return None
    some = [v for v in values if v is not None and not (isinstance(v, float) and v != v)]
    if not some:
        return None
    if all(isinstance(v, list | tuple | np.ndarray) for v in some):
        return [v if isinstance(v, list | tuple | np.ndarray) else [] for v in values]
    if all(isinstance(v, str) and re.fullmatch(r"\s*[\[({].*[\])}]\s*", v, re.S) for v in some):
        cells = [re.split(r"[,;\s]+", str(v or "").strip(" \n\t[](){}")) for v in values]
        cells = [[w.strip("'\"") for w in c if w] for c in cells]
        return cells if max(map(len, cells)) > 1 else None
    return None


def array(values: Any) -> np.ndarray:
    """Whatever holds one column, as Table wants it: native numbers, datetime64, or objects."""
    if isinstance(values, pd.Series | pd.Index):
        values = _from_pandas(values)
    if isinstance(values, np.ma.MaskedArray):
        mask = np.ma.getmaskarray(values)
        if not mask.any():
            values = values.data
        elif values.dtype.kind in "iufb":
            values = values.astype(float).filled(np.nan)
        else:
            values = np.where(mask, None, values.data.astype(object))
    if not isinstance(values, np.ndarray):
        values = list(values)
        try:
            found = np.asarray(values)
        except ValueError:
            found = None
        if found is not None and found.ndim == 1 and found.dtype.kind in "iufbM":
            values = found
        else:
            cells = np.empty(len(values), object)
            cells[:] = values
            values = _numbers_or_not(cells)
    if values.dtype.kind in "iuf":
        return values.astype(values.dtype.newbyteorder("="), copy=False)
    if values.dtype.kind in "bMO":
        return values
    if values.dtype.kind == "S":
        values = np.char.decode(values, "utf-8", "replace")
    return values.astype(object)


def _from_pandas(values: pd.Series | pd.Index) -> np.ndarray:
    if isinstance(values.dtype, pd.CategoricalDtype):
        return np.asarray(values.astype(object), dtype=object)
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        dates = pd.DatetimeIndex(values).tz_convert("UTC").tz_localize(None)
        return dates.to_numpy()
    if pd.api.types.is_bool_dtype(values.dtype) and not values.isna().any():
        return values.to_numpy(bool)
    if pd.api.types.is_numeric_dtype(values.dtype) and values.dtype.kind != "O":
        if isinstance(values.dtype, np.dtype):
            return values.to_numpy()
        if values.dtype.kind in "iu" and not values.isna().any():
            return values.to_numpy(values.dtype.numpy_dtype if hasattr(
                values.dtype, "numpy_dtype") else np.int64)  # fmt: skip
        return values.to_numpy(np.float64, na_value=np.nan)
    if values.dtype.kind == "M":
        return values.to_numpy("datetime64[ns]")
    return _numbers_or_not(np.asarray(values, dtype=object))


def _numbers_or_not(cells: np.ndarray) -> np.ndarray:
    """Objects that are all numbers, dates, or nothing, as what they are; others as they were."""
    if all(v is None or v is pd.NA or isinstance(v, int | float | np.number) for v in cells):
        return np.array([np.nan if v is None or v is pd.NA else v for v in cells], float)
    if any(hasattr(v, "isoformat") or isinstance(v, np.datetime64) for v in cells[:1]):
        try:
            dates = pd.to_datetime(pd.Series(cells), utc=True)
        except (ValueError, TypeError):
            return cells
        return dates.dt.tz_localize(None).to_numpy()
    return cells


def from_mapping(columns: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Columns of one length; scalars are repeated."""
    found = {str(k): v for k, v in columns.items()}
    arrays = {k: array(v) for k, v in found.items() if np.ndim(v) > 0 or hasattr(v, "__array__")}
    lengths = {len(v) for v in arrays.values()}
    if len(lengths) > 1:
        sizes = {k: len(v) for k, v in arrays.items()}
        raise ValueError(f"expected columns of one length. Received: {sizes}")
    n = lengths.pop() if lengths else 0
    return {k: arrays[k] if k in arrays else array([v] * n) for k, v in found.items()}

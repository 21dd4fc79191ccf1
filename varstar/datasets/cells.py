"""What people write into one cell beside the number: an error, a unit, commas of thousands.

``14.957 ± 0.02``, ``14.957(20)``, ``14.957 mag``, ``2,458,000.94703``. A column is taken apart only
where all of its values are written so.
"""

import re
from collections.abc import Callable

import numpy as np

from varstar.datasets.values import Table, missing

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_BOTH = re.compile(rf"^({_NUMBER})\s*(?:±|\+/-|\+-|\\pm)\s*({_NUMBER})$")
_BRACKETS = re.compile(r"^([+-]?\d+)(?:\.(\d+))?\((\d+(?:\.\d+)?)\)$")
_UNIT = re.compile(
    rf"^({_NUMBER})\s*(m?mag|[mun\u00b5\u03bc]?Jy|days?|d|hours?|h|min|sec|s|ppm|%)$"
)
_THOUSANDS = re.compile(r"^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?$")


def taken_apart(table: Table) -> Table:
    """The table with numbers alone in such columns; errors in a column of their own."""
    columns, units, notes = {}, dict(table.units), list(table.notes)
    for name, values in table.columns.items():
        columns[name] = values
        known = _strings(values)
        if known is None:
            continue
        if all(map(_THOUSANDS.match, known)):
            columns[name] = _map(values, lambda v: v.replace(",", ""))
        elif all(map(_UNIT.match, known)) and len(of := {_UNIT.match(v)[2] for v in known}) == 1:
            columns[name] = _map(values, lambda v: _UNIT.match(v)[1])
            units.setdefault(name, of.pop())
        elif all(_BOTH.match(v) or _BRACKETS.match(v) for v in known):
            columns[name] = _map(values, lambda v: _value_error(v)[0])
            columns[f"{name}_err"] = _map(values, lambda v: _value_error(v)[1])
            if name in units:
                units[f"{name}_err"] = units[name]
            notes.append(f"{name}: value and error in one cell are taken apart")
    return table.replace(columns=columns, units=units, notes=tuple(notes))


def _strings(values: np.ndarray) -> list[str] | None:
    """What is written in a column of text; None where a look at the first says: numbers."""
    if values.dtype.kind != "O":
        return None
    first = next((v for v in values if isinstance(v, str) and not missing(v.strip())), None)
    if first is None or not any(
        form.match(first.strip()) for form in (_THOUSANDS, _UNIT, _BOTH, _BRACKETS)
    ):
        return None
    known = [v for v in values if v is not None and not (isinstance(v, float) and v != v)]
    if not all(isinstance(v, str) for v in known):
        return None
    return [v.strip() for v in known if not missing(v.strip())]


def _map(values: np.ndarray, change: Callable[[str], str]) -> np.ndarray:
    out = values.copy()
    for i, v in enumerate(values):
        if isinstance(v, str) and not missing(v.strip()):
            out[i] = change(v.strip())
    return out


def _value_error(text: str) -> tuple[str, str]:
    """``14.957(20)``: the error stands in the last digits of the value."""
    if found := _BOTH.match(text):
        return found[1], found[2]
    whole, digits, error = _BRACKETS.match(text).groups()
    if digits is None or "." in error:
        return whole + (f".{digits}" if digits else ""), error
    return f"{whole}.{digits}", repr(int(error) / 10 ** len(digits))

"""Layouts of surveys' and programs' tables, as data (``layouts.yaml``), and how they match.

A layout belongs to columns, not to a container: the rows of one archive mean the same as
CSV, VOTable, FITS or Parquet, with the columns in any order.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import yaml


@cache
def registry() -> dict[str, dict[str, Any]]:
    """``{"layouts": {name: layout}, "names": {role: usual names}}``."""
    return yaml.safe_load((files("varstar.datasets") / "layouts.yaml").read_text("utf-8"))


#: What a column of yes and no may hold.
_YES_NO = {*"01tfyn", "0.0", "1.0", "true", "false", "yes", "no", "none"}
#: Signs in columns' names, as words.
_SIGNS = {"±": "err", "+/-": "err", "+-": "err", "σ": "sigma_", "Δ": "d", "δ": "d"}


def plain(name: Any) -> str:
    """A column's name as compared: ``"HJD (d)"`` becomes ``hjd``, ``"UT Date"`` ``ut_date``."""
    name = re.sub(r"^[a-z]:", "", str(name).strip())  # Fink's "i:magpsf"
    for sign, word in _SIGNS.items():
        name = name.replace(sign, word)
    name = re.sub(r"\s*[\[(][^\])]*[\])]?", "", name) or name
    name = re.sub(r"[^0-9a-zµμ]+", "_", name.lower()).strip("_")
    return re.sub(r"\bj_d\b|^j_d(?=_)", "jd", name)


def one_of(spec: str | None, known: Mapping[str, Any]) -> str | None:
    """The first of ``"a|b"`` that is among the `known` plain names."""
    return next((n for n in (spec or "").split("|") if n and n in known), None)


def match(known: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """Name and rules of the first layout whose columns are all there."""
    for name, layout in registry()["layouts"].items():
        against = any(n in known for n in layout.get("lacks", ()))
        if not against and all(one_of(n, known) for n in layout["needs"]):
            return name, layout
    return None


def headless(rows: list[list[str]]) -> tuple[str, list[str]] | None:
    """Name and columns of the layout that rows without a header have, by their pattern."""
    for name, layout in registry()["layouts"].items():
        pattern = layout.get("pattern")
        if pattern and all(_looks(row, pattern) for row in rows[:20]):
            header = layout["header"]
            extra = [f"column {i + 1}" for i in range(len(header), len(rows[0]))]
            return name, [*header[: len(rows[0])], *extra]
    return None


def _looks(row: list[str], pattern: Mapping[Any, Any]) -> bool:
    if not pattern["least"] <= len(row) <= pattern.get("most", 40):
        return False
    numbers = [row[i] for i in pattern.get("number", ())]
    numbers += [row[i].lstrip("<>") for i in pattern.get("limit", ())]
    texts = [(row[int(k)], v) for k, v in pattern.items() if str(k).isdigit()]
    return all(is_number(v) for v in numbers) and all(re.fullmatch(v, s) for s, v in texts)


def is_number(value: str) -> bool:
    """Whether a text is a finite number."""
    try:
        return bool(np.isfinite(float(value)))
    except ValueError:
        return False


def truth(values: np.ndarray) -> np.ndarray:
    """Whether each value says yes: ``True``, ``1``, ``"true"``, ``"T"``, ``"yes"``, ``"Y"``."""
    if values.dtype.kind in "biuf":
        return np.nan_to_num(values.astype(float)) != 0
    text = np.array(["" if v is None else str(v).strip().lower() for v in values], dtype=str)
    return np.isin(text, ["true", "t", "yes", "y", "1", "1.0"])


def limits(known: Mapping[str, Any], words: Callable[[str], np.ndarray]) -> list[dict[str, Any]]:
    """Rules for limits in columns of yes and no, which any table may have.

    Parameters
    ----------
    known : mapping
        Plain names of the table's columns.
    words : callable
        Makes text of the column of a plain name.
    """
    found = []
    for rule in registry()["limits"]:
        name = one_of(rule["column"], known)
        if name and {str(v).lower() for v in words(name)} <= _YES_NO:
            found.append(rule)
    return found


def fails(rule: Mapping[str, Any], column: np.ndarray, numbers: Any, of: Any = None) -> np.ndarray:
    """The rows that a rule of ``leave_out`` leaves out.

    Parameters
    ----------
    rule : mapping
        ``not``, ``is``, ``above``, ``below``, ``holds`` or ``noise``.
    column : ndarray
    numbers : callable
        Makes float64 of a column, NaN where there is none.
    of : ndarray, optional
        The errors for ``noise``.
    """
    if "noise" in rule:
        return ~(numbers(column) >= rule["noise"] * numbers(of))
    if rule.get("holds") is True:
        return truth(column)
    if rule.get("holds") is False:
        empty = np.array([v is None or v != v for v in column], bool)
        return ~truth(column) & ~empty
    if "above" in rule:
        return numbers(column) > rule["above"]
    if "below" in rule:
        return numbers(column) < rule["below"]
    wanted: Iterable[Any] = rule.get("is", rule.get("not"))
    if all(isinstance(v, int | float) for v in wanted):
        values = numbers(column)
        found = np.isin(values, list(wanted))
        return found if "is" in rule else ~found & np.isfinite(values)
    text = np.array(["" if v is None else str(v).strip().lower() for v in column], dtype=str)
    found = np.isin(text, [str(v).lower() for v in wanted])
    return found if "is" in rule else ~found

"""What the archives' text files have in common."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

#: Julian dates below this are reduced by 2 450 000 (OGLE, ASAS, EROS-2).
FULL_JD = 2.4e6

_MISSING = {"", "-", "--", "---", "nan", "null", "none"}


def number(text: str | None) -> float:
    """A number; NaN for what marks a missing one (blank, ``-``)."""
    text = (text or "").strip()
    return np.nan if text.lower() in _MISSING or set(text) == {"-"} else float(text)


def full_jd(t: np.ndarray | float, offset: float = 2_450_000.0) -> np.ndarray:
    """Full Julian dates from reduced ones; dates that are full already stay."""
    t = np.asarray(t, float)
    return np.where(t < FULL_JD, t + offset, t)


def cut(line: str, first: int, last: int | None) -> str:
    """Bytes `first` to `last` of a line, counted from 1 and inclusive, without blanks."""
    return line[first - 1 : last].strip()


def fits(line: str, columns: Iterable[tuple[int, int | None]]) -> bool:
    """Whether no value of the line reaches over a border of `columns`."""
    line = line.rstrip("\r\n")
    for first, last in columns:
        before = line[first - 2 : first - 1]
        after = line[last : last + 1] if last is not None else ""
        if before.strip() or after.strip():
            return False
    return True


def degrees(ra: str, dec: str) -> tuple[float, float]:
    """Right ascension and declination [deg] of ``"04:27:45.72", "-70:43:12.0"``.

    Separators may be colons or blanks, and figures padded with blanks (`` 4 27 45.72``).
    """
    h = [float(v) for v in re.split(r"[:\s]+", ra.strip())]
    sign = -1.0 if dec.strip().startswith("-") else 1.0
    d = [float(v) for v in re.split(r"[:\s]+", dec.strip().lstrip("+-").strip())]
    if len(h) != 3 or len(d) != 3 or h[0] >= 24 or d[0] > 90:
        raise ValueError(f"expected RA hh:mm:ss and Dec dd:mm:ss. Received: {ra!r}, {dec!r}")
    return 15 * (h[0] + h[1] / 60 + h[2] / 3600), sign * (d[0] + d[1] / 60 + d[2] / 3600)


def rows(path: Path) -> list[tuple[int, str]]:
    """The lines of a text file that say something, numbered from 1; comments (#) left out."""
    text = path.read_text(encoding="utf-8", errors="replace")
    lines = [(i, s) for i, s in enumerate(text.splitlines(), 1) if s.strip()]
    return [(i, s) for i, s in lines if not s.lstrip().startswith("#")]


def three_columns(path: Path) -> np.ndarray:
    """Time, magnitude, error of a whitespace file without header: shape (3, n_points).

    Further columns are left alone; a line with fewer, or with what is no number, is an
    error that names the file and the line.
    """
    raw = path.read_bytes()
    values = raw.split()
    lines = raw.count(b"\n") + (not raw.endswith(b"\n") and bool(raw.strip()))
    if len(values) == 3 * lines:  # three a line, unless one line makes up for another
        try:
            table = np.array(values, float).reshape(-1, 3)
        except ValueError:
            table = None
        if table is not None and all(len(s.split()) == 3 for s in raw.splitlines()):
            return table.T
    out = []
    for i, line in rows(path):
        try:
            t, mag, err = (float(v) for v in line.split()[:3])
        except ValueError:
            raise ValueError(
                f"{path}: line {i}: expected time, magnitude, error (truncated file?). "
                f"Received: {line!r}"
            ) from None
        out.append((t, mag, err))
    return np.array(out, float).reshape(-1, 3).T


def vizier(path: Path) -> pd.DataFrame:
    """A table of VizieR (asu-tsv): header line, units, a rule of dashes, rows; all as text."""
    lines = [s.rstrip("\n") for _, s in rows(path)]
    rule = next(
        (i for i, s in enumerate(lines) if s and set(s.replace("\t", "").strip()) == {"-"}), None
    )
    if rule is None or rule < 1:
        raise ValueError(f"{path}: expected a VizieR table with a rule of dashes (truncated?)")
    names = next(s for s in lines[:rule] if s.strip()).split("\t")
    table = [[v.strip() for v in s.split("\t")] for s in lines[rule + 1 :]]
    for values in table:
        if len(values) != len(names):
            raise ValueError(
                f"{path}: expected {len(names)} columns. Received: {len(values)} in {values[:4]} "
                f"(truncated file?)"
            )
    return pd.DataFrame(table, columns=[n.strip() for n in names], dtype=object)


def pick(table: pd.DataFrame, names: Mapping[str, Iterable[str]], path: Path) -> pd.DataFrame:
    """Columns by role: the first of several spellings; a role that ends in ``?`` may lack.

    Names are compared in lower case, blanks and hyphens as underscores.
    """

    def plain(name: str) -> str:
        return re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_")

    known = {plain(c): c for c in reversed(table.columns)}
    out = {}
    for role, spellings in names.items():
        found = next((known[plain(s)] for s in spellings if plain(s) in known), None)
        if found is not None:
            out[role.rstrip("?")] = table[found]
        elif not role.endswith("?"):
            raise ValueError(
                f"{path}: expected a column for {role} ({', '.join(spellings)}). "
                f"Received: {list(table.columns)}"
            )
    return pd.DataFrame(out)


def numbers(values: pd.Series) -> np.ndarray:
    """A text column as float64, NaN where missing."""
    return np.array([number(v if isinstance(v, str) else str(v)) for v in values], float)

"""Tables in JSON: a list of rows, rows on lines of their own, or columns by name."""

import json
from typing import Any

import numpy as np
import pandas as pd

from varstar.datasets.values import MAX_ROWS, Table, array


def looks_like(raw: bytes) -> bool:
    """Whether a file begins as JSON does."""
    return raw.lstrip()[:1] in (b"[", b"{")


def parse(text: str, where: str) -> Table:
    """The table of a JSON text.

    Rows are objects: ``[{"jd": 1.5, "mag": 15.2}, ...]``, or one a line; columns
    ``{"jd": [...], "mag": [...]}``. Inside of an object the list of rows is found (as in
    ALeRCE's ``{"detections": [...], "non_detections": [...]}``: the longest, detections first).
    Names apart from rows, as archives and pandas give them: ``{"metadata": [{"name": "jd"}, ...],
    "data": [[1.5, 15.2], ...]}``, also as ``fields`` or ``columns``.

    Raises
    ------
    ValueError
        Text that is no JSON, or JSON without a table.
    """
    rows, note = _rows(_loaded(text, where)), ""
    if isinstance(rows, tuple):
        rows, note = rows
    if rows is None:
        raise ValueError(f"{where}: JSON without a table: expected rows, or columns by name")
    frame = pd.DataFrame(rows)
    if len(frame) > MAX_ROWS:
        raise ValueError(f"{where}: expected at most {MAX_ROWS} rows. Received: {len(frame)}")
    columns = {str(c): _values(frame[c]) for c in frame.columns}
    return Table(columns, notes=(note,) if note else ())


def _values(column: pd.Series) -> np.ndarray:
    return array(column.where(column.notna(), None) if column.dtype == object else column)


def _loaded(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        lines = [line for line in text.splitlines() if line.strip()]
        try:
            found = [json.loads(line) for line in lines]
        except (ValueError, RecursionError):
            raise ValueError(f"{where}: not JSON (truncated?): {error}") from error
        return found


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(r, dict) for r in value)


def _rows(content: Any) -> Any:
    """Rows or columns; with a note where there were several lists to choose from."""
    if isinstance(content, list):
        good = content and all(isinstance(row, dict) for row in content)
        if good and len(content) == 1 and any(_is_table(v) for v in content[0].values()):
            return _rows(content[0])  # one object with its measurements inside
        return content if good else None
    if not isinstance(content, dict):
        return None
    named = _by_names(content)
    if named is not None:
        return named
    lists = {k: v for k, v in content.items() if isinstance(v, list) and v}
    tables = {k: v for k, v in lists.items() if _is_table(v)}
    if tables:
        name = "detections" if "detections" in tables else max(tables, key=lambda k: len(tables[k]))
        return tables[name], f"rows of {name!r}" if len(content) > 1 else ""
    lengths = {len(v) for v in lists.values()}
    if len(lists) > 1 and len(lengths) == 1:
        return {k: content[k] for k in lists}
    inner = [v for v in content.values() if isinstance(v, dict)]
    return _rows(inner[0]) if len(inner) == 1 else None


def _by_names(content: dict[str, Any]) -> dict[str, list] | None:
    """Columns of an object that holds names in one list and rows, lists too, in another."""
    rows = content.get("data", content.get("rows"))
    names = next((content[k] for k in ("metadata", "fields", "columns") if k in content), None)
    if not isinstance(rows, list) or not isinstance(names, list) or not rows:
        return None
    names = [n.get("name") if isinstance(n, dict) else n for n in names]
    whole = all(isinstance(r, list) and len(r) == len(names) for r in rows)
    if not whole or not all(isinstance(n, str) for n in names) or len(set(names)) < len(names):
        return None
    return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))

"""Records of what was made from what: JSON files, and what has changed since.

A record holds ``ingredients``, name -> value: short values as they are, others as
``"#<hash>"``. Equal ingredients make equal results, so whoever made something and kept its
record can tell whether it is current, and if not, why (`changes`).
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from varstar import paths

#: Longer values are hashed.
_SHORT = 60


def read(path: Path) -> dict[str, Any] | None:
    """The record; None where there is none, or a damaged one."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def write_json(path: Path, content: Any) -> None:
    """Write JSON under a temporary name, then rename."""
    write_text(path, json.dumps(content, indent=1, ensure_ascii=False, default=_plain) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write a text file under a temporary name, then rename."""
    with paths.atomic(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def plain(value: Any) -> Any:
    """`value` as a record holds it: what JSON would read back."""
    return json.loads(json.dumps(value, default=_plain))


def _plain(value: Any) -> Any:
    """Numpy scalars, arrays, sets and paths as JSON knows them."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, set):
        return sorted(value)
    return str(value)


def show(value: Any) -> str | None:
    """An ingredient's value as it is, when it is short enough to be read; else None."""
    if value is None or type(value) in (bool, int, float, str):
        text = repr(value)
        return text if len(text) <= _SHORT else None
    return None


def changes(
    before: Mapping[str, Any] | None, ingredients: Mapping[str, str], maximum: int = 6
) -> list[str]:
    """What differs between a record's ingredients and those of now.

    Returns
    -------
    list of str
        ``"epochs 3 -> 5"``; of hashed values ``"images changed"``; empty when nothing
        differs. From `maximum` on, only how many more there are.
    """
    then = (before or {}).get("ingredients")
    if then is None or not all(isinstance(value, str) for value in then.values()):
        return ["the first time"]  # or the record is of an older version
    found = []
    for name in {**then, **ingredients}:
        old, new = then.get(name, "absent"), ingredients.get(name, "absent")
        if old != new:
            hashed = old.startswith("#") or new.startswith("#")
            found.append(f"{name} changed" if hashed else f"{name} {old} -> {new}")
    more = len(found) - maximum
    return [*found[:maximum], f"and {more} more"] if more > 0 else found

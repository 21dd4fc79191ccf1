"""The file in which an explorer keeps what its user writes down."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from varstar import paths

COLUMNS = ["star_id", "label", "period", "remark", "who", "when"]


def read_notes(path: Path) -> dict[str, dict[str, str]]:
    """Notes by star, from a file that `write_notes` wrote."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if rows and set(rows[0]) != set(COLUMNS):
        raise ValueError(f"{path} is no file of notes: expected the columns {COLUMNS}")
    return {row.pop("star_id"): row for row in rows}


def write_notes(path: Path, notes: Mapping[str, Mapping[str, str]]) -> None:
    """A CSV with a row a star; the old file stays until the new one is whole."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows({"star_id": name, **note} for name, note in notes.items())
    with paths.atomic(path) as temporary:
        temporary.write_text(text.getvalue(), encoding="utf-8", newline="")


def export(path: str | Path, notes: Mapping[str, Mapping[str, str]]) -> Path:
    """Write notes as CSV or ECSV, by the file's ending.

    Raises
    ------
    ValueError
        Another ending.
    """
    path = Path(path)
    if path.suffix == ".csv":
        write_notes(path, notes)
    elif path.suffix == ".ecsv":
        from astropy.table import Table

        rows = [{"star_id": name, **note} for name, note in notes.items()]
        table = Table(rows=rows, names=COLUMNS) if rows else Table(names=COLUMNS)
        with paths.atomic(path) as temporary:
            table.write(temporary, format="ascii.ecsv", overwrite=True)
    else:
        raise ValueError(f"expected a name that ends in .csv or .ecsv. Received: {path.name!r}")
    return path


def as_period(text: Any) -> float:
    """A period that somebody wrote; NaN where it is none."""
    try:
        value = float(text)
    except (TypeError, ValueError):
        return np.nan
    return value if value > 0 and np.isfinite(value) else np.nan

"""Tables of results on disk, whole or not at all."""

import sys
from pathlib import Path

import pandas as pd

from varstar import paths

SUFFIXES = (".csv", ".ecsv", ".parquet")


def check(path: Path | None) -> None:
    """Raise, before any work, when `write` could not write there."""
    if path is not None and path.suffix.lower() not in SUFFIXES:
        raise ValueError(f"--output: expected a name in {', '.join(SUFFIXES)}. Received: {path}")


def write(table: pd.DataFrame, path: Path | None) -> None:
    """The table as a file of the kind that its suffix says; as CSV on stdout without one."""
    if path is None:
        table.to_csv(sys.stdout, lineterminator="\n", float_format="%.7g")
        return
    with paths.atomic(path) as temporary:
        if path.suffix.lower() == ".parquet":
            table.to_parquet(temporary)
        elif path.suffix.lower() == ".csv":
            table.to_csv(temporary, lineterminator="\n", float_format="%.7g")
        else:
            from astropy.table import Table

            plain = table.reset_index()
            text = plain.select_dtypes(exclude=["number", "boolean", "bool"]).columns
            plain[text] = plain[text].astype(object).fillna("").astype(str)
            Table.from_pandas(plain).write(temporary, format="ascii.ecsv", delimiter=",")

"""``varstar classify CATALOGUE --output FOLDER``: a survey's Parquet, larger than memory."""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

HELP = (
    "A folder of Parquet with one row a star (a HATS catalogue, for example) is classified\n"
    "piece by piece into the folder --output, with --workers processes. Killed, it goes on\n"
    "where it was; _summary.csv in that folder says what became of each file."
)


def is_catalogue(names: Sequence[str]) -> bool:
    """Whether the one thing to classify is such a folder."""
    if len(names) != 1 or not Path(names[0]).expanduser().is_dir():
        return False
    from varstar.catalogs import stream

    return stream.is_catalogue(Path(names[0]).expanduser())


def main(options: argparse.Namespace) -> int:
    """Classify a catalogue; 1 when a file could not be read."""
    from varstar.catalogs.stream import classify_folder

    if options.output is None or options.output.suffix:
        raise ValueError(f"--output: expected a folder for the answers. Received: {options.output}")
    bands = options.bands
    if bands is not None and "," in bands:
        bands = [b.strip() for b in bands.split(",")]
    start = time.perf_counter()
    folder = Path(options.files[0]).expanduser()
    table = classify_folder(
        folder, options.output, options.model or "any", workers=options.workers, bands=bands
    )
    seconds = time.perf_counter() - start
    stars, known = int(table["stars"].sum()), int(table["classified"].sum())
    wrong = table[table["error"] != ""]
    print(
        f"{stars} stars of {len(table)} files: {known} classified, {stars - known} not; "
        f"{seconds:.0f} s, {stars / max(seconds, 1e-9):.0f} stars/s. Answers: {options.output}"
    )
    for row in wrong.head(5).itertuples():
        print(f"varstar classify: {row.file}: {row.error}", file=sys.stderr)
    if len(wrong):
        print(f"varstar classify: {len(wrong)} of {len(table)} files unreadable", file=sys.stderr)
    return int(len(wrong) > 0)

"""``varstar plot``: a star on one page."""

import argparse
import sys
from pathlib import Path

from varstar.commands import files


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``varstar plot``."""
    files.add_arguments(parser)
    parser.add_argument("--model", help="also the classes that this model gives")
    parser.add_argument(
        "--output", "-o", type=Path, default=Path("."), metavar="FOLDER", help="where to (here)"
    )


def main(options: argparse.Namespace) -> int:
    """Draw every star of the files, and print the pictures' names."""
    from varstar.classification import classify
    from varstar.plots.star import save_star

    unread = 0
    for path in files.find(options.files):
        with files.notes() as said:
            sample = files.read(path, options)
        files.tell(said)
        if isinstance(sample, str):
            print(f"varstar plot: {path}: {sample}", file=sys.stderr)
            unread += 1
            continue
        with files.notes() as said:
            results = classify(sample, model=options.model) if options.model else None
            for i in range(len(sample)):
                row = None if results is None else results.iloc[[i]]
                print(save_star(sample.iloc[[i]], row, options.output))
        files.tell(said)
    return int(unread > 0)

"""``varstar classify``: light-curve files in, a table of classes out."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar import paths
from varstar.commands import catalogue, files, tables
from varstar.datasets.samples import together
from varstar.progress import tqdm

#: Measurements that are classified in one go: some 100 MB of memory.
POINTS, STARS = 1_000_000, 2_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``varstar classify``."""
    files.add_arguments(parser)
    names = [p.parent.name for p in (paths.PACKAGE / "models" / "shipped").glob("*/card.json")]
    parser.add_argument("--model", help=f"one of: {', '.join(sorted(names))}")
    parser.add_argument("--bands", metavar="B", help="only these measurements: V, or g,r")
    parser.add_argument(
        "--output", "-o", type=Path, metavar="TABLE",
        help=f"a file ({', '.join(tables.SUFFIXES)}); CSV on the screen without it",
    )  # fmt: skip
    parser.add_argument("--plot", type=Path, metavar="FOLDER", help="a picture of each star")
    parser.add_argument(
        "--workers", type=int, default=1, metavar="N", help="processes, for a catalogue"
    )
    parser.epilog = (
        "A file that cannot be read becomes a row with the reason in `status`; the others are\n"
        "answered, and the exit status is 1. What the models are: varstar models\n"
        f"{catalogue.HELP}"
    )


def main(options: argparse.Namespace) -> int:
    """Classify all files; 1 when one of them could not be read."""
    if catalogue.is_catalogue(options.files):
        return catalogue.main(options)
    tables.check(options.output)
    known = files.find(options.files)
    rows, unread = [], 0
    with files.notes() as said:
        for sample, failed in _chunks(known, options):
            unread += len(failed)
            rows.append(pd.concat([*_answers(sample, options), *failed]))
    table = pd.concat(_alike(rows)).sort_values("_order", kind="stable").drop(columns="_order")
    if options.period is not None and (table.get("period_source") == "found").any():
        said.append("this model finds its own periods: --period was not used")
    files.tell(said)
    tables.write(table, options.output)
    failed = table[table["status"].str.startswith("unreadable")].head(3)
    for file, reason in zip(failed["file"], failed["status"], strict=True):
        print(f"varstar classify: {file}: {reason}", file=sys.stderr)
    if unread:
        print(f"varstar classify: {unread} of {len(known)} files unreadable", file=sys.stderr)
    return int(unread > 0)


def _chunks(
    known: Sequence[Path], options: argparse.Namespace
) -> Iterator[tuple[NestedFrame | None, list[pd.DataFrame]]]:
    """Samples of many files each, and a row for each file that cannot be read."""
    samples, failed, points, stars = [], [], 0, 0
    seen: set[str] = set()
    for order, path in enumerate(tqdm(known, desc="files", unit="file", leave=False)):
        sample = files.read(path, options)
        if isinstance(sample, str):
            row = {"file": str(path), "status": f"unreadable: {sample}", "_order": order}
            failed.append(pd.DataFrame(row, index=pd.Index([path.stem], name="star_id")))
            continue
        names = [str(name) for name in sample.index]
        if seen & set(names):  # the same name in two files: both rows must be told apart
            names = [f"{path.name}:{name}" for name in names]
        seen |= set(names)
        sample = sample.set_axis(pd.Index(names, name="star_id"))
        samples.append(sample.assign(_file=str(path), _order=order))
        points += int(sample["lc"].array.list_lengths.sum())
        stars += len(sample)
        if points > POINTS or stars > STARS:
            yield together(samples), failed
            samples, failed, points, stars = [], [], 0, 0
    if samples or failed:
        yield (together(samples) if samples else None), failed


def _answers(sample: NestedFrame | None, options: argparse.Namespace) -> list[pd.DataFrame]:
    if sample is None:
        return []
    from varstar.classification import classify

    bands = options.bands
    if bands is not None and "," in bands:
        bands = [b.strip() for b in bands.split(",")]
    model = {} if options.model is None else {"model": options.model}
    table = classify(sample.drop(columns=["_file", "_order"]), bands=bands, **model)
    if options.plot is not None:
        _draw(sample, table, options.plot)
    table.insert(0, "file", sample["_file"])
    return [table.assign(_order=sample["_order"])]


def _draw(sample: NestedFrame, table: pd.DataFrame, folder: Path) -> None:
    from varstar.plots.star import save_star

    for i in tqdm(range(len(sample)), desc="pictures", unit="star", leave=False):
        save_star(sample.iloc[[i]], table.iloc[[i]], folder)


def _alike(tables_: list[pd.DataFrame]) -> list[pd.DataFrame]:
    """Tables whose truth values and whole numbers can be missing, so that rows join."""
    nullable = {"b": "boolean", "i": "Int64"}
    for table in tables_:
        for name in table.columns.difference(["_order"]):
            kind = table[name].dtype
            if isinstance(kind, np.dtype) and kind.kind in nullable:
                table[name] = table[name].astype(nullable[kind.kind])
    return tables_

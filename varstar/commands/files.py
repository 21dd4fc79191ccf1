"""Light-curve files named on the command line: found, read one by one, none of them fatal."""

import argparse
import glob
import re
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nested_pandas import NestedFrame

#: option -> what it is called in `varstar.read_light_curve`
COLUMNS = {
    "time": "t", "mag": "mag", "err": "err", "band": "band", "flux": "flux",
    "flux_err": "flux_err", "star_id": "star_id",
}  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The files, and how to read them."""
    parser.add_argument(
        "files", nargs="+", metavar="FILE",
        help="CSV, ECSV, VOTable, FITS, Parquet, plain columns; a folder means all files in it",
    )  # fmt: skip
    parser.add_argument(
        "--period", type=_period, metavar="P", help="the period [d]; found where not given"
    )
    columns = parser.add_argument_group(
        "columns", "name or position from 0; recognised by their usual names where not given"
    )
    for option in COLUMNS:
        columns.add_argument(f"--{option.replace('_', '-')}", metavar="COLUMN")


def _period(text: str) -> float:
    try:
        period = float(text)
    except ValueError:
        period = float("nan")
    if not 0 < period < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a positive number of days, not {text!r}")
    return period


def find(names: Sequence[str]) -> list[Path]:
    """The files that the names, patterns and folders mean, each once, in this order."""
    found: dict[Path, None] = {}
    for name in names:
        path = Path(name).expanduser()
        if path.is_dir():
            inside = sorted(p for p in path.iterdir() if p.is_file() and p.name[0] != ".")
            found.update(dict.fromkeys(inside or [path]))
        elif glob.has_magic(name) and not path.exists():
            matches = sorted(Path(p) for p in glob.glob(str(path), recursive=True))
            found.update(dict.fromkeys(matches or [path]))
        else:
            found[path] = None
    return list(found)


def read(path: Path, options: argparse.Namespace) -> NestedFrame | str:
    """The sample in the file, or why it cannot be read, in words."""
    from varstar.datasets.light_curve import read_light_curve

    given: dict[str, Any] = {"period": options.period}
    for option, name in COLUMNS.items():
        value = getattr(options, option)
        given[name] = int(value) if value is not None and value.isdecimal() else value
    try:
        return read_light_curve(path, **{k: v for k, v in given.items() if v is not None})
    except (ValueError, OSError) as error:
        words = str(error).removeprefix(f"{path}: ")
        # On the command line options have dashes, and times are --time.
        return re.sub(r"\b(t|mag|err|band|flux)=(?=[ .;]|$)", _option, words)


def _option(match: re.Match) -> str:
    return "--time" if match[1] == "t" else f"--{match[1]}"


@contextmanager
def notes() -> Iterator[list[str]]:
    """Warnings of the block as plain lines, each once, in the list; not on the screen."""
    said: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", UserWarning)  # others are for programmers
        try:
            yield said
        finally:
            said += dict.fromkeys(" ".join(str(w.message).split()) for w in caught)


def tell(said: Sequence[str]) -> None:
    """The notes on stderr, a line each."""
    for note in said:
        print(f"note: {note}", file=sys.stderr)

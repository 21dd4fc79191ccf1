"""``varstar models``: the trained models, and what each is good for."""

import argparse

import pandas as pd

from varstar.commands import files


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``varstar models``."""
    parser.add_argument("name", nargs="?", help="a model, for its card; all without it")
    parser.add_argument("--for", dest="file", metavar="FILE", help="which suits this light curve")


def main(options: argparse.Namespace) -> int:
    """Print the table of models, one model's card, or which suits a light curve."""
    from varstar import models

    if options.name:
        print(models.card(options.name))
    elif options.file:
        sample = _read(options.file)
        print(models.suggest(sample).to_string())
    else:
        table = models.table()
        for line, classes in zip(_lines(table), ["", *table["classes"]], strict=True):
            print(f"{line}\n    {classes}" if classes else line)
        print("\nOne in full: varstar models NAME. Which suits a star: varstar models --for FILE")
    return 0


def _lines(table: pd.DataFrame) -> list[str]:
    """The table without its longest columns; the header first."""
    text = table.drop(columns=["classes", "period [d]"]).reset_index().to_string(index=False)
    return text.splitlines()


def _read(name: str) -> object:
    unnamed = argparse.Namespace(period=None, **dict.fromkeys(files.COLUMNS))
    sample = files.read(files.find([name])[0], unnamed)
    if isinstance(sample, str):
        raise ValueError(f"{name}: {sample}")
    return sample

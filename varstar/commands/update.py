"""``varstar update``: the notebooks' outputs that the tests compare."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``varstar update``."""
    parser.add_argument("notebooks", nargs="*", help="numbers or names; all by default")


def main(options: argparse.Namespace) -> int:
    """Run the notebooks and store their outputs."""
    from varstar.compendium.run import find, notebooks, update

    for notebook in [find(name) for name in options.notebooks] or notebooks():
        print(f"{notebook.stem}: {'updated' if update(notebook) else 'unchanged'}", flush=True)
    return 0

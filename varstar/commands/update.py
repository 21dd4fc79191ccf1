"""``varstar update``: the notebooks' small copies that the tests run and compare."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``varstar update``."""
    parser.add_argument("notebooks", nargs="*", help="numbers or names; all by default")


def main(options: argparse.Namespace) -> int:
    """Run the notebooks at the profile smoke and keep their outputs in tests/notebooks."""
    from varstar.compendium.run import find, notebooks
    from varstar.compendium.stored import update

    for notebook in [find(name) for name in options.notebooks] or notebooks():
        print(f"{notebook.stem}: {'updated' if update(notebook) else 'unchanged'}", flush=True)
    return 0

"""``varstar update``: the notebooks' small copies that the tests run and compare."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``varstar update``."""
    parser.add_argument("notebooks", nargs="*", help="numbers or names; all by default")
    parser.add_argument("--measure", action="store_true",
                        help="measure anew how far other networks move the numbers")  # fmt: skip


def main(options: argparse.Namespace) -> int:
    """Run the notebooks at the profile smoke and keep their outputs in tests/notebooks."""
    from varstar.compendium.run import find, notebooks
    from varstar.compendium.stored import update

    for notebook in [find(name) for name in options.notebooks] or notebooks():
        changed = update(notebook, measure=options.measure)
        print(f"{notebook.stem}: {'updated' if changed else 'unchanged'}", flush=True)
    return 0

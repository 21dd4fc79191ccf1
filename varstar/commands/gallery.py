"""``varstar gallery``: figures/README.md and the generated tables of the README."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``varstar gallery``."""
    parser.add_argument("--check", action="store_true", help="only say whether they are current")


def main(options: argparse.Namespace) -> int:
    """Write the pages, or say which are not current."""
    from varstar.compendium import gallery

    stale = gallery.stale()
    if options.check:
        print("\n".join(f"not current: {path}" for path in stale) or "current")
        return int(bool(stale))
    gallery.write()
    return 0

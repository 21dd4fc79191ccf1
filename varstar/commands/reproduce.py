"""``varstar reproduce``: figures and tables, from light curves; only what has changed."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``varstar reproduce``."""
    parser.add_argument("notebooks", nargs="*", help="numbers or names; all by default")
    parser.add_argument("--profile", default="laptop", help="smoke, laptop, real or paper")
    parser.add_argument("--force", action="store_true", help="run also what is up to date")


def main(options: argparse.Namespace) -> int:
    """Run the notebooks, say what was done, compare it with the clone's figures."""
    from varstar.commands.verify import compared
    from varstar.compendium.reproduce import reproduce, summary

    records = reproduce(options.profile, options.notebooks, options.force)
    print(f"\n{summary(records)}")
    if options.profile != "smoke":
        compared(options)
    return int(any(record["status"] == "failed" for record in records))

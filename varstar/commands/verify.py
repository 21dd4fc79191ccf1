"""``varstar verify``: what was reproduced, against the figures and tables of the clone.

The exit status is 1 when something that the clone has was not made.
"""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``varstar verify``."""
    parser.add_argument("notebooks", nargs="*", help="numbers or names; all by default")
    parser.add_argument("--profile", default="laptop", help="laptop, real or paper")


def main(options: argparse.Namespace) -> int:
    """Compare and print."""
    return int(any(notebook.missing for notebook in compared(options)))


def compared(options: argparse.Namespace) -> list:
    """Compare, print a line for each notebook and what lies outside, keep the whole list."""
    from varstar.compendium.compare import compare, report, save

    found = compare(options.profile, options.notebooks)
    print(f"\nAgainst the figures and tables of the clone:\n{report(found)}")
    print(f"The whole list: {save(found, options.profile)}")
    return found

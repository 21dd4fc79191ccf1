"""``varstar publish``: what was reproduced takes the place of the clone's figures and tables."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``varstar publish``."""
    parser.add_argument("notebooks", nargs="*", help="numbers or names; all by default")
    parser.add_argument("--profile", default="laptop", help="laptop, real or paper")


def main(options: argparse.Namespace) -> int:
    """Replace, and print what changed."""
    from varstar.compendium.publish import publish

    print("\n".join(map(str, publish(options.profile, options.notebooks))) or "nothing changed")
    return 0

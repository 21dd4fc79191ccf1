"""``varstar train``: a shipped model anew, from its real survey."""

import argparse
import json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``varstar train``."""
    parser.add_argument("name", help="a name that `varstar models` shows")


def main(options: argparse.Namespace) -> int:
    """Train the model and print its scores."""
    from varstar.papers import make

    print(json.dumps(make(options.name), indent=1))
    return 0

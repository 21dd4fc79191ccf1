"""``varstar run``: one notebook from top to bottom, strictly."""

import argparse
from pathlib import Path

import yaml

from varstar import paths


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``varstar run``."""
    parser.add_argument("notebook", help="path, name or number")
    parser.add_argument("--profile", help="smoke, laptop, real or paper")
    parser.add_argument("-p", "--parameter", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("-o", "--output", type=Path, help="the executed notebook")


def main(options: argparse.Namespace) -> int:
    """Run the notebook and print where the executed one lies."""
    from varstar.compendium.ingredients import check_data, surveys_of
    from varstar.compendium.run import defaults, find, profile_parameters, run

    notebook = find(options.notebook)
    values = profile_parameters(notebook, options.profile) if options.profile else {}
    for pair in options.parameter:
        name, equals, text = pair.partition("=")
        if not equals:
            raise ValueError(f"-p: expected NAME=VALUE. Received: {pair!r}")
        values[name] = yaml.safe_load(text)
    check_data([surveys_of({**defaults(notebook), **values})])
    output = options.output or paths.build() / "run" / notebook.name
    print(run(notebook, output, values))
    return 0

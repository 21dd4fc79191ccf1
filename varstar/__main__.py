"""``python -m varstar data | run | reproduce | gallery | update | classify | train``."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import yaml

from varstar import __version__, paths


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="varstar", description=__doc__)
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)

    from varstar.datasets import command as data

    command = commands.add_parser("data", help="which surveys are here, and how to get the others")
    data.add_arguments(command)
    command.set_defaults(function=data.main)

    command = commands.add_parser("run", help="run one notebook, strictly")
    command.add_argument("notebook", help="path, name or number")
    command.add_argument("--profile", help="smoke, laptop, real or paper")
    command.add_argument("-p", "--parameter", action="append", default=[], metavar="NAME=VALUE")
    command.add_argument("-o", "--output", type=Path, help="the executed notebook")
    command.set_defaults(function=_run)

    command = commands.add_parser("reproduce", help="run what is not up to date of a profile")
    command.add_argument("notebooks", nargs="*", help="numbers or names; all by default")
    command.add_argument("--profile", default="laptop", help="smoke, laptop, real or paper")
    command.add_argument("--force", action="store_true", help="run also what is up to date")
    command.set_defaults(function=_reproduce)

    command = commands.add_parser("gallery", help="remake the gallery and the README's table")
    command.add_argument("--check", action="store_true", help="only say whether they are current")
    command.set_defaults(function=_gallery)

    command = commands.add_parser("update", help="store the outputs that the tests compare")
    command.add_argument("notebooks", nargs="*", help="numbers or names; all by default")
    command.set_defaults(function=_update)

    command = commands.add_parser("classify", help="light-curve files in, classes out")
    command.add_argument("files", nargs="+", type=Path)
    command.add_argument("--model", required=True, help="see varstar.models.available()")
    command.set_defaults(function=_classify)

    command = commands.add_parser("train", help="make a shipped model anew, from its real survey")
    command.add_argument("name", help="see varstar.models.available()")
    command.set_defaults(function=_train)

    options = parser.parse_args(arguments)
    for name in ("VARSTAR_DATA", "VARSTAR_CACHE", "VARSTAR_FIGURES", "VARSTAR_BUILD"):
        if os.environ.get(name):  # notebooks run in their own folder
            os.environ[name] = os.path.abspath(os.path.expanduser(os.environ[name]))
    try:
        return options.function(options)
    except (ValueError, FileNotFoundError, RuntimeError) as error:
        print(f"varstar {options.command}: {error}", file=sys.stderr)
        return 1


def _run(options: argparse.Namespace) -> int:
    from varstar.compendium.reproduce import check_data, surveys_of
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


def _reproduce(options: argparse.Namespace) -> int:
    from varstar.compendium import gallery
    from varstar.compendium.reproduce import reproduce, summary

    records = reproduce(options.profile, options.notebooks, options.force)
    if options.profile in ("laptop", "real"):
        gallery.write()
    print()
    print(summary(records))
    return int(any(record["status"] == "failed" for record in records))


def _gallery(options: argparse.Namespace) -> int:
    from varstar.compendium import gallery

    stale = gallery.stale()
    if options.check:
        print("\n".join(f"not current: {path}" for path in stale) or "current")
        return int(bool(stale))
    gallery.write()
    return 0


def _update(options: argparse.Namespace) -> int:
    from varstar.compendium.run import find, notebooks, update

    for notebook in [find(name) for name in options.notebooks] or notebooks():
        print(f"{notebook.stem}: {'updated' if update(notebook) else 'unchanged'}", flush=True)
    return 0


def _classify(options: argparse.Namespace) -> int:
    import pandas as pd

    import varstar as vs

    samples = [vs.read_light_curve(path) for path in options.files]
    result = pd.concat([vs.classify(sample, model=options.model) for sample in samples])
    result.to_csv(sys.stdout, lineterminator="\n", float_format="%.4f")
    return 0


def _train(options: argparse.Namespace) -> int:
    import json

    from varstar.papers import make

    print(json.dumps(make(options.name), indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())

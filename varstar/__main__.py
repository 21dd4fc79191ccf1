"""The ``varstar`` command; each of its commands is a file in ``varstar/commands/``."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from varstar import __version__
from varstar.commands import COMMANDS
from varstar.hints import meant

_FOLDERS = ("VARSTAR_DATA", "VARSTAR_CACHE", "VARSTAR_FIGURES", "VARSTAR_BUILD")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    parser = argparse.ArgumentParser(
        prog="varstar", description="Variable stars and deep learning, on the command line."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (module, text) in COMMANDS.items():
        command = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        if name in arguments:  # only what is asked for is imported
            command.formatter_class = argparse.RawDescriptionHelpFormatter
            import_module(module).add_arguments(command)
            command.set_defaults(function=import_module(module).main)
    if not arguments:
        parser.print_help()
        return 2
    if arguments[0] not in COMMANDS and not arguments[0].startswith("-"):
        near = meant(arguments[0], COMMANDS)
        parser.error(f"no command {arguments[0]!r}.{near} There are: {', '.join(COMMANDS)}")
    options = parser.parse_args(arguments)
    for name in _FOLDERS:
        if os.environ.get(name):  # notebooks run in their own folder
            os.environ[name] = os.path.abspath(os.path.expanduser(os.environ[name]))
    try:
        return options.function(options)
    except (ValueError, FileNotFoundError, RuntimeError, ImportError) as error:
        print(f"varstar {options.command}: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # `varstar models | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


if __name__ == "__main__":
    sys.exit(main())

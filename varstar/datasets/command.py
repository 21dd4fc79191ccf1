"""``python -m varstar data``: which surveys are here, and how to get the others."""

import argparse
from pathlib import Path

from varstar import paths

_HELP = {
    "list": "what there is and what is here (the default)",
    "fetch": "download a survey's raw files and convert them",
    "convert": "convert raw files that are here",
    "check": "compare what is on disk with what was written down",
    "page": "print the page that describes all surveys (docs/surveys.md)",
}


_FACTS = (
    "title", "holds", "bands", "classes", "stars", "time_scale", "papers", "citation", "terms",
    "base", "unverified", "how",
)  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``varstar data``."""
    parser.add_argument(
        "action", nargs="?", default="list", choices=list(_HELP),
        help="; ".join(f"{k}: {v}" for k, v in _HELP.items()),
    )  # fmt: skip
    parser.add_argument("survey", nargs="?", help="a name that `varstar data list` shows")
    parser.add_argument(
        "--stars", type=int, metavar="N", help="only N stars, of all classes in turn"
    )
    parser.add_argument("--types", metavar="A,B", help="only these types or labels")
    parser.add_argument("--root", type=Path, metavar="DIR", help="data folder (VARSTAR_DATA)")
    parser.add_argument("--raw", type=Path, metavar="DIR", help="convert: folder of raw files")
    parser.add_argument("--mirror", metavar="URL", help="fetch: address instead of the archive's")
    parser.add_argument("--dry-run", action="store_true", help="fetch: only say what and how much")
    parser.add_argument("--no-convert", action="store_true", help="fetch: leave the files raw")
    parser.add_argument("--attempts", type=int, default=5, help="fetch: tries a file")
    parser.add_argument(
        "--pause", type=float, metavar="S", help="fetch: least time between requests"
    )


def main(args: argparse.Namespace) -> int:
    """Do what `args` ask; returns the exit status."""
    try:
        return _main(args)
    except OSError as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise RuntimeError(f"data {args.action}: {error}") from error


def _main(args: argparse.Namespace) -> int:
    from varstar.datasets import build, page

    if args.action == "page":
        print(page.surveys_page(), end="")
        return 0
    if args.action == "list":
        return _list(args)
    if args.survey is None and args.action == "check":
        return _check_all(args)
    if args.survey is None:
        raise ValueError(
            f"data {args.action}: expected the name of a survey. See: varstar data list"
        )
    types = args.types.split(",") if args.types else None
    if args.action == "fetch":
        options = {"attempts": args.attempts}
        if args.pause is not None:
            options["pause"] = args.pause
        build.fetch(
            args.survey, args.root, stars=args.stars, types=types, mirror=args.mirror,
            dry_run=args.dry_run, **options,
        )  # fmt: skip
        if args.dry_run or args.no_convert:
            return 0
    if args.action in ("fetch", "convert"):
        build.make(args.survey, args.root, raw=args.raw, stars=args.stars, types=types)
        return 0
    return _say_problems(args.survey, build.check(args.survey, args.root))


def _list(args: argparse.Namespace) -> int:
    from varstar.datasets import SURVEYS, available, is_on_disk
    from varstar.hints import meant

    if args.survey is not None:
        if args.survey not in SURVEYS:
            raise ValueError(
                f"unknown survey {args.survey!r}.{meant(args.survey, SURVEYS)} "
                f"Known: {sorted(SURVEYS)}"
            )
        row = SURVEYS[args.survey]
        for key in _FACTS:
            value = row.get(key)
            if value:
                print(f"{key + ':':12} {'; '.join(value) if isinstance(value, list) else value}")
        return 0
    here = available(args.root)
    print(f"Data folder: {paths.data(args.root)} (set by VARSTAR_DATA or --root)")
    print("Here:        " + (", ".join(here) or "nothing"))
    for title, holds in (("To fetch:", True), ("To be made from a paper:", False)):
        absent = {
            name: row
            for name, row in SURVEYS.items()
            if ("archive" in row) == holds and not is_on_disk(name, args.root)
            and row["holds"] == "light curves"
        }  # fmt: skip
        if absent:
            print(title)
        for name, row in absent.items():
            print(f"  {name:20} {row['title']}")
    print("More:        varstar data list NAME")
    return 0


def _check_all(args: argparse.Namespace) -> int:
    from varstar.datasets import SURVEYS, available, build

    names = [n for n in available(args.root) if n in SURVEYS]
    return max((_say_problems(n, build.check(n, args.root)) for n in names), default=0)


def _say_problems(name: str, problems: list[str]) -> int:
    for problem in problems:
        print(f"{name}: {problem}")
    if not problems:
        print(f"{name}: as it should be")
    return int(bool(problems))

"""From an archive to a survey on disk: what to fetch, and what to make of it.

Raw files go to ``<data>/<survey>/raw``, the survey to ``<data>/<survey>``. Both steps can be
repeated: what is there is not fetched again.
"""

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import pandas as pd

from varstar import paths, taxonomy
from varstar.datasets import convert, download
from varstar.datasets.download import File
from varstar.datasets.registry import SURVEYS


def archive(name: str) -> tuple[dict, ModuleType]:
    """The registry's row of `name` and the module that reads it."""
    fetchable = sorted(n for n, row in SURVEYS.items() if "archive" in row)
    if name not in SURVEYS:
        raise ValueError(f"unknown survey {name!r}. Known: {sorted(SURVEYS)}")
    if name not in fetchable:
        raise ValueError(
            f"survey {name!r} has no archive to fetch it from. {SURVEYS[name]['how']} "
            f"These have: {fetchable}"
        )
    return SURVEYS[name], import_module(f"varstar.datasets.archives.{SURVEYS[name]['archive']}")


def raw_folder(name: str, root: str | Path | None = None) -> Path:
    """Where the raw files of a survey are kept."""
    return paths.data(root) / name / "raw"


def in_turn(stars: pd.DataFrame, size: int | None) -> pd.DataFrame:
    """The first `size` stars, taken in turn from each label so that rare ones are there too."""
    if size is None or size >= len(stars):
        return stars
    if size < 1:
        raise ValueError(f"stars: expected a positive number. Received: {size}")
    turn = stars.groupby("label", sort=False).cumcount()
    return stars.iloc[sorted(turn.to_numpy().argsort(kind="stable")[:size])]


def fetch(
    name: str,
    root: str | Path | None = None,
    *,
    stars: int | None = None,
    types: list[str] | None = None,
    mirror: str | None = None,
    dry_run: bool = False,
    say: Callable[[str], None] = print,
    **options: Any,
) -> dict[str, int]:
    """Fetch the raw files of a survey.

    Parameters
    ----------
    name : str
        A survey with an archive.
    root : path, optional
        The data folder.
    stars : int, optional
        Only so many stars' light curves, in turn from each class, one by one; all of
        them by default (in bulk where the archive has that).
    types : list of str, optional
        Only these types (OGLE's folders) or labels.
    mirror : str, optional
        An address that takes the place of the archive's.
    dry_run : bool
        Only say what would be fetched, and how much.
    say : callable
        Takes one line of text.
    **options
        For `varstar.datasets.download.fetch`: attempts, timeout, pause, backoff, progress.

    Returns
    -------
    dict
        Numbers of files fetched, there already, absent from the archive, and bytes.
    """
    row, module = archive(name)
    raw = raw_folder(name, root)
    types = _types(row, types)
    if hasattr(module, "fetch"):
        count = module.fetch(raw, name, stars, types, dry_run)
    else:
        options = {"pause": row["pause"], **options}
        files = _files(row, module, raw, name, stars, types, mirror, dry_run, say)
        count = download.fetch(files, raw, dry_run=dry_run, say=say, **options)
    if dry_run and row.get("estimate") and stars is None and types is None:
        say(f"our estimate of all that is no single star's file: "
            f"{download.size_text(row['estimate'])}")  # fmt: skip
    if not dry_run:
        say(
            f"{name}: {count['fetched']} files fetched ({download.size_text(count['bytes'])}), "
            f"{count['there']} there, {count['absent']} that the archive lacks"
        )
        say("Terms: " + row["terms"])
        say("Please cite: " + "; ".join(row["citation"]))
    return count


def _types(row: dict, types: list[str] | None) -> list[str] | None:
    unknown = sorted(set(types or []) - set(row.get("types", types or [])))
    if unknown:
        raise ValueError(f"unknown types {unknown}. Known: {row['types']}")
    return types


def _files(
    row: dict,
    module: ModuleType,
    raw: Path,
    name: str,
    stars: int | None,
    types: list[str] | None,
    mirror: str | None,
    dry_run: bool,
    say: Callable[[str], None],
) -> Iterator[File]:
    """The files, one after the other: light curves of single stars need the catalogue first."""
    static = row["files"] + (row["bulk"] if stars is None else [])
    for entry in static:
        if types is None or entry.get("type") in (None, *types):
            yield _file(entry, row, mirror)
    if not row["star_files"] or (stars is None and row["bulk"]):
        return
    try:
        catalogue = in_turn(module.catalogue(raw, name, types), stars)
    except ValueError:
        if not dry_run:
            raise
        which = "all stars" if stars is None else f"{stars} stars"
        say(f"(and {len(row['star_files'])} files a star for {which}, once the catalogue is there)")
        return
    for star in catalogue.to_dict("records"):
        for entry in row["star_files"]:
            if all(star.get(field) for field in ("uuid",) if "{uuid}" in entry["path"]):
                yield _file(entry, row, mirror, star)


def _file(entry: dict, row: dict, mirror: str | None, star: dict | None = None) -> File:
    path = entry["path"].format(**star) if star else entry["path"]
    url = entry.get("url", "/" + entry["path"])
    url = url.format(**star) if star else url
    url = url if "://" in url else row["base"].rstrip("/") + url
    if mirror:
        parts = urlsplit(url)
        rest = parts.path + (f"?{parts.query}" if parts.query else "")
        if url.startswith(row["base"]):
            rest = url[len(row["base"].rstrip("/")) :]
        url = mirror.rstrip("/") + rest
    return File(url, path, entry.get("size"), entry.get("hash"), entry.get("optional", False))


def make(
    name: str,
    root: str | Path | None = None,
    *,
    raw: str | Path | None = None,
    stars: int | None = None,
    types: list[str] | None = None,
    say: Callable[[str], None] = print,
) -> dict[str, Any]:
    """Convert raw files to the survey that `varstar.load` reads.

    Parameters
    ----------
    name, root, stars, types
        As for `fetch`.
    raw : path, optional
        A folder of raw files in the archive's own layout; ``<data>/<name>/raw`` by default.

    Returns
    -------
    dict
        Numbers of stars and observations; see `varstar.datasets.convert.write_survey`.
    """
    row, module = archive(name)
    raw = Path(raw).expanduser() if raw else raw_folder(name, root)
    if not raw.is_dir():
        raise FileNotFoundError(
            f"{name}: no raw files in {raw}. Fetch them with `python -m varstar data fetch {name}` "
            "or name their folder with --raw"
        )
    catalogue = in_turn(module.catalogue(raw, name, _types(row, types)), stars)
    provenance = {
        "survey": name,
        "title": row["title"],
        "citation": row["citation"],
        "terms": row["terms"],
        "time_scale": row["time_scale"],
        "unverified": row.get("unverified", ""),
        "sources": _sources(raw),
    }
    lost = taxonomy.unknown_labels(catalogue["label"], name)
    if lost:
        say(f"{name}: labels that the taxonomy does not know (no paper's class): {lost}")
    curves = _counted(module.light_curves(raw, name, catalogue), len(catalogue))
    summary = convert.write_survey(paths.data(root) / name, catalogue, curves, provenance)
    if not summary["observations"]:
        say(f"{name}: no light curve of any of the {summary['stars']} stars was found in {raw}")
    say(
        f"{name}: {summary['stars']} stars ({summary['stars_without_observations']} of them "
        f"without a light curve), {summary['observations']} observations in {summary['bands']}"
    )
    return summary


def _sources(raw: Path) -> list[dict] | dict:
    """What was fetched, file by file; only the sum where there are very many."""
    rows = [r for r in download.log(raw) if not r.get("absent")]
    if len(rows) <= 200:
        return rows
    return {"files": len(rows), "bytes": sum(r["bytes"] for r in rows), "log": download.LOG}


def _counted(curves: Iterator, stars: int) -> Iterator:
    """The curves, with a bar of stars on a terminal."""
    from varstar.progress import tqdm

    with tqdm(total=stars, desc="convert", unit="star", disable=None) as bar:
        last = None
        for curve in curves:
            if curve.star_id != last:
                bar.update()
                last = curve.star_id
            yield curve


def check(name: str, root: str | Path | None = None) -> list[str]:
    """What is wrong with a survey on disk and its raw files; [] when all is well."""
    folder = paths.data(root) / name
    problems = convert.check_survey(folder)
    if name in SURVEYS and SURVEYS[name]["holds"] == "catalogue":
        problems = [p for p in problems if not p.startswith(convert.OBSERVATIONS + ": not there")]
    return problems + [f"raw/{p}" for p in download.verify(raw_folder(name, root))]

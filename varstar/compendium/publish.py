"""``make publish``: what was reproduced takes the place of the clone's figures.

Products of the chosen notebooks and profile are replaced, those that are no longer made
go, the gallery and the README's tables are remade; the notebooks themselves are stored as the
profile ``laptop`` executed them. What came out the same keeps its file
and record, so that a diff shows what has changed.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

import yaml

from varstar import paths
from varstar.compendium import gallery, record, stored
from varstar.compendium.compare import committed, number, place
from varstar.compendium.provenance import stable_record
from varstar.compendium.reproduce import everything, record_folder, stale


def publish(profile: str = "laptop", only: Sequence[str] = ()) -> list[Path]:
    """Replace the committed figures and tables by those of the last run.

    Returns
    -------
    list of path
        What has changed in the clone.

    Raises
    ------
    ValueError
        When a notebook is not up to date, or a product comes from code that is not
        committed: nothing is replaced.
    """
    if profile == "smoke":
        raise ValueError("profile 'smoke': expected figures to show. Received: those of tests")
    chosen = everything(profile, only)
    for notebook, (_, now) in chosen.items():
        reasons = stale(notebook, now, profile)
        if reasons:
            raise ValueError(f"{notebook.stem} is not reproduced: {'; '.join(reasons)}")
    made: dict[str, Path] = {}
    seconds = {}
    for notebook in chosen:
        last = record.read(record_folder(profile) / f"{notebook.stem}.json") or {}
        made |= {place(paths.project() / name): paths.project() / name for name in last["products"]}
        seconds[notebook.stem] = last["seconds"]
    dirty = [p for p, path in made.items() if _record(path).get("dirty")]
    if dirty:
        raise ValueError(
            f"{len(dirty)} products come from code that is not committed, as {dirty[0]}; commit, "
            "and reproduce again"
        )
    changed = []
    numbers = {notebook.stem[:2] for notebook in chosen}
    for where, path in committed(profile).items():
        if number(where) in numbers and where not in made:
            changed.append(path)
            path.unlink()
            path.with_suffix(".json").unlink()
    for where, path in made.items():
        changed += _replace(path, paths.committed_figures() / where)
    if profile == "laptop":
        executed = {notebook: record_folder(profile) / notebook.name for notebook in chosen}
        changed += [nb for nb, path in executed.items() if stored.store(nb, path)]
    _keep_seconds(profile, seconds)
    return changed + gallery.write()


def _record(product: Path) -> dict:
    return record.read(product.with_suffix(".json")) or {}


def _replace(path: Path, target: Path) -> list[Path]:
    same = target.is_file() and paths.sha256(target) == paths.sha256(path)
    beside, theirs = path.with_suffix(".json"), target.with_suffix(".json")
    if same and stable_record(beside) == stable_record(theirs) and not _record(target).get("dirty"):
        return []
    for source, to in ((path, target), (beside, theirs)):
        with paths.atomic(to) as temporary:
            shutil.copyfile(source, temporary)
    return [target]


def _keep_seconds(profile: str, seconds: dict[str, float]) -> None:
    """What the notebooks take, for the estimates of `make reproduce` elsewhere. A quick run
    out of the cache says nothing."""
    path = paths.committed_figures() / "seconds.yaml"
    known = yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else {}
    here = record_folder(profile) / "seconds.yaml"
    if here.is_file():
        seconds = {**seconds, **yaml.safe_load(here.read_text(encoding="utf-8"))}
    known[profile] = {**known.get(profile, {}), **{k: round(v) for k, v in seconds.items()}}
    record.write_text(path, yaml.safe_dump(known))

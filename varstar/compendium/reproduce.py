"""``make reproduce``: every notebook at a profile, only where something has changed.

Of each finished notebook a record is kept under ``build/reproduce/<profile>/``: what the
run depended on (cells, parameters, source of the package, data, lock) and what it made.
A later run skips the notebook while all of that is the same, and says so; otherwise it
says what changed. The record is written last, so an interrupted run is simply unfinished
and is taken up again; its finished steps come out of the cache (see `varstar.compendium.cache`).
"""

import hashlib
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from varstar import paths
from varstar.compendium.fingerprint import code_hashes, digest, imports
from varstar.compendium.provenance import sha256, write_json
from varstar.compendium.run import (
    NotebookError,
    check_profile,
    defaults,
    find,
    notebooks,
    profile_parameters,
    read,
    run,
    source,
)


class MissingData(RuntimeError):
    """Surveys that a profile needs are not on disk; the message says how to get them."""


def reproduce(
    profile: str = "laptop", only: Sequence[str] = (), force: bool = False
) -> list[dict[str, Any]]:
    """Run the notebooks of a profile that are not up to date.

    Parameters
    ----------
    profile : str
        ``smoke``, ``laptop``, ``real`` or ``paper``.
    only : sequence of str
        Numbers or names of notebooks; all by default.
    force : bool
        Run also what is up to date (steps still come out of the cache).

    Returns
    -------
    list of dict
        A record a notebook: ``notebook``, ``status`` (``"ran"``, ``"up to date"``,
        ``"failed"``), ``products``, ``seconds``, ``verdicts``, ``error``.

    Raises
    ------
    ValueError
        Unknown profile, notebook or parameter: nothing has run.
    MissingData
        Surveys are not on disk: nothing has run.
    """
    check_profile(profile)
    chosen = [find(name) for name in only] or notebooks()
    if not chosen:
        raise ValueError(f"no notebooks in {paths.notebooks()}")
    parameters = {notebook: profile_parameters(notebook, profile) for notebook in chosen}
    surveys = {nb: surveys_of({**defaults(nb), **parameters[nb]}) for nb in chosen}
    check_data(surveys.values())

    folder = paths.build() / "reproduce" / profile
    folder.mkdir(parents=True, exist_ok=True)
    records = []
    with _only_one(folder):
        for notebook in chosen:
            found = ingredients(notebook, parameters[notebook], surveys[notebook])
            records.append(_one(notebook, parameters[notebook], found, folder, force))
    return records


def _one(
    notebook: Path,
    parameters: Mapping[str, Any],
    found: Mapping[str, Mapping[str, str]],
    folder: Path,
    force: bool,
) -> dict[str, Any]:
    record_path = folder / f"{notebook.stem}.json"
    executed = folder / notebook.name
    before = _record(record_path)
    reasons = why(before, found, executed) or (["asked for"] if force else [])
    if not reasons:
        print(f"{notebook.stem}: up to date (made {before['date']}); skipped", flush=True)
        return {**before, "status": "up to date"}

    print(f"{notebook.stem}: running ({'; '.join(reasons)})", flush=True)
    record_path.unlink(missing_ok=True)
    products = folder / f"{notebook.stem}.products.tmp"
    products.unlink(missing_ok=True)
    start = time.perf_counter()
    record = {"notebook": notebook.stem, "products": {}, "verdicts": {}}
    try:
        run(notebook, executed, parameters, products=products)
    except NotebookError as error:
        seconds = round(time.perf_counter() - start, 1)
        print(f"{notebook.stem}: FAILED after {seconds:.0f} s\n{error}", flush=True)
        return {**record, "status": "failed", "seconds": seconds, "error": str(error)}
    made = _made(products)
    record |= {
        "seconds": round(time.perf_counter() - start, 1),
        "date": time.strftime("%Y-%m-%d %H:%M", time.localtime()),
        "ingredients": found,
        "products": {_relative(path): sha256(path) for path in made},
        "verdicts": _verdicts(made),
    }
    for name in (before or {}).get("products", {}):
        if name not in record["products"]:  # renamed or dropped since the last run
            path = paths.project() / name
            path.unlink(missing_ok=True)
            path.with_suffix(".json").unlink(missing_ok=True)
    write_json(record_path, record)
    products.unlink(missing_ok=True)
    print(f"{notebook.stem}: done in {record['seconds']:.0f} s", flush=True)
    return {**record, "status": "ran"}


# --- what a run depends on ----------------------------------------------------------------


def ingredients(
    notebook: Path, parameters: Mapping[str, Any], surveys: Sequence[str]
) -> dict[str, dict[str, str]]:
    """Group -> name -> value or hash of everything that the notebook's results depend on."""
    cells = read(notebook)["cells"]
    texts = [source(cell) for cell in cells]
    code = "\n".join(_python(t) for t, c in zip(texts, cells, strict=True) if _is_code(c))
    lock = paths.project() / "requirements.lock"
    values = {**defaults(notebook), **parameters}
    return {
        "cells": {"cells": digest(*texts)},
        "parameter": {name: repr(value) for name, value in values.items()},
        "source": code_hashes(imports(code)),
        "data": {name: survey_hash(name) for name in surveys},
        "environment": {
            "lock": digest(lock.read_bytes()) if lock.is_file() else "none",
            "python": ".".join(map(str, sys.version_info[:2])),
        },
    }


def why(
    before: Mapping[str, Any] | None,
    found: Mapping[str, Mapping[str, str]],
    executed: Path,
) -> list[str]:
    """Why the notebook has to run; empty when it is up to date."""
    if before is None or "ingredients" not in before:
        return ["not finished before"]
    reasons = []
    old = before["ingredients"]
    for group, now in found.items():
        then = old.get(group, {})
        for name in sorted({*then, *now}):
            if then.get(name) == now.get(name):
                continue
            if group == "parameter":
                reasons.append(
                    f"parameter {name}: {then.get(name, 'absent')} -> {now.get(name, 'absent')}"
                )
            else:
                what = name if group == "cells" else f"{group} {name}"
                reasons.append(f"{what} changed")
    for name, sha in before["products"].items():
        path = paths.project() / name
        if not path.is_file() or not path.with_suffix(".json").is_file():
            reasons.append(f"{name} is missing")
        elif sha256(path) != sha:
            reasons.append(f"{name} is not what the last run made")
    if not executed.is_file():
        reasons.append("the executed notebook is missing")
    more = len(reasons) - 6
    return [*reasons[:6], f"and {more} more"] if more > 0 else reasons


def surveys_of(parameters: Mapping[str, Any]) -> list[str]:
    """Names of real surveys among the parameters' values, inside lists too."""
    from varstar.datasets import SURVEYS, is_on_disk

    def strings(value: Any) -> Iterator[str]:
        if isinstance(value, str):
            yield value
        elif isinstance(value, Mapping):
            yield from strings(list(value.values()))
        elif isinstance(value, list | tuple):
            for item in value:
                yield from strings(item)

    found = dict.fromkeys(strings(dict(parameters)))
    return [s for s in found if s in SURVEYS or (_is_plain(s) and is_on_disk(s))]


def survey_hash(name: str) -> str:
    """Hash of a survey's files; remembered while their size and date stay."""
    remembered_path = paths.build() / "data-hashes.json"
    remembered = _record(remembered_path) or {}
    shas = []
    for path in sorted((paths.data() / name).glob("*.parquet")):
        stat = path.stat()
        stamp = f"{path.resolve()} {stat.st_size} {stat.st_mtime_ns}"
        if stamp not in remembered:
            remembered[stamp] = sha256(path)
            remembered_path.parent.mkdir(parents=True, exist_ok=True)
            write_json(remembered_path, remembered)
        shas.append(f"{path.name} {remembered[stamp]}")
    return hashlib.sha256("\n".join(shas).encode()).hexdigest()[:16]


def check_data(surveys: Iterable[Sequence[str]]) -> None:
    """Raise `MissingData` when any of the surveys is not on disk."""
    from varstar.datasets import SURVEYS, is_on_disk

    missing = [s for s in dict.fromkeys(x for many in surveys for x in many) if not is_on_disk(s)]
    if missing:
        lines = [
            f"These surveys are needed and are not in {paths.data()} "
            "(set VARSTAR_DATA to the folder that holds them):"
        ]
        lines += [f"  {name}/: {SURVEYS[name].get('how', '')}".rstrip() for name in missing]
        raise MissingData("\n".join(lines))


def _is_plain(name: str) -> bool:
    return bool(name) and len(name) < 80 and all(c.isalnum() or c in "_-" for c in name)


def _is_code(cell: Mapping[str, Any]) -> bool:
    return cell["cell_type"] == "code"


def _python(text: str) -> str:
    """A cell's Python without IPython's own lines (``%magic``, ``!command``, ``name?``)."""
    lines = text.splitlines()
    return "\n".join(x for x in lines if not x.lstrip().startswith(("%", "!", "?")))


# --- records ------------------------------------------------------------------------------


def _record(path: Path) -> dict[str, Any] | None:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _made(products: Path) -> list[Path]:
    if not products.is_file():
        return []
    return [Path(line) for line in dict.fromkeys(products.read_text("utf-8").splitlines())]


def _relative(path: Path) -> str:
    return os.path.relpath(path, paths.project())


def _verdicts(made: Sequence[Path]) -> dict[str, int]:
    import pandas as pd

    from varstar.compendium.published import verdicts

    counts: dict[str, int] = {}
    for path in made:
        if path.stem.startswith("comparison") and path.suffix == ".csv":
            for name, n in verdicts(pd.read_csv(path)).items():
                counts[name] = counts.get(name, 0) + n
    return counts


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Two runs of one profile in one clone would write the same files."""
    try:
        import fcntl
    except ImportError:  # not on this platform
        yield
        return
    with open(folder / ".lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise RuntimeError(f"another run of this profile is under way in {folder}") from None
        yield


def summary(records: Sequence[Mapping[str, Any]]) -> str:
    """The closing table: notebook, figures, tables, time, verdicts."""
    rows = [("notebook", "status", "figures", "tables", "time", "against the paper")]
    for r in records:
        files = list(r["products"])
        verdicts = ", ".join(f"{n} {name}" for name, n in r["verdicts"].items())
        figures = str(sum(f.endswith(".png") for f in files))
        tables = str(sum(f.endswith(".csv") for f in files))
        rows.append(
            (r["notebook"], r["status"], figures, tables, _clock(r["seconds"]), verdicts or "-")
        )
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(x.ljust(w) for x, w in zip(row, widths, strict=True)) for row in rows]
    return "\n".join([lines[0], "-" * (sum(widths) + 2 * len(widths) - 2), *lines[1:]])


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60} min {int(seconds) % 60:02d} s"

"""``make reproduce``: every notebook at a profile, only where something has changed.

Of each finished notebook a record is kept under ``build/reproduce/<profile>/``: what the
run depended on (`varstar.compendium.ingredients`) and what it made. A later run skips the
notebook while all of that is the same, and says so; otherwise it says what changed. The
record is written last, so an interrupted run is simply unfinished and is taken up again;
its finished steps come out of the cache (see `varstar.compendium.cache`).
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from varstar import paths
from varstar.compendium import record as records
from varstar.compendium.ingredients import check_data, ingredients, relative, surveys_of
from varstar.compendium.run import (
    NotebookError,
    check_profile,
    defaults,
    find,
    has_profile,
    notebooks,
    profile_parameters,
    run,
)

#: What a notebook is thought to take when nothing is known [s].
_UNKNOWN_SECONDS = 120.0


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
        A record of each notebook: ``notebook``, ``status`` (``"ran"``, ``"up to date"``,
        ``"failed"``), ``products``, ``seconds``, ``verdicts``, ``error``.

    Raises
    ------
    ValueError
        Unknown profile, notebook or parameter: nothing has run.
    MissingData
        Surveys are not on disk: nothing has run.
    """
    found = everything(profile, only)
    folder = record_folder(profile)
    folder.mkdir(parents=True, exist_ok=True)
    done = []
    with _file_lock(folder):
        _sweep(folder)
        clock = Clock(
            profile, [n for n, (_, now) in found.items() if force or stale(n, now, profile)]
        )
        for notebook, (parameters, now) in found.items():
            done.append(_one(notebook, parameters, now, folder, clock, force))
    return done


def everything(
    profile: str, only: Sequence[str] = ()
) -> dict[Path, tuple[dict[str, Any], dict[str, str]]]:
    """Notebook -> its parameters and ingredients, of those chosen."""
    check_profile(profile)
    chosen = [find(name) for name in only] or [n for n in notebooks() if has_profile(n, profile)]
    if not chosen:
        raise ValueError(f"no notebooks in {paths.notebooks()}")
    parameters = {notebook: profile_parameters(notebook, profile) for notebook in chosen}
    surveys = {nb: surveys_of({**defaults(nb), **parameters[nb]}) for nb in chosen}
    check_data(surveys.values())
    return {
        nb: (parameters[nb], ingredients(nb, parameters[nb] | {"profile": profile}, surveys[nb]))
        for nb in chosen
    }


def record_folder(profile: str) -> Path:
    """The folder of records and executed notebooks."""
    return paths.build() / "reproduce" / profile


def stale(notebook: Path, now: Mapping[str, str], profile: str) -> list[str]:
    """Why the notebook has to run; empty when it is up to date."""
    before = records.read(record_folder(profile) / f"{notebook.stem}.json")
    return stale_reasons(before, now, record_folder(profile) / notebook.name)


def stale_reasons(
    before: Mapping[str, Any] | None, found: Mapping[str, str], executed: Path
) -> list[str]:
    """Why a notebook with this record has to run; empty when it is up to date."""
    reasons = records.changes(before, found)
    for name, sha in (before or {}).get("products", {}).items():
        path = paths.project() / name
        if not path.is_file() or not path.with_suffix(".json").is_file():
            reasons.append(f"{name} is missing")
        elif paths.sha256(path) != sha:
            reasons.append(f"{name} is not what the last run made")
    if not executed.is_file() and before:
        reasons.append("the executed notebook is missing")
    more = len(reasons) - 6
    return [*reasons[:6], f"and {more} more"] if more > 0 else reasons


def _one(
    notebook: Path,
    parameters: Mapping[str, Any],
    now: Mapping[str, str],
    folder: Path,
    clock: "Clock",
    force: bool,
) -> dict[str, Any]:
    path, name = folder / f"{notebook.stem}.json", notebook.stem
    before = records.read(path)
    reasons = stale_reasons(before, now, folder / notebook.name) or (["asked for"] if force else [])
    if not reasons:
        print(f"{name}: up to date (made {before['date']}); skipped", flush=True)
        return {**before, "status": "up to date"}

    print(f"{name}: running ({'; '.join(reasons)}); {clock.left(name)}", flush=True)
    path.unlink(missing_ok=True)
    products = folder / f"{name}.products.tmp"
    products.unlink(missing_ok=True)
    start = time.perf_counter()
    record = {"notebook": name, "products": {}, "verdicts": {}}
    try:
        run(notebook, folder / notebook.name, parameters, products=products)
    except NotebookError as error:
        seconds = round(time.perf_counter() - start, 1)
        print(f"{name}: FAILED after {seconds:.0f} s\n{error}", flush=True)
        return {**record, "status": "failed", "seconds": seconds, "error": str(error)}
    made = _made(products)
    record |= {
        "seconds": round(time.perf_counter() - start, 1),
        "date": time.strftime("%Y-%m-%d %H:%M", time.localtime()),
        "ingredients": dict(now),
        "products": {relative(path): paths.sha256(path) for path in made},
        "verdicts": _verdicts(made),
    }
    _remove_dropped(before, record)
    records.write_json(path, record)
    products.unlink(missing_ok=True)
    clock.ran(name, record["seconds"])
    print(f"{name}: done in {record['seconds']:.0f} s", flush=True)
    return {**record, "status": "ran"}


def _remove_dropped(before: Mapping[str, Any] | None, record: Mapping[str, Any]) -> None:
    """Take away what the last run made and this one did not: products renamed or dropped.
    A product of another folder of figures, or one that was changed since, stays."""
    old = (before or {}).get("ingredients", {}).get("folder of figures")
    if old != record["ingredients"]["folder of figures"]:
        return
    for name, sha in before["products"].items():
        path = paths.project() / name
        if name not in record["products"] and path.is_file() and paths.sha256(path) == sha:
            path.unlink()
            path.with_suffix(".json").unlink(missing_ok=True)


def _made(products: Path) -> list[Path]:
    if not products.is_file():
        return []
    return [Path(line) for line in dict.fromkeys(products.read_text("utf-8").splitlines())]


def _verdicts(made: Sequence[Path]) -> dict[str, int]:
    import pandas as pd

    from varstar.compendium.published import verdicts

    counts: dict[str, int] = {}
    for path in made:
        if path.stem.startswith("comparison") and path.suffix == ".csv":
            for name, n in verdicts(pd.read_csv(path)).items():
                counts[name] = counts.get(name, 0) + n
    return counts


def _sweep(folder: Path) -> None:
    """Take away what killed runs left half written; nobody else runs here (`_file_lock`)."""
    for place in (folder, paths.figures(), paths.build() / "smoke"):
        for path in place.rglob("*.tmp.*"):
            if path.is_file():
                path.unlink()


@contextmanager
def _file_lock(folder: Path) -> Iterator[None]:
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


# --- how long it takes --------------------------------------------------------------------


class Clock:
    """Estimates what is left, from the seconds that notebooks took here or elsewhere.

    ``figures/seconds.yaml`` of the clone knows each notebook's seconds where the figures
    were made; ``build/reproduce/<profile>/seconds.yaml`` the longest run here. As
    notebooks finish, the estimates of the others follow this machine's pace.
    """

    def __init__(self, profile: str, to_run: Sequence[Path]) -> None:
        self.path = record_folder(profile) / "seconds.yaml"
        committed = paths.committed_figures() / "seconds.yaml"
        self.here = _seconds(self.path)
        self.known = {**_seconds(committed).get(profile, {}), **self.here}
        self.to_run = [notebook.stem for notebook in to_run]
        self.expected_so_far = self.took_so_far = 0.0

    def left(self, name: str) -> str:
        """``"about 4 min, 12 min with what follows"``."""
        if name not in self.to_run:
            self.to_run.insert(0, name)
        pace = self.took_so_far / self.expected_so_far if self.expected_so_far else 1.0
        following = self.to_run[self.to_run.index(name) :]
        all_of_it = sum(map(self._expected, following)) * pace
        guess = "" if name in self.known else " (a guess)"
        alone = _about(self._expected(name) * pace)
        rest = f", {_about(all_of_it)} with what follows" if len(following) > 1 else ""
        return f"about {alone}{guess}{rest}"

    def ran(self, name: str, seconds: float) -> None:
        """Take note of a finished notebook."""
        self.expected_so_far += self._expected(name)
        self.took_so_far += seconds
        self.here[name] = max(seconds, self.here.get(name, 0.0))
        records.write_text(self.path, yaml.safe_dump(self.here))

    def _expected(self, name: str) -> float:
        return self.known.get(name, _UNKNOWN_SECONDS)


def _seconds(path: Path) -> dict[str, Any]:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, yaml.YAMLError):
        return {}


def _about(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{max(1, round(seconds)):.0f} s"


def summary(done: Sequence[Mapping[str, Any]]) -> str:
    """The closing table: notebook, figures, tables, time, verdicts."""
    rows = [("notebook", "status", "figures", "tables", "time", "against the paper")]
    for r in done:
        files = list(r["products"])
        verdicts = ", ".join(f"{n} {name}" for name, n in r["verdicts"].items())
        figures = str(sum(f.endswith(".png") for f in files))
        tables = str(sum(f.endswith(".csv") for f in files))
        clock = f"{int(r['seconds']) // 60} min {int(r['seconds']) % 60:02d} s"
        rows.append((r["notebook"], r["status"], figures, tables, clock, verdicts or "-"))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(x.ljust(w) for x, w in zip(row, widths, strict=True)) for row in rows]
    return "\n".join([lines[0], "-" * (sum(widths) + 2 * len(widths) - 2), *lines[1:]])

"""Would the tests notice? Slips planted at random, room by room: `make mutants`.

cosmic-ray plants them: it mutates the source and needs no cooperation of pytest, whereas mutmut's
trampolines do not get along with importlib mode and with tests that start other processes. A
sample of all its mutants, drawn with a seed, is tried on a copy of the tree in build/mutants;
each is judged by the tests of its own room. Results are kept and not tried again;
docs/mutants.md is written.

    python scripts/mutants.py --each 25 --seed 1
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
FOLDER = TOP / "build" / "mutants"
#: Room -> the tests that are to notice.
ROOMS = {
    "taxonomy": "tests/taxonomy",
    "periods": "tests/periods",
    "features": "tests/features",
    "lightcurves": "tests/lightcurves",
    "learning": "tests/learning",
    "models": " ".join(
        f"tests/models/test_{name}.py"
        for name in ("classifier", "store", "dense", "forward", "cards")
    ),
    "datasets": "tests/datasets",
    "compendium": "tests/compendium",
}
#: Mutants that change nothing that a program could tell: annotations, and text of messages.
IGNORED = ("ExceptionReplacer", "RemoveDecorator")
CONFIG = """\
[cosmic-ray]
module-path = "varstar/{room}"
timeout = {timeout}
excluded-modules = []
test-command = "{python} -m pytest -x -p no:cacheprovider -m 'not slow and not real' {tests}"

[cosmic-ray.distributor]
name = "local"
"""


def copy_of_the_tree() -> Path:
    """A copy whose files may be mutated."""
    tree = FOLDER / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir(parents=True)
    for name in ("varstar", "tests", "notebooks", "docs", "pyproject.toml", "README.md"):
        source = TOP / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, tree / name)
    return tree


def try_room(room: str, each: int, seed: int, timeout: float, tree: Path) -> Path:
    """Try a sample of a room's mutants; the session's file."""
    from cosmic_ray.work_db import WorkDB, use_db
    from cosmic_ray.work_item import WorkerOutcome, WorkResult

    session, config = FOLDER / f"{room}-{seed}.sqlite", FOLDER / f"{room}.toml"
    config.write_text(
        CONFIG.format(room=room, timeout=timeout, python=sys.executable, tests=ROOMS[room])
    )
    environment = {**os.environ, "PYTHONPATH": str(tree), "OMP_NUM_THREADS": "1",
                   "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1",
                   "PYTHONDONTWRITEBYTECODE": "1"}  # fmt: skip
    run = {"cwd": tree, "env": environment, "check": True}
    if not session.is_file():
        subprocess.run(["cosmic-ray", "init", str(config), str(session)], **run)
    with use_db(str(session), WorkDB.Mode.open) as db:
        items = sorted(db.work_items, key=lambda item: item.job_id)
        items = sorted(items, key=lambda item: str(item.mutations[0]))  # job ids are random
        good = [i for i in items if not any(x in i.mutations[0].operator_name for x in IGNORED)]
        chosen = {i.job_id for i in random.Random(seed).sample(good, min(each, len(good)))}
        done = {job for job, _ in db.results}
        for item in items:
            if item.job_id not in chosen and item.job_id not in done:
                db.set_result(item.job_id, WorkResult(WorkerOutcome.SKIPPED))
    subprocess.run(["cosmic-ray", "exec", str(config), str(session)], **run)
    return session


def results(session: Path) -> list[tuple[str, str, str]]:
    """(outcome, place, diff) of every mutant that was tried."""
    from cosmic_ray.work_db import WorkDB, use_db

    with use_db(str(session), WorkDB.Mode.open) as db:
        items = {item.job_id: item.mutations[0] for item in db.work_items}
        found = []
        for job, result in db.results:
            if result.test_outcome is None:
                continue
            m = items[job]
            place = f"{m.module_path}:{m.start_pos[0]} {m.operator_name.rsplit('/', 1)[-1]}"
            found.append((result.test_outcome.value, place, result.diff or ""))
    return sorted(found, key=lambda row: row[1])


def page(rooms: dict[str, list], each: int, seed: int) -> str:
    """docs/mutants.md."""
    text = (
        f"Slips planted by cosmic-ray, at most {each} a room, drawn with seed {seed}; each judged "
        "by the quick tests of its own room alone (`make mutants`). A survivor may be a slip that "
        "changes nothing, or one that only another room's test sees."
    )
    lines = ["# Would the tests notice?", "", text, ""]
    lines += ["| room | tried | noticed | share |", "|---|---|---|---|"]
    for room, rows in rooms.items():
        counts = Counter(outcome for outcome, *_ in rows)
        noticed = sum(counts.values()) - counts["survived"]
        share = f"{noticed / len(rows):.0%}" if rows else ""
        lines.append(f"| {room} | {len(rows)} | {noticed} | {share} |")
    lines += ["", "## Survivors", ""]
    for rows in rooms.values():
        for outcome, place, diff in rows:
            if outcome == "survived":
                body = [x for x in diff.splitlines() if x[:3] not in ("+++", "---")]
                change = " -> ".join(x[1:].strip() for x in body if x[:1] in "+-")
                lines.append(f"- `{place}`: `{change[:160]}`")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Try the mutants of the rooms and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--each", type=int, default=25, help="mutants a room")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--timeout", type=float, default=120, help="seconds a mutant")
    parser.add_argument("--rooms", nargs="*", default=list(ROOMS), choices=list(ROOMS))
    options = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    tree = copy_of_the_tree()
    for room in options.rooms:
        session = try_room(room, options.each, options.seed, options.timeout, tree)
        counts = Counter(outcome for outcome, *_ in results(session))
        print(room, dict(counts), flush=True)
    sessions = {room: FOLDER / f"{room}-{options.seed}.sqlite" for room in ROOMS}
    rooms = {room: results(path) for room, path in sessions.items() if path.is_file()}
    (TOP / "docs" / "mutants.md").write_text(page(rooms, options.each, options.seed), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Would the tests notice? Slips planted at random, room by room: `make mutants`.

cosmic-ray plants them: it mutates the source and needs no cooperation of pytest, whereas mutmut's
trampolines do not get along with importlib mode and with tests that start other processes. A
sample of all its mutants, drawn with a seed, is tried on a copy of the tree in build/mutants;
each is judged by the tests of its own room. Results are kept as long as the room's sources stay
as they are, and docs/mutants.md is written.

    python scripts/mutants.py                      # all rooms, the sizes of ROOMS
    python scripts/mutants.py --rooms periods --each 60 --seed 2
    python scripts/mutants.py --again              # the survivors only, after new tests
    python scripts/mutants.py --page               # only write the page

Slips that change nothing are named, with the reason, in scripts/equivalent_mutants.json.
"""

import argparse
import ast
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

TOP = Path(__file__).resolve().parents[1]
FOLDER = TOP / "build" / "mutants"
EQUIVALENT = TOP / "scripts" / "equivalent_mutants.json"
#: Room -> how many mutants, and the tests that are to notice: its own, the quickest first.
ROOMS = {
    "taxonomy": (25, "tests/taxonomy"),
    "periods": (40, "tests/periods"),
    "features": (40, "tests/features"),
    "lightcurves": (40, "tests/lightcurves"),
    "datasets": (35, "tests/datasets"),
    "models": (25, "tests/models/test_cards.py tests/models/test_dense.py "
                   "tests/models/test_store.py tests/models/test_classifier.py "
                   "tests/models/test_forward.py tests/models/test_answers.py"),
    "learning": (30, "tests/learning/test_evaluate.py tests/learning/test_splits.py "
                     "tests/learning/test_scaling.py tests/learning"),
    "compendium": (25, "tests/compendium --ignore=tests/compendium/test_kills.py"),
}  # fmt: skip
#: Taking away `functools.cache` changes nothing but the time.
IGNORED = ("RemoveDecorator",)
COPIED = ("varstar", "tests", "notebooks", "docs", "figures", "data", "scripts", ".ci",
          "pyproject.toml", "README.md", "CHANGELOG.md", "CITATION.cff", "LICENSE",
          "Makefile", "requirements.lock", "environment.yml", "CONTRIBUTING.md")  # fmt: skip
CONFIG = """\
[cosmic-ray]
module-path = "varstar/{room}"
timeout = {timeout}
excluded-modules = []
test-command = "{command}"

[cosmic-ray.distributor]
name = "local"
"""


class Result(NamedTuple):
    """What became of one mutant."""

    outcome: str
    file: str
    line: int
    operator: str
    change: str  # "the line as it was -> as it became"


def copy_of_the_tree() -> Path:
    """A copy whose files may be mutated."""
    tree = FOLDER / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir(parents=True)
    for name in COPIED:
        source = TOP / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, tree / name)
    return tree


def session_of(room: str, seed: int) -> Path:
    """The file of a room's results: another one whenever the room's sources change."""
    sources = b"".join(p.read_bytes() for p in sorted((TOP / "varstar" / room).rglob("*.py")))
    return FOLDER / f"{room}-{seed}-{hashlib.sha256(sources).hexdigest()[:8]}.sqlite"


def annotations(path: Path) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Where a file's type annotations stand: slips in them change no number."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        for name in ("annotation", "returns"):
            part = getattr(node, name, None)
            if part is not None:
                end = (part.end_lineno, part.end_col_offset)
                found.append(((part.lineno, part.col_offset), end))
    return found


def draw(items: list, each: int, seed: int, tree: Path) -> set[str]:
    """The jobs to try."""
    places: dict[str, list] = {}

    def counts(item: object) -> bool:
        m = item.mutations[0]
        path = str(m.module_path)
        spans = places.setdefault(path, annotations(tree / path))
        in_one = any(a <= tuple(m.start_pos) and tuple(m.end_pos) <= b for a, b in spans)
        return not in_one and not any(x in m.operator_name for x in IGNORED)

    items = sorted(items, key=lambda item: str(item.mutations[0]))  # job ids are random
    good = [item for item in items if counts(item)]
    return {i.job_id for i in random.Random(seed).sample(good, min(each, len(good)))}


def try_room(room: str, each: int, seed: int, tree: Path, *, again: bool) -> None:
    """Try a sample of a room's mutants, or its survivors again."""
    from cosmic_ray.work_db import WorkDB, use_db
    from cosmic_ray.work_item import WorkerOutcome, WorkResult

    session, config = session_of(room, seed), FOLDER / f"{room}.toml"
    command = f"{sys.executable} -m pytest -x -p no:cacheprovider -m 'not slow and not real' "
    command += ROOMS[room][1]
    environment = {**os.environ, "PYTHONPATH": str(tree), "OMP_NUM_THREADS": "1",
                   "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1",
                   "PYTHONDONTWRITEBYTECODE": "1"}  # fmt: skip
    run = {"cwd": tree, "env": environment, "check": True}
    start = time.monotonic()  # without a slip they have to pass, or all would be "noticed"
    subprocess.run(command, shell=True, stdout=subprocess.DEVNULL, **run)
    timeout = 30 + 4 * (time.monotonic() - start)
    config.write_text(CONFIG.format(room=room, timeout=timeout, command=command))
    if not session.is_file():
        subprocess.run(["cosmic-ray", "init", str(config), str(session)], **run)
    with use_db(str(session), WorkDB.Mode.open) as db:
        items = {item.job_id: item for item in db.work_items}
        lived = {job for job, result in db.results if result.test_outcome == "survived"}
        chosen = lived if again else draw(list(items.values()), each, seed, tree)
        done = {job for job, result in db.results if result.test_outcome}
        # `clear` and write again: cosmic-ray has no other way to try one anew
        kept = [(job, r) for job, r in db.results if job in done - (lived if again else set())]
    session.unlink()
    with use_db(str(session), WorkDB.Mode.create) as db:
        db.add_work_items(items.values())
        for job, result in kept:
            db.set_result(job, result)
        skipped = items.keys() - done - chosen
        db.set_multiple_results(skipped, WorkResult(WorkerOutcome.SKIPPED))
    subprocess.run(["cosmic-ray", "exec", str(config), str(session)], **run)


def results(session: Path) -> list[Result]:
    """Every mutant that was tried."""
    from cosmic_ray.work_db import WorkDB, use_db

    with use_db(str(session), WorkDB.Mode.open) as db:
        items = {item.job_id: item.mutations[0] for item in db.work_items}
        tried = [(items[job], r) for job, r in db.results if r.test_outcome is not None]
    found = []
    for m, result in tried:
        body = [x for x in (result.diff or "").splitlines() if x[:3] not in ("+++", "---")]
        change = " -> ".join(x[1:].strip() for x in body if x[:1] in "+-")
        operator = m.operator_name.rsplit("/", 1)[-1]
        path, line = str(m.module_path), m.start_pos[0]
        found.append(Result(result.test_outcome.value, path, line, operator, change))
    return sorted(found, key=lambda row: row[1:])


def why(result: Result, known: list[dict[str, str]]) -> str | None:
    """The reason why a slip changes nothing; None when it should have been noticed."""
    for one in known:
        if one["file"] == result.file and one["change"] == result.change:
            return one["why"]
    return None


def page(rooms: dict[str, list[Result]], seed: int) -> str:
    """docs/mutants.md."""
    known = json.loads(EQUIVALENT.read_text("utf-8"))
    text = (
        f"Slips planted by cosmic-ray ({sum(map(len, rooms.values()))} of them, drawn with seed "
        f"{seed}), each judged by the quick tests of its own room alone: `make mutants` does it "
        "again. *Equivalent* slips change nothing that a program can tell; the share is that of "
        "the others."
    )
    lines = ["# Would the tests notice?", "", text, ""]
    lines += ["| room | tried | equivalent | noticed | survived | share |", f"|{'---|' * 6}"]
    alive, same = [], []
    for room, rows in rooms.items():
        lived = [r for r in rows if r.outcome == "survived"]
        equal = [r for r in lived if why(r, known)]
        noticed, others = len(rows) - len(lived), len(rows) - len(equal)
        share = f"{noticed / others:.0%}" if others else ""
        lines.append(
            f"| {room} | {len(rows)} | {len(equal)} | {noticed} "
            f"| {len(lived) - len(equal)} | {share} |"
        )
        alive += [f"- `{r.file}:{r.line}`: `{r.change[:160]}`" for r in lived if r not in equal]
        same += [f"- `{r.file}:{r.line}`: `{r.change[:160]}`: {why(r, known)}" for r in equal]
    lines += ["", "## Survivors", "", *(alive or ["None."])]
    lines += ["", "## Equivalent, and why", "", *(same or ["None."])]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Try the mutants of the rooms and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--each", type=int, help="mutants a room; else the numbers of ROOMS")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rooms", nargs="*", default=list(ROOMS), choices=list(ROOMS))
    parser.add_argument("--again", action="store_true", help="try the survivors again")
    parser.add_argument("--page", action="store_true", help="only write the page")
    options = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    tree = None if options.page else copy_of_the_tree()
    for room in [] if options.page else options.rooms:
        each = options.each or ROOMS[room][0]
        try_room(room, each, options.seed, tree, again=options.again)
        rows = results(session_of(room, options.seed))
        lived = sum(r.outcome == "survived" for r in rows)
        print(f"{room}: {len(rows)} tried, {lived} survived", flush=True)
    sessions = {room: session_of(room, options.seed) for room in ROOMS}
    rooms = {room: results(path) for room, path in sessions.items() if path.is_file()}
    (TOP / "docs" / "mutants.md").write_text(page(rooms, options.seed), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

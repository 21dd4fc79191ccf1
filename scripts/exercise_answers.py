"""What is right in the exercises: the solutions, run with several seeds.

    python scripts/exercise_answers.py              # all: half an hour on two cores
    python scripts/exercise_answers.py 02 07        # of these notebooks

Writes ``varstar/compendium/answers.json`` (see `varstar.compendium.course`). What each seed gave
is kept in ``build/answers/``; a seed that is there is not run again. Then the solutions are run
with their own seed, and stored as they came out.
"""

import argparse
import json
import os

from varstar import paths
from varstar.compendium import course, stored
from varstar.compendium.run import defaults, run

SEEDS = 5
TARGET = paths.PACKAGE / "compendium" / "answers.json"


def given(number: str, seed: int) -> dict:
    """Exercise -> answer of a notebook's solutions with one seed."""
    solution = next((paths.notebooks() / "solutions").glob(f"{number}_*.ipynb"))
    folder = paths.build() / "answers"
    kept = folder / f"{number}-{seed}.jsonl"
    if not kept.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        with paths.atomic(kept) as temporary:
            os.environ["VARSTAR_ANSWERS"] = str(temporary)
            first = defaults(solution)["seed"]
            run(solution, folder / f"{number}-{seed}.ipynb", {"seed": first + 100 * seed})
    lines = [json.loads(line) for line in kept.read_text("utf-8").splitlines()]
    return {line["exercise"]: line["answer"] for line in lines}


def main() -> None:
    """Run the solutions and write what is right."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    numbers = sorted({name.split(".")[0] for name in course.exercises()})
    parser.add_argument("numbers", nargs="*", default=numbers)
    known = json.loads(TARGET.read_text("utf-8")) if TARGET.is_file() else {}
    for number in parser.parse_args().numbers:
        seeds = [given(number, seed) for seed in range(SEEDS)]
        for exercise in course.exercises():
            if exercise.startswith(f"{number}."):
                known[exercise] = course.allowed(exercise, [s[exercise] for s in seeds])
                print(exercise, [s[exercise] for s in seeds], known[exercise], flush=True)
        with paths.atomic(TARGET) as temporary:
            ordered = {k: known[k] for k in course.exercises() if k in known}
            temporary.write_text(json.dumps(ordered, indent=1) + "\n", "utf-8")
        print(number, "stored" if store(number) else "as it was", flush=True)


def store(number: str) -> bool:
    """Run a notebook's solutions as they are and keep what comes out; whether it changed."""
    solution = next((paths.notebooks() / "solutions").glob(f"{number}_*.ipynb"))
    os.environ.pop("VARSTAR_ANSWERS", None)
    executed = run(solution, paths.build() / "answers" / solution.name, {})
    return stored.store(solution, executed)


if __name__ == "__main__":
    main()

"""The solutions run from top to bottom, in small: what they find is checked by their own size
(`varstar.compendium.course`, scripts/exercise_answers.py)."""

import json
from pathlib import Path

import pytest

from varstar import paths
from varstar.compendium import course
from varstar.compendium.run import run

FOLDER = paths.notebooks() / "solutions"
#: Sizes with which each takes some seconds.
SMALL = {
    "00": {"n_stars": 120, "images_per_class": 20, "epochs": 1},
    "01": {"n_stars": 180, "images_per_class": 24, "epochs": 1},
    "02": {"train_stars": 90, "test_stars": 60},
    "03": {"n_stars": 600, "epochs": 2},
    "04": {"stars": 130, "epochs": 1},
    "05": {"n_stars": 80, "n_lsst": 8, "epochs": 1},
    "06": {"n_stars": 200},
    "07": {"n_stars": 16},
    "S1": {"n_stars": 12, "n_clean": 60, "n_trees": 20},
}


def test_every_solution_is_run():
    assert set(SMALL) == {p.name[:2] for p in FOLDER.glob("*.ipynb")}


@pytest.mark.slow
@pytest.mark.parametrize("number", SMALL)
def test_it_runs_and_answers_every_exercise(number, tmp_path, monkeypatch):
    given = tmp_path / "answers.jsonl"
    monkeypatch.setenv("VARSTAR_ANSWERS", str(given))
    monkeypatch.setenv("VARSTAR_DATA", str(tmp_path))  # simulated stars, wherever it runs
    solution = next(FOLDER.glob(f"{number}_*.ipynb"))
    run(solution, Path(tmp_path, "executed.ipynb"), SMALL[number])
    lines = [json.loads(line) for line in given.read_text("utf-8").splitlines()]
    asked = [e for e in course.exercises() if e.startswith(f"{number}.")]
    assert [line["exercise"] for line in lines] == asked
    for line in lines:
        entry, answer = course.exercises()[line["exercise"]], line["answer"]
        if entry["kind"] == "number":
            low, high = entry["between"]
            assert low <= answer <= high, line
        else:
            options = {str(o) for o in entry["options"]}
            assert set(answer if isinstance(answer, list) else [answer]) <= options, line

"""Exercises that check themselves."""

import json
import math
import re

import pytest

from varstar import paths
from varstar.compendium import course

NUMBERS = [k for k, e in course.exercises().items() if e["kind"] == "number"]
CHOICES = [k for k, e in course.exercises().items() if e["kind"] == "choice"]
FOLDER = paths.notebooks()


def cells(path):
    content = json.loads(path.read_text("utf-8"))
    return [(c["cell_type"], "".join(c["source"]), c.get("outputs", [])) for c in content["cells"]]


@pytest.fixture(autouse=True)
def nobody_records(monkeypatch):
    monkeypatch.delenv("VARSTAR_ANSWERS", raising=False)


def test_every_exercise_has_a_measured_answer():
    assert set(course.answers()) == set(course.exercises())
    assert {a["seeds"] for a in course.answers().values()} == {5}


@pytest.mark.parametrize("exercise", NUMBERS)
def test_a_number_is_right_in_its_range_alone(exercise, capsys):
    low, high = (course.answers()[exercise][k] for k in ("low", "high"))
    least, most = course.exercises()[exercise]["between"]
    assert high - low < 0.6 * (most - least)  # most answers are wrong
    for value, right in (((low + high) / 2, True), (low - 0.02 * (high - low) - 1e-6, False),
                         (high + 0.02 * (high - low) + 1e-6, False)):  # fmt: skip
        if least <= value <= most:
            assert course.is_right(exercise, value) == right
            course.check(exercise, value)
            said = capsys.readouterr().out
            assert said.startswith(f"{exercise}: {'right.' if right else 'not yet.'}")
            assert right or low in (least, most) or str(low) not in said
    for odd in (math.nan, math.inf, most + 1, "many", [], "0.5 mag"):
        course.check(exercise, odd)
        assert "expected a number" in capsys.readouterr().out


@pytest.mark.parametrize("exercise", CHOICES)
def test_some_choices_are_right_and_some_are_wrong(exercise, capsys):
    options = [str(o) for o in course.exercises()[exercise]["options"]]
    right = [o for o in options if course.is_right(exercise, o)]
    # one that five seeds gave and the options lack would never be found
    assert len(right) == len(course.answers()[exercise]["right"])
    assert 0 < len(right) < len(options)
    course.check(exercise, right[0].upper())
    assert capsys.readouterr().out == f"{exercise}: right.\n"
    wrong = next(o for o in options if o not in right)
    course.check(exercise, wrong)
    said = capsys.readouterr().out
    assert "not yet" in said
    assert not any(re.search(rf"\b{re.escape(o)}\b", said) for o in right if len(o) > 2)
    course.check(exercise, "nothing of it")
    assert "is no choice. One of: " in capsys.readouterr().out


def test_no_answer_yet_says_what_is_asked_for(capsys):
    course.check("00.1")
    said = capsys.readouterr().out
    assert "no answer yet. Asked for: one of the three features" in said
    course.hint("00.1")
    assert "variability_features" in capsys.readouterr().out


def test_an_unknown_exercise():
    with pytest.raises(ValueError, match=r"expected one of .*00\.1"):
        course.check("99.1", 3)


def test_what_seeds_allow_by_hand():
    # 0.1 ... 0.3: half of the range more on either side
    made = course.allowed("01.2", [0.1, 0.3, 0.2, 0.2, 0.15])
    assert (made["low"], made["high"]) == (0.0, 0.4)
    made = course.allowed("00.2", [20, 24, 22, 20, 21])  # widened by 15 at least
    assert (made["low"], made["high"]) == (5, 39)
    # two of five seeds make a choice right; one does not
    made = course.allowed("00.4", ["CEP", "CEP", "RRLYR", "DSCT", "DSCT"])
    assert set(made["right"]) == {course.hashed("00.4", c) for c in ("CEP", "DSCT")}
    made = course.allowed("00.1", [["r21", "period"], ["r21"], ["eta"], ["r21"], ["period"]])
    assert set(made["right"]) == {course.hashed("00.1", c) for c in ("r21", "period")}


def test_the_file_gives_nothing_away():
    text = (paths.PACKAGE / "compendium" / "answers.json").read_text()
    assert not re.search(r"[A-Z]{3}|period|r21", text.replace("S1", ""))


@pytest.mark.parametrize("exercise", list(course.exercises()))
def test_it_stands_in_its_notebook_with_a_check_and_a_solution(exercise):
    asked, number = course.exercises()[exercise], exercise.split(".")[0]
    assert asked["level"] in course.LEVELS
    assert asked["hint"]
    notebook = next(FOLDER.glob(f"{number}_*.ipynb"))
    there = cells(notebook)
    heading = f"### Exercise {exercise} · {asked['level']} · {asked['minutes']} min\n"
    place = [k for k, (_, text, _) in enumerate(there) if text.startswith(heading)]
    assert len(place) == 1, heading
    assert f"*Answer with* {asked['asks']}." in there[place[0]][1]
    kind, text, _ = there[place[0] + 1]
    assert kind == "code"
    assert text.endswith(f'answer = None  # yours\ncourse.check("{exercise}", answer)')
    solution = cells(FOLDER / "solutions" / notebook.name)
    checks = [
        (text, outputs) for _, text, outputs in solution if f'course.check("{exercise}"' in text
    ]
    assert len(checks) == 1
    assert "None" not in checks[0][0]
    said = "".join("".join(o.get("text", "")) for o in checks[0][1])
    assert said == f"{exercise}: right.\n", "run the solutions again"

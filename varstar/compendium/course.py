"""Exercises that check themselves: `check` an answer, ask for a `hint`.

What an exercise asks for stands in ``exercises.yaml``; what is right, in ``answers.json``, was
measured: the solutions were run with five seeds (scripts/exercise_answers.py). A number is right
within what those gave, widened; a choice when two of the five made it. The file holds hashes
of right choices, so that a glance at it gives nothing away.
"""

import hashlib
import json
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from varstar.hints import meant

_HERE = Path(__file__).parent
LEVELS = ("begin", "apply", "research")


@cache
def exercises() -> dict[str, dict[str, Any]]:
    """Number of the exercise (``"01.3"``: the third of notebook 01) -> what it asks for."""
    return yaml.safe_load((_HERE / "exercises.yaml").read_text("utf-8"))


@cache
def answers() -> dict[str, dict[str, Any]]:
    """Number of the exercise -> the range of right numbers, or hashes of right choices."""
    return json.loads((_HERE / "answers.json").read_text("utf-8"))


def check(exercise: str, answer: Any = None) -> None:
    """Say whether an answer is right, without saying what is.

    Parameters
    ----------
    exercise : str
        ``"01.3"``.
    answer : number or str, optional
        None: nothing was answered yet.
    """
    asked = _asked(exercise)
    if _recorded(exercise, answer):
        return
    if answer is None:
        print(f"{exercise}: no answer yet. Asked for: {asked['asks']}. {_choices(asked)}".rstrip())
        return
    given = _first(answer)
    wrong = _no_answer(asked, given)
    if wrong:
        print(f"{exercise}: {wrong}")
    elif is_right(exercise, given):
        print(f"{exercise}: right.")
    else:
        print(f'{exercise}: not yet. course.hint("{exercise}") may help.')


def is_right(exercise: str, answer: Any) -> bool:
    """Whether this is a right answer."""
    asked, known = _asked(exercise), answers()[exercise]
    if asked["kind"] == "number":
        return known["low"] <= float(answer) <= known["high"]
    return hashed(exercise, str(answer)) in known["right"]


def hint(exercise: str) -> None:
    """Print where to look."""
    print(f"{exercise}: {_asked(exercise)['hint']}")


def hashed(exercise: str, choice: str) -> str:
    """A choice as it stands in ``answers.json``."""
    text = f"varstar {exercise} {choice.strip().lower()}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def allowed(exercise: str, given: Sequence[Any]) -> dict[str, Any]:
    """What is right, from the solutions' answers with several seeds.

    Parameters
    ----------
    given : sequence
        One answer a seed: a number, a choice, or a list of choices.

    Returns
    -------
    dict
        ``low``, ``high``: the seeds' range, widened by half of itself or the exercise's
        ``widen``, whatever is more. Or ``right``: hashes of choices that two seeds in five made.
    """
    asked = _asked(exercise)
    if asked["kind"] == "number":
        low, high = min(given), max(given)
        more = max((high - low) / 2, asked.get("widen", 0.0))
        least, most = asked["between"]
        low, high = max(low - more, least), min(high + more, most)
        return {"seeds": len(given), "low": round(low, 4), "high": round(high, 4)}
    made = [[str(v) for v in (one if isinstance(one, list) else [one])] for one in given]
    often = {v for one in made for v in one if sum(v in m for m in made) >= 0.4 * len(made)}
    right = sorted(hashed(exercise, v) for v in often)
    return {"seeds": len(given), "right": right}


def _asked(exercise: str) -> Mapping[str, Any]:
    known = exercises()
    if exercise not in known:
        raise ValueError(
            f"exercise: expected one of {list(known)}. Received: {exercise!r}"
            + meant(exercise, known)
        )
    return known[exercise]


def _no_answer(asked: Mapping[str, Any], given: Any) -> str:
    """Why this cannot be an answer; "" where it can."""
    if asked["kind"] == "choice":
        fits = str(given).strip().lower() in [str(o).lower() for o in asked["options"]]
        return "" if fits else f"{given!r} is no choice. {_choices(asked)}"
    try:
        value = float(given)
    except (TypeError, ValueError):
        return f"expected a number. Received: {given!r}"
    low, high = asked["between"]
    if not math.isfinite(value) or not low <= value <= high:
        return f"expected a number between {low} and {high}. Received: {given!r}"
    return ""


def _choices(asked: Mapping[str, Any]) -> str:
    return f"One of: {', '.join(map(str, asked['options']))}." if asked["kind"] == "choice" else ""


def _first(answer: Any) -> Any:
    """Of several the first: solutions give all that they hold for right."""
    several = isinstance(answer, Iterable) and not isinstance(answer, str)
    return next(iter(answer), None) if several else answer


def _recorded(exercise: str, answer: Any) -> bool:
    """For scripts/exercise_answers.py: a line in the file that VARSTAR_ANSWERS names."""
    path = os.environ.get("VARSTAR_ANSWERS")
    if not path or answer is None:
        return False
    plain = [str(v) for v in answer] if isinstance(answer, list) else answer
    plain = plain if isinstance(plain, list | str) else float(plain)
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps({"exercise": exercise, "answer": plain}) + "\n")
    return True

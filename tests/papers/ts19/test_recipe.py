"""What the recipe of ts19-catalina reports, on made-up answers; its training takes hours."""

import numpy as np
import pandas as pd
import pytest

from varstar.papers.ts19 import judging, recipe


def test_scores_of_each_answer():
    truth = np.array(["A", "A", "B", "B"])
    right = np.eye(2)[[0, 0, 1, 1]]
    always_a = np.eye(2)[[0, 0, 0, 0]]
    answers = {"shipped": right, "other": always_a}
    scores = recipe.class_scores(answers, truth, ["A", "B"], seed=0)
    assert scores["f1, out of fold"] == {"A": 1, "B": 1}
    rows = scores["classes, out of fold"]
    assert rows["shipped"]["accuracy"] == rows["shipped"]["macro_f1_low"] == 1
    assert rows["other"]["accuracy"] == 0.5
    assert rows["other"]["macro_f1"] == pytest.approx(1 / 3, abs=1e-4)  # F1 2/3 and 0


def areas(shipped, other):
    """AUC of two classes in one fold: of the shipped score, and of all the others."""
    rows = [
        (score, c, 0, auc)
        for score in judging.CANDIDATES
        for c, auc in zip("AB", shipped if score == judging.SHIPPED else other, strict=True)
    ]
    return pd.DataFrame(rows, columns=["score", "class", "fold", "auc"])


def test_choice_of_the_score():
    scores = recipe.choice_scores(areas([0.9, 0.8], [0.7, 0.8]))
    assert scores["mean"][judging.SHIPPED] == 0.85
    assert scores["mean"][judging.BASELINE] == 0.75
    assert scores["by class"] == {"A": 0.9, "B": 0.8}
    assert scores["by class, baseline"] == {"A": 0.7, "B": 0.8}
    assert scores["sem over classes"][judging.SHIPPED] == 0.05


def test_another_leader_is_told():
    with pytest.warns(UserWarning, match="leads on the known classes; 'misfit"):
        recipe.choice_scores(areas([0.6, 0.6], [0.7, 0.8]))

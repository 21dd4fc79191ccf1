"""Folds and novelty scores of ts19-catalina, on small made-up tables."""

import numpy as np
import pandas as pd
import pytest

from varstar.features import FEATURES
from varstar.papers.ts19 import judging
from varstar.papers.ts19.classifier import PARTS


def test_known_stars_have_a_fold_and_novel_ones_none():
    labels = pd.Series(["EA"] * 9 + ["LPV"] * 3, index=[f"s{k}" for k in range(12)])
    sample = pd.DataFrame({"label": labels})
    known = ~sample["label"].isin(judging.NOVEL).to_numpy()
    fold = judging.folds(sample, known, seed=0)
    assert (fold[~known] == -1).all()
    assert np.bincount(fold[known]).tolist() == [3, 3, 3]


def test_groups_and_candidates_are_about_what_there_is():
    assert judging.SHIPPED in judging.CANDIDATES
    assert judging.BASELINE in judging.CANDIDATES
    assert judging.CANDIDATES[judging.SHIPPED] == PARTS
    grouped = [c for members in judging.GROUPS.values() for c in members]
    assert len(grouped) == len(set(grouped))
    assert not set(grouped) & set(judging.NOVEL)


@pytest.fixture(scope="module")
def table():
    """Two known classes and a third one, far from both, in 20 features."""
    rng = np.random.default_rng(0)
    labels = np.array(["A"] * 400 + ["B"] * 400 + ["C"] * 60, object)
    x = rng.normal(0, 1, (860, 4 + len(FEATURES)))
    x[labels == "B", 0] += 6
    x[labels == "C", :4] += 9
    x[5, 2] = np.nan
    return x, labels


def test_every_candidate_sees_what_is_far_away(table):
    from varstar.learning import novelty

    x, labels = table
    rows = np.flatnonzero((labels != "C") & (np.arange(860) % 2 == 0))
    held = np.flatnonzero((labels != "C") & (np.arange(860) % 2 == 1))
    scores = judging.all_scores(x, labels, rows, held, seed=0)
    assert set(scores) == set(judging.CANDIDATES)
    for name, values in scores.items():
        assert np.isfinite(values).all()
        area = novelty.auc(values[held], values[labels == "C"])
        # The forest is sure of what lies beyond class B; the sixteen were not moved.
        if name in ("misfit", judging.SHIPPED, "isolation", "energy of a Gaussian a class"):
            assert area > 0.9
        if name == judging.BASELINE:
            assert area < 0.7


def test_leaving_a_class_out_finds_it(table, monkeypatch):
    x, labels = table
    monkeypatch.setattr(judging, "GROUPS", {"both": ["A", "C"]})
    fold = np.arange(860) % 2
    areas = judging.leave_one_out([x, x], labels, fold, np.ones(860, bool), ["A", "B", "C"], 0)
    assert set(areas["class"]) == {"A", "B", "C", "both"}
    assert len(areas) == len(judging.CANDIDATES) * 4 * 2
    shipped = areas[areas["score"] == judging.SHIPPED].groupby("class")["auc"].mean()
    assert shipped["C"] > 0.9

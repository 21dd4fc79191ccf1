"""Probabilities, sets and novelty: what they must be by hand."""

import numpy as np
import pandas as pd
import pytest

from varstar.papers.any import calibrate, novelty
from varstar.papers.any.decide import scaled, sets
from varstar.papers.any.fit import FAMILIES, mixed, shares
from varstar.papers.any.look import COLUMNS

N = len(FAMILIES)


def test_overconfident_probabilities_are_cooled_to_the_truth():
    rng = np.random.default_rng(0)
    z = rng.normal(size=(12000, N)) * 1.5
    true = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    code = np.array([rng.choice(N, p=row) for row in true])
    sharp = scaled(true, {"temperature": 0.5, "bias": np.zeros(N)})
    before = calibrate.calibration_error(sharp, code, np.ones(12000))
    state = calibrate.fit(sharp, code, np.ones(12000))
    after = calibrate.calibration_error(scaled(sharp, state), code, np.ones(12000))
    assert state["temperature"] == pytest.approx(2.0, rel=0.1)
    assert after < 0.03 < before


def test_thresholds_cover_most_surveys_and_ignore_none():
    rng = np.random.default_rng(1)
    p = rng.uniform(0, 1, (600, N))
    family = np.full(600, "RR", object)
    survey = np.repeat(["a", "b", "c"], 200)
    p[survey == "b"] *= 0.5  # a survey on which the model is less sure
    limits = calibrate.thresholds(p, family, survey, np.ones(600), coverage=0.9, caution=0.0)
    k = FAMILIES.index("RR")
    assert (p[survey == "b", k] >= limits[k]).mean() == pytest.approx(0.9, abs=0.01)
    assert (p[survey == "a", k] >= limits[k]).mean() > 0.9


def test_a_set_is_empty_only_for_what_looks_new():
    p = np.full((3, N), 0.01)
    p[0, 0], p[1, 2], p[2, 2] = 0.93, 0.3, 0.3
    p[0, 3] = 0.2
    limits = np.full(N, 0.4)
    limits[3] = 0.1
    assert sets(p, limits, np.array([False, False, True])) == [
        f"{FAMILIES[0]}|{FAMILIES[3]}", FAMILIES[2], ""
    ]  # fmt: skip


def test_shares_are_of_each_star_and_its_best_trials():
    score = np.array([0.9, 0.3, 0.1, 0.05, 0.02, 1e-9, 0.2, 0.0])
    offsets = np.array([0, 6, 8])
    share = shares(score, offsets)
    assert np.add.reduceat(share, offsets[:-1]) == pytest.approx([1, 1])
    assert share[4] == share[5] == 0
    assert share[0] / share[1] == pytest.approx(3)
    p = np.eye(8)
    assert mixed(p, share, offsets).sum(axis=1) == pytest.approx([1, 1])


def test_coverage_is_counted_by_survey_and_family():
    stars = pd.DataFrame({"survey": ["a"] * 4, "family": ["RR", "RR", "ECL", "ECL"]})
    p = np.zeros((4, N))
    p[:, FAMILIES.index("RR")] = [0.9, 0.2, 0.6, 0.1]
    p[:, FAMILIES.index("ECL")] = [0.1, 0.8, 0.4, 0.9]
    table = calibrate.coverage_table(p, np.full(N, 0.3), stars, np.ones(4)).set_index("family")
    assert table.loc["RR", "coverage"] == 0.5
    assert table.loc["ECL", "coverage"] == 1.0
    assert table.loc["all", "size"] == pytest.approx(1.25)


def test_what_lies_far_from_every_class_is_new():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(400, len(COLUMNS)))
    group = np.repeat(["RR RRAB", "ECL EA"], 200)
    x[group == "ECL EA"] += 3
    state = novelty.fit(x, group, np.ones(400))
    own = np.repeat([FAMILIES.index("RR"), FAMILIES.index("ECL")], 200)
    near, far = novelty.distance(x, own, state), novelty.distance(x[:50] - 40, own[:50], state)
    assert np.median(far) > 5 * np.median(near)
    # the distance is that to the family that is named; of one that is not known, to any
    assert np.median(novelty.distance(x, own[::-1], state)) > 3 * np.median(near)
    anything = novelty.distance(x, np.full(400, FAMILIES.index("LPV")), state)
    both = np.minimum(near, novelty.distance(x, own[::-1], state))
    np.testing.assert_allclose(anything, both)
    x[0, :5] = np.nan
    assert np.isfinite(novelty.distance(x[:1], own[:1], state)).all()


def test_doubt_and_a_sure_period_make_a_star_news():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(300, len(COLUMNS)))
    state = novelty.fit(x, np.repeat("RR RRAB", 300), np.ones(300))
    p = np.full((300, N), 0.1 / (N - 1))
    p[:, FAMILIES.index("RR")] = 0.9
    base = novelty.score(x, p, np.full(300, 0.2), state)
    assert (novelty.score(x, p, np.full(300, 0.9), state) > base).all()
    p[:, FAMILIES.index("RR")], p[:, FAMILIES.index("ECL")] = 0.5, 0.4 + 0.1 / (N - 1)
    assert (novelty.score(x, p, np.full(300, 0.2), state) > base).all()

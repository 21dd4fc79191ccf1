"""Verdicts follow from numbers: by hand, and with noise that must not decide."""

import numpy as np
import pytest

from varstar.learning import claims
from varstar.learning.evaluate import macro_f1

RNG = np.random.default_rng(3)
TRUTH = RNG.choice(["a", "b", "c"], 600)


def guesses(right, seed):
    rng = np.random.default_rng(seed)
    wrong = rng.random(len(TRUTH)) > right
    return np.where(wrong, rng.choice(["a", "b", "c"], len(TRUTH)), TRUTH)


def test_a_score_and_its_interval():
    guess = guesses(0.8, 1)
    found = claims.resampled(TRUTH, guess, n=400)
    assert found.value == macro_f1(TRUTH, guess)
    low, high = found.interval
    assert low < found.value < high
    expected = 1.96 * np.sqrt(found.value * (1 - found.value) / len(TRUTH))
    assert (high - low) / 2 == pytest.approx(expected, rel=0.3)


def test_differences_are_paired():
    guess = guesses(0.8, 1)
    other = guess.copy()
    other[:30] = TRUTH[:30]
    a, b = (claims.resampled(TRUTH, g, seed=5) for g in (other, guess))
    difference = a - b
    assert difference.value == pytest.approx(a.value - b.value)
    width = np.ptp(difference.interval)
    assert width < np.hypot(np.ptp(a.interval), np.ptp(b.interval)) / 2
    assert (1.0 - a).value == pytest.approx(1 - a.value)
    assert (a - 0.25).interval == pytest.approx(tuple(np.array(a.interval) - 0.25))


def test_stars_are_drawn_not_rows():
    """Four equal rows a star carry the information of one."""
    guess = guesses(0.7, 2)
    alone = claims.resampled(TRUTH, guess, n=400)
    star = np.repeat(np.arange(len(TRUTH)), 4)
    rows = claims.resampled(np.repeat(TRUTH, 4), np.repeat(guess, 4), n=400)
    grouped = claims.resampled(np.repeat(TRUTH, 4), np.repeat(guess, 4), stars=star, n=400)
    assert np.ptp(rows.interval) == pytest.approx(np.ptp(alone.interval) / 2, rel=0.2)
    assert np.ptp(grouped.interval) == pytest.approx(np.ptp(alone.interval), rel=0.2)


def test_seeds_by_hand():
    found = claims.over_seeds([1.0, 2.0, 3.0, 2.0])
    assert found.value == 2.0
    sem = np.std([1, 2, 3, 2], ddof=1) / 2
    assert found.interval == pytest.approx((2 - 3.182 * sem, 2 + 3.182 * sem), rel=2e-3)
    assert np.isnan(claims.over_seeds([0.3]).interval).all()


@pytest.mark.parametrize(
    ("value", "low", "high", "seeds", "expected"),
    [
        (0.02, 0.01, 0.03, None, "holds"),
        (0.02, 0.01, 0.03, 5, "holds"),
        (0.02, 0.01, 0.03, 1, "cannot tell"),  # another machine may turn it round
        (0.09, 0.01, 0.17, 1, "holds"),
        (0.09, -0.01, 0.19, 1, "cannot tell"),
        (-0.02, -0.03, -0.01, None, "does not hold"),
        (-0.02, -0.03, -0.01, 2, "cannot tell"),
        (-0.2, -0.3, -0.1, 1, "does not hold"),
        (np.nan, 0, 1, 1, "cannot tell"),
    ],
)
def test_verdicts(value, low, high, seeds, expected):
    score = claims.Score(value, np.linspace(low, high, 41))
    assert claims.verdict(score, seeds) == expected


def test_a_number_known_to_move_more_needs_more():
    score = claims.Score(0.09, np.linspace(0.01, 0.17, 41))
    assert claims.verdict(score, 1) == "holds"
    assert claims.verdict(score, 1, rerun=0.15) == "cannot tell"
    assert claims.verdict(score, 3, rerun=0.15) == "holds"


def test_one_training_without_interval_needs_the_margin():
    assert claims.verdict(claims.over_seeds([0.03]), 1) == "cannot tell"
    assert claims.verdict(claims.over_seeds([0.08]), 1) == "holds"
    assert claims.verdict(claims.over_seeds([0.08]), None) == "cannot tell"
    assert claims.verdict(None, 5) == "cannot tell"


def test_the_table():
    rows = [
        claims.claim("A beats B (A - B)", "Sect 5", clean=claims.known_interval(0.2, 0.1, 0.3),
                     as_published=claims.known_interval(0.3, 0.2, 0.4), seeds=4),
        claims.claim("C", "Sect 6", clean=None, seeds=None),
    ]  # fmt: skip
    table = claims.table(rows)
    assert list(table.columns) == ["section", "as_published", "clean", "seeds", "verdict"]
    assert table.loc["A beats B (A - B)", "as_published"] == "+0.300 [+0.205, +0.395]"
    assert table["verdict"].tolist() == ["holds", "cannot tell"]
    assert table["seeds"].tolist() == ["4", ""]


def test_recall_of_a_class():
    labels, guess = np.array(["a", "a", "b", "b"]), np.array(["a", "b", "b", "a"])
    assert claims.recall_of("a")(labels, guess) == 0.5
    assert np.isnan(claims.recall_of("z")(labels, guess))


def test_unequal_lengths_are_an_error():
    with pytest.raises(ValueError, match="as many labels as predictions"):
        claims.resampled(["a"], [])

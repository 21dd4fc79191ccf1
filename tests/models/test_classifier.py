"""What the base of all classifiers does, by a classifier that says what it was shown."""

import warnings
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from varstar import make_sample
from varstar.lightcurves.sample import LightCurves
from varstar.models import bands, classifier
from varstar.models.classifier import Classifier
from varstar.models.ensemble import mean_prediction
from varstar.models.periods import given_periods

PERIOD = 0.5437
CARD = {"classes": ["A", "ECL"], "inputs": {"min_points": 20}}


class Told(Classifier):
    """Probabilities by a function of the period, given as `said`."""

    BINARIES = ("ECL",)
    COLUMNS: ClassVar = {"seen_period": "float64", "seen_points": "float64"}
    said = staticmethod(lambda period: 0 * period)
    seen = ()

    def inputs(self, curves, periods):
        self.seen = [*self.seen, (curves, periods)]
        status = np.where(curves.counts == 33, "thirty-three", "ok")
        rows = status == "ok"
        return (periods["period"].to_numpy()[rows], curves.counts[rows]), status

    def predict(self, x):
        binary = self.said(x[0])
        columns = {"seen_period": x[0], "seen_points": x[1]}
        return np.column_stack([1 - binary, binary]), columns


def star(name, n=60, band="V", period=PERIOD, seed=0):
    rng = np.random.default_rng([seed, n])
    t = np.sort(rng.uniform(0, 100, n))
    mag = 15 + 0.3 * np.cos(2 * np.pi * t / period) + rng.normal(0, 0.01, n)
    return pd.DataFrame({"star_id": name, "t": t, "mag": mag, "err": 0.01, "band": band})


@pytest.fixture(scope="module")
def sample():
    table = pd.concat([star("a"), star("b", 33), star("c", 19), star("d", period=0.31, seed=3)])
    return make_sample(table)


def test_rows_that_cannot_be_answered_have_a_reason(sample):
    table = Told(CARD).classify(sample, periods=[0.5, 0.6, 0.7, 0.8])
    assert table["status"].tolist() == ["ok", "thirty-three", "fewer than 20 valid points", "ok"]
    assert table[["A", "probability", "seen_points"]].isna().any(axis=1).tolist() == [
        False, True, True, False]  # fmt: skip
    assert table["seen_period"].iloc[[0, 3]].tolist() == [0.5, 0.8]
    assert table["n_points"].tolist() == [60, 33, 19, 60]
    assert table["period_source"].tolist() == ["given"] * 4


def test_chunks_do_not_matter(sample, monkeypatch):
    whole = Told(CARD).classify(sample)
    monkeypatch.setattr(classifier, "CHUNK", 1)
    pd.testing.assert_frame_equal(Told(CARD).classify(sample), whole)


def test_only_what_is_missing_is_searched(sample, monkeypatch):
    from varstar.periods import find

    searched, search = [], find.find_periods

    def spy(curves, **options):
        searched.append((curves.n_stars, options))
        return search(curves, **options)

    monkeypatch.setattr(find, "find_periods", spy)
    given = [0.5, np.nan, np.nan, np.nan]
    table = Told(CARD).classify(sample, periods=given)
    assert searched == [(2, {"double": False})]  # the star of 19 points is not looked at
    assert table["period_source"].tolist() == ["given", "found", "none", "found"]
    assert table["period"].iloc[[1, 3]].to_numpy() == pytest.approx([PERIOD, 0.31], rel=1e-3)
    assert table["fap"].notna().tolist() == [False, True, False, True]


def test_found_periods_are_used_where_the_model_learned_from_found_ones(sample):
    model = Told(CARD)
    model.PERIODS = "found"
    table = model.classify(sample, periods=[0.9, 0.9, 0.9, 0.9])
    assert table["seen_period"].iloc[0] == pytest.approx(PERIOD, rel=1e-3)
    assert table["period"].iloc[0] == table["seen_period"].iloc[0]
    assert table["period_source"].tolist() == ["found", "found", "none", "found"]


def test_a_given_period_serves_where_the_found_one_is_not_significant():
    noise = star("noise", 25)
    noise["mag"] = 15 + 0.1 * np.random.default_rng(5).normal(size=25)
    sample = make_sample(pd.concat([star("good"), noise]))
    model = Told(CARD)
    model.PERIODS = "checked"
    table = model.classify(sample, periods=[0.9, 0.9])
    assert table["period_source"].tolist() == ["found", "given"]
    assert table["period"].iloc[1] == 0.9
    assert table["fap"].iloc[1] > classifier.SIGNIFICANT


def test_twice_a_found_period_is_kept_where_a_binary_is_surer(sample):
    # At P 0.3, at 2 P 0.8: more than the 0.7 of the other class at P.
    model = Told(CARD)
    model.said = lambda period: np.where(period > 0.9, 0.8, 0.3)
    table = model.classify(sample, periods=[PERIOD, np.nan, np.nan, np.nan])
    assert len(model.seen) == 2  # one look with P, one with 2 P, and no other
    assert table["period"].iloc[0] == PERIOD  # a given one is never doubled
    assert table["period"].iloc[3] == pytest.approx(0.31, rel=1e-3)
    again = model.classify(sample)
    assert again["period"].iloc[0] == pytest.approx(2 * PERIOD, rel=1e-3)
    assert again["seen_period"].iloc[0] == again["period"].iloc[0]
    assert again["label"].iloc[0] == "ECL"
    assert again["ECL"].iloc[0] == 0.8
    none = Told({**CARD, "classes": ["A", "B"]})
    none.said = model.said
    assert none.classify(sample)["period"].iloc[0] == pytest.approx(PERIOD, rel=1e-3)


@pytest.mark.parametrize(
    ("at_p", "at_2p", "kept"),
    [([0.7, 0.3], [0.2, 0.8], 1), ([0.9, 0.1], [0.2, 0.8], 0), ([0.4, 0.6], [0.4, 0.6], 0),
     ([0.7, 0.3], [np.nan, np.nan], 0)],
)  # fmt: skip
def test_the_rule_of_doubling_by_hand(at_p, at_2p, kept):
    assert Told(CARD).choose(np.array([[at_p], [at_2p]])).tolist() == [kept]


def test_ranges_are_counted(sample):
    card = {**CARD, "ranges": {"period [d]": [0.4, 1], "points": [60, 99], "magnitude": [14, 16]}}
    table = Told(card).classify(sample, periods=[0.5, 0.5, 0.5, 2.0])
    assert table["out_of_range"].tolist() == [0, pd.NA, pd.NA, 1]
    dim = sample.copy()
    dim["lc.mag"] = dim["lc.mag"] + 5
    assert Told(card).classify(dim, periods=2.0)["out_of_range"].iloc[0] == 2


# --- bands --------------------------------------------------------------------------------


def curves_of(*stars):
    """A star is a dict of band -> number of points."""
    names = tuple(sorted({b for s in stars for b in s}, reverse=True))
    band = np.concatenate([np.repeat(names.index(b), k) for s in stars for b, k in s.items()])
    n = [sum(s.values()) for s in stars]
    t = np.concatenate([np.arange(k, dtype=float) for k in n])
    flat = (t, 15 + t % 3, 0 * t + 0.1, band.astype(np.int8))
    return LightCurves(*flat, np.concatenate([[0], np.cumsum(n)]), names)


def test_the_band_of_a_star_by_hand():
    curves = curves_of({"V": 5, "I": 9}, {"V": 2, "I": 9}, {"I": 4, "B": 4}, {"R": 3}, {})
    with pytest.warns(UserWarning, match=r"2 stars have several bands.*'B': 1, 'I': 1 stars"):
        kept, used = bands.choose(curves, ["V"], min_points=3)
    assert used.tolist() == ["V", "I", "B", "R", ""]
    assert kept.counts.tolist() == [5, 9, 4, 3, 0]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bands.choose(curves_of({"V": 5, "I": 9}, {"R": 3}), ["V"], min_points=3)


def test_a_band_without_a_measurement_is_not_taken():
    curves = curves_of({"V": 5, "I": 4})
    mag = np.where(np.arange(9) < 5, np.nan, curves.mag)
    _, used = bands.main(curves._replace(mag=mag), ["V"])
    assert used.tolist() == ["I"]


def test_an_unnamed_band_is_the_last_resort():
    _, used = bands.main(curves_of({"V": 5, "?": 9}, {"?": 4}))
    assert used.tolist() == ["V", "?"]


def test_bands_of_a_card():
    assert bands.trained({"inputs": {}}) == []
    assert bands.trained({"inputs": {"bands": None}}) == []
    assert bands.trained({"inputs": {"bands": "V"}}) == ["V"]
    card = {"inputs": {"bands": ["B", "R"], "aliases": {"B": ["B_E"]}}}
    assert bands.trained(card) == ["B", "R", "B_E"]


# --- periods ------------------------------------------------------------------------------


def test_periods_in_every_form(sample):
    values = [0.1, 0.2, 0.3, 0.4]
    by_star = pd.Series(values, index=list("abcd"))
    for form in (values, np.array(values), by_star, by_star.iloc[::-1], by_star.to_frame("period"),
                 by_star.astype("Float64")):  # fmt: skip
        given, search = given_periods(sample, form)
        assert given.tolist() == values
        assert search is None
    assert given_periods(sample, 0.5)[0].tolist() == [0.5] * 4
    assert np.isnan(given_periods(sample, None)[0]).all()
    assert given_periods(sample.assign(period=values), None)[0].tolist() == values
    for wrong in (0, -0.5, np.float64(-1)):
        with pytest.raises(ValueError, match="expected a positive number of days"):
            given_periods(sample, wrong)
    with pytest.warns(UserWarning, match="periods: 1 negative, which count as none"):
        odd = given_periods(sample, [0.0, -1, np.inf, 0.4])[0]
    assert np.isnan(odd).tolist() == [True, True, True, False]
    part = given_periods(sample, by_star.iloc[:1])[0]
    assert np.isnan(part).tolist() == [False, True, True, True]


def test_a_table_of_find_periods_is_a_search(sample):
    table = pd.DataFrame({"period": [1.0, 2], "fap": [0.1, 0.2]}, index=["d", "a"])
    given, search = given_periods(sample, table)
    assert np.isnan(given).all()
    assert search["period"].tolist()[0::3] == [2.0, 1.0]
    assert search["period"].isna().tolist() == [False, True, True, False]
    assert search["gain_2p"].isna().all()


@pytest.mark.parametrize(
    ("periods", "message"),
    [
        ("P", r"periods: no column 'P' in the sample"),
        ([0.1, 0.2], r"periods: expected one .*\(4\). Received shape: \(2,\)"),
        (pd.Series([0.5, 0.7]), r"periods: .* names none of"),
        (pd.Series([0.5, 0.7], index=["a", "a"]), r"periods: expected one .*Received twice"),
        (pd.DataFrame({"P": [1.0]}), r"periods: expected a table with the column 'period'"),
    ],
)
def test_periods_of_nobody(sample, periods, message):
    with pytest.raises(ValueError, match=message):
        given_periods(sample, periods)


# --- networks -----------------------------------------------------------------------------


class Network:
    """Answers with its first input, and remembers the sizes of its batches."""

    def __init__(self):
        self.sizes = []

    def predict_on_batch(self, x):
        x = x if isinstance(x, list) else [x]
        self.sizes.append(len(x[0]))
        return x[0]


@pytest.mark.parametrize("n", [1, 10, 100, 300])
def test_an_ensemble_is_the_mean_and_batches_do_not_matter(n):
    x = [np.random.default_rng(0).uniform(size=(n, 2)), np.zeros((n, 1))]
    one, other = Network(), Network()
    other.predict_on_batch = lambda batch: 1 - batch[0]
    assert mean_prediction([one], x) == pytest.approx(x[0])
    assert len(set(one.sizes)) == 1  # the last batch was filled up
    assert mean_prediction([one, other], x) == pytest.approx(np.full((n, 2), 0.5))

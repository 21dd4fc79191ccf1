"""The runs of S26's notebook: stars, periods, plans, what is withheld."""

import numpy as np
import pandas as pd
import pytest

import varstar as vs
from varstar.papers.s26 import crossmatch, figures, period_success
from varstar.papers.s26 import experiments as runs
from varstar.papers.s26 import inputs as s26
from varstar.papers.s26 import periods as s26_periods

BANDS = ["g", "r"]
IMAGES = {"size": [16, 32], "scales": ["bulk"], "cycles": 2}


@pytest.fixture(scope="module")
def sample():
    everything = vs.load("sim-ztf", size=40, seed=4, bands=BANDS, balance="equal")
    return runs.usable(everything, "superclass", s26.CLASSES, BANDS)[0]


@pytest.fixture(scope="module")
def periods(sample):
    return s26_periods.star_periods(sample, BANDS, samples_per_peak=5)


def test_usable_says_why_not():
    stars = vs.load("sim-ztf", size=30, seed=4, bands=BANDS, balance="equal")
    stars.loc[stars.index[0], "period"] = np.nan
    kept, left_out = runs.usable(stars, "superclass", ["CEP", "ECL", "RRLYR"], BANDS, 30)
    assert set(kept["s26_class"]) == {"CEP", "ECL", "RRLYR"}
    reasons = dict(zip(left_out["reason"], left_out["stars"], strict=True))
    assert len(kept) + sum(reasons.values()) == 30
    assert reasons["class not used"] >= 10
    few = runs.usable(stars, "superclass", s26.CLASSES, BANDS, 10_000)[1]
    assert few["reason"].str.startswith("g: fewer than 10000").any()
    assert (few["reason"] == "no period in the catalogue").any()


def test_periods_blind_and_with_the_answer(sample, periods):
    assert list(periods.columns) == [*BANDS, "all"]
    tuned = s26_periods.tuned_periods(sample, periods, BANDS)
    assert list(tuned.columns) == BANDS
    wrong = {
        name: ((t["r"] / sample["period"] - 1).abs() > 0.15).mean()
        for name, t in (("blind", periods), ("tuned", tuned))
    }
    assert wrong["tuned"] < wrong["blind"]
    assert ((periods["all"] / sample["period"] - 1).abs() < 0.01).mean() > 0.6


def test_copies_before_the_split_stand_on_both_sides(sample):
    per_class = {"train": 20, "validation": 10, "test": 10}
    published = runs.plan_as_published(sample["s26_class"], per_class, seed=1)
    clean = s26.plan(sample["s26_class"], per_class, seed=1)
    for plan in (published, clean):
        counts = plan.groupby(["part", "label"]).size().unstack()
        assert (counts.loc["train"] == 20).all()
        assert (counts.loc["test"] == 10).all()
    assert runs.shared_between_parts(published) > 0.5
    assert runs.shared_between_parts(clean) == 0


def test_parts_and_single_bands(sample, periods):
    plan = s26.plan(sample["s26_class"], {"train": 4, "validation": 2, "test": 2}, seed=1)
    parts = runs.draw_parts(sample, plan, periods, BANDS, seed=1, **IMAGES)
    x, labels = parts["train"]
    assert x.images.shape == (20, 2, 16, 32)
    assert len(labels) == 20
    assert x.periods.shape == (20, 3)
    one = runs.draw_parts(sample, plan, periods, BANDS, only="r", seed=1, **IMAGES)["train"][0]
    assert one.images.shape == (20, 1, 16, 32)
    rows = plan.loc[plan["part"] == "train", "row"].to_numpy()
    assert np.allclose(one.periods[:, 0], np.log10(periods["r"].to_numpy()[rows]), atol=1e-6)
    turned = runs.draw_parts(sample, plan, periods, BANDS, random_phase=True, seed=1, **IMAGES)
    assert not np.array_equal(turned["train"][0].images, x.images)


def test_answers_and_recall_by_hand():
    p = np.array([[0.7, 0.3], [0.2, 0.8], [np.nan, np.nan], [0.6, 0.4]])
    guess = runs.predicted(p, ["A", "B"])
    assert guess.tolist() == ["A", "B", "none", "A"]
    table = runs.recall_table(["A", "B", "A", "B"], guess, ["A", "B", "C"]).set_index("class")
    assert table.loc["A", ["stars", "right", "no_answer"]].tolist() == [2, 1, 1]
    assert table.loc["B", "recall"] == 0.5
    assert np.isnan(table.loc["C", "recall"])
    assert (table["low"].dropna() < 0.5).all()


def test_spoiled_periods(sample, periods):
    spoiled = runs.spoil(sample, periods, BANDS, samples_per_peak=5, images=IMAGES)
    right = spoiled["catalogue"].periods
    assert np.allclose(spoiled["P/2"].periods, right - np.log10(2), atol=1e-6)
    assert np.allclose(spoiled["2P"].periods, right + np.log10(2), atol=1e-6)
    assert np.isnan(spoiled["withheld"].periods).all()
    assert np.array_equal(spoiled["withheld"].images, spoiled["found"].images)
    assert not np.array_equal(spoiled["P/2"].images, spoiled["catalogue"].images)


def test_training_years_and_speed(sample, periods):
    plan = s26.plan(sample["s26_class"], {"train": 6, "validation": 3, "test": 3}, seed=1)
    parts = runs.draw_parts(sample, plan, periods, BANDS, seed=1, **IMAGES)
    fit = runs.train_and_test(
        parts, classes=s26.CLASSES, network="s26-light", training={"epochs": 1}, seed=1
    )
    assert fit["probability"].shape == (15, 5)
    assert np.allclose(fit["probability"].sum(axis=1), 1, atol=1e-5)
    table = runs.recall_by_years(
        fit["model"], sample, [0.05, 5], BANDS, s26.CLASSES, samples_per_peak=5, images=IMAGES
    )
    assert len(table) == 2 * 2 * 5
    short = table[(table["years"] == 0.05) & (table["periods"] == "found")]
    assert short["no_answer"].sum() == len(sample)  # no 20 points in three weeks
    seconds = runs.seconds_to_classify(
        fit["model"], sample, BANDS, 50, images=IMAGES, search=lambda s: s.head()
    )
    assert seconds["stars"].tolist() == [len(sample), 50, 50]
    each = 1e3 * seconds["seconds"] / seconds["stars"]
    assert seconds["milliseconds_a_star"].tolist() == each.tolist()


def test_forest_beside(sample, periods):
    plan = s26.plan(sample["s26_class"], {"train": 5, "validation": 2, "test": 2}, seed=1)
    table = runs.forest_beside(sample, plan, periods, BANDS, n_trees=20)
    assert set(table["bands"]) == {"g", "r", "g+r"}
    tested = set(plan.loc[plan["part"] == "test", "star_id"])
    assert set(table["star_id"]) == tested
    assert (table["label"] == table["predicted"]).mean() > 0.4


def test_periods_of_names_its_methods(sample):
    table = s26_periods.periods_of(sample, BANDS, ["r"], [1, 5], "superclass", samples_per_peak=5)
    assert list(table["method"].unique()) == ["r", "r tuned", "g+r"]
    assert s26_periods.rules_of(table)["g+r"] == "several bands"
    assert s26_periods.rules_of(table)["r tuned"] == "one band"
    assert len(table) == 3 * 2 * len(sample)


def test_one_cepheid_is_the_same_star():
    a, b = (figures.one_cepheid(n, "CEP F", 5.09, 1, seed=3) for n in ("sim-ogle4", "sim-ztf"))
    assert a["period"] == pytest.approx(b["period"], rel=1e-3)
    assert np.ptp(a["t"]) <= 365.25
    assert set(b["band"]) <= {"g", "r", "i"}


def test_lsst_loads_by_name():
    stars = runs.load("sim-lsst", 5, ["g", "r"], seed=1)
    assert len(stars) == 5
    assert isinstance(stars, pd.DataFrame)


@pytest.mark.real
def test_a_real_cepheid(real_data):
    star = figures.one_cepheid("ztf_examples", "Cepheid", 5.0, 3)
    assert len(star["t"]) > 50
    with pytest.raises(ValueError, match="no star"):
        figures.one_cepheid("ztf_examples", "nothing", 5.0, 3)


def test_periods_that_agree_by_hand():
    left = pd.DataFrame({"period": [1.0, 1.0, 1.0, np.nan]}, list("ABCD"))
    right = pd.DataFrame({"period": [1.005, 2.0, 1.3]}, list("abc"))
    matches = pd.DataFrame(
        {"match": ["a", "b", "c", "a"], "separation": 0.5, "dmag": 0.1, "score": [3, 3, 3, 2]},
        list("ABCD"),
    )
    table = crossmatch.periods_agree(left, right, matches).set_index("score")
    assert table.loc[3, ["found", "compared"]].tolist() == [3, 3]
    assert table.loc[3, "agree"] == pytest.approx(2 / 3)
    assert np.isnan(table.loc[2, "agree"])


def test_success_is_drawn(sample):
    table = s26_periods.periods_of(sample, BANDS, ["r"], [1, 5], "superclass", samples_per_peak=5)
    rates = period_success.success_by_years(table, s26_periods.rules_of(table))
    fig = figures.plot_success(pd.concat({"sim-ztf": rates}, names=["survey"]))
    assert len(fig.axes) == 5
    assert len(fig.axes[0].lines) == 3
    with pytest.raises(FileNotFoundError, match="nowhere"):
        crossmatch.stars_of("nowhere")

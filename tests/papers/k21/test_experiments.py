"""K21's experiments: small, on made-up features; and the arithmetic of their parts."""

import numpy as np
import pandas as pd
import pytest

from varstar.features import FEATURES
from varstar.lightcurves.sample import LightCurves
from varstar.papers.k21 import experiments as k21x
from varstar.papers.k21 import probes
from varstar.papers.k21.classifier import K21Classifier

QUICK = {"epochs": 4, "batch_size": 64, "hidden": (8, 8)}


def clouds(n=240, classes=("A", "B", "C"), seed=0):
    rng = np.random.default_rng(seed)
    label = np.resize(classes, n)
    values = rng.gamma(4, 0.25, (n, 16))
    values[:, :6] += pd.Series(range(len(classes)), index=list(classes))[label].to_numpy()[:, None]
    index = pd.Index([f"s{i}" for i in range(n)], name="star_id")
    return pd.DataFrame(values, index, FEATURES), pd.Series(label, index)


@pytest.fixture(scope="module")
def source():
    x, y = clouds()
    test = k21x.reported_stars(y, 0.2, 1)
    return k21x.run(x, y, test, log_train_score=True, **{**QUICK, "epochs": 15})


def test_reported_stars_are_a_stratified_fifth():
    _, y = clouds()
    test = k21x.reported_stars(y, 0.2, 3)
    assert y[test].value_counts().to_dict() == {"A": 16, "B": 16, "C": 16}
    assert (test == k21x.reported_stars(y, 0.2, 3)).all()
    assert (test != k21x.reported_stars(y, 0.2, 4)).any()


def test_as_published_chooses_on_the_test_and_clean_does_not():
    x, y = clouds()
    test = k21x.reported_stars(y, 0.2, 1)
    published = k21x.run(x, y, test, protocol="as_published", **QUICK)
    assert published["mc"] == pytest.approx(published["history"]["mc_val"].max())
    assert published["scaling"]["low"] == pytest.approx(x.min().tolist())  # of all stars
    honest = k21x.run(x, y, test, protocol="clean", **QUICK)
    assert honest["scaling"]["low"] != pytest.approx(x.min().tolist())
    with pytest.raises(ValueError, match="protocol"):
        k21x.run(x, y, test, protocol="other", **QUICK)


def test_a_run_can_be_turned_into_a_classifier(source):
    x, y = clouds()
    classifier = k21x.classifier_of(source, hidden=(8, 8))
    test = k21x.reported_stars(y, 0.2, 1)
    assert (classifier.predict(x[test]) == source["predicted"]).all()
    assert source["history"]["mc_train"].notna().all()


def test_runs_do_not_remember_each_other():
    """They share one compiled network, whose weights must be fresh for each run."""
    x, y = clouds()
    test = k21x.reported_stars(y, 0.2, 1)
    first = k21x.run(x, y, test, seed=5, **QUICK)
    k21x.run(x, y, test, seed=6, **QUICK)
    again = k21x.run(x, y, test, seed=5, **QUICK)
    assert again["probability"] == pytest.approx(first["probability"], abs=1e-5)


def test_transfer_curve(source):
    classifier = k21x.classifier_of(source, hidden=(8, 8))
    x, y = clouds(classes=("X", "Y"), seed=2)
    result = k21x.transfer_curve(x, y, classifier, [0.1, 1.0], 2, epochs=3, hidden=(8, 8))
    table = result["table"]
    # base once a repeat, three models at two fractions
    assert len(table) == 2 * (1 + 3 * 2)
    summary = k21x.curve_summary(table)
    assert set(summary["model"]) == set(k21x.MODELS)
    rows = table.merge(summary.loc[[1], ["model", "fraction"]])
    assert len(rows) == summary["n"][1] == 2
    assert summary["mean_mc"][1] == pytest.approx(rows["mc"].mean())
    assert summary.query("fraction == 0.1")["stars"].tolist() == [19, 19, 19]
    assert {len(h) for h in result["histories"].values()} == {2}


def test_architectures_count_their_parameters():
    x, y = clouds()
    table = k21x.architectures(x, y, ["32"], 1, epochs=2, batch_size=64)
    assert table.loc["32", "parameters"] == 16 * 32 + 32 + 32 * 3 + 3 + 4 * (16 + 32 + 3)
    assert table.loc["32", "best_mc"] == table.loc["32", "mean_mc"]


def test_forest_and_boosting():
    x, y = clouds()
    test = k21x.reported_stars(y, 0.25, 0)
    found = k21x.forest_search(x, y, test, [20], [2, 4], folds=3)
    assert found["mc"] > 0.8
    assert found["variables"] in (2, 4)
    assert sum(found["importance"].values()) == pytest.approx(1)
    assert k21x.boosting(x, y, test, max_iter=10)["mc"] > 0.8


def test_shap_values_find_the_telling_features():
    x, y = clouds()
    x["r21"] += 5 * (y == "B")  # the one feature that tells B from all others
    classifier = K21Classifier(hidden=(16,), epochs=15, batch_size=32, seed=1).fit(x, y)
    table = probes.shap_importance(classifier, x, 8, 12)
    assert table.shape == (16, 3)
    assert table["B"].idxmax() == "r21"


def curves(n_stars=3, n=100):
    rng = np.random.default_rng(0)
    t = np.sort(rng.uniform(0, 1000, (n_stars, n)), axis=1)
    mag = rng.normal(15, 1, (n_stars, n))
    flat = (t.ravel(), mag.ravel(), np.full(t.size, 0.1), np.zeros(t.size, np.int8))
    return LightCurves(*flat, np.arange(n_stars + 1) * n, ("V",))


def test_shuffling_keeps_times_and_the_set_of_magnitudes():
    before = curves()
    after = probes.shuffled(before)
    assert (after.t == before.t).all()
    for i in range(3):
        assert sorted(after.one(i)[1]) == sorted(before.one(i)[1])
        assert (after.one(i)[1] != before.one(i)[1]).any()


def test_resampling():
    thin, rows = probes.resampled(curves(), 500.0, 20)
    assert rows.tolist() == [0, 1, 2]
    assert thin.counts.tolist() == [20, 20, 20]
    for i in range(3):
        t = thin.one(i)[0]
        assert (np.diff(t) > 0).all()
        assert t[-1] - curves().one(i)[0][0] <= 500
    assert probes.resampled(curves(), 500.0, 99)[1].tolist() == []


def test_random_light_curves_are_noise():
    noise = probes.random_light_curves(4, 50)
    assert noise.n_stars == 4
    assert noise.counts.tolist() == [50] * 4
    assert noise.mag.std() == pytest.approx(0.1, rel=0.3)


def test_duration_grid(source):
    labels = pd.Series(["A", "B", "C"])
    classifier = k21x.classifier_of(source, hidden=(8, 8))
    table = probes.duration_grid(
        curves(), labels, {"model": (classifier, str)}, [500.0], [20, 99], minimum=2
    )
    assert table[["days", "points", "stars"]].to_numpy().tolist() == [[500.0, 20, 3]]


def test_classes_of_table_4():
    labels = pd.Series(["EC", "RRAB", "MIRA", "BCEP"])
    assert k21x.to_k21(labels, "sim-asas").tolist()[:3] == ["EB EC", "RRL ab", "LPV"]
    assert k21x.coarse("RRL RRab") == "RRL ab"
    assert k21x.coarse("LPV OSARG AGB") == "LPV"
    assert k21x.coarse("CEPH F") == "CEPH F"


def test_mc_by_class_by_hand():
    scores = k21x.mc_by_class(["a", "a", "b", "b"], ["a", "a", "b", "b"])
    assert scores.to_dict() == {"a": 1.0, "b": 1.0, "Total": 1.0}
    scores = k21x.mc_by_class(["a", "a", "b", "c"], ["a", "a", "c", "b"])
    assert scores["a"] == 1.0
    assert scores["b"] < 0.5


def test_labelled_leaves_out_what_has_no_class_or_no_features():
    x, y = clouds(12)
    x["status"] = "ok"
    x.iloc[0, x.columns.get_loc("status")] = "no points"
    y.iloc[1] = "rare"
    features, labels = k21x.labelled(x, y, minimum=2)
    assert features.columns.tolist() == FEATURES
    assert len(features) == len(labels) == 10


def test_front_door_and_runs_agree_about_scaling():
    x, y = clouds()
    test = k21x.reported_stars(y, 0.2, 1)
    ours = k21x.run(x, y, test, protocol="as_published", **QUICK)["scaling"]  # of all stars
    theirs = K21Classifier(hidden=(8, 8), epochs=1, validation=0.0).fit(x, y)
    assert theirs.scaling_.to_dict() == ours

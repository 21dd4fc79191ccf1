"""The model sm-asas: its inputs, its answers, and that a catalogue's period is not used."""

import numpy as np
import pandas as pd
import pytest

import varstar as vs
from varstar.learning import evaluate
from varstar.lightcurves.sample import light_curves
from varstar.models import store
from varstar.papers.sm import classifier as catch22_classifier
from varstar.papers.sm import recipe as sm_asas


@pytest.fixture(scope="module")
def sample():
    return vs.load("sim-asas", bands="V", size=24, seed=3)


@pytest.fixture(scope="module")
def table(sample):
    return catch22_classifier.all_features(light_curves(sample))


def test_features_of_all_groups(table):
    columns = [c for c in table.columns if c != "status"]
    groups = sm_asas.importance_groups(columns)
    members = [c for g in groups.values() for c in g]
    assert sorted(members) == sorted(columns)
    assert len(set(members)) == len(members)
    assert sm_asas.column_sets(columns)["all"] == columns
    assert len(sm_asas.column_sets(columns)["catch22"]) == 22
    assert table.loc[table["status"] == "ok", "period"].notna().all()


def test_importance_finds_the_group_that_tells_the_class(table):
    columns = [c for c in table.columns if c != "status"]
    rng = np.random.default_rng(0)
    y = np.tile(sm_asas.CLASSES, 40)
    noise = pd.DataFrame(rng.standard_normal((len(y), len(columns))), columns=columns)
    informed = noise.assign(skewness=pd.Series(y).map(sm_asas.CLASSES.index) + 0.0)
    fold = np.arange(len(y)) // 140
    options = {"max_iter": 5, "min_samples_leaf": 5}
    found = sm_asas.importance_out_of_fold(informed, y, fold, options, 0, repeats=1)
    assert found.index[0] == "variability features"
    assert found["drop"].iloc[0] > 0.5
    assert found["drop"].iloc[1:].abs().max() < 0.1
    assert found["columns"].sum() == len(columns)


def test_scaled_inputs_are_finite_and_bounded():
    card = {"columns": ["b", "a"], "centre": [1.0, 0.0], "spread": [2.0, 1.0]}
    rows = pd.DataFrame({"a": [np.nan, 99.0], "b": [5.0, 1.0], "c": 0.0})
    np.testing.assert_allclose(catch22_classifier.network_inputs(rows, card), [[2, 0], [0, 5]])


shipped = pytest.mark.skipif("sm-asas" not in store.available(), reason="not trained yet")


@shipped
def test_it_classifies_simulated_asas_stars(sample):
    answer = vs.classify(sample, model="sm-asas")
    classes = store.card("sm-asas")["classes"]
    known = answer["status"] == "ok"
    assert known.mean() > 0.8
    np.testing.assert_allclose(answer.loc[known, classes].sum(axis=1), 1, atol=1e-5)
    same = sample["label"].isin(classes).to_numpy() & known.to_numpy()
    score = np.mean(answer["label"][same].to_numpy(str) == sample["label"][same].to_numpy(str))
    assert score > 0.5


@shipped
def test_a_period_that_is_given_changes_nothing(sample):
    few = sample.iloc[:4]
    classes = store.card("sm-asas")["classes"]
    with_period = vs.classify(few, model="sm-asas")[classes]
    without = vs.classify(few.drop(columns="period"), model="sm-asas")[classes]
    pd.testing.assert_frame_equal(with_period, without)


@shipped
def test_unusable_stars_say_why(sample):
    t = np.arange(5.0)
    bad = vs.make_sample(
        pd.DataFrame({"star_id": "x", "t": t, "mag": 12 + t % 2, "err": 0.1, "band": "V"})
    )
    answer = vs.classify(bad, model="sm-asas").iloc[0]
    assert answer["status"] != "ok"
    assert np.isnan(answer["probability"])


@shipped
@pytest.mark.real
def test_it_knows_its_training_stars(real_data):
    stars = vs.load("asas_acvs", root=real_data, bands="V", size=80, seed=9)
    classes = store.card("sm-asas")["classes"]
    stars = stars[stars["label"].isin(classes).to_numpy()]
    answer = vs.classify(stars, model="sm-asas")
    known = (answer["status"] == "ok").to_numpy()
    assert evaluate.macro_f1(stars["label"][known], answer["label"][known]) > 0.8

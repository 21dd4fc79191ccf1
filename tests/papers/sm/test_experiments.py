"""Santomena & Mufti: networks, the balanced sets, series for recurrent networks, importance."""

import numpy as np
import pandas as pd
import pytest

from varstar import models
from varstar.compendium.published import quantities
from varstar.learning import evaluate
from varstar.learning.explain import group_importance
from varstar.lightcurves.sample import LightCurves
from varstar.papers.sm import experiments as sm


@pytest.fixture(scope="module")
def parts():
    return sm.load_parts("sim-asassn", train_stars=90, test_stars=60, seed=1)


def test_final_network_has_the_papers_layers():
    network = models.build("sm")
    assert [layer.units for layer in network.layers if hasattr(layer, "units")] == [128, 64, 9]
    assert sum("dropout" in layer.name for layer in network.layers) == 2
    # 22 * 128 + 128, 128 * 64 + 64, 64 * 9 + 9
    assert network.count_params() == 2944 + 8256 + 585


def test_first_network_has_links_and_leaky_units():
    network = models.build("sm-first", n_inputs=5, n_classes=3, units=(8, 8, 4, 4))
    kinds = [type(layer).__name__ for layer in network.layers]
    assert kinds.count("Add") == 2
    assert kinds.count("LeakyReLU") == kinds.count("Dropout") == 4
    assert network.output.shape == (None, 3)


def test_masked_steps_do_not_count():
    network = models.build(
        "sm-recurrent", n_steps=6, cell="simple", bidirectional=False, masked=True
    )
    x = np.zeros((1, 6, 2), np.float32)
    x[0, :3] = 0.5
    longer = models.build(
        "sm-recurrent", n_steps=9, cell="simple", bidirectional=False, masked=True
    )
    longer.set_weights(network.get_weights())
    y = np.zeros((1, 9, 2), np.float32)
    y[0, :3] = 0.5
    np.testing.assert_allclose(sm.outputs(network, x), sm.outputs(longer, y), atol=1e-6)
    with pytest.raises(ValueError, match="cell"):
        models.build("sm-recurrent", cell="lstm")


def test_the_ladder_is_the_papers():
    rungs = {q.split(".")[1] for q in quantities("sm").index if q.startswith("sec6b.")}
    assert rungs == set(sm.LADDER)
    for network, options, batch in sm.LADDER.values():
        assert models.build(network, **options).count_params() > 0
        assert batch in (32, 128)


def test_parts_are_apart_and_balanced(parts):
    parts, left_out = parts
    names = [set(parts[k].index) for k in ("train", "validation", "test")]
    assert len(names[0] | names[1] | names[2]) == sum(map(len, names))
    known = pd.concat([parts["train"]["sm_class"], parts["validation"]["sm_class"]]).value_counts()
    assert set(known.index) == set(sm.CLASSES)
    assert known.max() <= 11
    assert len(parts["natural"]) > 80
    assert list(left_out.columns) == ["reason", "stars"]


@pytest.mark.real
def test_parts_of_a_real_survey(real_data):
    parts, _ = sm.load_parts("asas_macc_training", scheme="sm", train_stars=80, seed=0)
    assert set(parts["train"].index).isdisjoint(parts["test"].index)
    assert set(parts["natural"].index).isdisjoint(parts["test"].index)


def test_class_counts():
    counts = sm.class_counts("sim-asassn", 10_000)
    assert counts.sum() == 10_000
    assert counts.is_monotonic_decreasing
    assert {"SR", "EW"} <= set(counts.index)


def test_scaling_by_the_training_set_alone():
    train = pd.DataFrame({"a": [0.0, 1.0, 2.0, np.nan], "b": 7.0})
    scaler = sm.feature_scaler(train)
    z = scaler(pd.DataFrame({"b": [7.0, 8.0], "a": [np.nan, 1e9]}))
    np.testing.assert_allclose(z, [[0, 0], [5, 1]])
    np.testing.assert_allclose(scaler(train)[1], [0, 0])


def curve(n):
    t = np.arange(float(n))
    return LightCurves(t, 10 + t % 2, np.ones(n), np.zeros(n, np.int8), np.array([0, n]), ("V",))


def test_windows_and_padding():
    short, long = sm.windows(curve(4), 15), sm.windows(curve(40), 15, seed=3)
    assert short.shape == long.shape == (1, 15, 2)
    np.testing.assert_allclose(short[0, :4, 1], [-0.5, 0.5, -0.5, 0.5])
    assert not short[0, 4:].any()
    np.testing.assert_allclose(np.diff(long[0, :, 0]), 0.01, rtol=1e-4)
    whole = sm.padded(curve(5), 8)
    assert whole.shape == (1, 8, 2)
    assert not whole[0, 5:].any()
    assert sm.padded(curve(5)).shape == (1, 5, 2)


def test_sequences_are_scores_with_scatter_and_period():
    x = sm.sequences(curve(40), "profile", np.array([2.0]), 8)
    assert x.shape == (1, 8, 3)
    np.testing.assert_allclose(x[0, :, 0].mean(), 0, atol=1e-6)
    np.testing.assert_allclose(x[0, :, 2], np.log10(2), rtol=1e-6)
    none = sm.sequences(curve(40), "profile", np.array([np.nan]), 8)
    assert not none.any()
    assert sm.sequences(curve(40), "resampled", np.array([np.nan]), 8).shape == (1, 8, 2)


def test_a_network_learns_what_is_plain_and_goes_on(tmp_path):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((200, 3)).astype(np.float32)
    y = np.where(x[:, 0] > 0, "b", "a")
    settings = dict(options={"units": [8, 4]}, classes=["a", "b"], learning_rate=0.02, seed=1)
    whole = sm.fit_network(x, y, x, y, epochs=8, **settings)
    assert evaluate.macro_f1(y, sm.predict(whole["model"], x, ["a", "b"])) > 0.9
    sm.fit_network(x, y, x, y, epochs=3, folder=tmp_path, **settings)
    rest = sm.fit_network(x, y, x, y, epochs=8, folder=tmp_path, **settings)
    np.testing.assert_allclose(rest["history"]["loss"], whole["history"]["loss"], rtol=1e-4)


def test_augmentation_trial_scores_all_three(parts):
    from varstar.features.catch22 import catch22_features

    sample, test = parts[0]["train"], parts[0]["test"]
    found = sm.augmentation_trial(
        sample, catch22_features(test).drop(columns="status"), test["sm_class"].to_numpy(str),
        per_class=1, copies=1, seed=0,
    )  # fmt: skip
    assert set(found) == {"none", "noise", "gp"}
    assert all(0 <= v <= 1 for v in found.values())


def test_importance_finds_the_column_that_matters():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.standard_normal((300, 3)), columns=["x", "twin", "idle"])
    table["twin"] = table["x"]
    labels = np.where(table["x"] > 0, "b", "a")

    def predict(rows):
        return np.where(rows["x"] + rows["twin"] > 0, "b", "a")

    out = group_importance(predict, table, labels, {"both": ["x", "twin"], "idle": ["idle"]})
    assert out.loc["both", "drop"] == pytest.approx(0.5, abs=0.1)
    assert out.loc["idle", "drop"] == 0
    assert out.index[0] == "both"
    with pytest.raises(ValueError, match="no columns"):
        group_importance(predict, table, labels, {"a": ["z"]})

"""K21: the network, its training rule, scaling, the front door."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.metrics import matthews_corrcoef

from varstar import models
from varstar.features import FEATURES
from varstar.papers.k21 import classifier as k21
from varstar.papers.k21.classifier import K21Classifier


def clouds(n=300, classes=("A", "B", "C"), seed=0, shift=0.0):
    """Features of separable classes: positive, as most of the sixteen are."""
    rng = np.random.default_rng(seed)
    label = rng.choice(classes, n)
    centre = pd.Series(range(1, len(classes) + 1), index=list(classes))[label].to_numpy()
    values = rng.gamma(4, 0.25, (n, 16)) + shift
    values[:, :6] += centre[:, None]
    return pd.DataFrame(values, columns=FEATURES), label


def quick(**options):
    return K21Classifier(**{"epochs": 25, "batch_size": 64, "hidden": (16, 16)} | options)


@pytest.fixture(scope="module")
def fitted():
    x, y = clouds()
    return quick().fit(x, y), x, y


# --- the network


def trainable(model):
    return sum(int(np.prod(w.shape)) for w in model.trainable_weights)


def test_the_paper_s_number_of_parameters():
    model = models.build("k21")
    assert trainable(model) == 48_799
    assert model.output_shape == (None, 21)


def test_sizes_of_table_3():
    from varstar.papers.k21.network import ARCHITECTURES, build_k21

    assert len(ARCHITECTURES) == 13
    # by hand: 16*32+32 + 32*21+21 of dense, 2*(16+32+21) of normalisation
    assert trainable(build_k21(hidden=ARCHITECTURES["32"])) == 544 + 693 + 138


def test_probabilities_sum_to_one():
    model = models.build("k21", n_classes=5)
    p = np.asarray(model(np.random.default_rng(0).normal(size=(7, 16)).astype("float32")))
    assert p.shape == (7, 5)
    assert p.sum(axis=1) == pytest.approx(np.ones(7), abs=1e-5)


@pytest.mark.parametrize("last_only", [False, True])
def test_transfer_copies_all_but_the_output(last_only):
    from varstar.papers.k21.network import OUTPUT_LAYERS, transferred

    source = models.build("k21", n_classes=5, dropout=0.1)
    target = transferred(source, 3, last_only)
    assert target.output_shape == (None, 3)
    for layer in source.layers:
        if layer.name not in OUTPUT_LAYERS:
            for a, b in zip(layer.get_weights(), target.get_layer(layer.name).get_weights(),
                            strict=True):  # fmt: skip
                assert (a == b).all()
    expected = 256 * 3 + 3 + 2 * 3 if last_only else trainable(models.build("k21", n_classes=3))
    assert trainable(target) == expected


# --- training


def test_the_rate_falls_after_three_stale_epochs_and_returns():
    from varstar.papers.k21.training import CyclicalRate

    rule = CyclicalRate()
    rates = [rule.update(score) for score in (0.5, 0.6, 0.6, 0.6, 0.6, 0.7)]
    assert rates == pytest.approx([0.1, 0.1, 0.1, 0.1, 0.01, 0.01])
    rates = [rule.update(0.1) for _ in range(3 * 8)]
    assert rates[-1] == pytest.approx(1e-10)
    assert [rule.update(0.1) for _ in range(3)][-1] == 0.1  # below 1e-10: back
    assert rule.update(0.05) == 0.1  # and a new cycle counts from anew
    assert rule.best == 0.05


def test_mc_by_hand_and_against_sklearn():
    from varstar.papers.k21.training import mc_score

    true = np.array([0, 0, 1, 1])
    assert mc_score(true, true, 2) == 1
    assert mc_score(true, 1 - true, 2) == 0
    assert mc_score(true, np.zeros(4, int), 2) == 0.5
    rng = np.random.default_rng(1)
    a, b = rng.integers(0, 5, 200), rng.integers(0, 5, 200)
    assert mc_score(a, b, 5) == pytest.approx((1 + matthews_corrcoef(a, b)) / 2)


def test_class_weights_are_equation_12():
    from varstar.papers.k21.training import class_weights

    weights = class_weights(np.array([0, 0, 0, 1]), 3)
    assert weights == pytest.approx([0.25, 0.75, 0])


def test_over_sampling_levels_the_classes():
    from varstar.papers.k21.training import over_sample

    y = np.array([0] * 10 + [1] * 3)
    rows = over_sample(y, np.random.default_rng(0))
    assert np.bincount(y[rows]).tolist() == [10, 10]
    assert set(range(13)) <= set(rows.tolist())


def test_training_keeps_the_best_epoch():
    import keras

    from varstar.papers.k21.training import mc_score, predict, train

    x, label = clouds(200)
    y = np.unique(label, return_inverse=True)[1]
    x = x.to_numpy("float32")
    keras.utils.set_random_seed(0)
    model = models.build("k21", n_classes=3, hidden=(8,))
    history = train(model, x[:150], y[:150], x[150:], y[150:], epochs=12, batch_size=32,
                    watch_training=True)  # fmt: skip
    assert history.index.tolist() == list(range(1, 13))
    assert history.mc_train.iloc[-1] > history.mc_train.iloc[0]
    kept = mc_score(y[150:], predict(model, x[150:]).argmax(axis=1), 3)
    assert kept == pytest.approx(history.mc_val.max()) == pytest.approx(history.attrs["best"])


def test_the_callback_follows_the_same_rule():
    import keras

    from varstar.papers.k21.training import CyclicalRate, CyclicalRateCallback, mc_score, predict

    x, label = clouds(200)
    y = np.unique(label, return_inverse=True)[1]
    x = x.to_numpy("float32")
    keras.utils.set_random_seed(0)
    model = models.build("k21", n_classes=3, hidden=(8,))
    model.compile(keras.optimizers.SGD(0.5), "sparse_categorical_crossentropy")
    callback = CyclicalRateCallback(x[150:], y[150:], patience=1)
    model.fit(x[:150], y[:150], epochs=10, verbose=0, callbacks=[callback])
    rule, rates = CyclicalRate(patience=1), [0.1]
    for row in callback.history:
        rates.append(rule.update(row["mc_val"]))
    assert [row["rate"] for row in callback.history] == pytest.approx(rates[:-1])
    kept = mc_score(y[150:], predict(model, x[150:]).argmax(axis=1), 3)
    assert kept == pytest.approx(max(row["mc_val"] for row in callback.history))


# --- scaling


def test_published_scaling_by_hand():
    table = pd.DataFrame({"period": [1.0, 10.0, 100.0], "r21": [0.0, 1.0, 2.0]})
    state = k21.fit_scaling(table)
    logs = np.log10([1, 10, 100])  # x - min + 1
    expected = np.column_stack([logs, [0, 1, 2]])
    expected = (expected - expected.mean(axis=0)) / expected.std(axis=0)
    assert k21.scale(table, state) == pytest.approx(expected, rel=1e-5)
    assert json.loads(json.dumps(state)) == state


@pytest.mark.parametrize("scaling", ["published", "log"])
def test_scaled_features_are_finite_whatever_comes(scaling):
    x, _ = clouds(50)
    state = k21.fit_scaling(x, scaling)
    strange = x.iloc[:5].copy()
    strange.iloc[0] = np.nan
    strange.iloc[1] = -1e9
    strange.iloc[2] = 1e9
    strange.iloc[3] = 0.0
    z = k21.scale(strange, state)
    assert np.isfinite(z).all()
    assert np.abs(z).max() <= k21.CUT
    assert (z[0] == 0).all()
    assert k21.out_of_range(strange, state).tolist()[:3] == [16, 16, 16]
    assert k21.out_of_range(x, state).max() == 0


def test_a_constant_feature_scales_to_zero():
    x, _ = clouds(20)
    x["r21"] = 3.0
    assert (k21.scale(x, k21.fit_scaling(x))[:, FEATURES.index("r21")] == 0).all()


# --- the front door


def test_learns_separable_classes(fitted):
    classifier, x, y = fitted
    other, labels = clouds(200, seed=9)
    assert (classifier.predict(other) == labels).mean() > 0.9
    assert classifier.classes_.tolist() == ["A", "B", "C"]
    assert classifier.score(x, y) > 0.9


def test_is_a_scikit_learn_classifier(fitted):
    copy = clone(fitted[0])
    assert copy.get_params() == fitted[0].get_params()
    assert not hasattr(copy, "networks_")
    with pytest.raises(ValueError, match="not been fitted"):
        copy.predict(fitted[1])


def test_probabilities_are_never_nan(fitted):
    classifier, x, _ = fitted
    broken = x.iloc[:3].copy()
    broken.iloc[0, 2] = np.nan
    broken.iloc[1, 2] = np.inf
    broken.iloc[2, 2] = 1e6
    p = classifier.predict_proba(broken)
    assert np.isfinite(p).all()
    assert p.sum(axis=1) == pytest.approx(np.ones(3), abs=1e-5)
    assert (classifier.out_of_range(broken) > 0).all()


def test_same_seed_same_result():
    x, y = clouds(120)
    a, b = (quick(epochs=4).fit(x, y).predict_proba(x) for _ in range(2))
    assert a == pytest.approx(b, abs=1e-6)


@pytest.mark.parametrize("layers", ["every", "last"])
def test_transfer_to_other_classes(fitted, layers):
    source, *_ = fitted
    x, y = clouds(120, classes=("X", "Y"), seed=3, shift=0.2)
    before = [w.copy() for w in source.networks_[0].get_weights()]
    target = source.transfer(x, y, layers=layers, epochs=15)
    assert target.classes_.tolist() == ["X", "Y"]
    assert target.scaling_ == source.scaling_
    assert (target.predict(x) == y).mean() > 0.85
    for a, b in zip(before, source.networks_[0].get_weights(), strict=True):
        assert (a == b).all()


def test_save_and_load(fitted, tmp_path):
    classifier, x, _ = fitted
    classifier.save(tmp_path / "model")
    again = K21Classifier.load(tmp_path / "model")
    assert again.get_params() == classifier.get_params()
    assert again.predict_proba(x) == pytest.approx(classifier.predict_proba(x), abs=1e-6)
    with pytest.raises(FileNotFoundError):
        K21Classifier.load(tmp_path)


def test_several_networks_and_class_weights():
    x, y = clouds(150)
    classifier = quick(epochs=6, n_networks=2, weight_class=True).fit(x, y)
    assert len(classifier.networks_) == len(classifier.history_) == 2
    assert classifier.predict_proba(x).shape == (150, 3)


def test_a_subset_of_features(fitted):
    x, y = clouds(150)
    columns = [c for c in FEATURES if c != "period"]
    classifier = quick(epochs=6).fit(x, y, columns=columns)
    assert classifier.predict(x[columns]).shape == (150,)
    assert classifier.n_features_in_ == 15


def test_usage_errors(fitted):
    x, y = clouds(30)
    with pytest.raises(ValueError, match="two classes"):
        quick().fit(x, ["A"] * 30)
    with pytest.raises(ValueError, match="labels"):
        quick().fit(x, y[:-1])
    with pytest.raises(ValueError, match="Missing"):
        fitted[0].predict(x.drop(columns="r21"))
    with pytest.raises(ValueError, match="shape"):
        fitted[0].predict(x.to_numpy()[:, :3])
    with pytest.raises(ValueError, match="layers"):
        fitted[0].transfer(x, y, layers="some")
    with pytest.raises(ValueError, match="scaling"):
        k21.fit_scaling(x, "other")


def test_stratified_part_leaves_one_of_each_class():
    y = np.array([0] * 100 + [1] * 2 + [2])
    part = k21.stratified_part(y, 0.2, np.random.default_rng(0))
    assert np.bincount(y[part], minlength=3).tolist() == [20, 1, 0]
    assert not k21.stratified_part(y, 0.0, np.random.default_rng(0)).any()

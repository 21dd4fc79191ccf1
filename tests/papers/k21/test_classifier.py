"""K21: the network, its training rule, scaling, the front door."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import parametrize_with_checks

from varstar import models
from varstar.features import FEATURES
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

    from varstar.learning.evaluate import mc
    from varstar.papers.k21.training import predict, train

    x, label = clouds(200)
    y = np.unique(label, return_inverse=True)[1]
    x = x.to_numpy("float32")
    keras.utils.set_random_seed(0)
    model = models.build("k21", n_classes=3, hidden=(8,))
    history = train(model, x[:150], y[:150], x[150:], y[150:], epochs=12, batch_size=32,
                    log_train_score=True)  # fmt: skip
    assert history.index.tolist() == list(range(1, 13))
    assert history.mc_train.iloc[-1] > history.mc_train.iloc[0]
    kept = mc(y[150:], predict(model, x[150:]).argmax(axis=1))
    assert kept == pytest.approx(history.mc_val.max()) == pytest.approx(history.attrs["best"])


def test_the_rate_steps_and_the_validation_stars_are_not_learned_from(monkeypatch):
    import keras

    from varstar.learning import training as learning
    from varstar.papers.k21.training import CyclicalRate, train

    x, label = clouds(120)
    y = np.unique(label, return_inverse=True)[1]
    x = x.to_numpy("float32")
    seen, rates = [], []

    def spy(model, batches):
        rates.append(float(model.optimizer.learning_rate.numpy()))
        seen.extend(batches[i][0] for i in range(len(batches)))
        return learning.fit_epoch_on_batches(model, batches)

    whole = learning.train
    monkeypatch.setattr(learning, "train", lambda *a, **o: whole(*a, **{**o, "fit": spy}))
    keras.utils.set_random_seed(0)
    history = train(models.build("k21", n_classes=3, hidden=(8,)), x[:90], y[:90], x[90:], y[90:],
                    epochs=8, batch_size=32, rate=0.5, patience=1)  # fmt: skip
    rule, expected = CyclicalRate(0.5, patience=1), [0.5]
    for score in history["mc_val"]:
        expected.append(rule.update(score))
    assert rates == pytest.approx(expected[:-1])  # what the optimizer stepped with
    assert history["rate"].tolist() == pytest.approx(rates)
    assert len(set(rates)) > 1
    learned = {row.tobytes() for row in np.concatenate(seen)}
    assert learned == {row.tobytes() for row in x[:90]}
    assert not learned & {row.tobytes() for row in x[90:]}


def test_k21_s_training_resumes_with_the_same_bits(tmp_path, monkeypatch):
    from varstar.learning.training import seeded
    from varstar.papers.k21 import training

    x, label = clouds(90)
    y = np.unique(label, return_inverse=True)[1]
    x = x.to_numpy("float32")

    def run(epochs, folder=None):
        with seeded(1):
            model = models.build("k21", n_classes=3, hidden=(8,), dropout=0.2)
        history = training.train(
            model, x[:60], y[:60], x[60:], y[60:], epochs=epochs, seed=4,
            batch_size=16, balanced=True, patience=1, folder=folder,
        )  # fmt: skip
        return model.get_weights(), history

    weights, history = run(6)
    run(3, tmp_path)  # as if killed after three epochs
    again, resumed = run(6, tmp_path)
    assert resumed.equals(history)
    assert all((a == b).all() for a, b in zip(weights, again, strict=True))


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
    with pytest.raises(NotFittedError, match="not fitted yet"):
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
    classifier = quick(epochs=6, columns=columns).fit(x, y)
    assert classifier.predict(x[columns]).shape == (150,)
    assert classifier.n_features_in_ == 15


def test_usage_errors(fitted):
    x, y = clouds(30)
    with pytest.raises(ValueError, match="two classes"):
        quick().fit(x, ["A"] * 30)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        quick().fit(x, y[:-1])
    with pytest.raises(ValueError, match="Missing"):
        fitted[0].predict(x.drop(columns="r21"))
    with pytest.raises(ValueError, match="expecting 16 features"):
        fitted[0].predict(x.to_numpy()[:, :3])
    with pytest.raises(ValueError, match="layers"):
        fitted[0].transfer(x, y, layers="some")
    with pytest.raises(ValueError, match="scaling"):
        quick(scaling="other").fit(x, y)


#: Columns of a table are taken by name, whatever their order and whatever else is there.
EXPECTED_TO_FAIL = {
    "check_dataframe_column_names_consistency": "columns are taken by their names",
}


@parametrize_with_checks(
    [K21Classifier(hidden=(8,), epochs=12, batch_size=32)],
    expected_failed_checks=lambda estimator: EXPECTED_TO_FAIL,
)
def test_scikit_learns_contract(estimator, check):
    check(estimator)

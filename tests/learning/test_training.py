import json
from pathlib import Path

import keras
import numpy as np
import pytest

from varstar.learning.evaluate import one_hot
from varstar.learning.training import (
    Batches,
    array_batches,
    as_channels,
    fit_epoch,
    fit_epoch_on_batches,
    predict,
    reseed,
    seeded,
    train,
)

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 3)).astype(np.float32)
Y = one_hot(np.where(X[:, 0] > 0, "A", "B"), ["A", "B"])


def network(learning_rate=0.05, eager=True):
    """Four units, with dropout: a training that has something random in it.

    `eager`: not compiled to a graph, which takes longer than these trainings do.
    """
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(4, activation="tanh"),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
    model.compile(
        keras.optimizers.Adam(learning_rate),
        "categorical_crossentropy",
        metrics=["accuracy"],
        run_eagerly=eager,
    )
    return model


VALIDATION = array_batches(X, Y, 40)


def batches(epoch):
    return array_batches(X, Y, 16, seed=epoch)


def scripted(values):
    """An `on_epoch` that puts `values` in the history, one an epoch."""

    def on_epoch(epoch, model, row):
        row["val_loss"] = values[epoch]
        model.layers[0].bias.assign(np.full(4, float(epoch)))

    return on_epoch


def run(values, **options):
    """A training whose validation loss is `values`: its history, and the epoch it kept."""
    model = network(0.0)
    options = {"epochs": len(values), **options}
    history = train(model, lambda epoch: VALIDATION, on_epoch=scripted(values), **options)
    return history, int(model.layers[0].bias.numpy()[0]) + 1


# --- resuming ---------------------------------------------------------------------------


class Killed(BaseException):
    """As a signal: no handler of errors sees it."""


def kill_at(epoch):
    def on_epoch(now, model, row):
        if now == epoch:
            raise Killed

    return on_epoch


@pytest.mark.parametrize(
    ("kill", "eager"), [([0], True), ([1], True), ([1, 2, 3, 4, 5], True), ([3], False)]
)
def test_killed_and_resumed_is_as_uninterrupted(tmp_path, kill, eager):
    whole = network(eager=eager)
    expected = train(whole, batches, VALIDATION, epochs=6, seed=3)
    for epoch in kill:  # each time as in a fresh process: a new network
        with pytest.raises(Killed):
            train(
                network(eager=eager),
                batches,
                VALIDATION,
                epochs=6,
                seed=3,
                folder=tmp_path,
                on_epoch=kill_at(epoch),
            )
    resumed = network(eager=eager)
    history = train(resumed, batches, VALIDATION, epochs=6, seed=3, folder=tmp_path)
    assert history.equals(expected)
    for a, b in zip(whole.get_weights(), resumed.get_weights(), strict=True):
        assert np.array_equal(a, b)


def test_resuming_depends_on_the_state_not_on_luck(tmp_path):
    # The same with fresh weights after two epochs comes out differently.
    expected = train(network(), batches, VALIDATION, epochs=4, seed=3)
    with pytest.raises(Killed):
        train(
            network(), batches, VALIDATION, epochs=4, seed=3, folder=tmp_path, on_epoch=kill_at(2)
        )
    state = json.loads((tmp_path / "state.json").read_text())
    assert state["epoch"] == 2
    other = network()
    reseed(other, 0)
    fresh = train(other, lambda epoch: batches(epoch + 2), VALIDATION, epochs=2, seed=5)
    assert not np.allclose(fresh["loss"], expected["loss"].iloc[2:])


def test_a_state_half_written_is_not_taken(tmp_path):
    expected = train(network(), batches, VALIDATION, epochs=4, seed=3)
    with pytest.raises(Killed):
        train(
            network(), batches, VALIDATION, epochs=4, seed=3, folder=tmp_path, on_epoch=kill_at(2)
        )
    # Killed while epoch 3 is written: state.json, the last to be written, still says 2.
    (tmp_path / "epoch3.keras").write_bytes(b"half")
    (tmp_path / "tmp_best3.weights.h5").write_bytes(b"half")
    history = train(network(), batches, VALIDATION, epochs=4, seed=3, folder=tmp_path)
    assert history.equals(expected)
    assert {p.suffix for p in tmp_path.iterdir()} == {".json", ".keras", ".h5"}
    assert len(list(tmp_path.iterdir())) == 3


def test_a_finished_training_is_read_back(tmp_path):
    first = network()
    history = train(first, batches, VALIDATION, epochs=3, folder=tmp_path)

    def none(epoch):
        raise AssertionError("trained again")

    again = network()
    assert train(again, none, epochs=3, folder=tmp_path).equals(history)
    for a, b in zip(first.get_weights(), again.get_weights(), strict=True):
        assert np.array_equal(a, b)


def test_a_stopped_training_stays_stopped(tmp_path):
    values = [1.0, 2.0, 2.0, 0.1]
    options = {"epochs": 4, "patience": 2, "folder": tmp_path}
    assert len(train(network(0.0), batches, on_epoch=scripted(values), **options)) == 3
    assert len(train(network(0.0), batches, on_epoch=scripted(values), **options)) == 3


def test_the_same_seed_gives_the_same_bits():
    first, again, other = (
        train(network(), batches, epochs=2, seed=s, monitor=None) for s in (1, 1, 2)
    )
    assert first.equals(again)
    assert not first["loss"].equals(other["loss"])


# --- early stopping ---------------------------------------------------------------------


def test_stops_after_patience_and_keeps_the_best():
    history, kept = run([0.5, 0.4, 0.45, 0.43, 0.2], patience=2)
    assert history.index.tolist() == [1, 2, 3, 4]
    assert kept == 2


def test_no_patience_never_stops():
    history, kept = run([0.1, 0.5, 0.5, 0.5, 0.5], patience=None)
    assert len(history) == 5
    assert kept == 1


def test_steps_below_min_delta_do_not_count_until_they_add_up():
    # 0.00006 an epoch: every second epoch lies 0.00012 below the last that counted.
    slow = [1 - 6e-5 * k for k in range(12)]
    history, kept = run(slow, patience=2, min_delta=1e-4)
    assert len(history) == kept == 12
    history, kept = run(slow, patience=1, min_delta=1e-4)
    assert len(history) == 2
    assert kept == 2  # the best, though its step did not count


def test_stops_when_keras_does():
    values = np.round(np.random.default_rng(2).normal(0, 1, 60).cumsum() * 1e-4 + 1, 5)
    for patience in (3, 7):
        stopper = keras.callbacks.EarlyStopping("val_loss", min_delta=1e-4, patience=patience)
        model = network(0.0)
        stopper.set_model(model)
        model.stop_training = False
        stopper.on_train_begin()
        epochs = 0
        while epochs < 60 and not model.stop_training:
            stopper.on_epoch_end(epochs, {"val_loss": values[epochs]})
            epochs += 1
        history, _ = run(values.tolist(), patience=patience)
        assert len(history) == epochs < 60


def test_a_score_to_be_maximal():
    history, kept = run([0.5, 0.9, 0.7, 0.6], mode="max", patience=2)
    assert (len(history), kept) == (4, 2)


def test_without_a_monitor_the_last_epoch_is_kept():
    history, kept = run([0.1, 0.5, 0.9], monitor=None, patience=None)
    assert (len(history), kept) == (3, 3)


def test_history():
    history = train(network(), batches, VALIDATION, epochs=2)
    assert history.index.name == "epoch"
    assert set(history) == {"loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"}
    assert history["learning_rate"].iloc[0] == pytest.approx(0.05)


def test_it_learns():
    model = network(eager=False)
    history = train(model, batches, VALIDATION, epochs=25, patience=None)
    assert history["val_loss"].min() < 0.5 * history["val_loss"].iloc[0]
    assert model.evaluate(X, Y, verbose=0)[0] == pytest.approx(history["val_loss"].min(), rel=1e-5)


# --- bad input --------------------------------------------------------------------------


def test_a_loss_that_is_not_a_number(tmp_path):
    bad = X.copy()
    bad[5] = np.nan
    with pytest.raises(FloatingPointError, match=r"training: the loss is nan"):
        train(network(), lambda epoch: array_batches(bad, Y, 16), epochs=2, folder=tmp_path)
    assert not list(Path(tmp_path).iterdir())  # nothing that looks like a state


def test_a_score_that_is_not_a_number():
    with pytest.raises(FloatingPointError, match=r"val_loss is nan"):
        run([0.5, float("nan")])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mode": "best"}, r"mode: expected 'min' or 'max'. Received: 'best'"),
        ({"monitor": "val_f1"}, r"monitor: expected one of \['accuracy', .*Received: 'val_f1'"),
        ({"epochs": 0}, r"epochs: expected 1 or more. Received: 0"),
    ],
)
def test_options_that_cannot_be(options, message):
    with pytest.raises(ValueError, match=message):
        train(network(), batches, **{"epochs": 1, **options})


# --- batches ----------------------------------------------------------------------------


def test_batches_are_made_when_asked_for():
    made = []
    data = Batches(3, lambda i: made.append(i) or (i, i))
    assert (len(data), made) == (3, [])
    assert data[2] == (2, 2)
    assert made == [2]


def test_batches_hold_every_row_once():
    data = array_batches(np.arange(10)[:, None], np.arange(10), 4, seed=1)
    assert len(data) == 3
    seen = [data[i] for i in range(3)]
    assert [len(y) for _, y in seen] == [4, 4, 2]
    order = np.concatenate([y for _, y in seen]).tolist()
    assert sorted(order) == list(range(10)) != order
    for x, y in seen:
        assert x[:, 0].tolist() == y.tolist()
    in_order = array_batches(np.arange(10)[:, None], np.arange(10), 4)
    assert in_order[0][1].tolist() == [0, 1, 2, 3]
    given = array_batches(np.arange(10)[:, None], np.arange(10), 4, order=np.array([7, 3]))
    assert (len(given), given[0][1].tolist()) == (1, [7, 3])


def test_images_get_channels_and_several_inputs_stay_together():
    images = np.arange(3 * 2 * 2, dtype=np.uint8).reshape(3, 2, 2)
    number = np.arange(3)[:, None]
    weights = np.array([1.0, 2.0, 3.0])
    data = array_batches([images, number], np.eye(3), 2, channels=3, weights=weights)
    (x, n), y, w = data[1]
    assert x.shape == (1, 2, 2, 3)
    assert (x == images[2:, :, :, None]).all()
    assert (n.tolist(), y.tolist(), w.tolist()) == ([[2]], [[0, 0, 1]], [3.0])
    assert np.array_equal(as_channels(images, 2)[..., 1], images)


def test_sequences_keep_their_shape_unless_channels_are_asked_for():
    # once (n, steps, 2) became four-dimensional by default
    x, _ = array_batches(np.zeros((5, 7, 2)), np.eye(5), 4)[0]
    assert x.shape == (4, 7, 2)


def test_targets_by_name():
    data = array_batches(np.arange(4)[:, None], {"a": np.arange(4), "b": -np.arange(4)}, 3)
    _, y = data[1]
    assert (y["a"].tolist(), y["b"].tolist()) == ([3], [-3])


def test_batches_of_nothing_or_of_unequal_rows():
    with pytest.raises(ValueError, match=r"expected 2 > 0 rows. Received: \[3, 2\]"):
        array_batches(np.zeros((3, 1)), np.zeros((2, 1)))
    with pytest.raises(ValueError, match=r"expected 0 > 0 rows"):
        array_batches(np.zeros((0, 1)), np.zeros((0, 1)))


# --- seeds ------------------------------------------------------------------------------


def test_training_leaves_the_session_s_random_numbers_alone():
    import random

    model = network()
    random.seed(5)
    np.random.seed(5)  # noqa: NPY002
    expected = random.Random(5).random(), np.random.RandomState(5).random()
    with seeded(1):
        keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    train(model, batches, VALIDATION, epochs=2, seed=3)
    predict(model, X)
    assert (random.random(), np.random.random()) == expected  # noqa: NPY002


def test_seeded_networks_start_alike():
    def start(seed):
        with seeded(seed):
            return keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]).get_weights()[0]

    assert (start(1) == start(1)).all()
    assert not (start(1) == start(2)).all()


# --- one loop, two ways of fitting an epoch, a rule for the rate -------------------------


def test_batch_by_batch_gives_the_same_weights():
    whole, steps = network(), network()
    a = train(whole, batches, VALIDATION, epochs=3, fit=fit_epoch)
    b = train(steps, batches, VALIDATION, epochs=3, fit=fit_epoch_on_batches)
    for one, other in zip(whole.get_weights(), steps.get_weights(), strict=True):
        assert one == pytest.approx(other, abs=1e-6)
    assert a["val_loss"].to_numpy() == pytest.approx(b["val_loss"].to_numpy(), abs=1e-6)


def test_the_rate_follows_the_rule_after_an_interruption_too(tmp_path):
    def halved():
        rate = [0.08]

        def rule(row):
            rate[0] /= 2
            return rate[0]

        return rule

    expected = train(network(0.08), batches, epochs=4, monitor=None, next_rate=halved())
    assert expected["learning_rate"].tolist() == pytest.approx([0.08, 0.04, 0.02, 0.01])
    train(network(0.08), batches, epochs=2, monitor=None, next_rate=halved(), folder=tmp_path)
    resumed = train(
        network(0.08), batches, epochs=4, monitor=None, next_rate=halved(), folder=tmp_path
    )
    assert resumed.equals(expected)


# --- predicting -------------------------------------------------------------------------


@pytest.mark.parametrize("n", [0, 1, 5, 8, 40])
def test_predictions_do_not_depend_on_the_batches(n):
    model = network()
    expected = np.asarray(model(X[:n])) if n else np.zeros((0, 2))
    assert predict(model, X[:n], 8) == pytest.approx(expected, abs=1e-6)


def test_a_few_shapes_serve_all_numbers_of_rows():
    shapes = set()

    class Spy:
        inputs = network().inputs

        @staticmethod
        def predict_on_batch(x):
            shapes.add(len(x))
            return x

    for n in range(1, 300):
        assert (predict(Spy, X[:1].repeat(n, axis=0), 128) == X[0]).all()
    assert shapes == {16, 64, 128}


def test_several_networks_give_their_mean():
    one, other = network(), network()
    other.set_weights([w + 0.3 for w in other.get_weights()])
    both = predict([one, other], X)
    assert both == pytest.approx((predict(one, X) + predict(other, X)) / 2, abs=1e-7)
    assert not np.allclose(both, predict(one, X))


def test_several_inputs_and_outputs_keep_their_names():
    image, number = keras.Input((2, 2, 3)), keras.Input((1,))
    outputs = {"sum": keras.ops.sum(image, axis=(1, 2)), "number": 2 * number}
    model = keras.Model([image, number], outputs)
    images = np.arange(12, dtype=np.float32).reshape(3, 2, 2)  # gets three equal channels
    out = predict(model, [images, np.arange(3.0, dtype=np.float32)[:, None]], 2)
    assert out["sum"].tolist() == [[6.0] * 3, [22.0] * 3, [38.0] * 3]
    assert out["number"][:, 0].tolist() == [0.0, 2.0, 4.0]


def test_rows_of_inputs_must_be_as_many():
    with pytest.raises(ValueError, match=r"3 rows of each input. Received: 1, \[3, 2\]"):
        predict(network(), [X[:3], X[:2]])

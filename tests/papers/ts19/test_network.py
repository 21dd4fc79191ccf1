"""TS19's networks, its mixture against the slow reference, and both trainings."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops
from oracles.mixture import energy_reference

from varstar.models import build
from varstar.papers.ts19 import mixture as gmm
from varstar.papers.ts19 import training as ts19_training
from varstar.papers.ts19.network import Measures, weighted_square

K, LENGTH = 3, 16
OPTIONS = {"length": LENGTH, "n_classes": K, "units": 8, "embedding": 4}


def waves(n=96, seed=0):
    """Sequences of 1, 2 and 3 waves, some of them shorter, and what goes with them."""
    rng = np.random.default_rng(seed)
    code = np.arange(n) % K
    phase = np.arange(LENGTH) / LENGTH
    x = np.zeros((n, LENGTH, 3), np.float32)
    x[:, 1:, 0] = 1 / LENGTH
    x[:, :, 1] = 1.4 * np.sin(2 * np.pi * (code[:, None] + 1) * phase)
    x[:, :, 1] += 0.1 * rng.standard_normal((n, LENGTH))
    x[:, :, 2] = 0.1
    x[: n // 4, 12:] = 0
    auxiliary = rng.standard_normal((n, 3)).astype(np.float32)
    weight = (x[:, :, 2] > 0).astype(np.float32)
    return x, auxiliary, weight, np.eye(K, dtype=np.float32)[code]


def tensor(values):
    return ops.convert_to_tensor(np.asarray(values, np.float32))


@settings(deadline=None, max_examples=15)
@given(n=st.integers(2, 12), size=st.integers(1, 4), seed=st.integers(0, 999))
def test_the_mixture_agrees_with_the_reference(n, size, seed):
    rng = np.random.default_rng(seed)
    gamma = rng.dirichlet(np.ones(K), n)
    z = rng.standard_normal((n, size))
    fast = gmm.parameters(tensor(gamma), tensor(z))
    slow = gmm.parameters_reference(gamma, z)
    for a, b in zip(fast, slow, strict=True):
        assert ops.convert_to_numpy(a) == pytest.approx(b, rel=1e-4, abs=1e-5)
    ridge = 0.05  # the reference inverts plainly
    e_fast = ops.convert_to_numpy(gmm.energy(tensor(z), *map(tensor, slow), ridge=ridge))
    e_slow = energy_reference(z, *slow, ridge=ridge)
    assert e_fast == pytest.approx(e_slow, rel=1e-3, abs=1e-3)
    kept = gmm.fit(gamma, z, ridge=ridge)
    assert gmm.score(kept, z) == pytest.approx(e_slow, rel=1e-9, abs=1e-9)


def test_energy_of_one_gaussian_by_hand():
    # Variance 4 in one dimension: E(2) = 0.5 + 0.5 log(8 pi).
    mixture = {"phi": np.ones(1), "mu": np.zeros((1, 1)), "factor": np.full((1, 1, 1), 2.0)}
    expected = 0.5 + 0.5 * np.log(8 * np.pi)
    assert gmm.score(mixture, np.array([[2.0]])) == pytest.approx([expected])
    fast = gmm.energy(tensor([[2.0]]), tensor([1]), tensor([[0]]), tensor([[[4]]]), ridge=0.0)
    assert ops.convert_to_numpy(fast) == pytest.approx([expected], rel=1e-5)


def test_far_away_the_energy_is_large_and_finite():
    rng = np.random.default_rng(0)
    z = rng.standard_normal((200, 5))
    mixture = gmm.fit(np.full((200, K), 1 / K), z)
    far = gmm.score(mixture, np.full((1, 5), 1e4))
    assert np.isfinite(far).all()
    assert far[0] > 1e6
    assert np.isnan(gmm.score(mixture, np.full((1, 5), np.nan))).all()


def test_degenerate_batches_have_a_finite_energy():
    z = tensor(np.ones((6, 4)))  # all at one point
    gamma = tensor(np.eye(K)[[0] * 6])  # two components without any member
    energy = ops.convert_to_numpy(gmm.energy(z, *gmm.parameters(gamma, z)))
    assert np.isfinite(energy).all()


def test_loss_of_the_autoencoder_by_hand():
    target = tensor([[[1, 2], [3, 0.5], [9, 0]]])  # x, w; the last step is empty
    out = weighted_square(target, tensor([[[0], [1], [5]]]))
    assert ops.convert_to_numpy(out) == pytest.approx([(1 * 2 + 4 * 0.5) / 2])


def test_measures_by_hand():
    sequence = tensor([[[0, 3, 1], [0.1, 4, 1], [0, 0, 0]]])  # |x| = 5
    out = Measures()(sequence, tensor([[[4], [3], [77]]]))  # the last step does not count
    assert ops.convert_to_numpy(out)[0] == pytest.approx([np.sqrt(2) / 5, 24 / 25], rel=1e-4)


@pytest.mark.parametrize("embedding", [8, 16, 32, 64])
def test_the_papers_network(embedding):
    model = build("ts19", embedding=embedding)
    assert model.input_shape == [(None, 200, 3), (None, 3)]
    assert model.get_layer("features").output.shape[-1] == embedding + 5
    assert model.get_layer("estimation").get_layer("hidden").units == embedding
    assert model.output["memberships"].shape == (None, 8)
    gru = [layer for layer in model.layers if isinstance(layer, keras.layers.GRU)]
    assert [g.units for g in gru] == [96] * 4
    # GRU: 3 units (inputs + units + 2), the bias twice
    first = 3 * 96 * (3 + 96 + 2)
    deep = 3 * 96 * (96 + 96 + 2)
    assert [g.count_params() for g in gru] == [first, deep, 3 * 96 * (embedding + 1 + 98), deep]


def test_what_lies_beyond_the_end_does_not_matter():
    x, auxiliary, *_ = waves(4)
    model = build("ts19", **OPTIONS)
    short = ts19_training.predict(model, x, auxiliary)
    longer = build("ts19", **{**OPTIONS, "length": LENGTH + 5})
    longer.set_weights(model.get_weights())
    padded = np.concatenate([x, np.zeros((4, 5, 3), np.float32)], axis=1)
    out = ts19_training.predict(longer, padded, auxiliary)
    assert out["features"] == pytest.approx(short["features"], abs=1e-5)
    assert out["memberships"] == pytest.approx(short["memberships"], abs=1e-5)


@pytest.fixture(scope="module")
def joint():
    """One compiled network for all seeds: tracing a recurrence takes seconds."""
    model = build("ts19", **OPTIONS)
    return ts19_training.compile_joint(model, learning_rate=1e-2, strength=0.1)


@pytest.mark.parametrize("seed", range(10))
def test_gradients_are_finite_on_every_seed(joint, seed):
    """The joint loss's, after steps with a hundred times the paper's lambda."""
    keras.utils.set_random_seed(seed)
    joint.set_weights(build("ts19", **OPTIONS).get_weights())
    for v in joint.optimizer.variables[2:]:  # not the counter and the rate
        v.assign(ops.zeros_like(v))
    before = joint.get_weights()
    batch = ts19_training.arrays(*waves(32, seed))
    losses = [float(np.ravel(joint.train_on_batch(*batch))[0]) for _ in range(3)]
    assert np.isfinite(losses).all()
    # Adam's moments are made of the gradients: finite moments, finite gradients.
    for v in joint.optimizer.variables:
        assert np.isfinite(ops.convert_to_numpy(v)).all()
    changed = [np.abs(a - b).max() for a, b in zip(before, joint.get_weights(), strict=True)]
    assert np.isfinite(changed).all()
    assert min(changed) > 0  # and every weight has one


def test_joint_training_learns_both_tasks_and_can_be_resumed(tmp_path):
    keras.utils.set_random_seed(0)
    data = waves(192)
    options = {"batch_size": 48, "learning_rate": 2e-2, "strength": 1e-2, "folder": tmp_path}
    model = build("ts19", **{**OPTIONS, "dropout": 0.0})
    history = ts19_training.train_joint(model, data, epochs=20, **options)
    first, last = history.iloc[0], history.iloc[-1]
    assert last["reconstruction_loss"] < 0.9 * first["reconstruction_loss"]
    assert last["memberships_accuracy"] > first["memberships_accuracy"] + 0.15
    assert last["memberships_loss"] < first["memberships_loss"]
    # A new process finds the finished training, its own losses among what was saved.
    again = build("ts19", **{**OPTIONS, "dropout": 0.0})
    found = ts19_training.train_joint(again, data, epochs=20, **options)
    assert found["loss"].to_numpy() == pytest.approx(history["loss"].to_numpy())
    for a, b in zip(again.get_weights(), model.get_weights(), strict=True):
        assert (a == b).all()


def test_sequential_training_leaves_the_autoencoder_alone():
    keras.utils.set_random_seed(0)
    data = waves(96)
    model = build("ts19", **OPTIONS)
    history = ts19_training.train_sequential(
        model, data, epochs=2, estimation_epochs=30, batch_size=48, learning_rate=1e-2
    )
    assert history["stage"].tolist() == ["autoencoder"] * 2 + ["estimation"] * 30
    assert history.index.tolist() == list(range(1, 33))
    assert history["reconstruction_loss"].notna().tolist() == [True] * 2 + [False] * 30
    later = history[history["stage"] == "estimation"]
    assert later["memberships_loss"].iloc[-1] < later["memberships_loss"].iloc[0]
    before = model.get_layer("encoder1").get_weights()
    ts19_training.train_estimation(model, data, epochs=1, batch_size=48)
    for a, b in zip(before, model.get_layer("encoder1").get_weights(), strict=True):
        assert (a == b).all()


def test_prediction_in_batches_of_any_size():
    x, auxiliary, *_ = waves(20)
    model = build("ts19", **OPTIONS)
    whole = ts19_training.predict(model, x, auxiliary)
    parts = ts19_training.predict(model, x, auxiliary, batch_size=8)
    for name in whole:
        assert parts[name] == pytest.approx(whole[name], abs=1e-5)
    assert whole["reconstruction"].shape == (20, LENGTH)
    assert ts19_training.predict(model, x[:0], auxiliary[:0])["features"].shape == (0, 9)


def test_wrong_options():
    model = build("ts19", **OPTIONS)
    with pytest.raises(ValueError, match="patience needs"):
        ts19_training.train_joint(model, waves(8), patience=1, epochs=1)
    with pytest.raises(ValueError, match="rows"):
        ts19_training.arrays(*(a[:k] for a, k in zip(waves(8), (8, 8, 7, 8), strict=True)))

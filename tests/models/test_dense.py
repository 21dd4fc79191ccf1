"""Dense networks answer without TensorFlow, and as with it."""

import os
import subprocess
import sys

import numpy as np
import pytest

from varstar import paths
from varstar.models import forward, forward_pass, store

MODELS = [n for n in store.available() if n.startswith(("k21", "sm"))]


def test_which_models_need_no_tensorflow():
    assert {"k21-asas", "k21-hipparcos", "k21-lmc", "k21-sim", "sm-asas"} <= set(MODELS)
    for name in MODELS:
        assert all(isinstance(n, forward.Network) for n in store.predictors(name))
    assert forward_pass({"name": "sm", "options": {"batch_norm": True}}) is None


@pytest.mark.parametrize("name", MODELS)
def test_the_same_answers_as_keras(name):
    for ours, theirs in zip(store.predictors(name), store.load(name), strict=True):
        x = np.random.default_rng(0).normal(0, 3, (50, theirs.inputs[0].shape[-1]))
        x = x.astype(np.float32)
        expected = np.asarray(theirs(x, training=False))
        found = ours.predict_on_batch(x)
        np.testing.assert_allclose(found, expected, atol=1e-5)
        np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)
        assert np.array_equal(found.argmax(axis=1), expected.argmax(axis=1))


def test_by_hand():
    w, b = np.array([[1.0, -1.0], [0.0, 2.0]]), np.array([0.0, 1.0])
    layers = {"dense": [w, b], "dense_1": [np.eye(2), np.zeros(2)]}

    def two(x):
        return forward.stack(layers, x, 1e-3)

    # (1, 1) -> (1, 2) -> softmax
    e = np.exp([1.0, 2.0])
    assert two(np.array([[1.0, 1.0]]))[0] == pytest.approx(e / e.sum())
    # (-1, 0) -> (-1, 2) -> ReLU (0, 2)
    e = np.exp([0.0, 2.0])
    assert two(np.array([[-1.0, 0.0]]))[0] == pytest.approx(e / e.sum())


def test_another_network_is_refused():
    files = sorted(store.card("s26-eros2")["files"])
    layers = forward.weights(store.file("s26-eros2", files[0]))
    with pytest.raises(ValueError, match="not a network of dense layers"):
        forward.stack(layers, np.zeros((1, 2)), 1e-3)


def test_a_star_is_classified_without_tensorflow():
    pytest.importorskip("pycatch22")
    code = """
import sys
sys.modules["tensorflow"] = sys.modules["keras"] = None
import numpy as np, pandas as pd, varstar as vs
t = np.sort(np.random.default_rng(0).uniform(0, 300, 80))
obs = pd.DataFrame(dict(star_id="a", t=t, mag=15 + 0.4 * np.sin(2 * np.pi * t / 0.57)))
for name in ("k21-lmc", "sm-asas"):
    print(vs.classify(vs.make_sample(obs), model=name)["status"].iloc[0])
"""
    environment = {**os.environ, "PYTHONPATH": str(paths.PACKAGE.parent)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment
    )
    assert done.stdout.split() == ["ok", "ok"], done.stderr

"""Forward passes in NumPy answer as Keras does, and need no TensorFlow."""

import os
import subprocess
import sys

import numpy as np
import pytest

from varstar import models, paths
from varstar.models import forward, store

RNG = np.random.default_rng(5)


def shaken(network):
    """The network with other weights in every layer, normalisations included."""
    rng = np.random.default_rng(1)
    weights = network.get_weights()
    for w in weights:
        sign = 1 if (w >= 0).all() else rng.choice([-1, 1], w.shape)  # variances stay positive
        w += rng.uniform(0.05, 0.3, w.shape) * sign
    network.set_weights(weights)
    return network


def passed(name, options, tmp_path, **head):
    """A Keras network and the same as NumPy computes it, through a file of weights."""
    network = shaken(models.build(name, **options))
    network.save_weights(tmp_path / "a.weights.h5")
    function = models.forward_pass({"name": name, "options": options})
    layers = forward.weights(tmp_path / "a.weights.h5")
    return network, forward.Network(function, layers, {**options, **head})


def images(*shape):
    return RNG.integers(0, 256, shape).astype(np.uint8)


@pytest.mark.parametrize("head", ["image", "period"])
@pytest.mark.parametrize(("rows", "columns"), [(32, 64), (44, 36)])
def test_s20_light(tmp_path, head, rows, columns):
    options = {"input_shape": (rows, columns, 2), "n_classes": 4, "filters": (4, 6, 8, 10),
               "dense": 12, "heads": ("image", "period")}  # fmt: skip
    network, ours = passed("s20-light", options, tmp_path, head=head)
    x = [images(19, rows, columns, 2), RNG.normal(size=(19, 1)).astype(np.float32)]
    expected = np.asarray(network([a.astype(np.float32) for a in x])[head == "period"])
    assert np.ptp(expected, axis=0).max() > 1e-3  # the stars differ
    np.testing.assert_allclose(ours.predict_on_batch(x), expected, atol=2e-6)


@pytest.mark.parametrize("name", ["image", "period"])
def test_s20_light_with_one_head(tmp_path, name):
    options = {"input_shape": (32, 32, 1), "n_classes": 3, "heads": (name,)}
    network, ours = passed("s20-light", options, tmp_path, head=None)
    x = [images(5, 32, 32, 1), RNG.normal(size=(5, 1)).astype(np.float32)]
    given = x if name == "period" else x[:1]
    expected = network.predict_on_batch([a.astype(np.float32) for a in given])
    np.testing.assert_allclose(ours.predict_on_batch(given), expected, atol=2e-6)


@pytest.mark.parametrize(("bands", "channels", "numbers", "periods"),
                         [(2, 2, 3, 1), (1, 1, 0, 1), (3, 1, 2, 0), (2, 1, 0, 2)])  # fmt: skip
def test_s26_light(tmp_path, bands, channels, numbers, periods):
    options = {"bands": bands, "n_classes": 5, "channels": channels, "n_numbers": numbers,
               "n_periods": periods, "size": [16, 32], "filters": [3, 4, 5]}  # fmt: skip
    if numbers:
        options |= {"center": [0.5] * numbers, "width": [2.0] * numbers}
    network, ours = passed("s26-light", options, tmp_path)
    mask = np.ones((33, bands), np.float32)
    mask[::3, 0] = bands == 1
    period = RNG.normal(size=(33, periods)).astype(np.float32)
    number = RNG.normal(size=(33, numbers)).astype(np.float32)
    period[4], number[7] = np.nan, np.nan
    shape = (33, bands, 16, 32) + ((channels,) if channels > 1 else ())
    x = [images(*shape), mask]
    x += [period] * (periods > 0) + [number] * (numbers > 0)
    expected = np.asarray(network([a.astype(np.float32) for a in x]))
    np.testing.assert_allclose(ours.predict_on_batch(x), expected, atol=2e-6)


def test_s26_with_separate_convolutions_is_left_to_keras():
    network = {"name": "s26-light", "options": {"shared": False}}
    assert models.forward_pass(network) is None
    assert models.forward_pass({"name": "s26-light", "options": {}}) is not None
    assert models.forward_pass({"name": "s20", "options": {}}) is None


def test_ts19(tmp_path):
    from varstar.papers.ts19.training import predict

    options = {"length": 24, "n_classes": 3, "units": 7, "embedding": 5}
    network, ours = passed("ts19", options, tmp_path)
    x = RNG.normal(size=(40, 24, 3)).astype(np.float32)
    x[:, :, 2] = np.abs(x[:, :, 2]) + 0.1
    for k in range(0, 40, 2):
        x[k, RNG.integers(3, 24) :] = 0  # the end of a sequence
    x[1, 4] = 0  # a gap within
    expected = predict(network, x, np.zeros((40, 3), np.float32))
    found = ours.predict_on_batch([x])
    np.testing.assert_allclose(found["features"], expected["features"][:, :7], atol=1e-5)
    np.testing.assert_allclose(found["reconstruction"], expected["reconstruction"], atol=1e-5)


def test_a_convolution_and_pooling_by_hand():
    x = np.arange(9, dtype=np.float32).reshape(1, 3, 3, 1)
    ones = np.ones((3, 3, 1, 1), np.float32)
    found = forward.convolve(x, ones)[0, :, :, 0]
    assert found.tolist() == [[8, 15, 12], [21, 36, 27], [20, 33, 24]]
    # every second pixel, padded as for the last one: rows and columns 0 and 2
    assert forward.convolve(x, ones, 1.0, stride=2)[0, :, :, 0].tolist() == [[9, 13], [21, 25]]
    assert forward.max_pool(x)[0, :, :, 0].tolist() == [[4]]


def test_a_gated_unit_by_hand():
    one = np.float32([[0.5, -1.0, 2.0]])  # kernel; then recurrent kernel and biases
    layer = [one, np.float32([[1.0, 0.3, -0.7]]), np.float32([[0.1, 0.2, 0.3], [0.0, 0.1, 0.4]])]

    def step(x, h):
        s = lambda v: 1 / (1 + np.exp(-v))  # noqa: E731
        z, r = s(0.5 * x + 0.1 + h), s(-x + 0.2 + 0.3 * h + 0.1)
        return z * h + (1 - z) * np.tanh(2 * x + 0.3 + r * (-0.7 * h + 0.4))

    x = np.float32([0.3, -1.2, 0.8]).reshape(3, 1, 1)
    first = step(0.3, 0.0)
    third = step(0.8, first)  # the second step is masked
    mask = np.array([[True], [False], [True]])
    states = forward.gru(forward.projected(x, layer), layer, mask)
    assert states[:, 0, 0] == pytest.approx([first, first, third], abs=1e-6)
    last = forward.gru(forward.projected(x, layer), layer, mask, sequences=False)
    assert last[0, 0] == pytest.approx(third, abs=1e-6)


def test_every_shipped_model_answers_without_tensorflow():
    pytest.importorskip("pycatch22")
    code = """
import sys
sys.modules["tensorflow"] = sys.modules["keras"] = None
import numpy as np, pandas as pd, varstar as vs
t = np.sort(np.random.default_rng(0).uniform(0, 300, 160))
obs = pd.DataFrame(dict(star_id="a", t=t, mag=15 + 0.4 * np.sin(2 * np.pi * t / 0.57), err=0.02,
                        band=np.where(np.arange(160) % 2, "B", "R")))
for name in vs.models.available():
    answer = vs.classify(vs.make_sample(obs), model=name)
    print(name, answer["label"].isna().sum())
"""
    environment = {**os.environ, "PYTHONPATH": str(paths.PACKAGE.parent)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment
    )
    assert done.stdout.split() == [x for n in store.available() for x in (n, "0")], done.stderr

import numpy as np
import pandas as pd
import pytest

from varstar.features.images import draw
from varstar.lightcurves.sample import LightCurves, nest
from varstar.papers.s20.classifier import (
    log_period,
    network_inputs,
    orbits,
    predict,
    probabilities,
    to_classes,
)

INPUTS = {"size": [8, 16], "cycles": 1, "scales": ["bulk", "unit"], "epochs": "max",
          "min_points": 4, "period": True}  # fmt: skip


def curves_of(n_stars, n_points=12, seed=0):
    rng = np.random.default_rng(seed)
    n = n_stars * n_points
    t = np.sort(rng.uniform(0, 10, (n_stars, n_points)), axis=1).ravel()
    return LightCurves(t, rng.normal(15, 0.3, n), np.full(n, 0.02), np.zeros(n, np.int8),
                       np.arange(n_stars + 1) * n_points, ("V",))  # fmt: skip


class Network:
    """Answers with the sum of the pictures, and remembers the sizes of its batches."""

    def __init__(self):
        self.sizes = []

    def predict_on_batch(self, x):
        x = x if isinstance(x, list) else [x]
        self.sizes.append(len(x[0]))
        white = x[0].reshape(len(x[0]), -1).mean(axis=1) / 255
        return np.column_stack([white, 1 - white])


def test_a_channel_a_scale():
    curves, period = curves_of(3), np.array([0.5, 1.0, 2.0])
    epoch = np.array([0.0, 0.1, 0.2])
    images, logs = network_inputs(curves, period, epoch, INPUTS)
    assert images.shape == (3, 8, 16, 2)
    for k, scale in enumerate(INPUTS["scales"]):
        expected = draw(curves, period, epoch, size=(8, 16), scale=scale, cycles=1)
        assert np.array_equal(images[..., k], expected)
    assert logs.shape == (3, 1)
    assert len(network_inputs(curves, period, epoch, {**INPUTS, "period": False})) == 1


def test_points_can_be_left_out():
    curves, period = curves_of(2), np.ones(2)
    keep = np.arange(24) % 2 == 0
    images, _ = network_inputs(curves, period, np.zeros(2), INPUTS, keep)
    fewer, _ = network_inputs(curves.where(keep), period, np.zeros(2), INPUTS)
    assert np.array_equal(images, fewer)
    whole, _ = network_inputs(curves, period, np.zeros(2), INPUTS)
    assert not np.array_equal(images, whole)


def test_log_period_by_hand():
    value = log_period(np.array([10**-0.3, 10**0.2]))
    assert value.dtype == np.float32
    assert value.tolist() == [[pytest.approx(0, abs=1e-6)], [pytest.approx(1)]]


def test_an_ensemble_is_the_mean_and_batches_do_not_matter():
    rng = np.random.default_rng(0)
    x = [rng.integers(0, 256, (10, 8, 16, 2)).astype(np.uint8), rng.normal(size=(10, 1))]
    one, other = Network(), Network()
    other.predict_on_batch = lambda batch: 1 - Network().predict_on_batch(batch)
    expected = Network().predict_on_batch(x)
    assert predict([one], x, batch_size=4) == pytest.approx(expected)
    assert set(one.sizes) == {4}  # the last batch was filled up
    assert predict([one], x) == pytest.approx(expected)
    assert one.sizes[-1] == 10
    assert predict([one, other], x, batch_size=3) == pytest.approx(np.full((10, 2), 0.5))


def test_finer_outputs_priors_and_weights_by_hand():
    card = {"classes": ["A", "B"], "outputs": ["A", "B", "B"], "prior_ratio": [1.0, 1.0, 1.0]}
    outputs = np.array([[0.5, 0.2, 0.3]])
    assert to_classes(outputs, card) == pytest.approx(np.array([[0.5, 0.5]]))
    # Bayes: A was shown half as often as it is: 0.5 * 2 against 0.5.
    card["prior_ratio"] = [2.0, 1.0, 1.0]
    assert to_classes(outputs, card) == pytest.approx(np.array([[2 / 3, 1 / 3]]))
    card["class_weight"] = [0.25, 1.0]
    assert to_classes(outputs, card) == pytest.approx(np.array([[1 / 3, 2 / 3]]))


def test_probabilities_of_what_can_be_drawn():
    curves = curves_of(4)
    mag = curves.mag.copy()
    mag[curves.star == 1] = np.nan
    sample = nest(curves._replace(mag=mag), pd.DataFrame({"star_id": list("abcd")}))
    card = {"classes": ["A", "B"], "outputs": ["A", "B"], "prior_ratio": [1, 1], "inputs": INPUTS}
    period = np.array([0.5, 1.0, np.nan, 2.0])
    p, status = probabilities(sample, period, card, [Network()])
    assert status.tolist() == ["ok", "no valid points", "no period", "ok"]
    assert np.isnan(p[1:3]).all()
    assert p[[0, 3]].sum(axis=1) == pytest.approx(1)
    few = {**card, "inputs": {**INPUTS, "min_points": 13}}
    p, status = probabilities(sample, period, few, [Network()])
    assert np.isnan(p).all()
    assert status[0] == "fewer than 13 valid points"


def test_chunks_do_not_matter(monkeypatch):
    sample = nest(curves_of(7), pd.DataFrame({"star_id": range(7)}))
    card = {"classes": ["A", "B"], "outputs": ["A", "B"], "prior_ratio": [1, 1], "inputs": INPUTS}
    whole, _ = probabilities(sample, np.ones(7), card, [Network()])
    monkeypatch.setattr("varstar.papers.s20.classifier.CHUNK", 3)
    parts, _ = probabilities(sample, np.ones(7), card, [Network()])
    assert parts == pytest.approx(whole)


def test_a_found_period_is_doubled_where_a_binary_is_surer(monkeypatch):
    # By period: what a network says of A and of a binary.
    said = {1.0: [0.7, 0.3], 2.0: [0.2, 0.8], 3.0: [0.9, 0.1], 6.0: [0.2, 0.8],
            5.0: [0.4, 0.6], 10.0: [0.4, 0.6]}  # fmt: skip

    def answer(sample, periods, card, networks, bands):
        return np.array([said.get(p, [np.nan] * 2) for p in periods]), None

    monkeypatch.setattr("varstar.papers.s20.classifier.probabilities", answer)
    card = {"classes": ["A", "ECL"]}
    period = np.array([1.0, 3.0, 5.0, np.nan, 1.0])
    found = np.array([True, True, True, True, False])
    chosen = orbits(None, period, found, card, [])
    np.testing.assert_equal(chosen, [2.0, 3.0, 5.0, np.nan, 1.0])
    np.testing.assert_equal(orbits(None, period, found, {"classes": ["A", "B"]}, []), period)
    np.testing.assert_equal(orbits(None, period, ~found & False, card, []), period)

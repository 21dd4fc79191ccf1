import numpy as np
import pandas as pd
import pytest

from varstar.features.images import draw
from varstar.lightcurves.folding import epoch_of_maximum
from varstar.lightcurves.sample import LightCurves, nest
from varstar.papers.s20.classifier import (
    ImageClassifier,
    log_period,
    network_inputs,
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
    period = np.array([0.5, 1.0, 0.7, 2.0])
    table = ImageClassifier(card, [Network()]).classify(sample, periods=period)
    assert table["status"].tolist() == ["ok", "no valid points", "ok", "ok"]
    images, _ = network_inputs(curves, period, epoch_of_maximum(curves, period), INPUTS)
    white = images.reshape(4, -1).mean(axis=1) / 255
    assert table["A"].to_numpy() == pytest.approx(
        np.where([1, 0, 1, 1], white, np.nan), nan_ok=True
    )
    few = {**card, "inputs": {**INPUTS, "min_points": 13}}
    table = ImageClassifier(few, [Network()]).classify(sample, periods=period)
    assert table["A"].isna().all()
    assert table["status"].iloc[0] == "fewer than 13 valid points"

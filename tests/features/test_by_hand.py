"""Edges of the features' machinery, worked out by hand."""

import numpy as np
import pytest

from varstar.features import blocks
from varstar.features.sequences import Sequences, weights
from varstar.lightcurves.sample import LightCurves


def curves_of(counts):
    n = int(np.sum(counts))
    offsets = np.concatenate([[0], np.cumsum(counts)])
    return LightCurves(np.arange(n, dtype=float), np.arange(n, dtype=float), np.full(n, 0.1),
                       np.zeros(n, np.int8), offsets, ("V",))  # fmt: skip


def test_no_star_of_a_block_is_much_shorter_than_its_longest():
    counts = [80, 8, 79, 71, 70, 69, 40, 8, 80]
    seen = []
    for block in blocks.blocks(curves_of(counts), np.ones(9, bool)):
        width = block.mag.shape[1]
        assert block.n.max() == width
        assert (block.n >= width * 7 // 8).all()
        assert block.valid.sum(axis=1).tolist() == block.n.tolist()
        seen += block.rows.tolist()
    assert sorted(seen) == list(range(9))
    # 80, 80, 79, 71, 70 (7/8 of 80) together; 69 begins another
    first = next(iter(blocks.blocks(curves_of(counts), np.ones(9, bool))))
    assert sorted(first.n.tolist()) == [70, 71, 79, 80, 80]


@pytest.mark.parametrize("percent", [0, 25, 50, 90, 100])
def test_percentiles_to_the_last_value(percent):
    rows = np.sort(np.random.default_rng(1).normal(size=(3, 6)), axis=1)
    n = np.array([6, 4, 1])
    right = [np.percentile(row[:k], percent) for row, k in zip(rows, n, strict=True)]
    np.testing.assert_allclose(blocks.percentile(rows, n, percent), right, rtol=1e-14)
    assert np.isnan(blocks.percentile(rows, np.array([0, 6, 6]), percent)[0])


def test_relative_weights_are_those_of_each_sequence():
    x = np.zeros((2, 4, 3), np.float32)
    mask = np.array([[1, 1, 1, 0], [1, 1, 0, 0]], bool)
    x[0, :3, 2], x[1, :2, 2] = [0.5, 1.0, 1.0], [0.1, 0.1]
    empty = np.zeros(2)
    sequences = Sequences(x, mask, np.arange(2), empty, empty, empty)
    # 1 / sigma is 2, 1, 1 (mean 4/3) and 10, 10 (mean 10)
    np.testing.assert_allclose(weights(sequences, relative=True),
                               [[1.5, 0.75, 0.75, 0], [1, 1, 0, 0]], rtol=1e-6)  # fmt: skip
    np.testing.assert_allclose(weights(sequences), [[2, 1, 1, 0], [10, 10, 0, 0]], rtol=1e-6)

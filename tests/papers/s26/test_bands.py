"""Bands masked at random, as a network that must do without one learns."""

import numpy as np
import pandas as pd
import pytest

from varstar.papers.s26 import inputs as s26


def inputs_of(n=160, seed=0):
    """A bright half in the band that knows the class: g tells a from b, r tells b from c."""
    rng = np.random.default_rng(seed)
    code = np.arange(n) % 3
    images = (rng.random((n, 2, 16, 32)) < 0.1) * np.uint8(255)
    images[code == 0, 0, :8] = 255
    images[code == 2, 1, :8] = 255
    mask = np.ones((n, 2), np.float32)
    mask[:20, 1] = 0
    images[:20, 1] = 0
    x = s26.Inputs(images, mask, np.zeros((n, 1), np.float32), np.zeros((n, 0), np.float32),
                   np.array(["ok"] * (n - 1) + ["no period"]))  # fmt: skip
    return x, pd.Series(np.array(list("abc"))[code], [f"s{i}" for i in range(n)])


def test_hidden_bands():
    x, _ = inputs_of(400)
    less = s26.mask_random_band(x, 0.5, seed=1)
    alone = less.mask.sum(axis=1) == 1
    assert alone[:20].all()  # those that have one band keep it
    assert (less.mask[:20] == x.mask[:20]).all()
    assert alone[20:].mean() == pytest.approx(0.5, abs=0.1)
    gone = (less.mask == 0) & (x.mask == 1)
    assert gone.any(axis=0).all()
    assert (less.images[gone] == 0).all()
    assert np.array_equal(less.images[~gone], x.images[~gone])
    assert set(less.status[:-1]) == {"ok"}
    assert (x.mask[20:] == 1).all()  # the given inputs stay
    assert np.array_equal(s26.mask_random_band(x, 0.0).images, x.images)

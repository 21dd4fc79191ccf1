"""What a second band is worth, on made-up stars where it is known."""

import numpy as np
import pandas as pd
import pytest

from varstar.papers.s26 import bands as s26_bands
from varstar.papers.s26 import inputs as s26

BANDS = ["g", "r"]


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
    less = s26_bands.hide_bands(x, 0.5, seed=1)
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
    assert np.array_equal(s26_bands.hide_bands(x, 0.0).images, x.images)


def test_the_band_that_tells_more_classes_wins():
    x, labels = inputs_of()
    table = s26_bands.bands_compared(
        x, labels, BANDS, classes=list("abc"), seeds=[3], hidden=0.2,
        options={"filters": (4, 6, 8), "features": 8},
        training={"epochs": 25, "learning_rate": 1e-2, "batch_size": 20, "patience": None},
    )  # fmt: skip
    assert table["shown"].tolist() == ["g+r", "g+r, only g", "g+r, only r",
                                       "g+r, a band missing", "g", "r"]  # fmt: skip
    score = table.set_index("shown")["accuracy"]
    assert score["g+r"] > 0.9
    for band in BANDS:  # one class of three cannot be told from another
        assert 0.4 < score[band] < 0.9
    stars = table.set_index("shown")["stars"]
    assert stars["g+r"] == stars["g"] == stars["r"] == stars["g+r, only g"]
    assert 0 < stars["g+r, a band missing"] < 20


@pytest.mark.real
def test_real_cepheids(real_data):
    sample = s26_bands.cepheids(real_data, size=60, seed=1)
    assert set(sample["s26_class"]) <= {"F", "1O", "1O/2O"}
    x = s26.inputs(sample, np.ones(len(sample)), ["I", "V"], size=(16, 32), min_points=20)
    assert x.mask[:, 0].mean() > 0.9
    assert 0.3 < x.mask[:, 1].mean() <= 1

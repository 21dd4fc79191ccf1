"""Decisions of the recipe of s26-eros2 on made-up stars; its training takes an hour."""

import numpy as np
import pytest

from varstar.papers.s26 import inputs as s26
from varstar.papers.s26 import recipe, training
from varstar.papers.s26 import renders as s26_drawings


def drawn_of(n=20, copies=2, bands=2):
    """Images that say which kind, copy, star and band they are: 8 x 8 pixels, 2 channels."""
    result = {}
    for k, kind in enumerate(("given", "found", "own")):
        result[kind] = []
        for copy in range(copies):
            code = 1 + 40 * k + 20 * copy + np.arange(n)
            images = np.zeros((n, bands, 8, 8, 2), np.uint8)
            images[:, :, 0, 4, :] = code[:, None, None]
            n_periods = bands if kind == "own" else 1
            periods = k + np.arange(n_periods) / 10 + np.zeros((n, 1))
            numbers = np.tile(np.arange(4 * bands - 1.0), (n, 1))
            result[kind].append(
                s26.Inputs(images, np.ones((n, bands), np.float32), periods.astype(np.float32),
                           numbers.astype(np.float32), np.full(n, "ok"))
            )  # fmt: skip
    return result


def test_guises():
    rows = np.repeat(np.arange(20), 100)
    x = training.guises(drawn_of(), rows, np.random.default_rng(0), given=0.3, single=0.4)
    code = x.images.max(axis=(2, 3, 4)).astype(int) - 1
    assert (code[:, 0] == code[:, 1]).all()  # one star, one copy
    assert (code[:, 0] % 20 == rows).all()
    kind, alone = code[:, 0] // 40, x.mask.sum(axis=1) == 1
    assert np.mean(kind == 0) == pytest.approx(0.3, abs=0.03)
    assert alone.mean() == pytest.approx(0.4, abs=0.03)
    assert (kind[~alone] < 2).all()  # both bands: never each with its own period
    assert (kind[alone] != 1).all()  # one band: never the period of both
    assert set(code[:, 0] % 40 // 20) == {0, 1}
    # the period of the band that is left
    own = alone & (kind == 2)
    band = x.mask.argmax(axis=1)
    assert x.periods[own, 0] == pytest.approx(2 + band[own] / 10)
    assert x.periods.shape == (2000, 1)
    # what belongs to the other band is not told, nor the colour
    assert np.isnan(x.numbers[alone & (band == 0)]).all(axis=0).tolist() == [False, True] * 3 + [
        True
    ]
    assert np.isnan(x.numbers[alone & (band == 1)]).all(axis=0).tolist() == [True, False] * 3 + [
        True
    ]
    assert np.isfinite(x.numbers[~alone]).all()
    # moved, in all bands and channels alike
    place = x.images.argmax(axis=3)[:, :, 0]
    assert (place == place[:, :1, :1]).all()
    assert set(place[:, 0, 0]) == {k % 8 for k in range(4 - training.ROLL, 5 + training.ROLL)}


def test_guises_of_one_band():
    drawn = s26_drawings.one_band(drawn_of(), 1)
    x = training.guises(drawn, np.arange(20), np.random.default_rng(1), given=0.5, single=0.9)
    assert (x.mask == 1).all()
    kind = (x.images.max(axis=(1, 2, 3, 4)).astype(int) - 1) // 40
    assert set(kind) == {0, 2}
    assert set(x.periods[kind == 2, 0].round(3)) == {np.float32(2.1)}
    assert x.numbers[0].tolist() == [1, 3, 5]


def test_an_epoch_shows_every_star_at_most_once():
    y = np.eye(8, dtype=np.float32)[np.arange(20) % 8]
    rows = np.arange(3, 20)
    batches = training.epoch_batches(drawn_of(), y, rows, 3, batch_size=5, seed=0)
    assert len(batches) == 3
    stars = []
    for i in range(3):
        (images, mask, _, _), labels = batches[i]
        star = (images.max(axis=(1, 2, 3, 4)).astype(int) - 1) % 20
        assert np.array_equal(labels, y[star])
        assert mask.shape == (5, 2)
        stars += star.tolist()
    assert len(set(stars)) == 15
    assert set(stars) <= set(rows.tolist())
    again = training.epoch_batches(drawn_of(), y, rows, 3, batch_size=5, seed=0)
    assert np.array_equal(again[1][0][0], batches[1][0][0])


def test_scores_fold_by_fold():
    y = np.array([recipe.CLASSES[0], recipe.CLASSES[1]] * 10)
    fold = np.repeat(np.arange(5), 4)
    right = np.eye(8)[[0, 1] * 10]
    half = right.copy()
    half[::4] = right[1]  # one star of each fold is wrong
    scores = recipe.compare({"B,R": right, "B": half}, y, fold)
    assert scores["B,R"]["accuracy"] == 1
    assert scores["B"]["accuracy"] == 0.75
    assert scores["B"]["mc_sem"] == 0
    mean, sem = scores["differences (mean, SEM over folds)"]["B,R - B"]["mc"]
    assert mean == pytest.approx(1 - scores["B"]["mc"], abs=1e-3)
    assert sem == 0


def test_each_star_is_judged_by_the_network_that_has_not_seen_it(monkeypatch):
    monkeypatch.setattr(
        s26, "predict", lambda network, x, views: np.full((len(x.status), 8), network)
    )
    fold = np.array([0, 1, 2, 1, 0])
    x = s26.take(drawn_of()["found"][0], np.arange(5))
    assert recipe.judge([10.0, 11.0, 12.0], x, fold)[:, 0].tolist() == [10, 11, 12, 11, 10]

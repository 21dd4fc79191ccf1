"""Shape over two periods, and boosted trees as arrays."""

import warnings

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from varstar.features import FEATURES
from varstar.features.shape import SHAPE, all_features, shape_features
from varstar.learning import trees
from varstar.lightcurves.sample import LightCurves
from varstar.periods import find_periods


def flat(stars):
    counts = [len(s[0]) for s in stars]
    t, mag, err = (np.concatenate([np.asarray(s[i], float) for s in stars]) for i in range(3))
    offsets = np.concatenate([[0], np.cumsum(counts)])
    return LightCurves(t, mag, err, np.zeros(len(t), np.int8), offsets, ("V",))


def eclipses(depths, seed=0, n=400, period=3.456, place=0.5, noise=0.01):
    rng = np.random.default_rng(seed)
    t = np.sort(rng.uniform(0, 900, n))
    phase = t / period
    mag = np.full(n, 12.0)
    for depth, centre in zip(depths, (0.2, 0.2 + place), strict=True):
        distance = np.abs((phase - centre + 0.5) % 1 - 0.5)
        mag += depth * np.exp(-0.5 * (distance / 0.07) ** 2)
    return t, mag + rng.normal(0, noise, n), np.full(n, noise)


def test_second_minimum_of_an_eclipsing_binary():
    curves = flat([eclipses((0.8, 0.4)), eclipses((0.6, 0.6), seed=1)])
    found = find_periods(curves)
    assert found["period"].to_numpy() == pytest.approx(3.456 / 2, rel=1e-3)
    table = shape_features(curves, found)
    unequal, equal = table.iloc[0], table.iloc[1]
    assert unequal.second_depth == pytest.approx(0.5, abs=0.05)
    assert equal.second_depth == pytest.approx(1.0, abs=0.05)
    assert unequal.double_odd > 0.3 > 0.1 > equal.double_odd
    assert unequal.fit_amplitude == pytest.approx(0.8, abs=0.05)
    assert unequal.second_place < 0.02
    assert unequal.fit_asymmetry > 0.6  # most of the range lies below the median
    assert (table.fit_share > 0.98).all()
    assert table.fit_rms.to_numpy() == pytest.approx([0.01, 0.01], rel=0.2)
    assert unequal.gain_2p > 0 > equal.gain_2p


def test_a_sine_has_no_shape():
    t = np.sort(np.random.default_rng(2).uniform(0, 500, 300))
    curves = flat([(t, np.sin(2 * np.pi * t / 2.5), np.full(300, 0.1))])
    row = shape_features(curves, find_periods(curves)).iloc[0]
    assert row[[f"double_a{k}" for k in (1, 3, 4, 5, 6, 7, 8)]].max() < 0.01
    assert row.second_depth == pytest.approx(1, abs=0.01)
    assert row.fit_asymmetry == pytest.approx(0.5, abs=0.02)


def test_short_and_broken_light_curves_have_no_shape():
    t = np.linspace(0, 50, 20)
    stars = [(t, np.sin(t), t * 0 + 0.1), (t, t * 0, t * 0 + 0.1), (t[:0],) * 3]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = all_features(flat(stars))
    assert table.columns.tolist() == [*FEATURES, *SHAPE, "status"]
    assert table[["fit_amplitude", "second_depth", "double_odd"]].isna().all(axis=None)
    assert table["status"].tolist() == ["ok", "constant magnitude", "no points"]
    assert not np.isinf(table[[*FEATURES, *SHAPE]].to_numpy(float)).any()


@pytest.mark.parametrize("n_classes", [2, 4])
def test_trees_as_arrays_give_the_same_probabilities(n_classes):
    rng = np.random.default_rng(n_classes)
    x = rng.normal(size=(400, 5))
    y = rng.integers(0, n_classes, 400)
    x[np.arange(400), y % 5] += 1.5
    x[rng.random(x.shape) < 0.1] = np.nan
    model = HistGradientBoostingClassifier(max_iter=15, random_state=0).fit(x, y)
    arrays = trees.to_arrays(model)
    assert trees.predict(arrays, x) == pytest.approx(model.predict_proba(x), abs=1e-3)
    assert len(arrays["first"]) == 15 * (1 if n_classes == 2 else n_classes)


def test_trees_in_chunks(monkeypatch):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(100, 3)), rng.integers(0, 3, 100)
    arrays = trees.to_arrays(HistGradientBoostingClassifier(max_iter=5).fit(x, y))
    whole = trees.predict(arrays, x)
    monkeypatch.setattr(trees, "_CHUNK", 150)
    assert (trees.predict(arrays, x) == whole).all()
    assert whole.sum(axis=1) == pytest.approx(np.ones(100))

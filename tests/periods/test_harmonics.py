"""Series fitted to many stars at once, against plain least squares, star by star."""

import numpy as np
import pytest

from varstar.lightcurves.sample import LightCurves
from varstar.periods import harmonics


def curves(n_stars=4, seed=0):
    """Stars of different lengths, their errors very unequal."""
    rng = np.random.default_rng(seed)
    parts, periods = [], []
    for k in range(n_stars):
        n, p = 40 + 15 * k, 0.4 + 0.37 * k
        t = np.sort(rng.uniform(100, 160, n))
        err = 10 ** rng.uniform(-2.3, -0.7, n)
        x = 2 * np.pi * t / p
        mag = 15 + k + 0.4 * np.cos(x) - 0.2 * np.sin(2 * x) + err * rng.standard_normal(n)
        parts.append((t, mag, err))
        periods.append(p)
    flat = [np.concatenate([p[j] for p in parts]) for j in range(3)]
    offsets = np.cumsum([0, *(len(p[0]) for p in parts)])
    band = np.zeros(len(flat[0]), np.int8)
    return LightCurves(*flat, band, offsets, ("V",)), np.array(periods)


def plain(t, mag, err, period, n_terms, weighted):
    angle = 2 * np.pi * t[:, None] / period * np.arange(1, n_terms + 1)
    design = np.hstack([np.ones((len(t), 1)), np.cos(angle), np.sin(angle)])
    root = 1 / err if weighted else np.ones(len(t))
    found = np.linalg.lstsq(design * root[:, None], mag * root, rcond=None)[0]
    return found, float((((mag - design @ found) * root) ** 2).sum())


@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("n_terms", [1, 3, 4])
def test_as_least_squares_star_by_star(n_terms, weighted):
    many, periods = curves()
    found, chi2, condition = harmonics.fit_series(many, periods, n_terms, weighted)
    for i, p in enumerate(periods):
        s = slice(many.offsets[i], many.offsets[i + 1])
        expected, square = plain(many.t[s], many.mag[s], many.err[s], p, n_terms, weighted)
        np.testing.assert_allclose(found[i], expected, rtol=1e-6, atol=1e-8)
        assert chi2[i] == pytest.approx(square, rel=1e-6)
        assert 1 <= condition[i] < harmonics.MAX_CONDITION


def test_weights_matter():
    many, periods = curves()
    a, b = (harmonics.fit_series(many, periods, 2, w)[0] for w in (True, False))
    assert np.abs(a - b).max() > 1e-2


def test_stars_that_determine_no_series():
    many, periods = curves()
    periods[1] = np.nan
    few = many.stars(np.array([0, 1])).where(np.arange(many.offsets[2]) < 7)
    found, chi2, condition = harmonics.fit_series(few, periods[:2], 3)
    assert np.isnan(found).all()
    assert np.isnan(chi2).all()
    assert np.isinf(condition).all()
    some = harmonics.fit_series(many, periods, 3)[0]
    assert np.isnan(some[1]).all()
    assert np.isfinite(some[[0, 2, 3]]).all()

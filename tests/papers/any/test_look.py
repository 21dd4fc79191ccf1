"""Trial periods and numbers of known signals."""

import numpy as np
import pytest

from varstar.lightcurves.sample import LightCurves
from varstar.papers.any import candidates
from varstar.papers.any.look import COLUMNS, MIN_POINTS, look
from varstar.papers.any.series import nested_fit
from varstar.periods import refine


def one(t, mag, err=0.02, band=None, bands=("V",)):
    band = np.zeros(len(t), np.int8) if band is None else band
    return LightCurves(t, mag, np.full(len(t), err), band, np.array([0, len(t)]), bands)


def nights(n, rng, years=3):
    return np.sort(np.floor(rng.uniform(0, 365 * years, n)) + rng.normal(0.3, 0.08, n))


def test_nested_fits_are_those_of_each_number_of_harmonics():
    rng = np.random.default_rng(0)
    t = np.sort(rng.uniform(0, 90, 120))
    mag = np.sin(2 * np.pi * t / 3.3) + 0.4 * np.cos(4 * np.pi * t / 3.3) + rng.normal(0, 0.1, 120)
    weight = rng.uniform(0.5, 1.5, 120)
    weight /= weight.sum()
    mag -= weight @ mag
    f = np.array([1 / 3.3, 0.2, 1 / 6.6])
    power, coefficients, window = nested_fit(refine.turns(t, f), mag, weight, 4)
    for k in (1, 2, 4):
        np.testing.assert_allclose(
            power[:, k - 1], refine.series_power(t, mag, weight, f, k), atol=3e-4
        )
    assert coefficients[0, 1, 0] == pytest.approx(1, abs=0.03)
    assert window.shape == (3, 4)


@pytest.mark.parametrize("period", [0.0713, 0.5417, 0.9973, 3.71, 41.3, 312.0])
def test_the_period_of_a_sawtooth_is_among_the_trials(period):
    rng = np.random.default_rng(1)
    t = nights(160, rng)
    mag = 14 + 0.7 * ((t / period) % 1.0) + rng.normal(0, 0.02, len(t))
    looks = look(one(t, mag))
    assert looks.status[0] == "ok"
    width = 1 / np.ptp(t)
    assert (np.abs(1 / looks.period - 1 / period) < width).any()
    assert len(looks.period) <= candidates.MOST + 1


def test_the_orbit_of_a_narrow_eclipse_is_among_the_trials():
    rng = np.random.default_rng(2)
    t = nights(300, rng)
    phase = (t / 2.6371) % 1.0
    mag = 12 + 0.5 * (np.abs(phase - 0.5) < 0.03) + 0.3 * (np.abs(phase) < 0.03)
    looks = look(one(t, mag + rng.normal(0, 0.01, len(t))))
    assert (np.abs(looks.period / 2.6371 - 1) < 1e-3).any()


def test_a_given_period_is_tried_with_twice_and_half_of_it_and_marked():
    rng = np.random.default_rng(3)
    t = nights(100, rng)
    looks = look(one(t, 13 + rng.normal(0, 0.1, 100)), np.array([1.2345]))
    assert looks.given.sum() == 1
    assert looks.period[looks.given][0] == pytest.approx(1.2345, rel=1e-12)
    for factor in (0.5, 2.0):
        assert (np.abs(looks.period / (factor * 1.2345) - 1) < 1e-3).any()


def test_what_is_seen_does_not_tell_date_zero_point_or_order():
    rng = np.random.default_rng(4)
    t = nights(90, rng)
    mag = 15 + 0.3 * np.sin(2 * np.pi * t / 0.6) + rng.normal(0, 0.02, 90)
    here = look(one(t, mag))
    some = rng.permutation(90)
    there = look(one(t[some] + 1024.0, mag[some] - 4.0))
    np.testing.assert_allclose(here.period, there.period, rtol=1e-5)
    some = [COLUMNS.index(c) for c in ("log_range", "skewness", "power_8", "r21", "eta")]
    np.testing.assert_allclose(here.x[:, some], there.x[:, some], atol=2e-3)
    assert not {"n_points", "span", "band", "mean_mag"} & set(COLUMNS)


def test_two_bands_are_searched_together_and_the_fuller_one_is_seen():
    rng = np.random.default_rng(5)
    t = nights(80, rng)
    band = (np.arange(80) % 4 == 0).astype(np.int8)
    mag = 14 + 0.4 * np.sin(2 * np.pi * t / 0.4567) + 1.5 * band + rng.normal(0, 0.02, 80)
    looks = look(one(t, mag, band=band, bands=("g", "r")))
    assert looks.bands[0] == "g,r"
    assert looks.n_points[0] == 80
    assert (np.abs(looks.period / 0.4567 - 1) < 1e-3).any()
    assert looks.x[0, COLUMNS.index("log_range")] < np.log10(0.95)


def test_stars_that_cannot_be_looked_at_say_why():
    t = np.arange(30.0)
    flat = LightCurves(
        np.r_[t, t[:3], t], np.r_[np.full(30, 12.0), [12, 13, 12.0], np.full(30, np.nan)],
        np.full(63, 0.1), np.zeros(63, np.int8), np.array([0, 30, 33, 63, 63]), ("V",),
    )  # fmt: skip
    looks = look(flat)
    assert looks.offsets.tolist() == [0, 0, 0, 0, 0]
    assert looks.status.tolist() == [
        "constant magnitude", f"fewer than {MIN_POINTS} valid points", "no valid points",
        "no points",
    ]  # fmt: skip

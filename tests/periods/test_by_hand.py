"""Steps of the period search whose answer can be written down."""

import numpy as np
import pandas as pd
import pytest
from astropy.timeseries import LombScargle

from varstar.periods import multiband, multiples, period_success, refine, search
from varstar.periods.find import normalised, period_status
from varstar.periods.grid import frequency_grid
from varstar.periods.multi_harmonic import _residual, multi_harmonic_fit


def test_status_of_stars_without_a_period():
    status = np.array(["ok", "ok", "no points", "ok"], object)
    found = period_status(status, np.array([0.5, np.nan, np.nan, -1.0]))
    assert found.tolist() == ["ok", "no period", "no points", "no period"]


def test_times_from_the_middle_and_magnitudes_from_the_weighted_mean():
    t, mag, weight = normalised(
        np.array([10.0, 12.0, 20.0]), np.array([1.0, 2.0, 4.0]), np.array([1.0, 1.0, 0.5]), True
    )
    assert t.tolist() == [-5.0, -3.0, 5.0]
    assert weight == pytest.approx([1 / 6, 1 / 6, 4 / 6])
    assert mag == pytest.approx(np.array([1.0, 2.0, 4.0]) - 19 / 6)
    assert normalised(t, mag, np.array([1.0, 1.0, 0.5]), False)[2] == pytest.approx([1 / 3] * 3)


def test_a_variation_of_a_billionth_has_no_mean_left():
    t = np.linspace(0, 1, 57)
    _, mag, weight = normalised(t, 15.3 + 1e-9 * np.sin(9 * t), np.full(57, 0.013), True)
    assert abs(weight @ mag) < 1e-21


def harmonics_of(t, *amplitudes, frequency=1.7):
    """A series of cosines with phases 1, 2, 3 ..."""
    angle = 2 * np.pi * frequency * t
    return 14 + sum(a * np.cos(k * angle + k) for k, a in enumerate(amplitudes, 1))


@pytest.mark.parametrize("amplitudes", [(0.3,), (0.3, 0.15), (0.3, 0.15, 0.1)])
def test_prewhitening_finds_the_harmonics_that_are_there(amplitudes):
    rng = np.random.default_rng(2)
    t = np.sort(rng.uniform(0, 40, 300))
    mag = harmonics_of(t, *amplitudes) + rng.normal(0, 0.002, 300)
    fit = multi_harmonic_fit(t, mag, np.full(300, 0.002), 1.703)
    assert fit.n_harmonics == len(amplitudes)
    assert fit.frequency == pytest.approx(1.7, abs=1e-5)
    assert fit.amplitudes == pytest.approx(amplitudes, abs=1e-3)
    assert fit.phases == pytest.approx(np.arange(1, len(amplitudes) + 1), abs=0.02)
    assert fit.zero_point == pytest.approx(14, abs=1e-3)


def test_the_fitted_frequency_is_the_weighted_maximum():
    rng = np.random.default_rng(4)
    t = np.sort(rng.uniform(0, 40, 80))
    err = rng.choice([0.01, 0.5], 80)
    mag = harmonics_of(t, 0.3) + rng.normal(0, err)
    fit = multi_harmonic_fit(t, mag, err, 1.7, max_harmonics=1)
    trial = 1.7 + np.linspace(-0.01, 0.01, 4001)
    best = trial[LombScargle(t, mag, err).power(trial, method="slow").argmax()]
    assert fit.frequency == pytest.approx(best, abs=1e-5)


def test_coarse_powers_of_separate_bands_are_their_weighted_sum():
    rng = np.random.default_rng(3)
    t, band = np.sort(rng.uniform(0, 50, 90)), np.arange(90) % 2
    mag, err = rng.normal(size=90) + band, rng.uniform(0.1, 0.5, 90)
    parts = multiband.band_parts(t, mag, err, band, True)
    grid = frequency_grid(50.0, maximum_frequency=3.0)
    frequency = (grid.k_first + np.arange(grid.n)) * grid.step
    exact = sum(
        p.share * np.abs(refine.turns(p.t, frequency) @ (p.weight * p.mag)) ** 2 for p in parts
    )
    fast = multiband.coarse(parts, grid, shared=False)
    assert np.abs(fast - exact).max() < 1e-2 * exact.max()


def test_few_points_have_no_multiple():
    rng = np.random.default_rng(1)
    for n, told in ((9, False), (10, True)):
        t = np.sort(rng.uniform(0, 30, n))
        weight, mag = np.full(n, 1 / n), rng.normal(size=n)
        multiple, gain = multiples.best_multiple(t, mag - mag.mean(), weight, 1.1, 0.005)
        assert multiple == 1
        assert np.isfinite(gain) == told


def test_the_gain_is_that_of_twice_the_period_that_is_given():
    """Narrow unequal eclipses at a sixth of their period: half of it, and what 2P would gain."""
    rng = np.random.default_rng(0)
    t = np.sort(rng.uniform(0, 400, 600))
    distance = np.abs((t / 6.0 - np.array([[0.0], [0.5]]) + 0.5) % 1 - 0.5)
    mag = (np.array([[0.8], [0.4]]) * np.clip(1 - distance / 0.03, 0, None)).sum(0)
    mag += rng.normal(0, 0.01, 600)
    t, mag, weight = normalised(t, mag, np.full(600, 0.01), True)
    step = 1 / 2000
    multiple, gain = multiples.best_multiple(t, mag, weight, 1.0, step)
    assert multiple in (3, 6)
    harmonics = multiples.HARMONICS
    bic = [multiples._bic(t, mag, weight, 1.0, step, m, harmonics) for m in (multiple, 6)]
    if multiple == 3:
        assert gain == pytest.approx(bic[0] - bic[1])
        assert gain > multiples.MARGIN  # the eclipses are unequal


@pytest.mark.parametrize("n_terms", [2, 3])
def test_candidates_of_sharp_peaks_are_looked_for_all_over_a_step(n_terms):
    asked, top = [], 1.004

    def power_at(frequency, offsets):
        asked.append(offsets)
        x = (frequency + offsets[:, None] - top) / (0.01 / n_terms)
        return 1 / (1 + x**2)

    frequency, power = refine.climb(power_at, np.array([1.0]), 0.01, n_terms)
    assert asked[0] == pytest.approx(0.01 * np.arange(-n_terms, n_terms + 1) / n_terms)
    assert frequency == pytest.approx([top], abs=1e-6)
    assert power == pytest.approx([1.0])


@pytest.mark.parametrize("rhythm", [1.0, 1.0027379, 1 / 29.530589, 1 / 365.2422])
def test_aliases_with_every_rhythm(rhythm):
    """At frequencies where no other rhythm or ratio comes near."""
    truth = pd.Series([1 / 0.1037])
    found = 1 / (0.1037 + rhythm)
    outcome = period_success(pd.Series([found]), truth, tolerance=1e-4)
    assert outcome.tolist() == ["alias"]
    beside = period_success(pd.Series([1 / (0.1037 + 1.13 * rhythm)]), truth, tolerance=1e-4)
    assert beside.tolist() == ["missed"]


def test_powers_of_a_search_need_the_grid_in_order():
    grid = frequency_grid(10.0, maximum_frequency=2.0)
    power = search.periodogram(np.array([-5.0, 0.0, 5.0]), np.zeros(3), grid)
    assert power.tolist() == [0.0] * grid.n


def test_the_fitted_frequency_does_not_depend_on_when_time_begins():
    """To the last digits, also for times in seconds since 1970."""
    rng = np.random.default_rng(6)
    t = np.sort(np.round(rng.uniform(0, 40, 200) * 2**20)) / 2**20  # exact wherever they begin
    mag = harmonics_of(t, 0.3, 0.15) + rng.normal(0, 0.01, 200)
    here, later = (multi_harmonic_fit(x, mag, np.full(200, 0.01), 1.703) for x in (t, t + 2.0**30))
    assert later.n_harmonics == here.n_harmonics == 2
    assert later.frequency == pytest.approx(here.frequency, abs=1e-9)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_series_leaves_nothing_of_itself(n):
    rng = np.random.default_rng(7)
    t, weight = np.sort(rng.uniform(0, 20, 60)), rng.uniform(0.5, 1.5, 60)
    mag = harmonics_of(t, *(0.3, 0.15, 0.1)[:n])
    assert _residual(t, mag, weight / weight.sum(), 1.7, n) == pytest.approx(0, abs=1e-9)
    more = _residual(t, mag + 0.2 * np.cos(2 * np.pi * 1.7 * (n + 1) * t), weight, 1.7, n)
    assert 0.1 < more.std() < 0.2


def test_the_bic_of_a_multiple_is_taken_at_the_frequency_too():
    t = np.sort(np.random.default_rng(8).uniform(0, 30, 50))
    t, mag, weight = normalised(t, harmonics_of(t, 0.3, 0.15), np.full(50, 0.01), True)
    for multiple in (1, 2):
        found = multiples._bic(t, mag, weight, 1.7, 0.01, multiple, 2)
        power = refine.series_power(t, mag, weight, np.array([1.7 / multiple]), 2 * multiple)
        assert found == pytest.approx(refine.bic(power, 50, 2 * multiple)[0])


def test_points_are_summed_so_many_at_a_time():
    sizes = []

    def sums(part):
        sizes.append(len(part))
        return (part.sum(),)

    (total,) = refine.sum_in_chunks(sums, refine.TURNS // 3, np.arange(10.0))
    assert (total, sizes) == (45.0, [3, 3, 3, 1])
    sizes.clear()
    assert refine.sum_in_chunks(sums, 10 * refine.TURNS, np.arange(3.0))[0] == 3.0
    assert sizes == [1, 1, 1]


def test_more_harmonics_move_a_candidate_to_its_top():
    t = np.sort(np.random.default_rng(9).uniform(0, 40, 120))
    t, mag, weight = normalised(t, harmonics_of(t, 0.3, 0.15), np.full(120, 0.01), True)
    step = 0.004
    for aside in (-step / 8, step / 8):  # 4 k + 1 offsets over half a step each way, halved
        place, power, terms, _ = refine.terms_by_bic(
            t, mag, weight, np.array([1.7 + aside]), step, 2
        )
        assert terms.tolist() == [2]
        assert place == pytest.approx([1.7], abs=1e-9)
        assert power == pytest.approx([1.0], abs=1e-6)

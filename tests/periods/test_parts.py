"""The parts of the period search, each against an exact or hand-made answer."""

import numpy as np
import pandas as pd
import pytest
from astropy.timeseries import LombScargle, LombScargleMultiband
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles.periods import find_period_multiband_reference, find_period_reference

from varstar.lightcurves.sample import LightCurves
from varstar.periods import (
    OUTCOMES,
    find_periods,
    harmonics,
    multiband,
    multiples,
    period_success,
    refine,
    search,
    significance,
    success_table,
)
from varstar.periods.find import normalised
from varstar.periods.grid import MAX_FREQUENCIES, frequency_grid

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture(scope="module")
def star():
    rng = np.random.default_rng(8)
    # one site: points only in a third of each day, as a survey has them
    t = np.sort(rng.integers(0, 400, 180) + rng.normal(0.3, 0.08, 180))
    err = rng.uniform(0.02, 0.1, 180)
    x = 2 * np.pi * t / 0.7391
    mag = 14 + 0.3 * np.sin(x) + 0.15 * np.sin(2 * x + 1) + rng.normal(0, err)
    return t, mag, err


def curves_of(t, mag, err, band=None, bands=("V",)):
    band = np.zeros(len(t), np.int8) if band is None else band
    return LightCurves(t, mag, err, band, np.array([0, len(t)]), bands)


# --- the grid


def test_grid_steps_and_ends():
    grid = frequency_grid(1000.0, oversampling=5, maximum_frequency=24)
    assert grid.step == pytest.approx(1 / 5000)
    assert grid.k_first * grid.step == pytest.approx(1 / 1000)
    assert grid.k_last * grid.step == pytest.approx(24)
    assert frequency_grid(1000.0, minimum_frequency=2.0).k_first == 10_000


def test_grid_of_an_absurd_span_is_bounded():
    assert frequency_grid(1e12).n <= MAX_FREQUENCIES


# --- the coarse search


def test_coarse_periodogram_is_schusters(star):
    t, mag, weight = normalised(*star, weighted=True)
    grid = frequency_grid(t[-1] - t[0])
    assert grid.n > 2 * search.BLOCK  # several blocks, the last one not full
    fast = search.periodogram(t, weight * mag, grid)
    k = np.random.default_rng(0).integers(0, grid.n, 500)
    k = np.append(k, [0, search.BLOCK - 1, search.BLOCK, grid.n - 1])
    exact = np.abs(refine.turns(t, (grid.k_first + k) * grid.step) @ (weight * mag)) ** 2
    assert np.abs(fast[k] - exact).max() < 5e-3 * exact.max()


def test_harmonic_sum_by_hand():
    grid = frequency_grid(1.0, minimum_frequency=1.0, maximum_frequency=4, oversampling=1)
    power = np.array([1.0, 10.0, 100.0, 1000.0], np.float32)  # at 1, 2, 3, 4
    # the second harmonic of 1 is looked up at 1..3, that of 2 at 3..4 (the grid ends)
    assert search.harmonic_sum(power, grid, 2).tolist() == [101.0, 1010.0, 100.0, 1000.0]


def test_highest_peaks_in_order():
    power = np.zeros(100)
    power[[3, 50, 99]] = 2, 3, 1
    assert search.highest_peaks(power, 3).tolist() == [50, 3, 99]


# --- exact powers


@pytest.mark.parametrize("n_terms", [1, 2, 4])
def test_exact_power_is_astropys(star, n_terms):
    t, mag, err = star
    frequency = np.random.default_rng(1).uniform(0.01, 10, 40)
    ours = refine.series_power(*normalised(t, mag, err, True), frequency, n_terms)
    method = "cython" if n_terms == 1 else "chi2"
    theirs = LombScargle(t, mag, err, nterms=n_terms).power(
        frequency, method=method, assume_regular_frequency=False
    )
    assert ours == pytest.approx(theirs, abs=1e-6)


@pytest.mark.parametrize("n_terms", [1, 3])
def test_agrees_with_the_exact_reference(n_terms):
    rng = np.random.default_rng(5)
    for period in (0.0931, 0.6123, 2.718, 47.0):
        t = np.sort(rng.integers(0, 150, 60) + rng.normal(0.3, 0.1, 60))
        err = rng.uniform(0.02, 0.08, 60)
        x = 2 * np.pi * t / period
        mag = 15 + 0.2 * np.sin(x) + 0.08 * np.cos(2 * x) + rng.normal(0, err)
        options = {"maximum_frequency": 12.0, "minimum_frequency": 0.015}
        slow, power = find_period_reference(t, mag, err, n_terms, **options)
        row = find_periods(curves_of(t, mag, err), n_terms=n_terms, **options).iloc[0]
        assert row.power == pytest.approx(power, abs=2e-3)
        assert row.power > power - 1e-5  # ours is refined further
        assert abs(1 / row.period - 1 / slow) * np.ptp(t) < 0.05


def test_false_alarm_probability_is_astropys(star):
    t, mag, err = star
    model = LombScargle(t, mag, np.full_like(err, 0.05))
    for power in (0.02, 0.1, 0.2, 0.6):
        theirs = model.false_alarm_probability(power, method="baluev", maximum_frequency=24.0)
        ours = significance.false_alarm_probability(power, t, 24.0)
        assert ours == pytest.approx(float(theirs), rel=1e-4, abs=1e-300)


def test_the_periodogram_is_the_same_in_small_memory(star, monkeypatch):
    t, mag, _ = star
    grid = frequency_grid(np.ptp(t))
    x, strength = t - t.mean(), (mag - mag.mean()) / len(t)
    whole = search.periodogram(x, strength, grid)
    monkeypatch.setattr(search, "PHASES", 1)  # a block at a time
    np.testing.assert_array_equal(search.periodogram(x, strength, grid), whole)


# --- several bands


@pytest.fixture(scope="module")
def two_bands():
    rng = np.random.default_rng(12)
    t = np.sort(rng.uniform(0, 90, 80))
    band = (rng.random(80) < 0.4).astype(np.int8)
    err = np.full(80, 0.05)
    x = 2 * np.pi * t / 0.5321
    mag = np.where(band == 1, 15.5 + 0.15 * np.sin(x + 0.5), 14.5 + 0.25 * np.sin(x))
    return t, mag + rng.normal(0, err), err, band


@pytest.mark.parametrize("shared", [False, True])
def test_multiband_power_is_astropys(two_bands, shared):
    t, mag, err, band = two_bands
    frequency = np.random.default_rng(2).uniform(0.1, 5, 30)
    parts = multiband.band_parts(t, mag, err, band, True)
    ours = multiband.multiband_power(parts, frequency, 1, shared)
    terms = {"nterms_base": 1, "nterms_band": 0} if shared else {"nterms_base": 0, "nterms_band": 1}
    model = LombScargleMultiband(
        t, mag, band, dy=err, reg_base=0, reg_band=1e-10, regularize_by_trace=False, **terms
    )
    theirs = model.power(frequency, method="flexible")
    assert ours == pytest.approx(theirs, abs=1e-5)


@pytest.mark.parametrize("shared", [False, True])
def test_multiband_search_agrees_with_the_exact_reference(two_bands, shared):
    t, mag, err, band = two_bands
    options = {"maximum_frequency": 4.0}
    slow, power = find_period_multiband_reference(t, mag, err, band, shared, **options)
    curves = curves_of(t, mag, err, band, ("g", "r"))
    row = find_periods(curves, shared=shared, **options).iloc[0]
    assert row.power == pytest.approx(power, abs=2e-3)
    assert row.period == pytest.approx(slow, rel=1e-3)
    assert row.period == pytest.approx(0.5321, rel=1e-3)


def test_harmonic_multiband_of_one_band_is_the_single_band_series(star):
    t, mag, err = star
    frequency = np.linspace(1.0, 2.0, 9)
    parts = multiband.band_parts(t, mag, err, np.zeros(len(t)), True)
    single = refine.series_power(*normalised(t, mag, err, True), frequency, 3)
    for shared in (False, True):
        ours = multiband.multiband_power(parts, frequency, 3, shared)
        assert ours == pytest.approx(single, abs=1e-5)


def test_harmonic_multiband_finds_narrow_eclipses():
    rng = np.random.default_rng(3)
    t = np.sort(rng.uniform(0, 300, 240))
    band = np.arange(240, dtype=np.int8) % 2
    phase = t / 4.321 % 1.0
    depth = 0.5 * np.exp(-0.5 * ((phase - 0.5) / 0.03) ** 2)
    mag = 15 + band + depth + rng.normal(0, 0.03, 240)
    curves = curves_of(t, mag, np.full(240, 0.03), band, ("g", "r"))
    for shared in (False, True):
        found = find_periods(curves, n_terms=6, shared=shared, maximum_frequency=5.0)
        assert found.period.iloc[0] == pytest.approx(4.321, rel=1e-3)


# --- aliases and doubles


def test_sampling_frequencies_by_name():
    name = significance.sampling_frequency
    assert name(1.0002, 1000.0) == "day"
    assert name(2.0055, 3000.0) == "sidereal day"
    assert name(1 / 365.25, 3000.0) == "year"
    assert name(1 / 365.25, 300.0) == ""  # not resolved
    assert name(1 / 29.53, 1000.0) == "month"
    assert name(2 / 29.53, 1000.0) == "month"
    assert name(1 / 27.32, 3000.0) == "sidereal month"
    assert name(3 / 29.53, 1000.0) == ""
    assert name(0.73, 1000.0) == ""


def test_aliases_by_name():
    name = significance.is_alias_of
    assert name(1.3, 0.3, 1000.0) == "day"
    assert name(0.7, 0.3, 1000.0) == "day"
    assert name(0.3 + 1 / 365.2422, 0.3, 3000.0) == "year"
    assert name(0.45, 0.3, 1000.0) == ""


def test_daily_alias_is_flagged(star):
    row = find_periods(curves_of(*star)).iloc[0]
    assert row.period == pytest.approx(0.7391, rel=1e-3)
    assert not row.alias  # the period itself is no rhythm of the sampling
    assert row.alias_of == ""
    assert row.runner_up_alias_of in ("day", "sidereal day")
    difference = abs(1 / row.period - 1 / row.runner_up)
    assert difference == pytest.approx(round(difference), abs=0.02)


@pytest.mark.parametrize(("period", "name"), [(1.0, "day"), (29.53, "month"), (365.2, "year")])
def test_a_period_of_the_sampling_is_flagged(period, name):
    t = np.sort(np.random.default_rng(2).uniform(0, 3000, 300))
    mag = 15 + 0.3 * np.sin(2 * np.pi * t / period)
    row = find_periods(curves_of(t, mag, np.full(300, 0.02))).iloc[0]
    assert row.period == pytest.approx(period, rel=1e-3)
    assert row.alias
    assert row.alias_of == name


def test_a_peak_at_an_end_of_the_grid_is_told():
    rng = np.random.default_rng(7)
    t = np.sort(rng.integers(0, 400, 300) + rng.uniform(-0.15, 0.15, 300))
    err = np.full(300, 0.01)
    fast = 12 + 0.1 * np.sin(2 * np.pi * t / 0.04) + rng.normal(0, 0.01, 300)
    slow = 12 + 0.1 * np.sin(2 * np.pi * t / 900)  # less than half a cycle
    usual = 12 + 0.1 * np.sin(2 * np.pi * t / 2.7)
    edges = [find_periods(curves_of(t, m, err)).iloc[0] for m in (fast, slow, usual)]
    assert [bool(row.at_edge) for row in edges] == [True, True, False]
    assert edges[1].cycles < 1.3
    assert edges[2].cycles == pytest.approx(np.ptp(t) / 2.7, rel=1e-3)
    found = find_periods(curves_of(t, fast, err), maximum_frequency=40.0).iloc[0]
    assert found.period == pytest.approx(0.04, rel=1e-4)
    assert not found.at_edge


def test_narrow_eclipses_do_not_end_at_a_quarter_of_the_period():
    rng = np.random.default_rng(0)
    ratio, peak = [], []
    for _ in range(40):
        period, width = 10 ** rng.uniform(0, 1), rng.uniform(0.015, 0.04)
        n, deep = rng.integers(200, 500), rng.uniform(0.4, 0.9)
        t = np.sort(rng.integers(0, 1500, n) + rng.uniform(-0.15, 0.15, n))
        distance = np.abs((t / period - np.array([[0.2], [0.7]]) + 0.5) % 1 - 0.5)
        depth = np.array([[deep], [deep * rng.uniform(0.3, 0.8)]])
        mag = 12 + (depth * np.clip(1 - distance / width, 0, None)).sum(0)
        mag += rng.normal(0, 0.02, n)
        row = find_periods(curves_of(t, mag, np.full(n, 0.02))).iloc[0]
        ratio.append(row.period * (2 if row.period_2p_preferred else 1) / period)
        peak.append(row.period / row.multiple / period)
    right = np.abs(np.array(ratio)[:, None] - [0.5, 1.0]).min(axis=1) < 0.01
    assert right.mean() >= 0.9
    half = np.abs(np.array(peak)[:, None] - [0.5, 1.0]).min(axis=1) < 0.01
    assert half.mean() < 0.8  # where the strongest peaks are


def test_pulsating_stars_and_noise_keep_their_peaks():
    rng = np.random.default_rng(3)
    t = np.sort(rng.uniform(0, 1500, 300))
    saw = (t / 0.57) % 1
    for mag in (12 + saw, 12 - saw, rng.exponential(1.0, 300)):
        mag = mag + rng.normal(0, 0.02, 300)
        assert find_periods(curves_of(t, mag, np.full(300, 0.02))).multiple[0] == 1


def test_an_empty_sample_has_the_columns_and_types_of_a_full_one(star):
    curves = curves_of(*star)
    empty = find_periods(curves.stars([]))
    assert empty.dtypes.equals(find_periods(curves).dtypes)
    bad = find_periods(curves._replace(mag=curves.mag * np.nan))
    assert bad.dtypes.equals(empty.dtypes)


def test_power_and_false_alarm_probability_of_a_search_are_astropys(star):
    t, mag, err = star
    rng = np.random.default_rng(5)
    for noise in (0.3, 0.6, 2.0):
        faint = mag + rng.normal(0, noise, len(t))
        row = find_periods(curves_of(t, faint, err)).iloc[0]
        exact = LombScargle(t, faint, err)
        expected = exact.false_alarm_probability(row.power, method="baluev", maximum_frequency=24.0)
        assert exact.power(1 / row.period) == pytest.approx(row.power, abs=1e-9)
        assert np.log(row.fap) == pytest.approx(np.log(expected), abs=1e-3)


def test_long_periods_are_not_doubled():
    rng = np.random.default_rng(0)
    t = np.sort(rng.uniform(0, 1500, 200))
    mag = 10 + np.sin(2 * np.pi * t / 300) + 0.3 * np.sin(2 * np.pi * t / 620)
    row = find_periods(curves_of(t, mag + rng.normal(0, 0.02, 200), np.full(200, 0.02))).iloc[0]
    assert 1500 / row.period / 2 < multiples.MIN_CYCLES
    assert np.isnan(row.gain_2p)
    assert not row.period_2p_preferred


def test_bic_by_hand():
    assert refine.bic(0.5, 100, 1) == pytest.approx(100 * np.log(0.5) + 3 * np.log(100))


def test_bic_counts_the_harmonics():
    rng = np.random.default_rng(7)
    t = np.sort(rng.uniform(0, 300, 200))
    x = 2 * np.pi * t / 1.234
    for true in (1, 3):
        mag = sum(0.3 / k * np.cos(k * x + k) for k in range(1, true + 1))
        mag = mag + rng.normal(0, 0.02, 200)
        row = find_periods(curves_of(t, 15 + mag, np.full(200, 0.02)), n_terms="bic").iloc[0]
        assert row.n_terms == true
        assert row.period == pytest.approx(1.234, rel=1e-4)


def test_bic_finds_narrow_unequal_eclipses_at_their_own_period():
    rng = np.random.default_rng(4)
    t = np.sort(rng.uniform(0, 900, 400))
    phase = t / 5.4321 % 1
    depth = 0.6 * np.exp(-0.5 * ((phase - 0.25) / 0.025) ** 2)
    depth += 0.2 * np.exp(-0.5 * ((phase - 0.75) / 0.025) ** 2)
    curves = curves_of(t, 12 + depth + rng.normal(0, 0.02, 400), np.full(400, 0.02))
    row = find_periods(curves, n_terms="bic", maximum_frequency=10.0).iloc[0]
    assert row.period == pytest.approx(5.4321, rel=1e-3)
    assert row.n_terms > 3
    assert not row.period_2p_preferred


# --- the series fit


def test_segment_sums_with_empty_stars():
    offsets = np.array([0, 0, 2, 2, 5, 5])
    assert harmonics.segment_sum(np.arange(5.0), offsets).tolist() == [0, 1, 0, 9, 0]
    assert harmonics.segment_sum(np.zeros(0), np.array([0, 0])).tolist() == [0]


def test_chunks_cover_all_stars_once():
    offsets = np.cumsum([0, 3, 3, 10, 1, 0, 2])
    chunks = harmonics.star_chunks(offsets, 5)
    assert [(c.start, c.stop) for c in chunks] == [(0, 1), (1, 2), (2, 3), (3, 6)]


# --- success


@pytest.mark.parametrize(
    ("found", "outcome"),
    [(0.6123, "exact"), (0.30615, "P/2"), (1.2246, "2P"), (0.2041, "harmonic"),
     (0.91845, "harmonic"), (1 / (1 / 0.6123 + 1), "alias"), (1 / (1 / 0.6123 - 1), "alias"),
     (1 / (2 / 0.6123 - 1), "alias"), (0.5, "missed"), (np.nan, "unknown"), (-1.0, "unknown")],
)  # fmt: skip
def test_outcomes(found, outcome):
    assert period_success(np.array([found]), np.array([0.6123]))[0] == outcome


def test_long_periods_agree_within_a_peaks_width():
    found, true = np.array([420.0]), np.array([400.0])
    assert period_success(found, true)[0] == "missed"
    assert period_success(found, true, span=np.array([2000.0]))[0] == "exact"


@settings(max_examples=30, deadline=None)
@given(st.floats(0.05, 500))
def test_the_truth_is_exact_and_its_half_is_half(period):
    found = np.array([period, period / 2, period * 2])
    assert period_success(found, np.full(3, period)).tolist() == ["exact", "P/2", "2P"]


def test_success_table_by_class():
    found = pd.Series([1.0, 0.5, np.nan, 2.0], index=list("abcd"))
    true = pd.Series([2.0, 1.0, 1.0, 1.0], index=list("dabc"))
    label = pd.Series(["x", "x", "y", "y"], index=list("abcd"))
    table = success_table(period_success(found, true), label)
    assert table.columns.tolist() == [*OUTCOMES[:-1], "n", "n_unknown"]
    assert table.loc["x", ["exact", "P/2", "n"]].tolist() == [50, 50, 2]
    assert table.loc["y", ["exact", "n", "n_unknown"]].tolist() == [100, 1, 1]
    assert table.loc["all", "n"] == 3

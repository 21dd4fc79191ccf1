"""Periods against years: windows, the two searches, what counts as right, the tables."""

import numpy as np
import pandas as pd
import pytest
from astropy.timeseries import LombScargleMultiband
from hypothesis import given, settings
from hypothesis import strategies as st

from varstar import make_sample
from varstar.lightcurves import preprocess
from varstar.lightcurves.sample import light_curves
from varstar.papers.s26 import period_success as success
from varstar.papers.s26 import periods as sp
from varstar.periods.multi_harmonic import multi_harmonic_fit

CLASSES = ["CEP", "T2CEP", "DSCT", "ECL", "RRLYR"]


def star(name, period, n=60, span=400.0, bands=("g", "r"), noise=0.01, seed=0, shape=None):
    """A table of observations of one star: by default a saw-tooth of three harmonics."""
    rng = np.random.default_rng(seed)
    parts = []
    for k, band in enumerate(bands):
        t = np.sort(rng.uniform(0, span, n))
        x = 2 * np.pi * t / period + 0.1 * k
        light = 0.4 * np.cos(x) + 0.2 * np.cos(2 * x + 1) + 0.1 * np.cos(3 * x + 2)
        light = light if shape is None else shape(x)
        mag = 15 + k + (1 - 0.3 * k) * light + rng.normal(0, noise, n)
        parts.append(
            pd.DataFrame({"star_id": name, "t": t, "mag": mag, "err": noise, "band": band})
        )
    return pd.concat(parts)


def sample_of(periods, **options):
    tables = [star(f"s{i}", p, seed=i, **options) for i, p in enumerate(periods)]
    stars = pd.DataFrame({"star_id": [f"s{i}" for i in range(len(periods))], "period": periods})
    return make_sample(pd.concat(tables), stars)


def test_first_years_by_hand():
    obs = pd.DataFrame(
        {
            "star_id": ["a", "a", "a", "b", "b"],
            "t": [100.0, 464.0, 466.0, 300.0, 500.0],
            "mag": [1.0, 2.0, 3.0, 4.0, 5.0],
            "band": ["g", "r", "g", "g", "g"],
        }
    )
    sample = make_sample(obs, pd.DataFrame({"star_id": ["a", "b", "c"], "label": list("xyz")}))
    own = light_curves(preprocess.first_years(sample, 1))
    assert own.counts.tolist() == [2, 2, 0]  # 365.25 d from each star's first point
    assert own.mag.tolist() == [1.0, 2.0, 4.0, 5.0]
    survey = light_curves(preprocess.first_years(sample, 1, start=200.0))
    assert survey.mag.tolist() == [2.0, 3.0, 4.0, 5.0]
    assert preprocess.first_years(sample, 1)["label"].tolist() == list("xyz")
    with pytest.raises(ValueError, match="years"):
        preprocess.first_years(sample, 0)


@settings(max_examples=10, deadline=None)
@given(st.floats(0.1, 3), st.floats(0.1, 3))
def test_longer_windows_hold_the_shorter(a, b):
    sample = sample_of([0.7, 3.1], n=30, span=1000.0)
    short, long = sorted((a, b))
    few, many = (light_curves(preprocess.first_years(sample, y)) for y in (short, long))
    assert (few.counts <= many.counts).all()
    assert np.isin(few.t, many.t).all()


def test_multi_harmonic_fit_of_a_known_series():
    t = np.sort(np.random.default_rng(1).uniform(0, 300, 120))
    f = 0.731
    x = 2 * np.pi * f * t
    mag = 12 + 0.30 * np.cos(x + 1.0) + 0.12 * np.cos(2 * x + 2.0) + 0.05 * np.cos(3 * x + 3.0)
    mag = mag + np.random.default_rng(2).normal(0, 0.002, len(t))
    fit = multi_harmonic_fit(t, mag, np.full(len(t), 0.002), f + 0.3 / 300)
    assert fit.n_harmonics == 3
    assert fit.frequency == pytest.approx(f, abs=2e-6)
    assert fit.amplitudes == pytest.approx([0.30, 0.12, 0.05], abs=2e-3)
    assert fit.phases == pytest.approx([1.0, 2.0, 3.0], abs=0.03)
    assert fit.zero_point == pytest.approx(12, abs=2e-3)


def test_a_sine_gets_one_harmonic_and_noise_no_second():
    t = np.sort(np.random.default_rng(3).uniform(0, 300, 200))
    mag = 0.3 * np.cos(2 * np.pi * 0.31 * t) + np.random.default_rng(4).normal(0, 0.01, len(t))
    fit = multi_harmonic_fit(t, mag, np.full(len(t), 0.01), 0.31)
    assert fit.n_harmonics == 1
    with pytest.raises(ValueError, match="max_harmonics"):
        multi_harmonic_fit(t, mag, np.full(len(t), 0.01), 0.31, max_harmonics=0)


def test_no_harmonic_beyond_the_highest_frequency():
    t = np.sort(np.random.default_rng(5).uniform(0, 100, 200))
    x = 2 * np.pi * 9.0 * t
    mag = 0.3 * np.cos(x) + 0.2 * np.cos(2 * x) + 0.1 * np.cos(3 * x)
    err = np.full(len(t), 0.01)
    assert multi_harmonic_fit(t, mag, err, 9.0, maximum_frequency=25).n_harmonics == 2
    assert multi_harmonic_fit(t, mag, err, 9.0, maximum_frequency=30).n_harmonics == 3


@pytest.mark.parametrize("method", ["one", "both"])
def test_periods_are_found_and_few_points_are_flagged(method):
    def search(sample):
        if method == "one":
            return sp.multi_harmonic_periods(sample, "g")
        return sp.multi_band_periods(sample, samples_per_peak=5)

    true = [0.2731, 1.618, 7.77]
    found = search(sample_of(true))
    assert found["period"].to_numpy() == pytest.approx(true, rel=5e-4)
    assert (found["status"] == "ok").all()
    few = search(sample_of(true, n=9))
    assert few["period"].isna().all()
    assert set(few["status"]) == {"fewer than 20 valid points"}


def test_bad_light_curves_get_a_status():
    good = star("good", 0.6)
    flat = good.assign(star_id="flat", mag=15.0)
    nothing = good.assign(star_id="nan", mag=np.nan)
    sample = make_sample(pd.concat([good, flat, nothing]))
    for found in (sp.multi_harmonic_periods(sample, "r"), sp.multi_band_periods(sample)):
        assert found["period"].notna().tolist() == [True, False, False]
        assert found["status"].tolist() == ["ok", "constant magnitude", "no valid points"]
    with pytest.raises(ValueError, match="band"):
        sp.multi_harmonic_periods(sample, "i")


def test_the_fast_search_agrees_with_astropy_on_its_grid():
    """Default LombScargleMultiband (one shared and one own term, 1e-6), samples_per_peak 20."""
    periods = [0.2731, 0.61, 3.3]
    sample = sample_of(periods, n=25, span=8.0, noise=0.03)
    ours = sp.multi_band_periods(sample)
    curves = light_curves(sample)
    for i, period in enumerate(ours["period"]):
        t, mag, err = curves.one(i)
        band = curves.band[curves.offsets[i] : curves.offsets[i + 1]]
        model = LombScargleMultiband(t, mag, band, err)
        frequency, power = model.autopower(
            samples_per_peak=20, minimum_frequency=1 / np.ptp(t), maximum_frequency=25
        )
        best = frequency[np.argmax(power)]
        assert abs(1 / period - best) <= 0.5 * (frequency[1] - frequency[0])


def test_what_is_right_by_hand():
    index = list("abcde")
    true = pd.Series(10.0, index)
    found = pd.Series([10.4, 11.4, 5.1, 20.2, np.nan], index)
    label = pd.Series(["CEP", "CEP", "ECL", "CEP", "ECL"], index)
    one = success.is_right(found, true, label, **success.RULES["one band"])
    assert one.tolist() == [True, True, False, False, False]
    several = success.is_right(found, true, label, **success.RULES["several bands"])
    assert several.tolist() == [True, False, True, False, False]
    with pytest.raises(ValueError, match="label"):
        success.is_right(found, true, **success.RULES["several bands"])


def test_interval_of_wilson_by_hand():
    low, high = success.interval([0, 5, 3], [0, 10, 3])
    assert np.isnan([low[0], high[0]]).all()
    z2 = 1.959964**2
    half = np.sqrt(z2 * (10 / 4 + z2 / 4)) / (10 + z2)
    assert (low[1], high[1]) == pytest.approx((0.5 - half, 0.5 + half), abs=1e-6)
    assert high[2] == pytest.approx(1.0)


def test_tables_by_years():
    sample = sample_of([0.6, 0.7, 2.5, 3.5], n=40, span=700.0)
    sample["superclass"] = ["RRLYR", "RRLYR", "CEP", "CEP"]
    methods = {
        "g": lambda s: sp.multi_harmonic_periods(s, "g"),
        "g+r": lambda s: sp.multi_band_periods(s, samples_per_peak=5),
    }
    periods = success.periods_by_years(sample, methods, (0.25, 2))
    assert len(periods) == 4 * 2 * 2
    table = success.success_by_years(periods, {"g": "one band", "g+r": "several bands"}, CLASSES)
    assert table["stars"].eq(2).all()
    assert table.loc[("g", "CEP", 0.25), "judged"] == 0  # a dozen points
    assert table.loc[("g", "CEP", 0.25), "few_points"] == 2
    assert np.isnan(table.loc[("g", "CEP", 0.25), "rate"])
    assert table.loc[("g+r", slice(None), 2), "rate"].eq(1.0).all()
    assert (table["rate"].dropna() >= table["low"].dropna()).all()
    labels = list(dict.fromkeys(table.index.get_level_values("label")))
    assert labels == ["CEP", "RRLYR"]
    outcome = success.outcomes_by_years(periods)
    assert outcome.loc[("g+r", 2), "exact"] == 1.0
    assert outcome.loc[("g", 0.25), "unknown"] == 1.0


def test_searching_again_about_the_truth_mends_half_periods():
    """Two different minima: the one-harmonic search takes P/2, the boundaries forbid it."""
    sample = sample_of([2.0], n=300, shape=lambda x: 0.3 * np.cos(2 * x) + 0.1 * np.cos(x))
    blind = sp.multi_harmonic_periods(sample, "g")
    assert blind["period"].iloc[0] == pytest.approx(1.0, rel=1e-3)
    again = sp.search_again(sample, "g", blind, sample["period"], factor=1.5)
    assert again["period"].iloc[0] == pytest.approx(2.0, rel=1e-3)
    assert blind["period"].iloc[0] == pytest.approx(1.0, rel=1e-3)  # untouched


def test_lsst_visits_and_bands():
    from varstar.simulate.lsst import VISITS, lsst

    sample = lsst(20, seed=2)
    curves = light_curves(sample)
    assert curves.bands == tuple(VISITS)
    counts = np.bincount(curves.band, minlength=6) / 20
    assert counts == pytest.approx(list(VISITS.values()), rel=0.25)
    assert set(sample["superclass"]) == set(CLASSES)
    span = (curves.t.max() - curves.t.min()) / 365.25
    assert 9 < span <= 10
    again = lsst(20, seed=2)
    assert np.array_equal(light_curves(again).mag, curves.mag)
    assert set(light_curves(lsst(5, seed=2, bands="u")).bands) >= {"u"}

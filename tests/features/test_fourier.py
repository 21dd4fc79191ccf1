"""Fourier parameters: known series, the slow reference, conventions, bad input."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles.features import fourier_parameters_reference

import varstar as vs
from varstar.features import fourier_parameters
from varstar.lightcurves.sample import LightCurves

COLUMNS = ["amplitude", "a1", "r21", "phi21", "r31", "phi31", "mean", "chi2", "rms"]


def series(t, period, amplitudes, phases, mean=15.0):
    x = 2 * np.pi * t / period
    terms = zip(amplitudes, phases, strict=True)
    return mean + sum(a * np.cos((k + 1) * x + p) for k, (a, p) in enumerate(terms))


def flat(stars):
    """LightCurves in one band from a list of (t, mag, err)."""
    counts = [len(s[0]) for s in stars]
    t, mag, err = (np.concatenate([np.asarray(s[i], float) for s in stars]) for i in range(3))
    offsets = np.concatenate([[0], np.cumsum(counts)])
    return LightCurves(t, mag, err, np.zeros(len(t), np.int8), offsets, ("V",))


@pytest.fixture(scope="module")
def noisy():
    rng = np.random.default_rng(3)
    stars, periods = [], []
    for n in (12, 40, 200, 333):
        t = np.sort(rng.uniform(2450000, 2452000, n))
        period = 10 ** rng.uniform(-1, 1.5)
        mag = series(t, period, (0.3, 0.1, 0.05), rng.uniform(0, 6, 3))
        err = rng.uniform(0.01, 0.1, n)
        stars.append((t, mag + rng.normal(0, err), err))
        periods.append(period)
    return stars, np.array(periods)


def test_recovers_a_known_series_exactly():
    t = np.sort(np.random.default_rng(0).uniform(0, 100, 60))
    mag = series(t, 0.7, (0.3, 0.12, 0.06), (1.0, 2.5, 0.4))
    row = fourier_parameters(flat([(t, mag, np.full(60, 0.01))]), np.array([0.7])).iloc[0]
    assert row.status == "ok"
    assert row.a1 == pytest.approx(0.3)
    assert row.r21 == pytest.approx(0.4)
    assert row.r31 == pytest.approx(0.2)
    assert row.phi21 == pytest.approx(2.5 - 2 * 1.0)
    assert row.phi31 == pytest.approx((0.4 - 3 * 1.0) % (2 * np.pi))
    assert row["mean"] == pytest.approx(15)
    assert row.rms == pytest.approx(0, abs=1e-9)


def test_amplitude_of_one_cosine_is_twice_a1():
    t = np.linspace(0, 9.7, 50)
    curves = flat([(t, series(t, 1.3, (0.25,), (0.3,)), np.ones(50))])
    row = fourier_parameters(curves, np.array([1.3]), n_terms=1).iloc[0]
    assert row.a1 == pytest.approx(0.25)
    assert row.amplitude == pytest.approx(0.5, rel=1e-3)
    assert np.isnan(row.r21)


@pytest.mark.parametrize("n_terms", [1, 2, 3, 4])
def test_agrees_with_the_slow_reference(noisy, n_terms):
    stars, periods = noisy
    fast = fourier_parameters(flat(stars), periods, n_terms=n_terms)
    for i, star in enumerate(stars):
        slow = fourier_parameters_reference(*star, periods[i], n_terms=n_terms)
        for name, value in slow.items():
            assert fast[name].iloc[i] == pytest.approx(value, rel=1e-6), name


def test_many_chunks_give_the_same_as_one(noisy, monkeypatch):
    stars, periods = noisy
    whole = fourier_parameters(flat(stars), periods)
    monkeypatch.setattr("varstar.periods.harmonics.CHUNK_POINTS", 50)
    from varstar.periods import harmonics

    monkeypatch.setattr(harmonics.star_chunks, "__defaults__", (50,))
    pd.testing.assert_frame_equal(whole, fourier_parameters(flat(stars), periods))


@settings(max_examples=15, deadline=None)
@given(st.floats(-100, 100), st.floats(-3, 3), st.floats(0.5, 20))
def test_invariant_to_epoch_zero_point_and_scale(shift, zero, scale):
    t = np.sort(np.random.default_rng(5).uniform(0, 300, 80))
    mag = series(t, 3.3, (0.3, 0.1, 0.05), (0.2, 0.9, 2.0))
    base = fourier_parameters(flat([(t, mag, np.full(80, 0.02))]), np.array([3.3])).iloc[0]
    moved = flat([(t + shift, 15 + zero + (mag - 15) * scale / 10, np.full(80, 0.02))])
    moved = fourier_parameters(moved, np.array([3.3])).iloc[0]
    for name in ("r21", "r31"):
        assert moved[name] == pytest.approx(base[name], rel=1e-6)
    for name in ("phi21", "phi31"):
        assert np.cos(moved[name] - base[name]) == pytest.approx(1)
    assert moved.amplitude == pytest.approx(base.amplitude * scale / 10, rel=1e-3)


def test_sample_uses_its_period_column_and_index():
    t = np.linspace(0, 20, 40)
    observations = pd.DataFrame(
        {"star_id": ["b"] * 40 + ["a"] * 40, "t": np.tile(t, 2), "mag": np.sin(np.tile(t, 2)),
         "err": 0.1, "band": "V"}
    )  # fmt: skip
    stars = pd.DataFrame({"star_id": ["a", "b", "c"], "period": [2 * np.pi, np.nan, 1.0]})
    sample = vs.make_sample(observations, stars)
    table = fourier_parameters(sample)
    assert table.index.tolist() == ["a", "b", "c"]
    assert table.status.tolist() == ["ok", "ok", "no points"]
    assert table.a1["a"] == pytest.approx(1)
    assert table.a1["b"] == pytest.approx(1, rel=1e-3)  # searched: its catalogue has none
    given = fourier_parameters(sample, "period")
    assert given.status.tolist() == ["ok", "no period", "no points"]
    given_periods = pd.Series({"b": 2 * np.pi, "a": 3.0})
    assert fourier_parameters(sample, given_periods).status.tolist() == ["ok", "ok", "no points"]


def test_bad_light_curves_have_a_reason_and_no_warnings():
    t = np.linspace(0, 10, 30)
    mag = np.sin(t)
    one = np.ones(30)
    stars = [
        (t[:2], mag[:2], one[:2]),
        (t, one, one),
        (t, mag * np.nan, one),
        (t, one * 99.999, one),
        (np.repeat(5.0, 30), mag, one),
        (np.arange(30) * 1.0, mag, one),  # all at one phase of P = 1
        (t, mag, one * 0),  # unknown errors: equal weights
        (t[::-1], mag[::-1], one),
    ]
    periods = np.array([1.0, 2, 2, 2, 2, 1.0, 2 * np.pi, 2 * np.pi])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = fourier_parameters(flat(stars), periods)
    assert table.status.tolist()[:6] == [
        "fewer than 8 valid points", "constant magnitude", "no valid points",
        "no valid points", "all at one time", "phases do not determine the series",
    ]  # fmt: skip
    assert table.iloc[:6][COLUMNS].isna().all(axis=None)
    assert table.status.tolist()[6:] == ["ok", "ok"]
    assert table.a1.iloc[6:].tolist() == pytest.approx([1.0, 1.0])


@pytest.mark.parametrize("period", [0.0, -1.0, np.nan, np.inf])
def test_impossible_periods(period):
    t = np.linspace(0, 10, 30)
    table = fourier_parameters(flat([(t, np.sin(t), t * 0 + 1)]), np.array([period]))
    assert table.status.iloc[0] == "no period"


def test_usage_errors():
    t = np.linspace(0, 10, 30)
    curves = flat([(t, np.sin(t), t * 0 + 1)])
    with pytest.raises(ValueError, match="n_terms"):
        fourier_parameters(curves, np.array([1.0]), n_terms=0)
    assert fourier_parameters(curves).a1[0] == pytest.approx(1, rel=1e-2)
    with pytest.raises(ValueError, match="one value per star"):
        fourier_parameters(curves, np.array([1.0, 2.0]))
    two = curves._replace(band=(t > 5).astype(np.int8), bands=("V", "I"))
    with pytest.warns(UserWarning, match="several bands"):
        fourier_parameters(two, np.array([1.0]))
    assert fourier_parameters(two, np.array([1.0]), bands="V").n_points.iloc[0] == 15
    with pytest.raises(ValueError, match="unknown band"):
        fourier_parameters(two, np.array([1.0]), bands="R")

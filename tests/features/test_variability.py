"""The sixteen features: by hand, against UPSILoN's own output, against the slow reference."""

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles.features import variability_features_reference
from scipy import stats

import varstar as vs
from varstar.features import FEATURES, formulas, variability_features
from varstar.features.blocks import blocks, percentile
from varstar.features.fourier import fourier_parameters
from varstar.features.variability import MORE, PERIODIC, SYMBOLS
from varstar.lightcurves.sample import LightCurves

# Recorded from UPSILoN 1.2.10 run on simulated light curves, its period search replaced by
# the known period.
UPSILON = json.loads((Path(__file__).parent / "upsilon_features.json").read_text())


def flat(stars):
    counts = [len(s[0]) for s in stars]
    t, mag, err = (np.concatenate([np.asarray(s[i], float) for s in stars]) for i in range(3))
    offsets = np.concatenate([[0], np.cumsum(counts)])
    return LightCurves(t, mag, err, np.zeros(len(t), np.int8), offsets, ("V",))


def random_stars(counts, seed=0):
    rng = np.random.default_rng(seed)
    stars = []
    for n in counts:
        t = np.sort(rng.uniform(0, 500, n))
        err = rng.uniform(0.01, 0.2, n)
        stars.append((t, 15 + np.sin(t) + rng.normal(0, err), err))
    return stars


def test_the_sixteen():
    assert len(FEATURES) == 16
    assert sorted(FEATURES) == FEATURES
    assert set(PERIODIC) < set(FEATURES)
    assert set(SYMBOLS) == set(FEATURES)


@pytest.mark.parametrize("case", UPSILON, ids=lambda c: f"{len(c['t'])} points")
def test_agrees_with_upsilon(case):
    curves = flat([(case["t"], case["mag"], case["err"])])
    row = variability_features(curves, np.array([case["period"]])).iloc[0]
    assert set(case["features"]) == set(FEATURES)
    for name, value in case["features"].items():
        assert row[name] == pytest.approx(value, rel=1e-5), name


FOURIER = ["amplitude", "r21", "r31", "phi21", "phi31"]


def test_a_series_that_leaves_the_range_of_the_data_is_none():
    rng = np.random.default_rng(1)  # two short nights: nothing holds the rest of the cycle
    t = np.concatenate([rng.uniform(0, 0.05, 30), 1 + rng.uniform(0, 0.05, 30)])
    mag = 15 + 0.15 * np.sin(2 * np.pi * t / 0.7) + rng.normal(0, 0.01, 60)
    star = flat([(t, mag, np.full(60, 0.01))])
    row = variability_features(star, 0.7).iloc[0]
    assert row.status == "phases do not determine the series"
    assert row[FOURIER].isna().all()
    assert row[[f for f in FEATURES if f not in FOURIER]].notna().all()
    row = fourier_parameters(star, 0.7).iloc[0]
    assert row.status == "phases do not determine the series"
    assert np.isnan(row.a1)
    whole = flat(
        [(np.linspace(0, 10, 60), 15 + 0.15 * np.sin(np.linspace(0, 90, 60)), mag * 0 + 1)]
    )
    assert fourier_parameters(whole, 2 * np.pi / 9).a1[0] == pytest.approx(0.15)


def test_agrees_with_the_slow_reference_whatever_the_lengths():
    counts = [8, 9, 9, 10, 25, 64, 64, 200, 203, 3000]
    stars = random_stars(counts)
    periods = np.linspace(0.3, 30, len(counts))
    table = variability_features(flat(stars), periods)
    for i, star in enumerate(stars):
        slow = variability_features_reference(*star, periods[i])
        undetermined = [] if table.status.iloc[i] == "ok" else FOURIER
        for name in FEATURES:
            expected = np.nan if name in undetermined else pytest.approx(slow[name], rel=1e-6)
            assert table[name].iloc[i] == expected or name in undetermined, (name, counts[i])
    assert (table.status[4:] == "ok").all()


def one(values):
    values = np.asarray(values, float)[None, :]
    return values, np.ones(values.shape, bool), np.array([values.shape[1]])


def test_moments_by_hand():
    mag, valid, n = one([1, 1, 1, 5])  # mean 2, deviations -1 -1 -1 3: m2 3, m3 6, m4 21
    skewness, kurtosis = formulas.skewness_kurtosis(mag, valid, n)
    assert skewness[0] == pytest.approx(6 / 3**1.5)
    assert kurtosis[0] == pytest.approx(21 / 9 - 3)


def test_quartiles_by_hand():
    ordered, _, n = one([0, 1, 2, 3, 4])
    assert formulas.quartile31(ordered, n)[0] == 2
    assert percentile(np.array([[1.0, 2.0, np.inf]]), np.array([2]), 50)[0] == 1.5


def test_stetson_k_by_hand():
    mag, valid, n = one([-1, 0, 1])
    # equal residuals would give 1; here <|d|> = 2/3, sqrt(<d^2>) = sqrt(2/3)
    value = formulas.stetson_k(mag, np.ones_like(mag), valid, n, np.array([0.0]))
    assert value[0] == pytest.approx((2 / 3) / np.sqrt(2 / 3))


def test_hl_amp_ratio_by_hand():
    mag, valid, _ = one([-1, -1, 0, 3, 4])
    err = np.array([[1.0, 1.0, 1.0, 0.5, 1.0]])
    faint = (2 * 9 + 16) / 3
    bright = (1 + 1 + 0) / 3
    value = formulas.hl_amp_ratio(mag, err, valid, np.array([0.0]))
    assert value[0] == pytest.approx(np.sqrt(faint / bright))


def test_phase_eta_and_cusum_by_hand():
    folded, _, n = one([1, -1, 1, -1])
    assert formulas.phase_eta(folded, n, np.array([1.0]))[0] == 4.0
    folded, _, n = one([1, 1, -1, -1])  # sums 1 2 1 0, range 2
    assert formulas.phase_cusum(folded, n, np.array([0.0]), np.array([1.0]))[0] == 0.5


def test_slopes_are_days_per_magnitude_and_skip_equal_magnitudes():
    phase = np.array([[0.0, 1.0, 2.0, 4.0]])
    folded = np.array([[0.0, 2.0, 2.0, 3.0]])
    low, high = formulas.slope_percentiles(phase, folded, np.array([4]))
    assert low[0] == pytest.approx(np.percentile([0.5, 2.0], 10))
    assert high[0] == pytest.approx(np.percentile([0.5, 2.0], 90))


@pytest.mark.parametrize("n", [3, 4, 5, 6, 7, 11, 50, 500])
def test_shapiro_w_is_scipys(n):
    x = np.sort(np.random.default_rng(n).gamma(2, size=n))
    w = formulas.shapiro_w(x[None, :], np.array([n]))[0]
    assert w == pytest.approx(stats.shapiro(x).statistic, rel=1e-6)


@settings(max_examples=20, deadline=None)
@given(st.floats(-5, 5), st.floats(0.1, 10))
def test_zero_point_and_scale(zero, scale):
    t, mag, err = random_stars([60], seed=4)[0]
    base = variability_features(flat([(t, mag, err)]), np.array([2.5])).iloc[0]
    other = flat([(t, 15 + zero + (mag - 15) * scale, err * scale)])
    other = variability_features(other, np.array([2.5])).iloc[0]
    for name in FEATURES:
        factor = {"amplitude": scale, "quartile31": scale}.get(name, 1.0)
        factor = 1 / scale if name.startswith("slope") else factor
        assert other[name] == pytest.approx(base[name] * factor, rel=1e-4, abs=1e-7), name


@settings(max_examples=20, deadline=None)
@given(st.floats(-50, 50))
def test_arctan2_phases_do_not_depend_on_the_epoch(shift):
    t, mag, err = random_stars([100], seed=6)[0]
    period = np.array([2 * np.pi])
    first = variability_features(flat([(t, mag, err)]), period, phases="arctan2").iloc[0]
    later = variability_features(flat([(t + shift, mag, err)]), period, phases="arctan2").iloc[0]
    for name in ("phi21", "phi31"):
        assert np.cos(first[name] - later[name]) == pytest.approx(1, abs=1e-6)
        assert 0 <= later[name] < 2 * np.pi


def test_blocks_hold_every_star_once_with_little_padding():
    curves = flat(random_stars(np.random.default_rng(1).integers(3, 400, 200)))
    use = np.arange(200) % 7 > 0
    found, padding = [], 0
    for block in blocks(curves, use, size=4000):
        found += block.rows.tolist()
        padding += (~block.valid).sum()
        assert block.valid.sum(axis=1).tolist() == block.n.tolist()
        assert (block.mag[~block.valid] == 0).all()
    assert sorted(found) == np.flatnonzero(use).tolist()
    assert padding < 0.15 * curves.counts[use].sum()


def test_periods_are_found_unless_given():
    stars = random_stars([100, 100], seed=2)
    observations = pd.concat(
        pd.DataFrame({"star_id": i, "t": t, "mag": m, "err": e, "band": "V"})
        for i, (t, m, e) in enumerate(stars)
    )
    sample = vs.make_sample(observations)
    table = vs.variability_features(sample, maximum_frequency=5.0)
    assert table.columns.tolist() == [*FEATURES, *MORE, "status"]
    assert table.period.to_numpy() == pytest.approx(2 * np.pi, rel=1e-2)
    column = sample.assign(period=[3.0, np.nan])
    table = vs.variability_features(column, maximum_frequency=5.0)
    assert table.period.to_numpy() == pytest.approx([3.0, 2 * np.pi], rel=1e-2)
    given_ = vs.variability_features(sample, pd.Series({1: 3.0}))
    assert given_.status.tolist() == ["no period", "ok"]
    assert given_.loc[0, PERIODIC].isna().all()
    assert given_.loc[0, [f for f in FEATURES if f not in PERIODIC]].notna().all()


def test_bad_and_short_light_curves():
    t = np.linspace(0, 10, 30)
    mag, one_ = np.sin(t), np.full(30, 0.1)
    stars = [
        (t[:2], mag[:2], one_[:2]),
        (t, one_, one_),
        (t, mag * np.nan, one_),
        (t, one_ * 999.99, one_),
        (t[:0], mag[:0], one_[:0]),
        (t[:3], mag[:3], one_[:3]),
        (t[:8], mag[:8], one_[:8]),
        (t, mag, one_ * 0),
        (np.repeat(t[::2], 2), mag, one_),
        (t, np.where(t > 9, 1.0, 2.0), one_),  # more than half of the points equal
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = variability_features(flat(stars), np.full(len(stars), 2.0))
    assert table.status.tolist()[:5] == [
        "fewer than 3 valid points", "constant magnitude", "no valid points",
        "no valid points", "no points",
    ]  # fmt: skip
    assert table.iloc[:5][FEATURES].isna().all(axis=None)
    assert table.status.iloc[6] == "phases do not determine the series"  # seven of 8 points
    assert (table.status.iloc[[5, 7, 8, 9]] == "ok").all()
    assert table.iloc[5][["amplitude", "r21", "phi31"]].isna().all()
    assert table.iloc[5][["shapiro_w", "phase_eta", "skewness"]].notna().all()
    assert table.iloc[7:9][FEATURES].notna().all(axis=None)
    assert np.isnan(table.hl_amp_ratio.iloc[9])  # nothing is fainter than the median
    assert not np.isinf(table[FEATURES].to_numpy()).any()


def test_usage_errors():
    curves = flat(random_stars([20]))
    with pytest.raises(ValueError, match="phases"):
        variability_features(curves, np.array([1.0]), phases="sine")
    with pytest.raises(ValueError, match="ignored"):
        variability_features(curves, np.array([1.0]), workers=2)


# --- features besides the sixteen ------------------------------------------------------------


def _mean_of_five(block, periods):
    """A feature of a contributor's: the mean of the first five magnitudes."""
    return block.mag[:, :5].mean(axis=1)


def test_a_new_feature_stands_after_the_sixteen_and_changes_none(monkeypatch):
    rng = np.random.default_rng(3)
    stars = [
        (np.sort(rng.uniform(0, 50, n)), rng.normal(15, 1, n), np.full(n, 0.1)) for n in (30, 90)
    ]
    before = variability_features(flat(stars), np.array([1.0, 2.0]))
    monkeypatch.setitem(MORE, "mean_of_five", _mean_of_five)
    after = variability_features(flat(stars), np.array([1.0, 2.0]))
    assert after.columns.tolist() == [*before.columns[:-1], "mean_of_five", "status"]
    assert before.columns[: len(FEATURES)].tolist() == FEATURES
    pd.testing.assert_frame_equal(after.drop(columns="mean_of_five"), before)
    expected = [mag[:5].mean() for _, mag, _ in stars]
    np.testing.assert_allclose(after["mean_of_five"], expected)


@pytest.mark.parametrize("name", [*MORE, "mean_of_five"])
def test_a_feature_does_not_depend_on_the_other_stars(name, monkeypatch):
    """Holds for every feature in `MORE`: padding and company do not matter."""
    monkeypatch.setitem(MORE, name, MORE.get(name, _mean_of_five))
    rng = np.random.default_rng(4)
    stars = [
        (np.sort(rng.uniform(0, 50, n)), rng.normal(15, 1, n), np.full(n, 0.1)) for n in (40, 45)
    ]
    together = variability_features(flat(stars), np.array([1.0, 2.0]))[name]
    alone = variability_features(flat(stars[:1]), np.array([1.0]))[name]
    np.testing.assert_allclose(together.iloc[0], alone.iloc[0])

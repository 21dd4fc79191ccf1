import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import varstar as vs
from varstar.lightcurves.folding import (
    epoch_of_maximum,
    fold,
    fold_curves,
    star_values,
    usable_periods,
)
from varstar.lightcurves.sample import LightCurves


def flat(stars):
    """Light curves from a list of (t, mag)."""
    t = np.concatenate([np.asarray(s[0], float) for s in stars])
    mag = np.concatenate([np.asarray(s[1], float) for s in stars])
    offsets = np.concatenate([[0], np.cumsum([len(s[0]) for s in stars])])
    return LightCurves(t, mag, np.full(len(t), 0.01), np.zeros(len(t), np.int8), offsets, ("V",))


def test_phases_by_hand():
    assert vs.fold([0.0, 0.5, 2.25, 3.0], 1.0).tolist() == [0.0, 0.5, 0.25, 0.0]
    assert fold([10.0, 11.0, 12.5], 2.0, epoch=10.0).tolist() == [0.0, 0.5, 0.25]


def test_times_before_the_epoch():
    assert fold([-0.25, -1.0, -2.5], 1.0).tolist() == [0.75, 0.0, 0.5]
    assert fold(1.0, 4.0, epoch=2.0) == 0.75


def test_a_hair_before_the_epoch_is_phase_0_not_1():
    # -1e-20 cycles minus its floor is 1.0 in floating point.
    assert fold([-1e-20], 1.0).tolist() == [0.0]
    curves = flat([([-1e-20, 0.0], [1, 2])])
    assert fold_curves(curves, np.array([1.0])).tolist() == [0.0, 0.0]


def test_a_whole_period_is_phase_0():
    # 49 * (1 / 49) is 0.9999999999999999.
    curves = flat([([49.0], [1.0])])
    assert fold([49.0], 49.0).tolist() == [0.0]
    assert fold_curves(curves, np.array([49.0])).tolist() == [0.0]


def test_periods_broadcast():
    assert fold(3.0, [1.0, 2.0, 4.0]).tolist() == [0.0, 0.5, 0.75]
    assert fold(np.ones((2, 3)), 4.0).shape == (2, 3)


@pytest.mark.parametrize("period", [0.0, -1.0, np.nan, np.inf, [1.0, 0.0]])
def test_bad_periods(period):
    with pytest.raises(ValueError, match=r"positive days\. Received: \["):
        fold([1.0, 2.0], period)


times = st.floats(-1e7, 1e7)
days = st.floats(1e-3, 1e4)


@settings(max_examples=60, deadline=None)
@given(st.lists(times, min_size=1, max_size=20), days, times)
def test_phases_lie_in_0_to_1(t, period, epoch):
    phase = fold(t, period, epoch)
    assert ((phase >= 0) & (phase < 1)).all()
    curves = flat([(t, t)])
    assert np.array_equal(fold_curves(curves, np.array([period]), epoch), phase)


@settings(max_examples=30, deadline=None)
@given(st.floats(0, 100), st.floats(0.1, 10), st.integers(-50, 50))
def test_whole_periods_do_not_matter(t, period, cycles):
    difference = fold(t + cycles * period, period) - fold(t, period)
    assert abs(difference - round(difference)) < 1e-9


def test_every_star_with_its_own_period_and_epoch():
    curves = flat([([0.5, 1.0], [1, 2]), ([], []), ([3.0], [1]), ([3.0], [1])])
    phase = fold_curves(curves, np.array([2.0, 1.0, 4.0, np.nan]), np.array([0.0, 0.0, 1.0, 0.0]))
    assert phase[:3].tolist() == [0.25, 0.5, 0.5]
    assert np.isnan(phase[3])


def test_periods_that_are_none():
    found = usable_periods([1.5, 0.0, -2.0, np.nan, np.inf])
    assert found[0] == 1.5
    assert np.isnan(found[1:]).all()


def test_values_of_stars_however_given():
    sample = pd.DataFrame({"period": [1.0, 2.0, np.nan]}, index=["a", "b", "c"])
    np.testing.assert_equal(star_values(sample, "period", "x"), [1, 2, np.nan])
    np.testing.assert_equal(star_values(sample, 3, "x"), [3, 3, 3])
    np.testing.assert_equal(star_values(sample, None, "x"), [np.nan] * 3)
    np.testing.assert_equal(star_values(sample, [4, 5, 6], "x"), [4, 5, 6])
    by_star = pd.Series({"c": 1.0, "a": 2.0, "other": 9.0})
    np.testing.assert_equal(star_values(sample, by_star, "x"), [2, np.nan, 1])
    with pytest.raises(ValueError, match=r"no column 'p'.*Columns: \['period'\]"):
        star_values(sample, "p", "periods")
    with pytest.raises(ValueError, match=r"one value per star \(3\)\. Received shape: \(2,\)"):
        star_values(sample, [1, 2], "periods")


def test_values_by_star_of_no_star_of_the_sample_are_refused():
    sample = pd.DataFrame({"period": [1.0, 2.0]}, index=["a", "b"])
    with pytest.raises(ValueError, match=r"none of the sample's stars.*'a', 'b'.*\[0, 1\]"):
        star_values(sample, pd.Series([0.5, 0.7]), "periods")
    with pytest.raises(ValueError, match=r"twice: \['a'\]"):
        star_values(sample, pd.Series([0.5, 0.7], index=["a", "a"]), "periods")
    with pytest.raises(ValueError, match="expected numbers"):
        star_values(sample, pd.Series(["x", "0.7"], index=["a", "b"]), "periods")
    assert len(star_values(sample.iloc[:0], pd.Series([0.5]), "periods")) == 0
    twins = sample.set_axis(["a", "a"])
    assert star_values(twins, twins["period"], "periods").tolist() == [1, 2]
    assert star_values(twins, pd.Series({"a": 3.0}), "periods").tolist() == [3, 3]


def test_values_of_stars_are_the_callers_to_change():
    sample = pd.DataFrame({"period": [1.0, 0.0]})
    values = star_values(sample, "period", "periods")
    values[1] = 5.0
    assert sample["period"].tolist() == [1.0, 0.0]


@pytest.mark.parametrize("peak", [0.0, 0.3, 0.8])
def test_epoch_of_the_maximum_of_light(peak):
    t = np.sort(np.random.default_rng(1).uniform(-50, 100, 200))
    period = 2.5
    mag = 15 - 0.4 * np.cos(2 * np.pi * (t / period - peak))
    epoch = epoch_of_maximum(flat([(t, mag)]), np.array([period]))
    assert 0 <= epoch[0] < period
    away = epoch[0] / period - peak
    assert abs(away - round(away)) < 1 / 128


def test_no_epoch_without_a_period_or_points():
    curves = flat([([1.0, 2.0], [1, 2]), ([], []), ([1.0, 2.0, 2.5], [1, 2, 1])])
    epoch = epoch_of_maximum(curves, np.array([np.nan, 1.0, 3.0]))
    assert np.isnan(epoch[:2]).all()
    assert np.isfinite(epoch[2])


def test_a_period_finer_than_the_times_is_none():
    from varstar.lightcurves.folding import MIN_PERIOD, usable_periods

    periods = usable_periods(np.array([1e-300, MIN_PERIOD / 2, MIN_PERIOD, 0.5]))
    assert np.isnan(periods).tolist() == [True, True, False, False]
    curves = flat_curves()
    with np.errstate(all="raise"):
        assert np.isnan(fold_curves(curves, np.full(curves.n_stars, 1e-300))).all()


def flat_curves():
    t = np.array([0.0, 1e10, 1e15])
    return LightCurves(
        t, np.full(3, 15.0), np.full(3, 0.1), np.zeros(3, np.int16), np.array([0, 3]), ("V",)
    )


def test_magnitudes_are_no_periods():
    t, mag = np.array([1.0, 2.0, 3.0]), np.array([15.0, 15.2, 15.1])
    with pytest.raises(ValueError, match="magnitudes are not folded"):
        vs.fold(t, mag, 0.5)
    assert vs.fold(t[:, None], mag).shape == (3, 3)

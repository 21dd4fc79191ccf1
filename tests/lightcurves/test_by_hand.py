"""Edges of the light curves' functions, worked out by hand."""

import inspect
import warnings

import numpy as np
import pandas as pd
import pytest

import varstar as vs
from varstar.lightcurves import augment, preprocess
from varstar.lightcurves.sample import (
    LARGEST_ERR,
    SMALLEST_ERR,
    LightCurves,
    clean,
    light_curves,
    one_band,
)


def curves_of(*stars, bands=("V",)):
    """LightCurves of (t, mag, err, band) each."""
    flat = [np.concatenate([np.asarray(s[k], float) for s in stars]) for k in range(3)]
    band = np.concatenate([np.asarray(s[3], np.int8) for s in stars])
    offsets = np.concatenate([[0], np.cumsum([len(s[0]) for s in stars])])
    return LightCurves(*flat, band, offsets, bands)


def test_two_points_are_the_fewest_that_a_curve_is_thinned_to():
    t, mag, err = np.arange(9.0), np.arange(9.0) ** 2, np.full(9, 0.1)
    kept = preprocess.downsample(t, mag, err, max_points=2)
    assert kept[0].tolist() == [0, 8]  # first and last
    assert preprocess.downsample(t, mag, err, max_points=3)[0].tolist() == [0, 4, 8]
    with pytest.raises(ValueError, match="at least 2"):
        preprocess.downsample(t, mag, err, max_points=1)


def test_how_far_points_moved_is_known_where_their_times_stay():
    t, mag, err = np.arange(4.0), np.array([1.0, 2, 3, 4]), np.full(4, 0.1)
    fewer = (t[1:], mag[1:] + 0.5, err[1:])
    assert preprocess._change((t, mag, err), fewer) == (1, 0.5)
    merged = (np.array([0.5, 2.5]), mag[::2], err[::2])  # new times: points became others
    removed, moved = preprocess._change((t, mag, err), merged)
    assert removed == 2
    assert np.isnan(moved)
    # a last time that equals the number of points must not count as "all stayed"
    partly = (np.array([2.5, 1.0]), mag[:2], err[:2])
    assert np.isnan(preprocess._change((t, mag, err), partly)[1])
    assert np.isnan(preprocess._change((t, mag, err), tuple(a[:0] for a in fewer))[1])


def test_the_first_years_end_before_they_are_over():
    t = [0.0, 364.0, 365.25, 366.0, 800.0]
    sample = vs.make_sample(pd.DataFrame({"star_id": "a", "t": t, "mag": 12.0, "err": 0.1}))

    def kept(**options):
        return light_curves(preprocess.first_years(sample, 1, **options)).t.tolist()

    assert kept() == [0, 364]
    assert kept(start=-10.0) == [0]
    assert kept(start=366.0) == [366]  # nothing from before the survey
    assert kept(year=366.5) == [0, 364, 365.25, 366]


def test_a_star_with_one_band_keeps_it_whichever_it_is():
    mixed = (np.arange(5.0), np.arange(5.0), np.full(5, 0.1), [0, 0, 1, 1, 1])
    in_second = (np.arange(3.0), np.arange(3.0), np.full(3, 0.1), [1, 1, 1])
    with pytest.warns(UserWarning, match="1 stars have several bands"):
        kept = one_band(curves_of(mixed, in_second, bands=("B", "V")))
    assert kept.counts.tolist() == [3, 3]
    assert set(kept.band.tolist()) == {1}


def test_errors_at_the_limits_are_known():
    err = np.array([SMALLEST_ERR, LARGEST_ERR, SMALLEST_ERR / 2, LARGEST_ERR * 2, 0.0, np.nan])
    one = (np.arange(6.0), np.arange(6.0), err, np.zeros(6))
    cleaned, _ = clean(curves_of(one))
    middle = (SMALLEST_ERR + LARGEST_ERR) / 2  # the median of the two that are known
    np.testing.assert_allclose(cleaned.err, [SMALLEST_ERR, LARGEST_ERR] + [middle] * 4)


SEEDED = [augment.plan_copies, preprocess.at_most_points, preprocess.thinned]


@pytest.mark.parametrize("function", SEEDED, ids=lambda f: f.__name__)
def test_seeds_are_zero_by_default(function):
    """The stored numbers were made so."""
    parameter = inspect.signature(function).parameters["seed"]
    assert parameter.default == 0
    assert parameter.kind is parameter.KEYWORD_ONLY


def test_a_warning_points_at_the_caller():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        vs.taxonomy.to_classes(pd.Series(["nothing of it"]), "s20", "asas_acvs")
    assert [w.filename for w in caught] == [__file__]


def test_a_time_beyond_a_billion_days_is_none():
    """Of 10^12 d 64 bits keep 10^-4 d: phases of short periods would be noise."""
    t = np.array([2458000.5, 2458001.5, 2458002.5, 0.9e9, 1.1e9, -1.1e9])
    cleaned, _ = clean(curves_of((t, np.arange(6.0), np.full(6, 0.1), np.zeros(6))))
    assert cleaned.t.tolist() == [2458000.5, 2458001.5, 2458002.5, 0.9e9]

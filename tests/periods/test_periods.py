"""Periods: known signals, the exact reference, the contract of the table, bad input."""

import warnings

import numpy as np
import pandas as pd
import pytest

import varstar as vs
from varstar.lightcurves.sample import LightCurves
from varstar.periods import find_periods

pytestmark = pytest.mark.filterwarnings("error")


def flat(stars):
    """LightCurves in one band from a list of (t, mag, err)."""
    counts = [len(s[0]) for s in stars]
    t, mag, err = (np.concatenate([np.asarray(s[i], float) for s in stars]) for i in range(3))
    offsets = np.concatenate([[0], np.cumsum(counts)])
    return LightCurves(t, mag, err, np.zeros(len(t), np.int8), offsets, ("V",))


def sines(periods, n=150, span=800.0, noise=0.03, seed=1, start=2450000.0):
    rng = np.random.default_rng(seed)
    stars = []
    for period in periods:
        t = start + np.sort(rng.uniform(0, span, n))
        mag = 15 + 0.2 * np.sin(2 * np.pi * t / period + 1) + rng.normal(0, noise, n)
        stars.append((t, mag, np.full(n, noise)))
    return flat(stars)


def eclipses(t, period, depths=(0.5, 0.3), width=0.06):
    phase = t / period % 1.0
    shape = sum(
        d * np.exp(-0.5 * ((np.abs(phase - p + 0.5) % 1.0 - 0.5) / width) ** 2)
        for d, p in zip(depths, (0.25, 0.75), strict=True)
    )
    return 15 + shape


def test_finds_known_periods_over_four_decades():
    periods = np.array([0.05, 0.31, 0.57, 1.7, 5.4, 33.0, 300.0])
    table = find_periods(sines(periods))
    # a well-measured frequency is good to a small part of the peak's width
    assert np.abs(1 / table.period - 1 / periods).max() * 800 < 0.1
    assert (table.fap < 1e-6).all()
    assert (table.status == "ok").all()
    assert (table.power > 0.8).all()
    assert not table.period_2p_preferred.any()


def test_noise_has_no_significant_period():
    rng = np.random.default_rng(0)
    t = np.sort(rng.uniform(0, 800, (20, 150)), axis=1)
    table = find_periods(flat([(x, rng.normal(15, 0.1, 150), np.full(150, 0.1)) for x in t]))
    assert (table.fap > 0.001).all()


def test_eclipsing_binary_at_half_its_period():
    rng = np.random.default_rng(2)
    stars = []
    for depths in ((0.5, 0.3), (0.4, 0.4)):
        t = np.sort(rng.uniform(0, 800, 300))
        stars.append((t, eclipses(t, 2.3, depths) + rng.normal(0, 0.02, 300), np.full(300, 0.02)))
    table = find_periods(flat(stars))
    assert table.period.to_numpy() == pytest.approx(2.3 / 2, rel=1e-3)
    # unequal minima betray the true period, equal ones cannot
    assert table.period_2p_preferred.tolist() == [True, False]


def test_the_result_does_not_depend_on_order_epoch_or_workers():
    curves = sines([0.57, 5.4, 33.0], n=80)
    base = find_periods(curves)
    shuffled = np.concatenate([np.random.default_rng(0).permutation(80) + k * 80 for k in range(3)])
    mixed = curves._replace(
        t=curves.t[shuffled] - 2450000, mag=curves.mag[shuffled] + 2, err=curves.err[shuffled]
    )
    other = find_periods(mixed, workers=2)
    assert other.period.to_numpy() == pytest.approx(base.period.to_numpy(), rel=1e-6)
    assert other.power.to_numpy() == pytest.approx(base.power.to_numpy(), abs=1e-6)


def test_bands_and_index_of_a_sample():
    t = np.sort(np.random.default_rng(4).uniform(0, 300, 200))
    observations = pd.DataFrame(
        {"star_id": "x", "t": t, "mag": 15 + np.sin(2 * np.pi * t / 3.1), "err": 0.1,
         "band": np.where(np.arange(200) % 2, "g", "r")}
    )  # fmt: skip
    sample = vs.make_sample(observations)
    with pytest.raises(ValueError, match="unknown band"):
        vs.find_periods(sample, bands="i")
    both = vs.find_periods(sample)
    assert both.n_points["x"] == 200
    assert both.period["x"] == pytest.approx(3.1, rel=1e-4)
    table = vs.find_periods(sample, bands="g")
    assert table.index.tolist() == ["x"]
    assert table.period["x"] == pytest.approx(3.1, rel=1e-4)
    assert table.n_points["x"] == 100


def test_bad_light_curves_have_a_reason():
    t = np.linspace(0, 100, 30)
    mag, one = np.sin(t), np.full(30, 0.1)
    stars = [
        (t[:2], mag[:2], one[:2]),
        (t, one, one),
        (t, mag * np.nan, one),
        (t, one * 99.999 / 0.1, one),
        (np.repeat(5.0, 30), mag, one),
        (t[:0], mag[:0], one[:0]),
        (t, mag, one * 0),
        (t[::-1], mag[::-1], one),
        (np.repeat(t[::2], 2), mag, one),  # every time twice
        (np.where(t > 50, t + 3000, t), mag, one),  # a gap of years
        (t / 1000, mag, one),  # one night
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = find_periods(flat(stars))
    assert table.status.tolist()[:6] == [
        "fewer than 5 valid points", "constant magnitude", "no valid points",
        "no valid points", "all at one time", "no points",
    ]  # fmt: skip
    assert table.period.iloc[:6].isna().all()
    assert (table.status.iloc[6:] == "ok").all()
    assert (table.period.iloc[6:] > 0).all()


@pytest.mark.parametrize(
    "options", [{"maximum_frequency": -1}, {"minimum_frequency": 30.0}, {"oversampling": 0.5},
                {"n_terms": 0}]
)  # fmt: skip
def test_options_out_of_range(options):
    with pytest.raises(ValueError, match="Received"):
        find_periods(sines([1.0]), **options)


@pytest.mark.parametrize("n", [5, 6, 8])
def test_a_period_of_a_few_noise_points_is_not_significant(n):
    rng = np.random.default_rng(n)
    stars = [(np.sort(rng.uniform(0, 300, n)), rng.normal(15, 0.1, n), np.full(n, 0.1))
             for _ in range(20)]  # fmt: skip
    table = find_periods(flat(stars))
    assert (table.status == "ok").all()
    assert (table.fap > 0.3).all()

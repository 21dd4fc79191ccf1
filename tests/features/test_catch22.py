"""catch22 of light curves: the library's own values, the kinds of series, resuming."""

import numpy as np
import pandas as pd
import pycatch22
import pytest

import varstar as vs
from varstar.features import catch22
from varstar.lightcurves.sample import LightCurves, clean, light_curves


@pytest.fixture(scope="module")
def sample():
    rng = np.random.default_rng(0)
    rows = []
    for i, n in enumerate((120, 60, 5, 80)):
        t = np.sort(rng.uniform(0, 100, n))
        mag = 12 + 0.4 * np.sin(2 * np.pi * t / 0.63) + 0.02 * rng.standard_normal(n)
        rows.append(
            pd.DataFrame({"star_id": f"s{i}", "t": t, "mag": mag, "err": 0.02, "band": "V"})
        )
    rows[3]["mag"] = 11.0
    return vs.make_sample(
        pd.concat(rows), pd.DataFrame({"star_id": ["s0", "s1", "s2", "s3"], "period": 0.63})
    )


def test_raw_is_the_library_on_the_magnitudes_in_order(sample):
    table = vs.catch22_features(sample, catch24=True)
    mag = clean(light_curves(sample))[0].one(0)[1]
    expected = pycatch22.catch22_all(mag.tolist(), catch24=True)["values"]
    np.testing.assert_allclose(table.loc["s0"].drop("status").to_numpy(float), expected)
    assert list(table.columns) == [*catch22.names(True), "status"]
    assert len(catch22.names()) == 22
    assert table.loc["s0", "std"] == pytest.approx(mag.std(ddof=1))


def test_unusable_stars_say_why(sample):
    table = vs.catch22_features(sample)
    assert table["status"].tolist() == [
        "ok",
        "ok",
        "fewer than 10 valid points",
        "constant magnitude",
    ]
    assert table.drop(columns="status").loc[["s2", "s3"]].isna().all(axis=None)
    folded = vs.catch22_features(sample, series="folded", periods=np.array([0.63, np.nan, 1, 1]))
    assert folded["status"].iloc[:2].tolist() == ["ok", "no period"]


@pytest.mark.parametrize("series", list(catch22.SERIES))
def test_distance_and_brightness_do_not_matter(sample, series):
    """z-scoring: a constant added, as for an absolute magnitude, changes nothing."""
    curves = light_curves(sample)
    before = vs.catch22_features(curves, series=series, periods=sample["period"].to_numpy())
    moved = curves._replace(mag=curves.mag - 7.25)
    after = vs.catch22_features(moved, series=series, periods=sample["period"].to_numpy())
    a, b = (f.drop(columns="status").to_numpy(float) for f in (before, after))
    np.testing.assert_allclose(a[:2], b[:2], rtol=1e-6, atol=1e-8)


def test_the_series():
    t = np.array([0.0, 1.0, 3.0, 4.0])
    mag = np.array([1.0, 2.0, 4.0, 5.0])
    one = LightCurves(t, mag, np.ones(4), np.zeros(4, np.int8), np.array([0, 4]), ("V",))
    values, offsets = catch22.as_series(one, "resampled", np.array([np.nan]), 5)
    np.testing.assert_allclose(values, [1, 2, 3, 4, 5])
    assert offsets.tolist() == [0, 5]
    values, _ = catch22.as_series(one, "folded", np.array([4.0]))
    assert sorted(values) == mag.tolist()


def test_folding_brings_order_into_a_short_period(sample):
    raw, folded, profile = (
        vs.catch22_features(sample.iloc[:1], series=s, n_steps=50)["acf_timescale"].iloc[0]
        for s in ("raw", "folded", "profile")
    )
    assert folded > 3 * raw
    assert profile > 5
    t = np.arange(200) * 0.63 / 40
    mag = -np.cos(2 * np.pi * t / 0.63)
    one = LightCurves(t, mag, np.ones(200), np.zeros(200, np.int8), np.array([0, 200]), ("V",))
    values, _ = catch22.as_series(one, "profile", np.array([0.63]), 20)
    assert values.argmin() in (0, 19)  # from maximum light on
    assert values.argmax() in (9, 10)


def test_bad_input(sample):
    with pytest.raises(ValueError, match="series"):
        vs.catch22_features(sample, series="sorted")
    with pytest.raises(ValueError, match="n_steps"):
        vs.catch22_features(sample, series="resampled", n_steps=3)
    assert len(vs.catch22_features(sample.iloc[:0])) == 0

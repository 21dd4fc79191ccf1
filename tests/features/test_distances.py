"""Absolute magnitudes: known stars, propagation against random draws, flags."""

import astropy.units as u
import numpy as np
import pandas as pd
import pytest

from varstar.features import distances


def test_the_sun_and_ten_parsec():
    assert distances.absolute_magnitude(-26.74, 1 * u.au) == pytest.approx(4.83, abs=0.01)
    assert distances.absolute_magnitude(7.0, 10 * u.pc) == 7.0
    assert distances.absolute_magnitude(7.0, 0.1 * u.kpc) == pytest.approx(2.0)


def test_no_distance_gives_nan():
    out = distances.absolute_magnitude(np.full(3, 7.0), [0, -5, np.nan] * u.pc)
    assert np.isnan(out).all()


def test_error_agrees_with_random_draws():
    rng = np.random.default_rng(0)
    m = 12 + 0.05 * rng.standard_normal(40_000)
    d = (500 + 25 * rng.standard_normal(40_000)) * u.pc
    spread = np.std(distances.absolute_magnitude(m, d))
    ours = distances.absolute_magnitude_error(0.05, 500 * u.pc, 25 * u.pc)
    assert ours == pytest.approx(spread, rel=0.03)
    assert distances.absolute_magnitude_error(0.05, 0.5 * u.kpc, 25 * u.pc) == pytest.approx(
        float(ours)
    )
    printed = distances.published_error(12, 0.05, 500 * u.pc, 25 * u.pc)
    assert abs(printed - spread) > 0.5 * spread


def test_parallaxes_are_flagged():
    found = distances.from_parallax(
        [10, 1, -0.5, np.nan, 2] * u.mas, [0.1, 0.5, 0.1, 0.1, 0.0] * u.mas
    )
    assert found.flag.tolist() == [
        "ok", "poor parallax", "negative parallax", "no parallax", "no parallax",
    ]  # fmt: skip
    np.testing.assert_allclose(found.distance.to_value(u.pc), [100, 1000, np.nan, np.nan, np.nan])
    np.testing.assert_allclose(found.error.to_value(u.pc)[:2], [1.0, 500.0])


def test_zero_point_makes_stars_nearer():
    plain = distances.from_parallax([1] * u.mas, [0.01] * u.mas)
    moved = distances.from_parallax([1] * u.mas, [0.01] * u.mas, zero_point=distances.ZERO_POINT)
    assert moved.distance[0] < plain.distance[0]


def test_units_are_asked_for():
    with pytest.raises(u.UnitsError):
        distances.from_parallax(np.array([1.0]), [0.1] * u.mas)
    with pytest.raises(u.UnitsError):
        distances.absolute_magnitude(10.0, 3.0)


def test_a_table_of_stars_by_parallax_or_distance():
    stars = pd.DataFrame(
        {
            "mean_mag": [10.0, 10.0],
            "parallax": [10.0, -1.0],
            "parallax_error": 0.1,
            "d": [100.0, -3.0],
        },
        index=pd.Index(["a", "b"], name="star_id"),
    )
    out = distances.absolute_magnitudes(stars)
    assert out.loc["a", "abs_mag"] == pytest.approx(5.0)
    assert out.loc["a", "abs_mag_error"] == pytest.approx(5 / np.log(10) * 0.01)
    assert out.loc["b", "flag"] == "negative parallax"
    assert np.isnan(out.loc["b", "abs_mag"])
    out = distances.absolute_magnitudes(stars, distance="d")
    assert out["flag"].tolist() == ["ok", "no distance"]
    assert out.loc["a", "abs_mag"] == pytest.approx(5.0)

"""Columns of tables that no layout knows: what is a limit, an error, a brightness."""

import numpy as np
import pandas as pd
import pytest

import varstar as vs
from varstar.lightcurves.sample import light_curves

N = 40
T = 2458000.5 + np.sort(np.round(np.random.default_rng(5).uniform(0, 300, N), 5))
MAG = np.round(15 + 0.4 * np.sin(2 * np.pi * T / 0.5634), 4)
FIFTH = np.arange(N) % 5 == 0


def read(tmp_path, **columns):
    table = pd.DataFrame({k.replace("__", " "): v for k, v in columns.items()})
    table.to_csv(tmp_path / "star.csv", index=False)
    sample = vs.read_light_curve(tmp_path / "star.csv")
    return light_curves(sample), sample.attrs["report"]


LIMITS = {
    "upper_limit": FIFTH, "is_limit": np.where(FIFTH, "True", "False"), "UL": FIFTH.astype(int),
    "nondetection": np.where(FIFTH, "y", "n"), "detected": (~FIFTH).astype(int),
    "is_detection": np.where(FIFTH, "no", "yes"),
}  # fmt: skip


@pytest.mark.parametrize("name", LIMITS)
def test_limits_in_a_column_of_yes_and_no_are_left_out(name, tmp_path):
    mag = np.where(FIFTH, 19.5, MAG)
    curves, report = read(tmp_path, jd=T, mag=mag, err=0.02, **{name: LIMITS[name]})
    np.testing.assert_array_equal(curves.mag, MAG[~FIFTH])
    np.testing.assert_array_equal(curves.t, T[~FIFTH])
    assert sum(report["left_out"].values()) == FIFTH.sum()


@pytest.mark.parametrize("values", [np.where(FIFTH, 19.5, np.nan), np.full(N, 16.9)])
def test_a_column_of_limiting_magnitudes_leaves_nothing_out(values, tmp_path):
    curves, _ = read(tmp_path, jd=T, mag=MAG, err=0.02, upper_limit=values)
    np.testing.assert_array_equal(curves.mag, MAG)


ERRORS = ["σ", "±", "+/-", "Δmag", "EMAG", "eMag", "Incertidumbre", "Fehler", "mag_std"]


@pytest.mark.parametrize("name", ERRORS)
def test_names_of_errors(name, tmp_path):
    curves, report = read(tmp_path, jd=T, mag=MAG, **{name: 0.02})
    np.testing.assert_allclose(curves.err, 0.02)
    np.testing.assert_array_equal(curves.mag, MAG)
    assert report["columns"]["err"] == [name]


def test_standard_magnitudes_are_no_standard_deviations(tmp_path):
    columns = {"jd": T, "inst_mag": MAG - 25, "std_mag": MAG, "std_mag_err": 0.02}
    curves, report = read(tmp_path, **columns)
    np.testing.assert_array_equal(curves.mag, MAG)
    np.testing.assert_allclose(curves.err, 0.02)
    assert report["columns"]["mag"] == ["std_mag"]
    # without an error of its own its size tells
    curves, report = read(tmp_path, jd=T, mag=MAG, std_mag=MAG + 0.1)
    np.testing.assert_array_equal(curves.mag, MAG)
    assert np.isnan(curves.err).all()
    assert any("too large for errors" in note for note in report["notes"])
    # and a standard deviation is one
    curves, _ = read(tmp_path, jd=T, mag=MAG, mag_std=0.03)
    np.testing.assert_allclose(curves.err, 0.03)


def test_comparison_and_check_stars_are_no_bands(tmp_path):
    curves, _ = read(tmp_path, JD=T, V=MAG, C=12.3, K=12.9, err=0.02)
    assert curves.bands == ("V",)
    np.testing.assert_array_equal(curves.mag, MAG)
    curves, _ = read(tmp_path, JD=T, J=MAG, K=MAG - 0.5)  # without C it is the band
    assert set(curves.bands) == {"J", "K"}


def test_infrared_and_gaia_bands_by_their_names(tmp_path):
    for band in ("Ks", "G", "W1"):
        curves, _ = read(tmp_path, MJD=T - 2400000.5, **{band: MAG, f"{band}_err": 0.02})
        np.testing.assert_array_equal(curves.mag, MAG)
        np.testing.assert_allclose(curves.err, 0.02)
        assert curves.bands == (band,)


def test_maggies(tmp_path):
    flux = 10 ** (-0.4 * MAG)
    ivar = (flux * 0.02 / (2.5 / np.log(10))) ** -2.0
    curves, _ = read(tmp_path, mjd=T, maggies=flux, maggies_ivar=ivar)
    np.testing.assert_allclose(curves.mag, MAG, rtol=1e-9)
    np.testing.assert_allclose(curves.err, 0.02, rtol=1e-6)


def test_differential_millimagnitudes(tmp_path):
    curves, report = read(tmp_path, hjd=T, dmag_mmag=1000 * (MAG - 15), err_mmag=20.0)
    np.testing.assert_allclose(curves.mag, MAG - 15, atol=1e-12)
    np.testing.assert_allclose(curves.err, 0.02)
    assert any("differential" in guess for guess in report["guessed"])


@pytest.mark.parametrize(
    "name", ["Date julienne", "Fecha juliana", "Julianisches Datum", "unix_ms"]
)
def test_times_in_other_words(name, tmp_path):
    values = (T - 2440587.5) * 86400e3 if name == "unix_ms" else T
    curves, _ = read(tmp_path, **{name: values}, mag=MAG, err=0.02)
    np.testing.assert_allclose(curves.t, T, rtol=0, atol=2e-9)


def test_hat_magnitudes_are_the_detrended_ones(tmp_path):
    curves, report = read(tmp_path, BJD=T, IM0=MAG + 0.3, IE0=0.02, TF0=MAG, EP0=MAG + 0.1)
    np.testing.assert_array_equal(curves.mag, MAG)
    np.testing.assert_allclose(curves.err, 0.02)
    assert report["layout"] == "HATNet or HATSouth"


def test_errors_in_per_cent_of_fluxes_in_per_cent_are_in_the_same_unit(tmp_path):
    flux = 100 * 10 ** (-0.4 * (MAG - 15))  # per cent of a mean brightness
    columns = {"jd": T, "flux [%]": flux, "flux_err [%]": 0.5}
    curves, _ = read(tmp_path, **columns)
    np.testing.assert_allclose(curves.err, 2.5 / np.log(10) * 0.5 / flux, rtol=1e-6)
    curves, _ = read(tmp_path, jd=T, flux=flux, flux_err_percent=0.5)  # a share of the flux
    np.testing.assert_allclose(curves.err, 2.5 / np.log(10) * 0.005, rtol=1e-6)
    curves, _ = read(tmp_path, jd=T, mag=MAG, mag_err_percent=2.0)
    np.testing.assert_allclose(curves.err, 2.5 / np.log(10) * 0.02, rtol=1e-6)

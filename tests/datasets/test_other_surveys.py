# ruff: noqa: E501  (rows of tables)
"""Files of more surveys, and what a column means beside others: right values by numpy alone."""

import json

import numpy as np
import pandas as pd
import pytest

import varstar as vs
from varstar.lightcurves.sample import clean, light_curves

POGSON = 2.5 / np.log(10)
N = 40
JD = 2458300.5 + np.sort(np.round(np.random.default_rng(5).uniform(0, 200, N), 5))
MJD = JD - 2400000.5
MAG = np.round(15 + 0.4 * np.sin(2 * np.pi * JD / 0.5634), 3)
FLUX = 10 ** (0.4 * (25 - MAG))
BAD = np.arange(N) % 7 == 3
GOOD = ~BAD
ODD = np.arange(N) % 2 == 1


def read(tmp_path, columns, name="star.csv"):
    path = tmp_path / name
    pd.DataFrame(columns).to_csv(path, index=False)
    return vs.read_light_curve(path)


def check(sample, t, mag, err=None, band=None):
    raw = light_curves(sample)
    c, _ = clean(raw)
    rows = slice(None) if band is None else np.array([c.bands[k] == band for k in c.band])
    order = np.argsort(c.t[rows], kind="stable")
    np.testing.assert_allclose(c.t[rows][order], t, rtol=0, atol=2e-5)
    np.testing.assert_allclose(c.mag[rows][order], mag, rtol=0, atol=2e-4)
    if err is None:
        assert not np.isfinite(raw.err).any()
    else:
        np.testing.assert_allclose(c.err[rows], err, rtol=2e-2)
    return set(c.bands)


MARKED = {
    "Eleanor": ({"TIME": JD - 2457000, "RAW_FLUX": FLUX / 2, "CORR_FLUX": FLUX, "FLUX_ERR": FLUX * 0.01, "QUALITY": BAD * 4096}, JD - 2457000, POGSON * 0.01),
    "K2SC": ({"time": JD - 2454833, "quality": BAD * 1, "flux": FLUX, "error": FLUX * 0.01}, JD - 2454833, POGSON * 0.01),
    "TGLC": ({"time": JD - 2457000, "psf_flux": FLUX / 2, "cal_aper_flux": FLUX, "TESS_flags": 0, "TGLC_flags": BAD * 1}, JD - 2457000, None),
    "CoRoT": ({"DATEJD": JD - 2451545, "RAWFLUX": FLUX / 2, "FLUX": FLUX, "FLUXDEV": FLUX * 0.01, "STATUS": BAD * 4}, JD, POGSON * 0.01),
    "Rubin": ({"objectId": 1, "band": "g", "midpointMjdTai": MJD, "psfMag": MAG, "psfMagErr": 0.02, "psfFlux_flag": BAD}, MJD, 0.02),
    "DASCH": ({"ExposureDate": JD, "date": "1901-02-03", "magcal_magdep": np.where(BAD, 99.0, MAG), "magcal_local_rms": 0.1}, JD, 0.1),
    "Gaia, VizieR": ({"Source": 1, "TimeG": JD - 2455197.5, "Gmag": MAG, "e_Gmag": 0.02, "noisyFlag": BAD * 1}, JD, 0.02),
    "WISE": ({"mjd": MJD, "w1mpro_ep": MAG, "w1sigmpro_ep": 0.02, "qual_frame": np.where(BAD, 0, 10)}, MJD, 0.02),
    "flux and error marked": ({"JD": JD, "flux": np.where(BAD, 99.99, FLUX), "flux_err": np.where(BAD, 99.99, FLUX * 0.01)}, JD, POGSON * 0.01),
    "flux and error zero": ({"JD": JD, "flux": FLUX * GOOD, "flux_err": FLUX * GOOD * 0.01}, JD, POGSON * 0.01),
    "a hundred": ({"JD": JD, "mag": np.where(BAD, 100.0, MAG), "err": 0.02}, JD, 0.02),
    "Gaia alerts": ({"JD(TCB)": JD, "averagemag": [f"{m}" if g else "untrusted" for m, g in zip(MAG, GOOD, strict=True)]}, JD, None),
}  # fmt: skip


@pytest.mark.parametrize("survey", MARKED)
def test_marked_rows_are_left_out(tmp_path, survey):
    columns, t, err = MARKED[survey]
    check(read(tmp_path, columns), t[GOOD], MAG[GOOD], err)


CHOSEN = {
    "numbered": ({"mag_1": MAG, "err_1": 0.02, "mag_2": MAG + 1, "err_2": 0.5}, MAG, 0.02),
    "numbered aperture": ({"AperMag3": MAG, "AperMag3Err": 0.02, "ppErrBits": 0}, MAG, 0.02),
    "detrended by TFA": ({"Mag_raw": MAG + 1, "Mag_EPD": MAG + 2, "Mag_TFA": MAG, "Mag_err": 0.02}, MAG, 0.02),
    "sigmag": ({"mag": MAG, "sigmag": 0.02, "mag0": MAG + 1}, MAG, 0.02),
    "errors in percent": ({"mag": MAG, "err [%]": 2.0}, MAG, 0.02 * POGSON),
    "maggies": ({"flux_maggies": 10 ** (-0.4 * MAG), "flux_err_maggies": 10 ** (-0.4 * MAG) * 0.01}, MAG, POGSON * 0.01),
    "nanomaggies": ({"flux [nanomaggies]": 10 ** (0.4 * (22.5 - MAG))}, MAG, None),
    "a hundred mmag": ({"dmag(mmag)": np.r_[100.0, 1000 * (MAG[1:] - 15)]}, np.r_[0.1, MAG[1:] - 15], None),
}  # fmt: skip


@pytest.mark.parametrize("kind", CHOSEN)
def test_columns_and_units_that_belong_together(tmp_path, kind):
    columns, mag, err = CHOSEN[kind]
    check(read(tmp_path, {"BJD": JD, **columns}), JD, mag, err)


def test_bands_side_by_side_with_times_of_their_own(tmp_path):
    columns = {"HJD_V": JD, "V": MAG, "eV": 0.02, "HJD_I": JD + 0.01, "I": MAG - 1, "eI": 0.03}
    sample = read(tmp_path, columns)
    check(sample, JD, MAG, 0.02, "V")
    assert check(sample, JD + 0.01, MAG - 1, 0.03, "I") == {"V", "I"}


def test_names_of_ztfs_bands_without_flags(tmp_path):
    bands = np.where(ODD, "zg", "zr")
    sample = read(tmp_path, {"hjd": JD, "mag": MAG, "magerr": 0.02, "filtercode": bands})
    assert check(sample, JD, MAG, 0.02) == {"g", "r"}


def test_one_object_with_its_measurements_inside_of_a_list(tmp_path):
    rows = [{"jd": t, "mag": m, "err": 0.02} for t, m in zip(JD, MAG, strict=True)]
    path = tmp_path / "star.json"
    path.write_text(json.dumps([{"objectId": "Z1", "objectData": {"ra": 1}, "candidates": rows}]))
    check(vs.read_light_curve(path), JD, MAG, 0.02)


def test_offsets_in_words_within_a_name(tmp_path):
    check(read(tmp_path, {"Time (BKJD days)": JD - 2454833, "mag": MAG}), JD, MAG)


def test_what_may_be_dates_or_logarithms_is_refused(tmp_path):
    days = 180701 + np.arange(28)
    with pytest.raises(ValueError, match="YYMMDD"):
        read(tmp_path, {"date": days, "mag": MAG[:28]})
    with pytest.raises(ValueError, match="magnitudes"):
        read(tmp_path, {"JD": JD, "log_flux": np.log10(FLUX)})


def test_flags_that_nobody_knows_are_said(tmp_path):
    sample = read(tmp_path, {"JD": JD, "mag": MAG, "flag": BAD * 1})
    assert any("flags not obeyed: ['flag']" in n for n in sample.attrs["report"]["notes"])

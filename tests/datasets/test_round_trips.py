"""A made-up star written in every unit, form of error and container, and read back the same."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from datasets.test_layouts import CONTAINERS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import varstar as vs
from varstar.lightcurves.sample import light_curves

POGSON = 2.5 / np.log(10)

#: Name of the column -> the column from Julian dates, and what is read.
TIMES = {
    "hjd": (lambda t: t, lambda t: t),
    "MJD": (lambda t: t - 2400000.5, lambda t: t - 2400000.5),
    "HJD-2450000": (lambda t: t - 2450000, lambda t: t),
    "BTJD": (lambda t: t - 2457000, lambda t: t),
    "time_s": (lambda t: t * 86400, lambda t: t),
    "unix_time": (lambda t: (t - 2440587.5) * 86400, lambda t: t),
    "MET_s": (lambda t: (t - 2450000.5) * 86400, lambda t: t - 2450000.5),
    "hours": (lambda t: (t - 2450000.5) * 24, lambda t: t - 2450000.5),
}


def side_by_side(value, error, zero, times=1.0, power=1.0):
    """Columns of fluxes and of what their errors are written as."""

    def columns(mag, err):
        flux = 10 ** (0.4 * (zero - mag))
        return {value: flux, error: times * (flux * err / POGSON) ** power}

    return columns


#: The brightness and its error as columns, from magnitudes and their errors.
FORMS = {
    "mag": lambda m, e: {"mag": m, "mag_err": e},
    "millimagnitudes": lambda m, e: {"mag_mmag": 1000 * m, "err_mmag": 1000 * e},
    "Vmag": lambda m, e: {"Vmag": m, "e_Vmag": e},
    "EMAG": lambda m, e: {"MAG": m, "EMAG": e},
    "mag, ratio": lambda m, e: {"mag": m, "snr": POGSON / e},
    "mag, inverse variance": lambda m, e: {"mag": m, "mag_ivar": e**-2.0},
    "value and error": lambda m, e: {"mag": [f"{a} ± {b}" for a, b in zip(m, e, strict=True)]},
    "flux": side_by_side("flux", "flux_err", 25.0),
    "uJy": side_by_side("flux_uJy", "flux_err_uJy", 23.9),
    "nJy": side_by_side("flux_nJy", "fluxerr_nJy", 31.4),
    "flux, inverse variance": side_by_side("flux_nanomaggies", "flux_ivar", 22.5, power=-2.0),
    "flux, variance": side_by_side("flux", "flux_var", 25.0, power=2.0),
    "flux, ratio": lambda m, e: {"flux": 10 ** (0.4 * (25 - m)), "snr": POGSON / e},
    "flux, per cent": lambda m, e: {
        "flux": 10 ** (0.4 * (25 - m)),
        "flux_err_percent": 100 * e / POGSON,
    },
}


@st.composite
def stars(draw):
    n = draw(st.integers(4, 25))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    t = 2457900.5 + np.sort(rng.choice(3_000_000, n, replace=False)) / 1e4
    digits = draw(st.integers(2, 6))
    mag = np.round(rng.uniform(12, 18, n), digits)
    return t, mag, np.round(rng.uniform(0.002, 0.3, n), 4) + 1e-4


@pytest.mark.parametrize("write", CONTAINERS, ids=lambda f: f.__name__)
@settings(max_examples=25, deadline=None, derandomize=True,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(star=stars(), time=st.sampled_from(sorted(TIMES)), form=st.sampled_from(sorted(FORMS)))
def test_a_star_comes_back(star, time, form, write, tmp_path):
    t, mag, err = star
    if write.__name__ == "ascii.ipac" and time == "HJD-2450000":
        time = "hjd"  # names of letters and figures only
    if write.__name__ in ("fits", "ascii.ipac") and form == "value and error":
        form = "mag"  # of ASCII alone
    make, read = TIMES[time]
    table = pd.DataFrame({time: make(t), **FORMS[form](mag, err)})
    with TemporaryDirectory(dir=tmp_path) as folder:
        curves = light_curves(vs.read_light_curve(write(table, Path(folder, "star"))))
    order = np.argsort(curves.t, kind="stable")
    # what 64 bits keep of a Julian date, twice: written, and read
    np.testing.assert_allclose(curves.t[order], read(t), rtol=0, atol=1.5e-9)
    np.testing.assert_allclose(curves.mag[order], mag, rtol=3e-15 if form == "mag" else 1e-12)
    np.testing.assert_allclose(curves.err[order], err, rtol=1e-9)


@pytest.mark.parametrize(
    ("form", "shift"),
    [
        ("%Y-%b-%d %H:%M:%S", 0), ("%d-%b-%Y %H:%M:%S", 0), ("%b %d, %Y %H:%M:%S", 0),
        ("%d.%m.%Y %H:%M:%S", 0), ("%Y-%m-%d %I:%M:%S %p", 0), ("%Y/%m/%d %I:%M:%S%p", 0),
        ("%d %B %Y %H:%M:%S", 0), ("%Y-%m-%dT%H:%M:%S+02:00", -2), ("%Y-%m-%d %H:%M:%S -0530", 5.5),
        ("%Y-%m-%dT%H:%M:%SZ", 0), ("%Y-%m-%d %H:%M:%S UTC", 0),
    ],
)  # fmt: skip
def test_dates_as_people_write_them(form, shift, tmp_path):
    when = pd.to_datetime(["2017-01-31 00:00:07", "2017-02-03 11:59:59", "2017-09-04 12:00:01",
                           "2017-12-31 23:59:59", "2020-02-29 00:30:00"])  # fmt: skip
    right = when.to_julian_date().to_numpy() + shift / 24
    table = pd.DataFrame({"date": when.strftime(form), "mag": np.linspace(12, 13, 5), "err": 0.02})
    table.to_csv(tmp_path / "star.csv", index=False)
    curves = light_curves(vs.read_light_curve(tmp_path / "star.csv"))
    np.testing.assert_allclose(curves.t, right, rtol=0, atol=1e-8)


REFUSED = {
    "which is the month": ("date,mag\n04/09/2017 10:43,12\n05/10/2017 10:43,13\n", "YYYY-MM-DD"),
    "nor where one row would tell": ("date,mag\n04/29/2017,12\n05/10/2017,13\n", "YYYY-MM-DD"),
    "no such month": ("date,mag\n2017-Foo-04,12\n2017-Foo-05,13\n", "expected numbers"),
    "whole years": ("year,mag\n2017,12\n2018,13\n2019,12\n", "whole years are no times"),
    "MET without a unit": ("MET,mag\n100000000,12\n100000900,13\n", "time_unit"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_told_is_refused(name, tmp_path):
    text, words = REFUSED[name]
    (tmp_path / "star.csv").write_text(text)
    with pytest.raises(ValueError, match=words):
        vs.read_light_curve(tmp_path / "star.csv")


def read(text, tmp_path):
    (tmp_path / "star.csv").write_text(text)
    return light_curves(vs.read_light_curve(tmp_path / "star.csv"))


def test_days_of_the_year(tmp_path):
    # 2020 is a leap year: day 61 is March 1
    c = read("year,doy,mag,err\n2019,1.0,12,.1\n2019,365.5,12,.1\n2020,61.25,12,.1\n", tmp_path)
    right = pd.to_datetime(["2019-01-01 00:00", "2019-12-31 12:00", "2020-03-01 06:00"])
    np.testing.assert_allclose(c.t, right.to_julian_date())


def test_gps_seconds_know_leap_seconds(tmp_path):
    # 2017-01-01T00:00:00 UTC: GPS is 18 s ahead
    seconds = (2457754.5 - 2444244.5) * 86400 + 18
    rows = "".join(f"{seconds + k},12,.1\n" for k in (0, 60, 120))
    c = read("gps_time,mag,err\n" + rows, tmp_path)
    np.testing.assert_allclose(c.t, 2457754.5 + np.array([0, 60, 120]) / 86400, atol=2e-9)


def test_offsets_with_an_exponent(tmp_path):
    c = read("JD-2.45e6,mag,err\n8000.25,12,.1\n8001.5,12.2,.1\n", tmp_path)
    np.testing.assert_allclose(c.t, [2458000.25, 2458001.5])


CELLS = {
    "value ± error": (["14.95 ± 0.02", "15.1±0.03"], [14.95, 15.1], [0.02, 0.03]),
    "value +/- error": (["14.95 +/- 0.02", "15.1+/-.03"], [14.95, 15.1], [0.02, 0.03]),
    "digits in brackets": (["14.957(20)", "15.1(3)"], [14.957, 15.1], [0.02, 0.3]),
    "with its unit": (["14.95 mag", "15.1mag"], [14.95, 15.1], [np.nan, np.nan]),
    "thousandths with their unit": (["14950 mmag", "15100 mmag"], [14.95, 15.1], [np.nan] * 2),
}


@pytest.mark.parametrize("name", CELLS)
def test_what_stands_in_one_cell(name, tmp_path):
    cells, mag, err = CELLS[name]
    c = read("jd,mag\n" + "".join(f"{2458000 + i},{v}\n" for i, v in enumerate(cells)), tmp_path)
    np.testing.assert_allclose(c.mag, mag)
    np.testing.assert_allclose(c.err, err)


def test_a_cell_of_another_form_leaves_the_column_alone(tmp_path):
    with pytest.raises(ValueError, match=r"expected numbers. Received: '14.95±0.02' in row 1"):
        read("jd,mag\n1,14.95±0.02\n2,cloudy\n", tmp_path)


def test_thousands(tmp_path):
    c = read("jd;mag;err\n2,458,000.25;12;.1\n2,458,001.5;12.5;.1\n", tmp_path)
    np.testing.assert_allclose(c.t, [2458000.25, 2458001.5])


def test_an_inverse_variance_belongs_to_its_own_brightness(tmp_path):
    c = read("jd,mag,flux_ivar\n1,12,100\n2,12.5,100\n", tmp_path)
    assert np.isnan(c.err).all()
    c = read("jd,mag,mag_ivar,err\n1,12,100,.3\n2,12.5,100,.3\n", tmp_path)  # its own error first
    np.testing.assert_allclose(c.err, 0.3)
    c = read("jd,mag,mag_ivar\n1,12,100\n2,12.5,0\n", tmp_path)  # 0: not known
    np.testing.assert_allclose(c.err, [0.1, np.nan])


def test_the_report_says_where_an_error_comes_from(tmp_path):
    (tmp_path / "a.csv").write_text("jd,mag,mag_ivar\n1,12,100\n2,12.5,25\n")
    report = vs.read_light_curve(tmp_path / "a.csv").attrs["report"]
    assert report["columns"]["err"] == ["mag_ivar ** -0.5"]
    (tmp_path / "b.csv").write_text("jd,mag,weight\n1,12,100\n2,12.5,25\n")
    notes = vs.read_light_curve(tmp_path / "b.csv").attrs["report"]["notes"]
    assert any("weight" in note for note in notes)

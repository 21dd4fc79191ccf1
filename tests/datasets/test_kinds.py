# ruff: noqa: E501  (rows of tables)
"""Kinds of files that people have: units, dates, text dialects, hostile bytes, things in memory."""

import gzip
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from astropy import units as u
from astropy.table import QTable, Table
from astropy.time import Time
from astropy.timeseries import TimeSeries

import varstar as vs
from varstar.lightcurves.sample import clean, light_curves

JD = 2455200.5 + np.sort(np.round(np.random.default_rng(0).uniform(0, 300, 40), 5))
MAG = np.round(15 + 0.4 * np.sin(JD), 3)
DATES = Time(JD, format="jd").datetime


def rows(form, *columns):
    return "\n".join(form.format(*v) for v in zip(*columns, strict=True)) + "\n"


def read(tmp_path, content, **options):
    path = tmp_path / "star.dat"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return vs.read_light_curve(path, **options)


def check(sample, t=JD, mag=MAG, err=0.02, tolerance=2e-5):
    c, _ = clean(light_curves(sample))
    np.testing.assert_allclose(c.t, t, rtol=0, atol=tolerance)
    np.testing.assert_allclose(c.mag, mag, rtol=0, atol=2e-5)
    np.testing.assert_allclose(c.err, err, rtol=1e-3)
    return c


def stamp(form):
    return [d.strftime(form) for d in DATES]


TIMES = {
    "time (s)": (JD * 86400, JD), "time [ms]": (JD * 864e5, JD), "time_min": (JD * 1440, JD),
    "time [h]": (JD * 24, JD), "unix_time": ((JD - 2440587.5) * 86400, JD),
    "timestamp": ((JD - 2440587.5) * 864e5, JD), "decimal_year": (Time(JD, format="jd").decimalyear, JD),
    "HJD-2450000": (JD - 2450000, JD), "HJD(2450000+)": (JD - 2450000, JD),
    "JD-2400000.5": (JD - 2400000.5, JD), "BTJD": (JD - 2457000, JD), "BJD - 2454833": (JD - 2454833, JD),
    "mjd": (JD - 2400000.5, JD - 2400000.5), "date": (stamp("%Y-%m-%dT%H:%M:%S.%f"), JD),
    "UT Date": (stamp("%Y/%m/%d %H:%M:%S.%f"), JD), "date_obs": (stamp("%Y-%m-%d %H:%M:%S.%fZ"), JD),
    "day": ([f"{d:%Y%m%d}.{round((j + 0.5) % 1 * 1e6):06d}"
             for d, j in zip(DATES, JD, strict=True)], JD),
}  # fmt: skip


@pytest.mark.parametrize("name", TIMES)
def test_units_and_offsets_of_time_are_obeyed(tmp_path, name):
    values, t = TIMES[name]
    words = [v if isinstance(v, str) else f"{v:.9f}" for v in values]
    check(read(tmp_path, f"{name},mag,err\n" + rows("{},{},0.02", words, MAG)), t)


TWO_COLUMNS = {
    "date,time": ("%Y-%m-%d", "%H:%M:%S"), "Date(UT),Time(UT)": ("%Y-%m-%d", "%H:%M:%S"),
    "date,ut": ("%Y%m%d", "%H%M%S"), "year,month,day,hour,minute,second": ("%Y,%m,%d", "%H,%M,%S"),
}  # fmt: skip


@pytest.mark.parametrize("names", TWO_COLUMNS)
def test_date_and_time_of_day_in_columns_of_their_own(tmp_path, names):
    day, hour = TWO_COLUMNS[names]
    text = f"{names},mag,err\n" + rows("{},{},{},0.02", stamp(day), stamp(hour), MAG)
    check(read(tmp_path, text), tolerance=1.01 / 86400)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("time", (JD - 2440587.5) * 86400),
        ("t", Time(JD, format="jd").decimalyear),
        ("jd", JD * 86400),
    ],
)
def test_what_cannot_be_days_is_refused(tmp_path, name, values):
    with pytest.raises(ValueError, match="time_unit"):
        read(tmp_path, f"{name},mag,err\n" + rows("{:.6f},{},0.02", values, MAG))


def test_julian_dates_in_32_bits_are_refused(tmp_path):
    Table({"JD": JD.astype("f4"), "mag": MAG}).write(tmp_path / "x.fits")
    with pytest.raises(ValueError, match="32-bit"):
        vs.read_light_curve(tmp_path / "x.fits")
    with pytest.raises(ValueError, match="32-bit"):
        vs.make_sample(pd.DataFrame({"star_id": "a", "t": JD.astype("f4"), "mag": MAG}))


@pytest.mark.parametrize(
    ("unit", "zero"), [("Jy", 8.9), ("mJy", 16.4), ("uJy", 23.9), ("nJy", 31.4), ("", 25.0)]
)
def test_fluxes_in_their_units(tmp_path, unit, zero):
    flux = 10 ** (0.4 * (zero - MAG))
    text = f"JD,flux [{unit}],flux_err [{unit}]\n" + rows("{},{:.9g},{:.9g}", JD, flux, flux * 0.02)
    check(read(tmp_path, text), err=0.02 * 2.5 / np.log(10))


@pytest.mark.parametrize(
    ("name", "scale", "middle"), [("ppm", 1e6, 0), ("ppm", 1e6, 1e6), ("x", 1, 0), ("x", 1, 1)]
)
def test_relative_fluxes_around_zero_and_one(tmp_path, name, scale, middle):
    flux = 0.003 * np.sin(JD)
    names = "flux_ppm" if name == "ppm" else "flux"
    sample = read(tmp_path, f"JD,{names}\n" + rows("{},{:.9g}", JD, middle + scale * flux))
    np.testing.assert_allclose(light_curves(sample).mag - 25, -2.5 * np.log10(1 + flux), atol=1e-6)


THREE = rows("{} {:.3f} 0.02", JD, MAG)
DIALECTS = {
    "decimal commas between blanks": THREE.replace(".", ","),
    "decimal commas, semicolons": "JD;mag;err\n" + THREE.replace(" ", ";").replace(".", ","),
    "UTF-16": ("JD,mag,err\n" + THREE.replace(" ", ",")).encode("utf-16"),
    "UTF-16 without its mark": ("JD,mag,err\n" + THREE.replace(" ", ",")).encode("utf-16-le"),
    "Latin-1": ("JD,mag,err,who\n" + THREE.replace(" ", ",").replace("\n", ",José\n")).encode("latin-1"),
    "VizieR": "#\n_RAJ2000\tHJD\tVmag\te_Vmag\ndeg\td\tmag\tmag\n----\t---\t---\t---\n"
    + rows("1.5\t{}\t{:.3f}\t0.02", JD, MAG) + "\n#END#\n",
    "Muniwin": "JD V-C s1 V-K1 s2\nAperture: 2, JD: geocentric, Filter: V\n" + rows("{} {:.3f} 0.02 1.2 0.5", JD, MAG),
    "VStar": rows("{},{:.3f},0.02,OBS,V", JD, MAG) + "2455600.1,9.0,0.1,OBS,D\n",
    "VaST": rows("{} {:.3f} 0.02 512.1 433.2 7.5 img/a.fit", JD, MAG),
    "AAVSO extended without its header": "#TYPE=Extended\n#DELIM=;\n#DATE=HJD\n"
    + rows("SS CYG;{};{:.3f};0.02;V;NO;STD;ENSEMBLE;na;120;13;1.3;na;X;na", JD, MAG),
    "remarks": THREE.replace("\n", "   # clouds, moon\n", 3),
    "bars": "| HJD | mag | err |\n|-----|-----|-----|\n" + rows("| {} | {:.3f} | 0.02 |", JD, MAG),
    "uncertain marks": THREE.replace(" 0.02", ": 0.02", 2),
    "marks of no measurement": THREE + "2455600.5 9.999 9.999\n2455600.6 99.999 0.1\n2455600.7 INDEF INDEF\n"
    "2455600.8 -9.99 0.1\n2455600.9 <15.1 0.1\n",
    "titles and units": "My star\nhjd mag err\nd mag mag\n" + THREE,
    "millimagnitudes": "JD,mag [mmag],err [mmag]\n" + rows("{},{:.1f},20", JD, 1000 * MAG),
}  # fmt: skip


@pytest.mark.parametrize("name", DIALECTS)
def test_text_as_people_have_it(tmp_path, name):
    check(read(tmp_path, DIALECTS[name]))


def test_what_belongs_together(tmp_path):
    head = "JD,SAP_FLUX,SAP_FLUX_ERR,PDCSAP_FLUX,PDCSAP_FLUX_ERR,P\n"
    text = head + rows("{},1000,3,1100,50,{:.3f}", JD, np.linspace(0, 1, 40))
    sample = read(tmp_path, text, flux="SAP_FLUX")
    assert light_curves(sample).err[0] == pytest.approx(0.003 * 1.0857362)
    assert "period" not in sample.columns
    with pytest.raises(ValueError, match="band='Filtr' is no column"):
        read(tmp_path, "JD,mag,filter\n1,15,g\n2,15.2,r\n", band="Filtr")
    assert len(read(tmp_path, "star_id,t,mag\n" + rows("{},{},{}", range(4), JD[:4], MAG[:4]))) == 4
    sample = read(tmp_path, "JD,mag,ra,dec\n" + rows("{},{},05:23:34.5,-00:45:22", JD, MAG))
    assert sample["ra"].iloc[0] == pytest.approx(80.89375)
    assert sample["dec"].iloc[0] == pytest.approx(-0.756111, rel=1e-5)


ERR = np.full(40, 0.02)
MEMORY = {
    "big-endian": lambda: {"t": JD.astype(">f8"), "mag": MAG.astype(">f8"), "err": ERR.astype(">f4")},
    "bytes": lambda: {"t": JD, "mag": MAG, "err": ERR, "band": np.array([b"V"] * 40)},
    "arrow types": lambda: pd.DataFrame({"t": JD, "mag": MAG, "err": ERR}).convert_dtypes(dtype_backend="pyarrow"),
    "nullable": lambda: pd.DataFrame({"t": JD, "mag": MAG, "err": ERR}).astype("Float64"),
    "masked": lambda: Table({"time": JD, "mag": np.ma.MaskedArray(MAG, False), "err": ERR}),
    "quantities": lambda: QTable({"time": JD * 24 * u.h, "mag": MAG * u.mag, "err": ERR * 1000 * u.Unit("mmag")}),
    "time series": lambda: TimeSeries(time=Time(JD, format="jd"), data={"mag": MAG, "err": ERR}),
    "list": lambda: [JD, MAG, ERR],
    "matrix": lambda: np.c_[JD, MAG, ERR],
    "records": lambda: np.rec.fromarrays([JD, MAG, ERR], names="hjd,mag,err"),
    "dates": lambda: pd.DataFrame({"t": pd.to_datetime(JD, unit="D", origin="julian").tz_localize("UTC"), "mag": MAG, "err": ERR}),
    "lightkurve": lambda: SimpleNamespace(time=JD - 2457000, time_format="btjd", flux=10 ** (0.4 * (25 - MAG)),
                                          flux_err=10 ** (0.4 * (25 - MAG)) * 0.02 / 1.0857362),
}  # fmt: skip


@pytest.mark.parametrize("name", MEMORY)
def test_make_sample_takes_what_people_hold_in_memory(name):
    sample = vs.make_sample(MEMORY[name]())
    check(sample)
    assert "report" in sample.iloc[[0]].attrs


def test_samples_of_arrays():
    one = vs.light_curve(JD, MAG, ERR, "V", star_id="x", period=0.5, label="RRab")
    check(one)
    assert one["label"].tolist() == ["RRab"]
    many = vs.light_curves([one, (JD, MAG), {"t": JD, "flux": MAG, "star_id": "f"}])
    assert list(many.index) == ["x", "1", "f"]
    assert light_curves(many).counts.tolist() == [40, 40, 40]
    assert light_curves(vs.light_curve([], [])).counts.tolist() == [0]
    assert len(vs.light_curves([])) == 0
    with pytest.raises(ValueError, match="mag or flux"):
        vs.light_curve(JD)


def test_many_files_are_one_sample(tmp_path):
    for name in ("a.dat", "b.dat"):
        (tmp_path / name).write_text(THREE)
    assert list(vs.read_light_curve([tmp_path / "a.dat", tmp_path / "b.dat"]).index) == ["a", "b"]
    with pytest.raises(FileNotFoundError, match="none"):
        vs.read_light_curve([tmp_path / "a.dat", tmp_path / "none"])


OTHERS = {"HDF5": b"\x89HDF\r\n\x1a\n", "Feather": b"ARROW1\0\0", "PNG": b"\x89PNG\r\n\x1a\n",
          "npy": b"\x93NUMPY\x01\0", "PDF": b"%PDF-1.7"}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_not_read_is_named(tmp_path, name):
    with pytest.raises(ValueError, match=rf"{name}.* is not read; save the table as CSV"):
        read(tmp_path, OTHERS[name] + bytes(300))


HOSTILE = {
    "gzip bomb": lambda: gzip.compress(b"\0" * 100_000_000),
    "laughs": lambda: b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aa">]><VOTABLE>&a;</VOTABLE>',
    "claims": lambda: (
        b'<VOTABLE><RESOURCE><TABLE nrows="99999999999"></TABLE></RESOURCE></VOTABLE>'
    ),
    "long line": lambda: b"1" * 2_000_000,
    "wide": lambda: (b"1," * 5000 + b"1\n") * 3,
    "noise": lambda: np.random.default_rng(0).bytes(5000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused(tmp_path, name):
    with pytest.raises(ValueError, match=r"expected|unknown|not a whole|not read|claims|table"):
        read(tmp_path, HOSTILE[name]())

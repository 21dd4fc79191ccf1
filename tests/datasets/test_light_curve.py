"""Reading the files that people have."""

import gzip

import numpy as np
import pandas as pd
import pytest
from astropy.io import fits
from astropy.table import MaskedColumn, Table
from astropy.time import Time
from datasets import test_archives as archives
from hypothesis import given, settings
from hypothesis import strategies as st

import varstar as vs
from varstar.datasets.formats import FORMATS, recognise
from varstar.datasets.layouts import match, plain
from varstar.datasets.light_curve import flux_to_mag, read_light_curve
from varstar.lightcurves.sample import light_curves

T = [2455260.5, 2455261.5, 2455263.25]
MAG = [15.1, 15.4, 15.2]
ERR = [0.01, 0.02, 0.03]


def read(path, text=None, **options):
    if text is not None:
        path.write_text(text)
    return read_light_curve(path, **options)


def check(sample, t=T, mag=MAG, err=ERR):
    c = light_curves(sample)
    np.testing.assert_allclose(c.t, t, rtol=0, atol=1e-9)
    np.testing.assert_allclose(c.mag, mag, rtol=1e-6)
    np.testing.assert_allclose(c.err, err, rtol=1e-5)
    return c


# --- formats ------------------------------------------------------------------------------


@pytest.mark.parametrize("sep", [",", "\t", ";", " ", "   ", "|", ", "])
@pytest.mark.parametrize(
    "names", ["hjd mag err", "HJD Mag mag_err", "BJD magnitude e_mag", "time(d) mag magerr"]
)
def test_text_with_a_header(tmp_path, sep, names):
    rows = [names.split(), *([repr(v) for v in row] for row in zip(T, MAG, ERR, strict=True))]
    text = "\n".join(sep.join(r) for r in rows) + "\n"
    check(read(tmp_path / "star.csv", text))


@pytest.mark.parametrize(
    "text",
    [
        " 5260.50000 15.1 0.01\n 5261.50000 15.4 0.02\n 5263.25000 15.2 0.03\n",
        "# HJD  mag  err\n5260.5 15.1 0.01\n5261.5 15.4 0.02\n5263.25 15.2 0.03\n",
        "# a comment\n\n5260.5,15.1,0.01\n5261.5,15.4,0.02\n\n5263.25,15.2,0.03",
        "5260.5\t15.1\t0.01\r\n5261.5\t15.4\t0.02\r\n5263.25\t15.2\t0.03\r\n",
        "\ufeffhjd,mag,err\n5260.5,15.1,0.01\n5261.5,15.4,0.02\n5263.25,15.2,0.03\n",
    ],
)
def test_text_without_a_header_is_time_magnitude_error(tmp_path, text):
    sample = read(tmp_path / "OGLE-LMC-RRLYR-00001.dat", text)
    check(sample, t=np.array(T) - 2450000)
    assert list(sample.index) == ["OGLE-LMC-RRLYR-00001"]


def test_two_columns_have_no_errors(tmp_path):
    c = light_curves(read(tmp_path / "x.dat", "1.0 12.0\n2.0 12.5\n"))
    assert np.isnan(c.err).all()


def test_a_fourth_column_of_names_is_the_band(tmp_path):
    c = light_curves(read(tmp_path / "x.dat", "1.0 12.0 0.1 V\n2.0 12.5 0.1 I\n"))
    assert [c.bands[k] for k in c.band] == ["V", "I"]


def test_columns_without_names_by_position(tmp_path):
    text = "A 1.0 0.1 12.0 7\nB 2.0 0.1 12.5 7\n"
    c = light_curves(read(tmp_path / "x.dat", text, t=1, mag=3, err=2, band=0))
    assert c.t.tolist() == [1, 2]
    assert c.mag.tolist() == [12, 12.5]
    assert [c.bands[k] for k in c.band] == ["A", "B"]
    with pytest.raises(ValueError, match=r"5 columns without names.*t=0, mag=1, err=2"):
        read(tmp_path / "x.dat")


@pytest.mark.parametrize("suffix", ["ecsv", "vot", "fits", "parquet", "csv.gz"])
def test_tables(tmp_path, suffix):
    table = Table({"HJD": T, "Vmag": MAG, "e_mag": np.array(ERR, np.float32)})
    path = tmp_path / f"mystar.{suffix}"
    if suffix == "parquet":
        table.to_pandas().to_parquet(path)
    elif suffix == "csv.gz":
        path.write_bytes(gzip.compress(b"HJD,Vmag,e_mag\n" + "\n".join(
            f"{a},{b},{c}" for a, b, c in zip(T, MAG, ERR, strict=True)).encode()))  # fmt: skip
    else:
        table.write(path, format={"ecsv": "ascii.ecsv", "vot": "votable"}.get(suffix, "fits"))
    sample = read(path, period=0.61)
    check(sample)
    assert sample["time_scale"].tolist() == ["HJD"]
    assert sample["period"].tolist() == [0.61]
    assert list(sample.index) == ["mystar"]


@pytest.mark.parametrize("suffix", ["ecsv", "vot", "fits"])
def test_masked_values_are_nan(tmp_path, suffix):
    table = Table({"time": T, "mag": MaskedColumn(MAG, mask=[False, True, False]), "err": ERR})
    path = tmp_path / f"x.{suffix}"
    table.write(path, format={"ecsv": "ascii.ecsv", "vot": "votable"}.get(suffix, "fits"))
    assert np.isnan(light_curves(read(path)).mag).tolist() == [False, True, False]


def test_masked_integers_are_nan_too(tmp_path):
    Table({"time": T, "mag": MaskedColumn([15, 16, 17], mask=[True, False, False])}).write(
        tmp_path / "x.ecsv"
    )
    assert np.isnan(light_curves(read(tmp_path / "x.ecsv")).mag).tolist() == [True, False, False]


def test_fits_takes_the_table_with_a_light_curve(tmp_path):
    other = fits.BinTableHDU(Table({"pixel": [1, 2]}))
    flux = np.array([1e4, 2e4, 1e4], ">f4")
    columns = {"TIME": np.array([1.0, 2, 3], ">f8"), "PDCSAP_FLUX": flux}
    columns |= {"PDCSAP_FLUX_ERR": [100.0, 100, 100], "BAND": ["T", "T", "T"]}
    lc = fits.BinTableHDU(Table(columns))
    fits.HDUList([fits.PrimaryHDU(), other, lc]).writeto(tmp_path / "tess.fits")
    c = light_curves(read(tmp_path / "tess.fits"))
    np.testing.assert_allclose(c.mag, [15.0, 25 - 2.5 * np.log10(2e4), 15.0], rtol=1e-6)
    np.testing.assert_allclose(c.err[0], 2.5 / np.log(10) * 0.01, rtol=1e-6)
    assert c.bands == ("T",)


def test_times_as_objects_dates_and_seconds(tmp_path):
    Table({"time": Time(T, format="jd"), "mag": MAG, "err": ERR}).write(tmp_path / "x.ecsv")
    check(read(tmp_path / "x.ecsv"))
    table = Table({"time": np.array(T) * 86400, "mag": MAG, "err": ERR}, units={"time": "s"})
    table.write(tmp_path / "s.ecsv")
    check(read(tmp_path / "s.ecsv"), t=T)
    days = "date,mag,err\n" + "\n".join(
        f"{d},{m},{e}" for d, m, e in zip(Time(T, format="jd").isot, MAG, ERR, strict=True)
    )
    check(read(tmp_path / "d.csv", days), t=T)


# --- columns ------------------------------------------------------------------------------


def test_an_empty_column_of_times_gives_way_to_a_full_one(tmp_path):
    """As in ZTF's files, where hjd may be missing and mjd never is."""
    text = "hjd,mjd,mag,magerr,filtercode\nnan,58202.4,18.7,0.05,zg\n,58203.4,18.6,0.05,zr\n"
    sample = read(tmp_path / "x.csv", text)
    assert light_curves(sample).t.tolist() == [58202.4, 58203.4]
    assert sample["time_scale"].tolist() == ["mjd"]


def test_columns_by_keyword(tmp_path):
    text = "when,brightness,dm,colour,mag\n1,12,0.1,V,99\n2,13,0.2,I,98\n"
    sample = read(tmp_path / "x.csv", text, t="when", mag="Brightness", err=2, band="colour")
    c = check(sample, [1, 2], [12, 13], [0.1, 0.2])
    assert c.bands == ("V", "I")


def test_a_band_or_star_that_names_no_column_is_its_own_name(tmp_path):
    sample = read(tmp_path / "x.dat", "1 12 0.1\n2 13 0.1\n", band="I", star_id="RR Lyr")
    assert light_curves(sample).bands == ("I",)
    assert list(sample.index) == ["RR Lyr"]


def test_many_stars_in_one_file(tmp_path):
    text = (
        "star_id,t,mag,err,period,label\nb,2,12,0.1,0.5,RRab\na,1,11,0.1,,EA\nb,1,13,0.1,0.5,RRab\n"
    )
    sample = read(tmp_path / "x.csv", text)
    assert list(sample.index) == ["b", "a"]
    assert light_curves(sample).counts.tolist() == [2, 1]
    assert sample.loc["b", "period"] == 0.5
    assert np.isnan(sample.loc["a", "period"])
    assert sample["label"].tolist() == ["RRab", "EA"]
    with pytest.raises(ValueError, match="star_id='object' is no column"):
        read(tmp_path / "x.csv", star_id="object")


def test_a_column_of_row_numbers_is_no_star(tmp_path):
    sample = read(tmp_path / "x.csv", "id,t,mag\n1,1,11\n2,2,12\n3,3,13\n")
    assert list(sample.index) == ["x"]


def test_upper_limits_are_no_measurements(tmp_path):
    sample = read(tmp_path / "x.csv", "hjd,mag,mag_err\n1,>16.2,99.99\n2,15.5,0.02\n3,-,-\n")
    assert np.isnan(light_curves(sample).mag).tolist() == [True, False, True]


# --- fluxes -------------------------------------------------------------------------------


def test_fluxes_become_magnitudes_with_the_zero_point(tmp_path):
    text = "bjd,flux,flux_err\n1,1,0.1\n2,100,1\n"
    c = light_curves(read(tmp_path / "x.csv", text))
    np.testing.assert_allclose(c.mag, [25.0, 20.0])
    np.testing.assert_allclose(c.err, [0.1085736, 0.01085736], rtol=1e-6)
    c = light_curves(read(tmp_path / "x.csv", zero_point=16.4))
    np.testing.assert_allclose(c.mag, [16.4, 11.4])


def test_fluxes_that_are_not_positive_lose_no_point(tmp_path):
    """Above three errors (F1 = 30) Pogson's magnitudes, below the tangent at F1."""
    flux = [100, -3, 300, 0, np.nan, 90, 80, 110, 95, 105, 100, 98]
    rows = "".join(f"{i},{f},10\n" for i, f in enumerate(flux, 1))
    with pytest.warns(UserWarning, match="2 of 11 fluxes are zero or negative"):
        sample = read(tmp_path / "x.csv", "t,flux,flux_err\n" + rows)
    c = light_curves(sample)
    assert np.isfinite(c.mag).tolist() == [True] * 4 + [False] + [True] * 7
    np.testing.assert_allclose(c.mag[0], 20.0)
    at = 25 - 2.5 * np.log10(30)
    np.testing.assert_allclose(c.mag[[1, 3]], [at + 1.0857362 * 33 / 30, at + 1.0857362], rtol=1e-6)
    np.testing.assert_allclose(c.err[[0, 1]], [0.10857362, 0.3619121], rtol=1e-6)
    assert sample["lc.flux"].tolist()[:4] == [100, -3, 300, 0]


def test_magnitudes_win_over_fluxes_unless_asked(tmp_path):
    text = "t,mag,flux\n1,12,100\n2,13,100\n"
    assert light_curves(read(tmp_path / "x.csv", text)).mag.tolist() == [12, 13]
    assert light_curves(read(tmp_path / "x.csv", flux="flux")).mag.tolist() == [20, 20]


@settings(max_examples=30, deadline=None)
@given(st.floats(0.01, 1e8), st.floats(1e-4, 0.2), st.floats(0, 30))
def test_flux_to_mag_inverts(flux, relative, zero_point):
    mag, err = flux_to_mag(np.array([flux]), np.array([flux * relative]), zero_point)
    np.testing.assert_allclose(10 ** (0.4 * (zero_point - mag)), flux, rtol=1e-9)
    np.testing.assert_allclose(err, relative * 1.0857362, rtol=1e-6)


# --- bad files ----------------------------------------------------------------------------


def test_no_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="nothing there"):
        read(tmp_path / "none.csv")
    with pytest.raises(FileNotFoundError, match="a folder"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("  \n \n", "the file is empty"),
        ("# only\n# comments\n", "no measurements, only 2 comment lines"),
        ("t,mag,err\n", r"no measurements. Columns: \['t', 'mag', 'err'\]"),
        ("t,mag,err\n1,12,0.1\n2,13\n", "line 3: expected 3 fields. Received: 2"),
        ("1 12 0.1\n2 13 0.1\n3 1", "line 3: expected 3 fields. Received: 2"),
        ("t,x,y\n1,12,0.1\n", r"expected a column of magnitudes.*Received columns: \['t', 'x'"),
        ("x,mag\n1,12\n", "expected a column for t .*name it with t="),
        ("t,mag\n1,bright\n", "column 'mag' .* expected numbers. Received: 'bright' in row 1"),
        ("t,mag,mag\n1,12,13\n", r"named once. Received twice: \['mag'\]"),
        ("<html>\n<body>Not found</body>\n</html>\n", "expected"),
        ("12.0\n13.0\n", "1 columns without names"),
        ("t,mag\nyesterday,12\n", "column 't' .* expected numbers"),
    ],
)
def test_bad_text_says_what_is_wrong(tmp_path, text, message):
    with pytest.raises(ValueError, match=message):
        read(tmp_path / "x.csv", text)


@pytest.mark.parametrize("suffix", ["vot", "fits", "parquet", "csv.gz", "ecsv"])
def test_truncated_tables(tmp_path, suffix):
    n = 2000
    table = Table({"HJD": np.arange(n) * 1.5, "mag": np.full(n, 15.2), "err": np.full(n, 0.1)})
    path = tmp_path / f"x.{suffix}"
    if suffix == "parquet":
        table.to_pandas().to_parquet(path)
    elif suffix == "csv.gz":
        with gzip.open(path, "wt") as f:
            table.write(f, format="ascii.csv")
    else:
        table.write(path, format={"ecsv": "ascii.ecsv", "vot": "votable"}.get(suffix, "fits"))
    raw = path.read_bytes()
    assert len(light_curves(read(path)).t) == n
    cut = len(raw) * 2 // 3
    if suffix == "ecsv":  # text: a cut between fields is seen, one within the last number is not
        cut = raw.rindex(b" ", 0, cut)
    path.write_bytes(raw[:cut])
    with pytest.raises(ValueError, match="truncated"):
        read(path)


def test_unknown_binary_file(tmp_path):
    (tmp_path / "x.bin").write_bytes(b"\x00\x01\x02" * 100)
    with pytest.raises(ValueError, match=r"unknown format\. Expected text, CSV, ECSV, VOTable"):
        read(tmp_path / "x.bin")


def test_fits_without_a_light_curve(tmp_path):
    Table({"a": [1.0], "b": [2.0]}).write(tmp_path / "x.fits")
    with pytest.raises(ValueError, match=r"Received tables with columns: \[\['a', 'b'\]\]"):
        read(tmp_path / "x.fits")
    fits.PrimaryHDU(np.zeros((5, 5))).writeto(tmp_path / "image.fits")
    with pytest.raises(ValueError, match="Received tables with columns: none"):
        read(tmp_path / "image.fits")


@pytest.mark.parametrize("options", [{"t": "x"}, {"mag": "x"}, {"err": "x"}, {"flux": 9}, {"t": 9}])
def test_an_unknown_column_by_keyword_is_an_error(tmp_path, options):
    with pytest.raises(ValueError, match=r"is no column. Expected one of: \['t', 'mag'"):
        read(tmp_path / "x.csv", "t,mag,f\n1,12,3\n2,13,3\n", **options)


@pytest.mark.parametrize("period", [0, -1.0, np.nan, "0.5"])
def test_period_is_positive(tmp_path, period):
    with pytest.raises((ValueError, TypeError)):
        read(tmp_path / "x.csv", "t,mag\n1,12\n2,13\n", period=period)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(-1e6, 3e6), st.floats(10, 28), st.floats(1e-4, 5)),
        min_size=1,
        max_size=9,
    )
)
def test_whatever_is_written_is_read(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("lc") / "x.csv"
    pd.DataFrame(rows, columns=["hjd", "mag", "err"]).to_csv(path, index=False)
    check(read(path), *np.array(rows).T)


# --- the surveys' own formats -------------------------------------------------------------


def test_asas_pages(tmp_path):
    sample = read(tmp_path / "080000+0800.0", "\n".join(archives.ASAS_PAGE))
    assert list(sample.index) == ["080000+0800.0"]
    c = light_curves(sample)
    assert c.t.tolist() == [2452600.5, 2452635.70854]
    assert sample["time_scale"].tolist() == ["HJD"]


def test_asassn_files(tmp_path):
    text = "hjd,camera,mag,mag_err\n2457008.77,ba,15.2,0.02\n2457009.77,ba,>16.2,99.99\n"
    c = light_curves(read(tmp_path / "x.csv", text, star_id="my star", period=3.0))
    assert c.t.tolist() == [2457008.77]
    assert c.bands == ("V",)


def test_eros2_files(tmp_path):
    c = light_curves(read(tmp_path / "lm0010k1.time", "\n".join(archives.EROS)))
    assert sorted(c.bands) == ["B", "R"]
    assert c.counts.tolist() == [4]
    assert c.t.min() > 2.45e6


def test_ztf_files(tmp_path):
    rows = [archives.ztf_row(1, 2458202.8, 58202.3, 18.67),
            archives.ztf_row(2, 2458203.8, 58203.3, 18.20, band="zr"),
            archives.ztf_row(1, 2458204.8, 58204.3, 12.00, flag=32768)]  # fmt: skip
    sample = read(tmp_path / "x.csv", "\n".join([archives.ZTF_HEAD, *rows]))
    assert len(sample) == 1
    assert light_curves(sample).mag.tolist() == [18.67, 18.20]
    # The flag belongs to the column: it is obeyed whatever names the star.
    assert light_curves(read(tmp_path / "x.csv", star_id="oid")).counts.tolist() == [1, 1]
    far = rows[1].replace("209.99,29.97", "209.98,29.97")
    with pytest.raises(ValueError, match=r"expected one star. Received: 2 object ids up to 31"):
        read(tmp_path / "x.csv", "\n".join([archives.ZTF_HEAD, rows[0], far]))


def test_atlas_files(tmp_path):
    text = (
        "###MJD          m      dm   uJy   duJy F err chi/N\n"
        "57232.614000  16.522  0.012   898     10 o  0  1.1\n"
        "57233.614000 -19.300  0.812   -68     51 o  0  1.1\n"
        "57234.614000  16.200  0.011   999     10 c  0  1.1\n"
        "57235.614000  11.000  0.011   999     10 c  1  1.1\n"
    )
    sample = read(tmp_path / "x.txt", text)
    check(sample, [57232.614, 57234.614], [16.522, 16.2], [0.012, 0.011])
    assert set(light_curves(sample).bands) == {"o", "c"}
    with pytest.raises(ValueError, match="truncated"):
        read(tmp_path / "x.txt", text[:-10])


def test_every_format_is_recognised_by_one_look_only():
    heads = {
        "ASAS-3": "\n".join(archives.ASAS_PAGE),
        "EROS-2": "\n".join(archives.EROS),
        "Hipparcos": "\n".join(archives.hipparcos_block(3, archives.POINTS)),
    }
    assert set(heads) == set(FORMATS)
    for name, head in heads.items():
        assert [k for k, f in FORMATS.items() if f.looks(head)] == [name]
    for table in ("hjd,mag,err\n", "5260.5 18.7 0.02\n", "", "<html>", archives.ZTF_HEAD + "\n"):
        assert recognise(table) is None
    assert match(dict.fromkeys(map(plain, archives.ZTF_HEAD.split(","))))[0] == "ZTF"


def test_what_is_read_goes_straight_into_a_period_search(tmp_path):
    t = np.sort(np.random.default_rng(0).uniform(2455000, 2457000, 300))
    mag = 15 + 0.3 * np.sin(2 * np.pi * t / 0.5634)
    rows = "".join(f"{a!r},{m!r},0.02\n" for a, m in zip(t.tolist(), mag.tolist(), strict=True))
    sample = read(tmp_path / "star.csv", "hjd,mag,err\n" + rows)
    found = vs.find_periods(sample)
    assert found.loc["star", "period"] == pytest.approx(0.5634, rel=1e-4)


def test_gaia_files(tmp_path):
    text = (
        "source_id,transit_id,band,time,mag,flux_over_error,rejected_by_photometry\n"
        "1,1,G,1700.5,18.2,100,false\n1,2,BP,1700.5,18.5,10,true\n"
    )
    c = light_curves(read(tmp_path / "x.csv", text))
    assert c.t.tolist() == [2455197.5 + 1700.5]


def test_hipparcos_files(tmp_path):
    lines = archives.hipparcos_block(3, archives.POINTS) + archives.hipparcos_block(8, [])
    sample = read(tmp_path / "hip.dat", "\n".join(lines) + "\n")
    assert list(sample.index) == ["3"]
    assert light_curves(sample).counts.tolist() == [2]
    two = archives.hipparcos_block(8, archives.POINTS)
    with pytest.raises(ValueError, match="several stars"):
        read(tmp_path / "hip.dat", "\n".join([*lines, *two]) + "\n", star_id="HIP 3")


def test_a_survey_file_without_a_good_point(tmp_path):
    row = archives.ztf_row(1, 2458204.8, 58204.3, 12.00, flag=32768)
    with pytest.raises(ValueError, match="no measurements"):
        read(tmp_path / "x.csv", archives.ZTF_HEAD + "\n" + row + "\n")


def test_the_front_door():
    assert vs.read_light_curve is read_light_curve

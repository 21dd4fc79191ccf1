"""The archives' readers on small files in each archive's layout, made byte by byte."""

import gzip
import io
import json
import sys
import tarfile
import types

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from varstar.datasets import build, load
from varstar.datasets.archives import (
    asas,
    asassn,
    catalina,
    eros2,
    gaia,
    hipparcos,
    ogle,
    text,
    ztf,
)
from varstar.datasets.registry import SURVEYS
from varstar.lightcurves.sample import light_curves


def at(columns, width=0):
    """A line with each text at its byte, counted from 1: ``{1: "OGLE-...", 23: "RRab"}``."""
    line = ""
    for first, value in sorted(columns.items()):
        assert len(line) < first, f"{value!r} at {first} overlaps {line!r}"
        line = line.ljust(first - 1) + value
    return line.ljust(width)


def right(last, value):
    """``{first: value}`` for a value that ends at byte `last`."""
    return {last - len(value) + 1: value}


def write(path, *lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(line + "\n" for line in lines))
    return path


def fields(curve):
    return [a.tolist() for a in curve[2:]]


# --- what the text files have in common ---------------------------------------------------


def test_numbers_and_dates():
    assert text.number(" 1.5 ") == 1.5
    for missing in ("", "  ", "-", "---", "nan", None):
        assert np.isnan(text.number(missing))
    with pytest.raises(ValueError):
        text.number("1.5x")
    assert text.full_jd([5260.5, 2455260.5]).tolist() == [2455260.5, 2455260.5]


@pytest.mark.parametrize(
    ("ra", "dec"),
    [
        ("04:27:45.72", "-70:43:12.0"),
        ("04 27 45.72", "-70 43 12.0"),
        (" 4 27 45.72", "-70 43 12.0"),
        ("4:27:45.72", "-70:43:12"),
    ],
)
def test_coordinates(ra, dec):
    a, d = text.degrees(ra, dec)
    assert a == pytest.approx(66.9405, abs=1e-9)
    assert d == pytest.approx(-70.72, abs=1e-9)


def test_a_small_negative_declination_keeps_its_sign():
    assert text.degrees("00:00:00.0", "-00:30:00.0")[1] == -0.5
    assert text.degrees("00:00:00.0", "+00:30:00.0")[1] == 0.5


@pytest.mark.parametrize(
    ("ra", "dec"), [("25:00:00", "0:0:0"), ("1:2", "0:0:0"), ("a:b:c", "0:0:0")]
)
def test_bad_coordinates(ra, dec):
    with pytest.raises(ValueError):
        text.degrees(ra, dec)


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 359.99), st.floats(-89.9, 89.9), st.sampled_from([":", " "]))
def test_coordinates_round_trip(ra, dec, sep):
    def figures(x, decimals):
        x = round(x * 3600, decimals)
        whole, s = divmod(x, 60)
        return (
            f"{int(whole // 60):02d}{sep}{int(whole % 60):02d}{sep}{s:0{3 + decimals}.{decimals}f}"
        )

    a, d = text.degrees(figures(ra / 15, 4), ("-" if dec < 0 else "+") + figures(abs(dec), 3))
    assert a == pytest.approx(ra, abs=1e-6)
    assert d == pytest.approx(dec, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 9), st.text("0123456789.", min_size=1, max_size=9)),
        min_size=1,
        max_size=6,
    )
)
def test_fixed_columns_give_back_what_was_put_there(cells):
    """Gaps of one byte or more between columns; each value anywhere within its own."""
    first, columns, line = 1, [], ""
    for extra, value in cells:
        last = first + len(value) + extra - 2
        columns.append((first, last, value))
        line = line.ljust(first - 1) + value.rjust(last - first + 1)
        first = last + 2
    assert text.fits(line, [(a, b) for a, b, _ in columns])
    for a, b, value in columns:
        assert text.cut(line, a, b) == value
    if len(columns) > 1:  # moved by one byte, some value reaches over a border
        a, b, _ = columns[0]
        assert not text.fits("9" + line[: b - 1] + "9" + line[b:], [(a, b)])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 1e4), st.floats(5, 25), st.floats(0, 1)), min_size=1, max_size=8
    ),
    st.sampled_from([" ", "  ", "\t"]),
    st.booleans(),
    st.booleans(),
)
def test_whitespace_columns_give_back_what_was_put_there(tmp_path_factory, rows, sep, end, more):
    path = tmp_path_factory.mktemp("t") / "x.dat"
    lines = [sep + sep.join([repr(v) for v in row] + ["7"] * more) for row in rows]
    path.write_text("\n".join(lines) + "\n" * end)
    np.testing.assert_array_equal(text.three_columns(path), np.array(rows).T)


@pytest.mark.parametrize("bad", ["1.0 15.0", "1.0", "1.0 15.0 x", "1.0 - 0.1"])
def test_a_line_that_is_not_whole_is_named(tmp_path, bad):
    path = write(tmp_path / "x.dat", "5260.5 18.7 0.02", "5261.5 18.8 0.02", bad)
    with pytest.raises(ValueError, match=r"x.dat: line 3: expected time, magnitude, error"):
        text.three_columns(path)


def test_three_columns_of_nothing(tmp_path):
    assert text.three_columns(write(tmp_path / "x.dat")).shape == (3, 0)


VIZIER = """#RESOURCE=yCat_22490018
#Table	J_ApJS_249_18_table2:
#Column	ID	(A23)	[ucd=meta.id]

{names}
{units}
{rule}
{rows}
"""


def vizier(path, table):
    """A table as VizieR's asu-tsv writes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        VIZIER.format(
            names="\t".join(table.columns),
            units="\t".join(" " for _ in table.columns),
            rule="\t".join("-" * max(len(c), 5) for c in table.columns),
            rows="\n".join("\t".join(f" {v}" for v in row) for row in table.to_numpy()),
        )
    )
    return path


def test_vizier_tables(tmp_path):
    table = pd.DataFrame({"ID": ["a", "b"], "Per": ["0.5", ""]})
    got = text.vizier(vizier(tmp_path / "t.tsv", table))
    assert got.to_dict("list") == {"ID": ["a", "b"], "Per": ["0.5", ""]}
    with pytest.raises(ValueError, match="rule of dashes"):
        text.vizier(write(tmp_path / "u.tsv", "#x", "ID\tPer"))
    broken = tmp_path / "t.tsv"
    broken.write_text(broken.read_text().rstrip().rsplit("\t", 1)[0])
    with pytest.raises(ValueError, match=r"expected 2 columns. Received: 1"):
        text.vizier(broken)


# --- OGLE ---------------------------------------------------------------------------------

RRAB = {1: "OGLE-LMC-RRLYR-00001", 23: "RRab", 29: "04:27:45.72", 41: "-70:43:12.0"}
IDENTS = {
    ("ogle4-lmc", "rrlyr"): (
        at({**RRAB, 54: "LMC531.21.12345", 71: "LMC160.3.11", 87: "LMC_SC1_22", 103: "V1"}),
        "RRab",
        {"ogle4_id": "LMC531.21.12345", "ogle3_id": "LMC160.3.11", "ogle2_id": "LMC_SC1_22"},
    ),
    ("ogle4-lmc", "cep"): (
        at({1: "OGLE-LMC-CEP-0001", 19: "F/1O", 29: "04:27:45.72", 41: "-70:43:12.0",
            71: "LMC156.5.186"}),
        "CEP F/1O",
        {"ogle4_id": "", "ogle3_id": "LMC156.5.186"},  # a name missing in the middle
    ),
    ("ogle4-lmc", "t2cep"): (
        at({1: "OGLE-LMC-T2CEP-001", 21: "BLHer", 28: "04 27 45.72", 40: "-70 43 12.0"}),
        "T2CEP BLHer",
        {},
    ),
    ("ogle4-lmc", "dsct"): (
        at({1: "OGLE-LMC-DSCT-00001", 22: "SINGLEMODE", 34: "04:27:45.72", 46: "-70:43:12.0"}),
        "DSCT",
        {"subtype": "SINGLEMODE"},
    ),
    ("ogle4-smc", "dsct"): (  # a name shorter by one: all columns move
        at({1: "OGLE-SMC-DSCT-0001", 21: "MULTIMODE", 33: " 4:27:45.72", 45: "-70:43:12.0"}),
        "DSCT",
        {"subtype": "MULTIMODE"},
    ),
    ("ogle4-lmc", "ecl"): (
        at({1: "OGLE-LMC-ECL-00001", 21: "NC", 25: "04:27:45.72", 37: "-70:43:12.0",
            50: "LMC531.21.12345"}),
        "ECL NC",
        {"ogle4_id": "LMC531.21.12345"},
    ),
    ("ogle4-lmc", "acep"): (  # columns not known: by the look of a coordinate
        at({1: "OGLE-LMC-ACEP-001", 20: "1O", 26: "04:27:45.72", 38: "-70:43:12.0"}),
        "ACEP 1O",
        {},
    ),
    ("ogle3-lmc", "rrlyr"): (
        at({1: "OGLE-LMC-RRLYR-00001", 23: "LMC160.3", 32: "  1234", 39: "RRe", 45: "04:27:45.72",
            57: "-70:43:12.0", 69: "LMC_SC1_22", 85: "1.2345.67"}),
        "RRe",
        {"field": "LMC160.3", "ogle2_id": "LMC_SC1_22", "macho_id": "1.2345.67"},
    ),
    ("ogle3-smc", "ecl"): (
        at({1: "OGLE-SMC-ECL-0001", 20: "SMC100.1", 29: "  1234", 36: "ED", 40: "04:27:45.72",
            52: "-70:43:12.0"}),
        "ECL ED",
        {"field": "SMC100.1"},
    ),
    ("ogle3-lmc", "lpv"): (
        "OGLE-LMC-LPV-00001  LMC160.3  1234  OSARG  AGB  O-rich  04:27:45.72 -70:43:12.0",
        "LPV OSARG AGB",
        {},
    ),
}  # fmt: skip


@pytest.mark.parametrize("key", list(IDENTS), ids="-".join)
def test_ogle_ident(tmp_path, key):
    line, label, more = IDENTS[key]
    release = key[0].split("-")[0]
    stars = ogle.read_ident(write(tmp_path / "ident.dat", line), release, key[1])
    row = stars.iloc[0]
    assert row["label"] == label
    assert row["ra"] == pytest.approx(66.9405)
    assert row["dec"] == pytest.approx(-70.72)
    for column, value in more.items():
        assert row[column] == value


def test_ogle_ident_names_the_line_that_is_wrong(tmp_path):
    path = write(tmp_path / "ident.dat", at(RRAB), at(RRAB)[:35])
    with pytest.raises(ValueError, match=r"ident.dat: line 2: no RA and Dec found"):
        ogle.read_ident(path, "ogle4", "rrlyr")
    with pytest.raises(ValueError, match="line 1: expected a star's name"):
        ogle.read_ident(write(tmp_path / "ident.dat", "<html>"), "ogle4", "rrlyr")
    with pytest.raises(ValueError, match="no stars in it"):
        ogle.read_ident(write(tmp_path / "ident.dat"), "ogle4", "rrlyr")


PARAMETERS = {
    ("lmc", "rrlyr"): (
        {1: "OGLE-LMC-RRLYR-00001", 23: "18.765", 30: "19.370", 38: "0.6347521", 48: "0.0000006",
         59: "6000.57500", **right(75, "0.597")},
        "  0.475 4.509  0.315 2.795",
        {"mean_mag": 18.765, "mean_mag_V": 19.370, "period": 0.6347521, "period_err": 6e-7,
         "t0": 2456000.575, "amplitude": 0.597, "r21": 0.475, "phi31": 2.795},
    ),
    ("blg", "rrlyr"): (
        {1: "OGLE-BLG-RRLYR-00001", 23: "18.765", 30: "19.370", 38: "0.63475213", 49: "0.00000061",
         61: "6000.57500", 73: "0.597"},
        "  0.475 4.509",
        {"period": 0.63475213, "period_err": 6.1e-7, "t0": 2456000.575, "amplitude": 0.597},
    ),
    ("lmc", "cep"): (
        {1: "OGLE-LMC-CEP-0001", 20: "15.765", **right(32, "-"), **right(44, "10.6347521"),
         46: "0.0000006", 57: "6000.57500", 68: "0.597"},
        "  0.475 4.509  0.315 2.795",
        {"mean_mag": 15.765, "mean_mag_V": np.nan, "period": 10.6347521, "amplitude": 0.597},
    ),
    ("lmc", "acep"): (
        {1: "OGLE-LMC-ACEP-001", 20: "18.765", 27: "19.370", 34: " 0.6347521", 45: "0.0000006",
         56: "6000.57500", 68: "0.597"},
        "",
        {"period": 0.6347521, "t0": 2456000.575},
    ),
    ("lmc", "t2cep"): (
        {1: "OGLE-LMC-T2CEP-001", 21: "18.765", 28: "19.370", 36: "10.6347521", 47: "0.0000006",
         58: "6000.57500", 70: "0.597"},
        "",
        {"period": 10.6347521, "mean_mag_V": 19.37},
    ),
    ("gd", "dsct"): (  # shorter by two
        {1: "OGLE-GD-DSCT-0001", 20: "18.765", 35: "0.06347521", 46: "0.00000006",
         58: "6000.57500", 70: "0.197"},
        "",
        {"period": 0.06347521, "mean_mag_V": np.nan, "amplitude": 0.197},  # V is blank
    ),
    ("lmc", "ecl"): (
        {1: "OGLE-LMC-ECL-00001", 21: "18.432", 28: "18.401", **right(46, "2.4271453"),
         49: "2457001.2345", **right(67, "0.512"), 69: "0.310"},
        "",
        {"period": 2.4271453, "t0": 2457001.2345, "amplitude": 0.512, "depth2": 0.310},
    ),
    ("blg", "ecl"): (
        {1: "OGLE-BLG-ECL-000001", 22: "18.432", 29: "18.401", **right(47, "2.4271453"),
         50: "7001.2345", 61: "0.512", 67: "0.310"},
        "",
        {"period": 2.4271453, "t0": 2457001.2345, "depth2": 0.310},
    ),
    ("blg", "lpv"): (
        {1: "OGLE-BLG-LPV-000001", 22: "12.432", 29: "15.401", **right(44, "298.7"), 46: "2.512"},
        "",
        {"period": 298.7, "amplitude": 2.512},
    ),
    ("lmc", "lpv"): (  # by white space
        {1: "OGLE-LMC-LPV-00001   12.432  -  298.7  2.512"},
        "",
        {"period": 298.7, "amplitude": 2.512, "mean_mag_V": np.nan},
    ),
}  # fmt: skip


@pytest.mark.parametrize("key", list(PARAMETERS), ids="-".join)
def test_ogle_parameters(tmp_path, key):
    columns, more, expected = PARAMETERS[key]
    path = write(tmp_path / "x.dat", at(columns) + more)
    row = ogle.read_parameters(path, key[1], key[0]).iloc[0]
    assert row["star_id"] == columns[1].split()[0]
    for column, value in expected.items():
        assert row[column] == pytest.approx(value, nan_ok=True), column


def test_ogle_example_lines_by_either_way(tmp_path):
    """Lines as the archive's descriptions show them: by position and by white space alike."""
    line = (
        "OGLE-LMC-RRLYR-00001  18.765 19.370  0.6347521 0.0000006  6000.57500  0.597  "
        "0.475 4.509  0.315 2.795"
    )
    for text_of_it in (line, " ".join(line.split())):
        row = ogle.read_parameters(write(tmp_path / "RRab.dat", text_of_it), "rrlyr", "lmc").iloc[0]
        assert row["period"] == 0.6347521
        assert row["t0"] == 2456000.575
        assert row["amplitude"] == 0.597
        assert row["phi21"] == 4.509


def test_ogle_parameters_name_the_line_that_is_wrong(tmp_path):
    path = write(tmp_path / "RRab.dat", "OGLE-LMC-RRLYR-00001  18.765")
    with pytest.raises(ValueError, match=r"RRab.dat: line 1: expected"):
        ogle.read_parameters(path, "rrlyr", "lmc")


@pytest.mark.parametrize(
    ("kind", "t", "expected"),
    [
        ("rrlyr", "5260.89013", 2455260.89013),
        ("ecl", "2455260.89013", 2455260.89013),  # lmc/ecl has full HJD
    ],
)
def test_ogle_times(tmp_path, kind, t, expected):
    path = write(tmp_path / "OGLE-LMC-X-001.dat", f"{t} 18.701 0.021")
    curve = ogle.read_light_curve(path, "OGLE-LMC-X-001", "I")
    assert curve.t[0] == pytest.approx(expected, abs=1e-9)
    assert curve.band == "I"


def test_ogle_times_may_be_mixed_in_one_file(tmp_path):
    path = write(tmp_path / "x.dat", "5260.5 18.7 0.02", "2455261.5 18.8 0.02")
    assert ogle.read_light_curve(path, "x", "I").t.tolist() == [2455260.5, 2455261.5]


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        ("phot/I/OGLE-LMC-RRLYR-00001.dat", "phot/I/OGLE-LMC-RRLYR-00001.dat"),
        ("./phot/V/OGLE-LMC-RRLYR-00001.dat", "phot/V/OGLE-LMC-RRLYR-00001.dat"),
        ("I/OGLE-LMC-RRLYR-00001.dat", "phot/I/OGLE-LMC-RRLYR-00001.dat"),
        ("phot_ogle3/I/OGLE-BLG-RRLYR-00001.dat", "phot_ogle3/I/OGLE-BLG-RRLYR-00001.dat"),
        ("phot/OGLE-BLG-LPV-00001_I.dat", "phot/I/OGLE-BLG-LPV-00001.dat"),
        ("OGLE-LMC-CEP-0001.V.dat", "phot/V/OGLE-LMC-CEP-0001.dat"),
        ("phot/README", None),
        ("phot/OGLE-BLG-LPV-00001.dat", None),  # of no band
    ],
)
def test_ogle_places_of_members(member, expected):
    from pathlib import PurePosixPath

    assert ogle.place(PurePosixPath(member)) == expected


def ogle_files(raw):
    """Two RR Lyrae stars (one in an archive) and an eclipsing one, as OGLE-IV LMC has them."""
    second = at({**RRAB, 1: "OGLE-LMC-RRLYR-00002", 23: "RRc "})
    write(raw / "rrlyr" / "ident.dat", at(RRAB), second)
    write(raw / "rrlyr" / "RRab.dat", at(PARAMETERS["lmc", "rrlyr"][0]))
    write(raw / "ecl" / "ident.dat", IDENTS["ogle4-lmc", "ecl"][0])
    write(raw / "ecl" / "ecl.dat", at(PARAMETERS["lmc", "ecl"][0]))
    write(raw / "ecl" / "phot" / "I" / "OGLE-LMC-ECL-00001.dat", "2457001.5 18.4 0.02")
    write(raw / "ecl" / "phot" / "V" / "OGLE-LMC-ECL-00001.dat", "2457002.5 18.5 0.03")
    with tarfile.open(raw / "rrlyr" / "phot.tar.gz", "w:gz") as tar:
        for i in (1, 2):
            body = f"6000.{i} 18.701 0.021\n5999.5 18.8 0.021\n".encode()
            info = tarfile.TarInfo(f"phot/I/OGLE-LMC-RRLYR-0000{i}.dat")
            info.size = len(body)
            tar.addfile(info, io.BytesIO(body))
    return raw


def test_ogle_from_raw_files_to_a_sample(tmp_path):
    said = []
    raw = ogle_files(tmp_path / "raw")
    build.make("ogle4-lmc", tmp_path / "data", raw=raw, say=said.append)
    sample = load("ogle4-lmc", root=tmp_path / "data")
    assert sorted(sample["label"]) == ["ECL NC", "RRab", "RRc"]
    star = sample.loc["OGLE-LMC-RRLYR-00001"]
    assert star["period"] == 0.6347521
    assert np.isnan(sample.loc["OGLE-LMC-RRLYR-00002", "period"])  # in no parameter table
    c = light_curves(sample)
    one = dict(zip(sample.index, range(3), strict=True))
    assert c.one(one["OGLE-LMC-RRLYR-00001"])[0].tolist() == [2455999.5, 2456000.1]
    assert c.one(one["OGLE-LMC-ECL-00001"])[0].tolist() == [2457001.5, 2457002.5]
    assert sample["time_scale"].str.startswith("HJD").all()
    assert build.check("ogle4-lmc", tmp_path / "data") == []
    record = json.loads((tmp_path / "data" / "ogle4-lmc" / "provenance.json").read_text())
    assert record["citation"] == SURVEYS["ogle4-lmc"]["citation"]
    build.make("ogle4-lmc", tmp_path / "data", raw=raw, types=["ecl"], say=said.append)
    assert len(load("ogle4-lmc", root=tmp_path / "data")) == 1


def test_ogle_says_what_it_looked_for(tmp_path):
    (tmp_path / "raw").mkdir()
    with pytest.raises(ValueError, match=r"ident.dat for one of .*'rrlyr'"):
        build.make("ogle4-lmc", tmp_path, raw=tmp_path / "raw")
    with pytest.raises(ValueError, match=r"unknown types \['rr'\]. Known: \['acep'"):
        build.make("ogle4-lmc", tmp_path, raw=tmp_path / "raw", types=["rr"])
    with pytest.raises(FileNotFoundError, match="no raw files"):
        build.make("ogle4-lmc", tmp_path, raw=tmp_path / "none")


@pytest.mark.real
def test_ogle_and_the_real_cepheids_agree(real_data, tmp_path):
    """A conversion has the columns, units, and labels of the real set."""
    raw = tmp_path / "raw"
    write(raw / "cep" / "ident.dat", IDENTS["ogle4-lmc", "cep"][0])
    write(raw / "cep" / "cepF.dat", at(PARAMETERS["lmc", "cep"][0]))
    write(raw / "cep" / "phot" / "I" / "OGLE-LMC-CEP-0001.dat", "5262.50650 17.639 0.018")
    build.make("ogle4-lmc", tmp_path, raw=raw, say=lambda _: None)
    ours, theirs = (
        pd.read_parquet(tmp_path / "ogle4-lmc" / "stars.parquet"),
        pd.read_parquet(real_data / "ogle4_lmc_cep" / "stars.parquet"),
    )
    columns = {"star_id", "label", "period", "ra", "dec", "mean_mag", "amplitude", "t0"}
    assert columns <= set(ours) & set(theirs)
    assert set(ours["label"]) <= set(theirs["label"])
    star = theirs.set_index("star_id").loc["OGLE-LMC-CEP-0001"]
    assert star["n_obs_I"] == 401
    obs = pd.read_parquet(
        real_data / "ogle4_lmc_cep" / "observations.parquet",
        filters=[("star_id", "=", "OGLE-LMC-CEP-0001"), ("band", "=", "I")],
    )
    mine = pd.read_parquet(tmp_path / "ogle4-lmc" / "observations.parquet")
    pd.testing.assert_series_equal(obs.iloc[0], mine.iloc[0], check_dtype=False)


# --- ASAS ---------------------------------------------------------------------------------

ASAS_HEAD = (
    "#     HJD      MAG_0  MAG_1  MAG_2  MAG_3  MAG_4   MER_0 MER_1 MER_2 MER_3 MER_4 GRADE FRAME"
)
ASAS_PAGE = [
    "#ndata= 3",
    "#dataset= 1 ; 1 F0800+08_393",
    ASAS_HEAD,
    " 2635.70854  13.242 13.300 13.410 13.523 13.467   0.031 0.031 0.026 0.030 0.035 A 32256",
    " 2556.88137  29.999 29.999 29.999 29.999 29.999   0.061 0.051 0.042 0.047 0.048 C 21798",
    " 2557.88137  13.300 13.310 13.320 13.330 13.340   0.061 0.051 0.042 0.047 0.048 D 21799",
    "#dataset= 2 ; 1 F0800+16_100",
    ASAS_HEAD,
    " 2635.70854  13.290 13.300 13.410 13.523 13.467   0.031 0.031 0.026 0.030 0.035 A 32256",
    " 2600.50000  13.500 13.510 13.520 13.530 13.540   0.041 0.042 0.043 0.044 0.045 B 30000",
    " 2601.50000  29.999 13.510 13.520 13.530 13.540   0.041 0.042 0.043 0.044 0.045 B 30001",
]


def test_asas_light_curve(tmp_path):
    path = write(tmp_path / "080000+0800.0.txt", *ASAS_PAGE)
    curve = asas.read_light_curve(path)
    assert curve.star_id == "080000+0800.0"
    assert fields(curve) == [[2452600.5, 2452635.70854], [13.5, 13.242], [0.041, 0.031]]
    assert asas.read_light_curve(path, aperture=1).mag.tolist() == [13.51, 13.51, 13.3]
    assert len(asas.read_light_curve(path, grades="A").t) == 1
    with pytest.raises(ValueError, match="aperture: expected 0 to 4"):
        asas.read_light_curve(path, aperture=5)


def test_asas_light_curve_that_is_not_whole(tmp_path):
    path = write(tmp_path / "x.txt", *ASAS_PAGE[:3], ASAS_PAGE[3][:40])
    with pytest.raises(ValueError, match="line 4: expected 13 values"):
        asas.read_light_curve(path)
    with pytest.raises(ValueError, match="line 1: expected ASAS-3 blocks"):
        asas.read_light_curve(write(tmp_path / "x.txt", "No such star"))


ACVS = [
    "# ID PER HJD0 VMAX VAMP TYPE GCVS_ID GCVS_TYPE IR12 IR25 IR60 IR100 J H K",
    "000053-1717.5   0.297986  1869.748 12.66  0.59  ESD/EC  -  -  -1 -1 -1 -1 10.1 9.7 9.6",
    "000147-5714.5   0.470350  2451869.95 12.1  0.40  RRAB  AA_Phe RR -1 -1 -1 -1 10.1 9.7 9.6",
    "000424+7437.9   0.0  1868.750 12.1  0.40  DSCT/EC - - -1 -1 -1 -1 10.1 9.7 9.6",
    "000815-0014.7   0.26  1868.750 12.1  0.40  MIRA: - - -1 -1 -1 -1 10.1 9.7 9.6",
]


@pytest.mark.parametrize("packed", [False, True])
def test_asas_catalogue(tmp_path, packed):
    path = write(tmp_path / "ACVS.1.1", *ACVS)
    if packed:
        (tmp_path / "ACVS.1.1.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    stars = asas.catalogue(tmp_path)
    assert stars["label"].tolist() == ["ECL (unspecified)", "RRAB", "MISC", "MISC"]
    assert stars["acvs_class"][0] == "ESD/EC"
    assert stars["ra"][0] == pytest.approx(0.220833, abs=1e-5)
    assert stars["dec"].round(4).tolist() == [-17.2917, -57.2417, 74.6317, -0.245]
    assert stars["t0"][:2].tolist() == [2451869.748, 2451869.95]
    assert np.isnan(stars["period"][2])


def test_asas_catalogue_that_is_not_whole(tmp_path):
    write(tmp_path / "ACVS.1.1", ACVS[1], ACVS[2][:20])
    with pytest.raises(ValueError, match=r"ACVS.1.1: line 2: expected"):
        asas.catalogue(tmp_path)
    (tmp_path / "ACVS.1.1").unlink()
    with pytest.raises(ValueError, match=r"expected ACVS.1.1"):
        asas.catalogue(tmp_path)
    (tmp_path / "ACVS.1.1.gz").write_bytes(gzip.compress(b"x" * 1000)[:-9])
    with pytest.raises(ValueError, match="not a whole gzip file"):
        asas.catalogue(tmp_path)


@pytest.mark.real
def test_asas_labels_are_those_of_the_real_set(real_data):
    stars = pd.read_parquet(real_data / "asas_acvs" / "stars.parquet")
    raw = stars[stars["acvs_class"].astype(str).str.len() > 0].dropna(subset="acvs_class")
    same = raw["acvs_class"].map(asas.label_of) == raw["label"]
    assert len(raw) > 7000
    assert same.mean() > 0.998  # the two lists differ in about ten stars
    ra, _ = np.array([asas.position(n) for n in stars["asas_id"]]).T
    assert np.abs(ra - stars["ra"]).max() < 0.01


# --- ASAS-SN ------------------------------------------------------------------------------

UUID = "4bccdf4d-f98c-5697-ad69-4199e5cf3905"
ASASSN = f"""ASAS-SN Name,ID,RAJ2000,DEJ2000,Mean VMag,Amplitude,Period,Type,class_probability,url
J000022.54+590559.3,{UUID},0.0939,59.09981,15.28,0.28,264.92,SR,1.0,/variables/{UUID}
J000216.80+595807.5,,0.57002,59.96875,12.51,1.39,,ROT:,0.5,
"""


def test_asassn_catalogue(tmp_path):
    (tmp_path / "variables.csv").write_text(ASASSN)
    stars = asassn.catalogue(tmp_path)
    assert stars["star_id"].tolist() == ["J000022.54+590559.3", "J000216.80+595807.5"]
    assert stars["label"].tolist() == ["SR", "ROT:"]
    assert stars["uuid"].tolist() == [UUID, ""]
    assert stars["period"][0] == 264.92
    assert np.isnan(stars["period"][1])
    assert stars["mean_mag"].tolist() == [15.28, 12.51]
    (tmp_path / "variables.csv").write_text(ASASSN[:-30])
    with pytest.raises(ValueError, match="row 3: expected 10 values"):
        asassn.catalogue(tmp_path)
    (tmp_path / "variables.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match="expected a column for star_id"):
        asassn.catalogue(tmp_path)


def test_asassn_light_curve_of_the_catalogue(tmp_path):
    """Upper limits, cameras of V and g by the case of their letter, rows in any order."""
    path = write(
        tmp_path / "x.csv",
        "hjd,camera,mag,mag_err,flux,flux_err",
        "2458900.5,bi,15.1,0.02,3.5,0.1",
        "2457009.77,ba,15.228,0.013,3.1,0.1",
        "2457008.77,bc,15.257,0.018,3.0,0.1",
        "2457010.77,ba,>16.2,99.99,0.1,0.3",
        "2458300.5,bd,15.3,0.02,3.0,0.1",
        "2458300.6,bm,15.2,0.02,3.0,0.1",
        "2458950.5,bB,15.4,0.02,3.0,0.1",
        "2458951.5,bb,99.99,99.99,0.0,0.1",
    )
    curves = {c.band: c for c in asassn.read_light_curve(path, "s")}
    assert fields(curves["V"]) == [
        [2457008.77, 2457009.77, 2458300.5], [15.257, 15.228, 15.3], [0.018, 0.013, 0.02]
    ]  # fmt: skip
    assert curves["g"].t.tolist() == [2458300.6, 2458900.5, 2458950.5]
    assert set(curves) == {"V", "g"}


def test_asassn_light_curve_of_sky_patrol(tmp_path):
    path = write(
        tmp_path / "x.csv",
        "HJD,UT Date,Camera,FWHM,Limit,mag,mag_err,flux(mJy),flux_err,Filter",
        "2457008.77,2014-12-17.2,ba,1.5,17.2,15.257,0.018,3.0,0.1,V",
        "2458300.5,2018-07-01.0,bd,1.5,17.2,15.3,0.02,3.0,0.1,g",
    )
    assert [c.band for c in asassn.read_light_curve(path)] == ["V", "g"]
    path.write_text("\n".join(path.read_text().splitlines()[:2])[:-20])
    with pytest.raises(ValueError, match="truncated"):
        list(asassn.read_light_curve(path))


# --- Catalina -----------------------------------------------------------------------------


def catalina_north(raw, rows, n_stars=3):
    write(
        raw / "CatalinaVars.tbl",
        "# Catalina_Surveys_ID   Numerical_ID  RA_(J2000)     Dec V_(mag) Period Amp Num Type",
        "CSS_J000020.4+103118  1109001041232  00:00:20.41  +10:31:18.9  14.62 1.491758 2.39 223 2",
        "CSS_J000031.5-084652  1009001044997  0.131250  -8.781190  14.14  0.404185  0.12  163  1",
        "CSS_J000036.9+412805  1140001063366  00:00:36.94  +41:28:05.7  17.39 \\nodata 0.73 158 17",
    )
    lines = "".join(f"{i},{t},{m},{e},0.1,10.5\n" for i, t, m, e in rows)
    (raw / "AllVar.phot.gz").write_bytes(gzip.compress(lines.encode()))
    return raw


NORTH_ROWS = [
    (1009001044997, 53600.5, 14.2, 0.05),
    (1109001041232, 53601.5, 14.6, 0.05),  # not sorted by star
    (1009001044997, 53599.5, 14.1, 0.05),
    (1109001041232, -1.0, 14.6, 0.05),  # no measurement
    (1999999999999, 53601.5, 14.6, 0.05),  # no star of the catalogue
]


def test_catalina_north(tmp_path):
    raw = tmp_path / "raw"
    raw.mkdir()
    catalina_north(raw, NORTH_ROWS)
    build.make("catalina_css_north", tmp_path, raw=raw, say=lambda _: None)
    sample = load("catalina_css_north", root=tmp_path)
    assert sample["label"].tolist() == ["EA", "EW", "EA_UP"]
    assert sample["ra"].round(5).tolist() == [0.08504, 0.13125, 0.15392]
    assert np.isnan(sample["period"].iloc[2])
    c = light_curves(sample)
    assert c.counts.tolist() == [1, 2, 0]
    assert c.one(1)[0].tolist() == [53599.5, 53600.5]
    assert [p for p in raw.iterdir() if p.name.startswith(".")] == []


@pytest.mark.parametrize("chunk", [1, 7, 1000])
@pytest.mark.parametrize("buckets", [1, 5])
def test_catalina_north_is_sorted_whatever_the_portions(tmp_path, chunk, buckets):
    rng = np.random.default_rng(1)
    rows = pd.DataFrame(
        {"id": rng.integers(10**12, 10**12 + 10, 60), "t": rng.uniform(5e4, 6e4, 60),
         "m": rng.uniform(12, 18, 60), "e": 0.1}
    )  # fmt: skip
    raw = catalina_north(tmp_path, rows.itertuples(index=False))
    got = {c.star_id: c for c in catalina.read_north(raw / "AllVar.phot.gz", None, buckets, chunk)}
    for star, group in rows.groupby("id"):
        group = group.sort_values("t")
        np.testing.assert_array_equal(got[str(star)].t, group["t"])
        np.testing.assert_array_equal(got[str(star)].mag, group["m"])
    assert len(got) == rows["id"].nunique()


def test_catalina_north_cut_short(tmp_path):
    raw = catalina_north(tmp_path, NORTH_ROWS * 100)
    path = raw / "AllVar.phot.gz"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ValueError, match=r"to the end \(truncated\?\)"):
        list(catalina.read_north(path))
    path.write_bytes(gzip.compress(b"1009001044997,53600.5\n1009001044997,53601.5,x,0.1\n"))
    with pytest.raises(ValueError, match="expected number, MJD, mag, error"):
        list(catalina.read_north(path))
    assert [p for p in raw.iterdir() if p.name.startswith(".")] == []


def test_catalina_north_with_a_header_and_plain(tmp_path):
    path = write(
        tmp_path / "AllVar.phot",
        "MasterID,MJD,Mag,Magerr,RA,Dec",
        "1009001044997,53600.5,14,0.1,1,2",
    )
    (curve,) = catalina.read_north(path)
    assert fields(curve) == [[53600.5], [14.0], [0.1]]


@pytest.mark.parametrize("named", [True, False])
def test_catalina_south(tmp_path, named):
    raw = tmp_path / "raw"
    name = "SSS_J025118.5-200321  " if named else ""
    write(
        raw / "SSS_Per_Tab.dat",
        "SSS periodic variables",
        "File_Name RA Dec Period V_CSS Npts V_amp Type Prior_ID",
        "-------------------------------------------",
        f"{name}3019021001365  42.82731 -20.05610 0.488194793 14.091 76 0.713558 1 NSVS_14794673",
        f"{name.replace('25', '26')}3019021001366  42.9 -20.1 1.5 14.2  80 0.5  13",
    )
    body = b"53555.75706 14.747 0.065\n53555.76408 14.796 0.065\n"
    with tarfile.open(raw / "SSS_Per_Var_Cat.tar.gz", "w:gz") as tar:
        for member in ("SSS_Per_Var_Cat/3019021001365.dat", "SSS_Per_Var_Cat/README"):
            info = tarfile.TarInfo(member)
            info.size = len(body)
            tar.addfile(info, io.BytesIO(body))
    build.make("catalina_sss", tmp_path, raw=raw, say=lambda _: None)
    sample = load("catalina_sss", root=tmp_path)
    assert sample["label"].tolist() == ["RRab", "LMC-Cep-I"]
    assert sample.loc["3019021001365", "period"] == 0.488194793
    assert light_curves(sample).counts.tolist() == [2, 0]
    assert light_curves(sample).t[0] == 53555.75706


def test_catalina_of_an_unknown_type(tmp_path):
    write(tmp_path / "SSS_Per_Tab.dat", "3019021001365  42.8 -20.0 0.48 14.0 76 0.7 42 x")
    with pytest.raises(ValueError, match=r"expected type codes .* Received: \[42\]"):
        catalina.catalogue(tmp_path, "catalina_sss")


@pytest.mark.real
def test_catalina_type_codes_are_those_of_the_real_sets(real_data):
    for name, codes in (("catalina_sss", catalina.SOUTH), ("catalina_css_catalog", catalina.NORTH)):
        stars = pd.read_parquet(real_data / name / "stars.parquet", columns=["type_code", "label"])
        for code, label in set(zip(stars["type_code"], stars["label"], strict=True)):
            spelled = codes[code].replace("_", " ").replace("-", " ").lower()
            assert label.replace("_", " ").replace("-", " ").lower() == spelled


# --- Hipparcos ----------------------------------------------------------------------------


def hipparcos_block(hip, points, period="  0.5677654|8500.1230|P|C| "):
    head = f"{hip:6d}|A| 0.550|{len(points):3d}|{sum(p[3] == 0 for p in points):3d}"
    rows = [f"{t:10.5f}|{m:7.4f}|{e:6.3f}|{flag}" for t, m, e, flag in points]
    return [head, " 9.7700|0.0120| 0.01| 0.02", period, *rows]


POINTS = [(7865.57489, 6.321, 0.005, 0), (7865.58919, 6.332, 0.006, 0), (7866.1, 6.9, 0.1, 16)]


@pytest.mark.parametrize("packed", [False, True])
def test_hipparcos(tmp_path, packed):
    raw = tmp_path / "raw"
    blank = "           |         | | | "
    lines = (
        hipparcos_block(3, POINTS) + hipparcos_block(8, POINTS[:1], blank) + hipparcos_block(9, [])
    )
    path = write(raw / "hip_ep.dat", *lines)
    if packed:
        (raw / "hip_ep.dat.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    va1 = pd.DataFrame(
        {"HIP": ["8", "3"], "Period": ["0.5677", ""], "VarType": ["RRAB", "EA"],
         "_RAJ2000": ["10.5", "00 01 02.5"], "_DEJ2000": ["-20.25", "-10 30 00"]}
    )  # fmt: skip
    va1.loc[0, ["_RAJ2000", "_DEJ2000"]] = ["00 42 00.0", "-20 15 00"]
    vizier(raw / "hip_va_1.tsv", va1)
    build.make("hipparcos", tmp_path, raw=raw, say=lambda _: None)
    sample = load("hipparcos", root=tmp_path)
    assert sample["label"].tolist() == ["RRAB", "EA"]
    assert sample["ra"].round(4).tolist() == [10.5, 0.2604]
    c = light_curves(sample)
    assert c.counts.tolist() == [1, 2]
    np.testing.assert_allclose(c.t, [2447865.57489, 2447865.57489, 2447865.58919], atol=1e-6)
    assert c.bands == ("Hp",)


def test_hipparcos_that_is_not_whole(tmp_path):
    lines = hipparcos_block(3, POINTS)
    with pytest.raises(ValueError, match="HIP 3: expected 3 lines"):
        list(hipparcos.read_epochs(write(tmp_path / "hip_ep.dat", *lines[:-1])))
    with pytest.raises(ValueError, match="line 1: expected HIP"):
        list(hipparcos.read_epochs(write(tmp_path / "hip_ep.dat", "<html>")))
    path = tmp_path / "hip_ep.dat.gz"
    path.write_bytes(gzip.compress("\n".join(lines * 500).encode())[:-12])
    with pytest.raises(ValueError, match="truncated"):
        list(hipparcos.read_epochs(path))


# --- EROS-2 -------------------------------------------------------------------------------

EROS = [
    "# star: lm0010k10725 19.289 0.05 12.1 13.2 19.349 0.06 14.1 15.2",
    "# date MagR ErMagR MagB ErMagB",
    "  295.49700  19.289  0.050  19.345  0.238",
    "  297.49700  99.999  9.999  19.761  0.881",
    "  302.49700  19.300  0.051  99.999  9.999",
]


def eros_labels(raw):
    return vizier(
        raw / "table2.tsv",
        pd.DataFrame(
            {"ID": ["lm0010k10725", "lm0010k99999"], "RAJ2000": ["75.1", "76.2"],
             "DEJ2000": ["-69.1", "-69.2"], "Bmag": ["19.349", ""], "Per": ["0.530448", "1.0"],
             "Class": ["RRL", "EB"]}
        ),
    )  # fmt: skip


def test_eros2(tmp_path):
    raw = tmp_path / "raw"
    eros_labels(raw)
    write(raw / "lc" / "lm0010k10725.time", *EROS)
    build.make("eros2-lmc", tmp_path, raw=raw, say=lambda _: None)
    sample = load("eros2-lmc", root=tmp_path)
    assert sample["label"].tolist() == ["RRL", "EB"]
    b, r = (light_curves(sample, bands=x) for x in "BR")
    assert b.t.tolist() == [2450295.497, 2450297.497]
    assert r.t.tolist() == [2450295.497, 2450302.497]
    np.testing.assert_allclose(r.mag, [19.289, 19.3], rtol=1e-6)


def test_eros2_line_that_is_not_whole(tmp_path):
    path = write(tmp_path / "x.time", *EROS[:3], "  302.49700  19.300")
    with pytest.raises(ValueError, match="line 4: expected date, R"):
        list(eros2.read_old(path))


def test_eros2_with_named_columns(tmp_path):
    raw = tmp_path / "raw"
    eros_labels(raw)
    write(raw / "lc" / "lm0010k10725.csv", "jd,b,eb,r,er", "295.5,19.3,0.2,19.2,0.1")
    names = {"t": "jd", "B": ["b", "eb"], "R": ["r", "er"]}
    (raw / "columns.json").write_text(json.dumps(names))
    build.make("eros2-lmc", tmp_path, raw=raw, say=lambda _: None)
    c = light_curves(load("eros2-lmc", root=tmp_path))
    assert c.t.tolist() == [2450295.5] * 2
    assert sorted(c.mag.round(3)) == [19.2, 19.3]
    (raw / "columns.json").write_text("{}")
    with pytest.raises(ValueError, match=r"columns.json: expected t and B or R"):
        build.make("eros2-lmc", tmp_path, raw=raw, say=lambda _: None)


# --- ZTF ----------------------------------------------------------------------------------

ZTF_HEAD = (
    "oid,expid,hjd,mjd,mag,magerr,catflags,filtercode,ra,dec,chi,sharp,filefracday,field,ccdid,"
    "qid,limitmag,magzp,magzprms,clrcoeff,clrcounc,exptime,airmass,programid"
)


def ztf_row(oid, hjd, mjd, mag, flag=0, band="zg"):
    more = "1.1,0.1,20180325353160,675,3,2,20.5,26.2,0.04,-0.03,1e-5,30.0,1.2,1"
    return f"{oid},44835315,{hjd},{mjd},{mag},0.0466535166,{flag},{band},209.99,29.97,{more}"


def test_ztf_light_curve(tmp_path):
    path = write(
        tmp_path / "x.csv", ZTF_HEAD,
        ztf_row(675103300002930, 2458202.8577, 58202.3532, 18.67),
        ztf_row(675103300002930, 2458201.8577, 58201.3532, 18.57),
        ztf_row(675203300002930, 2458203.8577, 58203.3532, 18.20, band="zr"),
        ztf_row(1676103300002930, 2458204.8577, 58204.3532, 18.60),  # another field, the same star
        ztf_row(675103300002930, 2458205.8577, 58205.3532, 12.00, flag=32768),
    )  # fmt: skip
    curves = {c.band: c for c in ztf.read_light_curve(path, "s")}
    assert curves["g"].t.tolist() == [2458201.8577, 2458202.8577, 2458204.8577]
    assert curves["g"].mag.tolist() == [18.57, 18.67, 18.60]
    assert curves["r"].t.tolist() == [2458203.8577]


def test_ztf_without_hjd_takes_jd_for_all(tmp_path):
    path = write(
        tmp_path / "x.csv", ZTF_HEAD,
        ztf_row(1, "", 58202.3532, 18.67), ztf_row(1, 2458201.8577, 58201.3532, 18.57),
    )  # fmt: skip
    (curve,) = ztf.read_light_curve(path, "s")
    assert curve.t.tolist() == [2400000.5 + 58201.3532, 2400000.5 + 58202.3532]


def test_ztf_bad_files(tmp_path):
    path = write(tmp_path / "x.csv", ZTF_HEAD)
    assert list(ztf.read_light_curve(path)) == []  # a position without a star
    write(path, ZTF_HEAD, ztf_row(1, 2458201.8, 58201.3, 18.57)[:40])
    with pytest.raises(ValueError, match="truncated"):
        list(ztf.read_light_curve(path))
    write(path, "oid,mag", "1,2")
    with pytest.raises(ValueError, match="expected a column for t "):
        list(ztf.read_light_curve(path))
    write(path)
    with pytest.raises(ValueError, match="the file is empty"):
        list(ztf.read_light_curve(path))


def test_ztf_query():
    url = ztf.query_url(209.99, 29.97)
    assert "POS=CIRCLE+209.990000+29.970000+0.000417" in url
    assert "COLLECTION=ztf_dr24" in url
    assert "ID=675103300002930&" in ztf.query_url(oid=675103300002930)
    with pytest.raises(ValueError, match="expected ra and dec, or oid"):
        ztf.query_url(ra=1.0)


def ztf_catalogue(raw):
    return vizier(
        raw / "table2.tsv",
        pd.DataFrame(
            {"ID": ["ZTFJ000000.13+620605.8", "ZTFJ000000.14+721413.7"],
             "SourceID": ["1", "2"], "RAdeg": ["0.00055", "0.00061"],
             "DEdeg": ["62.10163", "72.23716"], "Per": ["2.4493", "0.2991"],
             "Per-g": ["2.449", ""], "gAmp": ["0.2", ""], "Type": ["BYDra", "EW"]}
        ),
    )  # fmt: skip


def test_ztf_catalogue(tmp_path):
    ztf_catalogue(tmp_path)
    stars = ztf.catalogue(tmp_path)
    assert stars["label"].tolist() == ["BYDra", "EW"]
    assert stars["period"].tolist() == [2.4493, 0.2991]
    assert stars["ra"].tolist() == [0.00055, 0.00061]
    assert np.isnan(stars["period_g"][1])


def test_ztf_bulk_parquet(tmp_path):
    table = pd.DataFrame(
        {"objectid": [675103300002930, 2], "filterid": [1, 3], "objra": [1.0, 2.0],
         "hmjd": [[58202.35, 58203.35], [58204.0]], "mag": [[18.6, 18.7], [17.0]],
         "magerr": [[0.04, 0.05], [0.01]], "catflags": [[0, 32768], [0]]}
    )  # fmt: skip
    table.to_parquet(tmp_path / "b.parquet")
    a, b = ztf.read_bulk(tmp_path / "b.parquet")
    assert (a.star_id, a.band, fields(a)) == (
        "675103300002930", "g", [[2458202.85], [18.6], [0.04]],
    )  # fmt: skip
    assert b.band == "i"
    a, _ = ztf.read_bulk(tmp_path / "b.parquet", good_only=False)
    assert len(a.t) == 2
    table.drop(columns="hmjd").to_parquet(tmp_path / "b.parquet")
    with pytest.raises(ValueError, match=r"missing columns \['hmjd'\]"):
        list(ztf.read_bulk(tmp_path / "b.parquet"))


def test_ztf_through_lsdb(monkeypatch):
    """What is asked of LSDB; the package itself need not be there."""
    calls = []

    class Catalog:
        def nest_lists(self, **options):
            calls.append(options)
            return self

        def query(self, text):
            calls.append(text)
            return "catalogue"

    def open_catalog(url, columns):
        calls.append((url, columns))
        return Catalog()

    monkeypatch.setitem(sys.modules, "lsdb", types.SimpleNamespace(open_catalog=open_catalog))
    assert ztf.open_hats() == "catalogue"
    assert calls[0][0] == ztf.HATS
    assert {"hmjd", "mag", "magerr", "catflags"} <= set(calls[0][1])
    assert calls[1]["name"] == "lc"
    assert calls[2] == "lc.catflags == 0"
    monkeypatch.setitem(sys.modules, "lsdb", None)
    with pytest.raises(RuntimeError, match="pip install lsdb"):
        ztf.open_hats()


# --- Gaia ---------------------------------------------------------------------------------


class FakeGaia:
    """Answers like astroquery's Gaia, from tables in memory."""

    def __init__(self):
        self.queries, self.asked = [], []

    def launch_job_async(self, query):
        self.queries.append(query)
        return self

    def get_results(self):
        return self

    def to_pandas(self):
        return pd.DataFrame(
            {"source_id": [4071620131820407808, 5937082247111854848],
             "best_class_name": ["RR", "ECL"],
             "best_class_score": [0.9, 0.8], "ra": [1.0, 2.0], "dec": [3.0, 4.0],
             "phot_g_mean_mag": [18.2, 12.3], "r_med_geo": [1000.0, np.nan],
             "rr_pf": [0.55, np.nan], "ecl_frequency": [np.nan, 0.5]}
        )  # fmt: skip

    def load_data(self, ids, **options):
        assert options["retrieval_type"] == "EPOCH_PHOTOMETRY"
        self.asked.append(list(ids))
        return {
            f"EPOCH_PHOTOMETRY-Gaia DR3 {i}.xml": [
                pd.DataFrame(
                    {"source_id": i, "transit_id": [1, 2, 3, 4], "band": ["G", "G", "BP", "G"],
                     "time": [1700.5, 1690.5, 1700.5, 1710.5], "mag": [18.2, 18.3, 18.5, 18.4],
                     "flux_over_error": [100.0, 50.0, 10.0, 100.0],
                     "rejected_by_photometry": [False, False, False, True],
                     "rejected_by_variability": [False] * 4}
                )
            ]
            for i in ids
            if i != 5937082247111854848
        }  # fmt: skip


def test_gaia(tmp_path):
    client = FakeGaia()
    raw = build.raw_folder("gaia-dr3", tmp_path)
    count = gaia.fetch(raw, "gaia-dr3", 2, ["RR", "ECL"], client=client)
    assert count["fetched"] == 1
    assert count["absent"] == 1
    assert "best_class_name IN ('RR', 'ECL')" in client.queries[0]
    assert "TOP 2 " in client.queries[0]
    build.make("gaia-dr3", tmp_path, say=lambda _: None)
    sample = load("gaia-dr3", root=tmp_path)
    assert sample["label"].tolist() == ["RR", "ECL"]
    assert sample.index[0] == "4071620131820407808"
    assert sample["distance"].iloc[0] == 1000.0
    assert sample["period"].tolist() == [0.55, 2.0]
    g = light_curves(sample, bands="G")
    assert g.t.tolist() == [2455197.5 + 1690.5, 2455197.5 + 1700.5]
    np.testing.assert_allclose(g.err, [1.0857362 / 50, 1.0857362 / 100], rtol=1e-6)
    assert gaia.fetch(raw, "gaia-dr3", 2, client=client)["there"] == 1
    assert client.asked[1] == [5937082247111854848]


def test_gaia_says_what_it_needs(tmp_path, capsys):
    with pytest.raises(ValueError, match="expected --stars N"):
        gaia.fetch(tmp_path, "gaia-dr3", None)
    gaia.fetch(tmp_path, "gaia-dr3", 5, ["O'Neil"], dry_run=True)
    assert "IN ('O''Neil')" in capsys.readouterr().out
    with pytest.raises(ValueError, match=r"expected catalogue.csv"):
        gaia.catalogue(tmp_path)


# --- contracts over the registry ----------------------------------------------------------

FETCHABLE = sorted(name for name, row in SURVEYS.items() if "archive" in row)


def test_there_are_archives():
    assert len(FETCHABLE) > 10


@pytest.mark.parametrize("name", FETCHABLE)
def test_every_archive_keeps_the_contract(name, tmp_path):
    row, module = build.archive(name)
    assert row["base"].startswith("http")
    assert row["pause"] > 0
    assert name.replace("_", "-") == name or name.islower()
    for entry in [*row["files"], *row["bulk"], *row["star_files"]]:
        assert not entry["path"].startswith(("/", "."))
        assert entry.get("url", "/").startswith(("/", "http"))
        assert set(entry) <= {"type", "path", "url", "size", "hash", "optional"}
    (tmp_path / "raw").mkdir()
    with pytest.raises(ValueError, match="expected"):  # nothing there: says what it looked for
        module.catalogue(tmp_path / "raw", name)
    assert module.__doc__
    assert "Quirks" in module.__doc__


def test_a_survey_without_an_archive_says_how_to_get_it():
    with pytest.raises(ValueError, match=r"has no archive to fetch it from. No archive hands out"):
        build.archive("debosscher_hip_ogle")
    with pytest.raises(ValueError, match="unknown survey 'x'"):
        build.archive("x")


# --- real stars through the archives' layouts and back ------------------------------------


def some(real_data, name, n=25):
    """A few real stars of a set, and their measurements."""
    stars = pd.read_parquet(real_data / name / "stars.parquet")
    stars = build.in_turn(stars, n)
    ids = stars["star_id"].tolist()
    obs = pd.read_parquet(
        real_data / name / "observations.parquet", filters=[("star_id", "in", ids)]
    )
    return stars, obs


def figures(ra, dec):
    """Degrees as ``hh:mm:ss.ss`` and ``+dd:mm:ss.s``."""
    from astropy.coordinates import Angle

    return (
        Angle(ra, "deg").to_string("hour", sep=":", precision=2, pad=True),
        Angle(dec, "deg").to_string("deg", sep=":", precision=1, pad=True, alwayssign=True),
    )


def same_light_curves(ours, theirs):
    a = ours.sort_values(["star_id", "band", "time"], ignore_index=True)
    b = theirs.sort_values(["star_id", "band", "time"], ignore_index=True)
    assert len(a) == len(b) > 1000
    assert (a["star_id"].astype(str) == b["star_id"].astype(str)).all()
    assert (a["band"].astype(str) == b["band"].astype(str)).all()
    np.testing.assert_allclose(a["time"], b["time"], rtol=0, atol=2e-5)
    np.testing.assert_allclose(a["mag"], b["mag"], rtol=0, atol=6e-4)
    np.testing.assert_allclose(a["mag_err"], b["mag_err"], rtol=0, atol=6e-4)


def same_stars(ours, theirs, columns):
    ours, theirs = (x.set_index(x["star_id"].astype(str)) for x in (ours, theirs))
    assert set(ours.index) == set(theirs.index)
    theirs = theirs.loc[ours.index]
    assert (ours["label"] == theirs["label"]).all()
    assert (ours["n_obs"] == theirs["n_obs"]).all()
    for column, tolerance in columns.items():
        np.testing.assert_allclose(
            ours[column].astype(float), theirs[column].astype(float), rtol=0, atol=tolerance
        )


def converted(tmp_path, name):
    folder = tmp_path / name
    build.make(name, tmp_path, raw=tmp_path / "raw", say=lambda _: None)
    assert build.check(name, tmp_path) == []
    return (pd.read_parquet(folder / f"{x}.parquet") for x in ("stars", "observations"))


@pytest.mark.real
def test_real_ogle_cepheids_through_the_layout_and_back(real_data, tmp_path):
    stars, obs = some(real_data, "ogle4_lmc_cep")
    raw = tmp_path / "raw" / "cep"
    ident, tables = [], {}
    for _, star in stars.iterrows():
        ra, dec = figures(star["ra"], star["dec"])
        ident.append(at({1: star["star_id"], 19: star["mode"], 29: ra, 41: dec,
                         54: star["ogle4_id"], 71: star["ogle3_id"]}))  # fmt: skip
        if np.isfinite(star["period"]) and star["mode"] in ("F", "1O"):
            tables.setdefault(f"cep{star['mode']}.dat", []).append(
                at({1: star["star_id"], 20: f"{star['mean_mag']:6.3f}",
                    **right(44, f"{star['period']:.7f}"), 46: "0.0000006",
                    57: f"{star['t0'] % 2450000:10.5f}", 68: f"{star['amplitude']:5.3f}"})
            )  # fmt: skip
    write(raw / "ident.dat", *ident)
    for name, lines in tables.items():
        write(raw / name, *lines)
    for (star_id, band), rows in obs.groupby(["star_id", "band"], observed=True):
        lines = [f"{t - 2450000:.5f} {m:.3f} {e:.3f}" for t, m, e in rows.iloc[:, 2:].to_numpy()]
        write(raw / "phot" / band / f"{star_id}.dat", *lines)
    ours, ours_obs = converted(tmp_path, "ogle4-lmc")
    same_light_curves(ours_obs, obs)
    in_a_table = stars["mode"].isin(["F", "1O"])
    period = stars["period"].where(in_a_table)
    same_stars(ours, stars.assign(period=period), {"ra": 1e-4, "dec": 1e-4, "period": 1e-6})


@pytest.mark.real
def test_real_catalina_stars_through_the_layout_and_back(real_data, tmp_path):
    stars, obs = some(real_data, "catalina_sss")
    raw = tmp_path / "raw"
    lines = [
        f"{s['name']} {s['star_id']} {s['ra']} {s['dec']} {s['period']} {s['mean_mag']} "
        f"{s['npts_cat']} {s['amplitude']} {s['type_code']} x"
        for _, s in stars.iterrows()
    ]
    write(raw / "SSS_Per_Tab.dat", "header", "header", "header", *lines)
    for star_id, rows in obs.groupby("star_id", observed=True):
        values = rows[["time", "mag", "mag_err"]].to_numpy()
        lines = [f"{t:.5f} {m:.3f} {e:.3f}" for t, m, e in values]
        write(raw / "SSS_Per_Var_Cat" / f"{star_id}.dat", *lines)
    ours, ours_obs = converted(tmp_path, "catalina_sss")
    same_light_curves(ours_obs, obs)
    columns = {"ra": 1e-9, "dec": 1e-9, "period": 1e-12, "amplitude": 1e-9, "mean_mag": 1e-9}
    same_stars(ours, stars, columns)
    assert (ours["time_scale"] == stars["time_scale"].iloc[0]).all()


@pytest.mark.real
def test_real_asas_stars_through_the_layout_and_back(real_data, tmp_path):
    stars, obs = some(real_data, "asas_acvs", 60)
    named = stars[stars["acvs_class"].notna() & (stars["acvs_class"].astype(str) != "")]
    named = named[named["acvs_class"].map(asas.label_of) == named["label"]]
    named = named.drop_duplicates("asas_id")
    assert len(named) > 10
    raw = tmp_path / "raw"
    lines = [
        f"{s['asas_id']} {s['period']} {s['t0']} {s['mean_mag']} {s['amplitude']} "
        f"{s['acvs_class']} - -".replace("nan", "0")
        for _, s in named.iterrows()
    ]
    write(raw / "ACVS.1.1", *lines)
    to_name = named.set_index("star_id")["asas_id"]
    obs = obs[obs["star_id"].isin(to_name.index)].copy()
    obs["star_id"] = obs["star_id"].map(to_name)
    # A time that occurs twice (two blocks) is kept once by the reader.
    obs = obs.drop_duplicates(["star_id", "time"])
    for star_id, rows in obs.groupby("star_id"):
        values = rows[["time", "mag", "mag_err"]].to_numpy()
        lines = [f" {t - 2450000:.5f} {m:.3f} 0 0 0 0 {e:.3f} 0 0 0 0 A 1" for t, m, e in values]
        write(raw / "lc" / f"{star_id}.txt", "#dataset= 1 ; 1 F", ASAS_HEAD, *lines)
    ours, ours_obs = converted(tmp_path, "asas_acvs")
    same_light_curves(ours_obs, obs)
    counts = obs.groupby("star_id").size()
    theirs = named.assign(star_id=named["asas_id"], n_obs=named["asas_id"].map(counts))
    known = theirs["period"].notna() & (theirs["period"] > 0)
    theirs["period"] = theirs["period"].where(known)
    same_stars(ours, theirs, {"ra": 0.01, "dec": 0.01, "period": 1e-12})

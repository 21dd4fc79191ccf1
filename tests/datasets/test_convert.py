"""Conversion: what goes in comes out, in flat memory, whole or not at all."""

import json
import tracemalloc

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from varstar.datasets import load
from varstar.datasets.convert import Curve, check_survey, write_survey
from varstar.lightcurves.sample import light_curves


def curve(star, band, *points):
    return Curve(star, band, *np.array(points, float).reshape(-1, 3).T)


STARS = pd.DataFrame({"star_id": ["b", "a", "c"], "label": ["EA", "RRab", "EW"]})
CURVES = [
    curve("b", "V", (2, 12, 0.1), (1, 11, 0.2)),
    curve("b", "I", (5, 10, 0.1)),
    curve("a", "I", (3, 13, 0.3), (np.nan, 13, 0.3), (4, np.nan, 0.3)),
]


def test_a_survey_is_written_as_load_reads_it(tmp_path):
    summary = write_survey(tmp_path / "x", STARS, CURVES, {"survey": "x", "citation": ["A"]})
    assert summary == {
        "stars": 3,
        "stars_without_observations": 1,
        "observations": 4,
        "bands": ["I", "V"],
        "curves_of_unknown_stars": 0,
    }
    sample = load("x", root=tmp_path)
    assert list(sample.index) == ["b", "a", "c"]
    c = light_curves(sample)
    assert c.counts.tolist() == [3, 1, 0]
    assert c.t.tolist() == [5, 1, 2, 3]  # by band, then by time
    np.testing.assert_allclose(c.mag, [10, 11, 12, 13])
    assert [c.bands[k] for k in c.band] == ["I", "V", "V", "I"]
    assert sample["n_obs"].tolist() == [3, 1, 0]
    assert sample["n_obs_V"].tolist() == [2, 0, 0]
    record = json.loads((tmp_path / "x" / "provenance.json").read_text())
    assert record["citation"] == ["A"]
    assert record["observations"] == 4
    assert check_survey(tmp_path / "x") == []
    assert sorted(p.name for p in (tmp_path / "x").iterdir()) == [
        "observations.parquet",
        "provenance.json",
        "stars.parquet",
    ]


def test_the_columns_are_those_of_the_surveys_on_disk(tmp_path):
    write_survey(tmp_path / "x", STARS, CURVES)
    schema = pq.read_schema(tmp_path / "x" / "observations.parquet")
    assert schema.names == ["star_id", "band", "time", "mag", "mag_err"]
    assert [str(t) for t in schema.types] == ["string", "string", "double", "float", "float"]


@pytest.mark.real
def test_a_conversion_and_the_real_surveys_agree_in_their_columns(real_data, tmp_path):
    write_survey(tmp_path / "x", STARS, CURVES)
    ours = pq.read_schema(tmp_path / "x" / "observations.parquet")
    folders = sorted(real_data.glob("*/observations.parquet"))
    assert len(folders) > 0
    for path in folders:
        theirs = pq.read_schema(path)
        assert theirs.names == ours.names
        assert [t for t in theirs.types if "string" not in str(t)] == ours.types[2:]


def test_several_files_of_one_star_and_band_are_put_together(tmp_path):
    parts = [
        curve("a", "V", (3, 13, 0.1)),
        curve("a", "V", (1, 11, 0.1)),
        curve("a", "I", (2, 9, 1)),
    ]
    write_survey(tmp_path / "x", STARS, parts)
    assert light_curves(load("x", root=tmp_path)).one(1)[0].tolist() == [2, 1, 3]


@pytest.mark.parametrize("portion", [1, 2, 7, 10**6])
def test_the_portion_does_not_matter(tmp_path, portion):
    rng = np.random.default_rng(0)
    stars = pd.DataFrame({"star_id": [f"s{i}" for i in range(9)], "label": "x"})
    curves = [curve(f"s{i}", "V", *rng.normal(15, 1, (i, 3))) for i in range(9)]
    write_survey(tmp_path / "x", stars, iter(curves), portion=portion)
    c = light_curves(load("x", root=tmp_path))
    assert c.counts.tolist() == list(range(9))
    for i in range(9):
        np.testing.assert_array_equal(c.one(i)[0], np.sort(curves[i].t))


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.floats(-1e5, 3e6), st.floats(1, 25, width=32)), max_size=6),
        max_size=6,
    )
)
def test_every_point_comes_back(tmp_path_factory, points):
    folder = tmp_path_factory.mktemp("c")
    stars = pd.DataFrame({"star_id": [f"s{i}" for i in range(len(points))], "label": "x"})
    curves = [curve(f"s{i}", "V", *((t, m, 0.1) for t, m in p)) for i, p in enumerate(points)]
    write_survey(folder / "x", stars, curves, portion=5)
    c = light_curves(load("x", root=folder))
    for i, p in enumerate(points):
        assert sorted(zip(c.one(i)[0], c.one(i)[1], strict=True)) == sorted(p)
    assert check_survey(folder / "x") == []


def test_memory_stays_flat(tmp_path):
    """Four times the stars need hardly more memory than the stars' own table."""

    def peak(n):
        stars = pd.DataFrame({"star_id": [f"s{i}" for i in range(n)], "label": "x"})
        t = np.linspace(0, 1000, 500)
        curves = (Curve(f"s{i}", "V", t, t * 0 + 15, t * 0 + 0.1) for i in range(n))
        tracemalloc.start()
        write_survey(tmp_path / str(n), stars, curves, portion=50_000)
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    small, large = peak(500), peak(2000)
    assert large < 1.3 * small
    assert large < 2000 * 500 * 24  # all measurements at once would be that much


@pytest.mark.parametrize(
    ("stars", "message"),
    [
        (STARS.drop(columns="label"), r"missing columns \['label'\]"),
        (pd.concat([STARS, STARS]), "star_id once"),
    ],
)
def test_bad_stars(tmp_path, stars, message):
    with pytest.raises(ValueError, match=message):
        write_survey(tmp_path / "x", stars, CURVES)


def test_a_star_that_comes_back_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="'b' do not follow each other"):
        write_survey(tmp_path / "x", STARS, [*CURVES, CURVES[0]])


def test_curves_of_strangers_are_counted(tmp_path):
    summary = write_survey(tmp_path / "x", STARS, [*CURVES, curve("zz", "V", (1, 2, 3))])
    assert summary["curves_of_unknown_stars"] == 1


def test_a_failure_leaves_the_earlier_survey_alone(tmp_path):
    folder = tmp_path / "x"
    write_survey(folder, STARS, CURVES)
    before = {p.name: p.read_bytes() for p in folder.iterdir()}

    def failing():
        yield CURVES[0]
        raise ValueError("line 7: truncated")

    with pytest.raises(ValueError, match="line 7"):
        write_survey(folder, STARS, failing())
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before


def test_no_star_and_no_curve(tmp_path):
    write_survey(tmp_path / "x", STARS, [])
    assert light_curves(load("x", root=tmp_path)).counts.tolist() == [0, 0, 0]


def test_check_says_what_is_wrong(tmp_path):
    folder = tmp_path / "x"
    assert check_survey(folder) == ["stars.parquet: not there", "observations.parquet: not there"]
    write_survey(folder, STARS, CURVES)
    obs = pd.read_parquet(folder / "observations.parquet")
    shuffled = obs.assign(star_id=["b", "q", "b", "a"])
    shuffled.to_parquet(folder / "observations.parquet")
    problems = "\n".join(check_survey(folder))
    assert "1 stars that stars.parquet lacks, for example ['q']" in problems
    assert "not sorted by star" in problems
    assert "SHA-256 differs" in problems
    obs.iloc[:2].to_parquet(folder / "observations.parquet")
    assert "2 observations, 4 when converted" in "\n".join(check_survey(folder))
    obs.drop(columns="mag_err").to_parquet(folder / "observations.parquet")
    assert check_survey(folder) == ["observations.parquet: missing columns ['mag_err']"]
    raw = (folder / "stars.parquet").read_bytes()
    (folder / "stars.parquet").write_bytes(raw[:100])
    assert "not a whole Parquet file" in check_survey(folder)[0]

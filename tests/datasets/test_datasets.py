"""Surveys on disk: what `load` gives, and what it says when something is wrong."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from varstar import datasets, taxonomy
from varstar.datasets import SURVEYS, available, load
from varstar.lightcurves.sample import clean, light_curves

STARS = pd.DataFrame(
    {
        "star_id": ["s3", "s1", "s2", "empty"],
        "label": ["EA", "RRab", "EW", "EA"],
        "period": [1.5, 0.5, 0.3, 2.0],
    }
)
OBSERVATIONS = pd.DataFrame(
    {
        "star_id": ["s1", "s1", "s1", "s2", "s2", "s3", "s3"],
        "band": ["I", "V", "V", "V", "V", "I", "V"],
        "time": [10.0, 12.0, 11.0, 1.0, 2.0, 5.0, 6.0],
        "mag": np.array([15.0, 16.0, np.nan, 17.0, 99.999, 14.0, 14.5], np.float32),
        "mag_err": np.array([0.1, 0.1, 0.1, 0.2, 0.2, 0.3, 0.3], np.float32),
    }
)


def write(root, name="catalina_sss", stars=STARS, observations=OBSERVATIONS):
    folder = root / name
    folder.mkdir(parents=True)
    stars.to_parquet(folder / "stars.parquet", index=False)
    observations.to_parquet(folder / "observations.parquet", index=False)
    return folder


@pytest.fixture
def root(tmp_path):
    write(tmp_path)
    return tmp_path


# --- what it gives ------------------------------------------------------------------------


def test_stars_keep_the_order_of_their_table_and_their_points(root):
    sample = load("catalina_sss", root=root)
    assert list(sample.index) == ["s3", "s1", "s2", "empty"]
    assert sample["label"].tolist() == ["EA", "RRab", "EW", "EA"]
    c = light_curves(sample)
    assert c.counts.tolist() == [2, 3, 2, 0]
    assert c.t.tolist() == [5, 6, 10, 12, 11, 1, 2]
    assert c.mag.dtype == np.float64
    _, status = clean(c)
    assert status.tolist() == ["ok", "ok", "fewer than 2 valid points", "no points"]


def test_bands(root):
    assert light_curves(load("catalina_sss", root=root, bands="I")).counts.tolist() == [1, 1, 0, 0]
    both = light_curves(load("catalina_sss", root=root, bands=["I", "V"]))
    assert both.counts.tolist() == [2, 3, 2, 0]
    with pytest.raises(ValueError, match=r"unknown band \['K'\]. Has: \['I', 'V'\]"):
        load("catalina_sss", root=root, bands="K")


def test_size_and_seed(tmp_path):
    n = 50
    stars = pd.DataFrame({"star_id": [f"s{i:02d}" for i in range(n)], "label": "EA"})
    obs = pd.DataFrame(
        {"star_id": np.repeat(stars.star_id, 2), "band": "V", "time": np.arange(2 * n) * 1.0,
         "mag": np.repeat(np.arange(n) * 1.0, 2), "mag_err": 0.1}
    )  # fmt: skip
    write(tmp_path, stars=stars, observations=obs)
    a = load("catalina_sss", root=tmp_path, size=10, seed=1)
    b = load("catalina_sss", root=tmp_path, size=10, seed=1)
    other = load("catalina_sss", root=tmp_path, size=10, seed=2)
    assert len(a) == 10
    assert list(a.index) == list(b.index)
    assert list(a.index) != list(other.index)
    assert a.index.is_monotonic_increasing  # the order of the table
    assert (light_curves(a).mag[::2] == [float(i[1:]) for i in a.index]).all()
    assert len(load("catalina_sss", root=tmp_path, size=1000)) == n


def test_names_of_stars_are_compared_as_text(tmp_path):
    stars = pd.DataFrame({"star_id": ["12", "7"], "label": "EA"})
    obs = pd.DataFrame(
        {"star_id": [7, 12, 12], "band": "V", "time": [1.0, 2, 3], "mag": 1.0, "mag_err": 0.1}
    )
    write(tmp_path, stars=stars, observations=obs)
    assert light_curves(load("catalina_sss", root=tmp_path)).counts.tolist() == [2, 1]


def test_observations_in_any_order(tmp_path):
    write(tmp_path, observations=OBSERVATIONS.sample(frac=1, random_state=3))
    c = light_curves(load("catalina_sss", root=tmp_path))
    assert c.counts.tolist() == [2, 3, 2, 0]
    assert sorted(c.one(1)[0]) == [10, 11, 12]


def test_a_survey_without_a_measurement(tmp_path):
    write(tmp_path, observations=OBSERVATIONS.iloc[:0])
    assert light_curves(load("catalina_sss", root=tmp_path)).counts.tolist() == [0] * 4


def test_data_folder_from_the_environment(root, monkeypatch):
    monkeypatch.setenv("VARSTAR_DATA", str(root))
    assert "catalina_sss" in available()
    assert len(load("catalina_sss")) == 4
    assert not datasets.is_on_disk("asas_acvs")


# --- what it says -------------------------------------------------------------------------


def test_unknown_survey_lists_the_known(root):
    with pytest.raises(ValueError, match=r"unknown survey 'catalina'.*Known: .*'catalina_sss'"):
        load("catalina", root=root)


def test_an_absent_survey_says_where_it_looked_and_how_to_get_it(root):
    with pytest.raises(FileNotFoundError) as error:
        load("asas_acvs", root=root)
    message = str(error.value)
    assert str(root / "asas_acvs") in message
    assert "VARSTAR_DATA" in message
    assert SURVEYS["asas_acvs"]["how"] in message


@pytest.mark.parametrize("size", [0, -1, 2.5, True, "3"])
def test_size_is_a_positive_whole_number(root, size):
    with pytest.raises(ValueError, match="size: expected a positive whole number"):
        load("catalina_sss", root=root, size=size)


def test_options_are_for_simulated_surveys(root):
    with pytest.raises(ValueError, match=r"options \['balance'\] are for simulated"):
        load("catalina_sss", root=root, balance=True)


@pytest.mark.parametrize("column", ["time", "mag", "mag_err", "band", "star_id"])
def test_missing_column_of_observations(tmp_path, column):
    write(tmp_path, observations=OBSERVATIONS.drop(columns=column))
    with pytest.raises(ValueError, match=rf"observations.parquet: missing columns \['{column}'\]"):
        load("catalina_sss", root=tmp_path)


@pytest.mark.parametrize("column", ["label", "star_id"])
def test_missing_column_of_stars(tmp_path, column):
    write(tmp_path, stars=STARS.drop(columns=column))
    with pytest.raises(ValueError, match=rf"stars.parquet: missing columns \['{column}'\]"):
        load("catalina_sss", root=tmp_path)


@pytest.mark.parametrize("name", ["stars.parquet", "observations.parquet"])
@pytest.mark.parametrize("keep", [0, 3, 200, -9, -1])
def test_truncated_parquet(tmp_path, name, keep):
    path = write(tmp_path) / name
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ValueError, match="not a whole Parquet file"):
        load("catalina_sss", root=tmp_path)


def test_corrupt_parquet(tmp_path):
    path = write(tmp_path) / "observations.parquet"
    raw = bytearray(path.read_bytes())
    raw[4:60] = bytes(56)
    path.write_bytes(raw)
    with pytest.raises(ValueError, match="not a whole Parquet file"):
        load("catalina_sss", root=tmp_path)


def test_observations_without_a_star_belong_to_none(tmp_path):
    nobody = OBSERVATIONS.assign(star_id=["s1", None, "s1", "s2", "s2", "s3", "s3"])
    write(tmp_path, observations=nobody)
    assert light_curves(load("catalina_sss", root=tmp_path)).counts.tolist() == [2, 2, 2, 0]


def test_star_twice(tmp_path):
    write(tmp_path, stars=pd.concat([STARS, STARS.iloc[:1]]))
    with pytest.raises(ValueError, match="Received twice: \\['s3'\\]"):
        load("catalina_sss", root=tmp_path)


def test_null_values_become_nan(tmp_path):
    folder = write(tmp_path)
    table = pa.Table.from_pandas(OBSERVATIONS, preserve_index=False)
    mag = pa.array([None, 16, 15, 17, 18, 14, 14.5], pa.float32())
    pq.write_table(table.set_column(3, "mag", mag), folder / "observations.parquet")
    c = light_curves(load("catalina_sss", root=tmp_path))
    assert np.isnan(c.one(1)[1][0])
    assert np.isfinite(c.mag).sum() == 6


# --- the registry -------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(SURVEYS))
def test_every_entry_of_the_registry_is_complete(name):
    entry = SURVEYS[name]
    assert {"title", "holds", "bands", "classes", "papers", "citation", "terms", "how"} <= set(
        entry
    )
    assert entry["holds"] in ("light curves", "catalogue")
    assert isinstance(entry["bands"], list)
    assert entry["citation"]
    assert all(isinstance(c, str) and c for c in entry["citation"])
    assert entry["terms"].endswith(".")
    assert entry["how"].endswith(".")
    assert set(entry["papers"]) <= {"s20", "sm", "k21", "ts19", "s26"}
    if entry["holds"] == "light curves":
        assert entry["time_scale"]
        assert entry["bands"]
    assert taxonomy.vocabulary(name)


@pytest.mark.real
def test_the_registry_knows_every_real_survey_and_its_bands(real_data):
    folders = sorted(p.parent.name for p in real_data.glob("*/stars.parquet"))
    assert len(folders) > 0
    for name in folders:
        assert name in SURVEYS
        path = real_data / name / "observations.parquet"
        assert (SURVEYS[name]["holds"] == "light curves") == path.is_file()
        if path.is_file():
            bands = pq.read_table(path, columns=["band"])["band"].unique().to_pylist()
            assert set(bands) == set(SURVEYS[name]["bands"]), name


@pytest.mark.real
@pytest.mark.parametrize("name", ["ztf_examples", "asassn_sample", "asas_macc_training"])
def test_real_surveys_load(real_data, name):
    sample = load(name, root=real_data)
    stars = pd.read_parquet(real_data / name / "stars.parquet").set_index("star_id")
    counts = light_curves(sample).counts
    assert (counts == stars["n_obs"].to_numpy()).all()

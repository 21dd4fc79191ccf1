"""One line classifies a catalogue: LSDB's own, read from HATS files that the tests write."""

import numpy as np
import pandas as pd
import pytest
from catalogs import frames

import varstar as vs
from varstar.lightcurves.sample import light_curves

lsdb = pytest.importorskip("lsdb")
dask = pytest.importorskip("dask")
pytestmark = pytest.mark.filterwarnings("ignore::Warning:(lsdb|hats|dask|nested_pandas|pyarrow).*")
MODEL = "k21-lmc"


@pytest.fixture(autouse=True)
def _in_this_thread():
    with dask.config.set(scheduler="synchronous"):
        yield


@pytest.fixture(scope="module")
def stars():
    sample = vs.load("sim-ogle3", size=14, seed=3)
    curves = light_curves(sample)
    curves = curves.where(np.arange(len(curves.t)) - curves.offsets[curves.star] < 90)
    gone = curves.where(curves.star != 4)  # a star without points
    g = np.array(["r"] + ["g"] * 99)
    bands = tuple(g[: len(curves.bands)])
    return vs.catalogs.read_partition(
        frames.nested(frames.positions(14), "lc", gone.offsets,
                      {"t": gone.t, "mag": gone.mag, "err": gone.err,
                       "band": np.array(bands, object)[gone.band]})
    )  # fmt: skip


@pytest.fixture(scope="module")
def rubin(stars, tmp_path_factory):
    path = tmp_path_factory.mktemp("hats") / "rubin"
    frame = frames.rubin(stars, bad=2)
    with dask.config.set(scheduler="synchronous"):
        catalog = lsdb.from_dataframe(frame, ra_column="coord_ra", dec_column="coord_dec",
                                      partition_rows=3, margin_threshold=None)  # fmt: skip
        catalog.write_catalog(path, catalog_name="objects", progress_bar=False)
    return path


def same(table, expected):
    pd.testing.assert_frame_equal(table, expected, check_index_type=False, check_dtype=False)


def test_one_line_classifies_a_catalogue_and_writes_it(rubin, stars, tmp_path):
    catalog = lsdb.open_catalog(rubin)
    assert catalog.npartitions > 3
    catalog.map_partitions(vs.classify, model=MODEL).write_catalog(
        tmp_path / "classes", catalog_name="classes", progress_bar=False
    )
    table = lsdb.open_catalog(tmp_path / "classes").compute().sort_values("objectId")
    assert table.index.name == "_healpix_29"
    assert not table.index.is_unique  # two objects at one place
    assert table["objectId"].tolist() == frames.positions(14)["objectId"].tolist()
    assert {"coord_ra", "coord_dec", "label", "probability", "status"} <= set(table)
    alone = vs.classify(frames.rubin(stars, bad=2), model=MODEL)
    classes = vs.models.card(MODEL)["classes"]
    assert table["status"].tolist() == alone["status"].tolist()
    assert table["status"].tolist().count("ok") == 13
    np.testing.assert_allclose(table[classes].astype(float), alone[classes], atol=1e-5)


def test_columns_of_an_empty_partition_are_those_of_a_full_one(rubin):
    catalog = lsdb.open_catalog(rubin).query("objectId < 100000000000000003")
    table = catalog.map_partitions(vs.classify, model=MODEL).compute()
    assert len(table) == 3
    nothing = lsdb.open_catalog(rubin).query("objectId < 0")
    empty = nothing.map_partitions(vs.classify, model=MODEL).compute()
    assert len(empty) == 0
    assert empty.dtypes.to_dict() == table.dtypes.to_dict()


@pytest.mark.parametrize(
    ("function", "options", "column"),
    [
        ("find_periods", {"maximum_frequency": 5.0}, "period"),
        ("variability_features", {"maximum_frequency": 5.0, "bands": "r"}, "skewness"),
        ("catch22_features", {"bands": "r"}, "acf_timescale"),
    ],
)
def test_the_other_functions_too(rubin, stars, function, options, column):
    if function == "catch22_features":
        pytest.importorskip("pycatch22")
    work = getattr(vs, function)
    catalog = lsdb.open_catalog(rubin)
    table = catalog.map_partitions(work, **options).compute().sort_values("objectId")
    alone = work(frames.rubin(stars, bad=2), **options)
    np.testing.assert_allclose(table[column].astype(float), alone[column].astype(float), rtol=1e-6)
    same(table.reset_index(drop=True), alone.reset_index(drop=True))
    empty = work(frames.rubin(stars, bad=2).iloc[:0], **options)
    assert empty.dtypes.to_dict() == alone.dtypes.to_dict()
    lacking = work(frames.rubin(stars).iloc[:2], **{**options, "bands": "y"})  # no star has it
    assert lacking["status"].str.startswith("no").all()
    assert lacking.dtypes.to_dict() == alone.dtypes.to_dict()


def test_images_are_lists_of_pixels(rubin, stars, tmp_path):
    catalog = lsdb.open_catalog(rubin)
    images = catalog.map_partitions(vs.fold_images, size=16, periods=0.7, bands="r")
    images.write_catalog(tmp_path / "images", catalog_name="images", progress_bar=False)
    table = lsdb.open_catalog(tmp_path / "images").compute().sort_values("objectId")
    alone = vs.fold_images(
        vs.catalogs.read_partition(frames.rubin(stars, bad=2)), size=16, periods=0.7, bands="r"
    )
    pixels = np.stack(table["image"].to_list()).reshape(-1, 16, 16)
    assert np.array_equal(pixels, alone)
    assert table["status"].tolist().count("ok") == 13


def test_ztf_as_it_is_published(stars, tmp_path):
    frame = frames.ztf(stars)
    catalog = lsdb.from_dataframe(frame, ra_column="objra", dec_column="objdec", partition_rows=5)
    catalog.write_catalog(tmp_path / "ztf", catalog_name="ztf", progress_bar=False)
    catalog = lsdb.open_catalog(tmp_path / "ztf")
    table = catalog.map_partitions(vs.classify, model=MODEL).compute().sort_values("objectid")
    assert {"objectid", "objra", "objdec", "label"} <= set(table)
    assert table["objectid"].tolist() == frame["objectid"].tolist()
    assert table["status"].tolist().count("ok") == 13


def test_other_columns_come_back_when_asked_for(rubin, stars):
    frame = frames.rubin(stars).assign(note="x", period=0.7)
    table = vs.classify(frame, model=MODEL, keep=["note", "objectId"])
    assert table.columns[:3].tolist() == ["note", "objectId", "label"]
    with pytest.raises(ValueError, match=r"keep: no columns \['nothing'\]"):
        vs.classify(frame, model=MODEL, keep=["nothing"])


def test_a_large_partition_is_worked_on_in_pieces(stars, monkeypatch):
    frame = frames.rubin(stars)
    whole = vs.find_periods(frame, maximum_frequency=2.0)
    monkeypatch.setattr("varstar.catalogs.POINTS", 100)
    same(vs.find_periods(frame, maximum_frequency=2.0), whole)
    assert len(list(vs.catalogs._parts(frame))) > 5


def test_the_answer_does_not_depend_on_neighbours(stars):
    frame = frames.rubin(stars)
    whole = vs.classify(frame, model=MODEL)
    for k in (0, 3, 4, 9):
        one = vs.classify(frame.iloc[[k]], model=MODEL)
        assert one["label"].tolist() == whole["label"].iloc[[k]].tolist()
        classes = vs.models.card(MODEL)["classes"]
        np.testing.assert_allclose(one[classes], whole[classes].iloc[[k]], atol=1e-5)


def test_functions_travel_to_other_processes():
    cloudpickle = pytest.importorskip("cloudpickle")  # Dask's
    here = vs.find_periods((np.arange(30.0), np.sin(np.arange(30.0))))
    there = cloudpickle.loads(cloudpickle.dumps(vs.find_periods))
    same(there((np.arange(30.0), np.sin(np.arange(30.0)))), here)

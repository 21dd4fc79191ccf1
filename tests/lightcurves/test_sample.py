"""The container: flat arrays and nested frames are the same light curves."""

import warnings

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from nested_pandas import NestedFrame
from nested_pandas.series.ext_array import NestedExtensionArray

from varstar import make_sample
from varstar.lightcurves.sample import (
    LightCurves,
    _lists,
    clean,
    light_curves,
    nest,
    one_band,
    select_bands,
)


def curves_of(*stars, bands=("V",)):
    """Light curves from one ``(t, mag, err, band)`` of lists a star."""
    counts = [len(s[0]) for s in stars]
    flat = [np.concatenate([np.asarray(s[k], float) for s in stars] or [[]]) for k in range(4)]
    return LightCurves(*flat[:3], flat[3].astype(np.int8), np.cumsum([0, *counts]), tuple(bands))


VALUES = st.floats(-30, 40, width=32)


@st.composite
def light_curve_sets(draw, values=VALUES):
    """A few stars with a few points each, empty stars among them."""
    counts = draw(st.lists(st.integers(0, 5), max_size=6))
    n = sum(counts)
    flat = [draw(hnp.arrays(np.float64, n, elements=values)) for _ in range(3)]
    band = draw(hnp.arrays(np.int8, n, elements=st.integers(0, 2)))
    offsets = np.cumsum([0, *counts])
    return LightCurves(*flat, band, offsets, ("B", "V", "I"))


@pytest.fixture
def observations():
    return pd.DataFrame(
        {
            "star_id": ["a", "b", "a", "b", "b"],
            "t": [2.0, 5.0, 1.0, 4.0, 6.0],
            "mag": [12.0, 15.0, 11.0, 14.0, 16.0],
            "err": [0.1, 0.2, 0.3, 0.4, 0.5],
            "band": ["V", "I", "V", "V", "I"],
        }
    )


def same(a, b):
    for x, y in zip(a[:3], b[:3], strict=True):
        np.testing.assert_array_equal(x, y)
    np.testing.assert_array_equal(a.offsets, b.offsets)
    names_a, names_b = np.array(a.bands)[a.band], np.array(b.bands)[b.band]
    np.testing.assert_array_equal(names_a, names_b)


# --- LightCurves --------------------------------------------------------------------------


def test_flat_arrays_know_their_stars():
    c = curves_of(([1, 2], [10, 11], [0.1, 0.2], [0, 0]), ([], [], [], []), ([3], [12], [1], [0]))
    assert c.n_stars == 3
    assert c.counts.tolist() == [2, 0, 1]
    assert c.star.tolist() == [0, 0, 2]
    assert [a.tolist() for a in c.one(0)] == [[1, 2], [10, 11], [0.1, 0.2]]
    assert len(c.one(1)[0]) == 0


@settings(max_examples=50, deadline=None)
@given(light_curve_sets(), st.randoms(use_true_random=False))
def test_where_keeps_exactly_the_masked_points(curves, random):
    keep = np.array([random.random() < 0.5 for _ in curves.t], bool)
    kept = curves.where(keep)
    assert kept.n_stars == curves.n_stars
    for i in range(curves.n_stars):
        s = slice(curves.offsets[i], curves.offsets[i + 1])
        np.testing.assert_array_equal(kept.one(i)[1], curves.mag[s][keep[s]])
    same(curves.where(np.ones(len(curves.t), bool)), curves)


@settings(max_examples=50, deadline=None)
@given(light_curve_sets(), st.data())
def test_stars_takes_whole_stars_in_the_order_asked(curves, data):
    n = curves.n_stars
    rows = data.draw(st.lists(st.integers(-n, n - 1), max_size=8) if n else st.just([]))
    taken = curves.stars(rows)
    assert taken.n_stars == len(rows)
    for j, i in enumerate(rows):
        for a, b in zip(taken.one(j), curves.one(i % n), strict=True):
            np.testing.assert_array_equal(a, b)
    same(curves.stars(np.ones(n, bool)), curves)


def test_stars_refuses_rows_that_do_not_exist():
    c = curves_of(([1], [10], [0.1], [0]))
    with pytest.raises(IndexError):
        c.stars([1])
    with pytest.raises(IndexError):
        c.stars(np.array([True, False]))


# --- nesting ------------------------------------------------------------------------------


@settings(max_examples=50, deadline=None)
@given(light_curve_sets(values=st.floats(allow_nan=True, width=32)))
def test_nest_and_back_loses_nothing(curves):
    stars = pd.DataFrame({"label": "x"}, index=[f"s{i}" for i in range(curves.n_stars)])
    sample = nest(curves, stars)
    assert sample.index.name == "star_id"
    assert list(sample.index) == list(stars.index)
    same(light_curves(sample), curves)


def test_a_slice_a_mask_and_a_new_order_of_a_sample_keep_stars_and_points_together(observations):
    obs = pd.concat([observations.assign(star_id=observations.star_id + k) for k in "1234"])
    sample = make_sample(obs)
    whole = light_curves(sample)
    for rows in ([2, 3], [0, 7, 3], [7, 6, 5, 4, 3, 2, 1, 0], [], [5]):
        part = sample.iloc[rows]
        same(light_curves(part), whole.stars(rows))
    mask = np.arange(8) % 3 == 0
    same(light_curves(sample[mask]), whole.stars(mask))
    same(light_curves(pd.concat([sample.iloc[:2], sample.iloc[6:]])), whole.stars([0, 1, 6, 7]))


def test_a_row_without_a_light_curve_is_an_empty_one(observations):
    sample = make_sample(observations).reindex(["a", "nobody", "b"])
    assert light_curves(sample).counts.tolist() == [2, 0, 3]


def test_nest_wants_one_row_a_star_and_unique_names():
    c = curves_of(([1], [10], [0.1], [0]), ([1], [10], [0.1], [0]))
    with pytest.raises(ValueError, match=r"one row per star. Received: 1 rows for 2"):
        nest(c, pd.DataFrame({"star_id": ["a"]}))
    with pytest.raises(ValueError, match=r"unique. Received twice: \['a'\]"):
        nest(c, pd.DataFrame({"star_id": ["a", "a"]}))
    with pytest.raises(ValueError, match="at most 32767 bands"):
        nest(
            c._replace(bands=tuple(map(str, range(40_000)))), pd.DataFrame({"star_id": ["a", "b"]})
        )


def test_rows_may_share_an_index_that_is_not_the_star_id():
    c = curves_of(([1], [10], [0.1], [0]), ([2], [11], [0.1], [0]))
    sample = nest(c, pd.DataFrame({"x": [5, 6]}, index=pd.Index([7, 7], name="_healpix_29")))
    assert sample.index.tolist() == [7, 7]
    assert sample.index.name == "_healpix_29"
    same(light_curves(sample), c)


def test_more_than_127_bands():
    n = 300
    obs = pd.DataFrame(
        {"star_id": "a", "t": np.arange(n), "mag": 12.0, "band": np.arange(n) + 1000}
    )
    c = light_curves(make_sample(obs))
    assert [c.bands[k] for k in c.band] == [str(b) for b in obs.band]
    assert c.band.min() == 0
    with pytest.warns(UserWarning, match="several bands"):
        assert one_band(c).counts.tolist() == [1]


def test_a_missing_band_is_not_the_first_band():
    names = list("gg?rr?g")
    table = pd.DataFrame({"t": np.arange(7.0), "mag": 10.0 + np.arange(7), "band": names})
    band = pa.array([None if b == "?" else b for b in table["band"]])
    for values in (band, band.dictionary_encode()):
        points = pa.StructArray.from_arrays(
            [pa.array(table["t"]), pa.array(table["mag"]), values], ["t", "mag", "band"]
        )
        sample = NestedFrame(pd.DataFrame(index=["a"]))
        nested = NestedExtensionArray(
            pa.ListArray.from_arrays(pa.array([0, 7], pa.int32()), points)
        )
        sample["lc"] = pd.Series(nested, index=sample.index)
        c = light_curves(sample)
        assert [c.bands[k] for k in c.band] == list("gg?rr?g")
        assert light_curves(sample, bands="g").mag.tolist() == [10, 11, 16]
        with pytest.warns(UserWarning, match="'g': 1"):
            assert one_band(c).mag.tolist() == [10, 11, 16]
        # more measurements without a band than in any: still no band of choice
        many = c._replace(band=np.where(np.arange(7) == 3, c.band[3], c.band[2]))
        with pytest.warns(UserWarning, match="'r': 1"):
            assert one_band(many).mag.tolist() == [13]


def test_the_main_band_is_each_stars_own():
    a = curves_of(([*range(18)], [*range(18)], [1] * 18, [0] * 10 + [1] * 8), bands="gr")
    b = curves_of(([*range(60)], [*range(60)], [1] * 60, [0] * 10 + [1] * 50), bands="gr")
    with pytest.warns(UserWarning, match="{'g': 1}"):
        alone = one_band(a)
    assert alone.counts.tolist() == [10]
    both = LightCurves(
        *(np.concatenate(x) for x in zip(a[:4], b[:4], strict=True)), np.array([0, 18, 78]), a.bands
    )
    with pytest.warns(UserWarning, match="{'g': 1, 'r': 1}"):
        same(one_band(both).stars([0]), alone)


def test_the_main_band_counts_valid_points_and_breaks_ties_by_name():
    mags = [10, 11, 99.9, 99.9, 12, 13]
    c = curves_of((range(6), mags, [1] * 6, [0, 0, 0, 0, 1, 1]), bands=("r", "g"))
    with pytest.warns(UserWarning, match="'g': 1"):
        assert one_band(c).mag.tolist() == [12, 13]
    lost = c._replace(mag=np.where(c.band == 1, 99.9, c.mag))
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # only one band has anything valid: no choice
        assert one_band(lost).mag.tolist() == mags[:4]
        nothing = c._replace(mag=np.full(6, 99.9))
        assert clean(one_band(nothing))[1].tolist() == ["no valid points"]


def test_large_lists_and_missing_lists_and_chunks_are_read():
    c = curves_of(([1, 2], [10, 11], [0.1, 0.2], [0, 1]), ([3], [12], [1], [0]), bands="Vg")
    fields = [pa.array(x) for x in (c.t, c.mag, c.err)]
    fields.append(pa.array(np.array(list("Vg"))[c.band]))
    points = pa.StructArray.from_arrays(fields, ["t", "mag", "err", "band"])
    for kind, offset in ((pa.ListArray, pa.int32()), (pa.LargeListArray, pa.int64())):
        lists = kind.from_arrays(pa.array([0, 2, None, 3], offset), points)
        for array in (lists, pa.chunked_array([lists, lists[1:]])):
            frame = NestedFrame(pd.DataFrame(index=range(len(array))))
            frame["lc"] = pd.Series(NestedExtensionArray(array), index=frame.index)
            got = light_curves(frame)
            assert got.counts.tolist() == ([2, 1, 0] if len(array) == 3 else [2, 1, 0, 1, 0])
            same(got.stars([0, 1]), c)


def test_offsets_do_not_wrap_at_32_bits():
    n = 2**31 + 10  # nulls take no memory
    assert _lists(np.array([0, n]), pa.nulls(n)).value_lengths().to_pylist() == [n]
    assert _lists(np.array([0, 3]), pa.nulls(3)).type == pa.list_(pa.null())


# --- make_sample --------------------------------------------------------------------------


def test_make_sample_groups_by_star_and_keeps_the_order_of_points(observations):
    sample = make_sample(observations)
    assert list(sample.index) == ["a", "b"]
    c = light_curves(sample)
    assert c.t.tolist() == [2, 1, 5, 4, 6]
    assert c.mag.tolist() == [12, 11, 15, 14, 16]
    assert [c.bands[k] for k in c.band] == ["V", "V", "I", "V", "I"]
    assert light_curves(sample, bands="I").counts.tolist() == [0, 2]


def test_make_sample_follows_the_table_of_stars(observations):
    stars = pd.DataFrame({"star_id": ["b", "none", "a"], "period": [1.0, 2.0, 3.0]})
    sample = make_sample(observations, stars)
    assert list(sample.index) == ["b", "none", "a"]
    assert sample["period"].tolist() == [1.0, 2.0, 3.0]
    assert light_curves(sample).counts.tolist() == [3, 0, 2]
    again = make_sample(observations.sample(frac=1, random_state=1), stars)
    assert sorted(light_curves(again).one(0)[1]) == [14, 15, 16]


def test_make_sample_takes_the_on_disk_names_and_missing_errors(observations):
    named = observations.rename(columns={"t": "time", "err": "mag_err"})
    same(light_curves(make_sample(named)), light_curves(make_sample(observations)))
    both = observations.assign(time=0.0)  # `t` is there already: `time` is something else
    same(light_curves(make_sample(both)), light_curves(make_sample(observations)))
    bare = light_curves(make_sample(observations[["star_id", "t", "mag"]]))
    assert np.isnan(bare.err).all()
    assert bare.bands == ("?",)


def test_make_sample_of_nothing(observations):
    assert len(make_sample(observations.iloc[:0])) == 0
    sample = make_sample(observations.iloc[:0], pd.DataFrame({"star_id": ["a", "b"]}))
    assert light_curves(sample).counts.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda o: o.drop(columns="mag"), "expected a column of magnitudes"),
        (lambda o: o.assign(star_id=[None, "b", "a", "b", "b"]), "1 rows without one"),
        (lambda o: o.assign(mag=["bright"] * 5), "column 'mag' .mag.: expected numbers"),
    ],
)
def test_make_sample_names_what_is_wrong(observations, change, message):
    with pytest.raises(ValueError, match=message):
        make_sample(change(observations))


def test_make_sample_refuses_strangers_and_twins(observations):
    with pytest.raises(ValueError, match=r"table of stars lacks, for example .*'b'"):
        make_sample(observations, pd.DataFrame({"star_id": ["a"]}))
    with pytest.raises(ValueError, match="Received twice"):
        make_sample(observations, pd.DataFrame({"star_id": ["a", "b", "a"]}))


def test_light_curves_says_what_it_wants(observations):
    with pytest.raises(ValueError, match="nested column 'lc'"):
        light_curves(observations)
    with pytest.raises(ValueError, match=r"unknown band \['K'\]. Known: \['V', 'I'\]"):
        light_curves(make_sample(observations), bands="K")


def test_select_bands_keeps_every_star(observations):
    c = light_curves(make_sample(observations))
    assert select_bands(c, ["V", "I"]) is c
    assert select_bands(c, "V").counts.tolist() == [2, 1]


# --- clean --------------------------------------------------------------------------------


def test_clean_leaves_out_what_was_not_measured_and_sorts():
    c = curves_of(
        ([3, 1, 2, 4, np.nan], [12, 10, 99.999, 29.999, 11], [0.1, 0.2, 0.3, 0.4, 0.5], [0] * 5)
    )
    cleaned, status = clean(c)
    assert cleaned.t.tolist() == [1, 3]
    assert cleaned.mag.tolist() == [10, 12]
    assert cleaned.err.tolist() == [0.2, 0.1]
    assert status.tolist() == ["ok"]


def test_clean_replaces_unknown_errors_by_the_stars_median():
    c = curves_of(
        ([1, 2, 3, 4, 5], [10, 11, 12, 13, 14], [0.1, 0.0, np.nan, 0.3, 0.9], [0] * 5),
        ([1, 2], [10, 11], [-1, np.inf], [0] * 2),
        ([1, 2, 3], [10, 11, 12], [0.2, np.nan, 0.4], [0] * 3),
    )
    cleaned, _ = clean(c)
    expected = [0.1, 0.3, 0.3, 0.3, 0.9, 1.0, 1.0, 0.2, 0.3, 0.4]
    np.testing.assert_allclose(cleaned.err, expected)


def test_clean_says_why_a_star_is_unusable():
    nan = np.nan
    c = curves_of(
        ([], [], [], []),
        ([1, 2], [nan, 99.9], [1, 1], [0, 0]),
        ([1, 2], [10, nan], [1, 1], [0, 0]),
        ([1, 2, 3], [10, 10, 10], [1, 1, 1], [0] * 3),
        ([5, 5, 5], [10, 11, 12], [1, 1, 1], [0] * 3),
        ([5, 6], [10, 11], [1, 1], [0] * 2),
    )
    cleaned, status = clean(c)
    assert status.tolist() == [
        "no points",
        "no valid points",
        "fewer than 2 valid points",
        "constant magnitude",
        "all at one time",
        "ok",
    ]
    assert cleaned.n_stars == 6
    assert clean(c, min_points=3)[1][-1] == "fewer than 3 valid points"


@settings(max_examples=60, deadline=None)
@given(
    light_curve_sets(
        values=st.one_of(
            st.floats(5, 20, width=32), st.sampled_from([np.nan, np.inf, -np.inf, 99.999, 29.999])
        )
    )
)
def test_clean_is_stable_and_what_it_returns_can_be_computed_with(curves):
    cleaned, status = clean(curves)
    assert len(status) == cleaned.n_stars == curves.n_stars
    for a in cleaned[:3]:
        assert np.isfinite(a).all()
    assert (cleaned.err > 0).all()
    for i in range(cleaned.n_stars):
        t, mag, _ = cleaned.one(i)
        assert (np.diff(t) >= 0).all()
        known = curves.one(i)[1]
        assert set(mag) <= set(known[np.isfinite(known)])
        if status[i] == "ok":
            assert len(t) >= 2
            assert np.ptp(t) > 0
            assert np.ptp(mag) > 0
    twice, status_twice = clean(cleaned)
    same(twice, cleaned)
    usable = status == "ok"
    assert (status_twice[usable] == "ok").all()

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles.images import fold_image_reference

import varstar as vs
from varstar.features.images import SCALES, draw
from varstar.lightcurves.sample import LightCurves, light_curves


def flat(stars):
    """Light curves from a list of (t, mag)."""
    t = np.concatenate([np.asarray(s[0], float) for s in stars])
    mag = np.concatenate([np.asarray(s[1], float) for s in stars])
    offsets = np.concatenate([[0], np.cumsum([len(s[0]) for s in stars])])
    return LightCurves(t, mag, np.full(len(t), 0.01), np.zeros(len(t), np.int8), offsets, ("V",))


def sample_of(stars, **columns):
    """A sample from a list of (t, mag)."""
    observations = pd.concat(
        pd.DataFrame({"star_id": i, "t": t, "mag": m, "err": 0.01, "band": "V"})
        for i, (t, m) in enumerate(stars)
    )
    table = pd.DataFrame({"star_id": range(len(stars)), **columns})
    return vs.make_sample(observations, table)


#: fluxes 1, 1/2 and 1/4 of the maximum
HALF = 2.5 * np.log10(2)


def dots(image):
    return {(int(r), int(c)) for r, c in np.argwhere(image)}


def test_four_pixels_by_hand():
    # Phase 0 at relative flux 1, phase 0.5 at 0.4: depth 0.6 of 4 rows is row 2.
    sample = sample_of([([0.0, 0.5], [10.0, 10.0 - 2.5 * np.log10(0.4)])], period=[1.0])
    image = vs.fold_images(sample, size=4)[0]
    assert image.dtype == np.uint8
    assert set(np.unique(image)) == {0, 255}
    assert dots(image) == {(0, 0), (2, 1), (0, 2), (2, 3)}


def test_the_faintest_possible_point_stays_in_the_image():
    sample = sample_of([([0.0, 0.25], [10.0, 29.0])], period=[1.0])
    assert dots(vs.fold_images(sample, size=8)[0]) == {(0, 0), (0, 4), (7, 1), (7, 5)}


def test_one_cycle_spends_all_columns_on_it():
    image = draw(flat([([0.0, 0.5], [10.0, 20.0])]), np.array([1.0]), size=4, cycles=1)[0]
    assert dots(image) == {(0, 0), (3, 2)}


def test_the_scale_of_the_star_ends_at_its_own_minimum():
    sample = sample_of([([0.0, 0.25, 0.5], [10.0, 10.0 + HALF / 2, 10.0 + HALF])], period=[1.0])
    unit, own = (vs.fold_images(sample, size=8, scale=s)[0] for s in ("unit", "star"))
    assert {r for r, _ in dots(unit)} == {0, 2, 4}  # depths 0, 0.29 and 0.5 of 8 rows
    assert {r for r, _ in dots(own)} == {0, 4, 7}  # the deepest at 1


def test_a_flare_does_not_shrink_the_scales_of_the_bulk():
    t = np.arange(200) / 200
    mag = 15 + 0.3 * np.cos(2 * np.pi * t)
    flare = mag.copy()
    flare[7] = 10.0
    sample = sample_of([(t, mag), (t, flare)], period=[1.0, 1.0])

    def rows(scale):
        quiet, flared = vs.fold_images(sample, size=64, scale=scale)
        return [len({r for r, _ in dots(image)}) for image in (quiet, flared)]

    for scale in ("bulk", "bulk-2mag"):
        quiet, flared = rows(scale)
        assert abs(quiet - flared) <= 1
    quiet, flared = rows("unit")
    assert flared < quiet / 4


def test_bulk_magnitudes_by_hand():
    # The percentiles of three points are the extremes, 15 and 16: the axis is 14.85..16.15.
    curves = flat([([0.0, 0.1, 0.2], [15.0, 15.5, 16.0])])
    depth = SCALES["bulk"](curves.mag, curves.offsets)
    assert depth == pytest.approx([0.15 / 1.3, 0.5, 1.15 / 1.3])
    depth = SCALES["bulk-2mag"](curves.mag, curves.offsets)
    assert depth == pytest.approx([0.05, 0.3, 0.55])


def test_a_larger_dot_goes_round_in_phase_and_stops_at_the_border_in_flux():
    sample = sample_of([([0.0, 0.5], [10.0, 30.0 - 0.2])], period=[1.0])
    image = vs.fold_images(sample, size=8, dot=3)[0]
    assert {(0, 7), (0, 0), (0, 1), (1, 7), (1, 0), (1, 1)} <= dots(image)
    assert {r for r, _ in dots(image)} == {0, 1, 6, 7}


def test_bits():
    sample = sample_of([([0.0, 0.3, 0.6], [10.0, 10.2, 10.5])], period=[0.7])
    eight, one = (vs.fold_images(sample, bits=b) for b in (8, 1))
    assert eight.shape == one.shape == (1, 128, 128)
    assert one.dtype == bool
    assert np.array_equal(eight == 255, one)


def test_the_epoch_moves_the_picture():
    sample = sample_of([([0.0, 0.6], [10.0, 11.0])], period=[1.0], t0=[0.5])
    assert {c for _, c in dots(vs.fold_images(sample, size=8)[0])} == {0, 2, 4, 6}
    moved = vs.fold_images(sample, size=8, epochs="t0")[0]
    assert {c for _, c in dots(moved)} == {2, 0, 6, 4}
    assert (0, 2) in dots(moved)  # the bright point, at phase 0 before, at 0.5 now
    assert np.array_equal(moved, vs.fold_images(sample, size=8, epochs=0.5)[0])


def test_the_maximum_stands_at_phase_0():
    t = np.sort(np.random.default_rng(3).uniform(0, 90, 400))
    mag = 15 - 0.5 * np.cos(2 * np.pi * (t / 1.7 - 0.4))
    image = vs.fold_images(sample_of([(t, mag)], period=[1.7]), size=64, epochs="max")[0]
    assert image[:4, [0, 1, 31, 32, 33, 63]].any(axis=0).all()
    assert not image[:4, 12:20].any()


# --- fast against slow ------------------------------------------------------------------

magnitudes = st.floats(8, 22) | st.sampled_from([10.0, 10.0 + HALF, 10.0 + 2 * HALF, 12.5, 15.0])
times = st.floats(-3000, 3000) | st.integers(-3000, 3000).map(float)
days = st.floats(0.02, 500) | st.integers(1, 100).map(float) | st.just(0.1)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.lists(st.tuples(times, magnitudes), min_size=1, max_size=30), days, st.floats(-5, 5)
        ),
        min_size=1,
        max_size=4,
    ),
    st.integers(2, 40),
    st.integers(2, 40),
    st.sampled_from(["unit", "star"]),
    st.integers(1, 4),
)
def test_fast_equals_reference(stars, rows, columns, scale, dot):
    dot = min(dot, rows, columns)
    curves = flat([tuple(zip(*points, strict=True)) for points, _, _ in stars])
    period, epoch = np.array([p for _, p, _ in stars]), np.array([e for _, _, e in stars])
    fast = draw(curves, period, epoch, size=(rows, columns), scale=scale, dot=dot)
    for i, image in enumerate(fast):
        t, mag, _ = curves.one(i)
        slow = fold_image_reference(
            t, mag, period[i], epoch[i], size=(rows, columns), scale=scale, dot=dot
        )
        assert np.array_equal(image, slow)


@pytest.mark.parametrize("scale", ["unit", "star"])
@pytest.mark.parametrize("dot", [1, 2, 3])
@pytest.mark.parametrize("size", [128, 64, (64, 128), (45, 31)])
def test_fast_equals_reference_on_a_survey(scale, dot, size):
    sample = vs.load("sim-ogle3", bands="I", size=70, seed=5)  # more stars than one chunk
    fast, status = vs.fold_images(
        sample, size, scale=scale, dot=dot, epochs=100.0, return_status=True
    )
    assert (status == "ok").all()
    curves = light_curves(sample)
    for i in range(0, 70, 9):
        t, mag, _ = curves.one(i)
        period = sample["period"].iloc[i]
        slow = fold_image_reference(t, mag, period, 100.0, size=size, scale=scale, dot=dot)
        assert np.array_equal(fast[i], slow)


def test_the_reference_knows_two_scales():
    with pytest.raises(ValueError, match=r"Received: 'bulk'"):
        fold_image_reference([0, 1], [1, 2], 1.0, scale="bulk")


@pytest.mark.parametrize("scale", SCALES)
def test_order_and_company_do_not_matter(scale):
    sample = vs.load("sim-ogle3", bands="I", size=130, seed=2)
    images = vs.fold_images(sample, size=32, scale=scale)
    assert images.any(axis=(1, 2)).all()
    order = np.random.default_rng(0).permutation(130)
    assert np.array_equal(vs.fold_images(sample.iloc[order], size=32, scale=scale), images[order])
    assert np.array_equal(vs.fold_images(sample.iloc[[17]], size=32, scale=scale)[0], images[17])


# --- bad input --------------------------------------------------------------------------


def test_what_cannot_be_drawn_is_black_and_says_why():
    fine = ([0.0, 1.0, 2.5], [10.0, 11.0, 10.5])
    stars = [
        fine,
        ([0.0, 1.0], [np.nan, np.nan]),
        ([0.0, 1.0], [99.999, 10.0]),
        ([0.0, 1.0], [10.0, 10.0]),
        fine, fine, fine, fine,
        ([], []),
    ]  # fmt: skip
    period = [0.7, 1, 1, 1, np.nan, 0.0, -2.0, 0.7, 1.0]
    epoch = [0.0, 0, 0, 0, 0, 0, 0, np.nan, 0]
    sample = sample_of(stars, period=period, t0=epoch)
    images, status = vs.fold_images(sample, size=16, epochs="t0", return_status=True)
    assert status.tolist() == [
        "ok",
        "no valid points",
        "fewer than 2 valid points",
        "constant magnitude",
        "no period", "no period", "no period",
        "no epoch",
        "no points",
    ]  # fmt: skip
    assert images.any(axis=(1, 2)).tolist() == [True, *[False] * 8]
    assert images.shape == (9, 16, 16)
    alone = vs.fold_images(sample_of([fine], period=[0.7]), size=16)
    assert np.array_equal(images[0], alone[0])


def test_points_that_are_no_measurements_are_not_drawn():
    t, mag = [0.0, 0.3, 0.6, 0.8], [10.0, 11.0, 99.999, np.nan]
    with_them = vs.fold_images(sample_of([(t, mag)], period=[1.0]), size=16)
    without = vs.fold_images(sample_of([(t[:2], mag[:2])], period=[1.0]), size=16)
    assert np.array_equal(with_them, without)


def test_no_stars_give_no_images():
    sample = vs.load("sim-ogle3", bands="I", size=3, seed=0)
    assert vs.fold_images(sample.iloc[:0], size=16).shape == (0, 16, 16)


def test_periods_can_be_given():
    sample = vs.load("sim-ogle3", bands="I", size=4, seed=0)
    doubled = vs.fold_images(sample, size=32, periods=2 * sample["period"])
    assert np.array_equal(doubled, vs.fold_images(sample.assign(p=2 * sample["period"]),
                                                  size=32, periods="p"))  # fmt: skip
    assert not np.array_equal(doubled, vs.fold_images(sample, size=32))
    found = vs.find_periods(sample)["period"]
    assert np.array_equal(vs.fold_images(sample.drop(columns="period"), size=32),
                          vs.fold_images(sample, size=32, periods=found))  # fmt: skip
    assert np.array_equal(vs.fold_images(light_curves(sample), 32, periods=2.0),
                          vs.fold_images(sample, 32, periods=2.0))  # fmt: skip


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": 1}, "size: expected"),
        ({"size": 5000}, "size: expected"),
        ({"size": 10.5}, "size: expected"),
        ({"size": True}, "size: expected"),
        ({"size": None}, "size: expected"),
        ({"size": "128"}, "size: expected"),
        ({"size": (64, 64, 3)}, "size: expected"),
        ({"scale": "log"}, r"scale: expected one of \['bulk', .*Received: 'log'"),
        ({"dot": 0}, "dot: expected"),
        ({"dot": 17}, "dot: expected"),
        ({"dot": None}, "dot: expected"),
        ({"bits": 16}, "bits: expected 8 or 1. Received: 16"),
        ({"bands": "R"}, r"unknown band \['R'\]"),
        ({"periods": "P"}, "periods: no column 'P'"),
        ({"periods": [1.0]}, "periods: expected one value per star"),
        ({"epochs": "min"}, "epochs: no column 'min'"),
    ],
)
def test_options_that_cannot_be(options, message):
    sample = vs.load("sim-ogle3", bands="I", size=3, seed=0)
    with pytest.raises(ValueError, match=message):
        vs.fold_images(sample, **{"size": 16, **options})

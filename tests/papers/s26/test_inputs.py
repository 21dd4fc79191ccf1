"""S26's steps: images in several bands, masks, periods, parts by star, training."""

import warnings

import numpy as np
import pandas as pd
import pytest

from varstar import make_sample
from varstar.features.images import draw
from varstar.lightcurves.sample import LightCurves, select_bands
from varstar.papers.s26 import inputs as s26

BANDS = ["g", "r"]


def sample_of(n=6, points=30, seed=0, lacking=()):
    """Sine curves in g (amplitude 0.5) and r (0.25, fainter by 1); `lacking` have no r."""
    rng = np.random.default_rng(seed)
    rows, period = [], rng.uniform(0.3, 0.9, n)
    for i in range(n):
        for band, mean, size in (("g", 15.0, 0.25), ("r", 16.0, 0.125)):
            if band == "r" and i in lacking:
                continue
            t = np.sort(rng.uniform(0, 40, points))
            mag = mean + size * np.cos(2 * np.pi * t / period[i])  # faintest at t = 0
            rows.append(pd.DataFrame({"star_id": f"s{i}", "t": t, "mag": mag, "err": 0.02,
                                      "band": band}))  # fmt: skip
    stars = pd.DataFrame({"star_id": [f"s{i}" for i in range(n)], "period": period})
    return make_sample(pd.concat(rows), stars)


def curves_of(sample, band):
    from varstar.lightcurves.sample import clean, light_curves

    return clean(select_bands(light_curves(sample), band))[0]


# --- images, mask, periods ----------------------------------------------------------------


def test_a_band_a_picture():
    sample = sample_of()
    x = s26.inputs(sample, size=24, epochs=0.0)
    assert x.images.shape == (6, 2, 24, 24)
    assert x.images.dtype == np.uint8
    for b, band in enumerate(BANDS):
        expected = draw(curves_of(sample, band), sample["period"].to_numpy(), 0.0, size=24)
        assert np.array_equal(x.images[:, b], expected)
    assert (x.mask == 1).all()
    assert x.periods[:, 0] == pytest.approx(np.log10(sample["period"].to_numpy()), abs=1e-6)
    assert x.numbers.shape == (6, 0)
    assert set(x.status) == {"ok"}
    turned = s26.inputs(sample, "period", ["r", "g"], size=24, epochs=0.0)
    assert np.array_equal(turned.images, x.images[:, ::-1])


def test_scales_and_multiples_are_channels():
    sample = sample_of(3)
    x = s26.inputs(sample, size=(8, 16), scales=["bulk", "unit"], multiples=(1, 2), cycles=1,
                   epochs=0.0)  # fmt: skip
    assert x.images.shape == (3, 2, 8, 16, 4)
    period = sample["period"].to_numpy()
    for k, (multiple, scale) in enumerate([(1, "bulk"), (1, "unit"), (2, "bulk"), (2, "unit")]):
        expected = draw(
            curves_of(sample, "r"), multiple * period, 0.0, size=(8, 16), scale=scale, cycles=1
        )
        assert np.array_equal(x.images[:, 1, ..., k], expected)


@pytest.mark.parametrize(("epochs", "row"), [("max", 0), ("min", -1)])
def test_extremes_stand_at_phase_0_in_all_bands(epochs, row):
    x = s26.inputs(sample_of(4, points=400), size=16, scales="star", cycles=1, epochs=epochs)
    line = x.images[:, :, row].astype(int)  # brightest or faintest row: dots around column 0
    assert (line[:, :, [0, -1]].max(axis=2) == 255).all()
    assert (line[:, :, 6:10] == 0).all()


def test_a_shift_moves_all_bands_alike():
    sample = sample_of(4)
    still = s26.inputs(sample, size=16, cycles=1, epochs=0.0)
    moved = s26.inputs(sample, size=16, cycles=1, epochs=0.0, shift=0.25)
    assert np.array_equal(moved.images, np.roll(still.images, 4, axis=3))
    own = s26.inputs(sample, size=16, cycles=1, epochs=0.0, shift=np.array([0, 0.5, 0, 0]))
    assert np.array_equal(own.images[[0, 2, 3]], still.images[[0, 2, 3]])
    assert np.array_equal(own.images[1], np.roll(still.images[1], 8, axis=2))


def test_random_shifts():
    a, b = s26.random_shifts(1000, 1), s26.random_shifts(1000, 2)
    assert np.array_equal(a, s26.random_shifts(1000, 1))
    assert not np.array_equal(a, b)
    assert a.min() >= 0
    assert a.max() < 1
    assert np.histogram(a, 4, (0, 1))[0].min() > 200


def test_one_axis_for_all_bands_keeps_the_ratio_of_amplitudes():
    sample = sample_of(3, points=300)

    def height(images):  # rows between the first and the last dot
        rows = [np.flatnonzero(im.any(axis=1)) for im in images]
        return np.array([r[-1] - r[0] + 1 for r in rows])

    own = s26.inputs(sample, size=32, scales="bulk", epochs=0.0)
    assert height(own.images[:, 1]) == pytest.approx(height(own.images[:, 0]), abs=2)
    shared = s26.inputs(sample, size=32, scales="bulk", shared_scale=True, epochs=0.0)
    assert height(shared.images[:, 0]) == pytest.approx(height(own.images[:, 0]), abs=3)
    assert height(shared.images[:, 1]) == pytest.approx(height(shared.images[:, 0]) / 2, abs=3)


def test_a_band_that_is_missing_is_masked():
    sample = sample_of(lacking=(1, 4))
    x = s26.inputs(sample, size=16, numbers=True)
    assert x.mask[:, 0].tolist() == [1] * 6
    assert x.mask[:, 1].tolist() == [1, 0, 1, 1, 0, 1]
    assert (x.images[[1, 4], 1] == 0).all()
    assert (x.images[:, 0] > 0).any(axis=(1, 2)).all()
    assert set(x.status) == {"ok"}
    # a band that nobody has, between the two
    three = s26.inputs(sample, "period", ["g", "i", "r"], size=16)
    assert three.mask[:, 1].tolist() == [0] * 6
    assert np.array_equal(three.images[:, [0, 2]], x.images)


def test_too_few_points_are_a_missing_band():
    sample = sample_of(2, points=10)
    x = s26.inputs(sample, size=8, min_points=11)
    assert set(x.status) == {"fewer than 11 valid points in every band"}
    assert (x.mask == 0).all()
    assert (x.images == 0).all()


def test_numbers_by_hand():
    t = np.arange(101.0) / 7
    mag = np.linspace(15, 16, 101)  # 2nd, 50th and 98th percentile: 15.02, 15.5, 15.98
    obs = [
        pd.DataFrame({"star_id": "x", "t": t, "mag": m, "err": 0.1, "band": band})
        for m, band in ((mag, "g"), (mag / 2, "r"))
    ]
    x = s26.inputs(make_sample(pd.concat(obs)), 0.7, size=8, numbers=True)
    assert x.numbers.shape == (1, 7)
    expected = [15.5, 7.75, np.log10(0.96), np.log10(0.48)]
    assert x.numbers[0, :4] == pytest.approx(expected, abs=1e-5)
    assert x.numbers[0, 6] == pytest.approx(7.75)
    assert s26.number_names(BANDS) == [
        *("magnitude g", "magnitude r", "log10 range g", "log10 range r"),
        *("log10 amplitude g", "log10 amplitude r", "g - r"),
    ]
    one = s26.inputs(make_sample(obs[1]), 0.7, ["g", "r"], size=8, numbers=True)
    assert np.isnan(one.numbers[0, [0, 2, 4, 6]]).all()
    assert one.numbers[0, [1, 3]] == pytest.approx([7.75, np.log10(0.48)], abs=1e-5)


def test_the_amplitude_is_that_of_the_sine():
    x = s26.inputs(sample_of(3, points=200), size=8, numbers=True)
    assert x.numbers[:, 4] == pytest.approx(np.log10(0.25), abs=1e-3)
    assert x.numbers[:, 5] == pytest.approx(np.log10(0.125), abs=1e-3)


# --- periods ------------------------------------------------------------------------------


def test_each_band_is_folded_with_its_own_period():
    sample = sample_of(3)
    table = pd.DataFrame({"g": [0.5, np.nan, np.nan], "r": [0.6, 0.7, np.nan],
                          "all": [0.4, 0.4, 0.8]}, index=sample.index)  # fmt: skip
    x = s26.inputs(sample, table, size=16, epochs=0.0)
    used = {"g": [0.5, 0.4, 0.8], "r": [0.6, 0.7, 0.8]}
    for b, band in enumerate(BANDS):
        expected = draw(curves_of(sample, band), np.array(used[band]), 0.0, size=16)
        assert np.array_equal(x.images[:, b], expected)
    assert np.isnan(x.periods).tolist() == table.isna().to_numpy().tolist()
    assert x.periods[0] == pytest.approx(np.log10([0.5, 0.6, 0.4]), abs=1e-6)
    # without the last column, a band without a period takes the other's
    two = s26.inputs(sample, table[["g", "r"]], size=16, epochs=0.0)
    expected = draw(curves_of(sample, "g").stars([1]), np.array([0.7]), 0.0, size=16)
    assert np.array_equal(two.images[1, 0], expected[0])
    assert two.status.tolist() == ["ok", "ok", "no period"]


def test_the_table_follows_the_sample():
    sample = sample_of(3)
    table = pd.DataFrame({"g": sample["period"], "r": sample["period"]})
    x = s26.inputs(sample, table.iloc[::-1], size=8)
    assert x.periods[:, 1] == pytest.approx(np.log10(sample["period"].to_numpy()), abs=1e-6)


def test_wrong_periods_are_possible_and_missing_ones_said():
    sample = sample_of(4)
    period = sample["period"].to_numpy() / 2
    half = s26.inputs(sample, period, size=16)
    assert half.periods[:, 0] == pytest.approx(np.log10(period), abs=1e-6)
    period[[0, 1, 2]] = np.nan, 0, -1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        some = s26.inputs(sample, period, size=16)
    assert some.status.tolist() == ["no period"] * 3 + ["ok"]
    assert (some.images[:3] == 0).all()
    assert np.isnan(some.periods[:3]).all()
    withheld = s26.withhold_periods(half)
    assert np.isnan(withheld.periods).all()
    assert withheld.images is half.images


# --- fewer bands --------------------------------------------------------------------------


def test_without_a_band():
    sample = sample_of(4, lacking=(2,))
    table = np.column_stack([sample["period"], sample["period"] * 2])
    x = s26.inputs(sample, table, size=8, numbers=True)
    less = s26.without_band(x, 0)
    assert less.mask[:, 0].tolist() == [0] * 4
    assert (less.images[:, 0] == 0).all()
    assert np.array_equal(less.images[:, 1], x.images[:, 1])
    assert np.isnan(less.periods[:, 0]).all()
    assert np.isnan(less.numbers[:, [0, 2, 4, 6]]).all()
    rest = np.ix_([0, 1, 3], [1, 3, 5])
    assert np.array_equal(less.numbers[rest], x.numbers[rest])
    assert less.status.tolist() == ["ok", "ok", "no other band", "ok"]
    assert (x.mask[:, 0] == 1).all()  # the given inputs stay


def test_one_band_alone():
    sample = sample_of(4, lacking=(2,))
    table = np.column_stack([sample["period"], sample["period"] * 2])
    x = s26.inputs(sample, table, size=8, numbers=True)
    r = s26.only_band(x, 1)
    assert r.images.shape == (4, 1, 8, 8)
    assert r.periods[:, 0] == pytest.approx(np.log10(table[:, 1]), abs=1e-6)
    assert np.array_equal(r.numbers, x.numbers[:, [1, 3, 5]], equal_nan=True)
    assert r.status.tolist() == ["ok", "ok", "no points in the band", "ok"]
    with pytest.raises(ValueError, match=r"band: expected 0 to 1. Received: 2"):
        s26.only_band(x, 2)
    with pytest.raises(ValueError, match=r"band: expected 0 to 1. Received: -1"):
        s26.without_band(x, -1)


# --- parts and copies ---------------------------------------------------------------------


def test_parts_by_star():
    labels = pd.Series(["A"] * 50 + ["B"] * 400, index=[f"s{i}" for i in range(450)])
    plan = s26.plan(labels, {"train": 70, "validation": 30, "test": 10}, seed=3)
    counts = plan.groupby(["part", "label"]).size()
    assert counts.unstack().to_numpy().tolist() == [[10, 10], [70, 70], [30, 30]]
    assert plan.groupby("star_id")["part"].nunique().max() == 1
    assert (labels.iloc[plan["row"]].to_numpy() == plan["label"].to_numpy()).all()
    assert (labels.index[plan["row"]] == plan["star_id"]).all()
    some = plan[plan["label"] == "A"]
    assert some["star_id"].nunique() == 50  # every star of a small class serves
    assert some["copy"].max() >= 1
    assert not plan.duplicated(["star_id", "copy"]).any()
    assert plan.equals(s26.plan(labels, {"train": 70, "validation": 30, "test": 10}, seed=3))


def test_the_papers_numbers():
    assert s26.PARTS["train"] + s26.PARTS["validation"] == 4000
    assert s26.PARTS["train"] / 4000 == 0.7
    assert 5 * s26.PARTS["train"] == 14000
    assert 5 * s26.PARTS["test"] == 2500


def test_copies_have_noise_and_originals_have_not(monkeypatch):
    monkeypatch.setattr(s26, "_CHUNK", 4)
    sample = sample_of(3)
    plan = s26.plan(pd.Series(["A"] * 3, sample.index), {"train": 6, "test": 3}, seed=0)
    x = s26.draw_plan(sample, plan, size=32, scales="bulk", epochs=0.0)
    plain = s26.inputs(sample, size=32, scales="bulk", epochs=0.0)
    for i, row in plan.iterrows():
        same = np.array_equal(x.images[i], plain.images[row["row"]])
        assert same == (row["copy"] == 0)
    assert x.periods[:, 0] == pytest.approx(plain.periods[plan["row"], 0])
    turned = s26.draw_plan(sample, plan, size=32, scales="bulk", epochs=0.0, random_phase=True)
    assert not np.array_equal(turned.images, x.images)
    assert turned.images.sum() == pytest.approx(x.images.sum(), rel=0.1)


# --- training and prediction --------------------------------------------------------------


@pytest.fixture(scope="module")
def two_shapes():
    """Sines and saws in two bands: a network must learn them in a moment."""
    rng = np.random.default_rng(5)
    rows, names = [], []
    for i in range(120):
        kind = i % 2
        period = rng.uniform(0.4, 0.6)
        for band in BANDS:
            t = rng.uniform(0, 50, 60)
            phase = t / period % 1
            mag = 15 + (0.3 * np.cos(2 * np.pi * phase) if kind else 0.6 * phase)
            rows.append(pd.DataFrame({"star_id": i, "t": t, "mag": mag, "err": 0.02, "band": band}))
        names.append({"star_id": i, "label": "sine" if kind else "saw", "period": period})
    sample = make_sample(pd.concat(rows), pd.DataFrame(names))
    x = s26.inputs(sample, size=(16, 32), scales="bulk", cycles=1)
    return x, sample["label"].to_numpy(str)


@pytest.fixture(scope="module")
def trained(two_shapes, tmp_path_factory):
    x, labels = two_shapes
    return s26.fit_network(
        s26.take(x, np.arange(80)), labels[:80], s26.take(x, np.arange(80, 100)), labels[80:100],
        classes=["saw", "sine"], network="s26-light", epochs=25, learning_rate=1e-2,
        options={"filters": (4, 8, 8), "features": 8, "dropout": 0.1}, batch_size=20,
        folder=str(tmp_path_factory.mktemp("state")),
    )  # fmt: skip


def test_it_learns_shapes(two_shapes, trained):
    x, labels = two_shapes
    rest = s26.take(x, np.arange(100, 120))
    guess = np.array(["saw", "sine"])[s26.predict(trained["model"], rest).argmax(axis=1)]
    assert (guess == labels[100:]).mean() >= 0.9
    assert {"accuracy", "loss", "val_accuracy", "val_loss"} <= set(trained["history"].columns)


def test_predictions_of_stars_that_cannot_be_drawn_are_nan(two_shapes, trained):
    x, _ = two_shapes
    some = s26.take(x, np.arange(6))
    some = some._replace(status=np.array(["ok", "ok", "no period", "ok", "ok", "ok"]))
    p = s26.predict(trained["model"], some)
    assert np.isnan(p).any(axis=1).tolist() == [False, False, True, False, False, False]
    assert p[0] == pytest.approx(s26.predict(trained["model"], s26.take(x, np.arange(1)))[0])
    both = s26.predict([trained["model"], trained["model"]], some)
    np.testing.assert_allclose(both, p, atol=1e-6)
    less = s26.predict(trained["model"], s26.without_band(x, 1))
    assert np.isfinite(less).all()


def test_views_by_hand(two_shapes, trained):
    x, _ = two_shapes
    some = s26.take(x, np.arange(5))
    mask = some.mask.copy()
    mask[1, 0] = 0
    some = some._replace(mask=mask, status=np.array(["ok"] * 4 + ["no period"]))
    plain = s26.predict(trained["model"], some)
    views = s26.predict(trained["model"], some, views=True)
    single = [s26.predict(trained["model"], s26.without_band(some, b)) for b in (1, 0)]
    expected = plain[[0, 2, 3]] / 2 + (single[0] + single[1])[[0, 2, 3]] / 4
    np.testing.assert_allclose(views[[0, 2, 3]], expected, atol=1e-6)
    np.testing.assert_allclose(views[1], plain[1], atol=1e-6)  # one band, one view
    assert np.isnan(views[4]).all()
    assert not np.allclose(views[0], plain[0], atol=1e-6)


def test_training_wants_stars_that_can_be_drawn(two_shapes):
    x, labels = two_shapes
    bad = s26.take(x, np.arange(10))
    bad = bad._replace(status=np.array(["no period", *bad.status[1:]]))
    with pytest.raises(ValueError, match=r"Received: 1 that cannot, for example 'no period'"):
        s26.fit_network(bad, labels[:10], bad, labels[:10], classes=["saw", "sine"])


def test_the_network_fits_the_inputs(two_shapes):
    x, _ = two_shapes
    assert s26.options_for(x, ["a", "b", "c"]) == {
        "bands": 2, "n_classes": 3, "n_periods": 1, "size": [16, 32], "channels": 1
    }  # fmt: skip
    paper = s26.compiled("s26", {"bands": 2, "n_periods": 1, "size": 96, "filters": (2, 2, 2, 2)})
    assert float(paper.optimizer.learning_rate) == pytest.approx(2.5e-4)
    assert paper.loss == "categorical_crossentropy"


# --- bad input ----------------------------------------------------------------------------


def test_bad_stars_have_a_reason():
    t = np.linspace(0, 30, 40)
    fine = 15 + np.sin(t)
    curves = {"fine": (t, fine), "two": (t[:2], fine[:2]), "flat": (t, 0 * t + 15),
              "missing": (t, 0 * t + np.nan), "unsorted": (t[::-1], fine[::-1])}  # fmt: skip
    obs = [pd.DataFrame({"star_id": k, "t": a, "mag": b, "err": 0.1, "band": "g"})
           for k, (a, b) in curves.items()]  # fmt: skip
    sample = make_sample(pd.concat(obs), pd.DataFrame({"star_id": [*curves, "empty"]}))
    x = s26.inputs(sample, 0.8, ["g", "r"], size=16, numbers=True, min_points=5)
    few = "fewer than 5 valid points in every band"
    expected = ["ok", few, "constant magnitude", "no valid points", "ok", "no points"]
    assert x.status.tolist() == expected
    assert np.array_equal(x.images[0], x.images[4])
    assert np.isfinite(x.numbers[0, [0, 2, 4]]).all()
    nobody = s26.inputs(sample.iloc[:0], 0.8, ["g", "r"], size=16)
    assert nobody.images.shape == (0, 2, 16, 16)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bands": ["x", "y"]}, r"unknown bands \['x', 'y'\]. Known: \['g', 'r'\]"),
        ({"scales": ["bulk", "up"]}, r"scales: expected some of .* Received: \['up'\]"),
        ({"periods": np.ones((2, 4))}, r"periods: expected 2 rows .* Received: \(2, 4\)"),
        ({"epochs": "middle"}, r"epochs: expected 'max', 'min' or times. Received: 'middle'"),
        ({"periods": "P"}, r"periods: no column 'P'"),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(ValueError, match=message):
        s26.inputs(sample_of(2), **options)


def test_light_curves_instead_of_a_sample():
    sample = sample_of(3)
    from varstar.lightcurves.sample import light_curves

    curves = light_curves(sample)
    assert isinstance(curves, LightCurves)
    a = s26.inputs(curves, sample["period"].to_numpy(), size=8)
    assert np.array_equal(a.images, s26.inputs(sample, size=8).images)


def test_depths_must_fit():
    sample = sample_of(2)
    with pytest.raises(ValueError, match=r"depth: expected 60 values. Received: 3"):
        draw(curves_of(sample, "g"), sample["period"].to_numpy(), depth=np.zeros(3))

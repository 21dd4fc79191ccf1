"""What models see of one star, and what their answers hang on."""

import numpy as np
import pandas as pd
import pytest

import varstar as vs
from varstar.explorer import seen
from varstar.features import FEATURES


@pytest.fixture(scope="module")
def stars():
    rng = np.random.default_rng(0)
    parts = []
    for k in range(14):
        t = np.sort(rng.uniform(0, 120, 150))
        phase = (t / (0.5 + 0.01 * k)) % 1
        mag = 15 - (0.4 + 0.01 * k) * (1 - phase) + 0.01 * rng.standard_normal(150)
        parts.append(pd.DataFrame({"star_id": f"s{k}", "t": t, "mag": mag, "err": 0.02,
                                   "band": "V"}))  # fmt: skip
    return vs.make_sample(pd.concat(parts))


@pytest.fixture(scope="module")
def eyes():
    return seen.Eyes()


def test_an_answer_is_the_front_doors(stars, eyes):
    star = stars.iloc[[0]]
    answer = seen.ask(star, "s20p-catalina", eyes.model("s20p-catalina"), 0.5)
    row = vs.classify(star, "s20p-catalina", periods=0.5).iloc[0]
    assert answer.classes.index[0] == row["label"] == answer.row["label"]
    assert answer.classes.iloc[0] == row["probability"]
    assert answer.classes.is_monotonic_decreasing
    assert answer.row["period"] == 0.5
    assert seen.ask(star, "s20p-catalina", eyes.model("s20p-catalina"), np.nan).row[
        "period_source"
    ] == "found"  # fmt: skip


def test_a_refusal_is_an_answer(stars, eyes):
    bare = seen.ask(stars.iloc[:1].drop(columns="lc"), "any", eyes.model("any"), 0.5)
    assert "nested column 'lc'" in bare.error
    assert not len(bare.classes)


def test_the_image_is_the_networks_and_only_drawn_places_matter(stars, eyes):
    name, model = eyes.of_kind("images", ["any"])
    assert name == "s20p-catalina"
    found = seen.image(name, model, stars.iloc[[0]], 0.5)
    assert found.pixels.shape == (64, 128, 2)
    assert found.status == "ok"
    row = vs.classify(stars.iloc[[0]], name, periods=0.5).iloc[0]
    assert found.label == row["label"]
    assert found.probability == pytest.approx(row["probability"], abs=1e-5)
    assert found.drop.max() > 0
    drawn = found.pixels.reshape(8, 8, 16, 8, 2).any(axis=(1, 3, 4))
    np.testing.assert_array_equal(found.drop.reshape(8, 8, 16, 8)[:, 0, :, 0] != 0, drawn)
    # what a patch hides is what the map says: painted by hand
    r, c = np.unravel_index(found.drop.argmax(), found.drop.shape)
    x, _ = seen._inputs(model, stars.iloc[[0]], 0.5)
    whole = model.predict(x)[0][0]
    x[0][0, r : r + 8, c : c + 8] = 0
    less = model.predict(x)[0][0]
    k = model.classes.index(found.label)
    assert found.drop[r, c] == pytest.approx(whole[k] - less[k], abs=1e-5)


def test_no_image_says_why(stars, eyes):
    model = eyes.model("s20p-catalina")
    assert seen.image("m", model, stars.iloc[[0]], np.nan).status == "no period"
    few = vs.light_curve([1.0, 2.0, 3.0], [15.0, 15.1, 15.2])
    assert seen.image("m", model, few, 0.5).status == "fewer than 20 valid points"
    assert seen.sequence(few, 0.5)[2] == "fewer than 20 valid points"
    assert seen.sequence(few, np.nan)[2] == "no period"
    assert len(seen.without_each(eyes.model("k21-asas"), few, 0.5)[0]) == 0


def test_the_sequence_is_in_order_of_phase(stars):
    phase, x, status = seen.sequence(stars.iloc[[0]], 0.5)
    assert status == "ok"
    assert 60 <= len(phase) <= 128
    assert (np.diff(phase) >= 0).all()
    assert phase[-1] < 1
    assert x.mean() == pytest.approx(0, abs=1e-5)
    assert x.std() == pytest.approx(1, abs=1e-4)


def test_two_bands_stand_beside_each_other(eyes):
    sample = vs.load("sim-eros2", size=6, seed=3)
    model = eyes.model("s26-eros2")
    told = vs.classify(sample, "s26-eros2", periods=sample["period"])
    both = (told["bands_used"] == "B,R") & (sample["period"] > 0)
    star = sample[both.to_numpy()].iloc[[0]]
    period = float(star["period"].iloc[0])
    found = seen.image("s26-eros2", model, star, period)
    assert found.status == "ok"
    rows, columns = np.broadcast_to(model.card["inputs"]["images"]["size"], 2)
    assert found.pixels.shape == (rows, columns, 4)  # two bands, each at P and 2 P
    row = vs.classify(star, "s26-eros2", periods=period).iloc[0]
    assert found.label == row["label"]
    assert found.probability == pytest.approx(row["probability"], abs=1e-5)
    # the channels of a band are those of the network's branch
    x, _ = seen._inputs(model, star, period)
    np.testing.assert_array_equal(found.pixels[..., :2], x.images[0, 0])
    np.testing.assert_array_equal(found.pixels[..., 2:], x.images[0, 1])
    again = seen._with_drawn(x, seen._drawn(x))
    np.testing.assert_array_equal(again.images, x.images)


def test_catch22_among_a_class(stars):
    periods = 0.5 + 0.01 * np.arange(14)
    others = seen.reference(stars, periods, np.arange(14), "catch22")
    assert len(others.columns) == 22
    own = vs.catch22_features(stars.iloc[[3]], series="folded", periods=[0.53])
    table = seen.against(own.iloc[0], others)
    for name in others.columns:
        assert table.loc[name, "value"] == pytest.approx(others[name].iloc[3], rel=1e-9)
    assert list(seen.reference(stars, periods, np.array([], int), "catch22").columns) == list(
        others.columns
    )


def test_what_catch22_hangs_on(stars, eyes):
    name, model = eyes.of_kind("numbers", ["sm-asas"])
    assert name == "sm-asas"
    drop, label = seen.without_each(model, stars.iloc[[0]], np.nan)
    assert label == vs.classify(stars.iloc[[0]], name).iloc[0]["label"]
    assert 0 < len(drop) <= 16
    assert set(drop.index) <= set(model.card["columns"])


def test_a_star_among_its_class(stars):
    periods = 0.5 + 0.01 * np.arange(14)
    others = seen.reference(stars, periods, np.arange(14))
    assert list(others.columns) == FEATURES
    assert len(others) == 14
    table = seen.against(others.iloc[0], others)
    assert table.loc["period", "below"] == 0
    assert table.loc["period", "value"] == pytest.approx(0.5)
    # 0.50 ... 0.63: median 0.565, quartiles 0.5325 and 0.5975
    assert table.loc["period", "place"] == pytest.approx((0.5 - 0.565) / 0.0325)
    assert table.loc["period", "q25"] == pytest.approx(-1)
    assert table.loc["amplitude", "below"] < 30
    assert seen.against(others.iloc[0], others.iloc[:9])["place"].isna().all()
    periods[3:] = np.nan
    assert len(seen.reference(stars, periods, np.arange(14))) == 3
    assert len(seen.reference(stars, periods, np.array([5, 6]))) == 0


def test_what_a_feature_model_hangs_on(stars, eyes):
    name, model = eyes.of_kind("numbers", ["s20p-catalina", "k21-lmc"])
    assert name == "k21-lmc"
    drop, label = seen.without_each(model, stars.iloc[[0]], np.nan)
    row = vs.classify(stars.iloc[[0]], name).iloc[0]
    assert label == row["label"]
    assert list(drop.index) == FEATURES
    assert drop.abs().max() > 0.01
    table, _ = seen._inputs(model, stars.iloc[[0]], np.nan)
    table["period"] = np.nan
    less = model.predict(table)[0][0, model.classes.index(label)]
    assert drop["period"] == pytest.approx(row["probability"] - less, abs=1e-5)

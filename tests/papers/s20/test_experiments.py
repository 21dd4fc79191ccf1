import numpy as np
import pandas as pd
import pytest

import varstar as vs
from varstar.lightcurves import augment
from varstar.lightcurves.sample import LightCurves, light_curves, nest
from varstar.papers.s20 import experiments as s20


@pytest.fixture(scope="module")
def sample():
    return vs.load("sim-ogle3", bands="I", size=120, seed=4)


def test_usable_stars_have_a_class_a_period_and_points(sample):
    kept, left_out = s20.usable(sample, "sim-ogle3")
    assert set(kept["s20_class"]) <= set(s20.CLASSES)
    assert kept["s20_class"].notna().all()
    assert len(kept) + left_out["stars"].sum() == len(sample)


def test_what_is_left_out_says_why(sample):
    some = sample.iloc[:8].copy()
    some["label"] = ["RRab", "RRab", "RRab", "RRab", "CEP F", "RRab", "RRab", "nonsense"]
    some["period"] = [0.5, 0.0, np.nan, -1.0, 3.0, 0.5, 0.5, 0.5]
    curves = light_curves(some)
    mag = curves.mag.copy()
    mag[curves.star == 5] = np.nan
    mag[curves.star == 6] = 15.0
    broken = nest(curves._replace(mag=mag), some.drop(columns="lc"))
    kept, left_out = s20.usable(broken, "sim-ogle3")
    assert kept.index.tolist() == [some.index[0]]
    assert dict(zip(left_out["reason"], left_out["stars"], strict=True)) == {
        "no period": 3,
        "no class of S20": 2,
        "no valid points": 1,
        "constant magnitude": 1,
    }


def test_copy_0_is_drawn_as_measured(sample):
    kept, _ = s20.usable(sample, "sim-ogle3")
    plan = augment.plan_copies(kept["s20_class"], 30, seed=1)
    images = s20.draw_copies(kept, plan, size=32, seed=2)
    assert images.shape == (len(plan), 32, 32)
    assert images.dtype == np.uint8
    measured = vs.fold_images(kept, 32)
    first = (plan["copy"] == 0).to_numpy()
    assert first.any()
    assert not first.all()
    assert np.array_equal(images[first], measured[plan["row"][first]])
    changed = (images[~first] != measured[plan["row"][~first]]).any(axis=(1, 2))
    assert changed.mean() > 0.95


@pytest.mark.parametrize("epochs", ["t0", "max", 0.3])
def test_epochs_are_those_of_fold_images(sample, epochs):
    kept, _ = s20.usable(sample, "sim-ogle3")
    plan = pd.DataFrame({"row": np.arange(len(kept)), "copy": 0})
    images = s20.draw_copies(kept, plan, size=32, scale="star", epochs=epochs)
    assert np.array_equal(images, vs.fold_images(kept, 32, scale="star", epochs=epochs))


def test_the_seed_decides_the_noise_also_beyond_a_chunk(sample, monkeypatch):
    monkeypatch.setattr(s20, "_CHUNK", 7)
    kept, _ = s20.usable(sample, "sim-ogle3")
    plan = pd.DataFrame({"row": np.zeros(20, int), "copy": 1})
    first, again, other = (s20.draw_copies(kept, plan, size=32, seed=s) for s in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert len(np.unique(first, axis=0)) == 20  # no noise is used twice


def test_copies_that_cannot_be(sample):
    kept, _ = s20.usable(sample, "sim-ogle3")
    plan = pd.DataFrame({"row": [0, 1], "copy": [0, 1]})
    no_period = kept.assign(period=np.nan)
    with pytest.raises(ValueError, match=r"stars that can be folded.*Received: \['"):
        s20.draw_copies(no_period, plan)
    curves = light_curves(kept)
    no_errors = nest(curves._replace(err=0 * curves.err), kept.drop(columns="lc"))
    with pytest.raises(ValueError, match=r"noise copies need measured errors. Received: 1 stars"):
        s20.draw_copies(no_errors, plan)
    assert len(s20.draw_copies(no_errors, plan.iloc[:1], size=16)) == 1  # none is needed here


def test_forest_parameters_of_a_known_curve():
    # A1 = 0.3, A2 = 0.12: R21 = 0.4.
    t = np.sort(np.random.default_rng(0).uniform(0, 100, 300))
    x = 2 * np.pi * t / 0.7
    mag = 16 + 0.3 * np.cos(x) + 0.12 * np.cos(2 * x + 1.0)
    curves = LightCurves(t, mag, np.full(300, 0.01), np.zeros(300, np.int8), np.array([0, 300]),
                         ("I",))  # fmt: skip
    sample = nest(curves, pd.DataFrame({"star_id": ["a"], "period": [0.7]}))
    table = s20.forest_parameters(sample)
    assert table.columns.tolist() == ["amplitude", "r21", "phi21"]
    assert table["r21"].iloc[0] == pytest.approx(0.4, abs=1e-3)


# --- the network ------------------------------------------------------------------------

SMALL = {"input_shape": [16, 16, 1], "n_classes": 2, "filters": [4], "kernels": [3], "dense": [8]}


def pictures(n=64):
    """Class A: a dot in the upper half; class B: in the lower."""
    rng = np.random.default_rng(0)
    images = np.zeros((n, 16, 16), np.uint8)
    lower = np.arange(n) % 2 == 1
    images[np.arange(n), rng.integers(0, 8, n) + 8 * lower, rng.integers(0, 16, n)] = 255
    return images, np.where(lower, "B", "A")


def test_the_network_learns_repeats_itself_and_resumes(tmp_path):
    x, y = pictures()
    options = dict(options=SMALL, classes=["A", "B"], learning_rate=0.02, batch_size=16, seed=5)
    first = s20.fit_network(x, y, x[:32], y[:32], epochs=12, **options)
    probability = s20.predict(first["model"], x, batch_size=10)
    assert probability.shape == (64, 2)
    assert probability.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert (np.array(["A", "B"])[probability.argmax(axis=1)] == y).mean() > 0.95
    s20.fit_network(x, y, x[:32], y[:32], epochs=4, folder=tmp_path, **options)
    again = s20.fit_network(x, y, x[:32], y[:32], epochs=12, folder=tmp_path, **options)
    assert again["history"].equals(first["history"])
    assert np.array_equal(s20.predict(again["model"], x, batch_size=10), probability)


def test_grey_pictures_go_into_three_channels():
    model = s20.compiled("s20-64", {"input_shape": [64, 64, 3], "filters": [2, 2, 2, 2]})
    images = np.zeros((3, 64, 64), np.uint8)
    assert s20.predict(model, images).shape == (3, 5)
    assert float(model.optimizer.learning_rate.numpy()) == pytest.approx(1e-6)  # the paper's
    assert model.loss == "categorical_crossentropy"


def test_optimizers():
    for name in ("adam", "rmsprop", "sgd"):
        model = s20.compiled("s20", {**SMALL, "n_classes": 5}, optimizer=name)
        assert type(model.optimizer).__name__.lower() == name
    with pytest.raises(ValueError, match=r"optimizer: expected one of \['adam', .*Received: lion"):
        s20.compiled("s20", SMALL, optimizer="lion")


def test_labels_that_are_no_class():
    x, y = pictures(8)
    with pytest.raises(ValueError, match=r"labels: \['B'\] are not among the classes"):
        s20.fit_network(x, y, x, y, options={**SMALL, "n_classes": 1}, classes=["A"], epochs=1)

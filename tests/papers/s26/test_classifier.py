"""Several bands through the front door: the way, not the quality."""

import warnings

import numpy as np
import pandas as pd
import pytest

import varstar as vs
from varstar import make_sample
from varstar.lightcurves.sample import LightCurves, light_curves
from varstar.models import store
from varstar.papers.s26 import inputs as s26
from varstar.papers.s26.classifier import MultibandClassifier, own_bands

CARD = {
    "classes": ["sharp", "smeared"],
    "inputs": {
        "bands": ["B", "R"],
        "aliases": {"B": ["B_E"], "R": ["R_E"]},
        "images": {"size": [16, 32], "scales": ["bulk"], "cycles": 1, "min_points": 10},
        "numbers": True,
    },
}
PERIOD = 0.5678


class Sharpness:
    """A network that is the surer of "sharp" the fewer pixels are white; any band will do."""

    class Output:
        shape = (None, 2)

    def __init__(self):
        self.outputs = [self.Output]
        self.inputs = [
            type("Input", (), {"name": n, "shape": (None,) * (4 if n == "images" else 2)})
            for n in s26.Inputs._fields[:4]
        ]
        self.seen = []

    def predict_on_batch(self, x):
        images, mask, periods, numbers = x
        self.seen.append((mask, periods, numbers))
        white = images.mean(axis=(2, 3)) / 255
        share = (white * mask).sum(axis=1) / np.maximum(mask.sum(axis=1), 1)
        sharp = np.clip(1.0 - 2 * share, 0, 1)
        return np.column_stack([sharp, 1 - sharp])


def observations(star, bands=("B", "R"), n=120, seed=0, period=PERIOD):
    rng = np.random.default_rng(seed)
    parts = []
    for k, band in enumerate(bands):
        t = np.sort(rng.uniform(0, 200, n))
        mag = 18 - k + 0.3 * np.cos(2 * np.pi * t / period) + rng.normal(0, 0.01, n)
        parts.append(pd.DataFrame({"star_id": star, "t": t, "mag": mag, "err": 0.01, "band": band}))
    return pd.concat(parts)


def curves_of(*bands):
    n = 2 * len(bands)
    band = np.repeat(np.arange(len(bands)), 2).astype(np.int8)
    offsets = np.array([0, n])
    return LightCurves(np.arange(1.0 * n), np.full(n, 15.0), np.full(n, 0.1), band, offsets, bands)


# --- which measurements -------------------------------------------------------------------


def test_the_models_bands_by_any_name():
    for names in (("B", "R"), ("B_E", "R_E"), ("R", "I", "B_E")):
        own, used = own_bands(curves_of(*names), CARD)
        assert own.bands == ("B", "R")
        assert len(own.t) == 4
        assert used.tolist() == [""]
    own, _ = own_bands(curves_of("R", "I", "B_E"), CARD)
    assert own.band.tolist() == [1, 1, 0, 0]
    assert own.t.tolist() == [0, 1, 4, 5]


def test_bands_can_be_chosen():
    curves = curves_of("B", "R", "I")
    assert own_bands(curves, CARD, ["R"])[0].band.tolist() == [1, 1]
    assert own_bands(curves, CARD, ["R", "B"])[0].band.tolist() == [0, 0, 1, 1]
    # other names take the places in the order given
    other, _ = own_bands(curves_of("V", "I"), CARD, ["I", "V"])
    assert other.band.tolist() == [1, 1, 0, 0]


def test_a_star_without_a_band_of_the_model_has_its_main_one_and_that_is_said():
    with pytest.warns(UserWarning, match=r"1 stars have none of the model's bands \['B', 'R'\]"):
        own, used = own_bands(curves_of("V"), CARD)
    assert own.bands == ("B", "R")
    assert own.band.tolist() == [0, 0]
    assert used.tolist() == ["V"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        own_bands(curves_of("B"), CARD)
        own_bands(curves_of("V"), CARD, ["V"])


@pytest.mark.parametrize(
    ("names", "bands", "message"),
    [
        (("B", "R"), "I", r"unknown band \['I'\]. Known: \['B', 'R'\]"),
        (("B", "I"), ["B", "I"], r"bands: the model has .* Received: \['I'\]"),
        (("u", "g", "i"), ["u", "g", "i"], r"bands: expected at most 2"),
    ],
)
def test_bands_that_make_no_sense(names, bands, message):
    with pytest.raises(ValueError, match=message):
        own_bands(curves_of(*names), CARD, [bands] if isinstance(bands, str) else bands)


# --- probabilities ------------------------------------------------------------------------


def test_each_star_by_the_bands_it_has(monkeypatch):
    monkeypatch.setattr("varstar.models.classifier.CHUNK", 2)
    t = np.arange(30.0)
    flat = pd.DataFrame({"star_id": "flat", "t": t, "mag": 0 * t + 15, "err": 0.1, "band": "B"})
    other = observations("other band", ["I"])
    few = observations("few", n=8)
    sample = make_sample(
        pd.concat([observations("both"), observations("blue", ["B"]), observations("red", ["R"]),
                   flat, other, few, observations("no period")]),
    )  # fmt: skip
    periods = np.array([PERIOD] * 6 + [np.nan])
    network = Sharpness()
    with pytest.warns(UserWarning, match="1 stars have none of the model's bands"):
        table = MultibandClassifier(CARD, [network]).classify(sample, periods=periods)
    assert table["bands_used"].tolist() == ["B,R", "B", "R", "", "I", "", "B,R"]
    assert table["status"].tolist() == [
        *("ok", "ok", "ok", "constant magnitude", "ok"),
        *("fewer than 10 valid points in every band", "ok"),
    ]
    answered = table[CARD["classes"]].notna().all(axis=1)
    assert answered.tolist() == [True] * 3 + [False, True, False, True]
    mask = np.concatenate([m[:1] if k else m[:2] for k, (m, _, _) in enumerate(network.seen)])
    assert mask.tolist() == [[1, 1], [1, 0], [0, 1], [1, 0], [1, 1]]
    numbers = network.seen[0][2]
    assert np.isnan(numbers[:2]).sum(axis=1).tolist() == [0, 4]
    assert numbers[0, 6] == pytest.approx(1.0, abs=0.1)  # the colour


# --- periods ------------------------------------------------------------------------------


def test_found_periods_are_preferred_to_given_ones():
    alias = 1 / (1 / PERIOD - 1.0027)
    noise = observations("noise", n=12, seed=4)
    noise["mag"] = 18 + np.random.default_rng(0).normal(0, 0.3, 24)
    sample = make_sample(
        pd.concat([observations("good", seed=1), observations("alias", seed=2),
                   observations("none", seed=3), noise])
    )  # fmt: skip
    given = np.array([PERIOD, alias, np.nan, 0.9])
    table = MultibandClassifier(CARD, [Sharpness()]).classify(sample, periods=given)
    assert table["period"].to_numpy()[:3] == pytest.approx(PERIOD, rel=1e-4)
    assert table["period"].iloc[3] == 0.9  # nothing significant in noise
    assert table["period_source"].tolist() == ["found", "found", "found", "given"]


# --- the shipped model --------------------------------------------------------------------

shipped = pytest.mark.skipif("s26-eros2" not in store.available(), reason="not trained yet")


@shipped
def test_the_card_says_what_it_is():
    card = store.card("s26-eros2")
    lmc = store.card("k21-lmc")
    assert set(card["classes"]) == set(lmc["classes"]) - {"RRL RRab"}
    options = card["network"]["options"]
    assert options["bands"] == len(card["inputs"]["bands"]) == 2
    assert options["n_numbers"] == len(card["inputs"]["number_names"]) == 7
    assert options["n_classes"] == len(card["classes"])
    assert set(card["training"]["stars"]) == set(card["classes"]) == set(card["scores"]["by_class"])
    assert sum(store.file("s26-eros2", f).stat().st_size for f in card["files"]) < 1.05e6


@shipped
def test_two_bands_beat_one_and_the_network_the_forest():
    scores = store.card("s26-eros2")["scores"]
    for key in ("mc", "macro_f1"):
        for other in ("B", "R", "forest B", "forest B,R"):
            mean, sem = scores["differences (mean, SEM over folds)"][f"B,R - {other}"][key]
            assert mean > 2 * sem > 0
            assert scores["B,R"][key] > scores[other][key]
    assert scores["B,R"]["mc"] > 0.924  # a forest on sixteen features, nine classes, one band


@shipped
def test_simulated_stars_with_both_bands_and_with_one():
    sample = vs.load("sim-eros2", size=60, seed=2, classes="nine")
    sample = sample[(sample["label"] != "RRL RRab").to_numpy()]
    classes = store.card("s26-eros2")["classes"]
    table = vs.classify(sample, model="s26-eros2")
    known = (table["status"] == "ok").to_numpy()
    assert known.mean() > 0.9
    assert set(table["bands_used"][known]) <= {"B,R", "B", "R"}
    assert (table["bands_used"] == "B,R").mean() > 0.8
    assert np.isfinite(table.loc[known, [*classes, "probability", "period"]]).all(axis=None)
    guess, truth = (
        x[known].str.split().str[0].to_numpy() for x in (table["label"], sample["label"])
    )
    assert (guess == truth).mean() > 0.7  # CEPH, EB, RRL
    one = vs.classify(sample.drop(columns="period"), model="s26-eros2", bands="B_E")
    assert set(one["bands_used"]) <= {"B", ""}
    assert set(one["period_source"]) <= {"found", "none"}
    assert (one["status"] == "ok").mean() > 0.9


@pytest.mark.real
@shipped
def test_real_stars_through_the_front_door(real_data):
    """Stars it learned from: the way from light curves to classes, not the quality."""
    sample = vs.load("eros2_lmc_upsilon", root=real_data, size=400, seed=1)
    sample = sample[sample["label"].isin(store.card("s26-eros2")["classes"]).to_numpy()]
    from varstar.learning import evaluate

    found = vs.classify(sample.drop(columns="period"), model="s26-eros2")
    assert set(found["status"]) == {"ok"}
    assert set(found["bands_used"]) == {"B,R"}
    assert evaluate.mc(sample["label"], found["label"]) > 0.93
    given = vs.classify(sample, model="s26-eros2")
    assert evaluate.mc(sample["label"], given["label"]) > 0.92
    curves = light_curves(sample)
    assert set(curves.bands) == {"B", "R"}
    one = vs.classify(sample.drop(columns="period"), model="s26-eros2", bands="B")
    assert set(one["bands_used"]) == {"B"}
    assert evaluate.mc(sample["label"], one["label"]) > 0.9

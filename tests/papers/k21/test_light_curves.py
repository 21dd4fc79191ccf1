"""The trained k21-* models behind `varstar.classify`."""

import warnings

import numpy as np
import pandas as pd
import pytest

import varstar as vs
from varstar.features import FEATURES
from varstar.learning import evaluate
from varstar.models import store
from varstar.papers.k21.light_curves import FeatureClassifier

NAMES = [n for n in store.available() if n.startswith("k21-")]
#: What a forest on these features reaches on stars not seen: Mc, macro F1.
ANCHORS = {"k21-asas": (0.959, 0.893), "k21-lmc": (0.924, 0.865)}


def test_they_are_there():
    assert {"k21-asas", "k21-hipparcos", "k21-lmc"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_card_says_what_it_is(name):
    card = store.card(name)
    assert card["inputs"]["features"] == FEATURES
    assert len(card["classes"]) == card["network"]["options"]["n_classes"]
    assert len(card["scalings"]) == sum(f.endswith(".weights.h5") for f in card["files"])
    assert set(card["scores"]["by_class"]) == set(card["classes"]) == set(card["training"]["stars"])
    kind = "simulated" if name == "k21-sim" else "real"
    assert card["training"]["kind"] == kind
    for who in ("network", "trees", "both"):
        assert 0.5 < card["scores"][who]["mc"] < 1


@pytest.mark.parametrize("name", ANCHORS)
def test_out_of_fold_scores_beat_the_anchors(name):
    both = store.card(name)["scores"]["both"]
    mc, f1 = ANCHORS[name]
    assert both["mc"] > mc
    assert both["macro_f1"] > f1


@pytest.fixture(scope="module")
def answer():
    sample = vs.load("sim-asas", size=60, seed=3, classes="seven")
    return sample, vs.classify(sample, model="k21-asas")


def test_simulated_stars_get_their_class(answer):
    sample, table = answer
    classes = store.card("k21-asas")["classes"]
    assert (table["status"] == "ok").all()
    assert table[classes].sum(axis=1).to_numpy() == pytest.approx(np.ones(60), abs=1e-3)
    assert (table["label"] == sample["label"]).mean() > 0.7
    assert (table["out_of_range"] <= 16).all()
    assert (table["period"] > 0).all()
    assert set(table["period_source"]) == {"found"}


def test_bad_stars_have_a_reason_and_no_label():
    t = np.linspace(0, 300, 40)
    rows = [("two", t[:2], [12.0, 12.5]), ("flat", t, np.full(40, 12.0)),
            ("missing", t, np.full(40, 99.999)), ("few", t[:5], 12 + np.sin(t[:5])),
            ("ten", t[:10], 12 + np.sin(t[:10])),
            ("night", t / 1000, 12 + np.sin(t))]  # fmt: skip
    observations = pd.concat(
        pd.DataFrame({"star_id": name, "t": x, "mag": m, "err": 0.05, "band": "V"})
        for name, x, m in rows
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        table = vs.classify(vs.make_sample(observations), model="k21-asas")
    assert table["label"].isna().tolist() == [True, True, True, True, False, False]
    classes = store.card("k21-asas")["classes"]
    assert table.loc[["ten", "night"], classes].notna().all(axis=None)
    assert table.loc["ten", "out_of_range"] > 0
    assert (table["status"][:4] != "ok").all()
    assert table.loc["few", "status"] == "fewer than 10 valid points"


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "survey"), [("k21-asas", "asas_acvs"), ("k21-lmc", "eros2_lmc_upsilon")]
)
def test_real_stars_through_the_front_door(real_data, name, survey):
    """Stars it learned from: the way from light curves to classes, not the quality."""
    sample = vs.load(survey, root=real_data, size=150, seed=1)
    sample = sample[sample["label"].isin(store.card(name)["classes"]).to_numpy()]
    table = vs.classify(sample, model=name)
    assert evaluate.mc(sample["label"], table["label"]) > 0.93


def test_a_gap_in_phase_leaves_the_other_features():
    from varstar.features.fourier import UNDETERMINED
    from varstar.features.shape import all_features
    from varstar.lightcurves.sample import light_curves

    rng = np.random.default_rng(0)
    t = np.sort(np.r_[rng.uniform(0, 0.3, 10), 1 + rng.uniform(0, 0.3, 10)])  # phases 0 to 0.3
    mag = 12 + 0.2 * rng.normal(size=20)
    sample = vs.make_sample(
        pd.DataFrame({"star_id": "s", "t": t, "mag": mag, "err": 0.01, "band": "V"})
    )
    curves = light_curves(sample)
    found = vs.find_periods(curves, weighted=False).assign(period=1.0)
    assert all_features(curves, found)["status"].tolist() == [UNDETERMINED]
    model = FeatureClassifier.load("k21-asas")
    x, status = model.inputs(curves, found)
    assert list(status) == ["ok"]
    probability, more = model.predict(x)
    assert probability.sum() == pytest.approx(1)
    assert more["out_of_range"][0] >= 4  # the Fourier features are missing

"""The card that the recipe of s26-eros2 writes."""

import numpy as np
import pandas as pd
import pytest

import varstar as vs
from varstar.lightcurves.sample import light_curves
from varstar.models import store
from varstar.papers.s26.card import card
from varstar.papers.s26.renders import CLASSES


@pytest.fixture(scope="module")
def curves():
    """A star a class, five points in B and seven in R."""
    rows = {"t": np.arange(12.0), "mag": 18.0, "err": 0.1, "band": ["B"] * 5 + ["R"] * 7}
    stars = [pd.DataFrame({"star_id": c, **rows}) for c in CLASSES]
    return light_curves(vs.make_sample(pd.concat(stars)))


def test_card_is_the_shipped_one(curves):
    shipped = store.card("s26-eros2")
    names = ("epochs", "learning_rate", "batch_size", "single", "networks_of_one_band", "copies",
             "given", "folds", "members", "seed")  # fmt: skip
    settings = {k: shipped["training"][k] for k in names}
    judged = np.arange(8) < 6
    p = np.eye(8)[:6]
    made = card({"B": 1}, p, curves, np.array(CLASSES), judged, np.full(8, 2.0), {}, settings)
    for key in ("paper", "about", "classes"):
        assert made[key] == shipped[key]
    assert made["inputs"].items() <= shipped["inputs"].items()
    assert set(made["limits"]) <= set(shipped["limits"])
    assert list(made["training"]) == list(shipped["training"])
    assert made["training"]["stars"] == dict.fromkeys(CLASSES, 1)
    assert made["scores"]["test"] == shipped["scores"]["test"]
    assert made["scores"]["stars"] == 6
    assert made["scores"]["B"] == 1
    assert made["ranges"] == {"period [d]": [2, 2], "points B": [5, 5], "points R": [7, 7]}

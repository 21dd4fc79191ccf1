"""The card that the recipe of ts19-catalina writes."""

import numpy as np

from varstar.models import store
from varstar.papers.ts19.card import card


def test_card_is_the_shipped_one():
    shipped = store.card("ts19-catalina")
    classes = shipped["classes"]
    labels = np.array([*classes, classes[0], "LPV", "LPV"], object)
    judged = np.arange(len(classes) + 1)
    made = card({}, labels, judged, classes, shipped["network"]["options"], [0.5], {}, 0)
    assert made["training"]["stars"] == {c: 1 + (c == classes[0]) for c in classes}
    assert made["training"]["never learned from"]["LPV"] == 2
    for key in ("paper", "about", "network", "novelty", "limits"):
        assert made[key] == shipped[key]
    assert list(made["training"]) == list(shipped["training"])
    for key in ("survey", "citation", "recipe", "folds", "drawn", "autoencoder", "trees"):
        assert made["training"][key] == shipped["training"][key]


def test_card_holds_the_scores_that_are_still_to_come():
    scores = {}
    made = card(scores, np.array(["EA"], object), np.array([0]), ["EA"], {}, [], {}, 0)
    scores["north"] = 1
    assert made["scores"] == {"north": 1}

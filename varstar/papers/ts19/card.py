"""The card of ``ts19-catalina``: what the model says of itself."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from varstar.features import FEATURES
from varstar.papers.ts19.classifier import PARTS
from varstar.papers.ts19.judging import N_FOLDS, NOVEL, SHIPPED, SURVEY
from varstar.papers.ts19.parts import (
    DRAWN,
    FOREST,
    FOREST_STARS,
    INPUTS,
    ISOLATION,
    PERCENTILE,
    TRAINING,
    TREES,
)

NOVELTY = {
    "score": SHIPPED,
    "percentile": PERCENTILE,
    "parts": PARTS,
    "what": "sum of -log of the share of known stars, not learned from, that fit their "
    "best class worse, that leave a forest in more doubt, that an isolation forest parts "
    "sooner",
    "chosen": "by leaving out known classes and groups of them. A first choice, by single "
    "classes alone (where misfit + doubt leads), had been seen on the novel classes and "
    "on the North, where it lost to the isolation forest on long-period variables; the "
    "groups were added after that, so those two tests are not entirely blind",
}
LIMITS = [
    "A novel star that looks like a known class (a Blazhko star like an RRab) is found "
    "barely better than by chance; see the scores by class.",
    "A known star folded with a wrong period looks novel.",
    "Of known stars of this survey five in a hundred are called novel by construction, of "
    "another survey's more (see the scores on the North).",
    "The labels are the survey's own, with its errors.",
]


def card(
    scores: dict[str, Any],
    labels: np.ndarray,
    judged: np.ndarray,
    classes: list[str],
    network: Mapping[str, Any],
    losses: Sequence[float],
    ranges: Mapping[str, list[float]],
    seed: int,
) -> dict[str, Any]:
    """The whole card; it holds `scores` itself, not a copy.

    Parameters
    ----------
    scores : dict
    labels : ndarray of object, shape (n_stars,)
    judged : ndarray of int
        Rows of the known stars that are judged.
    classes : list of str
    network : mapping
        Options of the network.
    losses : sequence of float
        Last loss of each autoencoder.
    ranges : mapping
    seed : int
    """
    return {
        "paper": "TS19",
        "about": "Three recurrent autoencoders of TS19, half as wide, on folded sequences; their "
        "learned features and K21's sixteen into boosted trees, and a novelty score",
        "classes": classes,
        "inputs": {
            **INPUTS,
            "variability": FEATURES,
            "period": True,
            "min_points": INPUTS["minimum"],
            "period_policy": "given",
        },
        "network": {"name": "ts19", "options": dict(network)},
        "novelty": NOVELTY,
        "training": {
            "survey": SURVEY,
            "kind": "real",
            "citation": "Drake et al. 2017, MNRAS 469, 3688",
            "stars": {c: int((labels[judged] == c).sum()) for c in classes},
            "never learned from": {c: int((labels == c).sum()) for c in NOVEL},
            "recipe": "python -m varstar train ts19-catalina",
            "folds": N_FOLDS, "seed": seed, "drawn": DRAWN, "autoencoder": TRAINING,
            "final loss of the autoencoders": [round(v, 4) for v in losses],
            "trees": TREES, "forest": {**FOREST, "stars a class": FOREST_STARS},
            "isolation": ISOLATION,
        },
        "ranges": dict(ranges),
        "scores": scores,
        "limits": LIMITS,
    }  # fmt: skip

"""The card of ``s26-eros2``: what the model says of itself."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from varstar.lightcurves.sample import LightCurves, select_bands
from varstar.models import training_card
from varstar.papers.s26.inputs import number_names
from varstar.papers.s26.renders import BANDS, CLASSES, IMAGES, SURVEY

#: How the card tells it.
PERIODS = (
    "found in both bands together, when classifying; a given one serves where none is found that "
    "is significant"
)
LIMITS = [
    "Every star gets one of these classes, whatever it is; RRab are not among them.",
    "Magnitudes and colours are those of stars in the LMC seen by EROS-2: elsewhere they mislead.",
    "The catalogue's periods of nearly all RRe and some RRc are one-day aliases.",
    "The labels are the survey's own, with its errors.",
    "Its recipe was tuned on one of the folds that are judged: on stars of the survey that were "
    "kept apart from all development Mc is .920, and two bands are worth .002 over one.",
]


def card(
    scores: Mapping[str, Any],
    probability: np.ndarray,
    curves: LightCurves,
    labels: np.ndarray,
    judged: np.ndarray,
    periods: np.ndarray,
    options: Mapping[str, Any],
    settings: Mapping[str, Any],
) -> dict[str, Any]:
    """The whole card.

    Parameters
    ----------
    scores : mapping
        What is measured out of fold, by answer.
    probability : ndarray, shape (n_judged, n_classes)
        Answers of the networks of both bands.
    curves : LightCurves
    labels : ndarray of str, shape (n_stars,)
    judged : ndarray of bool, shape (n_stars,)
        Stars that a network judges.
    periods : ndarray, shape (n_stars,)
        Periods found [d].
    options : mapping
        Of the network.
    settings : mapping
        Of the training; with ``folds`` and ``members``.
    """
    return {
        "paper": "S26",
        "about": "Folded light curves in two bands as images, and the period; "
        f"{settings['members']} networks, mean of their probabilities; learned from EROS-2 LMC, "
        "B_E and R_E (Tisserand et al. 2007; Kim et al. 2014)",
        "classes": CLASSES,
        "inputs": _inputs(),
        "network": {"name": "s26-light", "options": dict(options)},
        "training": _training(labels, settings),
        "ranges": _ranges(curves, periods),
        "scores": _scores(scores, probability, labels[judged], settings),
        "limits": LIMITS,
    }


def _inputs() -> dict[str, Any]:
    return {
        "bands": BANDS,
        "aliases": {"B": ["B_E"], "R": ["R_E"]},
        "images": IMAGES,
        "numbers": True,
        "number_names": number_names(BANDS),
        "find_periods": False,
        "period_policy": "checked",
        "periods": PERIODS,
    }


def _training(labels: np.ndarray, settings: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "survey": SURVEY,
        "kind": "real",
        "citation": "Tisserand et al. 2007, A&A 469, 387; Kim et al. 2014, A&A 566, A43",
        "stars": {c: int((labels == c).sum()) for c in CLASSES},
        "left_out": "RRL RRab, whose R_E light curves are not at hand; classes of few stars",
        **settings,
        "recipe": "python -m varstar train s26-eros2",
    }


def _ranges(curves: LightCurves, periods: np.ndarray) -> dict[str, list[float]]:
    points = {f"points {b}": select_bands(curves, b).counts for b in BANDS}
    return {k: training_card.percentiles(v) for k, v in {"period [d]": periods, **points}.items()}


def _scores(
    scores: Mapping[str, Any],
    probability: np.ndarray,
    labels: np.ndarray,
    settings: Mapping[str, Any],
) -> dict[str, Any]:
    """Scores of the judged stars."""
    return {
        "test": f"out of fold on the training survey, {settings['members']} of "
        f"{settings['folds']} folds by star; "
        "periods found in the bands shown unless said otherwise; the forest sees K21's "
        "sixteen features; the recipe was chosen on the first fold",
        "stars": len(labels),
        **scores,
        "ece": training_card.scores(probability, labels, CLASSES)["ece"],
        "by_class": training_card.by_class(probability, labels, CLASSES),
    }

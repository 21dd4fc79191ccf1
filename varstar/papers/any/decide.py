"""From trial periods to an answer: family, class, prediction set, novelty, period."""

import itertools
from typing import Any

import numpy as np
import pandas as pd

from varstar.learning.quick_trees import predict
from varstar.papers.any import novelty
from varstar.papers.any.fit import FAMILIES, LABELS, PERIOD_COLUMNS, mixed, shares
from varstar.papers.any.look import COLUMNS, Looks

_PERIOD = [COLUMNS.index(c) for c in PERIOD_COLUMNS]
_FAMILY_OF = {label: FAMILIES.index(family) for family, label in LABELS}
#: Odds by which a given period is believed more than the data alone would have it.
GIVEN_ODDS = 30.0
#: Other periods that are named, and the least probability of one.
ALTERNATIVES, LEAST = 3, 0.05
#: A class is named where it is this probable within its family.
NAMED = 0.5


def period_scores(looks: Looks, period_trees: dict, odds: float = GIVEN_ODDS) -> np.ndarray:
    """Probability that each trial period is the star's own, shape (n_trials,)."""
    score = predict(period_trees, looks.x[:, _PERIOD])[:, 1]
    score = np.clip(score, 1e-6, 1 - 1e-6)
    ratio = score / (1 - score) * np.where(looks.given, odds, 1.0)
    return ratio / (1 + ratio)


def scaled(probability: np.ndarray, calibration: dict[str, Any]) -> np.ndarray:
    """``p^(1/T) exp(b)``, normalised: T and b learned on surveys that were left out."""
    z = np.log(np.maximum(probability, 1e-9)) / calibration["temperature"]
    z = z + np.asarray(calibration["bias"])
    p = np.exp(z - z.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


def given_is(period: np.ndarray, given: np.ndarray) -> np.ndarray:
    """Whether the period is the one that was given."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.abs(period / given - 1) < 1e-9


def decide(looks: Looks, model: dict[str, dict], card: dict[str, Any]) -> pd.DataFrame:
    """The answer for every star, NaN where it could not be looked at.

    Parameters
    ----------
    looks : Looks
    model : dict
        Prepared trees (`varstar.learning.quick_trees`) ``period``, ``family``, ``label``; and
        ``novelty`` (`varstar.papers.any.novelty.fit`).
    card : dict
        ``calibration``, ``thresholds`` (least probability with which a family enters the
        set), ``novel_above`` (percentile).

    Returns
    -------
    DataFrame
        One row a star in the order of `looks`: ``family, family_probability``, one column a
        family, ``label, probability, set, novelty_percentile, is_novel, period,
        period_probability, period_alternatives``.
    """
    n = len(looks.status)
    table = empty(n)
    seen = np.flatnonzero(np.diff(looks.offsets))
    if not len(seen):
        return table
    offsets = np.concatenate([[0], np.cumsum(np.diff(looks.offsets)[seen])])
    score = period_scores(looks, model["period"])
    share = shares(score, offsets)
    use = np.flatnonzero(share > 0)
    at_trial = np.zeros((len(share), len(FAMILIES)))
    at_trial[use] = predict(model["family"], looks.x[use])
    p = scaled(mixed(at_trial, share, offsets), card["calibration"])
    best = p.argmax(axis=1)
    period, sure, others, trial = _periods(looks, score, share, at_trial, best, offsets)
    x = looks.x[trial]
    label, label_p = _labels(x, p, best, model["label"], card["labels"])
    percentile = novelty.percentile(x, p, score[trial], model["novelty"])
    novel = percentile > card["novel_above"]
    row = table.index[seen]
    table.loc[row, "family"] = np.asarray(FAMILIES, object)[best]
    table.loc[row, "family_probability"] = p.max(axis=1)
    table.loc[row, FAMILIES] = p
    table.loc[row, "label"], table.loc[row, "probability"] = label, label_p
    table.loc[row, "set"] = sets(p, np.asarray(card["thresholds"]), novel)
    table.loc[row, "novelty_percentile"], table.loc[row, "is_novel"] = percentile, novel
    table.loc[row, "period"], table.loc[row, "period_probability"] = period, sure
    table.loc[row, "period_alternatives"] = others
    return table


def empty(n: int) -> pd.DataFrame:
    """A table of `n` stars about which nothing can be said."""
    nan, text = np.full(n, np.nan), pd.array([None] * n, dtype="str")
    return pd.DataFrame(
        {
            "family": text.copy(), "family_probability": nan.copy(),
            **{family: nan.copy() for family in FAMILIES},
            "label": text.copy(), "probability": nan.copy(), "set": text.copy(),
            "novelty_percentile": nan.copy(), "is_novel": np.zeros(n, bool),
            "period": nan.copy(), "period_probability": nan.copy(),
            "period_alternatives": text.copy(),
        }
    )  # fmt: skip


def sets(p: np.ndarray, thresholds: np.ndarray, novel: np.ndarray) -> list[str]:
    """Families that a prediction set holds, most probable first, joined by ``|``.

    A set that would be empty holds the most probable family, unless the star looks like
    nothing seen.
    """
    inside = p >= thresholds
    lonely = ~inside.any(axis=1) & ~novel
    inside[lonely, p[lonely].argmax(axis=1)] = True
    order = np.argsort(-p, axis=1)
    return [
        "|".join(FAMILIES[k] for k in row if kept[k])
        for row, kept in zip(order, inside, strict=True)
    ]


def _labels(
    x: np.ndarray, p: np.ndarray, best: np.ndarray, label_trees: dict, labels: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """The finest class that the data support, and its probability."""
    family = np.array([_FAMILY_OF[label] for label in labels])
    within = predict(label_trees, x) * (best[:, None] == family)
    within /= np.maximum(within.sum(axis=1, keepdims=True), 1e-12)
    top, row = within.argmax(axis=1), np.arange(len(x))
    named = within[row, top] >= NAMED
    names = np.where(named, np.array(labels, object)[top], np.array(FAMILIES, object)[best])
    return names, p[row, best] * np.where(named, within[row, top], 1.0)


def _periods(
    looks: Looks,
    score: np.ndarray,
    share: np.ndarray,
    at_trial: np.ndarray,
    best: np.ndarray,
    offsets: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, list[str], np.ndarray]:
    """The period of the decided family, its probability, others, and which trial it was."""
    star = np.repeat(np.arange(len(best)), np.diff(offsets))
    joint = share * np.maximum(at_trial[np.arange(len(star)), best[star]], 1e-9)
    joint /= np.repeat(np.add.reduceat(joint, offsets[:-1]), np.diff(offsets))
    believed = np.minimum(np.add.reduceat(score, offsets[:-1]), 1.0)
    order = np.lexsort((-joint, star))
    trial = order[offsets[:-1]]
    probability = joint * believed[star]
    others = []
    for a, b in itertools.pairwise(offsets):
        some = [k for k in order[a + 1 : b] if probability[k] >= LEAST][:ALTERNATIVES]
        others.append("|".join(f"{looks.period[k]:.8g}" for k in some))
    return looks.period[trial], probability[trial], others, trial

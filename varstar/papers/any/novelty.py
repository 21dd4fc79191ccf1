"""How unlike everything seen a star is: far from every class, or near several at once.

A Gaussian a class in the space of the numbers of the best fold; the score is the smallest
squared distance over the classes, and how little the answer is sure. The percentile is taken
among stars of surveys that the judging model had not seen.
"""

from typing import Any

import numpy as np

from varstar.papers.any.look import COLUMNS

#: What the distance is measured in: numbers that exist for every star.
SEEN = [
    "log_range", "quartile_share", "asymmetry", "tail_asymmetry", "skewness", "kurtosis",
    "shapiro_w", "hl_amp_ratio", "log_eta", "log_period", "power_1", "power_4", "power_8", "odd",
    "double_odd", "r21", "r31", "r41", "cos21", "sin21", "cos31", "sin31", "fit_asymmetry",
    "second_depth", "faint_width", "steepness", "eta", "eta_double",
]  # fmt: skip
_SEEN = [COLUMNS.index(c) for c in SEEN]
#: Weight of the answer's uncertainty against the distance.
UNSURE = 0.5


def fit(x: np.ndarray, group: np.ndarray, weight: np.ndarray, ridge: float = 0.1) -> dict:
    """A Gaussian for each group (a class of stars), over robustly scaled numbers."""
    z = x[:, _SEEN].astype(float)
    low, middle, high = np.nanpercentile(z, [10, 50, 90], axis=0)
    state = {"middle": middle, "width": np.maximum(high - low, 1e-6)}
    z = _scaled(z, state)
    means, roots = [], []
    for name in np.unique(group):
        some, w = z[group == name], weight[group == name]
        if len(some) < 2 * len(SEEN):
            continue
        mean = np.average(some, axis=0, weights=w)
        cov = np.cov(some.T, aweights=w) + ridge * np.eye(len(SEEN)) * 0.1
        means.append(mean)
        roots.append(np.linalg.inv(np.linalg.cholesky(cov)))
    return {**state, "mean": np.array(means), "root": np.array(roots)}


def _scaled(z: np.ndarray, state: dict[str, Any]) -> np.ndarray:
    z = (z - state["middle"]) / state["width"]
    return np.clip(np.nan_to_num(z, nan=0.0), -4, 4)


def distance(x: np.ndarray, state: dict[str, Any]) -> np.ndarray:
    """Smallest squared distance to a class, over the number of dimensions."""
    z = _scaled(x[:, _SEEN].astype(float), state)
    best = np.full(len(z), np.inf)
    for mean, root in zip(state["mean"], state["root"], strict=True):
        best = np.minimum(best, (((z - mean) @ root.T) ** 2).sum(axis=1))
    return best / len(SEEN)


def score(x: np.ndarray, p: np.ndarray, sure: np.ndarray, state: dict[str, Any]) -> np.ndarray:
    """Large for what looks like nothing seen."""
    return np.log(np.maximum(distance(x, state), 1e-6)) - UNSURE * np.log(p.max(axis=1))


def percentile(x: np.ndarray, p: np.ndarray, sure: np.ndarray, state: dict[str, Any]) -> np.ndarray:
    """Per cent of known stars that look less new."""
    known = state["known"]  # the scores' percentiles 0, 1, ... 100
    return np.interp(score(x, p, sure, state), known, np.linspace(0, 100, len(known)))

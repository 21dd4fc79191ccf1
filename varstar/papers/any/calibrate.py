"""Probabilities and sets that hold on a survey nobody has seen: learned on left-out surveys.

The survey is the exchangeable unit: what is learned weighs every survey alike, and a
threshold must serve most surveys, not most stars.
"""

from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import minimize

from varstar.papers.any.fit import FAMILIES

#: Share of the stars of a family whose sets hold the family.
COVERAGE = 0.95
#: The threshold of a family: this quantile over the surveys' own thresholds.
CAUTION = 0.4
#: Fewest stars of a family for a survey to have a say.
FEWEST = 15


def survey_weights(stars: pd.DataFrame) -> np.ndarray:
    """A weight a light curve: surveys alike, classes of a survey as they are in it."""
    size = stars.groupby(["survey", "survey_label", "guise"])["star"].transform("size")
    w = stars["n_label"].to_numpy(float) / size.to_numpy(float)
    w = np.where(stars["family"] == "CONST", 1.0, w)
    total = pd.Series(w).groupby(
        [stars["survey"].to_numpy(), stars["family"].eq("CONST").to_numpy()]
    )
    w = w / total.transform("sum").to_numpy()
    return w * np.where(stars["family"] == "CONST", 0.3, 1.0)


def fit(
    p: np.ndarray, code: np.ndarray, weight: np.ndarray, penalty: float = 0.2
) -> dict[str, Any]:
    """Temperature and biases that make the left-out probabilities most likely.

    Returns
    -------
    dict
        ``temperature``, ``bias`` (one a family): see `varstar.papers.any.decide.scaled`.
    """
    z = np.log(np.maximum(p, 1e-9))
    weight = weight / weight.sum()
    row = np.arange(len(code))

    def loss(theta: np.ndarray) -> tuple[float, np.ndarray]:
        y = z * np.exp(theta[0]) + theta[1:]
        y = y - y.max(axis=1, keepdims=True)
        q = np.exp(y)
        q /= q.sum(axis=1, keepdims=True)
        off = q.copy()
        off[row, code] -= 1
        gradient = np.r_[
            (weight[:, None] * off * z).sum() * np.exp(theta[0]),
            weight @ off + 2 * penalty * theta[1:],
        ]
        value = -(weight * np.log(np.maximum(q[row, code], 1e-12))).sum()
        return value + penalty * (theta[1:] ** 2).sum(), gradient

    best = minimize(loss, np.zeros(1 + len(FAMILIES)), jac=True, method="L-BFGS-B").x
    return {
        "temperature": round(float(np.exp(-best[0])), 4),
        "bias": [round(float(b), 4) for b in best[1:] - best[1:].mean()],
    }


def thresholds(
    p: np.ndarray,
    family: np.ndarray,
    survey: np.ndarray,
    weight: np.ndarray,
    coverage: float = COVERAGE,
    caution: float = CAUTION,
) -> list[float]:
    """Least probability with which each family enters a set.

    For each survey and family, the probability that all but ``1 - coverage`` of the family's
    stars reach; then the `caution` quantile over the surveys.
    """
    out = []
    for k, name in enumerate(FAMILIES):
        of_surveys = []
        for one in np.unique(survey[family == name]):
            some = (family == name) & (survey == one)
            n = int(some.sum())
            if n >= FEWEST:
                level = max((1 - coverage) * (n + 1) / n - 1 / n, 0.0)
                of_surveys.append(_quantile(p[some, k], weight[some], level))
        value = np.quantile(of_surveys, caution) if of_surveys else 0.0
        out.append(round(float(np.clip(value, 0.002, 0.5)), 4))
    return out


def _quantile(values: np.ndarray, weight: np.ndarray, level: float) -> float:
    order = np.argsort(values)
    share = np.cumsum(weight[order]) / weight.sum()
    return float(values[order][min(np.searchsorted(share, level), len(values) - 1)])


def coverage_table(
    p: np.ndarray, limits: np.ndarray, stars: pd.DataFrame, weight: np.ndarray
) -> pd.DataFrame:
    """Coverage and mean size of the sets, by survey and family (``all``: of a survey)."""
    inside = p >= limits
    empty = ~inside.any(axis=1)
    inside[empty, p[empty].argmax(axis=1)] = True
    code = pd.Categorical(stars["family"], categories=FAMILIES).codes
    hit, size = inside[np.arange(len(p)), code], inside.sum(axis=1)
    rows = []
    for (survey, family), some in stars.assign(row=np.arange(len(stars))).groupby(
        ["survey", "family"], observed=True
    )["row"]:
        some = some.to_numpy()
        w = weight[some] / weight[some].sum()
        rows.append((survey, family, len(some), w @ hit[some], w @ size[some]))
    for survey, some in stars.assign(row=np.arange(len(stars))).groupby("survey")["row"]:
        some = some.to_numpy()
        w = weight[some] / weight[some].sum()
        rows.append((survey, "all", len(some), w @ hit[some], w @ size[some]))
    return pd.DataFrame(rows, columns=["survey", "family", "stars", "coverage", "size"])


def calibration_error(p: np.ndarray, code: np.ndarray, weight: np.ndarray, bins: int = 15) -> float:
    """Expected calibration error of the most probable family: bins of equal weight."""
    top, right = p.max(axis=1), p.argmax(axis=1) == code
    order = np.argsort(top)
    share = np.cumsum(weight[order]) / weight.sum()
    which = np.minimum((share * bins).astype(int), bins - 1)
    w = weight[order]
    gap = np.bincount(which, w * (top[order] - right[order]), minlength=bins)
    return float(np.abs(gap).sum() / w.sum())

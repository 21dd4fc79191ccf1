"""Fitting: which trial period is right, which family the star is of, which class within it."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from varstar import taxonomy
from varstar.learning import trees
from varstar.papers.any.look import COLUMNS
from varstar.papers.any.numbers import FOLD

FAMILIES = list(taxonomy.families())
LABELS = [(family, label) for family, labels in taxonomy.families().items() for label in labels]
#: What the period model sees: the folds, and the star only as far as it sets their scale.
PERIOD_COLUMNS = [
    *FOLD, "log_range", "log_signal", "shapiro_w", "skewness", "log_eta", "night_scatter",
    "best_log_period", "best_power", "second_power", "best_gain", "best_odds",
    "chance_1", "chance_4", "chance_8",
    *(f"range_{k}" for k in range(8)),
]  # fmt: skip
#: Trial periods of a star that the family model looks at, and the least share of each.
KEPT, LEAST = 4, 0.04
#: Shares of the families in training, and the weight of simulated stars.
SHARE = {"RR": 1, "CEP": 1, "DSCT": 0.8, "ECL": 1.3, "LPV": 1, "ROT": 0.7, "OTHER": 0.7,
         "CONST": 1.0}  # fmt: skip
SIMULATED = 0.6
#: Labels that the survey's own automatic classifier mixes with others (contact binaries at half
#: their period among delta Scuti stars), and the weight of such a star.
DOUBTFUL = {("asas_acvs", "DSCT"): 0.2, ("asas_acvs", "RRC"): 0.6}


class Model(NamedTuple):
    """Trees as arrays: of periods, families, classes within a family."""

    period: dict
    family: dict
    label: dict | None


def right_periods(data: pd.DataFrame) -> np.ndarray:
    """For each trial: 1 the star's period, 0 another, -1 not to be judged.

    Agreement: within 1 %, or within a peak's width. Not judged: trials of stars whose period
    nobody knows or that have none; half and twice the period where catalogues disagree about
    which of the two it is; all trials of a long-period variable none of which agrees.
    """
    period, true = data["period"].to_numpy(), data["true_period"].to_numpy(float)
    width = 1 / data["span"].to_numpy()
    family, label = data["family"].to_numpy(object), data["label"].to_numpy(object)

    def near(target: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore"):
            return (np.abs(period / target - 1) < 0.01) | (
                np.abs(1 / period - 1 / target) < 0.7 * width
            )

    right = near(true)
    long = np.isin(family, ["LPV"])
    right |= long & (np.abs(period / true - 1) < 0.08)
    out = right.astype(int)
    vague = np.isin(family, ["ROT", "LPV"]) | (label == "T2CEP")
    out[vague & ~right & (near(true / 2) | near(true * 2))] = -1
    constant = family == "CONST"
    out[(~np.isfinite(true) | (family == "OTHER")) & ~constant] = -1
    out[constant] = 0
    found = pd.Series(out == 1).groupby(data["trial_key"].to_numpy()).transform("any").to_numpy()
    out[long & ~found] = -1
    return out


def star_weights(data: pd.DataFrame) -> np.ndarray:
    """A weight a light curve: families by `SHARE`, surveys within a family by root of size."""
    key = [data["survey"].to_numpy(object), data["family"].to_numpy(object)]
    n = data.groupby(key)["trial_key"].transform("size").to_numpy(float)
    simulated = data["survey"].str.startswith("sim-").to_numpy()
    guise = np.where(data["guise"].to_numpy() == "own", 1.0, 0.7)
    w = n**-0.5 * np.where(simulated, SIMULATED, 1.0) * guise
    # within a survey's family, classes by root of size as well
    fine = data.groupby([*key, data["survey_label"].to_numpy(object)])["trial_key"].transform(
        "size"
    )
    w = w * fine.to_numpy(float) ** -0.25
    pairs = zip(data["survey"], data["survey_label"], strict=True)
    w = w * np.array([DOUBTFUL.get(pair, 1.0) for pair in pairs])
    total = pd.Series(w).groupby(data["family"].to_numpy()).transform("sum").to_numpy()
    return w / total * data["family"].map(SHARE).to_numpy(float) * len(data) / len(FAMILIES)


def boosted(iterations: int, leaves: int, rate: float, seed: int, least: int = 30) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        max_iter=iterations, learning_rate=rate, max_leaf_nodes=leaves, min_samples_leaf=least,
        l2_regularization=2.0, max_features=0.5, max_bins=64, early_stopping=False,
        random_state=seed,
    )  # fmt: skip


def fit_periods(
    x: np.ndarray,
    right: np.ndarray,
    weight: np.ndarray,
    *,
    seed: int = 0,
    iterations: int = 220,
    leaves: int = 31,
    wrong_share: float = 0.3,
) -> dict:
    """Trees that tell a right trial period from a wrong one."""
    rng = np.random.default_rng(seed)
    use = (right == 1) | ((right == 0) & (rng.random(len(right)) < wrong_share))
    w = np.where(right == 0, weight / wrong_share, weight)
    model = boosted(iterations, leaves, 0.15, seed, 40)
    model.fit(x[use], right[use], w[use] / w[use].mean())
    return trees.to_arrays(model)


def shares(score: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Scores of a star's trials divided by their sum; the trials kept, the others 0."""
    star = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    order = np.lexsort((-score, star))
    rank = np.empty(len(score), int)
    rank[order] = np.arange(len(score)) - np.repeat(offsets[:-1], np.diff(offsets))
    kept = np.where(rank < KEPT, np.maximum(score, 1e-6), 0.0)
    total = np.add.reduceat(kept, offsets[:-1]) if len(offsets) > 1 else np.zeros(0)
    kept = kept / np.repeat(total, np.diff(offsets))
    kept[(kept < LEAST) & (rank > 0)] = 0.0
    total = np.add.reduceat(kept, offsets[:-1]) if len(offsets) > 1 else np.zeros(0)
    return kept / np.repeat(total, np.diff(offsets))


def fit_families(
    x: np.ndarray,
    family: np.ndarray,
    weight: np.ndarray,
    *,
    seed: int = 0,
    iterations: int = 130,
    leaves: int = 22,
    rate: float = 0.12,
    trees_only: bool = True,
) -> Any:
    """Trees that name the family from what is seen at a trial period."""
    model = boosted(iterations, leaves, rate, seed, 25)
    model.fit(x, family, weight / weight.mean())
    return trees.to_arrays(model) if trees_only else model


def mixed(probability: np.ndarray, share: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """``sum over trials of p(P) p(class | P)``, shape (n_stars, n_classes)."""
    return np.add.reduceat(probability * share[:, None], offsets[:-1], axis=0)


__all__ = [
    "COLUMNS", "FAMILIES", "LABELS", "Model", "fit_families", "fit_periods", "mixed",
    "right_periods", "shares", "star_weights",
]  # fmt: skip

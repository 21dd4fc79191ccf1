"""Random forests beside the networks."""

from typing import Any

import numpy as np
import pandas as pd

from varstar.learning import trees

#: S20, Sect. 3.6.
S20_FOREST = {
    "n_estimators": 1000,
    "max_depth": 10,
    "min_samples_split": 10,
    "min_samples_leaf": 5,
    "random_state": 40,
}
#: Standard deviations of the dummies (S20, Sect. 3.6).
S20_DUMMY_SIGMA = {"amplitude": 1e-3, "r21": 1e-4, "phi21": 1e-4}


def s20_forest(**options) -> Any:
    """S20's random forest, untrained; `options` replace its settings."""
    return trees.forest(**{**S20_FOREST, "n_jobs": -1, **options})


def dummies(
    parameters: pd.DataFrame,
    labels: pd.Series,
    per_class: int,
    *,
    sigma: dict[str, float] | None = None,
    seed: int = 0,
) -> tuple[pd.DataFrame, pd.Series]:
    """Fill every class up to `per_class` rows with slightly moved copies (S20, Sect. 3.6).

    Parameters
    ----------
    parameters : DataFrame
        One row a star.
    labels : Series
        Class of each row.
    per_class : int
        A larger class is cut down to a random choice.
    sigma : dict, optional
        Standard deviation of the Gaussian by column; S20's by default.

    Returns
    -------
    parameters, labels
        Rows of copies keep the index of their star.
    """
    sigma = S20_DUMMY_SIGMA if sigma is None else sigma
    rng = np.random.default_rng(seed)
    rows, moved = [], []
    for name in sorted(labels.unique()):
        stars = rng.permutation(np.flatnonzero((labels == name).to_numpy()))
        k = np.arange(per_class)
        rows.append(stars[k % len(stars)])
        moved.append(k >= len(stars))
    rows, moved = np.concatenate(rows), np.concatenate(moved)
    table = parameters.iloc[rows].copy()
    for column, s in sigma.items():
        table[column] += np.where(moved, s, 0.0) * rng.standard_normal(len(rows))
    return table, labels.iloc[rows]

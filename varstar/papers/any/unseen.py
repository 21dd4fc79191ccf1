"""Would it notice a family that it has never met? Each is left out of training in turn."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from varstar.papers.any import fit, novelty
from varstar.papers.any.fit import FAMILIES
from varstar.papers.any.measure import FIVE

#: Fewest stars of the family, and of all others, for a survey to be counted.
FEWEST = 20


def left_out_families(
    x: np.ndarray,
    sure: np.ndarray,
    judged: pd.DataFrame,
    part: np.ndarray,
    learn: Callable[[np.ndarray, Path | None], Callable[[np.ndarray], np.ndarray]],
    weight: np.ndarray,
    folder: Path | None = None,
) -> dict[str, Any]:
    """AUROC of the novelty score for stars of a family against all others of their survey.

    Both the survey and the family are new: the trees and the Gaussians learn from the other
    parts of the surveys, without the family.

    Parameters
    ----------
    x : ndarray, shape (n_stars, n_columns)
        Numbers at each star's decided period.
    sure : ndarray, shape (n_stars,)
        Probability of that period.
    judged : DataFrame
        ``survey, family, label, guise``; a row a light curve.
    part : ndarray of int, shape (n_stars,)
        Which part of the surveys the star is in.
    learn : callable
        ``learn(stars, path)`` trains family trees on the stars of a mask, kept at `path`, and
        gives what predicts: numbers of stars -> probabilities, shape (n, n_families).
    weight : ndarray, shape (n_stars,)
    folder : path, optional
        Where trees are kept.

    Returns
    -------
    dict
        Family -> survey -> AUROC, and ``mean`` over the surveys.
    """
    family, survey = judged["family"].to_numpy(object), judged["survey"].to_numpy(object)
    group = (judged["family"] + " " + judged["label"].fillna("")).to_numpy(str)
    own = (judged["guise"] == "own").to_numpy()
    found: dict[str, Any] = {}
    for name in FIVE:
        rows: dict[str, float] = {}
        for k in np.unique(part):
            there = [s for s in np.unique(survey[(part == k) & own])
                     if min((mine := family[(survey == s) & own] == name).sum(),
                            (~mine).sum()) >= FEWEST]  # fmt: skip
            if not there:
                continue
            rest = (part != k) & (family != name)
            path = None if folder is None else folder / f"family{k}-without-{name}.npz"
            predict, state = learn(rest, path), novelty.fit(x[rest], group[rest], weight[rest])
            for s in there:
                mine = (survey == s) & own
                value = novelty.score(x[mine], predict(x[mine]), sure[mine], state)
                rows[str(s)] = round(float(roc_auc_score(family[mine] == name, value)), 4)
        found[name] = {**rows, "mean": round(float(np.mean(list(rows.values()))), 4)}
    return found


def learner(
    x: np.ndarray, judged: pd.DataFrame, weight: np.ndarray, kept: Callable, seed: int
) -> Callable[[np.ndarray, Path | None], Callable[[np.ndarray], np.ndarray]]:
    """`learn` for `left_out_families`: the recipe's family trees, on the decided period alone.

    Classes that the mask lacks keep their column, at probability 0.
    """
    from varstar.learning import quick_trees

    code = pd.Categorical(judged["family"], categories=FAMILIES).codes

    def learn(mask: np.ndarray, path: Path | None) -> Callable[[np.ndarray], np.ndarray]:
        def train() -> dict:
            return fit.fit_families(x[mask], code[mask], weight[mask], seed=seed)

        trees = quick_trees.prepare(train() if path is None else kept(path, train))
        columns = np.unique(code[mask])

        def predict(values: np.ndarray) -> np.ndarray:
            out = np.zeros((len(values), len(FAMILIES)))
            out[:, columns] = quick_trees.predict(trees, values)
            return out

        return predict

    return learn

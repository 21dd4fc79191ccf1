"""What carries the information: permutation importance of groups of features."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from varstar.learning.evaluate import macro_f1, mean_sem


def group_importance(
    predict: Callable[[pd.DataFrame], Sequence[str]],
    table: pd.DataFrame,
    labels: Sequence[str],
    groups: Mapping[str, Sequence[str]] | None = None,
    *,
    score: Callable[[Sequence[str], Sequence[str]], float] = macro_f1,
    repeats: int = 5,
    seed: int = 0,
) -> pd.DataFrame:
    """How much a score drops when columns are shuffled among the stars.

    Columns of a group are shuffled together (Breiman 2001, Sect. 10, for groups): where
    two columns say the same, shuffling one alone would show nothing.

    Parameters
    ----------
    predict : callable
        Labels of a table of features.
    table : DataFrame
        Features of stars that the model was not trained on.
    labels : sequence of str
    groups : mapping of str to sequence of str, optional
        Name -> columns; by default every column is a group.
    score : callable
        ``score(labels, predicted)``.
    repeats : int
        Shuffles of each group.
    seed : int

    Returns
    -------
    DataFrame
        Index ``group``; ``drop`` (mean), ``sem``, ``columns`` (how many); largest first.
    """
    groups = {c: [c] for c in table.columns} if groups is None else groups
    unknown = sorted({c for g in groups.values() for c in g} - set(table.columns))
    if unknown:
        raise ValueError(f"groups: no columns {unknown}. Columns: {list(table.columns)}")
    rng = np.random.default_rng(seed)
    full = score(labels, predict(table))
    rows = {}
    for name, columns in groups.items():
        drops = []
        for _ in range(repeats):
            shuffled = table.copy()
            shuffled[list(columns)] = table[list(columns)].to_numpy()[rng.permutation(len(table))]
            drops.append(full - score(labels, predict(shuffled)))
        rows[name] = (*mean_sem(drops), len(columns))
    out = pd.DataFrame.from_dict(rows, orient="index", columns=["drop", "sem", "columns"])
    return out.sort_values("drop", ascending=False).rename_axis("group")

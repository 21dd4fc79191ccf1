"""How well a score tells what is new: cuts, ROC, leave-one-class-out.

Everywhere a *score* is larger the newer a light curve looks; TS19's is the sample energy
of a Gaussian mixture. Arrays in, tables out: nothing here knows networks or files.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn import metrics

from varstar.learning import splits

#: TS19, Sect. 3.2: percentiles of the training energies at which is cut.
PERCENTILES = (95, 80)


# --- how good is a score ------------------------------------------------------------------


def detections(
    training: np.ndarray,
    known: np.ndarray,
    novel: np.ndarray,
    percentiles: Sequence[float] = PERCENTILES,
) -> pd.DataFrame:
    """Precision, recall and F1 of "novel" when cut at a percentile of the training scores.

    Parameters
    ----------
    training : ndarray, shape (n_training,)
        Scores of what the model learned from: they set the cut, and nothing else.
    known, novel : ndarray, shape (n_known,), (n_novel,)
        Scores of light curves that it did not learn from, of known and of new classes.
    percentiles : sequence of float
        Linear interpolation between scores, as in `numpy.percentile`.

    Returns
    -------
    DataFrame
        A row a percentile: ``cut`` (novel is what lies *above*), ``precision`` (0 where
        nothing is found), ``recall``, ``f1``, ``false_alarms`` (share of `known` above).

    Notes
    -----
    Precision and F1 depend on how many novel light curves are in the test; recall and
    false alarms do not (see `expected_precision`).
    """
    training, known, novel = (
        _scores(a, n) for a, n in ((training, "training"), (known, "known"), (novel, "novel"))
    )
    rows = []
    for q in percentiles:
        cut = float(np.percentile(training, q))
        hits, alarms = int((novel > cut).sum()), int((known > cut).sum())
        rows.append(
            {
                "percentile": q,
                "cut": cut,
                "precision": hits / (hits + alarms) if hits + alarms else 0.0,
                "recall": hits / len(novel),
                "f1": 2 * hits / (hits + alarms + len(novel)),
                "false_alarms": alarms / len(known),
            }
        )
    return pd.DataFrame(rows).set_index("percentile")


def expected_precision(recall: float, false_alarms: float, share: float) -> float:
    """Precision where `share` of all light curves is novel (Bayes' theorem).

    >>> round(expected_precision(0.8, 0.05, 0.5), 3)
    0.941
    >>> round(expected_precision(0.8, 0.05, 0.01), 3)
    0.139
    """
    for name, v in (("recall", recall), ("false_alarms", false_alarms), ("share", share)):
        if not 0 <= v <= 1:
            raise ValueError(f"{name}: expected a share from 0 to 1. Received: {v!r}")
    found = share * recall + (1 - share) * false_alarms
    return share * recall / found if found else 0.0


def roc(known: np.ndarray, novel: np.ndarray) -> pd.DataFrame:
    """Recall of what is new against false alarms, over all cuts.

    Returns
    -------
    DataFrame
        ``false_alarms``, ``recall``, ``cut`` (novel is what lies at or above it), from
        the highest cut to the lowest.
    """
    truth, score = _truth(known, novel)
    false_alarms, recall, cut = metrics.roc_curve(truth, score)
    return pd.DataFrame({"false_alarms": false_alarms, "recall": recall, "cut": cut})


def auc(known: np.ndarray, novel: np.ndarray) -> float:
    """Area under the ROC curve: the chance that a novel light curve has the higher score
    of a random pair, ties counting half."""
    return float(metrics.roc_auc_score(*_truth(known, novel)))


def auc_interval(
    known: np.ndarray,
    novel: np.ndarray,
    *,
    known_stars: Sequence[Hashable] | None = None,
    novel_stars: Sequence[Hashable] | None = None,
    n: int = 200,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[float, float]:
    """Bootstrap interval of `auc`, known and novel resampled apart.

    Parameters
    ----------
    known, novel : ndarray
    known_stars, novel_stars : sequence, optional
        The star of each score: then stars are resampled, with all of their sequences,
        which are no independent measurements.
    n, level, seed
        Resamplings, probability of the interval, seed.
    """
    _truth(known, novel)
    rng = np.random.default_rng(seed)
    sides = [
        (np.asarray(score, float), _members(score, stars))
        for score, stars in ((known, known_stars), (novel, novel_stars))
    ]
    values = []
    for _ in range(n):
        drawn = [
            score[np.concatenate([members[i] for i in rng.integers(0, len(members), len(members))])]
            for score, members in sides
        ]
        values.append(auc(*drawn))
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _members(score: np.ndarray, stars: Sequence[Hashable] | None) -> list[np.ndarray]:
    """Rows of each star."""
    if stars is None:
        return list(np.arange(len(score))[:, None])
    if len(stars) != len(score):
        raise ValueError(f"stars: expected {len(score)} of them. Received: {len(stars)}")
    codes, _ = pd.factorize(np.asarray(stars))
    order = np.argsort(codes, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)


def summary(
    training: np.ndarray,
    known: np.ndarray,
    novel: np.ndarray,
    percentiles: Sequence[float] = PERCENTILES,
) -> dict[str, float]:
    """AUC, and precision, recall and F1 at each cut (``"f1_95"``, ...), in one dict."""
    row = {"auc": auc(known, novel)}
    for q, cells in detections(training, known, novel, percentiles).iterrows():
        row |= {f"{name}_{q:g}": float(cells[name]) for name in ("precision", "recall", "f1")}
    return row


def by_kind(
    training: np.ndarray,
    known: np.ndarray,
    novel: np.ndarray,
    kinds: Sequence[str],
    percentile: float = 95,
) -> pd.DataFrame:
    """AUC of each kind of novel light curve, and the share found when cut at `percentile`.

    Parameters
    ----------
    training, known, novel : ndarray
        Scores, see `detections`.
    kinds : sequence of str
        Of each of the novel.
    percentile : float

    Returns
    -------
    DataFrame
        A row a kind: ``novel`` (number), ``auc``, ``recall``.
    """
    kinds = np.asarray(kinds, object).astype(str)
    if kinds.shape != np.shape(novel):
        raise ValueError(f"kinds: expected {np.shape(novel)}. Received: {kinds.shape}")
    rows = {}
    for kind in sorted(set(kinds.tolist())):
        here = np.asarray(novel)[kinds == kind]
        recall = detections(training, known, here, [percentile])["recall"].iloc[0]
        rows[kind] = {"novel": len(here), "auc": auc(known, here), "recall": recall}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("kind")


# --- which class is new -------------------------------------------------------------------


def leave_one_class_out(
    labels: Sequence[str],
    fit: Callable[[np.ndarray, np.ndarray, int], Any],
    *,
    groups: Sequence[Hashable] | None = None,
    classes: Sequence[str] | None = None,
    seeds: Sequence[int] = (0,),
    training: float = 0.8,
) -> pd.DataFrame:
    """Every class in turn is the new one: how the score depends on which is held out.

    For each class and seed the others are split by star; the model learns from one part,
    and must tell the other part from the class that it never saw.

    Parameters
    ----------
    labels : sequence of str
        Class of each light curve.
    fit : callable
        ``fit(train_rows, test_rows, seed)``, rows as integers, gives for each method a
        pair of scores, ``{method: (of train_rows, of test_rows)}``.
    groups : sequence, optional
        The star of each row, where stars have several.
    classes : sequence of str, optional
        Those held out in turn; all by default.
    seeds : sequence of int
        Of split and training, one run each.
    training : float
        Share of the known stars that the model learns from.

    Returns
    -------
    DataFrame
        A row a run and method: ``held_out``, ``seed``, ``method``, ``novel`` and
        ``known`` (numbers of rows in the test), and `summary`'s columns. See `mean_sem_table`.
    """
    labels = np.asarray(labels, object).astype(str)
    stars = np.arange(len(labels)) if groups is None else np.asarray(groups)
    found = list(dict.fromkeys(np.sort(labels).tolist()))
    classes = found if classes is None else list(classes)
    unknown = [c for c in classes if c not in found]
    if unknown or len(found) < 2:
        raise ValueError(
            f"classes: expected some of {found}, of which two or more. Received: {classes}"
        )
    shares = {"train": training, "test": 1 - training}
    rows = []
    for name in classes:
        new = np.flatnonzero(labels == name)
        others = np.flatnonzero(labels != name)
        for seed in seeds:
            part = splits.split_by_star(
                pd.Series(labels[others]), shares, seed=seed, groups=stars[others]
            ).to_numpy(object)
            train, test = others[part == "train"], others[part == "test"]
            found_scores = fit(train, np.concatenate([test, new]), seed)
            for method, (of_train, of_test) in found_scores.items():
                sides = of_test[: len(test)], of_test[len(test) :]
                rows.append(
                    {"held_out": name, "seed": seed, "method": method, "novel": len(new),
                     "known": len(test), **summary(of_train, *sides)}
                )  # fmt: skip
    return pd.DataFrame(rows)


def mean_sem_table(
    runs: pd.DataFrame,
    by: Sequence[str] = ("held_out", "method"),
    columns: Sequence[str] = ("auc", "f1_95", "f1_80"),
) -> pd.DataFrame:
    """Mean of each column and its standard error (ddof 1; NaN for one run), by group.

    Returns
    -------
    DataFrame
        Indexed by the columns of `by`; ``runs``, then ``<column>`` and
        ``<column>_sem`` for each.
    """
    grouped = runs.groupby(list(by), sort=False)
    table = pd.DataFrame({"runs": grouped.size()})
    for name in columns:
        table[name], table[f"{name}_sem"] = grouped[name].mean(), grouped[name].sem()
    return table


# --- checks -------------------------------------------------------------------------------


def _scores(values: np.ndarray, name: str) -> np.ndarray:
    values = np.asarray(values, float)
    if values.ndim != 1 or len(values) == 0 or np.isnan(values).any():
        raise ValueError(
            f"{name}: expected one or more scores without NaN, in one dimension. Received: "
            f"shape {values.shape}, {int(np.isnan(values).sum())} NaN"
        )
    return values


def _truth(known: np.ndarray, novel: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """0 for known and 1 for novel, and their scores; infinite ones become the largest."""
    known, novel = _scores(known, "known"), _scores(novel, "novel")
    score = np.nan_to_num(np.concatenate([known, novel]))
    return np.repeat([0, 1], [len(known), len(novel)]), score

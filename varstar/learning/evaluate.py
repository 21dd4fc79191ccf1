"""How good is a classification: confusions, reports, single numbers, calibration."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from sklearn import metrics

__all__ = [
    "bootstrap",
    "calibration",
    "classification_report",
    "confusion",
    "expected_calibration_error",
    "macro_f1",
    "mc",
    "mean_sem",
    "one_hot",
    "scores",
]


def confusion(
    labels: Sequence[str],
    predicted: Sequence[str],
    classes: Sequence[str],
    *,
    normalize: bool = False,
) -> pd.DataFrame:
    """Confusion matrix: a row a true class, a column a predicted one.

    Parameters
    ----------
    labels, predicted : sequence of str
    classes : sequence of str
        Order of rows and columns; every label and prediction must be among them.
    normalize : bool
        Percent of the true class instead of counts (a class without stars gives NaN).
    """
    labels, predicted = _same(labels, predicted, classes)
    matrix = metrics.confusion_matrix(labels, predicted, labels=list(classes)).astype(float)
    if normalize:
        total = matrix.sum(axis=1, keepdims=True)
        matrix = 100 * matrix / np.where(total > 0, total, np.nan)
    else:
        matrix = matrix.astype(int)
    return pd.DataFrame(matrix, pd.Index(classes, name="true"), pd.Index(classes, name="predicted"))


def classification_report(
    labels: Sequence[str], predicted: Sequence[str], classes: Sequence[str]
) -> pd.DataFrame:
    """Precision, recall and F1 of each class (S20, Eq. 1-3), and their plain average.

    Classes without a star among `labels` get NaN and do not enter the average (S20's
    Table 4 has no delta Scuti stars). A class that is never predicted has precision 0.

    Returns
    -------
    DataFrame
        A row a class and a last row ``Average``; columns precision, recall, f1, stars.
    """
    labels, predicted = _same(labels, predicted, classes)
    p, r, f, n = metrics.precision_recall_fscore_support(
        labels, predicted, labels=list(classes), zero_division=0.0
    )
    table = pd.DataFrame({"precision": p, "recall": r, "f1": f}, index=list(classes))
    table[n == 0] = np.nan
    table.loc["Average"] = table.mean()
    table["stars"] = [*n, n.sum()]
    return table.rename_axis("class")


def macro_f1(labels: Sequence[str], predicted: Sequence[str]) -> float:
    """F1 averaged over the classes that `labels` holds, each counting alike."""
    labels = np.asarray(labels, object).astype(str)
    return float(
        metrics.f1_score(
            labels,
            np.asarray(predicted, object).astype(str),
            labels=np.unique(labels),
            average="macro",
            zero_division=0.0,
        )
    )


def mc(labels: Sequence, predicted: Sequence) -> float:
    """Mc = (1 + MCC) / 2, K21's score (Eq 9, 10), MCC being Matthews' correlation
    coefficient (Gorodkin 2004); 0.5 where that is undefined.

    Labels of any kind, class numbers too. The same as scikit-learn's
    ``matthews_corrcoef``, fast enough for every epoch of a training.
    """
    a, b = np.asarray(labels), np.asarray(predicted)
    if len(a) != len(b) or not len(a):
        raise ValueError(f"expected as many predictions as labels. Received: {len(b)}, {len(a)}")
    if a.dtype.kind not in "iu" or b.dtype.kind not in "iu":
        a, b = (v.astype(object).astype(str) for v in (a, b))
    names, codes = np.unique(np.concatenate([a, b]), return_inverse=True)
    k, (i, j) = len(names), np.split(codes, 2)
    c = np.bincount(i * k + j, minlength=k * k).reshape(k, k).astype(float)
    total, right, rows, columns = c.sum(), np.trace(c), c.sum(axis=1), c.sum(axis=0)
    scale = np.sqrt((total**2 - columns @ columns) * (total**2 - rows @ rows))
    mcc = (right * total - rows @ columns) / scale if scale > 0 else 0.0
    return float((1 + mcc) / 2)


def scores(labels: Sequence[str], predicted: Sequence[str]) -> dict[str, float]:
    """Accuracy, macro F1 and Mc in one dict."""
    a, b = (np.asarray(v, object).astype(str) for v in (labels, predicted))
    return {"accuracy": float(np.mean(a == b)), "macro_f1": macro_f1(a, b), "mc": mc(a, b)}


def bootstrap(
    labels: Sequence[str],
    predicted: Sequence[str],
    score: Callable[[Sequence[str], Sequence[str]], float] = macro_f1,
    *,
    n: int = 500,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[float, float]:
    """Interval of a score over test sets of the same size, resampled within each class."""
    a, b = (np.asarray(v, object).astype(str) for v in (labels, predicted))
    rng = np.random.default_rng(seed)
    groups = [np.flatnonzero(a == c) for c in np.unique(a)]
    values = []
    for _ in range(n):
        rows = np.concatenate([rng.choice(g, len(g)) for g in groups])
        values.append(score(a[rows], b[rows]))
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def calibration(
    labels: Sequence[str],
    probability: np.ndarray,
    classes: Sequence[str],
    *,
    n_bins: int = 10,
) -> pd.DataFrame:
    """Reliability: how often the predicted class is right, by its probability.

    Parameters
    ----------
    labels : sequence of str
    probability : ndarray, shape (n, n_classes)
        Columns in the order of `classes`.
    n_bins : int
        Bins of equal width over (0, 1].

    Returns
    -------
    DataFrame
        One row a non-empty bin: low, high, stars, confidence (mean highest
        probability), accuracy.
    """
    probability = np.asarray(probability, float)
    if probability.shape != (len(labels), len(classes)):
        raise ValueError(
            f"probability: expected shape {(len(labels), len(classes))}. "
            f"Received: {probability.shape}"
        )
    if not np.isfinite(probability).all():
        bad = int((~np.isfinite(probability).all(axis=1)).sum())
        raise ValueError(
            f"probability: expected finite numbers; leave out stars without an answer. "
            f"Received: {bad} rows with NaN"
        )
    top = probability.max(axis=1)
    right = np.asarray(classes, object)[probability.argmax(axis=1)] == np.asarray(labels, object)
    edges = np.linspace(0, 1, n_bins + 1)
    which = np.clip(np.ceil(top * n_bins).astype(int) - 1, 0, n_bins - 1)
    rows = [
        (
            edges[k],
            edges[k + 1],
            int((which == k).sum()),
            top[which == k].mean(),
            right[which == k].mean(),
        )
        for k in np.unique(which)
    ]
    return pd.DataFrame(rows, columns=["low", "high", "stars", "confidence", "accuracy"])


def expected_calibration_error(table: pd.DataFrame) -> float:
    """ECE: mean |accuracy - confidence| over the bins of `calibration`, by stars."""
    gap = (table["accuracy"] - table["confidence"]).abs()
    return float((gap * table["stars"]).sum() / table["stars"].sum())


def mean_sem(values: Sequence[float]) -> tuple[float, float]:
    """Mean and standard error of the mean (ddof 1); the SEM of one value is NaN."""
    values = np.asarray(values, float)
    sem = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan
    return float(values.mean()), float(sem)


def one_hot(labels: Sequence[str], classes: Sequence[str]) -> np.ndarray:
    """Labels as float32 rows of zeros and a one, shape (n, n_classes)."""
    labels = np.asarray(labels, object)
    codes = pd.Index(list(classes), dtype=object).get_indexer(labels)
    if (codes < 0).any():
        unknown = sorted(set(labels[codes < 0].tolist()), key=str)[:5]
        raise ValueError(f"labels: {unknown} are not among the classes {list(classes)}")
    return np.eye(len(classes), dtype=np.float32)[codes]


def _same(
    labels: Sequence[str], predicted: Sequence[str], classes: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    a, b = (np.asarray(v, object).astype(str) for v in (labels, predicted))
    if len(a) != len(b):
        raise ValueError(f"expected as many predictions as labels. Received: {len(b)}, {len(a)}")
    unknown = sorted({*a.tolist(), *b.tolist()} - set(classes))
    if unknown:
        raise ValueError(f"{unknown} are not among the classes {list(classes)}")
    return a, b

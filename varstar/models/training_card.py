"""What recipes and `Classifier.fit` have in common: labels, folds, scores, ranges."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from varstar.learning import evaluate
from varstar.lightcurves.sample import LightCurves


def labels_of(sample: pd.DataFrame, labels: Any) -> np.ndarray:
    """The class of each star, None where it is missing.

    Parameters
    ----------
    sample : DataFrame
        One row per star.
    labels : str, Series or sequence
        A column's name, a Series by star, or one label per star in the order of the sample.
    """
    if isinstance(labels, str):
        if labels not in sample.columns:
            raise ValueError(f"labels: no column {labels!r}. Columns: {list(sample.columns)}")
        labels = sample[labels]
    elif isinstance(labels, pd.Series) and not labels.index.equals(sample.index):
        if not sample.index.isin(labels.index).any():
            raise ValueError("labels: a Series by star names none of the sample's stars")
        labels = labels.reindex(sample.index)
    values = pd.Series(labels).to_numpy(object)
    if len(values) != len(sample):
        raise ValueError(f"labels: expected one per star ({len(sample)}). Received: {len(values)}")
    return np.array([None if pd.isna(v) else str(v) for v in values], object)


def out_of_fold(
    fold: np.ndarray,
    fit: Callable[[np.ndarray, int], Any],
    predict: Callable[[Any, np.ndarray], np.ndarray],
    members: int | None = None,
) -> tuple[np.ndarray, list[Any]]:
    """Each star's probabilities by the one model that has not seen it.

    Parameters
    ----------
    fold : ndarray of int, shape (n_stars,)
        Part of each star, from 0; -1 for a star that no model learns from or predicts.
    fit : callable
        ``fit(rows, k)`` trains the model that does not see part `k`.
    predict : callable
        ``predict(model, rows)``, shape (n_rows, n_classes).
    members : int, optional
        Models trained; the stars of later parts stay without an answer (NaN).

    Returns
    -------
    probability : ndarray, shape (n_stars, n_classes)
    models : list
    """
    models, probability = [], None
    for k in range(int(fold.max()) + 1 if members is None else members):
        models.append(fit(np.flatnonzero((fold != k) & (fold >= 0)), k))
        rows = np.flatnonzero(fold == k)
        p = predict(models[-1], rows)
        if probability is None:
            probability = np.full((len(fold), p.shape[1]), np.nan)
        probability[rows] = p
    return probability, models


def scores(
    probability: np.ndarray, labels: np.ndarray, classes: Sequence[str], seed: int | None = None
) -> dict[str, Any]:
    """Scores of the most probable class, rounded; with a seed also a bootstrap interval of
    the macro F1.

    Parameters
    ----------
    probability : ndarray, shape (n, n_classes)
    labels : ndarray of str, shape (n,)
    classes : sequence of str
    seed : int, optional
    """
    guess = np.asarray(classes)[probability.argmax(axis=1)]
    found = evaluate.scores(labels, guess)
    if seed is not None:
        low, high = evaluate.bootstrap(labels, guess, n=200, seed=seed)
        found |= {"macro_f1_low": low, "macro_f1_high": high}
    calibration = evaluate.calibration(labels, probability, list(classes))
    found["ece"] = evaluate.expected_calibration_error(calibration)
    return {"stars": len(labels), **rounded(found)}


def by_class(
    probability: np.ndarray, labels: np.ndarray, classes: Sequence[str]
) -> dict[str, dict[str, float]]:
    """Precision, recall and F1 of each class."""
    guess = np.asarray(classes)[probability.argmax(axis=1)]
    report = evaluate.classification_report(labels, guess, list(classes))
    columns = ["precision", "recall", "f1"]
    return {c: rounded(report.loc[c, columns].to_dict()) for c in classes}


def range_values(curves: LightCurves, periods: np.ndarray) -> dict[str, np.ndarray]:
    """What a card's ``ranges`` are about: period, points (of each band) and mean magnitude."""
    n = np.where(curves.counts > 0, curves.counts, np.nan)
    values = {"period [d]": periods, "points": n}
    values["magnitude"] = np.bincount(curves.star, curves.mag, curves.n_stars) / n
    for k, band in enumerate(curves.bands):
        points = np.bincount(curves.star[curves.band == k], minlength=curves.n_stars)
        values[f"points {band}"] = points
    return values


def ranges(curves: LightCurves, periods: np.ndarray) -> dict[str, list[float]]:
    """1st and 99th percentile of the training stars' period, number of points and mean
    magnitude."""
    values = range_values(curves, periods)
    return {k: percentiles(values[k]) for k in ("period [d]", "points", "magnitude")}


def outside(
    limits: Mapping[str, Sequence[float]], curves: LightCurves, periods: np.ndarray
) -> np.ndarray:
    """How many of the card's ``ranges`` each star lies outside; NaN counts as outside."""
    values = range_values(curves, periods)
    inside = [(values[k] >= low) & (values[k] <= high) for k, (low, high) in limits.items()]
    return len(inside) - np.sum(inside, axis=0)


def percentiles(values: np.ndarray) -> list[float]:
    """1st and 99th percentile, rounded; NaN are left out."""
    return [round(float(v), 4) for v in np.nanpercentile(values, [1, 99])]


def counts(labels: np.ndarray, classes: Sequence[str] | None = None) -> dict[str, int]:
    """Number of stars of each class, in the order of `classes`, else in alphabetical order."""
    names, n = np.unique(np.asarray(labels, str), return_counts=True)
    found = dict(zip(names.tolist(), n.tolist(), strict=True))
    return found if classes is None else {c: found.get(c, 0) for c in classes}


def rounded(values: Mapping[str, float]) -> dict[str, float]:
    """Numbers with four decimals, as cards show them."""
    return {k: round(float(v), 4) for k, v in values.items()}

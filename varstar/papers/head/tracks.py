"""The three tracks: within a survey, from survey to survey, with few labels; and fewer points.

Every function gives a row or predictions for every entrant: one that fails keeps its place
with the reason.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from varstar.compendium.cache import cached
from varstar.learning import splits
from varstar.lightcurves.preprocess import at_most_points
from varstar.papers.head import methods
from varstar.papers.head import survey as surveys
from varstar.papers.head.survey import Survey

#: What an entrant said, and what it cost.
Run = dict[str, Any]


def run(
    entry: Mapping[str, Any], train: Survey, labels: np.ndarray, test: Survey, seed: int
) -> Run:
    """One entrant learns and judges.

    Parameters
    ----------
    entry : mapping
        Of `varstar.papers.head.methods.entries`; or with a callable ``function`` of one's own,
        ``function(train, labels, test)``, instead of ``method``.

    Returns
    -------
    dict
        ``probability`` (n_test, n_classes), classes in sorted order; ``train_seconds``,
        ``test_ms``, ``mb``, and ``error``: "" or why there is no answer.
    """
    n_classes = len(np.unique(labels))
    nothing = np.full((len(test.labels), n_classes), np.nan)
    start = time.process_time()
    try:
        if "function" in entry:
            found = np.asarray(entry["function"](train, labels, test), float)
            answer = methods.Answer(found, np.nan, np.nan)
        else:
            work = methods.method(entry["method"])
            answer = work(train, labels, test, seed, **entry.get("options", {}))
        if answer.probability.shape != nothing.shape or not np.isfinite(answer.probability).all():
            raise ValueError(
                f"expected finite probabilities of shape {nothing.shape}. "
                f"Received: {answer.probability.shape}"
            )
    except Exception as error:  # an entrant's failure is its own
        return {"probability": nothing, "train_seconds": np.nan, "test_ms": np.nan, "mb": np.nan,
                "error": f"{type(error).__name__}: {error}"[:200]}  # fmt: skip
    seconds = time.process_time() - start - np.nan_to_num(answer.train_seconds)
    ms = 1e3 * seconds / max(len(test.labels), 1)
    return {**answer._asdict(), "test_ms": ms, "error": ""}


def in_survey(
    survey: Survey,
    entry: Mapping[str, Any],
    *,
    folds: int,
    use: int,
    seeds: Sequence[int],
    split_seed: int = 0,
) -> Run:
    """Cross-validation by star: each fold judged by what learned from the others.

    Parameters
    ----------
    folds, use : int
        Number of folds, and how many of them are judged (time).
    seeds : sequence of int
        Of the entrant; the folds stay.

    Returns
    -------
    dict
        ``row`` (positions of the judged stars), ``probability`` (n_seeds, n, n_classes),
        ``train_seconds``, ``test_ms``, ``mb``, ``split``, ``error``.
    """
    fold = fold_of(survey, folds, split_seed)
    rows = np.concatenate([np.flatnonzero(fold == k) for k in range(use)])
    parts = [[_kept_fold(survey, fold, k, entry, seed) for k in range(use)] for seed in seeds]
    flat = [one for each in parts for one in each]
    mean = {k: _mean([one[k] for one in flat]) for k in ("train_seconds", "test_ms", "mb")}
    found = [np.concatenate([one["probability"] for one in each]) for each in parts]
    return {
        "row": rows,
        "probability": np.stack(found),
        **mean,
        "split": surveys.split_hash(survey, fold),
        "error": next((one["error"] for one in flat if one["error"]), ""),
    }  # fmt: skip


def one_fold(survey: Survey, fold: np.ndarray, k: int, entry: Mapping[str, Any], seed: int) -> Run:
    """Fold `k` judged by what learned from the others."""
    learn, judged = (survey.stars(np.flatnonzero(mine)) for mine in (fold != k, fold == k))
    return run(entry, learn, learn.labels, judged, seed)


def _kept_fold(
    survey: Survey, fold: np.ndarray, k: int, entry: Mapping[str, Any], seed: int
) -> Run:
    """`one_fold`, kept for the next time, but for functions of a user's own."""
    if "function" in entry:
        return one_fold(survey, fold, k, entry, seed)
    timeless = survey._replace(ms={})
    return cached("head_fold", one_fold, timeless, fold, k, dict(entry), seed, quiet=True)


def _mean(values: Sequence[float]) -> float:
    """Of those that are known: costs are measured on one machine only."""
    known = [v for v in values if np.isfinite(v)]
    return float(np.mean(known)) if known else float("nan")


def fold_of(survey: Survey, folds: int, seed: int) -> np.ndarray:
    """The fold of each star; the same for every entrant."""
    return splits.folds_by_star(pd.Series(survey.labels), folds, seed=seed).to_numpy()


def with_families(survey: Survey, minimum: int = 5) -> tuple[Survey, np.ndarray]:
    """The stars of a family with enough stars, and these."""
    n = pd.Series(survey.families).value_counts()
    good = [f for f in n.index if f and n[f] >= minimum]
    rows = np.flatnonzero(np.isin(survey.families, good))
    return survey.stars(rows), survey.families[rows]


def cross_survey(
    train: Survey, test: Survey, entry: Mapping[str, Any], *, seed: int
) -> dict[str, Any]:
    """Families learned from one survey, judged on another; stars of both are not learned from."""
    learn, families = with_families(train)
    keep = np.flatnonzero(~surveys.same_sky(learn.sample, test.sample))
    judged, truth = with_families(test)
    learn, families = learn.stars(keep), families[keep]
    classes = np.unique(families)
    answer = run(entry, learn, families, judged, seed)
    return {**answer, "classes": classes, "truth": truth}


def few_labels(
    survey: Survey, entry: Mapping[str, Any], n: int, *, folds: int, seed: int
) -> dict[str, Any]:
    """Learned from at most `n` stars a class, judged on the stars of the first fold."""
    fold = fold_of(survey, folds, 0)
    rows = np.flatnonzero(fold != 0)
    rows = rows[splits.at_most(survey.labels[rows], n, seed=seed)]
    test = survey.stars(np.flatnonzero(fold == 0))
    answer = run(entry, survey.stars(rows), survey.labels[rows], test, seed)
    return {**answer, "classes": np.unique(survey.labels[rows]), "truth": test.labels}


def by_points(
    survey: Survey,
    entry: Mapping[str, Any],
    points: Sequence[int],
    measure: Callable[..., dict[str, Any]],
    *,
    folds: int,
    seed: int,
) -> dict[str, dict[str, Any]]:
    """Learned from whole light curves, judged on the first fold's with fewer points.

    Parameters
    ----------
    measure : callable
        `varstar.papers.head.survey.measure`, or the same through a cache.

    Returns
    -------
    dict
        By the number of points, in words: a cache keeps no other names.
    """
    fold = fold_of(survey, folds, 0)
    train = survey.stars(np.flatnonzero(fold != 0))
    whole = survey.stars(np.flatnonzero(fold == 0))
    out = {}
    for n in points:
        sample = at_most_points(whole.sample, n, seed=seed)
        known = measure(sample, survey.given)
        test = whole._replace(sample=sample, search=known["search"], table=known["table"])
        answer = run(entry, train, train.labels, test, seed)
        out[str(n)] = {**answer, "classes": np.unique(train.labels), "truth": test.labels}
    return out

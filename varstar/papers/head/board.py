"""From predictions to a leaderboard: scores, intervals, paired differences, what it costs."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from varstar.learning import claims, evaluate

#: The entrant that the others are compared with.
REFERENCE = "01_forest_sixteen"
#: What an entry of the leaderboard must have been made with.
MUST = ("seed", "commit", "lock")


def scores(truth: Sequence[str], probability: np.ndarray, classes: Sequence[str]) -> dict:
    """Macro F1, Mc, accuracy, log loss, and the expected calibration error."""
    truth, classes = np.asarray(truth, str), list(classes)
    told = np.asarray(classes, object)[probability.argmax(axis=1)].astype(str)
    place = {c: k for k, c in enumerate(classes)}
    column = np.array([place.get(t, -1) for t in truth])
    own = np.where(column >= 0, probability[np.arange(len(truth)), column], 0.0)
    table = evaluate.calibration(truth, probability, classes)
    return {
        **evaluate.scores(truth, told),
        "log_loss": float(-np.log(np.maximum(own, 1e-6)).mean()),
        "ece": evaluate.expected_calibration_error(table),
    }


def holm(p: Sequence[float]) -> np.ndarray:
    """Holm's correction of p values for many comparisons; NaN stay."""
    p = np.asarray(p, float)
    out = np.full(len(p), np.nan)
    known = np.flatnonzero(np.isfinite(p))
    order = known[np.argsort(p[known])]
    factor = len(order) - np.arange(len(order))
    out[order] = np.minimum(np.maximum.accumulate(p[order] * factor), 1.0)
    return out


def leaderboard(
    runs: Mapping[tuple[str, str, str], Mapping[str, Any]],
    surveys: Mapping[tuple[str, str], Any],
    *,
    n: int = 300,
    seed: int = 0,
) -> pd.DataFrame:
    """A row an entrant, survey and kind of period.

    Parameters
    ----------
    runs : mapping
        (entrant, survey, period) -> `varstar.papers.head.tracks.in_survey`.
    surveys : mapping
        (survey, period) -> `varstar.papers.head.survey.Survey`.
    n : int
        Resamplings of the stars.

    Returns
    -------
    DataFrame
        ``method, survey, period, macro_f1, sem, low, high, difference`` (to `REFERENCE`, on the
        stars that both judged), ``p_holm``, ``mc, accuracy, ece, log_loss, train_minutes,
        ms_star`` (periods and columns included), ``mb, seeds, stars, split, error``.
    """
    rows, p_values = [], {}
    for (name, survey, period), one in runs.items():
        stars = surveys[survey, period]
        row = {"method": name, "survey": survey, "period": period, "error": one["error"],
               "split": one["split"], "stars": len(one["row"]),
               "seeds": len(one["probability"])}  # fmt: skip
        if not one["error"]:
            row |= _measured(one, stars, n, seed)
            other = runs.get((REFERENCE, survey, period))
            if other is not None and not other["error"] and name != REFERENCE:
                difference = paired(one, other, stars, n, seed)
                row["difference"] = difference.value
                share = float((difference.draws > 0).mean())
                p_values[len(rows)] = max(2 * min(share, 1 - share), 1 / n)
            row["train_minutes"], row["mb"] = one["train_seconds"] / 60, one["mb"]
            row["ms_star"] = one["test_ms"] + one.get("needs_ms", 0.0)
        rows.append(row)
    table = pd.DataFrame(rows)
    table["p_holm"] = np.nan
    for _, part in table.groupby(["survey", "period"]):
        table.loc[part.index, "p_holm"] = holm([p_values.get(i, np.nan) for i in part.index])
    first = ["method", "survey", "period", "macro_f1", "sem", "low", "high", "difference", "p_holm",
             "mc", "accuracy", "ece", "log_loss", "train_minutes", "ms_star", "mb", "seeds",
             "stars", "split", "error"]  # fmt: skip
    return table.reindex(columns=first)


def _measured(one: Mapping[str, Any], stars: Any, n: int, seed: int) -> dict[str, float]:
    """Means over the seeds, their standard error, and the interval over stars."""
    truth, classes = stars.labels[one["row"]], np.unique(stars.labels)
    each = pd.DataFrame([scores(truth, p, classes) for p in one["probability"]])
    low, high = _mean_score(one, stars, one["row"], n, seed).interval
    row = {name: float(each[name].mean()) for name in each}
    return {**row, "sem": evaluate.mean_sem(each["macro_f1"])[1], "low": low, "high": high}


def _mean_score(
    one: Mapping[str, Any], stars: Any, rows: np.ndarray, n: int, seed: int
) -> claims.Score:
    """Mean macro F1 of the seeds on the stars `rows`, resampled alike for every seed.

    A mean of scores, not the score of a mean: several seeds averaged would be an ensemble, and
    stand against entrants of one seed.
    """
    classes = np.unique(stars.labels)
    place = {r: k for k, r in enumerate(one["row"])}
    at = [place[r] for r in rows]
    each = [
        claims.resampled(stars.labels[rows], classes[p[at].argmax(axis=1)], n=n, seed=seed)
        for p in one["probability"]
    ]
    return claims.Score(
        float(np.mean([s.value for s in each])), np.mean([s.draws for s in each], axis=0)
    )


def paired(one: Mapping, other: Mapping, stars: Any, n: int, seed: int) -> claims.Score:
    """Difference in macro F1 on the stars that both judged, stars resampled alike."""
    common = np.intersect1d(one["row"], other["row"])
    a, b = (_mean_score(each, stars, common, n, seed) for each in (one, other))
    return a - b


def answers(one: Mapping[str, Any], stars: Any) -> pd.DataFrame:
    """What an entrant says of each judged star, in the columns of `varstar.classify`: its mean
    over the seeds, ``label``, ``probability``, ``period``, ``status``."""
    mean, classes = one["probability"].mean(axis=0), np.unique(stars.labels)
    known = np.isfinite(mean).all(axis=1)
    best = np.where(known[:, None], mean, 0.0).argmax(axis=1)
    return pd.DataFrame(
        {
            "label": np.where(known, classes[best], ""),
            "probability": np.where(known, mean[np.arange(len(mean)), best], np.nan),
            "period": stars.search["period"].to_numpy(float)[one["row"]],
            "status": np.where(known, "ok", one["error"] or "no answer"),
        },
        index=stars.sample.index[one["row"]],
    )


def ranks(table: pd.DataFrame) -> pd.DataFrame:
    """Mean rank of each method over the surveys where all of them answered (1 is best), and the
    critical difference of Nemenyi's test at 5 % (Demsar 2006)."""
    from scipy.stats import studentized_range

    wide = table.pivot_table(index=["survey", "period"], columns="method", values="macro_f1")
    wide = wide.dropna(axis=1)
    rank = wide.rank(axis=1, ascending=False).mean().sort_values()
    k, n = len(rank), len(wide)
    critical = np.nan
    if k > 1 and n > 1:
        q = studentized_range.ppf(0.95, k, np.inf) / np.sqrt(2)
        critical = q * np.sqrt(k * (k + 1) / (6 * n))
    return pd.DataFrame({"rank": rank, "critical_difference": critical, "surveys": n})


def check(table: pd.DataFrame, record: Mapping[str, Any]) -> None:
    """Refuse a leaderboard whose record lacks one of `MUST`, or comes from a dirty tree."""
    missing = [name for name in MUST if record.get(name) in (None, "")]
    if missing:
        raise ValueError(f"a leaderboard entry needs {list(MUST)}. Missing: {missing}")
    if record.get("dirty"):
        raise ValueError("a leaderboard comes from committed code only: commit, and run again")
    if table.empty:
        raise ValueError("a leaderboard without entries")

"""Do the central claims of a paper hold in our own tables? Verdicts computed, not typed.

A claim is put as a number that is positive where it is true ("network minus forest"). Its
uncertainty comes from resampled stars, or from seeds. One training of a network can turn
out otherwise on another machine: the numbers of two machines differed by more than
`RERUN` in four cases of a hundred, so that a claim that rests on fewer than `SEEDS` trainings
must hold by more than that.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from varstar.learning.evaluate import macro_f1

#: How far a score of one training may move on another machine.
RERUN = 0.05
#: Trainings from which on their own scatter says how far they move.
SEEDS = 3
VERDICTS = ("holds", "does not hold", "cannot tell")


@dataclass(frozen=True)
class Score:
    """A number and what it would be for other stars of the same kind (or other seeds).

    Attributes
    ----------
    value : float
    draws : ndarray
        The number for resampled stars.
    """

    value: float
    draws: np.ndarray

    def __sub__(self, other: "Score | float") -> "Score":
        """The difference; paired where both were resampled alike."""
        if isinstance(other, Score):
            return Score(self.value - other.value, self.draws - other.draws)
        return Score(self.value - other, self.draws - other)

    def __rsub__(self, other: float) -> "Score":
        return Score(other - self.value, other - self.draws)

    @property
    def interval(self) -> tuple[float, float]:
        """95 per cent of the draws; NaN where there are none."""
        if not np.isfinite(self.draws).any():
            return np.nan, np.nan
        low, high = np.nanpercentile(self.draws, [2.5, 97.5])
        return float(low), float(high)

    def __str__(self) -> str:
        low, high = self.interval
        if not np.isfinite(low):
            return f"{self.value:+.3f}"
        return f"{self.value:+.3f} [{low:+.3f}, {high:+.3f}]"


def resampled(
    labels: Sequence[str],
    predicted: Sequence[str],
    *,
    score: Callable[[np.ndarray, np.ndarray], float] = macro_f1,
    stars: Sequence | None = None,
    n: int = 300,
    seed: int = 0,
) -> Score:
    """A score, and its values for stars drawn with replacement.

    Parameters
    ----------
    labels, predicted : sequence of str
    score : callable
        Of labels and predictions.
    stars : sequence, optional
        The star of each row, where stars have several: stars are drawn, not rows.
    n : int
    seed : int
        Scores of the same rows with the same seed are resampled alike: their difference
        is a paired one.
    """
    labels, predicted = np.asarray(labels, str), np.asarray(predicted, str)
    if len(labels) != len(predicted) or not len(labels):
        raise ValueError(
            f"expected as many labels as predictions. Received: {len(labels)}, {len(predicted)}"
        )
    group = np.arange(len(labels)) if stars is None else pd.factorize(np.asarray(stars))[0]
    order = np.argsort(group, kind="stable")
    edges = np.r_[0, np.cumsum(np.bincount(group))]
    rng = np.random.default_rng(seed)
    draws = np.empty(n)
    for k in range(n):
        drawn = rng.integers(0, len(edges) - 1, len(edges) - 1)
        rows = (
            order[drawn]
            if stars is None
            else np.concatenate([order[edges[g] : edges[g + 1]] for g in drawn])
        )
        draws[k] = score(labels[rows], predicted[rows])
    return Score(float(score(labels, predicted)), draws)


def recall_of(name: str) -> Callable[[np.ndarray, np.ndarray], float]:
    """The recall of one class, as a score; NaN without a star of it."""

    def recall(labels: np.ndarray, predicted: np.ndarray) -> float:
        its = labels == name
        return float((predicted[its] == name).mean()) if its.any() else np.nan

    return recall


def over_seeds(values: Sequence[float]) -> Score:
    """The mean of repeated trainings, with Student's interval of the mean as draws."""
    values = np.asarray(values, float)
    mean = float(values.mean())
    if len(values) < 2:
        return Score(mean, np.array([np.nan]))
    quantiles = stats.t.ppf(np.linspace(0, 1, 401).clip(1e-4, 1 - 1e-4), len(values) - 1)
    return Score(mean, mean + quantiles * values.std(ddof=1) / np.sqrt(len(values)))


def known_interval(value: float, low: float, high: float) -> Score:
    """A number whose 95 % interval is known."""
    return Score(float(value), np.linspace(low, high, 41))


def verdict(score: Score | None, seeds: int | None, rerun: float = RERUN) -> str:
    """One of `VERDICTS`.

    Parameters
    ----------
    score : Score or None
        Positive where the claim is true.
    seeds : int or None
        Trainings of networks behind it; None where nothing was trained that another machine
        would train otherwise (forests, periods).
    rerun : float
        How far the number may move when it rests on fewer than `SEEDS` trainings.
    """
    if score is None or not np.isfinite(score.value):
        return "cannot tell"
    low, high = score.interval
    if not np.isfinite(low):
        low = high = score.value
        if seeds is None:
            return "cannot tell"
    margin = rerun if seeds is not None and seeds < SEEDS else 0.0
    if low > 0 and score.value > margin:
        return "holds"
    if high < 0 and score.value < -margin:
        return "does not hold"
    return "cannot tell"


def claim(
    text: str,
    section: str,
    *,
    clean: Score | None,
    as_published: Score | None = None,
    seeds: int | None = 1,
    rerun: float = RERUN,
) -> dict[str, object]:
    """A row of the table of claims: the verdict is that of the clean number.

    Parameters
    ----------
    text : str
        The paper's claim and, in parentheses, the number that is positive where it is true.
    section : str
        Of the paper.
    clean, as_published : Score, optional
        With nothing chosen on test stars; as the paper did it, where that differs.
    seeds, rerun
        See `verdict`.
    """
    return {
        "claim": text,
        "section": section,
        "as_published": "" if as_published is None else str(as_published),
        "clean": "" if clean is None else str(clean),
        "seeds": "" if seeds is None else str(seeds),
        "verdict": verdict(clean, seeds, rerun),
    }


def table(rows: Sequence[dict[str, object]]) -> pd.DataFrame:
    """Claims, one a row, in the order given."""
    return pd.DataFrame(rows).set_index("claim")

"""A dozen or so trial periods of one star, among which the class and the period are decided.

The highest peaks of the periodogram, of one harmonic and of three, and what each of them
may be mistaken for: twice, half, three times its period, and its aliases by the rhythm of
the nights. Each is moved to the top of its own peak; none is thrown away because another
is higher.
"""

import itertools
from typing import NamedTuple

import numpy as np

from varstar.papers.any.series import nested_fit
from varstar.periods import refine, search
from varstar.periods.grid import Grid, frequency_grid

#: Peaks of the coarse periodogram, of one harmonic and summed over `TERMS`, that are computed
#: exactly.
PEAKS = 10
#: Peaks among which the best of several harmonics are looked for.
MANY = 60
#: Steps of the coarse grid in a peak's width.
OVERSAMPLING = 4.0
#: Harmonics of the series that ranks the peaks.
TERMS = 3
#: Peaks that are kept in either ranking, and those whose relatives are tried as well.
KEPT, PARENTS = 5, 2
#: Most trial periods of a star.
MOST = 18
#: Frequencies [1/d] by which nights shift a peak: the solar and the sidereal day, and two.
NIGHTS = (1.0, 1.0027379, 2.0054758)
#: What a trial period is of the peak that proposed it.
RELATIONS = ("peak", "double", "half", "triple", "alias")
#: Frequencies [1/d] between which the highest power is looked up.
RANGES = (0.0, 1 / 80, 1 / 20, 1 / 5, 0.9, 1.1, 4.5, 12.0, 24.5)


class Search(NamedTuple):
    """Trial frequencies [1/d] of one star, what they come from (of `RELATIONS`), whether it is
    the caller's, and the periodogram's shape (see `RANGES`)."""

    frequency: np.ndarray
    relation: np.ndarray
    given: np.ndarray
    ranges: np.ndarray
    span: float


def find(
    t: np.ndarray, mag: np.ndarray, weight: np.ndarray, given: float = np.nan
) -> Search | None:
    """Trial frequencies of one light curve; None where there is nothing to search.

    Parameters
    ----------
    t, mag, weight : ndarray, shape (n_points,)
        Sorted times [d] from the middle; magnitudes from their weighted mean (of each band);
        weights of sum one.
    given : float
        A period [d] that the caller believes in; tried as well, with twice and half of it.
    """
    span = t[-1] - t[0]
    if not weight @ mag**2 > 0 or not span > 0:
        return None
    grid = frequency_grid(span, oversampling=OVERSAMPLING)
    coarse = search.periodogram(t, weight * mag, grid)
    ranges = _ranges(coarse, grid)
    highest = search.highest_peaks(coarse, MANY)
    peaks = np.union1d(highest[:PEAKS], _by_harmonics(coarse, highest, grid)[:PEAKS])
    peaks = np.union1d(peaks, np.arange(min(4, grid.n)))
    low, high = grid.k_first * grid.step, grid.k_last * grid.step
    terms = max(1, min(TERMS, (len(t) - 3) // 4))
    frequency, one, many = _tops(
        t, mag, weight, (grid.k_first + peaks) * grid.step, grid.step, terms
    )
    by_many = frequency[np.argsort(-many, kind="stable")]
    by_many = by_many[refine.distinct(by_many, 1.5 * grid.step)]
    by_one = frequency[np.argsort(-one, kind="stable")]
    by_one = by_one[refine.distinct(by_one, 1.5 * grid.step)]
    trial, relation = _relatives(by_one, by_many)
    inside = (trial >= 0.45 * low) & (trial <= high + grid.step)
    trial, relation = trial[inside], relation[inside]
    child = relation > 0
    if child.any():
        trial[child] = _tops(t, mag, weight, trial[child], grid.step, terms, 0.5)[0]
    keep = refine.distinct(trial, grid.step)[:MOST]
    trial, relation = trial[keep], relation[keep]
    trial, relation, mine = _with_given(trial, relation, given, grid.step)
    return Search(trial, relation, mine, ranges, span)


def _with_given(
    trial: np.ndarray, relation: np.ndarray, given: float, step: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The trials with a given period among them: in the place of the one that it is, or last.

    Twice and half of it are tried as well.
    """
    mine = np.zeros(len(trial), bool)
    if not (np.isfinite(given) and given > 0):
        return trial, relation, mine
    near = np.abs(trial - 1 / given) < step
    if near.any():
        mine[np.argmax(near)] = True
        trial[mine] = 1 / given
    else:
        trial, relation, mine = np.r_[trial, 1 / given], np.r_[relation, 0], np.r_[mine, True]
    for factor, kind in ((0.5, 1), (2.0, 2)):
        if not (np.abs(trial - factor / given) < step).any():
            trial, relation = np.r_[trial, factor / given], np.r_[relation, kind]
            mine = np.r_[mine, False]
    return trial, relation, mine


def _by_harmonics(coarse: np.ndarray, peaks: np.ndarray, grid: Grid) -> np.ndarray:
    """Frequencies with the highest power summed over `TERMS` harmonics, the highest first.

    Such a sum is high only where one of its terms is: the highest peaks, their halves and
    thirds are looked at, not the whole grid.
    """
    k = peaks + grid.k_first
    k = np.unique(np.concatenate([k, *((k + i) // j for j in (2, 3) for i in range(j))]))
    k = k[k >= grid.k_first]
    total = np.zeros(len(k))
    for order in range(1, TERMS + 1):
        at = order * k - grid.k_first
        near = [
            coarse[np.clip(at + i, 0, grid.n - 1)] for i in ((0,) if order == 1 else (-1, 0, 1))
        ]
        total += np.where(at < grid.n, np.max(near, axis=0), 0.0)
    k = k[np.argsort(-total, kind="stable")]
    kept: list[int] = []
    for one in k:  # one a peak
        if all(abs(one - other) > 3 for other in kept):
            kept.append(int(one))
        if len(kept) == PEAKS:
            break
    return np.array(kept, np.int64) - grid.k_first


def _ranges(coarse: np.ndarray, grid: Grid) -> np.ndarray:
    """Highest coarse power in each of `RANGES` over the highest of all (0 where none)."""
    edges = np.clip(
        np.round(np.array(RANGES) / grid.step).astype(np.int64) - grid.k_first, 0, grid.n
    )
    top = [coarse[a:b].max() if b > a else 0.0 for a, b in itertools.pairwise(edges)]
    return np.sqrt(np.array(top) / max(coarse.max(), 1e-300))


def _tops(
    t: np.ndarray,
    mag: np.ndarray,
    weight: np.ndarray,
    frequency: np.ndarray,
    step: float,
    terms: int,
    reach: float = 0.6,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Frequencies moved to their tops, with the powers there of one harmonic and of many."""
    offsets = step * reach * np.array([-1.0, 0.0, 1.0])
    turn = refine.fan(t, frequency, offsets)
    power = nested_fit(turn, mag, weight, terms)[0][:, -1]
    left, middle, right = power.reshape(3, -1)
    bend = left - 2 * middle + right
    with np.errstate(divide="ignore", invalid="ignore"):
        shift = np.where(bend < 0, np.clip((left - right) / (2 * bend), -1.5, 1.5), 0.0)
    frequency = np.maximum(frequency + shift * offsets[2], 0.02 * step)
    power = nested_fit(refine.turns(t, frequency), mag, weight, terms)[0]
    return frequency, power[:, 0], power[:, -1]


def _relatives(by_one: np.ndarray, by_many: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Peaks and the periods they may be mistaken for, the most promising first."""
    peaks = np.concatenate([by_one[:1], by_many[:1], by_one[1:KEPT], by_many[1:KEPT]])
    trial, relation = [peaks], [np.zeros(len(peaks), int)]
    best = [*dict.fromkeys([*by_one[:1], *by_many[:1]])]
    for f in best:
        shifted = [abs(f + s) for s in NIGHTS[:2]] + [abs(f - s) for s in NIGHTS]
        trial.append(np.array([f / 2, 2 * f, f / 3, *shifted]))
        relation.append(np.array([1, 2, 3] + [4] * len(shifted)))
    others = np.concatenate([by_one[1:PARENTS], by_many[1:PARENTS]])
    trial.append(others / 2)
    relation.append(np.ones(len(others), int))
    return np.concatenate(trial), np.concatenate(relation)

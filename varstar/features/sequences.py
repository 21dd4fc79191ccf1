"""Folded sequences, what recurrent networks look at (Tsang & Schultz 2019, Sect. 2.1).

A light curve is cut into sequences of `length` points, each folded and put in the order of
phase. Step j of a sequence holds ``dt_j``, the phase since the step before (``dt_0 = 0``),
``x_j``, the magnitude shifted and scaled to zero mean and unit deviation within the
sequence, and ``sigma_j``, its error scaled alike.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar.lightcurves.folding import epoch_of_maximum, fold_curves, usable_periods
from varstar.lightcurves.preprocess import smoother_residual
from varstar.lightcurves.sample import LightCurves, clean, light_curves, one_band
from varstar.periods.find import known_periods, period_status
from varstar.progress import tqdm

#: Points of a sequence (TS19, Sect. 2.1).
LENGTH = 200
#: Names of the columns of `Sequences.x`.
COLUMNS = ("dt", "x", "sigma")


class Sequences(NamedTuple):
    """Folded sequences; several may be of one star.

    Attributes
    ----------
    x : ndarray of float32, shape (n_sequences, length, 3)
        Columns `COLUMNS`: phase since the step before, in cycles; magnitude, zero mean and
        unit deviation (ddof 0) over the sequence; error in units of that deviation. Fainter
        is greater, as in magnitudes. Steps beyond the end are zero in all columns.
    mask : ndarray of bool, shape (n_sequences, length)
        Which steps hold a measurement; the first `points` of each sequence.
    star : ndarray of int64, shape (n_sequences,)
        Row of the star that each sequence is of; ascending. Splits go by it.
    mean, sd : ndarray of float64, shape (n_sequences,)
        Mean and deviation that were taken out [mag].
    log_period : ndarray of float64, shape (n_sequences,)
        log10 of the period [d].
    """

    x: np.ndarray
    mask: np.ndarray
    star: np.ndarray
    mean: np.ndarray
    sd: np.ndarray
    log_period: np.ndarray

    @property
    def points(self) -> np.ndarray:
        """Number of measurements of each sequence."""
        return self.mask.sum(axis=1)

    def rows(self, rows: np.ndarray) -> "Sequences":
        """Only the sequences `rows` (integers or a mask)."""
        return Sequences(*(a[rows] for a in self))

    def of_stars(self, stars: np.ndarray) -> "Sequences":
        """Only the sequences of the stars `stars` (rows of the sample, or a mask over it)."""
        stars = np.asarray(stars)
        stars = np.flatnonzero(stars) if stars.dtype == bool else stars
        return self.rows(np.isin(self.star, stars))


def fold_sequences(
    curves: NestedFrame | LightCurves,
    periods: np.ndarray | pd.Series | str | float | None = None,
    length: int = LENGTH,
    *,
    minimum: int = 50,
    cut: str = "time",
    per_star: int | None = None,
    epochs: float | np.ndarray | str = 0.0,
    bands: str | None = None,
) -> tuple[Sequences, np.ndarray]:
    """Folded sequences of many stars.

    Parameters
    ----------
    curves : NestedFrame or LightCurves
    periods : Series by star_id, array of shape (n_stars,), column name or number, optional
        Period [d] of each star; the column ``period``, or searched, by default (see
        `varstar.lightcurves.sample`).
    length : int
        Steps of a sequence; the paper's 200.
    minimum : int
        Fewest points of a sequence, 2 or more. Shorter stars, and remainders of stars, are
        left out; what lies between is padded. ``minimum=length`` is the paper's own
        choice: full sequences only.
    cut : {"time", "even"}
        How a star of more than `length` points is cut. "time": `length` successive
        measurements each (the paper's), the rest being a shorter one. "even": into as few
        as possible of equal numbers, each taking every k-th measurement, so that each
        spans the whole time and no remainder is lost.
    per_star : int, optional
        At most so many of a star, the first ones.
    epochs : float, ndarray or "max"
        Time [d] of phase 0; "max" is the maximum of each star's mean folded curve. The
        paper leaves it at zero time, so that sequences begin at a random phase.
    bands : str, optional
        Each star's main band by default.

    Returns
    -------
    sequences : Sequences
    status : ndarray of str, shape (n_stars,)
        ``"ok"`` where a star has a sequence, or why it has none: reasons of
        `clean`, ``"no period"``, or ``"no usable sequence"`` (each would be
        too short, or of constant magnitude).

    Raises
    ------
    ValueError
        A length or minimum that cannot be, an unknown `cut`, band or column.
    """
    if not 2 <= minimum <= length:
        raise ValueError(f"expected 2 <= minimum <= length. Received: {minimum!r}, {length!r}")
    if cut not in ("time", "even"):
        raise ValueError(f"cut: expected 'time' or 'even'. Received: {cut!r}")
    if per_star is not None and per_star < 1:
        raise ValueError(f"per_star: expected 1 or more. Received: {per_star!r}")
    sample = curves
    curves, status = clean(one_band(light_curves(sample), bands), min_points=minimum)
    period = usable_periods(known_periods(sample, periods, curves))
    status = period_status(status, period)
    used = np.flatnonzero(status == "ok")
    part = curves.stars(used)
    if isinstance(epochs, str):
        if epochs != "max":
            raise ValueError(f"epochs: expected times or 'max'. Received: {epochs!r}")
        epoch = epoch_of_maximum(part, period[used])
    else:
        epoch = np.broadcast_to(np.asarray(epochs, float), period.shape)[used]

    number = _cut(part, length, minimum, cut, per_star)
    phase = fold_curves(part, period[used], epoch)
    keep = number >= 0
    star = part.star[keep]
    # Sequences in the order of stars, and of their number within the star.
    most = int(number.max(initial=0)) + 1
    _, sequence, points = np.unique(
        star * most + number[keep], return_inverse=True, return_counts=True
    )
    phase, mag, err = phase[keep], part.mag[keep], part.err[keep]
    order = np.lexsort((phase, sequence))
    sequence, star, phase, mag, err = (a[order] for a in (sequence, star, phase, mag, err))
    start = np.concatenate([[0], np.cumsum(points)]).astype(np.int64)
    n = len(points)
    mean = np.bincount(sequence, mag, n) / np.maximum(points, 1)
    x = mag - mean[sequence]
    sd = np.sqrt(np.bincount(sequence, x**2, n) / np.maximum(points, 1))
    # A sequence of equal magnitudes has no shape; rounding leaves it a deviation near zero.
    good = sd > 1e-9 * np.maximum(np.abs(mean), 1.0)
    scale = np.where(good, sd, 1.0)[sequence]
    dt = np.diff(phase, prepend=0.0)
    dt[start[:-1]] = 0.0
    step = np.arange(len(sequence)) - start[sequence]
    values = np.zeros((n, length, 3), np.float32)
    values[sequence, step] = np.stack([dt, x / scale, err / scale], axis=1)
    mask = np.arange(length) < points[:, None]
    row = used[star[start[:-1]]] if n else np.empty(0, np.int64)
    with np.errstate(invalid="ignore"):
        log_period = np.log10(period[row])
    sequences = Sequences(values, mask, row, mean, sd, log_period).rows(good)
    without = np.setdiff1d(used, sequences.star)
    status = status.astype(object)
    status[without] = "no usable sequence"
    return sequences, status.astype(str)


def _cut(
    curves: LightCurves, length: int, minimum: int, cut: str, per_star: int | None
) -> np.ndarray:
    """Number of the sequence within its star that each point belongs to; -1 for none."""
    counts = curves.counts
    rank = np.arange(len(curves.t)) - np.repeat(curves.offsets[:-1], counts)
    if cut == "time":
        number = rank // length
        size = np.minimum(length, np.repeat(counts, counts) - number * length)
    else:
        parts = np.repeat(-(-counts // length), counts)
        number = rank % np.maximum(parts, 1)
        size = (np.repeat(counts, counts) - number + parts - 1) // np.maximum(parts, 1)
    number[size < minimum] = -1
    if per_star is not None:
        number[number >= per_star] = -1
    return number


def weights(
    sequences: Sequences, *, relative: bool = False, most: float | None = None
) -> np.ndarray:
    """Weight of each step in the loss, 1 / sigma (TS19, Eq 1); zero beyond the end.

    Parameters
    ----------
    sequences : Sequences
    relative : bool
        Divide by the mean weight of the sequence. As printed, a bright star of large
        amplitude, whose errors are small beside its variation, outweighs a faint one by
        orders of magnitude; relative weights let every sequence count alike and differ
        only within it.
    most : float, optional
        Largest weight.

    Returns
    -------
    ndarray of float32, shape (n_sequences, length)
    """
    sigma, mask = sequences.x[:, :, 2].astype(float), sequences.mask
    w = np.where(mask, 1.0 / np.where(mask, sigma, 1.0), 0.0)
    if relative:
        w /= w.sum(axis=1, keepdims=True) / np.maximum(mask.sum(axis=1, keepdims=True), 1)
    if most is not None:
        w = np.minimum(w, most)
    return w.astype(np.float32)


def select(
    sample: NestedFrame,
    *,
    min_probability: float | None = 0.9,
    probability: str = "class_prob",
    min_points: int | None = 200,
    max_residual: float | None = 0.7,
    magnitude: tuple[float, float] | None = (11.0, 17.0),
    periods: str = "period",
    bands: str | None = None,
) -> pd.DataFrame:
    """Which stars TS19 would train on, and why the others not (Sect. 2.1).

    Parameters
    ----------
    sample : NestedFrame
    min_probability : float or None
        A star is left out unless the catalogue's class probability is *greater*; without
        the column, or with None, there is no such cut.
    probability : str
        That column.
    min_points : int or None
        Fewest valid measurements.
    max_residual : float or None
        Largest residual of SuperSmoother on the folded curve
        (`varstar.lightcurves.preprocess.smoother_residual`); computed star by star, for those that
        pass the other cuts.
    magnitude : (float, float) or None
        Limits of the mean magnitude, bright and faint.
    periods : str
        Column of periods [d].
    bands : str, optional

    Returns
    -------
    DataFrame
        Index of `sample`; ``keep``; ``reason``: ``"ok"``, a reason of
        `clean`, ``"no period"``, ``"class probability"``, ``"points"``,
        ``"magnitude"``, ``"residual"`` (the first that applies); ``points``,
        ``mean_mag``, ``residual`` (NaN where not computed).
    """
    curves, status = clean(one_band(light_curves(sample), bands))
    period = usable_periods(sample[periods].to_numpy(float, na_value=np.nan))
    points = curves.counts
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(curves.star, curves.mag, curves.n_stars) / points
    reason = status.astype(object)

    def leave_out(bad: np.ndarray, why: str) -> None:
        reason[(reason == "ok") & bad] = why

    leave_out(np.isnan(period), "no period")
    if min_probability is not None and probability in sample.columns:
        sure = sample[probability].to_numpy(float, na_value=np.nan) > min_probability
        leave_out(~sure, "class probability")
    if min_points is not None:
        leave_out(points < min_points, "points")
    if magnitude is not None:
        leave_out(~((mean >= magnitude[0]) & (mean <= magnitude[1])), "magnitude")
    residual = np.full(len(sample), np.nan)
    if max_residual is not None:
        todo = np.flatnonzero(reason == "ok")
        for i in tqdm(todo, desc="SuperSmoother", unit="star", disable=None, leave=False):
            residual[i] = smoother_residual(*curves.one(i), period=float(period[i]))
        leave_out(~(residual <= max_residual), "residual")
    return pd.DataFrame(
        {
            "keep": reason == "ok", "reason": reason.astype(str), "points": points,
            "mean_mag": mean, "residual": residual,
        },
        index=sample.index,
    )  # fmt: skip

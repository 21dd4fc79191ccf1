"""What the explorer computes of one light curve: gaps pressed together, a harmonic series and
what it leaves, steps and aliases of a period."""

from typing import NamedTuple

import numpy as np

from varstar.lightcurves.folding import fold
from varstar.lightcurves.sample import LightCurves, is_valid
from varstar.periods.harmonics import evaluate_series, fit_series
from varstar.periods.significance import SAMPLING

#: A step in time this many times the median one, and this share of the span, is a gap.
GAP_STEPS, GAP_SHARE = 10.0, 0.02
#: What a gap is pressed to: a share of the time observed.
PRESSED = 0.03
#: Harmonics tried at most.
MOST_TERMS = 8
#: Phases at which a series is drawn.
GRID = np.linspace(0, 1, 201)


class Pressed(NamedTuple):
    """Times without their gaps.

    Attributes
    ----------
    x : ndarray, shape (n_points,)
        Where each point goes [d]; the first one's time is kept.
    gaps : ndarray, shape (n_gaps, 2)
        Where each gap is drawn, and the days that it really lasted.
    start : ndarray, shape (n_gaps + 1, 2)
        Where each stretch without a gap begins, and the time [d] that it is.
    """

    x: np.ndarray
    gaps: np.ndarray
    start: np.ndarray


def press(t: np.ndarray) -> Pressed:
    """Press the gaps of a light curve together, so that its seasons are seen beside each other.

    Within a season times keep their distances.

    Parameters
    ----------
    t : ndarray
        Times [d], in any order; those that are not finite stay where they are.
    """
    t = np.asarray(t, float)
    x = t.copy()
    known = np.flatnonzero(np.isfinite(t))
    if not len(known):
        return Pressed(x, np.empty((0, 2)), np.empty((0, 2)))
    order = known[np.argsort(t[known], kind="stable")]
    time = t[order]
    steps = np.diff(time)
    usual = np.median(steps[steps > 0]) if (steps > 0).any() else 0.0
    gap = (steps > GAP_STEPS * usual) & (steps > GAP_SHARE * (time[-1] - time[0]))
    width = PRESSED * steps[~gap].sum() or usual
    short = np.where(gap, np.minimum(steps, width), steps)
    place = time[0] + np.concatenate([[0.0], np.cumsum(short)])
    x[order] = place
    gaps = np.column_stack([place[:-1][gap] + short[gap] / 2, steps[gap]])
    first = np.concatenate([[0], np.flatnonzero(gap) + 1])
    return Pressed(x, gaps, np.column_stack([place[first], time[first]]))


class Series(NamedTuple):
    """Harmonic series fitted to the bands of a star at one period.

    Attributes
    ----------
    curve : dict of int to ndarray
        Band -> magnitudes at the phases `GRID`.
    residual : ndarray, shape (n_points,)
        Observed less fitted [mag]; NaN for points left out and bands too poor to fit.
    terms : dict of int to int
        Band -> harmonics.
    rms : float
        Of the residuals [mag]; NaN where nothing was fitted.
    """

    curve: dict[int, np.ndarray]
    residual: np.ndarray
    terms: dict[int, int]
    rms: float


def harmonics(
    curves: LightCurves, period: float, epoch: float = 0.0, out: np.ndarray | None = None
) -> Series:
    """Fit a harmonic series to each band of a star; the number of terms is chosen by BIC.

    Parameters
    ----------
    curves : LightCurves
        One star, as it is.
    period, epoch : float
        [d]; without a positive period nothing is fitted.
    out : ndarray of bool, shape (n_points,), optional
        Points left out.
    """
    residual = np.full(len(curves.t), np.nan)
    curve: dict[int, np.ndarray] = {}
    terms: dict[int, int] = {}
    used = is_valid(curves)
    if out is not None:
        used &= ~out
    for band in np.unique(curves.band[used]) if period > 0 and np.isfinite(period) else ():
        rows = used & (curves.band == band)
        fit = _chosen_series(curves.where(rows), period)
        if fit is None:
            continue
        # The series counts its phase from t = 0, the panel from the epoch.
        curve[int(band)] = evaluate_series(fit, GRID + float(fold(epoch, period)))[0]
        residual[rows] = curves.mag[rows] - evaluate_series(fit, fold(curves.t[rows], period))[0]
        terms[int(band)] = (fit.shape[1] - 1) // 2
    left = residual[np.isfinite(residual)]
    rms = float(np.sqrt(np.mean(left**2))) if len(left) else np.nan
    return Series(curve, residual, terms, rms)


def _chosen_series(curves: LightCurves, period: float) -> np.ndarray | None:
    """Coefficients of the series of least BIC that does not swing out between the points."""
    n, best, least = len(curves.t), None, np.inf
    weighted = bool((np.isfinite(curves.err) & (curves.err > 0)).all())
    room = 1.2 * np.ptp(curves.mag)
    for k in range(1, MOST_TERMS + 1):
        fit, _, _ = fit_series(curves, np.array([period]), k, weighted)
        if not np.isfinite(fit).all() or np.ptp(evaluate_series(fit, GRID)) > room:
            break
        off = curves.mag - evaluate_series(fit, fold(curves.t, period))[0]
        weight = curves.err**-2.0 if weighted else np.ones(n)
        # Errors of surveys are rarely right: their scale is fitted too.
        scatter = max(np.average(off**2, weights=weight), 1e-20)
        bic = n * np.log(scatter) + (2 * k + 1) * np.log(n)
        if bic < least:
            best, least = fit, bic
    return best


def step(period: float, span: float, share: float = 0.05) -> float:
    """The change of a period [d] that shifts the last cycle by `share` of a cycle."""
    return share * period**2 / max(span, period)


def aliases(period: float) -> dict[str, float]:
    """Periods [d] that the rhythms of the sampling (days, months, years) make look like this
    one."""
    found = {}
    for name, (rhythm, _) in SAMPLING.items():
        for sign in (1, -1):
            frequency = abs(1 / period + sign * rhythm)
            if frequency > 1e-6:
                found[f"{'+' if sign > 0 else '-'}1 a {name}"] = 1 / frequency
    return found

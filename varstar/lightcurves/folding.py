"""Phase folding."""

import numpy as np

from varstar.lightcurves.sample import LightCurves
from varstar.lightcurves.stars import star_values

__all__ = ["epoch_of_maximum", "fold", "fold_curves", "star_values", "usable_periods"]


#: Shortest period that can be folded [d]: a Julian date in double precision has steps of
#: 5e-10 d, and a phase finer than its times means nothing.
MIN_PERIOD = 1e-9


def fold(
    t: np.ndarray, period: float | np.ndarray | None = None, epoch: float | np.ndarray = 0.0
) -> np.ndarray:
    """Phase of each time, in [0, 1).

    Parameters
    ----------
    t : array_like
        Time [d].
    period : float or array_like
        Period [d], positive; an array broadcasts against `t`, but not one a time.
    epoch : float or array_like
        Time [d] of phase 0.

    Raises
    ------
    ValueError
        When a period is not finite and positive; when there is one a time, as magnitudes
        given in the place of a period would be.

    Examples
    --------
    >>> fold([0.0, 0.5, 2.25], period=1.0)
    array([0.  , 0.5 , 0.25])
    """
    if hasattr(t, "columns"):
        raise ValueError(
            "fold: expected times [d]. Received: a table. A folded star is "
            "drawn by vs.plot_folded(star, period=...)"
        )
    if period is None:
        raise ValueError("period: expected days, as in vs.fold(t, 0.5473)")
    period = np.asarray(period, float)
    if not np.all(np.isfinite(period) & (period > 0)):
        bad = period[~(np.isfinite(period) & (period > 0))].ravel()[:3].tolist()
        raise ValueError(f"period: expected finite, positive days. Received: {bad}")
    t = np.asarray(t, float)
    if t.ndim == 1 and t.shape == period.shape and len(t) > 1:
        raise ValueError(
            "period: expected one, as in vs.fold(t, 0.5473): magnitudes are not folded. "
            f"Received: {len(t)}, one a time"
        )
    cycles = (t - epoch) / period
    phase = cycles - np.floor(cycles)
    # A time a hair before the epoch gives -1e-17 cycles, which rounds to phase 1.
    return np.where(phase >= 1.0, 0.0, phase)


def fold_curves(
    curves: LightCurves, periods: np.ndarray, epochs: np.ndarray | float = 0.0
) -> np.ndarray:
    """Phases in [0, 1) of all points of many stars; NaN for a star without a period.

    Parameters
    ----------
    curves : LightCurves
    periods : ndarray, shape (n_stars,)
        Period [d]; NaN, zero or negative means that there is none.
    epochs : float or ndarray, shape (n_stars,)
        Time [d] of phase 0.
    """
    periods = usable_periods(periods)
    counts = curves.counts
    epochs = np.broadcast_to(np.asarray(epochs, float), periods.shape)
    # Divided, not multiplied by 1 / period: one whole period is phase 0 exactly, as in `fold`.
    cycles = (curves.t - np.repeat(epochs, counts)) / np.repeat(periods, counts)
    phase = cycles - np.floor(cycles)
    phase[phase >= 1.0] = 0.0
    return phase


def usable_periods(periods: np.ndarray) -> np.ndarray:
    """The periods [d]; NaN where one is not finite, or below `MIN_PERIOD`."""
    periods = np.asarray(periods, float)
    return np.where(np.isfinite(periods) & (periods >= MIN_PERIOD), periods, np.nan)


def epoch_of_maximum(
    curves: LightCurves, periods: np.ndarray, n_terms: int = 2, n_phases: int = 128
) -> np.ndarray:
    """Time of maximum light of each star's mean folded curve, from a Fourier fit.

    Parameters
    ----------
    curves : LightCurves
        Clean (see `varstar.lightcurves.sample.clean`).
    periods : ndarray, shape (n_stars,)
        Period [d].
    n_terms : int
        Harmonics of the unweighted least-squares fit.
    n_phases : int
        Phases at which the fit is searched for its maximum.

    Returns
    -------
    ndarray, shape (n_stars,)
        Time [d], within the first period after t = 0; NaN without period or points.
    """
    phase = fold_curves(curves, periods)
    n, star = curves.n_stars, curves.star
    used = np.isfinite(phase)
    phase, star, mag = phase[used], star[used], curves.mag[used]

    def design(x: np.ndarray) -> np.ndarray:
        angle = 2 * np.pi * np.outer(np.arange(1, n_terms + 1), x)
        return np.concatenate([np.ones((1, len(x))), np.cos(angle), np.sin(angle)])

    rows = design(phase)
    k = len(rows)
    matrix = np.empty((n, k, k))
    right = np.empty((n, k))
    mean = np.bincount(star, mag, n) / np.maximum(np.bincount(star, minlength=n), 1)
    for i in range(k):
        right[:, i] = np.bincount(star, rows[i] * (mag - mean[star]), n)
        for j in range(i + 1):
            matrix[:, i, j] = matrix[:, j, i] = np.bincount(star, rows[i] * rows[j], n)
    # A little ridge keeps curves with fewer points than terms, or with gaps, solvable.
    matrix += 1e-3 * np.eye(k)
    coefficients = np.linalg.solve(matrix, right[..., None])[..., 0]
    grid = np.arange(n_phases) / n_phases
    brightest = grid[np.argmin(coefficients @ design(grid), axis=1)]
    return np.where(np.bincount(star, minlength=n) > 0, brightest * usable_periods(periods), np.nan)

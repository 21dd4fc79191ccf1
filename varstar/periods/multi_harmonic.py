"""A harmonic series by successive prewhitening, as seismolab's ``MultiHarmonicFitter``.

Bódi (2024, JOSS 9, 7118); used by Szklenár et al. (2026, A&A 706, A346).
"""

from typing import NamedTuple

import numpy as np

from varstar.lightcurves.sample import LightCurves
from varstar.periods import refine, search
from varstar.periods.grid import Grid
from varstar.periods.harmonics import fit_series

#: Most harmonics and the height [standard deviations] that each must have, as seismolab's.
MAX_HARMONICS, THRESHOLD = 3, 3.0
#: Highest frequency [1/d].
MAXIMUM_FREQUENCY = 25.0


class HarmonicFit(NamedTuple):
    """A fitted series ``zero_point + sum_k amplitude[k] cos(2 pi (k + 1) f t + phase[k])``."""

    frequency: float
    amplitudes: np.ndarray
    phases: np.ndarray
    zero_point: float

    @property
    def n_harmonics(self) -> int:
        return len(self.amplitudes)


def multi_harmonic_fit(
    t: np.ndarray,
    mag: np.ndarray,
    err: np.ndarray,
    frequency: float,
    *,
    max_harmonics: int = MAX_HARMONICS,
    threshold: float = THRESHOLD,
    maximum_frequency: float = MAXIMUM_FREQUENCY,
) -> HarmonicFit:
    """Harmonics of one light curve by successive prewhitening, then all fitted together.

    As seismolab's ``MultiHarmonicFitter.fit_harmonics`` does from a first frequency on:
    the frequency is fitted with one sine; the (k+1)-th harmonic is added as long as the
    amplitude spectrum of what remains has, within 1/T of (k+1) f, a peak higher than the
    mean plus `threshold` standard deviations of the spectrum around (0.5/d, or 10/T where
    that is more, to either side); at the end the frequency, amplitudes and phases are
    fitted at once, weighted with 1/err^2.

    Parameters
    ----------
    t, mag, err : ndarray, shape (n_points,)
        One clean light curve in one band, sorted by time.
    frequency : float
        Where to begin [1/d]; `multi_harmonic_periods` takes the highest peak.
    max_harmonics : int
        The fundamental included.
    threshold : float
    maximum_frequency : float
        No harmonic beyond this [1/d].

    Returns
    -------
    HarmonicFit
        Phases [rad] in [0, 2 pi) of the cosines, at t = 0.
    """
    if max_harmonics < 1:
        raise ValueError(f"max_harmonics: expected at least 1. Received: {max_harmonics!r}")
    span = float(t[-1] - t[0])
    middle = (t[0] + t[-1]) / 2
    weight = 1.0 / err**2
    weight = weight / weight.sum()
    mean = float(weight @ mag)
    x, y = t - middle, mag - mean
    frequency = _top(x, y, weight, frequency, 1, 0.5 / span)
    n = 1
    most = min(max_harmonics, (len(t) - 2) // 2, int(maximum_frequency / frequency))
    while n < most:
        residual = _residual(x, y, weight, frequency, n)
        if not _stands_out(x, residual, (n + 1) * frequency, span, threshold):
            break
        n += 1
    frequency = _top(x, y, weight, frequency, n, 0.25 / span)
    curves = LightCurves(t, mag, err, np.zeros(len(t), np.int8), np.array([0, len(t)]), ("?",))
    row = fit_series(curves, np.array([1 / frequency]), n)[0][0]
    b, c = row[1 : n + 1], row[n + 1 :]
    return HarmonicFit(
        float(frequency), np.hypot(b, c), np.arctan2(-c, b) % (2 * np.pi), float(row[0])
    )


def _top(
    t: np.ndarray, mag: np.ndarray, weight: np.ndarray, frequency: float, n: int, reach: float
) -> float:
    """The frequency of highest power within `reach`, by four rounds of ever finer steps."""
    for _ in range(4):
        offsets = reach * np.linspace(-1, 1, 21)
        offsets = offsets[frequency + offsets > 0]
        power = refine.fan_power(t, np.array([frequency]), offsets, mag, weight, n)[:, 0]
        frequency = frequency + offsets[int(power.argmax())]
        reach /= 10
    return float(frequency)


def _residual(
    t: np.ndarray, mag: np.ndarray, weight: np.ndarray, frequency: float, n: int
) -> np.ndarray:
    angle = 2 * np.pi * frequency * t[:, None] * np.arange(1, n + 1)
    design = np.hstack([np.ones((len(t), 1)), np.cos(angle), np.sin(angle)])
    root = np.sqrt(weight)
    solution = np.linalg.lstsq(design * root[:, None], mag * root, rcond=None)[0]
    return mag - design @ solution


def _stands_out(
    t: np.ndarray, residual: np.ndarray, frequency: float, span: float, threshold: float
) -> bool:
    """Whether the residual's amplitude spectrum has a peak at `frequency`."""
    step = 0.1 / span
    half = max(0.5, 10 / span)
    low = max(1, round((frequency - half) / step))
    grid = Grid(step, low, max(low + 1, round((frequency + half) / step)))
    amplitude = np.sqrt(search.periodogram(t, residual - residual.mean(), grid))
    f = (grid.k_first + np.arange(grid.n)) * grid.step
    near = np.abs(f - frequency) < 1 / span
    return bool(amplitude[near].max() > amplitude.mean() + threshold * amplitude.std())

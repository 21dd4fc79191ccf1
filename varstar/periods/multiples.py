"""Eclipsing binaries at a part of their period: are successive cycles different?

A one-harmonic periodogram puts an eclipsing binary with two similar minima at P/2, and one
with narrow minima at P/4 or P/6 as well, where many even harmonics are nearly as strong.
The rule: fit a series of H harmonics at the period found, and one of m H harmonics at m
times that period. The second contains the first (every m-th harmonic) and adds those that
differ from zero only where successive cycles differ. The longer period is preferred when the
Bayesian information criterion gains more than `MARGIN` by them,

    BIC = n ln(chi^2 / n) + k ln n,   k = 2 m H + 1.

Twice the period is tried for every star, longer ones for those whose magnitudes are skewed
to the faint side as narrow eclipses make them. Equal minima leave no trace in a light curve:
for such contact binaries (and ellipsoidal variables) the rule cannot and does not ask for the
doubled period. A pulsator whose cycles alternate (an RV Tauri star) is doubled as well, as
its formal period is.
"""

import numpy as np

from varstar.periods.refine import bic, fan_power

#: Harmonics at the period found; m times as many at m times the period.
HARMONICS = 4
#: Gain in BIC asked for: 10 is "very strong" evidence (Kass & Raftery 1995).
MARGIN = 10.0
#: Cycles of the longer period that must have been seen: over fewer, every slow change of a
#: long-period variable looks like a difference between cycles.
MIN_CYCLES = 5.0
#: Multiples tried for a star with narrow eclipses, and the skewness (faint positive) of one.
MULTIPLES = (1, 2, 3, 4, 6, 8)
MIN_SKEWNESS = 1.0


def best_multiple(
    t: np.ndarray, mag: np.ndarray, weight: np.ndarray, frequency: float, step: float
) -> tuple[int, float]:
    """How often the period must be taken so that it is the star's or half of it.

    Parameters
    ----------
    t, mag, weight : ndarray
        As for `varstar.periods.refine.exact_power`, in order of time.
    frequency : float
        Of the period found [1/d].
    step : float
        Grid step [1/d]. A series of many harmonics needs a better frequency than one
        harmonic gives: all models may move by half a step, the same for all.

    Returns
    -------
    multiple : int
        1 unless the minima are narrow and a longer period is preferred.
    gain : float
        BIC gained by twice that period: positive favours it; NaN with too few points.
    """
    span = t[-1] - t[0]
    harmonics = min(HARMONICS, (len(t) - 2) // 8)
    if harmonics < 1 or span * frequency / 2 < MIN_CYCLES:
        return 1, np.nan
    tried = [m for m in MULTIPLES if m <= 2 or _is_possible(m, len(t), span * frequency)]
    if not _has_narrow_minima(mag, weight):
        tried = [1, 2]
    value = {m: _bic(t, mag, weight, frequency, step, m, harmonics) for m in tried}
    best = min(value, key=value.get)
    if best <= 2 or value[best] > min(value[1], value[2]) - MARGIN:
        return 1, value[1] - value[2]
    multiple = best if best % 2 else best // 2
    return multiple, value[multiple] - value.get(2 * multiple, np.nan)


def _is_possible(multiple: int, n_points: int, cycles: float) -> bool:
    """Whether points and cycles suffice for so many harmonics of the longer period."""
    return cycles / multiple >= MIN_CYCLES and 3 * (2 * HARMONICS * multiple + 1) <= n_points


def _has_narrow_minima(mag: np.ndarray, weight: np.ndarray) -> bool:
    """Whether the weighted magnitudes, of mean zero, are skewed to the faint side."""
    variance = weight @ mag**2
    return weight @ mag**3 > MIN_SKEWNESS * variance**1.5


def _bic(
    t: np.ndarray, mag: np.ndarray, weight: np.ndarray, frequency: float, step: float,
    multiple: int, harmonics: int,
) -> float:  # fmt: skip
    offsets = step * np.linspace(-0.5, 0.5, 11) / multiple
    middle = np.array([frequency / multiple])
    power = fan_power(t, middle, offsets, mag, weight, multiple * harmonics).max()
    return float(bic(power, len(t), multiple * harmonics))

"""Eclipsing binaries at half their period: is every second cycle different?

A one-harmonic periodogram puts an eclipsing binary with two similar minima at P/2. The
rule: fit a series of H harmonics at the period found, and one of 2H harmonics at twice
that period. The second contains the first (its even harmonics) and adds the H odd ones,
which differ from zero only where successive cycles differ. The doubled period is
preferred when the Bayesian information criterion gains more than `MARGIN` by them,

    BIC = n ln(chi^2 / n) + k ln n,   k = 2H + 1 against 4H + 1.

Equal minima leave no trace in a light curve: for such contact binaries (and ellipsoidal
variables) the rule cannot and does not ask for the doubled period. A pulsator whose
cycles alternate (an RV Tauri star) is doubled as well, as its formal period is.
"""

import numpy as np

from varstar.periods.refine import bic, fan, power_of

#: Harmonics at the period found; twice as many at the double.
HARMONICS = 4
#: Gain in BIC asked for: 10 is "very strong" evidence (Kass & Raftery 1995).
MARGIN = 10.0
#: Doubled cycles that must have been seen: over fewer, every slow change of a long-period
#: variable looks like a difference between cycles.
MIN_CYCLES = 5.0


def double_period_gain(
    t: np.ndarray, mag: np.ndarray, weight: np.ndarray, frequency: float, step: float
) -> float:
    """BIC gained by twice the period: positive favours it; NaN with too few points.

    Parameters
    ----------
    t, mag, weight : ndarray
        As for `varstar.periods.refine.exact_power`.
    frequency : float
        Of the period found [1/d].
    step : float
        Grid step [1/d]. A series of many harmonics needs a better frequency than one
        harmonic gives: both models may move by half a step, the same for both.
    """
    harmonics = min(HARMONICS, (len(t) - 2) // 8)
    if harmonics < 1:
        return np.nan
    offsets, middle = step * np.linspace(-0.5, 0.5, 11), np.array([frequency])
    single = power_of(fan(t, middle, offsets), mag, weight, harmonics).max()
    half = fan(t, middle / 2, offsets / 2)
    double = power_of(half, mag, weight, 2 * harmonics).max()
    n = len(t)
    return float(bic(single, n, harmonics) - bic(double, n, 2 * harmonics))

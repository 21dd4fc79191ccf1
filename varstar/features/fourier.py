"""Fourier parameters of light curves: amplitudes, amplitude ratios, phase differences.

The series is ``m(t) = a0 + sum_k A_k cos(2 pi k t / P + phi_k)``, in magnitudes, fitted
by least squares with weights 1/err^2. The *cosine* convention is OGLE's (Soszynski et
al. 2008, AcA 58, 163); for a series of sines ``phi21(sine) = phi21 - pi/2`` and
``phi31(sine) = phi31 - pi`` (modulo 2 pi). Ratios and differences follow Simon & Lee
(1981, ApJ 248, 291): ``R_k1 = A_k / A_1``, ``phi_k1 = phi_k - k phi_1``, and do not
depend on the epoch of phase zero.
"""

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar.lightcurves.sample import LightCurves, clean, light_curves, one_band
from varstar.lightcurves.stars import star_index
from varstar.periods.find import known_periods, period_status
from varstar.periods.harmonics import evaluate_series, fit_series

#: Phases at which the fitted series is looked up for its peak-to-peak amplitude.
_PHASE_GRID = np.arange(256) / 256
#: Status of a star whose points leave the series open, as a gap in phase does.
UNDETERMINED = "phases do not determine the series"
#: A series whose peak-to-peak amplitude exceeds the data's so many times is not determined.
MAX_RANGE = 1.5


def fourier_parameters(
    sample: NestedFrame | LightCurves,
    periods: pd.Series | np.ndarray | str | float | None = None,
    n_terms: int = 3,
    bands: str | None = None,
) -> pd.DataFrame:
    """Amplitude, R21, phi21, R31, phi31 of every star at its period.

    Parameters
    ----------
    sample : NestedFrame or LightCurves
    periods : Series by star_id, array of shape (n_stars,), column name or number, optional
        Periods [d]; the column ``period``, or searched, by default (see
        `varstar.lightcurves.sample`).
    n_terms : int
        Harmonics of the series, at least 1. R31 and phi31 need 3.
    bands : str, optional
        Each star's main band by default.

    Returns
    -------
    DataFrame
        Index ``star_id``: ``amplitude`` (peak to peak of the fitted series [mag]),
        ``a1`` (amplitude A_1 of the first harmonic, half its peak-to-peak [mag]),
        ``r21``, ``phi21``, ``r31``, ``phi31`` (phases in [0, 2 pi), cosine convention),
        ``mean`` (a0 [mag]), ``chi2``, ``rms`` (of the residuals, weighted [mag]),
        ``n_points``, ``status``. A star that cannot be fitted has NaN and a status other
        than ``"ok"``.

    Raises
    ------
    ValueError
        Unknown band or column, or `n_terms` below 1.
    """
    if n_terms < 1:
        raise ValueError(f"n_terms: expected at least 1. Received: {n_terms}")
    index = star_index(sample)
    curves, status = clean(one_band(light_curves(sample), bands), min_points=2 * n_terms + 2)
    periods = known_periods(sample, periods, curves)
    status = period_status(status, periods)
    usable = status == "ok"
    coefficients, chi2 = determined_series(curves, np.where(usable, periods, np.nan), n_terms)
    status[usable & np.isnan(chi2)] = UNDETERMINED
    return _parameters(curves, coefficients, chi2, status, index)


def determined_series(
    curves: LightCurves, periods: np.ndarray, n_terms: int, weighted: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and chi^2 of `fit_series`; NaN where the series leaves the data's range.

    In a gap of phase nothing holds a series: of two nights a fit may swing by 70 mag
    between points within 0.4 mag of each other.
    """
    coefficients, chi2, _ = fit_series(curves, periods, n_terms, weighted)
    data = np.zeros(curves.n_stars)
    some = np.flatnonzero(curves.counts)
    if len(some):
        starts = curves.offsets[some]
        data[some] = np.maximum.reduceat(curves.mag, starts)
        data[some] -= np.minimum.reduceat(curves.mag, starts)
    beyond = np.ptp(evaluate_series(coefficients, _PHASE_GRID), axis=1) > MAX_RANGE * data
    coefficients[beyond], chi2[beyond] = np.nan, np.nan
    return coefficients, chi2


def _parameters(
    curves: LightCurves,
    coefficients: np.ndarray,
    chi2: np.ndarray,
    status: np.ndarray,
    index: pd.Index,
) -> pd.DataFrame:
    n_terms = (coefficients.shape[1] - 1) // 2
    b, c = coefficients[:, 1 : n_terms + 1], coefficients[:, n_terms + 1 :]
    amplitude, phase = np.hypot(b, c), np.arctan2(-c, b)
    table = pd.DataFrame(index=index)
    table["amplitude"] = np.ptp(evaluate_series(coefficients, _PHASE_GRID), axis=1)
    table["a1"] = amplitude[:, 0]
    for k in (2, 3):
        if n_terms >= k:
            with np.errstate(divide="ignore", invalid="ignore"):
                table[f"r{k}1"] = amplitude[:, k - 1] / amplitude[:, 0]
            turns = phase[:, k - 1] - k * phase[:, 0]
            table[f"phi{k}1"] = np.mod(turns, 2 * np.pi) % (2 * np.pi)
        else:
            table[f"r{k}1"] = table[f"phi{k}1"] = np.nan
    table["mean"] = coefficients[:, 0]
    table["chi2"] = chi2
    weight = np.bincount(curves.star, 1.0 / curves.err**2, minlength=curves.n_stars)
    table["rms"] = np.sqrt(chi2 / np.where(weight > 0, weight, np.nan))
    table["n_points"] = curves.counts
    table["status"] = pd.array(status, dtype="str")
    return table

"""Shape of the light curve over two periods: what tells eclipsing binaries from pulsators.

K21's sixteen features are made at the strongest Lomb-Scargle period, which for an
eclipsing binary is half its own. These numbers, from a series of eight harmonics at twice
that period, say whether successive cycles differ, how deep and wide the minima are, and
how far the second one lies from the middle. They are not in K21; the boosted trees that
stand beside its network in the shipped models see them, the network does not.
"""

import numpy as np
import pandas as pd

from varstar.features.variability import FEATURES, variability_features
from varstar.lightcurves.sample import LightCurves, clean
from varstar.periods import find_periods
from varstar.periods.harmonics import evaluate_series, fit_series

#: Harmonics of the double period; the even ones are those of the period.
N_TERMS = 8
_GRID = 128

SHAPE = [
    *(f"double_a{k}" for k in (1, 3, 4, 5, 6, 7, 8)), "double_odd", "phi42", "phi62", "phi82",
    "fit_amplitude", "fit_asymmetry", "second_depth", "second_place", "faint_width",
    "fit_share", "fit_rms", "signal", "power", "runner_up_ratio", "runner_up_power", "gain_2p",
    "n_points",
]  # fmt: skip


#: Options of `varstar.find_periods` for `all_features`: the strongest period of the
#: unweighted Lomb-Scargle periodogram, as in UPSILoN.
SEARCH = {"weighted": False}


def all_features(curves: LightCurves, found: pd.DataFrame | None = None) -> pd.DataFrame:
    """K21's sixteen features, those of the shape, and ``status``, at one period.

    Parameters
    ----------
    curves : LightCurves
        One band per star.
    found : DataFrame, optional
        Of `varstar.find_periods` on the same stars; searched with `SEARCH` otherwise.
    """
    if found is None:
        found = find_periods(curves, **SEARCH)
    table = variability_features(curves, found["period"].to_numpy(float), phases="arctan2")
    table.index = found.index
    shape = shape_features(curves, found)
    return pd.concat([table[FEATURES], shape[SHAPE], table["status"]], axis=1)


def shape_features(curves: LightCurves, found: pd.DataFrame) -> pd.DataFrame:
    """The numbers of `SHAPE` of every star.

    Parameters
    ----------
    curves : LightCurves
        One band per star.
    found : DataFrame
        Of `varstar.find_periods` on the same stars: ``period``, ``power``,
        ``runner_up``, ``runner_up_power``, ``gain_2p``.

    Returns
    -------
    DataFrame
        Index of `found`; NaN where the light curve does not determine a number.

        - ``double_aK``: amplitude of harmonic K of the double period over that of the
          period (K = 2); ``double_odd``: share of all odd harmonics in the total;
        - ``phi42``, ``phi62``, ``phi82``: phi21, phi31, phi41 of the period (weighted fit,
          cosine convention, [0, 2 pi));
        - ``fit_amplitude``: peak to peak of the series [mag]; ``fit_asymmetry``: share of
          it that lies below (fainter than) the series' median;
        - ``second_depth``: depth of the deepest point in the half opposite to the main
          minimum, over the amplitude; ``second_place``: its distance from 0.5 in phase;
          ``faint_width``: share of the cycle fainter than the middle of the range;
        - ``fit_share``: share of the variance explained; ``fit_rms``: weighted rms of the
          residuals [mag]; ``signal``: square root of the reduced chi^2 of the mean;
        - ``power``, ``runner_up_ratio`` (log10 of the runner-up over the period),
          ``runner_up_power`` (over the power), ``gain_2p`` over sqrt(n), ``n_points``.
    """
    curves, status = clean(curves, min_points=2 * (2 * N_TERMS + 1))
    period = np.where(status == "ok", found["period"].to_numpy(float), np.nan)
    coefficients, chi2, _ = fit_series(curves, 2 * period, N_TERMS)
    b, c = coefficients[:, 1 : N_TERMS + 1], coefficients[:, N_TERMS + 1 :]
    amplitude, phase = np.hypot(b, c), np.arctan2(-c, b)
    table: dict[str, np.ndarray] = {}
    with np.errstate(divide="ignore", invalid="ignore"):
        for k in (1, 3, 4, 5, 6, 7, 8):
            table[f"double_a{k}"] = amplitude[:, k - 1] / amplitude[:, 1]
        squares = amplitude**2
        table["double_odd"] = np.sqrt(squares[:, ::2].sum(axis=1) / squares.sum(axis=1))
        for k in (4, 6, 8):
            table[f"phi{k}2"] = (phase[:, k - 1] - k // 2 * phase[:, 1]) % (2 * np.pi)
        table |= _minima(evaluate_series(coefficients, np.arange(_GRID) / _GRID))
        table |= _residuals(curves, chi2)
    table["power"] = found["power"].to_numpy(float)
    table["runner_up_ratio"] = np.log10(found["runner_up"].to_numpy(float) / found["period"])
    table["runner_up_power"] = found["runner_up_power"].to_numpy(float) / found["power"]
    n = curves.counts.astype(float)
    table["gain_2p"] = found["gain_2p"].to_numpy(float) / np.sqrt(np.maximum(n, 1))
    table["n_points"] = n
    return pd.DataFrame({k: np.asarray(v) for k, v in table.items()}, index=found.index)[SHAPE]


def _minima(series: np.ndarray) -> dict[str, np.ndarray]:
    """Depths and places of the two minima of series on a grid of phases (magnitudes)."""
    bright, faint = series.min(axis=1), series.max(axis=1)
    size = faint - bright
    main = np.zeros(len(series), int)
    fitted = ~np.isnan(size)
    main[fitted] = series[fitted].argmax(axis=1)
    turned = np.take_along_axis(series, (np.arange(_GRID) + main[:, None]) % _GRID, axis=1)
    # the quarter of the cycle on either side of the opposite phase, without the shoulders
    opposite = turned[:, 44:85]
    place = np.zeros(len(series))
    place[fitted] = (opposite[fitted].argmax(axis=1) - 20) / _GRID
    return {
        "fit_amplitude": size,
        "fit_asymmetry": (faint - np.median(series, axis=1)) / size,
        "second_depth": (opposite.max(axis=1) - bright) / size,
        "second_place": np.where(fitted, np.abs(place), np.nan),
        "faint_width": np.where(
            fitted, (series > ((bright + faint) / 2)[:, None]).mean(axis=1), np.nan
        ),
    }


def _residuals(curves: LightCurves, chi2: np.ndarray) -> dict[str, np.ndarray]:
    star, n = curves.star, curves.n_stars
    weight = 1.0 / curves.err**2
    total = np.bincount(star, weight, minlength=n)
    mean = np.bincount(star, weight * curves.mag, minlength=n) / total
    around = np.bincount(star, weight * (curves.mag - mean[star]) ** 2, minlength=n)
    return {
        "fit_share": 1 - chi2 / around,
        "fit_rms": np.sqrt(chi2 / total),
        "signal": np.sqrt(around / curves.counts),
    }

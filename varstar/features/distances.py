"""From apparent to absolute magnitudes with Gaia (SM, Sect. IV.A and Appendix A).

``M = m - 5 log10(d / 10 pc)``, with the distance ``d`` as a quantity or from a parallax,
and the uncertainty that follows from those of ``m`` and ``d``. Extinction is not part of
the formula, as in the paper; subtract it from ``m`` first where it is known.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from astropy import units as u

#: Below this ratio of parallax to its error, 1/parallax is a bad distance (Bailer-Jones
#: 2015, PASP 127, 994: bias and asymmetry grow fast beyond a fractional error of 0.2).
MIN_SNR = 5.0
#: Zero point of Gaia DR3 parallaxes, the mean over quasars (Lindegren et al. 2021, A&A
#: 649, A4): true parallax = catalogue value - ZERO_POINT.
ZERO_POINT = -0.017 * u.mas


class Distance(NamedTuple):
    """Distances of many stars.

    Attributes
    ----------
    distance, error : Quantity [pc], shape (n,)
        NaN where there is none.
    flag : ndarray of str, shape (n,)
        ``"ok"``, ``"poor parallax"`` (below `MIN_SNR`; the distance is given, do not
        trust it), ``"negative parallax"`` or ``"no parallax"`` (no distance).
    """

    distance: u.Quantity
    error: u.Quantity
    flag: np.ndarray


def from_parallax(
    parallax: u.Quantity,
    error: u.Quantity,
    *,
    zero_point: u.Quantity = 0 * u.mas,
    min_snr: float = MIN_SNR,
) -> Distance:
    """Distances 1 / parallax, with their first-order error, flagged.

    Parameters
    ----------
    parallax, error : Quantity, angle, shape (n,)
    zero_point : Quantity
        Subtracted from `parallax`; `ZERO_POINT` is the mean one of Gaia DR3.
    min_snr : float

    Notes
    -----
    A negative parallax is a fair measurement of a far star, but has no 1/parallax: such
    stars get no distance instead of a wrong one. Dropping them biases a sample towards
    near stars; a prior (Bailer-Jones et al. 2021) is the better way for population work.

    Raises
    ------
    astropy.units.UnitsError
        When a unit is missing or not an angle.
    """
    p = np.atleast_1d((u.Quantity(parallax) - zero_point).to_value(u.arcsec))
    s = np.atleast_1d(u.Quantity(error).to_value(u.arcsec))
    known = np.isfinite(p) & np.isfinite(s) & (s > 0)
    usable = known & (p > 0)
    d, e = np.full(p.shape, np.nan), np.full(p.shape, np.nan)
    d[usable] = 1.0 / p[usable]
    e[usable] = s[usable] / p[usable] ** 2
    flag = np.full(p.shape, "ok", dtype=object)
    flag[usable & (p < min_snr * np.where(known, s, np.inf))] = "poor parallax"
    flag[known & (p <= 0)] = "negative parallax"
    flag[~known] = "no parallax"
    return Distance(d * u.pc, e * u.pc, flag.astype(str))


def absolute_magnitude(mag: np.ndarray, distance: u.Quantity) -> np.ndarray:
    """``M = m - 5 log10(d / 10 pc)``; NaN where `distance` is not positive.

    Raises
    ------
    astropy.units.UnitsError
        When `distance` has no unit of length.
    """
    d = np.asarray(u.Quantity(distance).to_value(u.pc), float)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(mag, float) - 5 * np.log10(np.where(d > 0, d, np.nan) / 10)


def absolute_magnitude_error(
    mag_error: np.ndarray, distance: u.Quantity, distance_error: u.Quantity
) -> np.ndarray:
    """Uncertainty of M by first-order propagation, m and d independent.

    ``dM/dm = 1`` and ``dM/dd = -5 / (d ln 10)``, so
    ``(sigma_M)^2 = (sigma_m)^2 + (5 sigma_d / (d ln 10))^2``.
    """
    share = (u.Quantity(distance_error) / u.Quantity(distance)).to_value("")
    return np.hypot(np.asarray(mag_error, float), 5 / np.log(10) * share)


def published_error(
    mag: np.ndarray, mag_error: np.ndarray, distance: u.Quantity, distance_error: u.Quantity
) -> np.ndarray:
    """The formula as Appendix A of SM prints it, for comparison only; it is wrong.

    ``|M| sqrt((sigma_d/d * (-5 / (ln(10) d)))^2 + (sigma_m/m)^2)`` with d in pc: relative
    errors are mixed with derivatives, so the result depends on the unit of d, and
    vanishes for a star with M = 0.
    """
    d = u.Quantity(distance).to_value(u.pc)
    e = u.Quantity(distance_error).to_value(u.pc)
    m = np.asarray(mag, float)
    relative = np.hypot(e / d * 5 / (np.log(10) * d), np.asarray(mag_error, float) / m)
    return np.abs(absolute_magnitude(m, distance)) * relative


def absolute_magnitudes(
    stars: pd.DataFrame,
    mag: str = "mean_mag",
    *,
    mag_error: "str | float" = 0.0,
    distance: str | None = None,
    distance_error: str | None = None,
    parallax: str = "parallax",
    parallax_error: str = "parallax_error",
    zero_point: u.Quantity = 0 * u.mas,
) -> pd.DataFrame:
    """Absolute magnitudes of a table of stars.

    Parameters
    ----------
    stars : DataFrame
    mag : str
        Column of apparent magnitudes.
    mag_error : str or float
        Column, or one value for all [mag].
    distance, distance_error : str, optional
        Columns [pc]; without them the parallax is used.
    parallax, parallax_error : str
        Columns [mas].
    zero_point : Quantity

    Returns
    -------
    DataFrame
        ``abs_mag``, ``abs_mag_error`` [mag], ``distance``, ``distance_error`` [pc],
        ``flag`` (see `Distance`; ``"no distance"`` for a missing or negative distance).
    """
    m = stars[mag].to_numpy(float)
    s = stars[mag_error].to_numpy(float) if isinstance(mag_error, str) else float(mag_error)
    if distance is not None:
        d = stars[distance].to_numpy(float)
        e = stars[distance_error].to_numpy(float) if distance_error else np.zeros(len(d))
        good = np.isfinite(d) & (d > 0)
        flag = np.where(good, "ok", "no distance")
        found = Distance(np.where(good, d, np.nan) * u.pc, np.where(good, e, np.nan) * u.pc, flag)
    else:
        found = from_parallax(
            stars[parallax].to_numpy(float) * u.mas,
            stars[parallax_error].to_numpy(float) * u.mas,
            zero_point=zero_point,
        )
    return pd.DataFrame(
        {
            "abs_mag": absolute_magnitude(m, found.distance),
            "abs_mag_error": absolute_magnitude_error(s, found.distance, found.error),
            "distance": found.distance.to_value(u.pc),
            "distance_error": found.error.to_value(u.pc),
            "flag": found.flag,
        },
        index=stars.index,
    )

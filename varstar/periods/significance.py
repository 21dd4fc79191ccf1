"""How likely noise is to make such a peak, and whether the sampling made it."""

import numpy as np
from scipy.special import gammaln

#: Cycles a day [1/d] that the sampling imprints, by name: the solar and the sidereal
#: day, the synodic and the sidereal month, the year. Multiples to the given order count.
SAMPLING = {
    "day": (1.0, 4),
    "sidereal day": (1.0027379, 4),
    "month": (1 / 29.530589, 2),
    "sidereal month": (1 / 27.321661, 2),
    "year": (1 / 365.2422, 2),
}


def false_alarm_probability(
    power: float,
    t: np.ndarray,
    maximum_frequency: float,
    weight: np.ndarray | None = None,
    n_parameters: int = 3,
) -> float:
    """Probability that noise alone makes a Lomb-Scargle peak at least this high.

    Baluev (2008, MNRAS 385, 1279), Eq 5 and 6 for the floating mean and the normalisation
    to [0, 1]: an upper limit for independent Gaussian errors, which those of surveys are
    not.

    Parameters
    ----------
    power : float
        One-harmonic power in [0, 1].
    t : ndarray
        Times [d].
    maximum_frequency : float
        [1/d].
    weight : ndarray, optional
        Of the points, of sum one; equal by default.
    """
    n = len(t)
    if n <= n_parameters or not np.isfinite(power):
        return np.nan
    n_mean, n_model = n - 1, n - n_parameters
    power = min(max(power, 0.0), 1.0)
    single = (1 - power) ** (0.5 * n_model)
    ratio = np.sqrt(2 / n_mean) * np.exp(gammaln(n_mean / 2) - gammaln((n_mean - 1) / 2))
    weight = np.full(n, 1 / n) if weight is None else weight
    width = maximum_frequency * np.sqrt(4 * np.pi * (weight @ (t - weight @ t) ** 2))
    tau = ratio * width * (1 - power) ** (0.5 * (n_model - 1)) * np.sqrt(0.5 * n_mean * power)
    return float(np.clip(-np.expm1(np.log1p(-min(single, 1 - 1e-16)) - tau), 0.0, 1.0))


def sampling_frequency(frequency: float, span: float, tolerance: float = 1.0) -> str:
    """Which rhythm of the sampling `frequency` coincides with; ``""`` for none.

    Parameters
    ----------
    frequency, span : float
        [1/d], [d].
    tolerance : float
        In peak widths, ``1 / span``. Rhythms closer to zero frequency than two peak
        widths cannot be told from a trend and are not looked at.
    """
    for name, (base, orders) in SAMPLING.items():
        for k in range(1, orders + 1):
            if k * base * span > 2 and abs(frequency - k * base) < tolerance / span:
                return name
    return ""


def is_alias_of(frequency: float, other: float, span: float, tolerance: float = 1.0) -> str:
    """The rhythm of the sampling by which two frequencies differ, or ``""``.

    ``f' = |f +- k s|`` with s a frequency of `SAMPLING`.
    """
    for name, (base, orders) in SAMPLING.items():
        for k in range(1, orders + 1):
            shift = k * base
            if shift * span <= 2:
                continue
            for alias in (other + shift, other - shift, shift - other):
                if abs(frequency - abs(alias)) < tolerance / span:
                    return name
    return ""

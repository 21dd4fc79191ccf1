"""The formulas of the sixteen features, each with its source and its conventions.

Every function takes matrices with stars in rows and points along the last axis (see
`varstar.features.blocks`) and gives one value per star. Padding carries ``valid`` False.
Names and conventions are those of UPSILoN (Kim & Bailer-Jones 2016, A&A 587, A18), which
Kim et al. (2021) use: K21 below; where UPSILoN's code decides more than its paper says,
the code is followed and the convention stated.
"""

from functools import lru_cache

import numpy as np
from scipy.special import ndtri

from varstar.features.blocks import percentile


def weighted_mean_std(
    mag: np.ndarray, err: np.ndarray, valid: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation with weights 1/err (not 1/err^2), as UPSILoN has them."""
    weight = np.where(valid, 1.0 / err, 0.0)
    total = weight.sum(axis=1)
    mean = (weight * mag).sum(axis=1) / total
    deviation = mag - mean[:, None]
    return mean, np.sqrt((weight * deviation * deviation).sum(axis=1) / total)


def skewness_kurtosis(
    mag: np.ndarray, valid: np.ndarray, n: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """gamma_1 and gamma_2 (K21 Tab 2): biased moments (ddof 0), kurtosis of a Gaussian 0.

    ``gamma_1 = m3 / m2^1.5``, ``gamma_2 = m4 / m2^2 - 3``, unweighted.
    """
    mean = mag.sum(axis=1) / n
    deviation = np.where(valid, mag - mean[:, None], 0.0)
    square = deviation * deviation
    m2 = square.sum(axis=1) / n
    m3 = (square * deviation).sum(axis=1) / n
    m4 = (square * square).sum(axis=1) / n
    with np.errstate(divide="ignore", invalid="ignore"):
        return m3 / m2**1.5, m4 / m2**2 - 3.0


def quartile31(ordered: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Q_3-1 (K21 Tab 2): third minus first quartile of the magnitudes, unweighted."""
    return percentile(ordered, n, 75) - percentile(ordered, n, 25)


def stetson_k(
    mag: np.ndarray, err: np.ndarray, valid: np.ndarray, n: np.ndarray, median: np.ndarray
) -> np.ndarray:
    """K (Stetson 1996, PASP 108, 851): ``<|d|> / sqrt(<d^2>)``, ``d = (m - median) / err``.

    Residuals from the median, as in UPSILoN; Stetson's own are from a weighted mean.
    """
    residual = np.where(valid, (mag - median[:, None]) / err, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.abs(residual).sum(axis=1) / np.sqrt((residual * residual).sum(axis=1) * n)


def hl_amp_ratio(
    mag: np.ndarray, err: np.ndarray, valid: np.ndarray, median: np.ndarray
) -> np.ndarray:
    """A (Kim & Bailer-Jones 2016): spread of the points fainter than the median over that
    of the brighter (or equal), each ``sqrt(sum w (m - median)^2 / sum w)``, w = 1/err.

    Above 1 for eclipsing binaries. NaN where no point is fainter than the median (more
    than half of the points equal), infinity never: no spread of the brighter gives NaN.
    """
    deviation = mag - median[:, None]
    weight = np.where(valid, 1.0 / err, 0.0)
    squares = weight * deviation * deviation
    faint = deviation > 0
    faint_weight = (weight * faint).sum(axis=1)
    faint_squares = (squares * faint).sum(axis=1)
    bright_weight = weight.sum(axis=1) - faint_weight
    bright_squares = squares.sum(axis=1) - faint_squares
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.sqrt(faint_squares / faint_weight * bright_weight / bright_squares)
    return np.where(np.isfinite(ratio), ratio, np.nan)


def shapiro_w(ordered: np.ndarray, n: np.ndarray) -> np.ndarray:
    """W of Shapiro & Wilk (1965) with Royston's (1995, AS R94) coefficients.

    ``W = (sum a_i x_(i))^2 / sum (x - mean)^2``; NaN below 3 points.
    """
    column = np.arange(ordered.shape[1])
    x = np.where(column < n[:, None], ordered, 0.0)
    mean = x.sum(axis=1) / np.maximum(n, 1)
    deviation = np.where(column < n[:, None], x - mean[:, None], 0.0)
    coefficients = np.zeros_like(deviation)
    lengths, star = np.unique(n, return_inverse=True)
    for i, length in enumerate(lengths):
        if length >= 3:
            coefficients[star == i, :length] = _shapiro_coefficients(int(length))
    with np.errstate(divide="ignore", invalid="ignore"):
        w = (coefficients * deviation).sum(axis=1) ** 2 / (deviation**2).sum(axis=1)
    return np.where(n >= 3, w, np.nan)


@lru_cache(maxsize=4096)
def _shapiro_coefficients(n: int) -> np.ndarray:
    """Royston's approximation of the coefficients a_i for a sample of n."""
    if n == 3:
        return np.array([-np.sqrt(0.5), 0.0, np.sqrt(0.5)])
    m = ndtri((np.arange(1, n + 1) - 0.375) / (n + 0.25))
    u = 1 / np.sqrt(n)
    norm = np.sqrt(m @ m)
    last = m[-1] / norm + np.polyval([-2.706056, 4.434685, -2.071190, -0.147981, 0.221157, 0.0], u)
    a = np.empty(n)
    if n <= 5:
        scale = np.sqrt((m @ m - 2 * m[-1] ** 2) / (1 - 2 * last**2))
        a[:] = m / scale
    else:
        second = m[-2] / norm + np.polyval(
            [-3.582633, 5.682633, -1.752461, -0.293762, 0.042981, 0.0], u
        )
        scale = np.sqrt(
            (m @ m - 2 * m[-1] ** 2 - 2 * m[-2] ** 2) / (1 - 2 * last**2 - 2 * second**2)
        )
        a[:] = m / scale
        a[-2], a[1] = second, -second
    a[-1], a[0] = last, -last
    return a


def phase_eta(folded: np.ndarray, n: np.ndarray, std: np.ndarray) -> np.ndarray:
    """psi_eta (Kim et al. 2014, A&A 566, A43; von Neumann 1941) of the folded light curve.

    ``sum (m_i+1 - m_i)^2 / (n - 1) / std^2`` in the order of phase of 2 P, `std` weighted
    with 1/err.
    """
    step = np.diff(folded, axis=1)
    inside = np.arange(1, folded.shape[1]) < n[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(inside, step * step, 0.0).sum(axis=1) / (n - 1.0) / std**2


def phase_cusum(folded: np.ndarray, n: np.ndarray, mean: np.ndarray, std: np.ndarray) -> np.ndarray:
    """psi_CS (Kim et al. 2014; Ellaway 1978): range of the cumulative sum of the folded
    light curve, ``S_k = sum_(i <= k) (m_i - mean) / (n std)``, mean and std weighted with
    1/err.
    """
    inside = np.arange(folded.shape[1]) < n[:, None]
    # in the padding the sum stands still and adds nothing to the range
    sums = np.cumsum(np.where(inside, folded - mean[:, None], 0.0), axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.ptp(sums, axis=1) / n / std


def slope_percentiles(
    phase_days: np.ndarray, folded: np.ndarray, n: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """m_p10 and m_p90 (Long et al. 2012, PASP 124, 280) of the folded light curve.

    UPSILoN's "slopes" are days per magnitude: ``(phase_i+1 - phase_i) / (m_i+1 - m_i)``
    with the phase in days, in [0, 2 P); pairs of equal magnitude are left out. NaN where
    no pair remains.
    """
    run, rise = np.diff(phase_days, axis=1), np.diff(folded, axis=1)
    inside = (np.arange(1, folded.shape[1]) < n[:, None]) & (rise != 0)
    slope = np.full(run.shape, np.inf)
    np.divide(run, rise, out=slope, where=inside)
    slope.sort(axis=1)
    n_slopes = inside.sum(axis=1)
    return percentile(slope, n_slopes, 10), percentile(slope, n_slopes, 90)


def fourier_features(coefficients: np.ndarray, convention: str) -> dict[str, np.ndarray]:
    """H1, R21, R31, phi21, phi31 (Grison 1994) of an unweighted series of three harmonics.

    Parameters
    ----------
    coefficients : ndarray, shape (n_stars, 7)
        ``a0, b_1 .. b_3, c_1 .. c_3`` of ``b cos + c sin`` (`periods.harmonics`).
    convention : {"upsilon", "arctan2"}
        UPSILoN takes each phase as ``arctan(-c / b)``, in (-pi/2, pi/2), and leaves
        ``phi_k1 = phi_k - k phi_1`` as it comes out: known modulo pi only, and the branch
        depends on the epoch of the times. ``"arctan2"`` uses the whole circle: cosine
        convention, in [0, 2 pi), independent of the epoch.
    """
    b, c = coefficients[:, 1:4], coefficients[:, 4:7]
    amplitude = np.hypot(b, c)
    with np.errstate(divide="ignore", invalid="ignore"):
        phase = np.arctan(-c / b) if convention == "upsilon" else np.arctan2(-c, b)
        phi21, phi31 = phase[:, 1] - 2 * phase[:, 0], phase[:, 2] - 3 * phase[:, 0]
        if convention != "upsilon":
            phi21, phi31 = phi21 % (2 * np.pi), phi31 % (2 * np.pi)
        return {
            "amplitude": amplitude[:, 0],
            "r21": amplitude[:, 1] / amplitude[:, 0],
            "r31": amplitude[:, 2] / amplitude[:, 0],
            "phi21": phi21,
            "phi31": phi31,
        }

"""Harmonic series fitted to light curves by weighted least squares, many stars at once.

The model of every function here is the cosine series

    m(t) = a0 + sum_k A_k cos(2 pi k t / P + phi_k),   k = 1 ... n_terms,

in the linear form ``a0 + sum_k (b_k cos(k x) + c_k sin(k x))`` with ``x = 2 pi t / P``,
``A_k = hypot(b_k, c_k)`` and ``phi_k = arctan2(-c_k, b_k)``.
"""

import numpy as np

from varstar.lightcurves.folding import usable_periods
from varstar.lightcurves.sample import LightCurves

#: Points handled at once: few enough to stay in the cache, and memory stays bounded.
CHUNK_POINTS = 50_000
#: Normal matrices worse conditioned than this do not determine the series.
MAX_CONDITION = 1e10


def segment_sum(values: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Sum of each star's slice of the flat array `values`; zero for an empty star.

    Parameters
    ----------
    values : ndarray, shape (n_points,) or (k, n_points)
    offsets : ndarray of int, shape (n_stars + 1,)

    Returns
    -------
    ndarray, shape (n_stars,) or (k, n_stars)
    """
    some = np.flatnonzero(np.diff(offsets))
    out = np.zeros((*values.shape[:-1], len(offsets) - 1), values.dtype)
    if len(some):
        out[..., some] = np.add.reduceat(values, offsets[some], axis=-1)
    return out


def star_chunks(offsets: np.ndarray, max_points: int = CHUNK_POINTS) -> list[slice]:
    """Slices of consecutive stars of at most `max_points` points together (or one star)."""
    chunks, start = [], 0
    while start < len(offsets) - 1:
        stop = int(np.searchsorted(offsets, offsets[start] + max_points, side="right")) - 1
        stop = max(stop, start + 1)
        chunks.append(slice(start, stop))
        start = stop
    return chunks


def phases(t: np.ndarray, period: np.ndarray) -> np.ndarray:
    """Cycles ``t / period`` modulo 1, in [0, 1): reduced before any trigonometry."""
    cycles = t / period
    cycles -= np.floor(cycles)
    return cycles


def fit_series(
    curves: LightCurves, periods: np.ndarray, n_terms: int, weighted: bool = True
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fit a harmonic series to every star at its period.

    The normal equations need only the sums of ``w exp(i k x)`` (k up to ``2 n_terms``)
    and ``w m exp(i k x)`` (k up to `n_terms`); these are made for all points of many
    stars at once and solved as a stack of small matrices.

    Parameters
    ----------
    curves : LightCurves
        Cleaned (`varstar.lightcurves.sample.clean`). Bands are not told apart.
    periods : ndarray, shape (n_stars,)
        Period [d]; a star without a positive finite one gets NaN.
    n_terms : int
    weighted : bool
        Weights 1/err^2; equal weights otherwise.

    Returns
    -------
    coefficients : ndarray, shape (n_stars, 2 n_terms + 1)
        ``a0, b_1 ... b_n, c_1 ... c_n`` [mag] for ``x`` counted from t = 0.
        NaN where the fit is not determined (too few points, or phases in too few places).
    chi2 : ndarray, shape (n_stars,)
        Sum of weighted squared residuals.
    condition : ndarray, shape (n_stars,)
        Condition number of the normalised normal matrix (inf where there is no fit).
    """
    n = curves.n_stars
    coefficients = np.full((n, 2 * n_terms + 1), np.nan)
    chi2, condition = np.full(n, np.nan), np.full(n, np.inf)
    usable = np.isfinite(usable_periods(periods)) & (curves.counts >= 2 * n_terms + 2)
    for chunk in star_chunks(curves.offsets):
        rows = np.arange(chunk.start, chunk.stop)[usable[chunk]]
        if not len(rows):
            continue
        part = curves if len(rows) == n else curves.stars(rows)
        fit = _fit_chunk(part, periods[rows], n_terms, weighted)
        coefficients[rows], chi2[rows], condition[rows] = fit
    return coefficients, chi2, condition


def _fit_chunk(
    curves: LightCurves, periods: np.ndarray, n_terms: int, weighted: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    offsets, counts = curves.offsets, curves.counts
    weight = 1.0 / curves.err**2 if weighted else np.ones_like(curves.t)
    total = segment_sum(weight, offsets)
    weight /= np.repeat(total, counts)
    mean = segment_sum(weight * curves.mag, offsets)
    mag = curves.mag - np.repeat(mean, counts)
    x = 2 * np.pi * phases(curves.t, np.repeat(periods, counts))
    turn = np.cos(x) + 1j * np.sin(x)

    # moments[k] = <w exp(ikx)>, projections[k] = <w m exp(ikx)>
    moments = np.empty((2 * n_terms + 1, len(periods)), complex)
    projections = np.empty((n_terms + 1, len(periods)), complex)
    power = np.ones_like(turn)
    for k in range(2 * n_terms + 1):
        moments[k] = segment_sum(weight * power, offsets)
        if k <= n_terms:
            projections[k] = segment_sum(weight * mag * power, offsets)
        power = power * turn
    normal, right = normal_equations(moments, projections)

    condition = np.full(len(periods), np.inf)
    finite = np.isfinite(normal).all(axis=(1, 2))
    condition[finite] = np.linalg.cond(normal[finite])
    good = condition < MAX_CONDITION
    solution = np.full(right.shape, np.nan)
    solution[good] = np.linalg.solve(normal[good], right[good][..., None])[..., 0]

    residual = mag - np.repeat(solution[:, 0], counts)
    power = turn.copy()
    for k in range(1, n_terms + 1):
        residual -= np.repeat(solution[:, k], counts) * power.real
        residual -= np.repeat(solution[:, n_terms + k], counts) * power.imag
        power *= turn
    chi2 = segment_sum(weight * residual**2, offsets) * total
    solution[:, 0] += mean
    return solution, np.where(good, chi2, np.nan), condition


def normal_equations(moments: np.ndarray, projections: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Normal matrices and right-hand sides from the trigonometric sums.

    Uses ``2 cos a cos b = cos(a-b) + cos(a+b)`` and its kin: no product of columns is
    ever formed.

    Parameters
    ----------
    moments : ndarray of complex, shape (2 n_terms + 1, n)
        ``sum w exp(i k x)``.
    projections : ndarray of complex, shape (n_terms + 1, n)
        ``sum w m exp(i k x)``.

    Returns
    -------
    normal : ndarray, shape (n, 2 n_terms + 1, 2 n_terms + 1)
        Order of the unknowns: ``a0, b_1 ..., c_1 ...``.
    right : ndarray, shape (n, 2 n_terms + 1)
    """
    n_terms = len(projections) - 1
    k = np.arange(n_terms + 1)
    plus, minus = k[:, None] + k[None, :], k[:, None] - k[None, :]
    c, s = moments.real, moments.imag
    sign = np.sign(minus)[..., None]
    cos_cos = (c[np.abs(minus)] + c[plus]) / 2
    sin_sin = (c[np.abs(minus)] - c[plus]) / 2
    cos_sin = (s[plus] - sign * s[np.abs(minus)]) / 2  # cos(row) sin(column)
    normal = np.block(
        [
            [np.moveaxis(cos_cos, -1, 0), np.moveaxis(cos_sin, -1, 0)[:, :, 1:]],
            [
                np.swapaxes(np.moveaxis(cos_sin, -1, 0)[:, :, 1:], 1, 2),
                np.moveaxis(sin_sin, -1, 0)[:, 1:, 1:],
            ],
        ]
    )
    right = np.concatenate([projections.real, projections.imag[1:]]).T
    return normal, right


def evaluate_series(coefficients: np.ndarray, phase: np.ndarray) -> np.ndarray:
    """Magnitudes of fitted series at `phase` (cycles), shape (n_stars, len(phase))."""
    n_terms = (coefficients.shape[1] - 1) // 2
    x = 2 * np.pi * np.arange(1, n_terms + 1)[:, None] * np.asarray(phase)[None, :]
    b, c = coefficients[:, 1 : n_terms + 1], coefficients[:, n_terms + 1 :]
    return coefficients[:, :1] + b @ np.cos(x) + c @ np.sin(x)

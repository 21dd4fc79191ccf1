"""Harmonic series at many frequencies of one light curve, nested fits from one factorisation.

The unknowns stand in the order 1, cos x, sin x, cos 2x, ...: the leading part of the Cholesky
factor is that of the shorter series, so one factorisation gives the variance explained by
every number of harmonics up to the last.
"""

import numpy as np


def nested_fit(
    turn: np.ndarray, mag: np.ndarray, weight: np.ndarray, terms: int, ridge: float = 0.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Series of 1 ... `terms` harmonics at each frequency.

    Parameters
    ----------
    turn : ndarray of complex, shape (n, n_points)
        ``exp(2 pi i f t)``.
    mag, weight : ndarray, shape (n_points,)
        Weighted mean zero, weights of sum one.
    terms : int
    ridge : float
        The k-th harmonic is held back by ``ridge k^2`` over the effective number of points.

    Returns
    -------
    power : ndarray, shape (n, terms)
        Share of the variance explained by 1 ... `terms` harmonics.
    coefficients : ndarray, shape (n, 2, terms)
        Of the cosines and the sines of the longest series.
    window : ndarray, shape (n, terms)
        ``|sum w exp(2 pi i k f t)|``.
    """
    turn = turn.astype(np.complex64)
    design = np.empty((len(turn), 2 * terms + 1, turn.shape[1]), np.float32)
    design[:, 0] = 1
    wave = turn.copy()
    for k in range(terms):
        design[:, 2 * k + 1], design[:, 2 * k + 2] = wave.real, wave.imag
        if k < terms - 1:
            wave *= turn
    weighted = design * weight.astype(np.float32)
    normal = np.matmul(weighted, design.transpose(0, 2, 1)).astype(float)
    right = np.matmul(weighted, mag.astype(np.float32)).astype(float)
    k = np.repeat(np.arange(1, terms + 1), 2)
    diagonal = np.arange(2 * terms + 1)
    normal[:, diagonal, diagonal] += 1e-5
    normal[:, diagonal[1:], diagonal[1:]] += ridge * k**2 * (weight @ weight)
    root = np.linalg.cholesky(normal)
    z = np.linalg.solve(root, right[..., None])
    solution = np.linalg.solve(root.transpose(0, 2, 1), z)[..., 0]
    power = np.clip(np.cumsum(z[..., 0] ** 2, axis=1)[:, 2::2] / (weight @ mag**2), 0, 1)
    window = np.hypot(normal[:, 0, 1::2], normal[:, 0, 2::2])
    return power, np.stack([solution[:, 1::2], solution[:, 2::2]], axis=1), window

"""Energy of a Gaussian mixture as the formula is printed."""

import numpy as np

from varstar.papers.ts19.mixture import _LEAST, RIDGE


def energy_reference(
    z: np.ndarray, phi: np.ndarray, mu: np.ndarray, covariance: np.ndarray, ridge: float = RIDGE
) -> np.ndarray:
    """`energy` as the formula is printed: inverse, determinant, exponentials.

    For few features near the means."""
    z = np.asarray(z, float)
    out = []
    for row in z:
        density = 0.0
        for p, m, c in zip(phi, mu, covariance, strict=True):
            c = c + ridge * np.eye(len(m))
            d = row - m
            norm = np.sqrt((2 * np.pi) ** len(m) * np.linalg.det(c))
            density += max(p, _LEAST) * np.exp(-0.5 * d @ np.linalg.inv(c) @ d) / norm
        out.append(-np.log(density))
    return np.array(out)

"""Gaussian mixtures from memberships: energy of a sample, after DAGMM (Zong et al. 2018).

A network says to which component each sample belongs (`gamma`, its softmax); mixture
parameters follow from these memberships (their Eq 5), and the energy is minus the log of
the mixture's density (TS19, Eq 4 and 5). `parameters` and `energy` are written in Keras
operations, with gradients and for any backend; `parameters_reference` and
`energy_reference` are the same in plain loops, the oracle of the tests.

Numerically: a `ridge` is added to the diagonal of each covariance, which bounds the
log-determinant from below (without it a component that closes in on a few samples sends
the energy to minus infinity); determinant and distances come from the Cholesky factor,
the sum over components from log-sum-exp.
"""

from typing import Any

import numpy as np

from varstar.optional import keras, ops

#: Added to the variances; the features are of order one. In training, in float32, the
#: Cholesky factor of a covariance with a condition beyond about 1e6 does not exist.
RIDGE = 1e-3
#: Of the mixture that is kept after training, in float64.
FINAL_RIDGE = 1e-6
#: A component without any member still has this many (per sample).
_LEAST = 1e-6


def parameters(gamma: Any, z: Any) -> tuple[Any, Any, Any]:
    """Weights, means and covariances of the components (Zong et al. 2018, Eq 5).

    Parameters
    ----------
    gamma : tensor, shape (n, n_components)
        Memberships; rows sum to 1.
    z : tensor, shape (n, n_features)

    Returns
    -------
    phi : tensor, shape (n_components,)
    mu : tensor, shape (n_components, n_features)
    covariance : tensor, shape (n_components, n_features, n_features)
        Without the ridge.
    """
    total = ops.sum(gamma, axis=0)
    n = ops.cast(ops.shape(gamma)[0], gamma.dtype)
    safe = ops.maximum(total, _LEAST * n)
    mu = ops.matmul(ops.transpose(gamma), z) / safe[:, None]
    d = z[None] - mu[:, None]  # (K, n, l)
    weighted = d * ops.transpose(gamma)[:, :, None]
    covariance = ops.matmul(ops.transpose(weighted, (0, 2, 1)), d) / safe[:, None, None]
    return total / n, mu, covariance


def energy(z: Any, phi: Any, mu: Any, covariance: Any, ridge: float = RIDGE) -> Any:
    """``E(z) = -log sum_k phi_k N(z; mu_k, covariance_k + ridge)`` (TS19, Eq 4, 5).

    Parameters
    ----------
    z : tensor, shape (n, n_features)
    phi, mu, covariance
        Of `parameters`.
    ridge : float

    Returns
    -------
    tensor, shape (n,)
        Natural logarithm: greater is stranger.
    """
    size = z.shape[-1]
    factor = ops.cholesky(covariance + ridge * ops.eye(size, dtype=z.dtype))
    d = ops.transpose(z[None] - mu[:, None], (0, 2, 1))  # (K, l, n)
    scaled = ops.solve_triangular(factor, d, lower=True)
    distance = ops.sum(ops.square(scaled), axis=1)  # (K, n)
    log_det = 2.0 * ops.sum(ops.log(ops.diagonal(factor, axis1=1, axis2=2)), axis=-1)
    log_n = -0.5 * (distance + log_det[:, None] + size * float(np.log(2 * np.pi)))
    log_phi = ops.log(ops.maximum(phi, _LEAST))
    return -ops.logsumexp(log_phi[:, None] + log_n, axis=0)


@keras.saving.register_keras_serializable("varstar")
def mixture_energy(_: Any, memberships_and_features: Any) -> Any:
    """Energies of a batch under the mixture of its own memberships: the loss of TS19's Eq 6.

    Parameters
    ----------
    _ : tensor, shape (n, n_components)
        Not looked at but for its width, which says where the features begin.
    memberships_and_features : tensor, shape (n, n_components + n_features)

    Returns
    -------
    tensor, shape (n,)
    """
    k = _.shape[-1]
    gamma, z = memberships_and_features[:, :k], memberships_and_features[:, k:]
    return energy(z, *parameters(gamma, z))


def fit(gamma: np.ndarray, z: np.ndarray, ridge: float = FINAL_RIDGE) -> dict[str, np.ndarray]:
    """The mixture of a training set, for `score`: ``phi``, ``mu``, ``factor``.

    In float64. ``factor`` holds the Cholesky factors of the covariances with their ridge.
    """
    phi, mu, covariance = parameters_reference(gamma, z)
    ridged = covariance + ridge * np.eye(z.shape[1])
    return {"phi": phi, "mu": mu, "factor": np.linalg.cholesky(ridged)}


def score(mixture: dict[str, np.ndarray], z: np.ndarray) -> np.ndarray:
    """Energy of each row of `z`, shape (n,), under a mixture of `fit`; NaN where z has any."""
    return -log_sum(component_log_density(mixture, z))


def component_log_density(mixture: dict[str, np.ndarray], z: np.ndarray) -> np.ndarray:
    """``log(phi_k N_k(z))``, shape (n, n_components)."""
    from scipy.linalg import solve_triangular

    z = np.asarray(z, float)
    bad = ~np.isfinite(z).all(axis=1)
    known = np.where(bad[:, None], 0.0, z)
    out = np.empty((len(z), len(mixture["phi"])))
    for k, (phi, mu, factor) in enumerate(
        zip(mixture["phi"], mixture["mu"], mixture["factor"], strict=True)
    ):
        scaled = solve_triangular(np.asarray(factor, float), (known - mu).T, lower=True)
        log_det = 2 * np.log(np.diag(factor)).sum()
        out[:, k] = np.log(max(float(phi), _LEAST)) - 0.5 * (
            (scaled**2).sum(axis=0) + log_det + z.shape[1] * np.log(2 * np.pi)
        )
    out[bad] = np.nan
    return out


def log_sum(values: np.ndarray) -> np.ndarray:
    """log of the sum of exponentials over the last axis."""
    most = values.max(axis=-1, keepdims=True)
    return (most + np.log(np.exp(values - most).sum(axis=-1, keepdims=True)))[..., 0]


def parameters_reference(
    gamma: np.ndarray, z: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`parameters` in numpy, component by component, float64."""
    gamma, z = np.asarray(gamma, float), np.asarray(z, float)
    phi, mu, covariance = [], [], []
    for k in range(gamma.shape[1]):
        w = gamma[:, k]
        safe = max(w.sum(), _LEAST * len(z))
        phi.append(w.sum() / len(z))
        mu.append((w[:, None] * z).sum(axis=0) / safe)
        d = z - mu[-1]
        covariance.append((d * w[:, None]).T @ d / safe)
    return np.array(phi), np.array(mu), np.array(covariance)


def energy_reference(
    z: np.ndarray, phi: np.ndarray, mu: np.ndarray, covariance: np.ndarray, ridge: float = RIDGE
) -> np.ndarray:
    """`energy` as the formula is printed: inverse, determinant, exponentials; in long floats
    only where numpy has them. For few features near the means."""
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

"""Gaussian mixtures from memberships: energy of a sample, after DAGMM (Zong et al. 2018).

A network says to which component each sample belongs (`gamma`, its softmax); mixture
parameters follow from these memberships (their Eq 5), and the energy is minus the log of
the mixture's density (TS19, Eq 4 and 5). `parameters` and `energy` are written in Keras
operations, with gradients and for any backend; `parameters_reference` is the same in
numpy, float64.

Numerically: a `ridge` is added to the diagonal of each covariance, which bounds the
log-determinant from below (without it a component that closes in on a few samples sends
the energy to minus infinity); determinant and distances come from the Cholesky factor,
the sum over components from log-sum-exp.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.linalg import solve_triangular
from scipy.special import logsumexp

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
    return -logsumexp(component_log_density(mixture, z), axis=1)


def component_log_density(mixture: dict[str, np.ndarray], z: np.ndarray) -> np.ndarray:
    """``log(phi_k N_k(z))``, shape (n, n_components)."""
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


def explain_energy(
    z: np.ndarray,
    phi: np.ndarray,
    mu: np.ndarray,
    sigma: np.ndarray,
    names: Sequence[str] | None = None,
) -> pd.DataFrame:
    r"""Which feature drives an energy.

    The energy of a Gaussian mixture, :math:`E = -\ln\sum_k \phi_k \mathcal N(z; \mu_k,
    \Sigma_k)` (TS19, Eq. 4, 5), is exactly

    .. math:: E = \tfrac12 \delta^T\Sigma_k^{-1}\delta + \tfrac12\ln|2\pi\Sigma_k|
        - \ln\phi_k + \ln r_k, \qquad \delta = z - \mu_k

    for any component *k*, its responsibility being :math:`r_k`. Taken is the one with
    the largest. Only the first term, half the squared Mahalanobis distance, depends on
    how far *z* lies out; it is shared among the features as
    :math:`\tfrac12\delta_j(\Sigma_k^{-1}\delta)_j`, which add up to it. Of correlated
    features one may count negative: it makes the deviation of the other less surprising.

    Parameters
    ----------
    z : ndarray, shape (n, n_features)
    phi, mu, sigma : ndarray, shape (n_components,), (n_components, n_features),
        (n_components, n_features, n_features)
        Weights, means and covariances.
    names : sequence of str, optional
        Of the features; ``z0``, ``z1``, ... by default.

    Returns
    -------
    DataFrame
        A row a row of `z`; a column a feature, its contribution; ``component``;
        ``mahalanobis`` (their sum, half the squared distance), ``volume``
        (:math:`\tfrac12\ln|2\pi\Sigma_k|`), ``weight`` (:math:`\ln r_k - \ln\phi_k`),
        and ``energy``, the sum of the three.

    Raises
    ------
    ValueError
        Shapes that do not fit, or a covariance that is not positive definite.
    """
    z, phi, mu, sigma = (np.asarray(a, float) for a in (z, phi, mu, sigma))
    k = len(phi)
    n_features = z.shape[1] if z.ndim == 2 else -1
    if mu.shape != (k, n_features) or sigma.shape != (k, n_features, n_features):
        raise ValueError(
            f"expected z (n, l), phi (k,), mu (k, l) and sigma (k, l, l). Received: "
            f"{z.shape}, {phi.shape}, {mu.shape}, {sigma.shape}"
        )
    names = [f"z{j}" for j in range(n_features)] if names is None else list(names)
    if len(names) != n_features:
        raise ValueError(f"names: expected {n_features}. Received: {len(names)}")
    parts, half, volume = np.empty((k, *z.shape)), np.empty((k, len(z))), np.empty(k)
    for c in range(k):
        try:
            factor = np.linalg.cholesky(sigma[c])
        except np.linalg.LinAlgError as error:
            raise ValueError(f"sigma: component {c} is not positive definite") from error
        delta = z - mu[c]
        white = solve_triangular(factor, delta.T, lower=True)
        parts[c] = 0.5 * delta * solve_triangular(factor.T, white, lower=False).T
        half[c] = 0.5 * (white**2).sum(axis=0)
        volume[c] = np.log(np.diag(factor)).sum() + 0.5 * n_features * np.log(2 * np.pi)
    with np.errstate(divide="ignore"):  # a component that nothing belongs to
        log_phi = np.log(phi)
    log_joint = log_phi[:, None] - half - volume[:, None]
    total = logsumexp(log_joint, axis=0)
    best, row = log_joint.argmax(axis=0), np.arange(len(z))
    table = pd.DataFrame(parts[best, row], columns=names)
    table["component"] = best
    table["mahalanobis"], table["volume"] = half[best, row], volume[best]
    table["weight"] = log_joint[best, row] - total - log_phi[best]
    table["energy"] = table["mahalanobis"] + table["volume"] + table["weight"]
    return table


def drivers(explained: pd.DataFrame, names: Sequence[str], groups: Sequence[str]) -> pd.DataFrame:
    """Mean contribution of each feature in each group of light curves: rows groups."""
    if len(groups) != len(explained):
        raise ValueError(f"groups: expected {len(explained)}. Received: {len(groups)}")
    table = explained[list(names)].groupby(np.asarray(groups, object).astype(str)).mean()
    return table.rename_axis("group")

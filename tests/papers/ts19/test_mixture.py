"""Which feature drives an energy: by hand, and against scipy."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import settings
from scipy.stats import multivariate_normal

from varstar.papers.ts19 import mixture as gmm

RNG = np.random.default_rng(4)
few = settings(max_examples=25, deadline=None)


def mixture(k: int, size: int, seed: int):
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(k, size, size))
    sigma = root @ root.transpose(0, 2, 1) + 0.1 * np.eye(size)
    phi = rng.dirichlet(np.ones(k))
    return phi, rng.normal(0, 2, (k, size)), sigma


@pytest.mark.parametrize("seed", range(5))
def test_contributions_add_up(seed: int) -> None:
    phi, mu, sigma = mixture(3, 4, seed)
    z = np.random.default_rng(seed).normal(0, 4, (20, 4))
    table = gmm.explain_energy(z, phi, mu, sigma, names=list("abcd"))
    assert np.allclose(table[list("abcd")].sum(axis=1), table["mahalanobis"])
    density = sum(
        p * multivariate_normal(m, s).pdf(z) for p, m, s in zip(phi, mu, sigma, strict=True)
    )
    assert np.allclose(table["energy"], -np.log(density))
    parts = table[["mahalanobis", "volume", "weight"]].sum(axis=1)
    assert np.allclose(parts, table["energy"])
    for i, c in enumerate(table["component"]):
        delta = z[i] - mu[c]
        half = 0.5 * delta @ np.linalg.inv(sigma[c]) @ delta
        assert table["mahalanobis"][i] == pytest.approx(half)


def test_contributions_by_hand() -> None:
    # one Gaussian, standard deviations 1 and 2, three and two of them away
    table = gmm.explain_energy(
        np.array([[3.0, 4.0]]), np.ones(1), np.zeros((1, 2)), np.diag([1.0, 4.0])[None]
    )
    assert table.loc[0, ["z0", "z1", "mahalanobis"]].tolist() == pytest.approx([4.5, 2.0, 6.5])
    assert table.loc[0, "volume"] == pytest.approx(np.log(2 * np.pi * 2.0))
    assert table.loc[0, "weight"] == pytest.approx(0.0)


def test_the_feature_that_is_off_is_named() -> None:
    phi, mu, _ = mixture(2, 5, 0)
    sigma = np.stack([np.eye(5), np.eye(5)])
    z = mu[[0, 1]].copy()
    z[0, 3] += 30.0
    z[1, 1] -= 30.0
    table = gmm.explain_energy(z, phi, mu, sigma)
    names = [f"z{j}" for j in range(5)]
    assert table[names].idxmax(axis=1).tolist() == ["z3", "z1"]
    mean = gmm.drivers(table, names, ["new", "old"])
    assert mean.loc["new"].idxmax() == "z3"
    assert isinstance(mean, pd.DataFrame)


def test_a_far_away_energy_is_finite() -> None:
    phi, mu, sigma = mixture(3, 4, 1)
    phi = np.array([0.0, 0.5, 0.5])  # a component that nothing belongs to
    table = gmm.explain_energy(np.full((1, 4), 1e6), phi, mu, sigma)
    assert np.isfinite(table.to_numpy(float)).all()
    assert table["energy"][0] > 1e6


def test_shapes_and_covariances_are_checked() -> None:
    phi, mu, sigma = mixture(2, 3, 2)
    with pytest.raises(ValueError, match="expected z"):
        gmm.explain_energy(np.zeros((4, 2)), phi, mu, sigma)
    bad = np.stack([sigma[0], -sigma[1]])
    with pytest.raises(ValueError, match="component 1 is not positive definite"):
        gmm.explain_energy(np.zeros((4, 3)), phi, mu, bad)
    with pytest.raises(ValueError, match="names: expected 3"):
        gmm.explain_energy(np.zeros((4, 3)), phi, mu, sigma, names=["a"])

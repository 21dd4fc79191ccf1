"""Splits by star: a star, with every copy of it, stands on one side."""

from collections.abc import Hashable, Mapping, Sequence

import numpy as np
import pandas as pd

#: S20, Sect. 4.1.
S20_FRACTIONS = {"train": 0.70, "validation": 0.15, "test": 0.15}


def split_by_star(
    labels: pd.Series,
    fractions: Mapping[str, float] = S20_FRACTIONS,
    *,
    seed: int = 0,
    groups: Sequence[Hashable] | pd.Series | None = None,
) -> pd.Series:
    """Put each star into a part, stratified by class.

    Parameters
    ----------
    labels : Series
        Class of each row; index ``star_id``.
    fractions : mapping of str to float
        Name and share of each part, adding up to 1.
    seed : int
    groups : sequence or Series, optional
        The star that each row belongs to, where rows are copies or sequences of stars;
        each row is a star of its own by default.

    Returns
    -------
    Series of str
        The part of each row. In every class with at least as many stars as there are
        parts, every part gets at least one.

    Raises
    ------
    ValueError
        Shares that do not add up to 1, missing labels, or a star with two classes.
    """
    names, shares = list(fractions), np.array(list(fractions.values()), float)
    if len(shares) < 2 or (shares <= 0).any() or abs(shares.sum() - 1) > 1e-9:
        raise ValueError(
            f"fractions: expected positive shares of two or more parts, adding up to 1. "
            f"Received: {dict(fractions)}"
        )
    if labels.isna().any():
        raise ValueError(f"labels: {int(labels.isna().sum())} are missing; drop those stars first")
    groups = range(len(labels)) if groups is None else groups
    if len(groups) != len(labels):
        raise ValueError(f"groups: expected {len(labels)} values. Received: {len(groups)}")
    keys, stars = pd.factorize(pd.Index(list(groups), tupleize_cols=False))
    if (keys < 0).any():
        raise ValueError(f"groups: {int((keys < 0).sum())} are missing")
    table = pd.DataFrame({"star": keys, "label": np.asarray(labels, str)}).drop_duplicates()
    if table["star"].duplicated().any():
        bad = stars[table.loc[table["star"].duplicated(), "star"]].tolist()[:3]
        raise ValueError(f"groups: a star has one class. Several for {bad}")
    rng = np.random.default_rng(seed)
    part = {}
    for _, stars in table.groupby("label", sort=True)["star"]:
        stars = rng.permutation(stars.to_numpy())
        for name, members in zip(names, np.split(stars, _cuts(len(stars), shares)), strict=True):
            part.update(dict.fromkeys(members.tolist(), name))
    return pd.Series([part[k] for k in keys.tolist()], index=labels.index, name="split")


def _cuts(n: int, shares: np.ndarray) -> np.ndarray:
    """Where to cut `n` stars into parts: rounded shares, none empty when `n` allows."""
    sizes = np.diff(np.round(np.concatenate([[0], np.cumsum(shares)]) * n)).astype(int)
    while n >= len(sizes) and (sizes == 0).any():
        sizes[sizes.argmax()] -= 1
        sizes[sizes.argmin()] += 1
    return np.cumsum(sizes)[:-1]


def folds_by_star(labels: pd.Series, n_folds: int = 5, *, seed: int = 0) -> pd.Series:
    """Fold number 0..n_folds-1 of each star, stratified by class, for cross-validation."""
    if n_folds < 2:
        raise ValueError(f"n_folds: expected 2 or more. Received: {n_folds!r}")
    share = 1.0 / n_folds
    parts = split_by_star(labels, {str(k): share for k in range(n_folds)}, seed=seed)
    return parts.astype(int).rename("fold")


def at_most(
    labels: Sequence[Hashable] | np.ndarray, n: int | Mapping[Hashable, int], *, seed: int = 0
) -> np.ndarray:
    """Mask of at most `n` rows of each label, drawn at random.

    Parameters
    ----------
    labels : sequence
        One per row; missing ones are never taken.
    n : int or mapping
        Maximum number of rows, of every label or by label (none of labels not named).
    seed : int
    """
    rng = np.random.default_rng(seed)
    codes, names = pd.factorize(np.asarray(labels), sort=True)
    keep = np.zeros(len(codes), bool)
    for k, name in enumerate(names):
        most = n.get(name, 0) if isinstance(n, Mapping) else n
        keep[rng.permutation(np.flatnonzero(codes == k))[:most]] = True
    return keep


def stratified_part(y: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """Mask of a random part with `share` of every class; at least one star of each class
    stays outside it, and one comes in where the class has two or more and share > 0.
    """
    part = np.zeros(len(y), bool)
    for k in np.unique(y):
        members = rng.permutation(np.flatnonzero(y == k))
        n = round(share * len(members))
        n = min(max(n, 1 if share > 0 else 0), len(members) - 1)
        part[members[:n]] = True
    return part


def shared_stars(
    sample: pd.DataFrame, other: pd.DataFrame, *, column: str | None = None, radius: float = 2.0
) -> pd.Series:
    """Whether each star of `sample` is also in `other`: what a disjoint test leaves out.

    Parameters
    ----------
    sample, other : DataFrame
        One row per star, index ``star_id``.
    column : str, optional
        Column of `sample` with the star's ``star_id`` in `other` (a cross-
        identification); by default by position, columns ``ra`` and ``dec`` [deg].
    radius : float
        Largest distance of the same star [arcsec].

    Returns
    -------
    Series of bool
        False for a star without a position.
    """
    if column is not None:
        return sample[column].isin(other.index).rename("shared")
    from astropy import units as u
    from astropy.coordinates import SkyCoord

    valid, sky = [], []
    for table in (sample, other):
        position = table[["ra", "dec"]].to_numpy(float, na_value=np.nan)
        valid.append(np.isfinite(position).all(axis=1))
        sky.append(SkyCoord(*(position[valid[-1]] * u.deg).T))
    shared = np.zeros(len(sample), bool)
    if valid[0].any() and valid[1].any():
        _, distance, _ = sky[0].match_to_catalog_sky(sky[1])
        shared[valid[0]] = distance.arcsec < radius
    return pd.Series(shared, index=sample.index, name="shared")

"""More light curves from few: noise copies.

S20, Sect. 2.2: Gaussian noise with zero mean and each point's own measured error as its
standard deviation is added to the light curve; a class is filled up with such copies of
its stars. The first "copy" of a star is the star as measured.
"""

import numpy as np
import pandas as pd

from varstar.lightcurves.sample import LightCurves


def plan_copies(
    labels: pd.Series, per_class: int | dict[str, int], *, seed: int = 0
) -> pd.DataFrame:
    """Which star is copied how often, so that every class has `per_class` light curves.

    Parameters
    ----------
    labels : Series
        Class of each star; index ``star_id``.
    per_class : int or dict
        Light curves wanted, of every class or by class. A larger class is cut down to a
        random choice of its stars (S20 reduced the eclipsing binaries).
    seed : int

    Returns
    -------
    DataFrame
        One row a light curve: ``star_id``, ``row`` (position in `labels`), ``copy``
        (0: as measured, 1, 2, ...: with noise) and ``label``; sorted by row and copy.
    """
    classes = sorted(labels.dropna().unique())
    if not classes:
        raise ValueError(f"labels: expected stars with a class. Received: {len(labels)} without")
    wanted = per_class if isinstance(per_class, dict) else dict.fromkeys(classes, per_class)
    unknown = sorted(set(wanted) - set(classes))
    if unknown:
        raise ValueError(f"per_class: no star of {unknown}. Classes: {classes}")
    if min(wanted.values(), default=0) < 0:
        raise ValueError(f"per_class: expected numbers of light curves. Received: {per_class!r}")
    rng = np.random.default_rng(seed)
    values = labels.to_numpy(object)
    rows, copies = [], []
    for name in classes:
        n = int(wanted.get(name, 0))
        stars = rng.permutation(np.flatnonzero(values == name))
        k = np.arange(n)
        rows.append(stars[k % len(stars)])
        copies.append(k // len(stars))
    row, copy = np.concatenate(rows), np.concatenate(copies)
    order = np.lexsort((copy, row))
    row, copy = row[order], copy[order]
    return pd.DataFrame(
        {"star_id": labels.index[row], "row": row, "copy": copy, "label": values[row]}
    )


def noisy(
    curves: LightCurves, rng: np.random.Generator, amount: float | np.ndarray = 1.0
) -> LightCurves:
    """Add Gaussian noise of each point's own error, times `amount`.

    Parameters
    ----------
    curves : LightCurves
        Clean: errors are positive (see `varstar.lightcurves.sample.clean`).
    rng : numpy.random.Generator
    amount : float or ndarray, shape (n_stars,)
        Standard deviation in units of the error; 0 leaves a star as it is.
    """
    scale = np.repeat(np.broadcast_to(amount, (curves.n_stars,)), curves.counts)
    return curves._replace(mag=curves.mag + scale * curves.err * rng.standard_normal(len(scale)))


def copies(curves: LightCurves, plan: pd.DataFrame, *, seed: int = 0) -> LightCurves:
    """The light curves of a plan: row by row, copy 0 as measured, the others with noise.

    Parameters
    ----------
    curves : LightCurves
        Clean light curves of the stars that the plan was made for.
    plan : DataFrame
        From `plan_copies`, or part of it.
    seed : int
    """
    rng = np.random.default_rng(seed)
    amount = (plan["copy"].to_numpy() > 0).astype(float)
    return noisy(curves.stars(plan["row"].to_numpy()), rng, amount)

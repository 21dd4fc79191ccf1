"""Light curves with points left out: what a young survey's look like to a network."""

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar.lightcurves.sample import light_curves, nest


def thinned(sample: NestedFrame, lowest: float = 0.08, *, seed: int = 0) -> NestedFrame:
    """Each star with a random part of its points, from `lowest` to all of them.

    The part is drawn evenly in its logarithm, so that few points are as common as many; it
    is the same for all bands of a star, and points are left out at random.

    Parameters
    ----------
    sample : NestedFrame
    lowest : float
        Smallest part, in (0, 1].
    seed : int

    Returns
    -------
    NestedFrame
        The same stars and columns.

    Raises
    ------
    ValueError
        When `lowest` is not in (0, 1].
    """
    if not 0 < lowest <= 1:
        raise ValueError(f"lowest: expected a part in (0, 1]. Received: {lowest!r}")
    curves = light_curves(sample)
    rng = np.random.default_rng(seed)
    part = np.exp(rng.uniform(np.log(lowest), 0.0, curves.n_stars))
    keep = rng.random(len(curves.t)) < part[curves.star]
    return nest(curves.where(keep), pd.DataFrame(sample.drop(columns="lc")))

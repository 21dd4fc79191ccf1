"""The band of each star, for classifiers that look at one."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from varstar.lightcurves.sample import UNKNOWN_BAND, LightCurves, is_valid


def trained(card: Mapping[str, Any]) -> list[str]:
    """Names of the bands that a model was trained in, its aliases too; [] if any will do."""
    bands = card["inputs"].get("bands") or []
    bands = [bands] if isinstance(bands, str) else list(bands)
    aliases = card["inputs"].get("aliases", {})
    return [*bands, *(a for b in bands for a in aliases.get(b, []))]


def main(
    curves: LightCurves, preferred: Sequence[str] = (), min_points: int = 2
) -> tuple[np.ndarray, np.ndarray]:
    """Which points are in their star's main band, and the name of that band.

    A star's band depends on that star alone: a preferred one in which it has
    `min_points`, else any; of several the one in which it has most points, in
    alphabetical order where they are equal, and an unnamed one only for want of others.

    Returns
    -------
    ndarray of bool, shape (n_points,)
    ndarray of str, shape (n_stars,)
        "" for a star without points.
    """
    order = sorted(range(len(curves.bands)), key=lambda k: curves.bands[k])
    names = np.array([curves.bands[k] for k in order], object)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    band, n = rank[curves.band], len(order)
    cell = curves.star * n + band
    valid = is_valid(curves)

    def counted(cells: np.ndarray) -> np.ndarray:
        return np.bincount(cells, minlength=curves.n_stars * n).reshape(curves.n_stars, n)

    points, count = counted(cell), counted(cell[valid])
    named = names != UNKNOWN_BAND
    count[np.ix_(count[:, named].any(axis=1), ~named)] = 0
    first = np.isin(names, list(preferred)) & (count >= min_points)
    more = points.sum(axis=1, keepdims=True) + 1
    chosen = ((count + first * more) * more + points).argmax(axis=1)
    return band == chosen[curves.star], np.where(points.any(axis=1), names[chosen], "")


def choose(
    curves: LightCurves, preferred: Sequence[str], min_points: int = 2
) -> tuple[LightCurves, np.ndarray]:
    """Each star's measurements in its `main` band, and the name of that band.

    A warning says when stars were measured in several bands and none of them is preferred.
    """
    kept, used = main(curves, preferred, min_points)
    several = np.bincount(curves.star[~kept], minlength=curves.n_stars) > 0
    guessed = several & ~np.isin(used, list(preferred))
    if guessed.any():
        bands, stars = np.unique(used[guessed].astype(str), return_counts=True)
        said = ", ".join(f"{str(b)!r}: {k}" for b, k in zip(bands, stars, strict=True))
        wanted = f"; the model was trained in {list(preferred)}" if len(preferred) else ""
        warnings.warn(
            f"{int(guessed.sum())} stars have several bands{wanted}. The one with most points "
            f"was taken ({said} stars; column bands_used). Pass bands=... to choose.",
            stacklevel=5,
        )
    return curves.where(kept), used

"""From light curves in several bands to class probabilities: S26's way, end to end.

What a network sees is written in its card's ``inputs``: ``bands``, in the order of the
network's branches; ``aliases``, other names of them; ``images``, the options of
`s26.inputs`; ``numbers``, whether magnitudes and amplitudes are shown too; and
``views``, whether the bands are also looked at one by one (`s26.predict`).
"""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from varstar.lightcurves.sample import LightCurves, light_curves, one_band, select_bands
from varstar.papers.s26 import inputs as s26
from varstar.periods import find_periods

#: False-alarm probability below which a found period is preferred to a given one.
SIGNIFICANT = 0.01
#: Stars drawn and classified at a time.
CHUNK = 2048


def own_bands(
    curves: LightCurves, card: Mapping[str, Any], bands: str | Sequence[str] | None = None
) -> LightCurves:
    """The measurements in the model's bands, which then have the model's names.

    Parameters
    ----------
    curves : LightCurves
    card : mapping
    bands : str or sequence of str, optional
        Bands of the sample to use. Those that the model knows take their own place; if it
        knows none of them, they take the places of the model's bands in this order.

    Returns
    -------
    LightCurves
        ``bands`` are the model's; a star without a point in any of them is empty. A
        sample that has none of the model's bands is taken in its main one
        (`varstar.lightcurves.sample.one_band`), in the place of the model's first, with a warning.

    Raises
    ------
    ValueError
        When the sample does not have one of `bands`, or they are more than the model's.
    """
    own = list(card["inputs"]["bands"])
    place = {b: k for k, b in enumerate(own)} | {
        a: own.index(b) for b, names in card["inputs"].get("aliases", {}).items() for a in names
    }
    if bands is not None:
        wanted = [bands] if isinstance(bands, str) else list(bands)
        curves = select_bands(curves, wanted)
        unknown = [b for b in wanted if b not in place]
        if 0 < len(unknown) < len(wanted):
            raise ValueError(f"bands: the model has {sorted(place)}. Received: {unknown}")
        if unknown:
            if len(wanted) > len(own):
                raise ValueError(f"bands: expected at most {len(own)}. Received: {wanted}")
            place = {b: k for k, b in enumerate(wanted)}
    elif len(curves.t) and not set(curves.bands) & set(place):
        curves = one_band(curves)
        place = dict.fromkeys(curves.bands, 0)
        warnings.warn(
            f"the sample has none of the model's bands {own}: {list(curves.bands)} is taken for "
            f"{own[0]!r}. Pass bands=... to choose.",
            stacklevel=4,
        )
    code = np.asarray([place.get(b, -1) for b in curves.bands], np.int8)
    band = code[curves.band]
    return curves._replace(band=band, bands=tuple(own)).where(band >= 0)


def own_periods(curves: LightCurves, given: np.ndarray) -> np.ndarray:
    """The periods that the networks look at: found in all bands together, as in training.

    A given period serves where none is found, or none that is significant (false-alarm
    probability below `SIGNIFICANT`). Out of fold on EROS-2 the networks do better with
    found periods than with the catalogue's, among which are aliases, and better than with
    given ones that are checked against found ones; the card has all three.

    Parameters
    ----------
    curves : LightCurves
        In the model's bands (`own_bands`).
    given : ndarray, shape (n_stars,)
        [d]; NaN where there is none.

    Returns
    -------
    ndarray, shape (n_stars,)
    """
    search = find_periods(curves, double=False)
    found, chance = search["period"].to_numpy(float), search["fap"].to_numpy(float)
    known = np.isfinite(given) & (given > 0)
    return np.where(known & ~(chance < SIGNIFICANT), given, found)


def probabilities(
    sample: Any,
    periods: np.ndarray,
    card: Mapping[str, Any],
    networks: Sequence[Any],
    bands: str | Sequence[str] | None = None,
) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """Class probabilities of every star, and why some have none.

    Parameters
    ----------
    sample : NestedFrame
    periods : ndarray, shape (n_stars,)
        [d]; see `own_periods`.
    card : mapping
    networks : sequence of keras.Model
    bands : str or sequence of str, optional
        See `own_bands`. A star that lacks a band is classified by the others.

    Returns
    -------
    probability : ndarray, shape (n_stars, n_classes)
        NaN for a star that cannot be classified.
    status : ndarray of str, shape (n_stars,)
        ``"ok"`` or the reason.
    more : dict
        ``bands_used``: the bands that each star was classified by, as "B,R";
        ``feature_period``: the period at which it was looked at [d].
    """
    own = list(card["inputs"]["bands"])
    curves = own_bands(light_curves(sample), card, bands)
    n = curves.n_stars
    periods = own_periods(curves, periods)
    result = np.full((n, len(card["classes"])), np.nan)
    status, used = np.full(n, "", dtype=object), np.full(n, "", dtype=object)
    for first in range(0, n, CHUNK):
        rows = np.arange(first, min(first + CHUNK, n))
        x = s26.inputs(curves.stars(rows), periods[rows], own, numbers=card["inputs"]["numbers"],
                       **card["inputs"]["images"])  # fmt: skip
        views = card["inputs"].get("views", False)
        result[rows] = s26.predict(list(networks), x, views=views)
        status[rows] = x.status
        used[rows] = [
            ",".join(b for b, m in zip(own, row, strict=True) if m and s == "ok")
            for row, s in zip(x.mask, x.status, strict=True)
        ]
    status[status == "no points"] = f"no points in the bands {', '.join(own)}"
    more = {"bands_used": used.astype(str), "feature_period": periods}
    return result, status.astype(str), more

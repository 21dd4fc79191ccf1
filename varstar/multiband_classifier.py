"""From light curves in several bands to class probabilities: S26's way, end to end.

What a network sees is written in its card's ``inputs``: ``bands``, in the order of the
network's branches; ``aliases``, other names of them; ``images``, the options of
`varstar.s26.inputs`; ``numbers``, whether magnitudes and amplitudes are shown too; and
``views``, whether the bands are also looked at one by one (`varstar.s26.predict`).
"""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from varstar import s26
from varstar.periods import find_periods
from varstar.sample import LightCurves, light_curves, one_band, select_bands

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
        (`varstar.sample.one_band`), in the place of the model's first, with a warning.

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


def search_curves(
    curves: LightCurves, card: Mapping[str, Any], bands: str | Sequence[str] | None = None
) -> LightCurves:
    """What `varstar.classify` finds missing periods in: all of the model's bands together."""
    return own_bands(curves, card, bands)


def orbits(
    sample: Any,
    periods: np.ndarray,
    found: np.ndarray,
    card: Mapping[str, Any],
    networks: Sequence[Any],
    bands: str | Sequence[str] | None = None,
) -> np.ndarray:
    """The periods to use: given ones are checked, found ones stay.

    Catalogues hold aliases. So a period is also searched for stars that have one, and where
    the two disagree (`disagree`) a star is looked at twice, and the period counts with
    which the networks are surer of their answer. A found period need not be doubled: the
    networks see every star at P and at 2 P.

    Parameters
    ----------
    sample, periods, card, networks, bands
        As in `probabilities`.
    found : ndarray of bool, shape (n_stars,)
        Whose period was found; they stay.

    Returns
    -------
    ndarray, shape (n_stars,)
    """
    check = np.flatnonzero(~found & np.isfinite(periods) & (periods > 0))
    if not len(check):
        return periods
    curves = own_bands(light_curves(sample), card, bands).stars(check)
    searched = np.full(len(periods), np.nan)
    searched[check] = find_periods(curves, double=False)["period"].to_numpy(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = disagree(np.log10(periods), np.log10(searched))
    if not apart.any():
        return periods
    both = [
        _answers(sample, np.where(apart, p, np.nan), card, networks, bands)[0].max(axis=1)
        for p in (periods, searched)
    ]
    return np.where(apart & (both[1] > both[0]), searched, periods)


def disagree(log_a: np.ndarray, log_b: np.ndarray) -> np.ndarray:
    """Whether periods (log10) differ by more than 1 %, up to a factor of two.

    False where either is missing.
    """
    apart = np.abs(log_a[:, None] - log_b[:, None] + np.log10([0.5, 1.0, 2.0]))
    return apart.min(axis=1) > np.log10(1.01)


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
        [d]
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
        ``bands_used``: the bands that each star was classified by, as "B,R".
    """
    with warnings.catch_warnings():
        # The choice of a band was said when the periods were looked at.
        warnings.simplefilter("ignore", UserWarning)
        result, status, used = _answers(sample, periods, card, networks, bands)
    return result, status.astype(str), {"bands_used": used.astype(str)}


def _answers(
    sample: Any,
    periods: np.ndarray,
    card: Mapping[str, Any],
    networks: Sequence[Any],
    bands: str | Sequence[str] | None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    own = list(card["inputs"]["bands"])
    curves = own_bands(light_curves(sample), card, bands)
    n = curves.n_stars
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
    return result, status, used

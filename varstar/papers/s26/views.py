"""The inputs of S26's networks, and the same stars with a band or the periods withheld."""

from typing import NamedTuple

import numpy as np


class Inputs(NamedTuple):
    """What the network takes, star by star.

    Attributes
    ----------
    images : ndarray of uint8, shape (n, bands, rows, columns[, channels])
        Black where a star lacks the band.
    mask : ndarray of float32, shape (n, bands)
        1 where the band counts, 0 where it is missing.
    periods : ndarray of float32, shape (n, n_periods)
        log10 of the period [d]; NaN where there is none.
    numbers : ndarray of float32, shape (n, n_numbers)
        Magnitudes, amplitudes, colours (see `number_names`); without columns unless
        asked for.
    status : ndarray of str, shape (n,)
        ``"ok"``, or why a star cannot be drawn.
    """

    images: np.ndarray
    mask: np.ndarray
    periods: np.ndarray
    numbers: np.ndarray
    status: np.ndarray


def withhold_periods(x: Inputs) -> Inputs:
    """The same images, but the network is not told any period."""
    return x._replace(periods=np.full_like(x.periods, np.nan))


def without_band(x: Inputs, band: int) -> Inputs:
    """As if no star had been measured in the band number `band`.

    Its mask, its period where each band has one, and its numbers go; the other images
    stay as they are folded. Stars that have no other band become unusable.
    """
    n_bands = x.mask.shape[1]
    _check_band(band, n_bands)
    mask, periods, numbers = x.mask.copy(), x.periods.copy(), x.numbers.copy()
    mask[:, band] = 0
    if periods.shape[1] >= n_bands > 1:
        periods[:, band] = np.nan
    if numbers.shape[1]:
        own = _own_numbers(band, n_bands)
        colours = [3 * n_bands + k for k in (band - 1, band) if 0 <= k < n_bands - 1]
        numbers[:, own + colours] = np.nan
    images = x.images.copy()
    images[:, band] = 0
    status = np.where((x.status == "ok") & ~mask.any(axis=1), "no other band", x.status)
    return Inputs(images, mask, periods, numbers, status)


def only_band(x: Inputs, band: int) -> Inputs:
    """One band alone, for a network with one branch (Sect. 5.3, Fig. 7).

    Of several periods only the band's own is kept.
    """
    n_bands = x.mask.shape[1]
    _check_band(band, n_bands)
    periods = x.periods[:, [band if x.periods.shape[1] >= n_bands else 0]]
    numbers = x.numbers[:, _own_numbers(band, n_bands)] if x.numbers.shape[1] else x.numbers
    mask = x.mask[:, [band]]
    status = np.where((x.status == "ok") & (mask[:, 0] == 0), "no points in the band", x.status)
    return Inputs(x.images[:, [band]], mask, periods, numbers, status)


def _own_numbers(band: int, n_bands: int) -> list[int]:
    """Columns of `Inputs.numbers` that belong to one band alone."""
    return [k * n_bands + band for k in range(3)]


def _check_band(band: int, n_bands: int) -> None:
    if not 0 <= band < n_bands:
        raise ValueError(f"band: expected 0 to {n_bands - 1}. Received: {band!r}")


def take(x: Inputs, rows: np.ndarray) -> Inputs:
    """Only the stars `rows` (integers or a mask)."""
    return Inputs(*(a[rows] for a in x))


def mask_random_band(x: Inputs, share: float, seed: int = 0) -> Inputs:
    """One random band masked for a random `share` of the stars that have several.

    What a network learns from, if it is to do without a band.
    """
    rng = np.random.default_rng(seed)
    n_bands = x.mask.shape[1]
    hidden = np.where(rng.random(len(x.mask)) < share, rng.integers(n_bands, size=len(x.mask)), -1)
    hidden[x.mask.sum(axis=1) < 2] = -1
    result = Inputs(*(a.copy() for a in x))
    for b in range(n_bands):
        rows = np.flatnonzero(hidden == b)
        for whole, part in zip(result, without_band(take(x, rows), b), strict=True):
            whole[rows] = part
    return result

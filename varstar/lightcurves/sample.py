"""The container: one row per star, its light curve nested in column ``lc``.

A sample is a `nested_pandas.NestedFrame` with the index ``star_id``, any columns about
the stars (``label``, ``period`` [d], ``ra``, ``dec`` [deg], ...) and the nested column
``lc`` with ``t`` [d], ``mag``, ``err`` [mag] and ``band``. For its user it is pandas;
kernels see flat arrays and offsets (`LightCurves`) and never loop over stars in Python
where an array operation can do it.

Two conventions hold in every public function that takes a sample:

``bands=None``
    Each star is measured in its own main band, the one with most valid measurements
    (`one_band`). `varstar.find_periods` alone searches all bands of a star together.
``periods=None``
    The sample's column ``period`` [d]; a star without a value there, and every star of a
    sample without the column, has its period searched (`varstar.find_periods`).
"""

import warnings
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from nested_pandas import NestedFrame
from nested_pandas.series.ext_array import NestedExtensionArray

#: Archives write these for "not measured": ASAS 29.999, others 99.999, -99.9 and beyond.
NOT_MEASURED, LARGEST_MAG = 29.999, 90.0
#: Errors [mag] outside of these say nothing, and their squares leave the range of numbers;
#: magnitudes [mag] and times [d] within the smallest of each other are the same.
SMALLEST_ERR, LARGEST_ERR = 1e-12, 1e12
#: No time [d] lies farther from zero: there doubles are 0.01 s apart, beyond it phases dissolve.
LARGEST_TIME = 1e9
#: Name of the band of measurements whose band is not known.
UNKNOWN_BAND = "?"


class LightCurves(NamedTuple):
    """Light curves of many stars, end to end.

    Star ``i`` owns ``slice(offsets[i], offsets[i + 1])`` of the flat arrays.

    Attributes
    ----------
    t, mag, err : ndarray of float64, shape (n_points,)
        Time [d], magnitude, 1-sigma error [mag].
    band : ndarray of int8 or int16, shape (n_points,)
        Index into `bands`.
    offsets : ndarray of int64, shape (n_stars + 1,)
    bands : tuple of str
        Names of the bands.
    """

    t: np.ndarray
    mag: np.ndarray
    err: np.ndarray
    band: np.ndarray
    offsets: np.ndarray
    bands: tuple[str, ...]

    @property
    def n_stars(self) -> int:
        return len(self.offsets) - 1

    @property
    def counts(self) -> np.ndarray:
        """Number of points of each star."""
        return np.diff(self.offsets)

    @property
    def star(self) -> np.ndarray:
        """For each point, the row of its star."""
        return np.repeat(np.arange(self.n_stars), self.counts)

    def one(self, i: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """``t, mag, err`` of star `i`."""
        s = slice(self.offsets[i], self.offsets[i + 1])
        return self.t[s], self.mag[s], self.err[s]

    def where(self, keep: np.ndarray) -> "LightCurves":
        """Only the points in the mask `keep`; every star stays, perhaps empty."""
        counts = np.bincount(self.star[keep], minlength=self.n_stars)
        offsets = np.concatenate([[0], np.cumsum(counts)])
        flat = (a[keep] for a in (self.t, self.mag, self.err, self.band))
        return LightCurves(*flat, offsets, self.bands)

    def stars(self, rows: Iterable[int] | np.ndarray) -> "LightCurves":
        """Only the stars `rows` (integers or a mask), in that order."""
        rows = np.asarray(rows)
        # Indexing resolves masks and negative rows, and refuses rows that do not exist.
        rows = np.arange(self.n_stars)[rows if rows.dtype == bool else rows.astype(np.int64)]
        if np.array_equal(rows, np.arange(self.n_stars)):
            return self
        counts = self.counts[rows]
        offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        take = np.repeat(self.offsets[rows] - offsets[:-1], counts) + np.arange(offsets[-1])
        flat = (a[take] for a in (self.t, self.mag, self.err, self.band))
        return LightCurves(*flat, offsets, self.bands)


def nest(curves: LightCurves, stars: pd.DataFrame) -> NestedFrame:
    """A sample from flat arrays.

    Parameters
    ----------
    curves : LightCurves
    stars : DataFrame
        One row per star in the order of `curves`; a column ``star_id`` becomes the index.
    """
    if "star_id" in stars.columns:
        stars = stars.set_index("star_id")
    if len(stars) != curves.n_stars:
        raise ValueError(
            f"expected one row per star. Received: {len(stars)} rows for {curves.n_stars} stars"
        )
    if stars.index.name in (None, "star_id"):
        _unique(stars.index)
        stars = stars.rename_axis(index="star_id")
    band = pa.DictionaryArray.from_arrays(
        pa.array(np.asarray(curves.band, _code_type(len(curves.bands)))),
        pa.array(list(curves.bands), pa.string()),
    )
    fields = {"t": curves.t, "mag": curves.mag, "err": curves.err, "band": band}
    points = pa.StructArray.from_arrays([pa.array(v) for v in fields.values()], list(fields))
    sample = NestedFrame(stars)
    nested = NestedExtensionArray(_lists(np.asarray(curves.offsets, np.int64), points))
    sample["lc"] = pd.Series(nested, index=sample.index)
    return sample


def _lists(offsets: np.ndarray, points: pa.Array) -> pa.Array:
    """Lists of points; 64-bit offsets where 32 bits do not suffice."""
    if offsets[-1] > np.iinfo(np.int32).max:
        return pa.LargeListArray.from_arrays(offsets, points)
    return pa.ListArray.from_arrays(offsets.astype(np.int32), points)


def _code_type(n_bands: int) -> type:
    """Smallest integers that number so many bands."""
    if n_bands > np.iinfo(np.int16).max:
        raise ValueError(f"expected at most {np.iinfo(np.int16).max} bands. Received: {n_bands}")
    return np.int8 if n_bands <= np.iinfo(np.int8).max else np.int16


def _unique(star_id: pd.Index) -> None:
    if not star_id.is_unique:
        twice = star_id[star_id.duplicated()][:3].tolist()
        raise ValueError(f"expected star_id to be unique. Received twice: {twice}")


def light_curves(
    sample: NestedFrame | LightCurves, bands: str | Sequence[str] | None = None
) -> LightCurves:
    """The light curves of a sample as flat float64 arrays, as they are.

    Parameters
    ----------
    sample : NestedFrame or LightCurves
        With nested column ``lc`` (``t``, ``mag``; ``err`` and ``band`` where known).
        Measurements without a band are of the band `UNKNOWN_BAND`. Light curves that are
        flat already are returned as they are.
    bands : str or sequence of str, optional
        Only these bands; all by default.
    """
    if isinstance(sample, LightCurves):
        return sample if bands is None else select_bands(sample, bands)
    if "lc" not in getattr(sample, "columns", ()):
        raise ValueError(
            "expected a sample with the nested column 'lc' (see varstar.make_sample). "
            f"Received: {type(sample).__name__} with columns {list(getattr(sample, 'columns', []))}"
        )
    nested = sample["lc"].array
    fields = list(getattr(nested, "field_names", ()))
    if not {"t", "mag"} <= set(fields):
        raise ValueError(f"lc: expected the fields t, mag (and err, band). Received: {fields}")
    counts, points = _lists_of(nested.list_array)
    offsets = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])

    def flat(field: str) -> np.ndarray:
        if field not in fields:
            return np.full(offsets[-1], np.nan)
        return _numbers([p.field(field) for p in points], field)

    band, names = np.zeros(offsets[-1], np.int8), (UNKNOWN_BAND,)
    if "band" in fields and points:
        band, names = _band_codes(pa.chunked_array([p.field("band") for p in points]))
    curves = LightCurves(flat("t"), flat("mag"), flat("err"), band, offsets, names)
    return curves if bands is None else select_bands(curves, bands)


def _lists_of(lists: pa.ChunkedArray) -> tuple[np.ndarray, list[pa.StructArray]]:
    """Length of every list, and the points of each chunk, without a copy where it can be."""
    counts, points = [np.empty(0, np.int64)], []
    for chunk in lists.chunks:
        if chunk.null_count:  # a missing list may hide points, which `flatten` leaves out
            counts.append(chunk.value_lengths().fill_null(0).to_numpy(zero_copy_only=False))
            points.append(chunk.flatten())
        else:
            offsets = chunk.offsets.to_numpy()
            counts.append(np.diff(offsets))
            points.append(chunk.values.slice(offsets[0], offsets[-1] - offsets[0]))
    return np.concatenate(counts), points


def _numbers(arrays: list[pa.Array], field: str) -> np.ndarray:
    """One float64 array; missing values are NaN."""
    try:
        parts = [a.cast(pa.float64()).to_numpy(zero_copy_only=False) for a in arrays]
    except pa.ArrowException as error:
        raise ValueError(f"lc: expected numbers in {field!r}. {error}") from error
    return parts[0] if len(parts) == 1 else np.concatenate([np.empty(0), *parts])


def _band_codes(values: pa.ChunkedArray) -> tuple[np.ndarray, tuple[str, ...]]:
    """Codes and names of bands; a measurement without a band is of `UNKNOWN_BAND`."""
    if not pa.types.is_dictionary(values.type):
        values = values.dictionary_encode()
    values = values.unify_dictionaries().combine_chunks()
    if isinstance(values, pa.ChunkedArray):  # of one chunk, by the version of pyarrow
        values = values.chunk(0)
    names = [UNKNOWN_BAND if b is None else str(b) for b in values.dictionary.to_pylist()]
    if UNKNOWN_BAND not in names and (values.indices.null_count or not names):
        names.append(UNKNOWN_BAND)
    codes = values.indices
    if codes.null_count:
        codes = codes.cast(pa.int64()).fill_null(names.index(UNKNOWN_BAND))
    return codes.to_numpy(zero_copy_only=False).astype(_code_type(len(names))), tuple(names)


def select_bands(curves: LightCurves, bands: str | Sequence[str]) -> LightCurves:
    """Only the points in `bands`; an unknown band is an error that names the known ones."""
    wanted = [bands] if isinstance(bands, str) else list(bands)
    unknown = [b for b in wanted if b not in curves.bands]
    if unknown and len(curves.t):
        known = [b for b in curves.bands if b != UNKNOWN_BAND]
        words = f"Known: {known}" if known else "The light curves name no band: leave bands= out"
        raise ValueError(f"unknown band {unknown}. {words}")
    if set(wanted) == set(curves.bands):
        return curves
    return curves.where(
        np.isin(curves.band, [k for k, b in enumerate(curves.bands) if b in wanted])
    )


def several_bands(curves: LightCurves) -> np.ndarray:
    """Mask of the stars that have points in more than one band."""
    different = np.zeros(curves.n_stars, bool)
    some = np.flatnonzero(curves.counts)
    if len(some):
        first = np.minimum.reduceat(curves.band, curves.offsets[some])
        different[some] = np.maximum.reduceat(curves.band, curves.offsets[some]) > first
    return different


def one_band(curves: LightCurves, bands: str | Sequence[str] | None = None) -> LightCurves:
    """Each star's measurements in one band, for what must not mix them.

    With `bands`, that band (or those, where the caller means to mix). Without, each star
    keeps the band in which it has most valid measurements, the first in alphabetical
    order of equals, and `UNKNOWN_BAND` only where it has no other. No other star has a
    say. A choice among several bands warns: bands are never picked in silence.
    """
    if bands is not None:
        return select_bands(curves, bands)
    several = np.flatnonzero(several_bands(curves))
    if not len(several):
        return curves
    part = curves.stars(several)
    n = len(curves.bands)
    counts = np.bincount((part.star * n + part.band)[is_valid(part)], minlength=len(several) * n)
    counts = counts.reshape(-1, n)
    choice = np.count_nonzero(counts, axis=1) > 1
    unknown = [k for k, b in enumerate(curves.bands) if b == UNKNOWN_BAND]
    counts[np.ix_(choice, unknown)] = 0
    order = np.argsort(curves.bands)
    main = order[counts[:, order].argmax(axis=1)]
    if choice.any():
        names, stars = np.unique(np.array(curves.bands)[main[choice]], return_counts=True)
        chosen = dict(zip(names.tolist(), stars.tolist(), strict=True))
        warnings.warn(
            f"{int(choice.sum())} stars have several bands; each is used in the one of most valid "
            f"measurements (stars by band: {chosen}). "
            "Pass bands=... to choose.",
            stacklevel=3,
        )
    band = np.full(curves.n_stars, -1)
    band[several] = np.where(counts.any(axis=1), main, -1)  # -1: nothing valid, all points stay
    return curves.where((curves.band == band[curves.star]) | (band[curves.star] < 0))


def is_valid(curves: LightCurves) -> np.ndarray:
    """Mask of the points with a time within `LARGEST_TIME` and a magnitude that was measured."""
    return (np.abs(curves.t) < LARGEST_TIME) & measured(curves.mag)


def measured(mag: np.ndarray) -> np.ndarray:
    """Mask of finite magnitudes that are not a mark for "not measured" (29.999, +-90 and beyond).

    Magnitudes of fluxes with an arbitrary zero point, and differential ones, may lie
    anywhere between.
    """
    return (np.abs(mag) < LARGEST_MAG) & (np.abs(mag - NOT_MEASURED) > 1e-6)


def clean(curves: LightCurves, min_points: int = 2) -> tuple[LightCurves, np.ndarray]:
    """Light curves fit for computing, and for each star whether it is.

    Points without a finite time or magnitude, with an absurd time (`LARGEST_TIME`), or
    with what archives write for "not measured" (`measured`), are left out; each star is
    sorted by time; measurements at the same time are kept. An error that is zero,
    negative, not finite or absurd (outside of `SMALLEST_ERR` ... `LARGEST_ERR`) is unknown
    and becomes the median of the star's valid errors, or 1 where the star has none (equal
    weights).

    Parameters
    ----------
    curves : LightCurves
    min_points : int
        Fewer usable points than this make a star unusable.

    Returns
    -------
    LightCurves
        All stars, in the same order; an unusable one may be empty.
    status : ndarray of str, shape (n_stars,)
        ``"ok"``, or why the star is unusable: ``"no points"``, ``"no valid points"``,
        ``"fewer than N valid points"``, ``"constant magnitude"``, ``"all at one time"``.
    """
    before = curves.counts
    valid = is_valid(curves)
    if not valid.all():
        curves = curves.where(valid)
    n = curves.counts
    if _unsorted(curves):
        order = np.lexsort((curves.t, curves.star))
        flat = (a[order] for a in curves[:4])
        curves = LightCurves(*flat, curves.offsets, curves.bands)
    good = (curves.err >= SMALLEST_ERR) & (curves.err <= LARGEST_ERR)
    if not good.all():
        star = curves.star
        median = _median(curves.err[good], star[good], len(n))
        curves = curves._replace(err=np.where(good, curves.err, median[star]))

    status = np.full(len(n), "ok", dtype=object)
    some = np.flatnonzero(n)
    for values, reason in ((curves.t, "all at one time"), (curves.mag, "constant magnitude")):
        if len(some):
            starts = curves.offsets[some]
            spread = np.maximum.reduceat(values, starts) - np.minimum.reduceat(values, starts)
            flat = spread <= SMALLEST_ERR
            status[some[flat]] = reason
    status[n < min_points] = f"fewer than {min_points} valid points"
    status[n == 0] = "no valid points"
    status[before == 0] = "no points"
    return curves, status


def _unsorted(curves: LightCurves) -> bool:
    """Whether a star's times go back; from star to star they may."""
    back = np.flatnonzero(curves.t[1:] < curves.t[:-1]) + 1
    return not np.isin(back, curves.offsets).all()


def _median(values: np.ndarray, star: np.ndarray, n_stars: int) -> np.ndarray:
    """Median of each star's values; 1 where it has none."""
    ordered = values[np.lexsort((values, star))]
    counts = np.bincount(star, minlength=n_stars)
    start = np.cumsum(counts) - counts
    result = np.ones(n_stars)
    some = counts > 0
    low, high = start[some] + (counts[some] - 1) // 2, start[some] + counts[some] // 2
    result[some] = (ordered[low] + ordered[high]) / 2
    return result

"""The container: one row a star, its light curve nested in column ``lc``.

A sample is a `nested_pandas.NestedFrame` with the index ``star_id``, any columns about
the stars (``label``, ``period`` [d], ``ra``, ``dec`` [deg], ...) and the nested column
``lc`` with ``t`` [d], ``mag``, ``err`` [mag] and ``band``. For its user it is pandas;
kernels see flat arrays and offsets (`LightCurves`) and never loop over stars in Python
where an array operation can do it.
"""

import warnings
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from nested_pandas import NestedFrame
from nested_pandas.series.ext_array import NestedExtensionArray

#: Magnitudes beyond these mean "not measured" in the archives (ASAS 29.999, others 99.999).
MAG_RANGE = (-10.0, 29.9)


class LightCurves(NamedTuple):
    """Light curves of many stars, end to end.

    Star ``i`` owns ``slice(offsets[i], offsets[i + 1])`` of the flat arrays.

    Attributes
    ----------
    t, mag, err : ndarray of float64, shape (n_points,)
        Time [d], magnitude, 1-sigma error [mag].
    band : ndarray of int8, shape (n_points,)
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
        One row a star in the order of `curves`, index or column ``star_id``.
    """
    if "star_id" in stars.columns:
        stars = stars.set_index("star_id")
    if len(stars) != curves.n_stars:
        raise ValueError(
            f"expected one row a star. Received: {len(stars)} rows for {curves.n_stars} stars"
        )
    _unique(stars.index)
    if len(curves.bands) > 127:
        raise ValueError(f"expected at most 127 bands. Received: {len(curves.bands)}")
    band = pa.DictionaryArray.from_arrays(
        pa.array(np.asarray(curves.band, np.int8)), pa.array(list(curves.bands), pa.string())
    )
    offsets = np.asarray(curves.offsets, np.int32)
    fields = {"t": curves.t, "mag": curves.mag, "err": curves.err, "band": band}
    lists = [pa.ListArray.from_arrays(offsets, pa.array(v)) for v in fields.values()]
    sample = NestedFrame(stars.rename_axis(index="star_id"))
    nested = NestedExtensionArray(pa.StructArray.from_arrays(lists, list(fields)))
    sample["lc"] = pd.Series(nested, index=sample.index)
    return sample


def _unique(star_id: pd.Index) -> None:
    if not star_id.is_unique:
        twice = star_id[star_id.duplicated()][:3].tolist()
        raise ValueError(f"expected star_id to be unique. Received twice: {twice}")


def _floats(table: pd.DataFrame, column: str) -> np.ndarray:
    try:
        return table[column].to_numpy(float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"observations: expected numbers in {column!r}. {error}") from error


def make_sample(observations: pd.DataFrame, stars: pd.DataFrame | None = None) -> NestedFrame:
    """A sample from two plain tables, the form that people have.

    Parameters
    ----------
    observations : DataFrame
        One row a measurement: ``star_id``, ``t`` (or ``time``) [d], ``mag``, and where
        known ``err`` (or ``mag_err``) [mag] and ``band``. In any order.
    stars : DataFrame, optional
        One row a star: ``star_id`` (column or index) and anything else, ``period`` [d]
        among it where known. Without it, the stars are those of `observations`.

    Returns
    -------
    NestedFrame
        In the order of `stars`. A star without observations keeps its row, with an
        empty light curve.

    Raises
    ------
    ValueError
        When a column is missing, or observations belong to no star of `stars`.
    """
    names = {"time": "t", "mag_err": "err"}
    obs = observations.rename(
        columns={a: b for a, b in names.items() if b not in observations.columns}
    )
    missing = [c for c in ("star_id", "t", "mag") if c not in obs.columns]
    if missing:
        raise ValueError(
            f"observations: expected columns star_id, t, mag (and err, band). "
            f"Missing: {missing}. Received: {list(observations.columns)}"
        )
    codes, ids = pd.factorize(obs["star_id"])
    if (codes < 0).any():
        raise ValueError(
            f"expected a star_id in every row. Received: {int((codes < 0).sum())} rows without one"
        )
    if stars is None:
        stars = pd.DataFrame(index=pd.Index(ids, name="star_id"))
    elif "star_id" in stars.columns:
        stars = stars.set_index("star_id")
    _unique(stars.index)
    row = stars.index.get_indexer(ids)
    if (row < 0).any():
        raise ValueError(
            f"observations of {int((row < 0).sum())} stars that the table of stars lacks, "
            f"for example {list(ids[row < 0][:3])}"
        )
    row = row[codes]
    order = np.argsort(row, kind="stable")
    n = len(obs)
    band_codes, bands = (
        pd.factorize(obs["band"], use_na_sentinel=False)
        if "band" in obs.columns
        else (np.zeros(n, int), ["?"])
    )
    curves = LightCurves(
        _floats(obs, "t")[order],
        _floats(obs, "mag")[order],
        (_floats(obs, "err") if "err" in obs.columns else np.full(n, np.nan))[order],
        np.asarray(band_codes, np.int8)[order],
        np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(stars)))]),
        tuple(str(b) for b in bands) or ("?",),
    )
    return nest(curves, stars)


def light_curves(sample: NestedFrame, bands: str | Sequence[str] | None = None) -> LightCurves:
    """The light curves of a sample as flat float64 arrays, as they are.

    Parameters
    ----------
    sample : NestedFrame
        With nested column ``lc`` (``t``, ``mag``; ``err`` and ``band`` where known).
    bands : str or sequence of str, optional
        Only these bands; all by default.
    """
    if "lc" not in getattr(sample, "columns", ()):
        raise ValueError(
            "expected a sample with the nested column 'lc' (see varstar.make_sample). "
            f"Received: {type(sample).__name__} with columns {list(getattr(sample, 'columns', []))}"
        )
    nested = sample["lc"].array
    fields = list(nested.field_names)
    if not {"t", "mag"} <= set(fields):
        raise ValueError(f"lc: expected the fields t, mag (and err, band). Received: {fields}")
    offsets = np.asarray(nested.list_offsets.to_numpy(), np.int64)
    offsets = offsets - offsets[0]
    n = int(offsets[-1])

    def flat(field: str) -> np.ndarray:
        if field not in fields:
            return np.full(n, np.nan)
        return sample[f"lc.{field}"].to_numpy(float, na_value=np.nan)

    band, names = np.zeros(n, np.int8), ("?",)
    if "band" in fields:
        values = pa.array(sample["lc.band"].array)
        values = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
        if not pa.types.is_dictionary(values.type):
            values = values.dictionary_encode()
        band = values.indices.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int8)
        names = tuple(str(b) for b in values.dictionary.to_pylist()) or names
    curves = LightCurves(flat("t"), flat("mag"), flat("err"), band, offsets, names)
    return curves if bands is None else select_bands(curves, bands)


def select_bands(curves: LightCurves, bands: str | Sequence[str]) -> LightCurves:
    """Only the points in `bands`; an unknown band is an error that names the known ones."""
    wanted = [bands] if isinstance(bands, str) else list(bands)
    unknown = [b for b in wanted if b not in curves.bands]
    if unknown:
        raise ValueError(f"unknown band {unknown}. Known: {list(curves.bands)}")
    if set(wanted) == set(curves.bands):
        return curves
    return curves.where(np.isin(curves.band, [curves.bands.index(b) for b in wanted]))


def one_band(curves: LightCurves, bands: str | Sequence[str] | None = None) -> LightCurves:
    """Each star's measurements in one band, for what must not mix them.

    With `bands`, that band (or those, where the caller means to mix). Without, a star
    measured in one band keeps it, whichever it is; where stars have several, the band
    with the most measurements of all is used, and of a star without any in it the one
    that it has most in. That choice warns: bands are never picked in silence.
    """
    if bands is not None:
        return select_bands(curves, bands)
    n = len(curves.bands)
    table = np.bincount(curves.star * n + curves.band, minlength=curves.n_stars * n)
    table = table.reshape(curves.n_stars, n)
    several = np.count_nonzero(table, axis=1) > 1
    if not several.any():
        return curves
    main = int(table.sum(axis=0).argmax())
    chosen = np.where(table[:, main] > 0, main, table.argmax(axis=1))
    present = {b: int(c) for b, c in zip(curves.bands, table.sum(axis=0), strict=True) if c}
    warnings.warn(
        f"{int(several.sum())} stars have several bands (measurements: {present}); "
        f"using {curves.bands[main]!r}. Pass bands=... to choose.",
        stacklevel=3,
    )
    return curves.where(curves.band == chosen[curves.star])


def clean(curves: LightCurves, min_points: int = 2) -> tuple[LightCurves, np.ndarray]:
    """Light curves fit for computing, and for each star whether it is.

    Points without a finite time or magnitude, or with a magnitude outside `MAG_RANGE`
    (archives write 29.999 or 99.999 for "not measured"), are left out; each star is
    sorted by time; measurements at the same time are kept. An error that is zero,
    negative, or not finite is unknown and becomes the median of the star's valid
    errors, or 1 where the star has none (equal weights).

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
    valid = np.isfinite(curves.t) & (curves.mag > MAG_RANGE[0]) & (curves.mag < MAG_RANGE[1])
    if not valid.all():
        curves = curves.where(valid)
    star, n = curves.star, curves.counts
    dt = np.diff(curves.t)
    if np.any(dt[star[1:] == star[:-1]] < 0):
        order = np.lexsort((curves.t, star))
        flat = (a[order] for a in curves[:4])
        curves = LightCurves(*flat, curves.offsets, curves.bands)
    good = np.isfinite(curves.err) & (curves.err > 0)
    if not good.all():
        err = curves.err.copy()
        for i in np.unique(star[~good]):
            s = slice(curves.offsets[i], curves.offsets[i + 1])
            known = err[s][good[s]]
            err[s][~good[s]] = np.median(known) if len(known) else 1.0
        curves = curves._replace(err=err)

    status = np.full(len(n), "ok", dtype=object)
    some = np.flatnonzero(n)
    for values, reason in ((curves.t, "all at one time"), (curves.mag, "constant magnitude")):
        if len(some):
            starts = curves.offsets[some]
            flat = np.maximum.reduceat(values, starts) == np.minimum.reduceat(values, starts)
            status[some[flat]] = reason
    status[n < min_points] = f"fewer than {min_points} valid points"
    status[n == 0] = "no valid points"
    status[before == 0] = "no points"
    return curves, status

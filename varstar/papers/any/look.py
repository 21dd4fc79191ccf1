"""From light curves to what the trees see: a row a trial period, many stars in chunks."""

import warnings
from typing import NamedTuple

import numpy as np

from varstar.lightcurves.sample import LightCurves, clean
from varstar.papers.any import candidates
from varstar.papers.any.numbers import FOLD, STAR, fold_numbers, star_numbers

#: Fewest usable points in the band that is looked at.
MIN_POINTS = 8
#: Every column that the trees see, in their order.
COLUMNS = [*STAR, *FOLD]


class Looks(NamedTuple):
    """Trial periods of many stars, end to end; star i owns ``offsets[i]:offsets[i + 1]``.

    Attributes
    ----------
    period : ndarray, shape (n_trials,)
        [d].
    x : ndarray of float32, shape (n_trials, len(COLUMNS))
    given : ndarray of bool, shape (n_trials,)
        Whether the period is the caller's.
    offsets : ndarray of int, shape (n_stars + 1,)
    status : ndarray of str, shape (n_stars,)
    bands : ndarray of str, shape (n_stars,)
        Those of the usable points: the one whose shape is seen, and the others.
    n_points : ndarray of int, shape (n_stars,)
        Usable points in all of them.
    """

    period: np.ndarray
    x: np.ndarray
    given: np.ndarray
    offsets: np.ndarray
    status: np.ndarray
    bands: np.ndarray
    n_points: np.ndarray


def look(curves: LightCurves, given: np.ndarray | None = None) -> Looks:
    """Trial periods and numbers of every star.

    Parameters
    ----------
    curves : LightCurves
        Any bands: the period is searched in all of a star's, each with its own mean; shapes
        are seen in the one with the most points.
    given : ndarray, shape (n_stars,), optional
        Periods [d] that the caller believes in; NaN where none.
    """
    curves, status = clean(curves, min_points=MIN_POINTS)
    n = curves.n_stars
    given = np.full(n, np.nan) if given is None else np.asarray(given, float)
    periods, rows, mine, counts = [np.zeros(0)], [np.zeros((0, len(COLUMNS)))], [], np.zeros(n, int)
    bands = np.full(n, "", object)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for i in np.flatnonzero(status == "ok"):
            bands[i], seen = _star(curves, i, given[i])
            if isinstance(seen, str):
                status[i] = seen
                continue
            period, x, own = seen
            periods.append(period)
            rows.append(x)
            mine.append(own)
            counts[i] = len(period)
    offsets = np.concatenate([[0], np.cumsum(counts)])
    return Looks(
        np.concatenate(periods),
        np.concatenate(rows).astype(np.float32),
        np.concatenate([np.zeros(0, bool), *mine]),
        offsets,
        np.asarray(status, object),
        bands,
        curves.counts,
    )


def _star(curves: LightCurves, i: int, given: float) -> tuple[str, tuple | str]:
    """Names of its bands; and periods, numbers, whether given, or why there are none."""
    s = slice(curves.offsets[i], curves.offsets[i + 1])
    t, mag, err, band = curves.t[s], curves.mag[s], curves.err[s], curves.band[s]
    present, count = np.unique(band, return_counts=True)
    order = np.argsort(-count, kind="stable")
    main, names = band == present[order[0]], ",".join(curves.bands[b] for b in present[order])
    if count.max() < MIN_POINTS:
        return names, f"fewer than {MIN_POINTS} valid points in a band"
    middle = (t[0] + t[-1]) / 2
    t = t - middle
    y, weight = _joined(mag, err, band, present)
    found = candidates.find(t, y, weight, given)
    if found is None:
        return names, "no variation"
    tm, mm, em = t[main], mag[main], err[main]
    if not np.ptp(mm) > 0 or not np.ptp(tm) > 0:
        return names, "constant magnitude"
    ym, wm = _joined(mm, em, np.zeros(len(mm)), np.zeros(1))
    x, more = fold_numbers(tm, ym, em, wm, found)
    star = star_numbers(tm, mm, em)
    for name, value in more.items():
        star[STAR.index(name)] = value
    x = np.concatenate([np.tile(star, (len(x), 1)), x], axis=1)
    x[~np.isfinite(x)] = np.nan
    return names, (1 / found.frequency, x.astype(np.float32), found.given)


def _joined(
    mag: np.ndarray, err: np.ndarray, band: np.ndarray, present: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """All bands as one light curve: far outliers pulled in, each band's mean taken out.

    Weights are ``1 / (err^2 + median(err)^2)``: a point whose error is understated does not
    rule.
    """
    y, weight = mag.copy(), np.empty(len(mag))
    for b in present:
        some = band == b
        m = y[some]
        place = np.array([0.05, 0.25, 0.5, 0.75, 0.95]) * (len(m) - 1)
        q05, q25, q50, q75, q95 = np.interp(place, np.arange(len(m)), np.sort(m))
        reach = 3 * (q75 - q25)
        m = np.clip(m, min(q50 - reach, q05), max(q50 + 4 * reach, q95))
        e = err[some]
        w = 1 / (e**2 + np.median(e) ** 2)
        y[some] = m - (w @ m) / w.sum()
        weight[some] = w
    return y, weight / weight.sum()

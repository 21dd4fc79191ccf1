"""A simulated survey: stars chosen, their light seen with its cadence and noise.

The survey is endless: star number i is the same for one seed at any size. Which type it
has follows from the proportions alone (`plan`), who it is from its type and its number
within the type (`varstar.simulate.random`).
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar.sample import LightCurves, nest, select_bands
from varstar.simulate.cadence import field_epochs
from varstar.simulate.light import COLOUR, magnitudes
from varstar.simulate.noise import error
from varstar.simulate.random import keys, normal, uniform
from varstar.simulate.surveys import SURVEYS
from varstar.simulate.types import TYPES

#: stars simulated at a time
_BLOCK = 1000


def _members(spec: Mapping, classes: Sequence[str] | str | None) -> list[dict]:
    """The rows of the survey's table of classes that are asked for."""
    rows = spec["classes"]
    if classes is None:
        classes = spec.get("default")
    if isinstance(classes, str) and classes in spec.get("choices", {}):
        classes = spec["choices"][classes]
    if classes is None:
        return list(rows)
    wanted = [classes] if isinstance(classes, str) else list(classes)
    known = {r["superclass"] for r in rows} | {r["label"] for r in rows}
    unknown = [c for c in wanted if c not in known]
    if unknown or not wanted:
        raise ValueError(
            f"classes: expected some of {sorted(known)} or a choice of "
            f"{sorted(spec.get('choices', {}))}. Received: {classes!r}"
        )
    return [r for r in rows if r["label"] in wanted or r["superclass"] in wanted]


def _fractions(spec: Mapping, rows: list[dict], balance) -> np.ndarray:
    """Part of each row of the table of classes; they sum to 1."""
    unit = [r[spec["balance_by"]] for r in rows]
    count = np.array([r["count"] for r in rows], float)
    if balance is None or balance == "natural":
        return count / count.sum()
    if isinstance(balance, str) and balance != "equal":
        raise ValueError(f"balance: expected 'natural', 'equal' or a dict. Received: {balance!r}")
    units = sorted(set(unit))
    if balance == "equal":
        balance = dict.fromkeys(units, 1.0)
    unknown = [c for c in balance if c not in units]
    share = np.array(list(balance.values()), float)
    if (
        unknown
        or not len(share)
        or not (np.isfinite(share) & (share >= 0)).all()
        or not share.sum()
    ):
        raise ValueError(
            f"balance: expected parts >= 0 of {units}, not all zero. Received: {dict(balance)}"
        )
    total = {c: sum(n for u, n in zip(unit, count, strict=True) if u == c) for c in units}
    parts = np.array([balance.get(u, 0) * n / total[u] for u, n in zip(unit, count, strict=True)])
    return parts / parts.sum()


def plan(
    spec: Mapping, size: int, balance=None, classes=None, minimum: int | None = None
) -> tuple[list[dict], np.ndarray, np.ndarray]:
    """Which class each star of the endless survey has.

    The first stars are `minimum` of each class in turn, so that even a small natural
    sample has some of the rare ones (not for ``balance="equal"``, or a dict); then
    star i takes the class that the i-th point of the golden-ratio sequence falls on,
    which keeps every class within about one star of its part at any size.

    Returns
    -------
    rows : list of dict
        The rows of the survey's table of classes that may occur.
    row : ndarray of int, shape (size,)
        For each star, its row.
    number : ndarray of int, shape (size,)
        How many of the same row came before it.
    """
    rows = _members(spec, classes)
    parts = _fractions(spec, rows, balance)
    order = np.argsort([str(r[spec["balance_by"]]) for r in rows], kind="stable")
    edges = np.cumsum(parts[order])
    natural = balance is None or balance == "natural"
    minimum = (spec["minimum"] if natural else 0) if minimum is None else int(minimum)
    units = list(dict.fromkeys(str(rows[j][spec["balance_by"]]) for j in order if parts[j] > 0))
    row = np.empty(size, np.int64)
    first = min(minimum * len(units), size)
    golden = 0.6180339887498949
    for i in range(first):
        unit = units[i % len(units)]
        mine = [j for j in order if rows[j][spec["balance_by"]] == unit]
        share = np.cumsum(parts[mine]) / parts[mine].sum()
        at = np.searchsorted(share, np.mod((i // len(units) + 0.5) * golden, 1.0))
        row[i] = mine[min(int(at), len(mine) - 1)]
    u = np.mod((np.arange(first, size) + 0.5) * golden, 1.0)
    at = np.minimum(np.searchsorted(edges, u * edges[-1], side="right"), len(rows) - 1)
    row[first:] = order[at]
    number = np.empty(size, np.int64)
    for j in range(len(rows)):
        mine = row == j
        number[mine] = np.arange(mine.sum())
    return rows, row, number


def survey(
    name: str,
    size: int | None = None,
    seed: int = 0,
    bands: str | Sequence[str] | None = None,
    balance: str | Mapping[str, float] | None = None,
    classes: Sequence[str] | str | None = None,
    minimum: int | None = None,
    clean: bool = False,
) -> NestedFrame:
    """Stars of a simulated survey.

    Parameters
    ----------
    name : str
        One of `SURVEYS`.
    size : int, optional
        How many stars; the survey's own default otherwise. The stars of a smaller size
        are the first stars of a larger one.
    seed : int
        Another seed is another sky.
    bands : str or sequence of str, optional
        Only these bands; all of the survey by default.
    balance : "natural", "equal" or dict of str to float, optional
        Proportions of the classes (of ``SURVEYS[name]["balance_by"]``): as in the paper's
        table (the default), equal, or these parts.
    classes : str or sequence of str, optional
        Only these labels or superclasses, or the name of one of the survey's choices.
    minimum : int, optional
        With natural proportions, so many stars of each class come first; see `plan`.
    clean : bool
        Without outliers, wrong labels, and period errors.

    Returns
    -------
    NestedFrame
        Index ``star_id``; what the survey publishes (``label``, ``superclass``,
        ``period`` [d], ``t0`` [d], ``ra``, ``dec`` [deg], ``mean_mag``, ``amplitude``
        [mag], ...), the truth in columns ``true_...``, light curves in ``lc``.

    Raises
    ------
    ValueError
        Unknown survey, class, band, or a size, seed, or balance that cannot be.
    """
    if name not in SURVEYS:
        raise ValueError(f"unknown simulated survey {name!r}. Known: {sorted(SURVEYS)}")
    spec = SURVEYS[name]
    size = spec["size"] if size is None else size
    if isinstance(size, bool) or int(size) != size or size < 1:
        raise ValueError(f"size: expected a positive whole number. Received: {size!r}")
    if isinstance(seed, bool) or int(seed) != seed or seed < 0:
        raise ValueError(f"seed: expected a whole number >= 0. Received: {seed!r}")
    wanted = list(spec["bands"]) if bands is None else [bands] if isinstance(bands, str) else bands
    unknown = [b for b in wanted if b not in spec["bands"]]
    if unknown or not len(wanted):
        raise ValueError(f"{name}: unknown band {unknown}. Has: {list(spec['bands'])}")
    rows, row, number = plan(spec, int(size), balance, classes, minimum)
    tables, curves, place = [], [], []
    for j, entry in enumerate(rows):
        mine = np.flatnonzero(row == j)
        for start in range(0, len(mine), _BLOCK):
            part = mine[start : start + _BLOCK]
            table, light = _block(name, spec, entry, number[part], int(seed), wanted, clean)
            tables.append(table)
            curves.append(light)
            place.append(part)
    stars = pd.concat(tables, ignore_index=True)
    whole = _join(curves)
    back = np.argsort(np.concatenate(place), kind="stable")
    stars = stars.iloc[back].set_index("star_id")
    whole = whole.stars(back)
    return nest(select_bands(whole, wanted), stars)


def _join(parts: list[LightCurves]) -> LightCurves:
    counts = np.concatenate([c.counts for c in parts])
    flat = (np.concatenate([c[i] for c in parts]) for i in range(4))
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return LightCurves(*flat, offsets, parts[0].bands)


def _identity(name: str, spec: Mapping, entry: Mapping, number: np.ndarray, seed: int):
    """Sky number of each star: where surveys share a sky, some stars are the same."""
    own = spec.get("own_from", 0)
    if not own:
        return number
    choice = keys(f"{name}/shared/{entry['type']}", seed, number)
    return np.where(uniform(choice, "shared") < spec["shared"], number, number + own)


def _block(
    name: str,
    spec: Mapping,
    entry: Mapping,
    number: np.ndarray,
    seed: int,
    bands: Sequence[str],
    clean: bool,
) -> tuple[pd.DataFrame, LightCurves]:
    """Stars of one class: their row of the catalogue and their light curves."""
    sky = _identity(name, spec, entry, number, seed)
    key = keys(f"{spec['sky']}/{entry['type']}", seed, sky)
    light = TYPES[entry["type"]](key)
    n = len(key)
    seen = key ^ keys(name, seed, [0])  # what happens to the star in this survey
    epoch = 2455000.0 + np.nan_to_num(light.period, nan=1.0) * uniform(key, "epoch")

    where = spec["place"](key)
    mean = {
        b: where["modulus"]
        + light.absolute
        - COLOUR[b] * light.colour
        + where["extinction"] * (1 - 0.42 * COLOUR[b])
        for b in spec["bands"]
    }

    pieces, mags, amplitudes = [], {}, {}
    for code, band in enumerate(spec["bands"]):
        if band not in bands and band != spec["main"]:
            continue
        t, star, count = _epochs(name, spec, band, where["field"], seen)
        delta, amplitude = magnitudes(light, epoch, t, star, COLOUR[band])
        true = mean[band][star] + delta
        noise = spec["noise"][band]
        # the quoted error follows the measured brightness and the night's conditions
        night = np.exp(noise["scatter"] * normal(seen[star], f"seeing {band}", count))
        sigma = error(true, *noise["error"]) * night
        z = normal(seen[star], f"noise {band}", count)
        u = uniform(seen[star], f"outlier {band}", count)
        far = (u < noise["outliers"]) & (not clean)
        z = np.where(far, z * 6 + 3 * np.sign(u - noise["outliers"] / 3), z)
        true = true + noise["underestimate"] * sigma * z
        mags[band], amplitudes[band] = (star, true), amplitude
        kept = (true < noise["limit"]) & (sigma < 1.0)
        pieces.append((star[kept], t[kept], true[kept], sigma[kept], np.full(kept.sum(), code)))

    star, t, mag, err, band = (np.concatenate([p[i] for p in pieces]) for i in range(5))
    order = np.lexsort((t, band, star))
    star, t, mag, err, band = (a[order] for a in (star, t, mag, err, band))
    offsets = np.concatenate([[0], np.cumsum(np.bincount(star, minlength=n))]).astype(np.int64)
    digits = spec["digits"]
    curves = LightCurves(
        np.round(t, 5), np.round(mag, digits), np.maximum(np.round(err, digits), 10.0**-digits),
        band.astype(np.int8), offsets, tuple(spec["bands"]),
    )  # fmt: skip

    main = spec["main"]
    of, values = mags[main]
    total = np.bincount(of, values, minlength=n)
    mean_mag = total / np.maximum(np.bincount(of, minlength=n), 1)
    if not clean:
        mean_mag = mean_mag + 0.003 * normal(seen, "mean error")
    span = spec["end"] - spec["start"]
    period = light.period
    if not clean:  # a period is wrong by about a hundredth of a cycle over the survey
        period = period * (1 + 0.006 * period / span * normal(seen, "period error"))
    kind = entry["type"].replace(" ", "-").upper()
    stem = np.array([f"{spec['prefix']}-{kind}-{i + 1:06d}" for i in sky])
    table = pd.DataFrame({"star_id": stem, "label": entry["label"]})
    table["superclass"] = entry["superclass"]
    table["period"] = period
    table["t0"] = np.round(epoch - np.floor((epoch - spec["start"]) / period) * period, 5)
    table["ra"], table["dec"] = np.round(where["ra"], 5), np.round(where["dec"], 5)
    table["mean_mag"] = np.round(mean_mag, 3)
    table["amplitude"] = np.round(amplitudes[main], 3)
    for other in [b for b in mags if b != main]:
        of, values = mags[other]
        with np.errstate(invalid="ignore"):
            average = np.bincount(of, values, minlength=n) / np.bincount(of, minlength=n)
        table[f"mean_mag_{other}"] = np.round(average, 3)
    table["survey"] = name
    table["time_scale"] = spec["time_scale"]
    for column, number_of in spec.get("cross", {}).items():
        inside = sky < number_of if number_of else np.ones(n, bool)
        table[column] = np.where(inside, stem, "")
    table["true_label"], table["true_type"] = entry["label"], entry["type"]
    table["true_period"] = light.period
    table["true_t0"] = epoch
    table["true_mean_mag"] = mean[main]
    table["true_amplitude"] = amplitudes[main]
    for what, values in light.truth.items():
        table[f"true_{what}"] = values
    return table, curves


def _epochs(name: str, spec: Mapping, band: str, field: np.ndarray, seen: np.ndarray):
    """Times of the stars in a band: those of their field, less some lost frames.

    Returns
    -------
    t, star, number : ndarray, shape (n_points,)
    """
    cadence = spec["cadence"][band]
    lost = 0.02 + 0.1 * uniform(seen, f"lost {band}") ** 2
    times, stars, numbers = [], [], []
    for f in np.unique(field):
        t, number = field_epochs(
            f"{name}/{band}", int(f), spec["field_ra"](f), spec["start"], spec["end"], **cadence
        )
        mine = np.flatnonzero(field == f)
        star = np.repeat(mine, len(t))
        number = np.tile(number, len(mine))
        keep = uniform(seen[star], f"frame {band}", number) > lost[star]
        times.append(np.tile(t, len(mine))[keep])
        stars.append(star[keep])
        numbers.append(number[keep])
    return tuple(np.concatenate(x) for x in (times, stars, numbers))

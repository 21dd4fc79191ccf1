"""A simulated survey: stars chosen, their light seen with its cadence and noise.

The survey is endless: star number i is the same for one seed at any size. Which type it
has follows from the proportions alone (`plan`), who it is from its type and its number
within the type (`varstar.simulate.random`).
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar.lightcurves.sample import LightCurves, nest, select_bands
from varstar.simulate.cadence import CADENCES
from varstar.simulate.light import COLOUR, Array, Light, magnitudes
from varstar.simulate.noise import blended, error, measure
from varstar.simulate.places import FIELD_RA, PLACES, dimmed
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


def _unit(spec: Mapping, balance: str | Mapping[str, float] | None) -> str:
    """Whether a balance is between labels or superclasses."""
    if balance == "labels":
        return "label"
    if isinstance(balance, Mapping) and set(balance) <= {r["label"] for r in spec["classes"]}:
        return "label"
    return spec["balance_by"]


def _fractions(spec: Mapping, rows: list[dict], balance: str | Mapping[str, float] | None) -> Array:
    """Part of each row of the table of classes; they sum to 1."""
    unit = [r[_unit(spec, balance)] for r in rows]
    count = np.array([r["count"] for r in rows], float)
    if balance is None or balance == "natural":
        return count / count.sum()
    if isinstance(balance, str) and balance not in ("equal", "labels"):
        raise ValueError(
            f"balance: expected 'natural', 'equal', 'labels' or a dict. Received: {balance!r}"
        )
    units = sorted(set(unit))
    if isinstance(balance, str):
        balance = dict.fromkeys(units, 1.0)
    unknown = [c for c in balance if c not in units]
    share = np.array(list(balance.values()), float)
    fine = len(share) and (np.isfinite(share) & (share >= 0)).all() and share.sum() > 0
    if unknown or not fine:
        raise ValueError(
            f"balance: expected parts >= 0 of {units}, not all zero. Received: {dict(balance)}"
        )
    total = {c: sum(n for u, n in zip(unit, count, strict=True) if u == c) for c in units}
    parts = np.array([balance.get(u, 0) * n / total[u] for u, n in zip(unit, count, strict=True)])
    return parts / parts.sum()


def plan(
    spec: Mapping,
    size: int,
    balance: str | Mapping[str, float] | None = None,
    classes: Sequence[str] | str | None = None,
    minimum: int | None = None,
) -> tuple[list[dict], Array, Array]:
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
    unit_of = _unit(spec, balance)
    order = np.argsort([str(r[unit_of]) for r in rows], kind="stable")
    edges = np.cumsum(parts[order])
    natural = balance is None or balance == "natural"
    minimum = (spec["minimum"] if natural else 0) if minimum is None else int(minimum)
    units = list(dict.fromkeys(str(rows[j][unit_of]) for j in order if parts[j] > 0))
    row = np.empty(size, np.int64)
    first = min(minimum * len(units), size)
    golden = 0.6180339887498949
    for i in range(first):
        unit = units[i % len(units)]
        mine = [j for j in order if rows[j][unit_of] == unit]
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
    spec: Mapping | None = None,
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
    balance : "natural", "equal", "labels" or dict of str to float, optional
        Proportions: as in the paper's table (the default); equal between the classes (of
        the column ``SURVEYS[name]["balance_by"]``); equal between labels; or these parts
        of classes or of labels.
    classes : str or sequence of str, optional
        Only these labels or superclasses, or the name of one of the survey's choices.
    minimum : int, optional
        With natural proportions, so many stars of each class come first; see `plan`.
    clean : bool
        Without outliers, wrong labels, and period errors.
    spec : mapping, optional
        Another description of the survey than ``SURVEYS[name]``.

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
    spec = SURVEYS[name] if spec is None else spec
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


def _identity(name: str, spec: Mapping, entry: Mapping, number: Array, seed: int) -> Array:
    """Sky number of each star: where surveys share a sky, some stars are the same."""
    own = spec.get("own_from", 0)
    if not own:
        return number
    choice = keys(f"{name}/shared/{entry['type']}", seed, number)
    return np.where(uniform(choice, "shared") < spec["shared"], number, number + own)


def _light(spec: Mapping, entry: Mapping, key: Array) -> tuple[Light, dict[str, Array]]:
    """The stars and where they are."""
    options = entry.get("options", {})
    sky = "lmc" if spec["place"] == "lmc" else "field"
    light = TYPES[entry["type"]](key, sky, entry.get("log_p"), **options)
    return light, PLACES[spec["place"]](key, light, entry, spec)


def _chosen(spec: Mapping, entry: Mapping, key: Array) -> Array:
    """Keys of stars that the survey would have found and put into this class.

    A star whose amplitude is within the noise (``detects``), or outside the class's range,
    gives way to another one with the same number; after five tries the last one stays.
    """
    rule = spec.get("detects")
    if rule is None and "amplitude" not in entry:
        return key
    low, high = entry.get("amplitude", (0.0, np.inf))
    left = np.arange(len(key))
    for attempt in range(5):
        light, where = _light(spec, entry, key[left])
        if light.curve is None:
            break
        band = spec.get("filter", {}).get(spec["main"], spec["main"])
        size = np.ptp(light.curve(COLOUR[band]), axis=1)
        fits = (size >= low) & (size <= high)
        if rule is not None:
            mean = dimmed(light, where["modulus"], where["extinction"], rule["band"])
            fits &= size > rule["ratio"] * error(mean, *rule["error"])
        left = left[~fits]
        if not len(left):
            break
        key = key.copy()
        key[left] = keys("again", attempt, key[left])
    return key


def _block(
    name: str,
    spec: Mapping,
    entry: Mapping,
    number: Array,
    seed: int,
    bands: Sequence[str],
    clean: bool,
) -> tuple[pd.DataFrame, LightCurves]:
    """Stars of one class: their row of the catalogue and their light curves."""
    identity = _identity(name, spec, entry, number, seed)
    sky = spec.get("sky", name)
    first = keys(
        f"{sky}/{entry['type']}/{entry.get('label') if sky == name else ''}", seed, identity
    )
    key = _chosen(spec, entry, first)
    light, where = _light(spec, entry, key)
    seen = key ^ keys(name, seed, [0])  # what happens to the star in this survey
    epoch = 2455000.0 + np.nan_to_num(light.period, nan=1.0) * uniform(key, "epoch")
    mean = {b: dimmed(light, where["modulus"], where["extinction"], b) for b in spec["bands"]}
    observed = [
        _observe(name, spec, band, light, epoch, where["field"], mean[band], seen, clean)
        for band in spec["bands"]
        if band in bands or band == spec["main"]
    ]
    curves = _sorted(spec, observed, len(key))
    table = _catalogue(
        name, spec, entry, identity, light, where, epoch, mean, observed, seen, clean
    )
    return table, curves


def _observe(
    name: str,
    spec: Mapping,
    band: str,
    light: Light,
    epoch: Array,
    field: Array,
    mean: Array,
    seen: Array,
    clean: bool,
) -> dict[str, Array]:
    """All measurements of the stars in one band."""
    noise = spec["noise"][band]
    t, star, number = _epochs(name, spec, band, field, seen)
    w = COLOUR[spec.get("filter", {}).get(band, band)]
    delta, amplitude = magnitudes(light, epoch, t, star, w)
    blend = uniform(seen, "blend") < spec.get("blends", 0.0)
    near = blend * spec.get("neighbour", 0.6) * uniform(seen, "neighbour") ** 2
    if near.any():
        delta = blended(delta, near[star])
        mean = mean - 2.5 * np.log10(1 + near)
    true = mean[star] + delta
    if spec.get("cameras") and not clean:
        camera = (3 * uniform(seen, "cameras"))[star] * uniform(seen[star], "camera", number)
        true = true + spec["cameras"] * normal(seen[star], "offset", camera.astype(np.int64))
    mag, err = measure(true, t, star, number, seen, band, noise, clean)
    limit = np.full(len(t), noise["limit"], float)
    if noise.get("limit_scatter"):
        limit += noise["limit_scatter"] * normal(seen[star], f"limit {band}", number)
    lost = (mag > limit) | (err > 1.0)
    if noise.get("upper_limits"):
        mag, err = np.where(lost, 99.99, mag), np.where(lost, 99.99, err)
        lost = np.zeros_like(lost)
    kept = ~lost & (mag > noise.get("bright", -np.inf))
    few = np.bincount(star[kept], minlength=len(seen)) < 5
    kept |= few[star]  # a star that is never bright enough is shown all the same
    code = np.full(int(kept.sum()), spec["bands"].index(band), np.int8)
    whole = dict(t=t, star=star, mag=mag, err=err)
    return {k: v[kept] for k, v in whole.items()} | {"code": code, "amplitude": amplitude}


def _epochs(
    name: str, spec: Mapping, band: str, field: Array, seen: Array
) -> tuple[Array, Array, Array]:
    """Times of the stars in a band (those of their field, less some lost frames), their
    rows, and each point's own number."""
    cadence = dict(spec["cadence"][band])
    kind, like = cadence.pop("kind", "ground"), cadence.pop("like", band)
    lost = cadence.pop("lost", 0.01) + 0.1 * uniform(seen, f"lost {band}") ** 2
    times, stars, numbers = [], [], []
    for f in np.unique(field):
        ra = FIELD_RA[spec["place"]](int(f))
        t, number = CADENCES[kind](
            f"{name}/{like}", int(f), ra, spec["start"], spec["end"], **cadence
        )
        mine = np.flatnonzero(field == f)
        star = np.repeat(mine, len(t))
        number = np.tile(number, len(mine))
        keep = uniform(seen[star], f"frame {band}", number) > lost[star]
        times.append(np.tile(t, len(mine))[keep])
        stars.append(star[keep])
        numbers.append(number[keep])
    return tuple(np.concatenate(x) for x in (times, stars, numbers))


def _sorted(spec: Mapping, observed: list[dict], n: int) -> LightCurves:
    """Measurements in the order star, band, time, rounded as the survey writes them."""
    flat = {
        k: np.concatenate([o[k] for o in observed]) for k in ("t", "star", "mag", "err", "code")
    }
    order = np.lexsort((flat["t"], flat["code"], flat["star"]))
    flat = {k: v[order] for k, v in flat.items()}
    offsets = np.concatenate([[0], np.cumsum(np.bincount(flat["star"], minlength=n))])
    step = 10.0 ** -spec["digits"]
    return LightCurves(
        np.round(_dates(spec, flat["t"]), 5),
        np.round(flat["mag"], spec["digits"]),
        np.maximum(np.round(flat["err"], spec["digits"]), step),
        flat["code"],
        offsets.astype(np.int64),
        tuple(spec["bands"]),
    )


def _dates(spec: Mapping, jd: Array) -> Array:
    """Julian dates on the survey's own scale."""
    return jd - 2400000.5 if spec["time_scale"] == "MJD" else jd


def _catalogue(
    name: str,
    spec: Mapping,
    entry: Mapping,
    identity: Array,
    light: Light,
    where: Mapping,
    epoch: Array,
    mean: Mapping,
    observed: list[dict],
    seen: Array,
    clean: bool,
) -> pd.DataFrame:
    """What the survey publishes, and the truth in columns ``true_...``."""
    n, main = len(seen), spec["main"]
    kind = f"{entry['type']} {entry['label']}" if "sky" not in spec else entry["type"]
    kind = "".join(c if c.isalnum() else "-" for c in kind).upper()
    stem = [f"{spec['prefix']}-{kind}-{i + 1:06d}" for i in identity]
    table = pd.DataFrame({"star_id": np.array(stem)})
    label, group = _labels(spec, entry, seen, clean)
    table["label"], table["superclass"] = label, group
    period = light.period * entry.get("formal", 1.0)
    if "doubled" in entry and not clean:
        period = np.where(uniform(seen, "doubled") < entry["doubled"], 2 * period, period)
    if "shortest" in spec and not clean:  # a search that ends there finds the alias of a day
        alias = 1 / np.abs(1 / period - 1)
        period = np.where(period < spec["shortest"], alias, period)
    span = spec["end"] - spec["start"]
    if not clean:  # wrong by about a hundredth of a cycle over the survey
        period = period * (1 + 0.006 * period / span * normal(seen, "period error"))
        bad = uniform(seen, "bad period") < spec.get("bad_period", 0.0)
        period = np.where(bad, _misread(period, uniform(seen, "which alias")), period)
    table["period"] = period
    first = epoch - np.floor((epoch - spec["start"]) / period) * period
    table["t0"] = np.round(_dates(spec, first), 5)
    table["ra"], table["dec"] = np.round(where["ra"], 5), np.round(where["dec"], 5)
    for band, o in zip(
        [b for b in spec["bands"] if _has(observed, spec, b)], observed, strict=True
    ):
        real = o["mag"] < 50
        count = np.bincount(o["star"][real], minlength=n)
        total = np.bincount(o["star"][real], o["mag"][real], minlength=n)
        average = np.where(count > 0, total / np.maximum(count, 1), np.nan)
        table["mean_mag" if band == main else f"mean_mag_{band}"] = np.round(average, 3)
        if band == main:
            table["amplitude"] = np.round(o["amplitude"], 3)
            table["true_amplitude"] = o["amplitude"]
    table["survey"], table["time_scale"] = name, spec["time_scale"]
    for column, number_of in spec.get("cross", {}).items():
        inside = identity < number_of if number_of else np.ones(n, bool)
        table[column] = np.where(inside, np.array(stem), "")
    if spec.get("gaia"):
        _gaia(table, light, where, mean, seen, label != entry["label"], entry)
    table["true_label"] = entry.get("true_label", entry["label"])
    table["true_type"] = entry["type"]
    table["true_period"], table["true_t0"] = light.period, _dates(spec, epoch)
    table["true_mean_mag"] = mean[main]
    table["true_distance"] = 10 ** (where["modulus"] / 5 + 1)
    for what, values in light.truth.items():
        table[f"true_{what}"] = values
    return table


def _has(observed: list[dict], spec: Mapping, band: str) -> bool:
    code = spec["bands"].index(band)
    return any(len(o["code"]) and o["code"][0] == code for o in observed)


def _misread(period: Array, u: Array) -> Array:
    """A period as one gets it wrong: half, twice, or an alias of the day."""
    alias = 1 / (1 / period + 1.0027379)
    return np.select([u < 0.35, u < 0.7], [period / 2, period * 2], alias)


def _labels(spec: Mapping, entry: Mapping, seen: Array, clean: bool) -> tuple[Array, Array]:
    """Published label and superclass; some are wrong."""
    n = len(seen)
    label = np.full(n, entry["label"], object)
    wrong = spec.get("wrong")
    if wrong and not clean:
        others = wrong.get("to", {}).get(entry["label"])
        if others is None:
            others = sorted({r["label"] for r in _members(spec, None)} - {entry["label"]})
        at = (uniform(seen, "wrong label") * len(others)).astype(int)
        slip = uniform(seen, "slip") < wrong["rate"]
        label[slip] = np.array(others, object)[at[slip]]
    group = {r["label"]: r["superclass"] for r in spec["classes"]}
    return label, np.array([group[x] for x in label], object)


def _gaia(
    table: pd.DataFrame,
    light: Light,
    where: Mapping,
    mean: Mapping,
    seen: Array,
    wrong: Array,
    entry: Mapping,
) -> None:
    """Class probability, parallax and colours, as ASAS-SN's catalogue has them.

    Colours from V - I: Evans+2018 A&A 616, A4, Tab. A.2 (G - V), and a straight line for
    BP - RP and G - RP; parallax errors: Lindegren+2018 A&A 616, A2.
    """
    v_i = np.clip(light.colour + 0.42 * where["extinction"], -0.4, 5)
    v = mean["V"]
    x = np.minimum(v_i, 3.5)
    g = v - 0.01746 + 0.008092 * x - 0.2810 * x**2 + 0.03655 * x**3
    bp_rp = 1.26 * v_i + 0.03 + 0.02 * normal(seen, "bp_rp")
    table["bp_rp"] = np.round(bp_rp, 4)
    table["phot_g_mean_mag"] = np.round(g, 4)
    table["phot_rp_mean_mag"] = np.round(g - 0.12 - 0.55 * bp_rp, 4)
    sigma = 0.03 * np.sqrt(1 + 10 ** (0.4 * (g - 15.5))) * np.exp(0.25 * normal(seen, "sigma"))
    parallax = 10 ** (2 - where["modulus"] / 5)
    table["parallax"] = np.round(parallax + sigma * normal(seen, "parallax"), 4)
    table["parallax_error"] = np.round(sigma, 4)
    table["true_parallax"] = parallax
    u = uniform(seen, "probability")
    sure = 1 - 0.25 * u**6 - 0.01 * u
    unsure = 0.30 + 0.6 * u
    doubt = wrong | (entry["type"] == "VAR")
    table["class_prob"] = np.round(np.where(doubt, unsure, sure), 3)

"""A simulated survey: stars chosen, their light observed with its cadence and noise.

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
from varstar.simulate.catalogue import catalogue, dates
from varstar.simulate.noise import blended, error, measure
from varstar.simulate.plan import plan
from varstar.simulate.positions import FIELD_RA, POSITIONS, apparent_magnitude
from varstar.simulate.random import keys, normal, uniform
from varstar.simulate.star_model import COLOUR, Array, StarModel, magnitudes
from varstar.simulate.surveys import SURVEYS
from varstar.simulate.types import TYPES

#: stars simulated at a time
_BLOCK = 1000


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


def _light(spec: Mapping, entry: Mapping, key: Array) -> tuple[StarModel, dict[str, Array]]:
    """The stars and where they are."""
    options = entry.get("options", {})
    sky = "lmc" if spec["place"] == "lmc" else "field"
    light = TYPES[entry["type"]](key, sky, entry.get("log_p"), **options)
    return light, POSITIONS[spec["place"]](key, light, entry, spec)


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
            mean = apparent_magnitude(light, where["modulus"], where["extinction"], rule["band"])
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
    survey_key = key ^ keys(name, seed, [0])  # what happens to the star in this survey
    epoch = 2455000.0 + np.nan_to_num(light.period, nan=1.0) * uniform(key, "epoch")
    mean = {
        b: apparent_magnitude(light, where["modulus"], where["extinction"], b)
        for b in spec["bands"]
    }
    observed = [
        _observe(name, spec, band, light, epoch, where["field"], mean[band], survey_key, clean)
        for band in spec["bands"]
        if band in bands or band == spec["main"]
    ]
    curves = _sorted(spec, observed, len(key))
    table = catalogue(
        name, spec, entry, identity, light, where, epoch, mean, observed, survey_key, clean
    )
    return table, curves


def _observe(
    name: str,
    spec: Mapping,
    band: str,
    light: StarModel,
    epoch: Array,
    field: Array,
    mean: Array,
    survey_key: Array,
    clean: bool,
) -> dict[str, Array]:
    """All measurements of the stars in one band."""
    noise = spec["noise"][band]
    t, star, number = _epochs(name, spec, band, field, survey_key)
    w = COLOUR[spec.get("filter", {}).get(band, band)]
    delta, amplitude = magnitudes(light, epoch, t, star, w)
    blend = uniform(survey_key, "blend") < spec.get("blends", 0.0)
    near = blend * spec.get("neighbour", 0.6) * uniform(survey_key, "neighbour") ** 2
    if near.any():
        delta = blended(delta, near[star])
        mean = mean - 2.5 * np.log10(1 + near)
    true = mean[star] + delta
    if spec.get("cameras") and not clean:
        camera = (3 * uniform(survey_key, "cameras"))[star] * uniform(
            survey_key[star], "camera", number
        )
        true = true + spec["cameras"] * normal(survey_key[star], "offset", camera.astype(np.int64))
    mag, err = measure(true, t, star, number, survey_key, band, noise, clean)
    limit = np.full(len(t), noise["limit"], float)
    if noise.get("limit_scatter"):
        limit += noise["limit_scatter"] * normal(survey_key[star], f"limit {band}", number)
    lost = (mag > limit) | (err > 1.0)
    if noise.get("upper_limits"):
        mag, err = np.where(lost, 99.99, mag), np.where(lost, 99.99, err)
        lost = np.zeros_like(lost)
    kept = ~lost & (mag > noise.get("bright", -np.inf))
    few = np.bincount(star[kept], minlength=len(survey_key)) < 5
    kept |= few[star]  # a star that is never bright enough is shown all the same
    code = np.full(int(kept.sum()), spec["bands"].index(band), np.int8)
    whole = dict(t=t, star=star, mag=mag, err=err)
    return {k: v[kept] for k, v in whole.items()} | {"code": code, "amplitude": amplitude}


def _epochs(
    name: str, spec: Mapping, band: str, field: Array, survey_key: Array
) -> tuple[Array, Array, Array]:
    """Times of the stars in a band (those of their field, less some lost frames), their
    rows, and each point's own number."""
    cadence = dict(spec["cadence"][band])
    kind, like = cadence.pop("kind", "ground"), cadence.pop("like", band)
    lost = cadence.pop("lost", 0.01) + 0.1 * uniform(survey_key, f"lost {band}") ** 2
    times, stars, numbers = [], [], []
    for f in np.unique(field):
        ra = FIELD_RA[spec["place"]](int(f))
        t, number = CADENCES[kind](
            f"{name}/{like}", int(f), ra, spec["start"], spec["end"], **cadence
        )
        mine = np.flatnonzero(field == f)
        star = np.repeat(mine, len(t))
        number = np.tile(number, len(mine))
        keep = uniform(survey_key[star], f"frame {band}", number) > lost[star]
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
        np.round(dates(spec, flat["t"]), 5),
        np.round(flat["mag"], spec["digits"]),
        np.maximum(np.round(flat["err"], spec["digits"]), step),
        flat["code"],
        offsets.astype(np.int64),
        tuple(spec["bands"]),
    )

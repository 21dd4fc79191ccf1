"""Rubin's rhythm: nights of two visits half an hour apart, seasons, rolling years.

Statistics of the published baseline (the Survey Cadence Optimization Committee's reports
PSTN-053, PSTN-055 and PSTN-056; Bianco et al. 2022, ApJS 258, 1), not its code: the visits
of a night come in pairs 33 minutes apart, most in two neighbouring filters, bluer ones
when the Moon is down; from a year and a half to the ninth year, half of the sky gets nine
tenths more visits in a season, and the other half in the next.
"""

from functools import cache

import numpy as np

from varstar.simulate.cadence import CADENCES, ground, moon_age
from varstar.simulate.random import keys, normal, uniform
from varstar.simulate.star_model import Array

#: Nights of each pair of filters in ten years, darkest first; they add up to 56 visits in u,
#: 80 in g, 184 in r and i, 160 in z and y (Ivezić et al. 2019, ApJ 873, 111, Tab. 1).
NIGHTS = {"ug": 56, "gr": 24, "ri": 160, "iz": 24, "zy": 136, "yy": 12}
#: Time between the visits of a pair [d], and how much that varies.
GAP, GAP_SCATTER = 33 / 1440, 0.15
#: Part of its visits that a half of the sky loses in its quiet seasons; years of rolling.
ROLLING, ROLLS = 0.9, (1.5, 9.0)


@cache
def pairs(
    name: str, field: int, ra: float, start: float, end: float, band: str, longitude: float = -70.75
) -> tuple[Array, Array]:
    """Epochs of a field in one band; all bands follow one plan.

    Parameters
    ----------
    name, field, ra, start, end, longitude
        As for `varstar.simulate.cadence.ground`.
    band : str

    Returns
    -------
    t, number : ndarray
        Sorted times [d] and, for each, a number that is its own for good.
    """
    t, number, filters = _plan(name, field, ra, start, end, longitude)
    mine = filters == band
    return t[mine], number[mine]


@cache
def _plan(
    name: str, field: int, ra: float, start: float, end: float, longitude: float
) -> tuple[Array, Array, Array]:
    """All visits of a field: times, numbers, bands."""
    total = sum(NIGHTS.values())
    night, number = ground(
        name, field, ra, start, end, epochs=3.0 * total, scatter=0.0, longitude=longitude,
        hour_angle=4.5,
    )  # fmt: skip
    key = keys(f"{name}/pairs", 0, [field])
    year = (night - start) / 365.25
    season = np.floor((night - start) / 365.25 + ra / 360 + 0.25).astype(np.int64)
    rolls = (year > ROLLS[0]) & (year < ROLLS[1])
    weight = np.where(rolls, np.where((season + field) % 2 == 0, 1 + ROLLING, 1 - ROLLING), 1.0)
    wanted = round(total * (end - start) / 3652.5 * np.exp(0.06 * normal(key, "visits")[0]))
    score = -np.log(uniform(key, "taken", number)) / weight
    taken = np.sort(np.argsort(score)[:wanted])
    night, number = night[taken], number[taken]
    moon = 0.5 - 0.5 * np.cos(2 * np.pi * moon_age(night)) + 0.2 * normal(key, "moon", number)
    dark = (np.argsort(np.argsort(moon)) + 0.5) / max(len(moon), 1)
    edges = np.cumsum(list(NIGHTS.values())) / total
    pair = np.array(list(NIGHTS))[np.searchsorted(edges, dark)]
    swapped = uniform(key, "order", number) < 0.5
    first = np.array([p[int(s)] for p, s in zip(pair, swapped, strict=True)])
    second = np.array([p[1 - int(s)] for p, s in zip(pair, swapped, strict=True)])
    gap = GAP * (1 + GAP_SCATTER * np.clip(normal(key, "gap", number), -3, 3))
    t = np.concatenate([night, night + gap])
    order = np.argsort(t, kind="stable")
    numbers = np.concatenate([2 * number, 2 * number + 1])
    return t[order], numbers[order], np.concatenate([first, second])[order]


CADENCES["pairs"] = pairs

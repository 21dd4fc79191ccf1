"""When a survey looks: nights, seasons, the Moon, visits a night; scans; a stare.

A field's epochs follow from where the telescope stands and where the field lies: the Sun
must be down, the field high enough; the weather and the survey's own rhythm thin the rest.
Seasons and the sidereal-day aliases of real surveys come out by themselves.
"""

from collections.abc import Callable
from functools import cache

import numpy as np

from varstar.simulate.random import keys, normal, uniform
from varstar.simulate.star_model import Array

_SYNODIC = 29.530588853


def sidereal_hours(jd: Array, longitude: float) -> Array:
    """Local mean sidereal time [h] at Julian dates `jd`, east longitude [deg]."""
    return np.mod(18.697374558 + 24.06570982441908 * (jd - 2451545.0) + longitude / 15, 24)


def moon_age(jd: Array) -> Array:
    """Phase of the Moon in [0, 1), 0 at new Moon (mean lunation)."""
    return np.mod((jd - 2451550.09766) / _SYNODIC, 1.0)


@cache
def ground(
    name: str,
    field: int,
    ra: float,
    start: float,
    end: float,
    epochs: float,
    scatter: float = 0.2,
    longitude: float = -70.7,
    hour_angle: float = 5.0,
    night: float = 0.38,
    visits: int = 1,
    visit_gap: float = 0.01,
    moonlight: float = 0.0,
    break_every: float = 0.0,
    again: float = 0.0,
) -> tuple[Array, Array]:
    """Epochs of one field from the ground.

    Parameters
    ----------
    name, field
        Whose epochs: the same for the same name, field, and other parameters.
    ra : float
        Right ascension [deg].
    start, end : float
        [JD].
    epochs : float
        How many on average; `scatter` is the standard deviation of its logarithm from
        field to field.
    longitude : float
        East longitude of the telescope [deg].
    hour_angle : float
        Largest hour angle [h].
    night : float
        Length of the dark time [d].
    visits, visit_gap
        Exposures in a row and the time between them [d].
    moonlight : float
        Part of the nights lost around full Moon.
    break_every : float
        Rhythm of campaigns [d]: the share of the telescope's time goes up and down; 0 for
        none.
    again : float
        Chance of a further exposure within the same night (overlapping fields).

    Returns
    -------
    t, number : ndarray
        Sorted times [d] and, for each, a number that is its own for good.
    """
    key = keys(f"{name}/cadence", 0, [field])
    nights = np.arange(int(start), int(end))
    midnight = nights + 0.5 - longitude / 360  # a Julian date begins at noon in Greenwich
    u = uniform(key, "hour", nights)
    t = midnight + (u - 0.5) * night
    angle = np.mod(sidereal_hours(t, longitude) - ra / 15 + 12, 24) - 12
    weight = (np.abs(angle) < hour_angle) * np.cos(angle / hour_angle * 1.2)
    weight = np.clip(weight, 0, None)
    if moonlight:
        weight = weight * (1 - moonlight * (0.5 - 0.5 * np.cos(2 * np.pi * moon_age(t))) ** 3)
    weight = weight * (uniform(keys(f"{name}/weather", 0, [0]), "clouds", nights // 2) < 0.75)
    if break_every:
        share = uniform(key, "share", (nights / break_every).astype(np.int64))
        weight = weight * (0.15 + share**2)
    wanted = epochs * np.exp(scatter * np.clip(normal(key, "epochs"), -2, 2.5))[0]
    wanted = wanted / visits / (1 + again)
    level = wanted / max(weight.sum(), 1e-9)
    for _ in range(8):  # nights are used once: raise the level where it saturates
        level *= wanted / max(np.minimum(level * weight, 1).sum(), 1e-9)
    taken = uniform(key, "taken", nights) < level * weight
    t, nights = t[taken], nights[taken]
    each = np.arange(visits)
    t = (t[:, None] + each[None, :] * visit_gap).ravel()
    number = (nights[:, None] * 16 + each[None, :]).ravel()
    t = t + (uniform(key, "jitter", number) - 0.5) * min(visit_gap, 0.002)
    if again:
        twice = uniform(key, "again", number) < again
        later = 0.002 + 0.05 * uniform(key, "later", number[twice]) ** 2
        t = np.concatenate([t, t[twice] + later])
        number = np.concatenate([number, number[twice] + 8])
    order = np.argsort(t, kind="stable")
    return t[order], number[order]


@cache
def scan(
    name: str, field: int, ra: float, start: float, end: float, epochs: float, scatter: float = 0.3
) -> tuple[Array, Array]:
    """Epochs of a scanning satellite such as Hipparcos.

    Two fields of view 58 degrees apart cross a star 20.6 minutes (0.0143 d) one after the
    other, and again each turn of 2.13 h (0.0889 d) while the great circle of the scan stays
    on it; then nothing for weeks (Perryman+1997, ESA SP-1200, vol. 1).
    """
    key = keys(f"{name}/cadence", 0, [field])
    n = int(3 * epochs)
    step = np.exp(2.7 + 0.9 * normal(key, "gap", np.arange(n)))
    length = 1 + (5 * uniform(key, "turns", np.arange(n)) ** 2).astype(np.int64)
    wanted = epochs * np.exp(scatter * np.clip(normal(key, "epochs"), -1.5, 2.5))[0]
    groups = max(3, round(wanted / (2 * length.mean() * 0.85)))
    first = start + (end - start) * np.cumsum(step[:groups]) / step[: groups + 1].sum()
    turn = np.arange(6)
    t = first[:, None, None] + 0.0889 * turn[None, :, None] + np.array([0, 0.0143])[None, None, :]
    here = np.broadcast_to(turn[None, :, None] < length[:groups, None, None], t.shape)
    number = np.arange(t.size).reshape(t.shape)
    kept = here & (uniform(key, "lost", number) > 0.15)
    t, number = t[kept], number[kept]
    order = np.argsort(t, kind="stable")
    return t[order], number[order]


def stare(
    name: str, field: int, ra: float, start: float, end: float, exposure: float = 120.0
) -> tuple[Array, Array]:
    """Epochs of a satellite that stares, such as TESS: every `exposure` [s], a gap half-way.

    The gap of about a day is for sending the data down (Ricker+2015 JATIS 1, 014003).
    """
    t = np.arange(start, end, exposure / 86400)
    number = np.arange(len(t))
    middle = (start + end) / 2
    kept = np.abs(t - middle) > 0.5
    return t[kept], number[kept]


CADENCES: dict[str, Callable] = {"ground": ground, "scan": scan, "stare": stare}

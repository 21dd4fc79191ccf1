"""When a survey looks: nights, seasons, the Moon, visits a night.

A field's epochs follow from where the telescope stands and where the field lies: the Sun
must be down, the field high enough; the weather and the survey's own rhythm thin the rest.
Seasons and the sidereal-day aliases of real surveys come out by themselves.
"""

import numpy as np

from varstar.simulate.random import keys, normal, uniform

_SYNODIC = 29.530588853


def sidereal_hours(jd: np.ndarray, longitude: float) -> np.ndarray:
    """Local mean sidereal time [h] at Julian dates `jd`, east longitude [deg]."""
    return np.mod(18.697374558 + 24.06570982441908 * (jd - 2451545.0) + longitude / 15, 24)


def moon_age(jd: np.ndarray) -> np.ndarray:
    """Phase of the Moon in [0, 1), 0 at new Moon (mean lunation)."""
    return np.mod((jd - 2451550.09766) / _SYNODIC, 1.0)


def field_epochs(
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
) -> tuple[np.ndarray, np.ndarray]:
    """Epochs of one field.

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

    Returns
    -------
    t, number : ndarray
        Sorted times [d] and, for each, a number that is its own for good.
    """
    key = keys(f"{name}/cadence", 0, [field])
    nights = np.arange(int(start), int(end))
    midnight = nights + np.mod(0.5 - longitude / 360 - 0.5, 1.0)
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
    wanted = epochs * np.exp(scatter * np.clip(normal(key, "epochs"), -2, 2.5))[0] / visits
    level = wanted / max(weight.sum(), 1e-9)
    for _ in range(8):  # nights are used once: raise the level where it saturates
        level *= wanted / max(np.minimum(level * weight, 1).sum(), 1e-9)
    taken = uniform(key, "taken", nights) < level * weight
    t, nights = t[taken], nights[taken]
    each = np.arange(visits)
    t = (t[:, None] + each[None, :] * visit_gap).ravel()
    number = (nights[:, None] * visits + each[None, :]).ravel()
    t = t + (uniform(key, "jitter", number) - 0.5) * min(visit_gap, 0.002)
    order = np.argsort(t, kind="stable")
    return t[order], number[order]

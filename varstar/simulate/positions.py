"""Where the stars are: in the LMC, or in the Galaxy at the brightness of a survey's stars."""

from collections.abc import Callable, Mapping

import numpy as np

from varstar.simulate.random import from_quantiles, normal, uniform
from varstar.simulate.star_model import COLOUR, Array, StarModel

#: A_I / A_V is 1 minus this (Cardelli, Clayton & Mathis 1989 ApJ 345, 245)
REDDENING = 0.42


def apparent_magnitude(light: StarModel, modulus: Array, extinction: Array, band: str) -> Array:
    """Mean apparent magnitude in a band."""
    w = COLOUR[band]
    absolute = light.absolute - w * light.colour
    return modulus + absolute + extinction * (1 - REDDENING * w)


def lmc(key: Array, light: StarModel, entry: Mapping, spec: Mapping) -> dict[str, Array]:
    """A star in the LMC.

    Distance modulus 18.477, Pietrzynski+2019 Nature 567, 200; tilted disc and depth after
    Jacyszyn-Dobrzeniecka+2016 AcA 66, 149; E(V-I) about 0.10, Skowron+2021 ApJS 252, 23.
    """
    x, y = 2.2 * normal(key, "x"), 1.1 * normal(key, "y")
    dec = np.clip(-69.5 + y, -74, -64)
    return {
        "ra": np.clip(80.5 + x / np.cos(np.radians(dec)), 66, 95),
        "dec": dec,
        "modulus": 18.477 - 0.02 * x + 0.06 * normal(key, "depth"),
        "extinction": 2.4 * 0.10 * np.exp(0.45 * normal(key, "dust")),
        "field": (uniform(key, "field") * 40).astype(np.int64),
    }


def galaxy(key: Array, light: StarModel, entry: Mapping, spec: Mapping) -> dict[str, Array]:
    """A star of the Galaxy with a mean magnitude drawn from those of the survey's class.

    The quantiles (0, 5, 25, 50, 75, 95, 100 %) are the class's ``mag``, in the survey's
    main band (or in ``anchor``); extinction is drawn, the distance follows from both.
    """
    low, high = spec["declination"]
    s = np.sin(np.radians([low, high]))
    dec = np.degrees(np.arcsin(s[0] + (s[1] - s[0]) * uniform(key, "dec")))
    ra = 360 * uniform(key, "ra")
    extinction = -0.35 * np.log(uniform(key, "dust"))
    mean = from_quantiles(uniform(key, "apparent"), entry["mag"])
    zero = apparent_magnitude(
        light, np.zeros(len(key)), extinction, spec.get("anchor", spec["main"])
    )
    strip = (ra / 15).astype(np.int64)
    return {
        "ra": ra,
        "dec": dec,
        "modulus": mean - zero,
        "extinction": extinction,
        "field": strip * 6 + (6 * uniform(key, "field")).astype(np.int64),
    }


POSITIONS: dict[str, Callable] = {"lmc": lmc, "galaxy": galaxy}
#: the right ascension [deg] that the epochs of a field are planned for
FIELD_RA: dict[str, Callable] = {
    "lmc": lambda field: 70.0 + field * 0.55,
    "galaxy": lambda field: (field // 6) * 15.0 + 7.5,
}

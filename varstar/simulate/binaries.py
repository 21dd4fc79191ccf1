"""Eclipsing and ellipsoidal binaries: parameters drawn, curves from `eclipses.binary`.

| number | value | source |
|---|---|---|
| radius of the Roche lobe | Eggleton's formula | Eggleton 1983 ApJ 268, 368, Eq. 2 |
| log P of the kinds | `_LOG_P` | LMC: OGLE-III, Graczyk+2011 AcA 61, 103; field: ASAS and Catalina, Pojmanski 2002 AcA 52, 397; Drake+2014 ApJS 213, 9 |
| radii of detached pairs | main-sequence radii in a Kepler orbit: fill of the lobe `_FILL` | Torres+2010 A&ARv 18, 67 |
| Algols among the detached curves of the field | 35 % | Budding+2004 A&A 417, 263 |
| eccentric orbits above 2 d | up to 0.6 | Zahn & Bouchet 1989 A&A 223, 112 |
| period-luminosity-colour of W UMa stars | M_V = 3.9 - 7 (log P + 0.43) | Rucinski & Duerbeck 1997 PASP 109, 1340 (colour folded in) |
| third light | a quarter of all pairs, half of the contact ones | Pribulla & Rucinski 2006 AJ 131, 2986 |
| unequal maxima (O'Connell effect) | +-0.01 mag | Davidge & Milone 1984 ApJS 55, 571 |
| brightness in the LMC | quantiles of V | EROS-2 counterparts, Kim+2014 A&A 566, A43 |
"""  # noqa: E501

import numpy as np

from varstar.simulate.eclipses import binary
from varstar.simulate.random import from_quantiles, normal, uniform
from varstar.simulate.star_model import PHASES, Array, StarModel, period_of

_LOG_P = {
    "lmc": {
        "ED": np.log10([0.6, 1.15, 1.75, 2.75, 4.7, 17.0, 200.0]),
        "ESD": np.log10([0.6, 0.85, 1.35, 2.20, 4.2, 25.0, 200.0]),
        "EC": np.log10([0.26, 0.33, 0.46, 0.9, 6.0, 110.0, 300.0]),
        "ELL": np.log10([0.5, 0.9, 2.8, 20.0, 95.0, 290.0, 600.0]),
    },
    "field": {
        "ED": np.log10([0.25, 0.45, 0.8, 1.5, 3.0, 8.0, 40.0]),
        "ESD": np.log10([0.24, 0.34, 0.55, 0.85, 1.7, 8.0, 60.0]),
        "EC": np.log10([0.22, 0.258, 0.305, 0.365, 0.46, 0.80, 1.8]),
        "ELL": np.log10([0.2, 0.35, 0.8, 1.6, 3.2, 8.0, 20.0]),
    },
}
#: radius over that of the lobe at 2.5 d, its slope with log P, its scatter [dex]
_FILL = {"lmc": (0.66, -0.40, 0.13), "field": (0.37, -0.47, 0.15)}
#: the ellipsoidal term of stars at their Roche lobes, where Morris's 1.35 for r << 1 falls
#: short: chosen so that A4/A2 and A6/A2 are those of the contact and semi-detached stars of
#: ASAS (medians 0.21 and 0.09, 0.39 and 0.19) and EROS-2 (0.19 and 0.10, 0.43 and 0.25)
_STRETCH = {"lmc": {"EC": 5.0, "ESD": 2.5}, "field": {"EC": 6.5, "ESD": 4.5}}
#: largest cos i / (r1 + r2) of close pairs that a catalogue still holds
_IMPACT = {"lmc": 1.25, "field": 1.05}
#: apparent V in the LMC, less the distance modulus 18.48 and 0.25 of extinction
_V = np.array([14.0, 15.9, 17.4, 18.3, 19.1, 19.9, 20.6]) - 18.73
_GIANT_V = np.array([15.5, 16.2, 16.8, 17.3, 17.9, 18.8, 19.5]) - 18.73


def roche_lobe(q: Array) -> Array:
    """Radius over separation of the lobe of a star, `q` its mass over the other's."""
    x = np.cbrt(q)
    return 0.49 * x**2 / (0.6 * x**2 + np.log1p(x))


def _binary(
    key: Array,
    log_period: Array,
    r1: Array,
    r2: Array,
    cos_i: Array,
    ratio: Array,
    q: Array,
    brightness: tuple[Array, Array],
    e: Array | float = 0.0,
    unequal: float = 0.0,
    stretch: float = 1.35,
    third: float = 0.25,
) -> StarModel:
    """StarModel of pairs with these radii, cos i, surface-brightness ratio in V, mass ratio."""
    n = len(key)
    inclination = np.arccos(np.clip(cos_i, 0, 0.999))
    e = np.broadcast_to(np.asarray(e, float), (n,))
    omega = 2 * np.pi * uniform(key, "omega")
    alien = np.where(uniform(key, "third") < third, 0.4 * uniform(key, "third light"), 0.0)
    phase = np.arange(PHASES) / PHASES
    connell = unequal * normal(key, "o'connell")[:, None] * np.sin(2 * np.pi * phase)[None, :]

    def curve(w: float) -> Array:
        bright = ratio ** (1 - 0.25 * w)
        dark = np.full(n, np.clip(0.5 - 0.12 * w, 0.2, 0.8))
        pull = stretch * (1 - 0.09 * w)
        grid = binary(phase, r1, r2, inclination, bright, q, dark, e, omega, alien, pull)
        return grid + connell

    truth = dict(r1=r1, r2=r2, inclination=np.degrees(inclination), eccentricity=e, mass_ratio=q)
    return StarModel(10**log_period, curve, *brightness, truth=truth)


def _stars(key: Array, sky: str, log_period: Array) -> tuple[Array, Array]:
    """M_V and V - I of main-sequence pairs: hot and bright in the LMC, Sun-like in the field."""
    if sky == "lmc":
        absolute = from_quantiles(uniform(key, "brightness"), _V)
        return absolute, -0.12 + 0.03 * (absolute + 1) + 0.08 * normal(key, "colour")
    absolute = 3.2 - 2.2 * np.clip(log_period, -0.6, 1.2) + 1.1 * normal(key, "brightness")
    return absolute, np.clip(0.25 + 0.13 * absolute + 0.1 * normal(key, "colour"), -0.2, 2.5)


def _impact(key: Array, most: float) -> Array:
    """cos i / (r1 + r2): flat for random orbits, deep eclipses are found more often."""
    return most * uniform(key, "impact") ** 1.25


def detached(key: Array, sky: str = "lmc", log_p: object = None) -> StarModel:
    """Both stars well inside their lobes (or an Algol): flat between narrow eclipses."""
    log_period = period_of(key, _LOG_P[sky]["ED"], log_p)
    level, slope, spread = _FILL[sky]
    q = 0.45 + 0.55 * np.sqrt(uniform(key, "q"))
    x = np.clip(log_period - 0.4, -1.2, 1.3)
    fill = np.clip(level * 10 ** (slope * x + spread * normal(key, "fill")), 0.05, 0.86)
    r1 = fill * roche_lobe(1 / q)
    r2 = np.minimum(fill * q**0.4 * np.exp(0.2 * normal(key, "r2")), 0.9) * roche_lobe(q)
    ratio = np.clip(q ** (0.9 + 0.5 * normal(key, "ratio")), 0.05, 1.0)
    long = np.clip((log_period - 0.25) / 0.5, 0, 1)
    e = np.clip(long * 0.17 * np.abs(normal(key, "e")) * (uniform(key, "round") < 0.6), 0, 0.6)
    # an Algol: the cooler star fills its lobe, the hotter one is small
    algol = (uniform(key, "algol") < (0.35 if sky == "field" else 0.1)) & (log_period > -0.2)
    q = np.where(algol, 0.12 + 0.28 * uniform(key, "algol q"), q)
    r2 = np.where(algol, roche_lobe(q), r2)
    r1 = np.where(algol, roche_lobe(1 / q) * (0.25 + 0.3 * uniform(key, "algol r")), r1)
    ratio = np.where(algol, 0.03 + 0.2 * uniform(key, "algol ratio"), ratio)
    cos_i = (r1 + r2) * _impact(key, 0.8)
    bright = _stars(key, sky, log_period)
    return _binary(key, log_period, r1, r2, cos_i, ratio, q, bright, np.where(algol, 0, e))


def semi_detached(key: Array, sky: str = "lmc", log_p: object = None) -> StarModel:
    """One star fills its lobe: round maxima, eclipses of unequal depth (beta Lyrae)."""
    log_period = period_of(key, _LOG_P[sky]["ESD"], log_p)
    q = 0.25 + 0.6 * uniform(key, "q")
    r2 = roche_lobe(q) * (0.94 + 0.06 * uniform(key, "fill"))
    r1 = roche_lobe(1 / q) * (0.62 + 0.36 * uniform(key, "r1"))
    ratio = 0.10 + 0.75 * uniform(key, "ratio")
    cos_i = (r1 + r2) * _IMPACT[sky] * uniform(key, "impact") ** 0.8
    bright = _stars(key, sky, log_period)
    return _binary(
        key, log_period, r1, r2, cos_i, ratio, q, bright, unequal=0.01, stretch=_STRETCH[sky]["ESD"]
    )


def contact(key: Array, sky: str = "lmc", log_p: object = None) -> StarModel:
    """Both stars fill their lobes: light changes all the time, minima nearly equal."""
    log_period = period_of(key, _LOG_P[sky]["EC"], log_p)
    q = 0.12 + 0.88 * uniform(key, "q") ** 1.4
    over = 1.0 + 0.05 * uniform(key, "over")
    r1, r2 = roche_lobe(1 / q) * over, roche_lobe(q) * over
    ratio = np.clip(1 - 0.2 * np.abs(normal(key, "ratio")), 0.4, 1.0)
    cos_i = (r1 + r2) * _IMPACT[sky] * uniform(key, "impact") ** 0.8
    absolute, v_i = _stars(key, sky, log_period)
    if sky == "lmc":  # giants; foreground W UMa stars
        other = (log_period > 0.9) | (log_period < -0.25)
        giant = from_quantiles(uniform(key, "brightness"), _GIANT_V)
        absolute = np.where(other, giant, absolute)
        v_i = np.where(other, 0.95 + 0.1 * normal(key, "colour"), v_i)
    else:
        x = np.clip(log_period + 0.43, -0.3, 0.4)
        absolute = 3.9 - 7.0 * x + 0.3 * normal(key, "brightness")
        v_i = 0.75 - 1.6 * x + 0.08 * normal(key, "colour")
    bright = (absolute, v_i)
    more = dict(unequal=0.012, stretch=_STRETCH[sky]["EC"], third=0.5)
    return _binary(key, log_period, r1, r2, cos_i, ratio, q, bright, **more)


def ellipsoidal(key: Array, sky: str = "lmc", log_p: object = None) -> StarModel:
    """No eclipse, or a slight one: the stretched star turns its broad side twice an orbit."""
    log_period = period_of(key, _LOG_P[sky]["ELL"], log_p)
    q = 0.3 + 0.9 * uniform(key, "q")
    r1 = roche_lobe(1 / q) * (0.75 + 0.25 * uniform(key, "fill"))
    giant = (log_period > 0.9) & (sky == "lmc")
    r2 = np.where(giant, 0.02, roche_lobe(q) * 0.6)
    cos_i = np.minimum((r1 + r2) * (0.85 + 0.6 * uniform(key, "impact")), 0.9)
    absolute, v_i = _stars(key, sky, log_period)
    red = from_quantiles(uniform(key, "brightness"), _GIANT_V)
    absolute = np.where(giant, red, absolute)
    v_i = np.where(giant, 1.0 + 0.12 * normal(key, "giant colour"), v_i)
    ratio = 0.6 + 0.4 * uniform(key, "ratio")
    return _binary(key, log_period, r1, r2, cos_i, ratio, q, (absolute, v_i))


TYPES = {"EB ED": detached, "EB ESD": semi_detached, "EB EC": contact, "EB ELL": ellipsoidal}

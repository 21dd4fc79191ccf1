"""Eclipsing and ellipsoidal binaries: parameters drawn, curves from `eclipses.binary`.

| number | value | source |
|---|---|---|
| radius of the Roche lobe | Eggleton's formula | Eggleton 1983 ApJ 268, 368, Eq. 2 |
| log P of the kinds | `_LOG_P` | OGLE-III LMC, Graczyk+2011 AcA 61, 103 |
| eccentric orbits above | 2 d | Zahn & Bouchet 1989 A&A 223, 112 |
| brightness in the LMC | quantiles of V | EROS-2 counterparts, Kim+2014 A&A 566, A43 |
"""

import numpy as np

from varstar.simulate.eclipses import binary
from varstar.simulate.light import PHASES, Light
from varstar.simulate.random import from_quantiles, normal, uniform

_LOG_P = {
    "ED": np.log10([0.6, 1.15, 1.75, 2.75, 4.7, 17.0, 200.0]),
    "ESD": np.log10([0.6, 0.85, 1.35, 2.20, 4.2, 25.0, 200.0]),
    "EC": np.log10([0.26, 0.33, 0.46, 0.9, 6.0, 110.0, 300.0]),
    "ELL": np.log10([0.5, 0.9, 2.8, 20.0, 95.0, 290.0, 600.0]),
}
#: apparent V in the LMC, less the distance modulus 18.48 and 0.25 of extinction
_V = np.array([14.0, 15.9, 17.4, 18.3, 19.1, 19.9, 20.6]) - 18.73
_GIANT_V = np.array([15.5, 16.2, 16.8, 17.3, 17.9, 18.8, 19.5]) - 18.73


def roche_lobe(q: np.ndarray) -> np.ndarray:
    """Radius over separation of the lobe of a star, `q` its mass over the other's."""
    x = np.cbrt(q)
    return 0.49 * x**2 / (0.6 * x**2 + np.log1p(x))


def _binary(key, period, r1, r2, cos_i, ratio, q, absolute, v_i, e=None) -> Light:
    n = len(key)
    inclination = np.arccos(np.clip(cos_i, 0, 0.999))
    e = np.zeros(n) if e is None else e
    omega = 2 * np.pi * uniform(key, "omega")
    third = np.where(uniform(key, "third") < 0.25, 0.3 * uniform(key, "third light"), 0.0)
    phase = np.arange(PHASES) / PHASES

    def curve(w: float) -> np.ndarray:
        brightness = ratio ** (1 - 0.25 * w)
        dark = np.clip(0.5 - 0.12 * w, 0.2, 0.8)
        distortion = 1.35 - 0.12 * w
        return binary(phase, r1, r2, inclination, brightness, q, dark, e, omega, third, distortion)

    truth = dict(r1=r1, r2=r2, inclination=np.degrees(inclination), eccentricity=e, mass_ratio=q)
    return Light(period, curve, absolute, v_i, truth=truth)


def _early(key) -> tuple[np.ndarray, np.ndarray]:
    """M_V and V - I of main-sequence pairs of the LMC."""
    absolute = from_quantiles(uniform(key, "brightness"), _V)
    return absolute, -0.12 + 0.03 * (absolute + 1) + 0.08 * normal(key, "colour")


def _impact(key, most: float) -> np.ndarray:
    """cos i / (r1 + r2): flat for random orbits, deep eclipses are found more often."""
    return most * uniform(key, "impact") ** 1.25


def detached(key: np.ndarray) -> Light:
    """Both stars well inside their lobes: flat between narrow eclipses."""
    log_period = from_quantiles(uniform(key, "period"), _LOG_P["ED"])
    q = 0.45 + 0.55 * np.sqrt(uniform(key, "q"))
    fill = np.clip(
        0.72 * 10 ** (-0.38 * (log_period - 0.3) + 0.13 * normal(key, "fill")), 0.06, 0.85
    )
    r1 = fill * roche_lobe(1 / q)
    r2 = np.minimum(fill * q**0.4 * np.exp(0.2 * normal(key, "r2")), 0.9) * roche_lobe(q)
    ratio = np.clip(q ** (0.9 + 0.5 * normal(key, "ratio")), 0.05, 1.0)
    long = np.clip((log_period - 0.25) / 0.5, 0, 1)
    e = np.clip(long * 0.17 * np.abs(normal(key, "e")) * (uniform(key, "round") < 0.6), 0, 0.6)
    cos_i = (r1 + r2) * _impact(key, 0.8)
    return _binary(key, 10**log_period, r1, r2, cos_i, ratio, q, *_early(key), e=e)


def semi_detached(key: np.ndarray) -> Light:
    """One star fills its lobe: round maxima, eclipses of unequal depth (beta Lyrae)."""
    log_period = from_quantiles(uniform(key, "period"), _LOG_P["ESD"])
    q = 0.2 + 0.6 * uniform(key, "q")
    r2 = roche_lobe(q) * (0.96 + 0.04 * uniform(key, "fill"))
    r1 = roche_lobe(1 / q) * (0.5 + 0.45 * uniform(key, "r1"))
    ratio = 0.12 + 0.75 * uniform(key, "ratio")
    cos_i = (r1 + r2) * _impact(key, 0.75)
    return _binary(key, 10**log_period, r1, r2, cos_i, ratio, q, *_early(key))


def contact(key: np.ndarray) -> Light:
    """Both stars fill their lobes: light changes all the time, minima nearly equal."""
    log_period = from_quantiles(uniform(key, "period"), _LOG_P["EC"])
    q = 0.15 + 0.85 * uniform(key, "q") ** 0.8
    over = 1.0 + 0.06 * uniform(key, "over")
    r1, r2 = roche_lobe(1 / q) * over, roche_lobe(q) * over
    ratio = np.clip(1 - 0.35 * np.abs(normal(key, "ratio")) * 0.6, 0.4, 1.0)
    cos_i = (r1 + r2) * _impact(key, 0.8)
    absolute, v_i = _early(key)
    cool = (log_period > 0.9) | (log_period < -0.25)  # giants; foreground W UMa stars
    absolute = np.where(cool, from_quantiles(uniform(key, "brightness"), _GIANT_V), absolute)
    v_i = np.where(cool, 0.95 + 0.1 * normal(key, "colour"), v_i)
    return _binary(key, 10**log_period, r1, r2, cos_i, ratio, q, absolute, v_i)


def ellipsoidal(key: np.ndarray) -> Light:
    """No eclipse, or a slight one: the stretched star turns its broad side twice an orbit."""
    log_period = from_quantiles(uniform(key, "period"), _LOG_P["ELL"])
    q = 0.3 + 0.9 * uniform(key, "q")
    r1 = roche_lobe(1 / q) * (0.75 + 0.25 * uniform(key, "fill"))
    giant = log_period > 0.9
    r2 = np.where(giant, 0.02, roche_lobe(q) * 0.6)
    cos_i = np.minimum((r1 + r2) * (0.85 + 0.6 * uniform(key, "impact")), 0.9)
    absolute, v_i = _early(key)
    absolute = np.where(giant, from_quantiles(uniform(key, "brightness"), _GIANT_V), absolute)
    v_i = np.where(giant, 1.0 + 0.12 * normal(key, "colour"), v_i)
    ratio = 0.6 + 0.4 * uniform(key, "ratio")
    return _binary(key, 10**log_period, r1, r2, cos_i, ratio, q, absolute, v_i)


TYPES = {"EB ED": detached, "EB ESD": semi_detached, "EB EC": contact, "EB ELL": ellipsoidal}

"""StarModel that follows no clock: random walks, outbursts, fadings, and none at all.

| number | value | source |
|---|---|---|
| quasars: log tau [d], SF_inf [mag] | 2.5 +-0.4 (observed frame), 0.2 +-0.08 in r | MacLeod+2010 ApJ 721, 1014; Kozlowski+2010 ApJ 708, 927 |
| colour of the walk | amplitude goes with wavelength^-0.48 | MacLeod+2010, Eq. 7 |
| Be stars | bursts of 0.05-0.5 mag, rise 10-40 d, decay 50-300 d, redder when brighter | Mennickent+2002 A&A 393, 887; Keller+2002 AJ 124, 2039 |
| R CrB stars | fall of 2-7 mag in 20-60 d, recovery in 100-400 d | Clayton 1996 PASP 108, 225; Tisserand+2009 A&A 501, 985 |
| young stars | irregular on 3-60 d, 0.1-0.4 mag | Herbst+1994 AJ 108, 1906 |
"""  # noqa: E501

from collections.abc import Callable

import numpy as np

from varstar.simulate.random import normal, several, uniform
from varstar.simulate.star_model import Array, StarModel

_MODES = 48


def walk(
    key: Array, tau: Array, sigma: Array, stream: str = "walk", slope: float = 0.0
) -> Callable[[Array, Array, float, Array], Array]:
    """A damped random walk (Ornstein-Uhlenbeck process) as a function of time.

    Its power spectrum is a Lorentzian, so it is a sum of cosines whose frequencies are
    drawn from that: f = tan(pi u / 2) / (2 pi tau), `u` even over (0, 1). The structure
    function is ``SF^2(dt) = 2 sigma^2 (1 - exp(-dt / tau))`` (Kelly+2009 ApJ 698, 895),
    and the value at a time does not depend on which other times are asked for, so it
    is the same walk in every band and survey.

    Parameters
    ----------
    tau, sigma : ndarray, shape (n_stars,)
        Damping time [d]; standard deviation [mag] at V.
    slope : float
        The natural logarithm of the amplitude goes as ``slope * w``.
    """
    n = len(key)
    strata = (np.arange(_MODES)[None, :] + several(key, f"{stream} f", _MODES, "uniform")) / _MODES
    f = np.tan(np.pi / 2 * np.minimum(strata, 0.999)) / (2 * np.pi * np.reshape(tau, (-1, 1)))
    start = several(key, f"{stream} phase", _MODES, "uniform")
    # amplitudes of Rayleigh kind make the sum Gaussian, not only by the number of terms
    size = np.sqrt(-2 * np.log(several(key, f"{stream} size", _MODES, "uniform")) / _MODES)
    sigma = np.broadcast_to(sigma, (n,))

    def change(t: Array, row: Array, w: float, phase: Array) -> Array:
        total = np.zeros(len(t))
        for j in range(_MODES):
            total += size[row, j] * np.cos(2 * np.pi * (f[row, j] * t + start[row, j]))
        return total * sigma[row] * np.exp(slope * w)

    return change


def events(
    key: Array,
    every: Array,
    depth: Callable[[Array], Array],
    rise: Callable[[Array], Array],
    fall: Callable[[Array], Array],
    stream: str = "event",
    slope: float = 0.0,
) -> Callable[[Array, Array, float, Array], Array]:
    """Separate events: one at most in each interval `every` [d], at a random time in it.

    `depth` [mag, positive fainter], `rise`, `fall` [d] turn uniform numbers (one for each
    event) into its size, the time to reach it, and that to leave it (e-folding).
    """

    def change(t: Array, row: Array, w: float, phase: Array) -> Array:
        total = np.zeros(len(t))
        cell = np.floor(t / every[row]).astype(np.int64)
        for back in range(3):
            number = cell - back
            k = key[row]
            begin = (number + uniform(k, f"{stream} time", number)) * every[row]
            size = depth(uniform(k, f"{stream} depth", number))
            up = rise(uniform(k, f"{stream} rise", number))
            down = fall(uniform(k, f"{stream} fall", number))
            x = t - begin
            shape = np.clip(x / up, 0, 1) * np.exp(-np.clip(x - up, 0, None) / down)
            total += size * shape
        return total * np.exp(slope * w)

    return change


def _aperiodic(key: Array, absolute: Array, colour: Array, changes: list, **truth) -> StarModel:
    nothing = np.full(len(key), np.nan)
    return StarModel(nothing, None, absolute, colour, changes=changes, truth=truth)


def quasar(key: Array, sky: str = "lmc", log_p: object = None) -> StarModel:
    """A damped random walk, bluer when brighter; far behind the LMC."""
    tau = 10 ** (2.5 + 0.4 * normal(key, "tau"))
    sigma = 0.2 / np.sqrt(2) * np.exp(0.4 * normal(key, "sigma")) * 1.25
    absolute = 0.6 + 0.65 * normal(key, "brightness")
    colour = 0.55 + 0.15 * normal(key, "colour")
    light = walk(key, tau, sigma, slope=-0.18)
    return _aperiodic(key, absolute, colour, [light], tau=tau, sigma=sigma)


def blue_variable(key: Array, sky: str = "lmc", log_p: object = None) -> StarModel:
    """Be and other blue stars: slow changes, and outbursts with a quick rise."""
    tau = 10 ** (2.2 + 0.4 * normal(key, "tau"))
    sigma = 0.04 * np.exp(0.7 * normal(key, "sigma"))
    every = 10 ** (2.2 + 0.8 * uniform(key, "every"))
    big = 0.03 + 0.35 * uniform(key, "big") ** 2 * (uniform(key, "bursts") < 0.7)
    burst = events(
        key, every, lambda u: -(0.2 + 0.8 * u), lambda u: 10 + 30 * u, lambda u: 40 + 200 * u,
        slope=0.15,
    )  # fmt: skip

    def scaled(t: Array, row: Array, w: float, phase: Array) -> Array:
        return big[row] * burst(t, row, w, phase)

    absolute = -2.2 + 0.9 * normal(key, "brightness")
    colour = -0.05 + 0.08 * normal(key, "colour")
    return _aperiodic(key, absolute, colour, [walk(key, tau, sigma, slope=0.1), scaled])


def be_star(key: Array, sky: str = "field", log_p: object = None) -> StarModel:
    """gamma Cas and Be stars nearby: as the blue variables, smaller."""
    return blue_variable(key)


def constant(key: Array, sky: str = "lmc", log_p: object = None) -> StarModel:
    """No variable star; what the camera leaves of slow trends is in the survey's noise."""
    tau = 10 ** (1.5 + 0.8 * normal(key, "tau"))
    sigma = 0.004 * np.exp(0.5 * normal(key, "sigma"))
    absolute = -1.5 + 3.2 * uniform(key, "brightness") ** 0.7
    colour = np.where(uniform(key, "red") < 0.6, 0.95, 0.0) + 0.15 * normal(key, "colour")
    return _aperiodic(key, absolute, colour, [walk(key, tau, sigma)])


def r_coronae_borealis(key: Array, sky: str = "field", log_p: object = None) -> StarModel:
    """Clouds of carbon dust hide the star at times; small pulsation at maximum."""
    every = 10 ** (2.7 + 0.5 * uniform(key, "every"))
    fade = events(
        key, every, lambda u: 2 + 5 * u, lambda u: 20 + 40 * u, lambda u: 60 + 200 * u,
        slope=-0.35,
    )  # fmt: skip
    tau, sigma = 30 + 40 * uniform(key, "tau"), 0.08 + 0.06 * uniform(key, "sigma")
    absolute = -4.5 + 0.6 * normal(key, "brightness")
    return _aperiodic(key, absolute, np.full(len(key), 0.9), [fade, walk(key, tau, sigma)])


def young(key: Array, sky: str = "field", log_p: object = None) -> StarModel:
    """Young stars: irregular accretion and dust, dips, little of a rotation."""
    tau = 10 ** (0.5 + 1.3 * uniform(key, "tau"))
    sigma = 0.12 * np.exp(0.5 * normal(key, "sigma"))
    every = 10 ** (1.0 + 1.3 * uniform(key, "every"))
    deep = 0.7 * uniform(key, "dips") ** 3
    dip = events(key, every, lambda u: u**2, lambda u: 1 + 4 * u, lambda u: 1 + 6 * u, slope=-0.3)

    def scaled(t: Array, row: Array, w: float, phase: Array) -> Array:
        return deep[row] * dip(t, row, w, phase)

    absolute = 5.0 + 1.0 * normal(key, "brightness")
    colour = 1.5 + 0.3 * normal(key, "colour")
    return _aperiodic(key, absolute, colour, [walk(key, tau, sigma, slope=-0.25), scaled])


def irregular_red(key: Array, sky: str = "field", log_p: object = None) -> StarModel:
    """Red giants without a period (type L)."""
    tau = 10 ** (1.35 + 0.3 * normal(key, "tau"))
    sigma = 0.10 * np.exp(0.45 * normal(key, "sigma"))
    slow = walk(key, 10 * tau, 0.8 * sigma, "slow", slope=-0.6)
    absolute = -0.8 + 0.8 * normal(key, "brightness")
    colour = 2.4 + 0.5 * normal(key, "colour")
    return _aperiodic(key, absolute, colour, [walk(key, tau, sigma, slope=-0.6), slow])


def unclear(key: Array, sky: str = "field", log_p: object = None) -> StarModel:
    """Stars that fit no class: walks of any pace, bursts, dips, of either sign."""
    tau = 10 ** (-0.5 + 3.2 * uniform(key, "tau"))
    sigma = 0.10 * np.exp(0.7 * normal(key, "sigma"))
    every = 10 ** (1.2 + 1.6 * uniform(key, "every"))
    size = (uniform(key, "sign") - 0.6) * 2.2 * uniform(key, "size") ** 2
    single = events(key, every, lambda u: u, lambda u: 1 + 20 * u**2, lambda u: 3 + 80 * u**2)

    def scaled(t: Array, row: Array, w: float, phase: Array) -> Array:
        return size[row] * single(t, row, w, phase)

    absolute = 2.0 + 2.5 * normal(key, "brightness")
    colour = 1.0 + 0.6 * normal(key, "colour")
    return _aperiodic(key, absolute, colour, [walk(key, tau, sigma), scaled])


TYPES = {
    "QSO": quasar,
    "BV": blue_variable,
    "BE": be_star,
    "NonVar": constant,
    "RCB": r_coronae_borealis,
    "YSO": young,
    "L": irregular_red,
    "VAR": unclear,
}

"""Red giants that pulsate: Miras, semi-regulars, OSARGs, long secondary periods.

| number | value | source |
|---|---|---|
| log P of the kinds | `_LOG_P` | OGLE-III LMC, Soszynski+2009 AcA 59, 239; field: ASAS-SN, Jayasinghe+2018; Catalina |
| Mira amplitudes | I 0.8-3 mag; V about 2.2 times more | Soszynski+2009; Smith+2006 AJ 131, 612 |
| OSARG | several close periods of 10-100 d, I 0.005-0.13 mag | Wray+2004 MNRAS 349, 1059; Soszynski+2004 AcA 54, 129 |
| long secondary periods | 200-1500 d, up to 1 mag in V, in a third of the semi-regulars | Wood+2004 ApJ 604, 800 |
| changes from cycle to cycle | 5-15 % in Miras, 20-60 % in semi-regulars | Mattei 1997 JAVSO 25, 57 |
| carbon stars | dust: drifts of 0.2-0.6 mag in years | Whitelock+2003 MNRAS 342, 86 |
| brightness | LMC: sequences C', C, A, B of the W_I plane | Soszynski+2009, Fig. 1 |
"""  # noqa: E501

import numpy as np

from varstar.simulate.irregular import walk
from varstar.simulate.random import normal, several, uniform
from varstar.simulate.star_model import Array, StarModel, period_of, series

#: A(I) / A(V), for oxygen-rich stars (titanium oxide moves V most) and carbon-rich ones
_RATIO = {"O": 0.42, "C": 0.62}

_LOG_P = {
    "Mira C": np.log10([130, 205, 265, 315, 375, 480, 700]),
    "Mira O": np.log10([95, 130, 200, 280, 375, 560, 900]),
    "SRV C": np.log10([60, 95, 150, 210, 290, 420, 800]),
    "SRV O": np.log10([25, 45, 68, 92, 130, 260, 600]),
    "OSARG AGB": np.log10([13, 22, 35, 47, 63, 95, 150]),
    "OSARG RGB": np.log10([10, 15, 21, 27, 35, 52, 80]),
    "M": np.log10([80, 150, 220, 275, 335, 430, 700]),
    "SR": np.log10([15, 25, 49, 100, 250, 520, 900]),
    "SRD": np.log10([25, 32, 45, 62, 90, 150, 300]),
    "LSP": np.log10([200, 260, 360, 450, 580, 800, 1200]),
}


def _pulsation(
    key: Array,
    period: Array,
    size: Array,
    ratio: float,
    second: Array,
    regular: float,
    skew: float = 0.0,
) -> StarModel:
    """One leading period with a wandering amplitude and phase.

    `size` is the semi-amplitude in V, `second` the size of the first harmonic relative to
    it, `regular` how many periods the phase stays coherent.
    """
    n = len(key)
    angle = 1.0 + 0.6 * normal(key, "asymmetry") + skew
    c = np.zeros((n, 3), complex)
    c[:, 0] = -1.0
    c[:, 1] = second * np.exp(1j * angle)
    c[:, 2] = second**2 * 0.7 * np.exp(2j * angle)
    shape = series(c) * size[:, None]

    def curve(w: float) -> Array:
        return shape * ratio**w

    strong = np.full(n, 0.45 / np.sqrt(regular))
    tau = regular * period
    loud = walk(key, tau, np.minimum(2.0 * strong, 0.5), "loudness")
    drift = walk(key, tau * 1.5, np.minimum(0.5 * strong, 0.25), "drift")

    def warp(t: Array, row: Array) -> tuple[Array, Array]:
        nothing = np.zeros(len(t))
        scale = np.clip(1 + loud(t, row, 0.0, nothing), 0.1, 2.0)
        return scale, drift(t, row, 0.0, nothing)

    return StarModel(period, curve, np.zeros(n), np.zeros(n), warp=warp)


def _secondary(key: Array, star: StarModel, share: float, size: Array, ratio: float) -> None:
    """Adds a long secondary period to a part of the stars: half of it a broad dip."""
    has = uniform(key, "lsp") < share
    period = star.period * (5 + 6 * uniform(key, "lsp period"))
    period = np.clip(period, 200, 1500)
    start = uniform(key, "lsp phase")

    def slow(t: Array, row: Array, w: float, phase: Array) -> Array:
        x = 2 * np.pi * (t / period[row] + start[row])
        dip = np.cos(x) - 0.25 * np.cos(2 * x)
        return has[row] * size[row] * ratio**w * dip

    star.changes.append(slow)
    star.truth["long_period"] = np.where(has, period, np.nan)


def _mira(key: Array, sky: str, log_p: object, chemistry: str) -> StarModel:
    kind = f"Mira {chemistry}" if sky == "lmc" else "M"
    period = 10 ** period_of(key, _LOG_P[kind], log_p)
    bigger = 1.5 * np.log10(period / 280)
    size = 1.9 * np.exp(0.28 * normal(key, "size")) + bigger * 0.5
    size = np.clip(size, 0.9, 3.6) * (0.62 if chemistry == "C" else 1.0)
    second = 0.10 + 0.08 * np.abs(normal(key, "second"))
    star = _pulsation(key, period, size, _RATIO[chemistry], second, 9.0)
    dust = 0.35 if chemistry == "C" else 0.06
    sigma = dust * np.exp(0.5 * normal(key, "dust"))
    star.changes.append(walk(key, np.full(len(key), 900.0), sigma, "dust", slope=-0.4))
    x = np.log10(period / 300)
    star.colour = (3.0 if chemistry == "C" else 3.8) + 2.0 * x + 0.4 * normal(key, "colour")
    m_i = (-4.2 if chemistry == "C" else -4.4) - 0.5 * x + 0.35 * normal(key, "luminosity")
    star.absolute = m_i + star.colour
    return star


def mira_carbon(key: Array, sky: str = "lmc", log_p: object = None) -> StarModel:
    """Carbon-rich Miras: bluer amplitudes smaller, and dust that comes and goes."""
    return _mira(key, sky, log_p, "C")


def mira_oxygen(key: Array, sky: str = "lmc", log_p: object = None) -> StarModel:
    """Oxygen-rich Miras: the deepest of all in V."""
    return _mira(key, sky, log_p, "O")


def _semiregular(key: Array, kind: str, log_p: object, chemistry: str, scale: float) -> StarModel:
    period = 10 ** period_of(key, _LOG_P[kind], log_p)
    size = scale * np.exp(0.5 * normal(key, "size")) * (period / 100) ** 0.35
    ratio = _RATIO[chemistry]
    second = 0.05 + 0.06 * np.abs(normal(key, "second"))
    star = _pulsation(key, period, np.clip(size, 0.03, 1.0), ratio, second, 4.0)
    other = period * np.where(uniform(key, "which") < 0.5, 0.52, 1.85)
    other = other * (1 + 0.05 * normal(key, "ratio"))
    small = size * (0.2 + 0.5 * uniform(key, "other size"))
    start = uniform(key, "other phase")

    def overtone(t: Array, row: Array, w: float, phase: Array) -> Array:
        return small[row] * ratio**w * np.cos(2 * np.pi * (t / other[row] + start[row]))

    star.changes.append(overtone)
    star.changes.append(walk(key, 3 * period, 0.35 * size, "irregular", slope=np.log(ratio)))
    _secondary(key, star, 0.3, size * (0.3 + uniform(key, "lsp size")), ratio)
    if chemistry == "C":
        star.changes.append(walk(key, np.full(len(key), 800.0), 0.15, "dust", slope=-0.4))
    x = np.log10(period / 100)
    star.colour = (2.5 if chemistry == "C" else 2.6) + 1.2 * x + 0.4 * normal(key, "colour")
    star.absolute = -3.9 - 0.8 * x + 0.35 * normal(key, "luminosity") + star.colour
    star.truth["second_period"] = other
    return star


def semiregular_carbon(key: Array, sky: str = "lmc", log_p: object = None) -> StarModel:
    """Carbon-rich semi-regulars."""
    return _semiregular(key, "SRV C" if sky == "lmc" else "SR", log_p, "C", 0.22)


def semiregular_oxygen(key: Array, sky: str = "lmc", log_p: object = None) -> StarModel:
    """Oxygen-rich semi-regulars."""
    return _semiregular(key, "SRV O" if sky == "lmc" else "SR", log_p, "O", 0.16)


def yellow_semiregular(key: Array, sky: str = "field", log_p: object = None) -> StarModel:
    """Yellow semi-regulars (SRD): shorter, warmer, rounder."""
    star = _semiregular(key, "SRD", log_p, "C", 0.30)
    star.colour = 1.0 + 0.2 * normal(key, "warm")
    return star


def long_secondary(key: Array, sky: str = "field", log_p: object = None) -> StarModel:
    """The long secondary period leads; the pulsation is what scatters."""
    period = 10 ** period_of(key, _LOG_P["LSP"], log_p)
    size = 0.18 * np.exp(0.4 * normal(key, "size"))
    star = _pulsation(key, period, size, 0.6, np.full(len(key), 0.25), 12.0, skew=np.pi / 2)
    short = period / (7 + 4 * uniform(key, "short"))
    star.changes.append(walk(key, 0.6 * short, 0.35 * size, "pulsation", slope=-0.6))
    star.colour = 2.2 + 0.4 * normal(key, "colour")
    star.absolute = -1.5 + 0.5 * normal(key, "luminosity")
    return star


def _osarg(key: Array, kind: str, log_p: object, scale: float, m_i: float) -> StarModel:
    period = 10 ** period_of(key, _LOG_P[kind], log_p)
    size = scale * np.exp(0.45 * normal(key, "size")) * (period / 35) ** 0.7 / 0.5
    star = _pulsation(key, period, size, 0.5, np.full(len(key), 0.03), 6.0)
    ratios = np.array([0.72, 0.52, 1.35, 1.02])[None, :] * (
        1 + 0.03 * several(key, "ratios", 4)
    )  # sequences b1..b4, and one close by: beats
    sizes = size[:, None] * (0.15 + 0.8 * several(key, "sizes", 4, "uniform"))
    start = several(key, "starts", 4, "uniform")

    def others(t: Array, row: Array, w: float, phase: Array) -> Array:
        total = np.zeros(len(t))
        for j in range(4):
            x = 2 * np.pi * (t / (period[row] * ratios[row, j]) + start[row, j])
            total += sizes[row, j] * np.cos(x)
        return total * 0.5**w

    star.changes.append(others)
    star.changes.append(walk(key, period, 0.5 * size, "irregular", slope=np.log(0.5)))
    _secondary(key, star, 0.3, size * (0.5 + 2 * uniform(key, "lsp size")), 0.5)
    x = np.log10(period / 35)
    star.colour = 1.75 + 0.6 * x + 0.12 * normal(key, "colour")
    star.absolute = m_i - 1.2 * x + 0.25 * normal(key, "luminosity") + star.colour
    star.truth["second_period"] = period * ratios[:, 0]
    return star


def osarg_agb(key: Array, sky: str = "lmc", log_p: object = None) -> StarModel:
    """OGLE's small-amplitude red giants of the asymptotic branch."""
    return _osarg(key, "OSARG AGB", log_p, 0.012, -4.0)


def osarg_rgb(key: Array, sky: str = "lmc", log_p: object = None) -> StarModel:
    """OGLE's small-amplitude red giants of the first branch: shorter, smaller."""
    return _osarg(key, "OSARG RGB", log_p, 0.009, -3.55)


TYPES = {
    "LPV Mira C": mira_carbon,
    "LPV Mira O": mira_oxygen,
    "LPV SRV C": semiregular_carbon,
    "LPV SRV O": semiregular_oxygen,
    "LPV OSARG AGB": osarg_agb,
    "LPV OSARG RGB": osarg_rgb,
    "SRD": yellow_semiregular,
    "LSP": long_secondary,
}

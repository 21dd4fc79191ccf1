"""What is seen of one star: numbers of the light curve, and of each of its trial folds.

Nothing among them names the survey: no number of points, no dates, no band, no brightness.
Arrays in, arrays out, one star at a time; a star with very many points is folded from some
thousands of them.
"""

import numpy as np

from varstar.features import formulas
from varstar.papers.any.candidates import Search
from varstar.papers.any.series import nested_fit
from varstar.periods import refine

#: Harmonics of the series fitted at a trial period.
TERMS = 8
#: The k-th is held back by ``RIDGE k^2 / n``: few points make smooth series.
RIDGE = 0.25
#: Phases at which a fitted series is looked up.
GRID = 64
#: Points that are folded at most.
MOST_POINTS = 3000

_K = np.arange(1, TERMS + 1)
_COS = np.cos(2 * np.pi * _K[:, None] * np.arange(GRID) / GRID)
_SIN = np.sin(2 * np.pi * _K[:, None] * np.arange(GRID) / GRID)

STAR = [
    "log_range", "quartile_share", "asymmetry", "inner_asymmetry", "tail_asymmetry", "skewness",
    "kurtosis", "shapiro_w", "hl_amp_ratio", "stetson_k", "log_eta", "log_signal",
    "faint_share", "bright_share", "far_faint", "far_bright", "trend", "bow", "night_scatter",
    *(f"range_{k}" for k in range(8)), "best_log_period", "best_power", "best_gain",
    "second_power", "best_odds", "chance_1", "chance_4", "chance_8",
]  # fmt: skip
FOLD = [
    "log_period", "log_cycles", "relation", "log_ratio", "power_1", "power_2", "power_4",
    "power_8", "power_double", "gain", "odd", "double_odd", "r21", "r31", "r41", "r51",
    "cos21", "sin21", "cos31", "sin31", "cos41", "sin41", "log_amplitude", "fit_share",
    "fit_asymmetry", "second_depth", "second_place", "faint_width", "steepness", "log_residual",
    "eta", "eta_double", "robust_eta", "gap", "window_1", "window_2", "window_shift", "near_day",
    "ratio_1", "ratio_8", "ratio_eta", "rank_1", "rank_8", "rank_eta", "slow_share",
    "misfit_4", "misfit_8", "worse",
]  # fmt: skip


def star_numbers(t: np.ndarray, mag: np.ndarray, err: np.ndarray) -> np.ndarray:
    """The numbers of `STAR` that need no period (the others NaN)."""
    out = dict.fromkeys(STAR, np.nan)
    n = len(t)
    ordered = np.sort(mag)
    q = np.interp(np.array([2, 5, 25, 50, 75, 95, 98]) / 100 * (n - 1), np.arange(n), ordered)
    q02, q05, q25, q50, q75, q95, q98 = q
    tiny = 1e-9
    wide = max(q95 - q05, tiny)
    row = (mag[None], err[None], np.ones((1, n), bool))
    median = np.array([q50])
    skewness, kurtosis = formulas.skewness_kurtosis(mag[None], row[2], np.array([n]))
    std = max(mag.std(), tiny)
    steps = np.diff(mag)
    x = (t - t.mean()) / max(t.std(), tiny)
    bowed = x * x - 1 - (x**3).mean() * x
    z = (mag - mag.mean()) / std
    out.update(
        log_range=np.log10(wide), quartile_share=(q75 - q25) / wide,
        asymmetry=(q50 - q05) / wide, inner_asymmetry=(q50 - q25) / max(q75 - q25, tiny),
        tail_asymmetry=(q50 - q02) / max(q98 - q02, tiny), skewness=skewness[0],
        kurtosis=np.log10(kurtosis[0] + 3),
        shapiro_w=formulas.shapiro_w(ordered[None], np.array([n]))[0],
        hl_amp_ratio=formulas.hl_amp_ratio(*row, median)[0],
        stetson_k=formulas.stetson_k(*row, np.array([n]), median)[0],
        log_eta=np.log10(max((steps**2).mean() / std**2, 1e-6)),
        log_signal=np.log10(max(wide / 3.29 / max(np.median(err), tiny), 1e-3)),
        faint_share=(z > 1).mean(), bright_share=(z < -1).mean(),
        far_faint=(z > 2.5).mean(), far_bright=(z < -2.5).mean(),
        trend=(x * z).mean(), bow=(bowed * z).mean() / max(bowed.std(), tiny),
    )  # fmt: skip
    near = np.diff(t) < 0.6
    if near.sum() >= 5:
        out["night_scatter"] = np.median(np.abs(steps[near])) / wide
    return np.array([out[k] for k in STAR])


def fold_numbers(
    t: np.ndarray, mag: np.ndarray, err: np.ndarray, weight: np.ndarray, found: Search
) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of `FOLD` at every trial period, and those of `STAR` that come from them."""
    if len(t) > MOST_POINTS:
        some = np.unique(np.linspace(0, len(t) - 1, MOST_POINTS).astype(int))
        t, mag, err, weight = t[some], mag[some], err[some], weight[some] / weight[some].sum()
        mag = mag - weight @ mag
    f, n = found.frequency, len(t)
    turn, half = refine.turns(t, f), refine.turns(t, f / 2)
    power, c, window = nested_fit(turn, mag, weight, TERMS, RIDGE)
    double, c2, _ = nested_fit(half, mag, weight, TERMS, RIDGE)
    power = {k: power[:, k - 1] for k in (1, 2, 4, TERMS)}
    low, high = np.percentile(mag, [3, 97])
    size, error = max(high - low, 1e-9), max(np.median(err), 1e-9)
    std = np.sqrt(weight @ mag**2)
    eta, robust, gap = _dispersion(t, mag, f, std)
    eta2 = _dispersion(t, mag, f / 2, std)[0]
    out = {
        "log_period": -np.log10(f), "log_cycles": np.log10(np.clip(f * found.span, 0.3, 30)),
        "relation": found.relation, "log_ratio": np.log10(f[0] / f),
        "power_1": power[1], "power_2": power[2], "power_4": power[4], "power_8": power[TERMS],
        "power_double": double[:, -1] - power[4],
        "gain": _gain(power[4], n, 9),
        "eta": eta, "eta_double": eta2 / np.maximum(eta, 1e-6), "robust_eta": robust, "gap": gap,
        "window_1": window[:, 0], "window_2": window[:, 1],
        "window_shift": np.abs((turn * turn[0].conj()) @ weight),
        "near_day": np.where(
            f > 0.5, np.minimum(np.abs(f - np.rint(f)) * found.span, 20), np.nan
        ),
    }  # fmt: skip
    out |= _shape(c, c2)
    out["log_residual"] = np.log10(np.maximum(std * np.sqrt(1 - power[TERMS]) / error, 1e-3))
    out["fit_share"] = out.pop("amplitude") / size
    out["log_amplitude"] = np.log10(np.maximum(out["fit_share"] * size, 1e-6))
    for name, values, sign in (("1", power[1], -1), ("8", power[TERMS], -1), ("eta", eta, 1)):
        best = values.min() if sign > 0 else values.max()
        out["ratio_" + name] = values / max(best, 1e-9)
        out["rank_" + name] = np.argsort(np.argsort(sign * values, kind="stable"))
    out |= misfits(power[4], power[TERMS], n)
    out["slow_share"] = np.where(f * found.span < 3, 1.0, 0.0)
    order = np.argsort(-power[1], kind="stable")
    top = order[0]
    apart = order[np.abs(f[order] - f[top]) * found.span > 2]
    second = power[1][apart[0]] / max(power[1][top], 1e-9) if len(apart) else np.nan
    star = {
        "best_log_period": -np.log10(f[top]), "best_power": power[1][top],
        "best_gain": out["gain"].max(), "second_power": second,
        "best_odds": _gain(power[1][top : top + 1], n, 3)[0],
        **{f"range_{k}": v for k, v in enumerate(found.ranges)},
        **{f"chance_{k}": chance(power[k].max(), n, 2 * k + 1, found.span) for k in (1, 4, TERMS)},
    }  # fmt: skip
    return np.stack([out[k] for k in FOLD], axis=1), star


def misfits(power_4: np.ndarray, power_8: np.ndarray, n: int) -> dict[str, np.ndarray]:
    """How much worse a trial fits than the best: ratios of the residuals' variances, in
    logarithms, and as a likelihood."""
    out = {}
    for name, power in (("misfit_4", power_4), ("misfit_8", power_8)):
        left = np.log(np.maximum(1 - power, 1e-6))
        out[name] = left - left.min()
    out["worse"] = np.log10(1 + n * out["misfit_8"])
    return out


def chance(power: float, n: int, k: int, span: float) -> float:
    """How much better the best fit is than the best of noise at all trial frequencies.

    Half the gain in ln(chi^2) times the degrees of freedom, less ln of the number of
    independent frequencies; its logarithm, with its sign.
    """
    freedom = max(n - k, 1)
    value = -0.5 * freedom * np.log(max(1 - power, 1e-9)) - np.log(max(24.0 * span, 2.0))
    return float(np.sign(value) * np.log10(1 + abs(value)))


def _gain(power: np.ndarray, n: int, k: int) -> np.ndarray:
    """BIC gained by a series over a constant, its logarithm with its sign."""
    gain = -n * np.log(np.maximum(1 - power, 1e-9)) - (k - 1) * np.log(n)
    return np.sign(gain) * np.log10(1 + np.abs(gain))


def _dispersion(
    t: np.ndarray, mag: np.ndarray, f: np.ndarray, std: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scatter of neighbours in phase (mean square, median), and the widest gap of phases."""
    phase = f[:, None] * t
    phase -= np.floor(phase)
    order = np.argsort(phase, axis=1)
    phase = np.take_along_axis(phase, order, axis=1)
    folded = mag[order]
    step = np.abs(np.diff(folded, axis=1, append=folded[:, :1]))
    gap = np.diff(phase, axis=1, append=phase[:, :1] + 1).max(axis=1)
    return (step**2).mean(axis=1) / std**2 / 2, np.median(step, axis=1) / std, gap


def _shape(c: np.ndarray, c2: np.ndarray) -> dict[str, np.ndarray]:
    """Amplitudes, phases and minima of the series at the period, and at twice the period."""
    b, s = c[:, 0], c[:, 1]
    amplitude, phase = np.hypot(b, s), np.arctan2(-s, b)
    first = np.maximum(amplitude[:, 0], 1e-9)
    out = {f"r{k}1": np.minimum(amplitude[:, k - 1] / first, 5) for k in (2, 3, 4, 5)}
    for k in (2, 3, 4):
        angle = phase[:, k - 1] - k * phase[:, 0]
        out[f"cos{k}1"], out[f"sin{k}1"] = np.cos(angle), np.sin(angle)
    squares = amplitude**2
    out["odd"] = np.sqrt(squares[:, ::2].sum(1) / np.maximum(squares.sum(1), 1e-18))
    double = (c2**2).sum(axis=1)
    out["double_odd"] = np.sqrt(double[:, ::2].sum(1) / np.maximum(double.sum(1), 1e-18))
    series = b @ _COS + s @ _SIN
    bright, faint = series.min(axis=1), series.max(axis=1)
    size = np.maximum(faint - bright, 1e-9)
    turned = np.take_along_axis(
        series, (np.arange(GRID) + series.argmax(axis=1)[:, None]) % GRID, axis=1
    )
    opposite = turned[:, GRID // 3 : GRID - GRID // 3 + 1]
    out["second_depth"] = (opposite.max(axis=1) - bright) / size
    out["second_place"] = np.abs(opposite.argmax(axis=1) / GRID + (GRID // 3) / GRID - 0.5)
    out["fit_asymmetry"] = (faint - np.median(series, axis=1)) / size
    out["faint_width"] = (series > ((bright + faint) / 2)[:, None]).mean(axis=1)
    slope = np.diff(series, axis=1, append=series[:, :1])
    out["steepness"] = np.log10(
        np.maximum(-slope.min(axis=1), 1e-9) / np.maximum(slope.max(axis=1), 1e-9)
    )
    out["amplitude"] = size
    return out

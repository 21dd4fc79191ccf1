"""Features of one light curve, slowly and plainly: what the fast ones are tested against."""

import numpy as np

from varstar.periods.harmonics import evaluate_series


def variability_features_reference(
    t: np.ndarray, mag: np.ndarray, err: np.ndarray, period: float
) -> dict[str, float]:
    """The sixteen for one clean light curve, slowly and plainly."""
    from scipy import stats

    weight = 1 / err
    mean = np.average(mag, weights=weight)
    std = np.sqrt(np.average((mag - mean) ** 2, weights=weight))
    median = np.median(mag)
    faint, bright = mag > median, mag <= median
    spread = [np.average((mag[s] - median) ** 2, weights=weight[s]) for s in (faint, bright)]
    phase = t % (2 * period)
    order = np.argsort(phase)
    phase, folded = phase[order], mag[order]
    run, rise = np.diff(phase), np.diff(folded)
    slope = run[rise != 0] / rise[rise != 0]
    cusum = np.cumsum(folded - mean) / len(mag) / std
    x = 2 * np.pi * (t / period % 1.0)
    design = [np.ones_like(x)]
    for k in (1, 2, 3):
        design += [np.cos(k * x), np.sin(k * x)]
    solution = np.linalg.lstsq(np.stack(design, axis=1), mag, rcond=None)[0]
    b, c = solution[1::2], solution[2::2]
    h, phi = np.hypot(b, c), np.arctan(-c / b)
    residual = (mag - median) / err
    return {
        "amplitude": h[0],
        "hl_amp_ratio": np.sqrt(spread[0] / spread[1]),
        "kurtosis": stats.kurtosis(mag),
        "period": period,
        "phase_cusum": np.ptp(cusum),
        "phase_eta": (rise**2).sum() / (len(mag) - 1) / std**2,
        "phi21": phi[1] - 2 * phi[0],
        "phi31": phi[2] - 3 * phi[0],
        "quartile31": np.subtract(*np.percentile(mag, [75, 25])),
        "r21": h[1] / h[0],
        "r31": h[2] / h[0],
        "shapiro_w": stats.shapiro(mag).statistic,
        "skewness": stats.skew(mag),
        "slope_per10": np.percentile(slope, 10),
        "slope_per90": np.percentile(slope, 90),
        "stetson_k": np.abs(residual).sum() / np.sqrt((residual**2).sum() * len(mag)),
    }


def fourier_parameters_reference(
    t: np.ndarray, mag: np.ndarray, err: np.ndarray, period: float, n_terms: int = 3
) -> dict[str, float]:
    """The same for one clean light curve, slowly and plainly."""
    x = 2 * np.pi * (t / period % 1.0)
    columns = [np.ones_like(x)]
    columns += [np.cos(k * x) for k in range(1, n_terms + 1)]
    columns += [np.sin(k * x) for k in range(1, n_terms + 1)]
    design = np.stack(columns, axis=1)
    solution = np.linalg.lstsq(design / err[:, None], mag / err, rcond=None)[0]
    b, c = solution[1 : n_terms + 1], solution[n_terms + 1 :]
    amplitude, phase = np.hypot(b, c), np.arctan2(-c, b)
    grid = evaluate_series(solution[None, :], np.arange(256) / 256)[0]
    chi2 = float((((mag - design @ solution) / err) ** 2).sum())
    result = {"amplitude": float(np.ptp(grid)), "a1": float(amplitude[0])}
    for k in range(2, min(n_terms, 3) + 1):
        result[f"r{k}1"] = float(amplitude[k - 1] / amplitude[0])
        result[f"phi{k}1"] = float((phase[k - 1] - k * phase[0]) % (2 * np.pi))
    return result | {
        "mean": float(solution[0]),
        "chi2": chi2,
        "rms": float(np.sqrt(chi2 / (1 / err**2).sum())),
    }

"""The pictures of the course, made anew: python docs/pictures.py (make docs-pictures)."""

import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

FOLDER = Path(__file__).parent / "course"


def alias() -> plt.Figure:
    """How an alias arises: measurements once a night fit two frequencies alike."""
    t = np.arange(8) + 0.05 * np.sin(np.arange(8) * 2.1)
    fine = np.linspace(-0.2, 7.2, 900)
    frequency = 1.35
    fig, ax = plt.subplots(figsize=(7, 2.6), layout="constrained")
    for f, style, name in ((frequency, "-", "true: 1.35 cycles a day"),
                           (frequency - 1, "--", "alias: 0.35 cycles a day")):  # fmt: skip
        ax.plot(fine, np.cos(2 * np.pi * f * fine), style, lw=1.2, label=name)
    ax.plot(t, np.cos(2 * np.pi * frequency * t), "ko", label="one measurement a night")
    ax.set(xlabel="time [d]", ylabel="brightness", ylim=(-1.25, 1.9))
    ax.legend(ncols=3, loc="upper center", fontsize="small")
    return fig


def convolution() -> plt.Figure:
    """How a convolution sees a folded curve: a small pattern slides along and answers."""
    phase = np.linspace(0, 1, 200, endpoint=False)
    curve = np.where(phase < 0.15, -np.sin(np.pi * phase / 0.3), -1 + 2 * (phase - 0.15) / 0.85)
    curve += 0.06 * np.random.default_rng(0).standard_normal(200)
    kernel = np.linspace(1, -1, 25)  # a fall in magnitude: the star brightens
    answer = np.convolve(np.r_[curve, curve[:24]], kernel[::-1] - kernel.mean(), "valid")
    fig, axes = plt.subplots(1, 3, figsize=(8, 2.4), layout="constrained")
    axes[0].plot(phase, curve, ".", ms=3)
    axes[0].set(title="folded light curve", xlabel="phase", ylabel="magnitude")
    axes[0].invert_yaxis()
    axes[1].plot(np.arange(25), kernel, "C1")
    axes[1].set(title="kernel: a steep brightening", xlabel="pixels")
    axes[1].invert_yaxis()
    axes[2].plot(phase, np.maximum(answer, 0), "C2")
    axes[2].set(title="answer after ReLU", xlabel="phase")
    return fig


def energy() -> plt.Figure:
    """What a mixture's energy is: two learned classes in two features, and a star of neither."""
    means = np.array([[-1.6, 0.3], [1.7, -0.4]])
    factors = np.array([[[0.8, 0.0], [0.5, 0.4]], [[0.45, 0.0], [-0.25, 0.7]]])
    rng = np.random.default_rng(2)
    x, y = np.meshgrid(np.linspace(-4.5, 4.5, 181), np.linspace(-3.2, 3.2, 129))
    density = np.zeros_like(x)
    for mean, factor in zip(means, factors, strict=True):
        z = np.linalg.solve(factor, np.stack([x.ravel() - mean[0], y.ravel() - mean[1]]))
        peak = 0.5 / (2 * np.pi * np.linalg.det(factor))
        density += peak * np.exp(-0.5 * np.sum(z**2, axis=0)).reshape(x.shape)
    fig, ax = plt.subplots(figsize=(6.2, 3.4), layout="constrained")
    levels = ax.contourf(x, y, -np.log(density), levels=np.arange(1, 22, 2), cmap="cividis_r")
    for k, (mean, factor) in enumerate(zip(means, factors, strict=True)):
        some = mean + rng.standard_normal((60, 2)) @ factor.T
        ax.plot(*some.T, "ov"[k], ms=3, color="k", mfc="w", label=f"class {'AB'[k]}")
    ax.plot(0.2, 2.4, "*", ms=13, color="#D55E00", mec="k", label="a star of neither")
    ax.set(xlabel="first feature", ylabel="second feature")
    ax.grid(False)
    ax.legend(fontsize="small", loc="lower left", frameon=True, facecolor="w", framealpha=0.9)
    fig.colorbar(levels, label="energy: -ln of the density")
    return fig


def shap() -> plt.Figure:
    """What SHAP adds up: from the mean answer to a star's own, feature by feature."""
    names = ["period 0.56 d", "R21 0.45", "amplitude 0.9", "skewness -0.7", "all others"]
    shares = np.array([0.31, 0.22, 0.11, 0.09, -0.05])
    start, ends = 0.2, 0.2 + np.cumsum(shares)
    begins = np.r_[start, ends[:-1]]
    fig, ax = plt.subplots(figsize=(6.6, 2.8), layout="constrained")
    colours = np.where(shares > 0, "#D55E00", "#0072B2")
    place = np.arange(len(names))
    ax.barh(place, shares, left=begins, color=colours, height=0.6)
    for k, share in enumerate(shares):
        ax.text(max(begins[k], ends[k]) + 0.01, k, f"{share:+.2f}", va="center", fontsize="small",
                bbox={"color": "w", "pad": 1}, zorder=5)  # fmt: skip
    ax.set_yticks(place, names)
    ax.invert_yaxis()
    ax.axvline(start, color="0.4", ls=":")
    ax.axvline(ends[-1], color="0.1", ls="--")
    ax.text(start, -0.75, "mean over all stars: 0.20", ha="center", fontsize="small")
    ax.text(ends[-1], -0.75, f"this star: {ends[-1]:.2f}", ha="center", fontsize="small")
    ax.set(xlabel="probability of RRab", xlim=(0.1, 1.02))
    ax.grid(False, axis="y")
    return fig


def bias_variance() -> plt.Figure:
    """Training and test error of a folded light curve fitted with ever more harmonics."""
    rng = np.random.default_rng(4)

    def truth(phase: np.ndarray) -> np.ndarray:
        return -0.5 * np.where(phase < 0.15, phase / 0.15, 1 - (phase - 0.15) / 0.85)

    def waves(phase: np.ndarray, n: int) -> np.ndarray:
        k = 2 * np.pi * np.arange(1, n + 1)
        return np.column_stack([np.ones(len(phase)), np.cos(np.outer(phase, k)),
                                np.sin(np.outer(phase, k))])  # fmt: skip

    orders, rounds, noise = np.arange(1, 15), 300, 0.08
    error = np.zeros((2, len(orders), rounds))
    for r in range(rounds):
        phase = rng.random((2, 34))
        mag = truth(phase) + noise * rng.standard_normal(phase.shape)
        for j, n in enumerate(orders):
            fit, *_ = np.linalg.lstsq(waves(phase[0], n), mag[0], rcond=None)
            for side in (0, 1):
                error[side, j, r] = np.mean((waves(phase[side], n) @ fit - mag[side]) ** 2)
    fig, ax = plt.subplots(figsize=(6.2, 3.0), layout="constrained")
    for side, style, name in ((0, "o-", "points that were fitted"), (1, "s--", "new points")):
        ax.semilogy(orders, np.sqrt(np.median(error[side], axis=1)), style, ms=4, label=name)
    ax.axhline(noise, color="0.4", ls=":", label="noise of the points")
    ax.set(xlabel="harmonics", ylabel="rms error [mag]", ylim=(0.02, 2))
    ax.text(0.8, 0.135, "too stiff", fontsize="small")
    ax.text(12.6, 0.5, "by heart", fontsize="small")
    ax.legend(fontsize="small", loc="upper center")
    return fig


def main() -> int:
    """Draw all of them."""
    from varstar.plots import use_style

    use_style()
    for draw in (alias, convolution, energy, shap, bias_variance):
        fig = draw()
        fig.savefig(FOLDER / f"{draw.__name__}.png", dpi=110)
        plt.close(fig)
    return 0


if __name__ == "__main__":
    sys.exit(main())

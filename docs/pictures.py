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


def main() -> int:
    """Draw all of them."""
    from varstar.plots import use_style

    use_style()
    for draw in (alias, convolution):
        fig = draw()
        fig.savefig(FOLDER / f"{draw.__name__}.png", dpi=110)
        plt.close(fig)
    return 0


if __name__ == "__main__":
    sys.exit(main())

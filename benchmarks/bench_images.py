"""How long folded images take: ours, the readable reference, and matplotlib.

One run; processor time of one core, which other work on the machine disturbs little;
nothing is asserted::

    python benchmarks/bench_images.py
"""

import io
import sys
import time
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import varstar as vs
from varstar.features.images import SCALES, draw
from varstar.lightcurves.folding import fold
from varstar.lightcurves.sample import LightCurves, nest

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from oracles.images import fold_image_reference

N_STARS, N_POINTS, SIZE = 10_000, 500, 128
#: The slow ways draw so many stars only; their time is given a star.
N_REFERENCE, N_MATPLOTLIB = 100, 25


def light_curves(n_stars: int, n_points: int, seed: int = 0) -> tuple[LightCurves, np.ndarray]:
    """Sine curves with noise, and their periods [d]."""
    rng = np.random.default_rng(seed)
    period = 10 ** rng.uniform(-1, 1.5, n_stars)
    t = np.sort(rng.uniform(0, 3000, (n_stars, n_points)), axis=1)
    mag = 15 + 0.3 * np.cos(2 * np.pi * t / period[:, None]) + rng.normal(0, 0.02, t.shape)
    n = n_stars * n_points
    flat = (t.ravel(), mag.ravel(), np.full(n, 0.02), np.zeros(n, np.int8))
    return LightCurves(*flat, np.arange(n_stars + 1) * n_points, ("V",)), period


def with_matplotlib(t: np.ndarray, mag: np.ndarray, period: float) -> np.ndarray:
    """The same picture as a plot: white dots on black, saved and read back."""
    flux = 10 ** (-0.4 * (mag - mag.min()))
    phase = fold(t, period)
    fig = plt.figure(figsize=(1, 1), dpi=SIZE, facecolor="black")
    ax = fig.add_axes((0, 0, 1, 1))
    ax.axis("off")
    ax.plot(np.concatenate([phase, phase + 1]), np.tile(flux, 2), "w,")
    ax.set(xlim=(0, 2), ylim=(0, 1))
    buffer = io.BytesIO()
    fig.savefig(buffer, format="raw", dpi=SIZE)
    plt.close(fig)
    return np.frombuffer(buffer.getvalue(), np.uint8).reshape(SIZE, SIZE, 4)[..., 0]


def clock(function, n: int) -> float:
    """Microseconds of processor time a star."""
    start = time.process_time()
    function()
    return 1e6 * (time.process_time() - start) / n


def main() -> None:
    curves, period = light_curves(N_STARS, N_POINTS)
    draw(curves.stars(range(64)), period[:64])  # first calls are slower
    with_matplotlib(*curves.one(0)[:2], period[0])

    rows = {}
    for scale in SCALES:
        rows[f"draw, scale {scale!r}"] = clock(
            lambda scale=scale: draw(curves, period, scale=scale), N_STARS
        )
    sample = nest(curves, pd.DataFrame({"period": period}))
    rows["fold_images, from a sample"] = clock(lambda: vs.fold_images(sample), N_STARS)
    rows["draw, 64 x 64"] = clock(lambda: draw(curves, period, size=64), N_STARS)
    rows["draw, 1 bit"] = clock(lambda: draw(curves, period, bits=1), N_STARS)
    rows["reference, dot by dot"] = clock(
        lambda: [
            fold_image_reference(*curves.one(i)[:2], period[i], size=SIZE)
            for i in range(N_REFERENCE)
        ],
        N_REFERENCE,
    )
    rows["matplotlib"] = clock(
        lambda: [with_matplotlib(*curves.one(i)[:2], period[i]) for i in range(N_MATPLOTLIB)],
        N_MATPLOTLIB,
    )

    ours = rows["draw, scale 'unit'"]
    print(f"{N_STARS} stars of {N_POINTS} points, {SIZE} x {SIZE} pixels, 8 bits, one core")
    print(f"all of them: {1e-6 * ours * N_STARS:.2f} s\n")
    print(f"{'':24s} {'us an image':>12s} {'ratio':>8s}")
    for name, value in rows.items():
        print(f"{name:24s} {value:12.1f} {value / ours:8.1f}")


if __name__ == "__main__":
    main()

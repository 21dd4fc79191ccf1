"""From raw points to an answer, by every shipped model: processor time a star, first answer.

500 points a star, no period given, one core. The sixteen features with their period are
measured in turn with every model, since the speed of one core drifts by half within minutes
and a process that is new to its memory is slow: medians of the rounds' times and ratios.
"""

import argparse
import json
import os
import subprocess
import sys
import time
import warnings

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",
             "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):  # fmt: skip
    os.environ.setdefault(name, "1")

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from bench_features import light_curves  # noqa: E402

#: The program that answers about one star.
FIRST = """
import sys, numpy as np, pandas as pd, varstar as vs
t = np.sort(np.random.default_rng(0).uniform(0, 1000, 200))
obs = pd.DataFrame(dict(star_id="a", t=t, mag=15 + 0.3 * np.sin(2 * np.pi * t / 0.57), err=0.02))
table = vs.classify(vs.make_sample(obs), model=sys.argv[1])
"""


def sample(stars, points, bands):
    """Simulated light curves, the points of a star shared among the bands."""
    from varstar.lightcurves.sample import LightCurves, nest

    t, mag, err = light_curves(stars, points)
    band = np.tile(np.arange(points) % len(bands), stars).astype(np.int8)
    curves = LightCurves(
        t.ravel(), mag.ravel(), err.ravel(), band, np.arange(stars + 1) * points, tuple(bands)
    )
    return nest(curves, pd.DataFrame(index=pd.RangeIndex(stars, name="star_id")))


def seconds(work, stars):
    """Processor and wall time of a star."""
    wall, cpu = time.perf_counter(), time.process_time()
    work(stars)
    n = len(stars)
    return (time.process_time() - cpu) / n, (time.perf_counter() - wall) / n


def in_turn(base, work, rounds):
    """Processor and wall time of a star by `work`, and its ratio to that by `base`.

    Both are (function, stars); the first round (compiling, memory) is left out.
    """
    pairs = [(seconds(*base), seconds(*work)) for _ in range(rounds + 1)][1:]
    (first, _), (cpu, wall) = np.array(pairs).transpose(1, 2, 0)
    return np.median(cpu), np.median(wall), np.median(cpu / first)


def first_answer(model):
    """Seconds from starting the program to the first star's answer: wall, processor."""
    before = os.times()
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", FIRST, model], check=True, capture_output=True)
    wall, after = time.perf_counter() - start, os.times()
    cpu = after.children_user + after.children_system
    return wall, cpu - before.children_user - before.children_system


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stars", type=int, default=128)
    parser.add_argument("--points", type=int, default=500)
    parser.add_argument("--models", nargs="*")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", help="also write the numbers to this file")
    options = parser.parse_args()
    import varstar as vs

    warnings.simplefilter("ignore")
    rows = []
    one = sample(options.stars, options.points, ["V"])
    features = (vs.variability_features, one)
    base, wall, _ = in_turn(features, features, options.rounds)
    print(f"load {os.getloadavg()[0]:.1f}, {options.stars} stars of {options.points} points")
    print(
        f"{'':16s}{'ms a star':>10s}{'ratio':>7s}{'wall/cpu':>9s}{'first [s]':>10s}{'cpu [s]':>8s}"
    )
    print(f"{'16 features':16s}{1e3 * base:10.2f}{1:7.2f}{wall / base:9.2f}")
    rows.append({"model": "16 features", "ms": 1e3 * base, "ratio": 1.0})
    for model in options.models or vs.models.available():
        known = vs.models.card(model)["inputs"].get("bands") or ["V"]
        bands = [known] if isinstance(known, str) else list(known)
        stars = sample(options.stars, options.points, bands)
        work = (lambda s, m=model: vs.classify(s, model=m), stars)
        cpu, wall, ratio = in_turn(features, work, options.rounds)
        start, start_cpu = first_answer(model)
        print(f"{model:16s}{1e3 * cpu:10.2f}{ratio:7.2f}{wall / cpu:9.2f}"
              f"{start:10.1f}{start_cpu:8.1f}", flush=True)  # fmt: skip
        rows.append({"model": model, "ms": 1e3 * cpu, "ratio": ratio, "first_s": start,
                     "first_cpu_s": start_cpu})  # fmt: skip
    drawn = (lambda s: vs.fold_images(s, 64, periods=0.57), sample(512, 500, ["V"]))
    drawing, _, _ = in_turn(drawn, drawn, options.rounds)
    print(f"{'fold_images':16s}{1e6 * drawing:10.1f} us an image of 64x64 at the front door")
    rows.append({"model": "fold_images", "ms": 1e3 * drawing})
    if options.json:
        with open(options.json, "w") as file:
            json.dump(rows, file, indent=1)


if __name__ == "__main__":
    main()

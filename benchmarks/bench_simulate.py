"""How fast surveys are simulated, and how close to the sky they are.

python benchmarks/bench_simulate.py                     # speed
VARSTAR_DATA=... python benchmarks/bench_simulate.py --sky   # against real surveys too
"""

import argparse
import time

import varstar as vs
from varstar.datasets import is_on_disk
from varstar.papers.s1 import experiments as realism
from varstar.simulate import SURVEYS


def speed(size: int) -> None:
    """Seconds for `size` light curves of each survey."""
    for name in sorted(SURVEYS):
        n = size if name != "sim-tess" else max(1, size // 50)
        vs.load(name, size=5)  # tables and the fields' epochs are read once
        start = time.perf_counter()
        sample = vs.load(name, size=n, seed=1)
        seconds = time.perf_counter() - start
        points = int(sample["lc"].array.list_lengths.sum())
        print(f"{name:15s} {n:6d} stars {points / 1e6:6.2f} M points {seconds:6.1f} s")


def sky(per_class: int, real_per_class: int, seed: int) -> None:
    """AUC and transfer for every pair whose real survey is on disk."""
    for name, spec in realism.PAIRS.items():
        if not is_on_disk(spec["real"]):
            print(f"{name}: {spec['real']} is not on disk, skipped")
            continue
        real = realism.real(name, real_per_class, seed)
        real = realism.features_of(real, spec["band"], spec["catalogue_period"])
        simulated = realism.simulated(name, per_class, seed)
        simulated = realism.features_of(simulated, spec["simulated_band"], spec["catalogue_period"])
        print(f"\n{spec['simulated']} against {spec['real']}")
        print(realism.distinguishability(real, simulated, seed=seed).round(3).to_string())
        print(realism.transfer(real, simulated, seed=seed)[0].round(3).to_string(), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=10_000, help="light curves of each survey")
    parser.add_argument("--sky", action="store_true", help="compare with real surveys")
    parser.add_argument("--per-class", type=int, default=300)
    parser.add_argument("--real-per-class", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    if args.sky:
        sky(args.per_class, args.real_per_class, args.seed)
    else:
        speed(args.size)


if __name__ == "__main__":
    main()

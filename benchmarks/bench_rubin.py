"""Periods from Rubin's six bands after 1, 2, 5 and 10 years: how many are right.

Stars of ``sim-lsst`` (pairs of visits, seasons, rolling years), as a partition in Rubin's
layout cut to its first years. Right: within 1 % of the true period, its half or double.
"""

import argparse
import os
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402


def right(found, true):
    """Whether each period is the true one, and whether it is that, its half or double."""
    ratio = found / true
    exact = np.abs(ratio - 1) < 0.01
    return exact, exact | (np.abs(2 * ratio - 1) < 0.01) | (np.abs(ratio / 2 - 1) < 0.01)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stars", type=int, default=200)
    parser.add_argument("--years", type=float, nargs="+", default=[1, 2, 5, 10])
    options = parser.parse_args()
    from varstar.lightcurves.sample import light_curves
    from varstar.periods import find_periods
    from varstar.simulate import survey

    sample = survey("sim-lsst", size=options.stars, seed=7, balance="equal")
    curves = light_curves(sample)
    true = sample["true_period"].to_numpy(float)
    group = sample["superclass"].to_numpy(object)
    rows = []
    for years in options.years:
        part = curves.where(curves.t < 2461041.0 - 2400000.5 + 365.25 * years)
        if not len(part.t):  # full Julian dates
            part = curves.where(curves.t < 2461041.0 + 365.25 * years)
        start = time.process_time()
        found = find_periods(part, shared=True, double=False)["period"].to_numpy()
        ms = 1e3 * (time.process_time() - start) / len(true)
        exact, either = right(found, true)
        row = {"years": years, "points": np.median(part.counts), "ms": ms}
        row |= {"right": exact.mean(), "P, P/2 or 2P": either.mean()}
        row |= {g: either[group == g].mean() for g in sorted(set(group))}
        rows.append(row)
        print(pd.Series(row).to_frame().T.to_string(float_format="%.2f"), flush=True)
    print(pd.DataFrame(rows).to_csv(index=False, float_format="%.3f"))


if __name__ == "__main__":
    main()

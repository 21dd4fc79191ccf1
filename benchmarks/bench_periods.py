"""How long a period takes and how often it is found: ours, nifty-ls, astropy's "fast".

Processor time of one core, 500 points over 2790 days, frequencies to 24 a day,
oversampling 5. The three search the same grid; ours refines its candidates exactly.
"""

import argparse
import os
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np  # noqa: E402
from astropy.timeseries import LombScargle  # noqa: E402
from bench_features import MAXIMUM, OVERSAMPLING, SPAN, light_curves  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stars", type=int, default=60)
    parser.add_argument("--points", type=int, default=500)
    options = parser.parse_args()
    import nifty_ls  # noqa: F401  (registers itself with astropy)

    from varstar.lightcurves.sample import LightCurves
    from varstar.periods import find_periods
    from varstar.periods.grid import frequency_grid

    t, mag, err = light_curves(options.stars, options.points)
    flat = (t.ravel(), mag.ravel(), err.ravel(), np.zeros(t.size, np.int8))
    curves = LightCurves(*flat, np.arange(options.stars + 1) * options.points, ("V",))
    settings = {"maximum_frequency": MAXIMUM, "oversampling": OVERSAMPLING}
    find_periods(curves.stars([0]), **settings)

    start = time.process_time()
    ours = find_periods(curves, double=False, **settings)["period"].to_numpy()
    seconds = {"varstar": (time.process_time() - start) / options.stars}
    start = time.process_time()
    find_periods(curves, n_terms=4, **settings)
    seconds["varstar, 4 harmonics, 2P test"] = (time.process_time() - start) / options.stars

    found = {}
    for method, few in (("fastnifty", options.stars), ("fast", 3)):
        start, periods = time.process_time(), []
        for i in range(few):
            grid = frequency_grid(np.ptp(t[i]), **settings)
            frequency = grid.step * np.arange(grid.k_first, grid.k_last + 1)
            power = LombScargle(t[i], mag[i], err[i]).power(
                frequency, method=method, assume_regular_frequency=True
            )
            periods.append(1 / frequency[np.argmax(power)])
        seconds[f"astropy, {method}"] = (time.process_time() - start) / few
        found[method] = np.array(periods)
    print(f"{options.stars} stars, {options.points} points, "
          f"{int(SPAN * MAXIMUM * OVERSAMPLING)} frequencies")  # fmt: skip
    for name, value in seconds.items():
        print(f"{name:32s}{1e3 * value:9.2f} ms{value / seconds['varstar']:9.1f} x")
    other = found["fastnifty"]
    same = np.abs(1 / ours - 1 / other) * SPAN < 0.5
    print(f"same period as the exact search on the grid: {100 * same.mean():.1f} %")


if __name__ == "__main__":
    main()

"""Multi-band periods: astropy's LombScargleMultiband and ours, on the same grid.

Processor time of one core a star, and how often both find the same frequency. astropy's
default method "flexible" (what S26 used) takes minutes a star for years of data, so it is
timed on light curves of `--days`; its method "fast" and ours also on those of `--years`.
"""

import argparse
import os
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np  # noqa: E402
from astropy.timeseries import LombScargleMultiband  # noqa: E402

SAMPLES_PER_PEAK, MAXIMUM_FREQUENCY = 20, 25.0


def astropy_frequency(t, mag, err, band, method):
    """Frequency of the highest power [1/d]."""
    model = LombScargleMultiband(t, mag, band, err)
    frequency, power = model.autopower(
        method=method,
        samples_per_peak=SAMPLES_PER_PEAK,
        minimum_frequency=1 / np.ptp(t),
        maximum_frequency=MAXIMUM_FREQUENCY,
    )
    return frequency[np.nanargmax(power)]  # "fast" gives NaN at some frequencies of few points


def cut(sample, days):
    from varstar.papers.s26.periods import first_years

    return first_years(sample, days, year=1.0)


def compare(sample, method, few):
    """Seconds a star of astropy and ours, part of the stars on which they agree."""
    from varstar.lightcurves.sample import clean, light_curves
    from varstar.papers.s26.periods import multi_band_periods

    curves, status = clean(light_curves(sample), min_points=20)
    rows = np.flatnonzero(status == "ok")[:few]
    start, theirs = time.process_time(), []
    for i in rows:
        band = curves.band[curves.offsets[i] : curves.offsets[i + 1]]
        theirs.append(astropy_frequency(*curves.one(i), band, method))
    seconds = (time.process_time() - start) / len(rows)
    start = time.process_time()
    ours = multi_band_periods(sample.iloc[rows])["period"].to_numpy()
    ours_seconds = (time.process_time() - start) / len(rows)
    span = np.array([np.ptp(curves.one(i)[0]) for i in rows])
    same = np.abs(1 / ours - np.array(theirs)) * span < 0.5
    return seconds, ours_seconds, same.mean(), len(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stars", type=int, default=8)
    parser.add_argument("--days", type=float, default=120.0)
    parser.add_argument("--years", type=float, default=5.0)
    parser.add_argument("--survey", default="sim-ztf")
    options = parser.parse_args()
    import varstar as vs
    from varstar.papers.s26.periods import multi_band_periods

    sample = vs.load(options.survey, size=options.stars * 4, seed=1, balance="equal")
    short, long = cut(sample, options.days), cut(sample, 365.25 * options.years)
    multi_band_periods(short.iloc[:1])
    print("ms a star          days   astropy      ours     ratio   same  stars")
    for name, stars, days in (
        ("flexible", short, options.days),
        ("fast", short, options.days),
        ("fast", long, 365.25 * options.years),
    ):
        theirs, ours, same, n = compare(stars, name, options.stars)
        print(f"{name:15s}{days:8.0f}{1e3 * theirs:10.1f}{1e3 * ours:10.2f}"
              f"{theirs / ours:10.0f}{100 * same:6.0f} %{n:7d}")  # fmt: skip


if __name__ == "__main__":
    main()

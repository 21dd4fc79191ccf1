"""How long the period and the sixteen features take, beside other packages.

One sample of light curves, one run, one core: milliseconds a star for varstar with and
without the period search, and for UPSILoN (`pip install upsilon pyfftw`), feets and
light-curve (Rust) where they are installed, in this environment or in the one whose
Python is named by ``BENCH_PYTHON``. Processor time is measured, not the clock on the
wall, so that other work on the machine disturbs little; with two threads the wall counts.

    BENCH_PYTHON=/path/to/other/python python benchmarks/bench_features.py
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np  # noqa: E402  (after the number of threads is set)

SPAN, MAXIMUM, OVERSAMPLING = 2790.0, 24.0, 5.0


def light_curves(n_stars, n_points, seed=1):
    """Sawtooth pulsators and binaries over `SPAN` days."""
    rng = np.random.default_rng(seed)
    t = np.sort(rng.uniform(0, SPAN, (n_stars, n_points)), axis=1)
    period = 10 ** rng.uniform(-1, 1.5, (n_stars, 1))
    phase = t / period % 1
    err = rng.uniform(0.02, 0.06, t.shape)
    mag = 15 + 0.5 * (1 - phase) ** 1.5 + rng.normal(0, err)
    return t, mag, err


def others(path):
    """Runs in the other environment: seconds a star of each package that is there."""
    data = np.load(path)
    t, mag, err = data["t"], data["mag"], data["err"]
    result = {}

    def measure(name, function, n):
        function(t[-1], mag[-1], err[-1])
        start = time.process_time()
        for i in range(n):
            function(t[i], mag[i], err[i])
        result[name] = (time.process_time() - start) / n

    try:
        import warnings

        warnings.simplefilter("ignore")
        import upsilon
        from upsilon.extract_features import period_LS_pyfftw

        # its `from numpy import *` overwrites two built-ins since numpy 2
        period_LS_pyfftw.max, period_LS_pyfftw.min = max, min

        def run_upsilon(x, y, e):
            extract = upsilon.ExtractFeatures(x, y, e, n_threads=1)
            extract.run()
            return extract.get_features()

        measure("UPSILoN", run_upsilon, min(5, len(t)))
    except BaseException as error:  # a panic of Rust is no Exception
        result["UPSILoN"] = f"not run: {error!r}"
    try:
        import feets

        names = [
            "PeriodLS", "Amplitude", "Skew", "SmallKurtosis", "Q31", "StetsonK", "Psi_CS",
            "Psi_eta",
        ]  # fmt: skip
        # its own grid ends at 5 average Nyquist frequencies (0.45 a day here): give it ours
        search = {"maximum_frequency": MAXIMUM, "minimum_frequency": 1 / SPAN,
                  "samples_per_peak": int(OVERSAMPLING)}  # fmt: skip
        space = feets.FeatureSpace(
            data=["time", "magnitude", "error"], only=names,
            AstropyLombScargle={"lscargle_kwds": {"autopower_kwds": search}},
            dask_options={"scheduler": "synchronous"},  # in this process, to be measured
        )  # fmt: skip
        measure("feets", lambda x, y, e: space.extract(time=x, magnitude=y, error=e),
                min(5, len(t)))  # fmt: skip
    except BaseException as error:  # a panic of Rust is no Exception
        result["feets"] = f"not run: {error!r}"
    try:
        import light_curve as licu

        # its fast transform wants 2^k + 1 frequencies from zero: 22 per cent fewer than ours
        frequency = np.linspace(0.0, 2 * np.pi * MAXIMUM, 2**18 + 1)
        periodogram = licu.Periodogram(peaks=1, freqs=frequency, fast=True)
        extractor = licu.Extractor(
            licu.Amplitude(), licu.Skew(), licu.Kurtosis(), licu.StetsonK(), licu.Cusum(),
            licu.Eta(), licu.InterPercentileRange(0.25), periodogram,
        )  # fmt: skip
        measure("light-curve (Rust)", lambda x, y, e: extractor(x, y, e, sorted=True),
                min(50, len(t)))  # fmt: skip
    except BaseException as error:  # a panic of Rust is no Exception
        result["light-curve (Rust)"] = f"not run: {error!r}"
    print(json.dumps(result))


def measure_ours(n_stars, n_points):
    """Milliseconds a star: with the period, without, and with two threads on the wall."""
    from varstar.features import variability_features
    from varstar.lightcurves.sample import LightCurves

    t, mag, err = light_curves(n_stars, n_points)
    size = t.size
    curves = LightCurves(
        t.ravel(), mag.ravel(), err.ravel(), np.zeros(size, np.int8),
        np.arange(n_stars + 1) * n_points, ("V",),
    )  # fmt: skip
    options = {"maximum_frequency": MAXIMUM, "oversampling": OVERSAMPLING}
    first = variability_features(curves.stars(np.arange(3)), **options)
    assert first["status"].eq("ok").all()

    def milliseconds(function, clock, times=1):
        start = clock()
        for _ in range(times):
            result = function()
        return 1e3 * (clock() - start) / n_stars / times, result

    full, table = milliseconds(lambda: variability_features(curves, **options), time.process_time)
    period = table["period"].to_numpy()
    short, _ = milliseconds(
        lambda: variability_features(curves, period), time.process_time, times=5
    )
    one, _ = milliseconds(lambda: variability_features(curves, **options), time.perf_counter)
    two, _ = milliseconds(
        lambda: variability_features(curves, workers=2, **options), time.perf_counter
    )
    return {"with the period": full, "without the period": short,
            "wall, one thread": one, "wall, two threads": two}  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stars", type=int, default=100)
    parser.add_argument("--points", type=int, default=500)
    parser.add_argument("--others", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.others:
        others(options.others)
        return
    ours = measure_ours(options.stars, options.points)
    n_frequencies = int(SPAN * MAXIMUM * OVERSAMPLING)
    print(f"{options.stars} stars of {options.points} points, {n_frequencies} frequencies")
    print(f"{'':34s}{'ms a star':>10s}{'times ours':>14s}")
    for name, value in ours.items():
        print(f"{'varstar, ' + name:36s}{value:8.3f}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "curves.npz"
        t, mag, err = light_curves(60, options.points)
        np.savez(path, t=t, mag=mag, err=err)
        python = os.environ.get("BENCH_PYTHON", sys.executable)
        done = subprocess.run(
            [python, __file__, "--others", str(path)], capture_output=True, text=True
        )
    try:
        found = json.loads(done.stdout.strip().splitlines()[-1])
    except (IndexError, ValueError):
        print("other packages: not run:", done.stderr.strip().splitlines()[-1:])
        return
    for name, seconds in found.items():
        if isinstance(seconds, str):
            print(f"{name:36s}{seconds[:60]}")
        else:
            ratio = 1e3 * seconds / ours["with the period"]
            print(f"{name:36s}{1e3 * seconds:8.1f}{ratio:12.1f} x")


if __name__ == "__main__":
    main()

"""From a thousand stars to a hundred thousand: speed, memory, two workers against one.

Simulated stars of Rubin's ten years (``sim-lsst``) are written as a HATS catalogue in
Rubin's layout, partition by partition, and classified in two ways: by ``varstar classify
FOLDER``'s machinery (`varstar.catalogs.stream`) with one and two workers, and with
``--dask`` through LSDB on Dask's local cluster. Writes ``scale.csv`` and ``scale.png``.

    python benchmarks/bench_scale.py --sizes 1000 10000 100000 --folder /tmp/scale
"""

import argparse
import os
import shutil
import threading
import time
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",
             "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):  # fmt: skip
    os.environ.setdefault(name, "1")

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

#: Stars of a partition when the catalogue is made.
PARTITION = 2000


def with_light_curves(frame):
    """A partition's stars with simulated light curves, as Rubin's forced sources."""
    import pyarrow as pa
    from nested_pandas import NestedFrame
    from nested_pandas.series.ext_array import NestedExtensionArray

    from varstar.lightcurves.sample import light_curves
    from varstar.simulate import survey

    n = max(len(frame), 1)
    seed = int(frame["objectId"].iloc[0]) % 2**31 if len(frame) else 0
    stars = survey("sim-lsst", size=n, seed=seed, balance="equal").iloc[: len(frame)]
    curves = light_curves(stars)
    flux = 10 ** (-0.4 * (curves.mag - 31.4))
    band = pa.DictionaryArray.from_arrays(curves.band, list(curves.bands)).cast(pa.string())
    fields = {
        "midpointMjdTai": curves.t,
        "band": band,
        "psfFlux": flux.astype(np.float32),
        "psfFluxErr": (flux * curves.err * np.log(10) / 2.5).astype(np.float32),
        "psfFlux_flag": np.zeros(len(flux), bool),
    }
    points = pa.StructArray.from_arrays([pa.array(v) for v in fields.values()], list(fields))
    lists = pa.ListArray.from_arrays(curves.offsets.astype(np.int32), points)
    result = NestedFrame(frame)
    result["true_label"] = pd.array(stars["label"].to_numpy(object), dtype="str")
    result["true_period"] = stars["true_period"].to_numpy(float)
    result["objectForcedSource"] = pd.Series(NestedExtensionArray(lists), index=frame.index)
    return result


def make(size, path):
    """Write a catalogue of `size` stars; nothing but a partition is in memory."""
    import dask
    import lsdb

    rng = np.random.default_rng(size)
    base = pd.DataFrame({
        "objectId": np.arange(size) + 10**12,
        "coord_ra": rng.uniform(0, 360, size),
        "coord_dec": np.degrees(np.arcsin(rng.uniform(-0.88, 0.03, size))),
    })  # fmt: skip
    shutil.rmtree(path, ignore_errors=True)
    start = time.process_time()
    with dask.config.set(scheduler="synchronous"):
        catalog = lsdb.from_dataframe(base, ra_column="coord_ra", dec_column="coord_dec",
                                      partition_rows=PARTITION, margin_threshold=None)  # fmt: skip
        catalog = catalog.map_partitions(with_light_curves)
        catalog.write_catalog(path, catalog_name="stars", progress_bar=False)
    return time.process_time() - start


class Memory(threading.Thread):
    """The largest memory [GB] that this process, or each of its children, has had."""

    def __init__(self):
        super().__init__(daemon=True)
        self.peak, self.ends = {}, False

    def run(self):
        while not self.ends:
            for pid in self.processes():
                self.peak[pid] = max(self.peak.get(pid, 0), resident(pid))
            time.sleep(0.5)

    @staticmethod
    def processes():
        own = os.getpid()
        found = [own]
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = int(path.read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, ValueError):
                continue
            if parent in found:
                found.append(int(path.parent.name))
        return found


def resident(pid):
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(x.split()[1]) / 1e6 for x in lines if x.startswith("VmRSS")), 0)


def used():
    """Processor seconds of this process and its finished children."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def classify(path, output, model, workers, through_dask):
    """Seconds, processor seconds and peak memory of a worker [GB]."""
    memory = Memory()
    memory.start()
    start, before = time.perf_counter(), used()
    if through_dask:
        import lsdb
        from dask.distributed import Client

        import varstar as vs

        with Client(n_workers=workers, threads_per_worker=1, dashboard_address=None,
                    memory_limit="4GB"):  # fmt: skip
            catalog = lsdb.open_catalog(path)
            catalog.map_partitions(vs.classify, model=model, bands="r").write_catalog(
                output, catalog_name="classes", progress_bar=False
            )
    else:
        from varstar.catalogs.stream import classify_folder

        classify_folder(path, output, model, workers=workers, bands="r")
    wall, cpu = time.perf_counter() - start, used() - before
    memory.ends = True
    memory.join()
    return wall, cpu, max(memory.peak.values())


def draw(table, path):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    for (way, workers), rows in table.groupby(["way", "workers"]):
        label = f"{way}, {workers} worker{'s' * (workers > 1)}"
        axes[0].loglog(rows["stars"], rows["seconds"], "o-", label=label)
        axes[1].semilogx(rows["stars"], rows["GB"], "o-", label=label)
    line = table.sort_values(["workers", "stars"]).iloc[-1]
    x = np.array([line["stars"], 1e9])
    axes[0].loglog(x, x * line["seconds"] / line["stars"], ":", color="0.5", label="projection")
    axes[0].set(xlabel="stars", ylabel="time [s]")
    axes[1].set(xlabel="stars", ylabel="peak memory of a process [GB]", ylim=(0, 2))
    axes[0].legend()
    figure.savefig(path, dpi=120)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 3000])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--model", default="k21-lmc")
    parser.add_argument("--folder", type=Path, default=Path("build/scale"))
    parser.add_argument("--dask", action="store_true", help="through LSDB as well")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for size in options.sizes:
        path = options.folder / f"stars{size}"
        if not (path / "collection.properties").is_file():
            print(f"{size} stars written in {make(size, path):.0f} s of processor time", flush=True)
        for way in ["folder", "LSDB"] if options.dask else ["folder"]:
            for workers in options.workers:
                output = options.folder / f"classes-{way}-{size}-{workers}"
                shutil.rmtree(output, ignore_errors=True)
                wall, cpu, gb = classify(path, output, options.model, workers, way == "LSDB")
                load = os.getloadavg()[0]
                rows.append(dict(way=way, stars=size, workers=workers, seconds=wall, cpu=cpu,
                                 GB=gb, load=load))  # fmt: skip
                print(f"{way:7s}{size:9d} stars, {workers} workers: {wall:8.1f} s, "
                      f"{size / wall:7.1f} stars/s, {1e3 * cpu / size:6.2f} ms a star, "
                      f"{gb:.2f} GB, load {load:.1f}", flush=True)  # fmt: skip
    table = pd.DataFrame(rows)
    done = options.folder / "scale.csv"
    if done.is_file():  # of earlier sizes: measured again, a row replaces the old one
        table = pd.concat([pd.read_csv(done), table])
        table = table.drop_duplicates(["way", "stars", "workers"], keep="last")
    table = table.sort_values(["way", "workers", "stars"])
    table.to_csv(done, index=False, float_format="%.4g")
    draw(table, options.folder / "scale.png")


if __name__ == "__main__":
    main()

"""Classes from Rubin's six bands after 1, 2, 5 and 10 years: the model for any survey, in LSDB.

Stars of ``sim-lsst`` are written as a HATS catalogue in Rubin's layout (`bench_scale.make`),
cut to their first years and classified by ``"any"`` on Dask's local cluster. Writes the
share of every family that is recognised, with its interval, to a table and a figure.

    python benchmarks/bench_rubin_classes.py --stars 2000 --folder /tmp/rubin
"""

import argparse
import time
from pathlib import Path

import bench_scale  # first: it keeps the libraries to one thread
import numpy as np
import pandas as pd

#: Modified Julian date of the first night, and names of the classes' families.
START = 2461041.0 - 2400000.5
FAMILY = {"RR": "RR", "CEP": "CEP", "T2CEP": "CEP", "DSCT": "DSCT", "ECL": "ECL"}
POINTS = "objectForcedSource"


def family(label):
    """The model's family of a simulated class."""
    return next(FAMILY[name] for name in sorted(FAMILY, key=len, reverse=True)
                if label.startswith(name))  # fmt: skip


def first_years(frame, years):
    """A partition without what was measured later."""
    return frame.query(f"{POINTS}.midpointMjdTai < {START + 365.25 * years}")


def classified(path, years, workers):
    """The answers of all stars, and the wall time of a star [ms]."""
    import lsdb
    from dask.distributed import Client

    import varstar as vs

    keep = ["objectId", "true_label", "true_period"]
    with Client(n_workers=workers, threads_per_worker=1, dashboard_address=None,
                memory_limit="4GB"):  # fmt: skip
        start = time.perf_counter()
        catalog = lsdb.open_catalog(path).map_partitions(first_years, years=years)
        table = catalog.map_partitions(vs.classify, model="any", keep=keep).compute()
        return table, 1e3 * (time.perf_counter() - start) / len(table)


def success(table):
    """A row a family: stars, share recognised with its interval, and how many periods hold."""
    from varstar.papers.s26.period_success import interval

    true = table["true_label"].map(family).to_numpy(object)
    right = (table["family"] == true).to_numpy(bool, na_value=False)
    ratio = (table["period"] / table["true_period"]).to_numpy(float)
    period = np.any([np.abs(ratio * k - 1) < 0.01 for k in (1, 2, 0.5)], axis=0)
    inside = [t in str(s).split("|") for t, s in zip(true, table["set"], strict=True)]
    rows = []
    for name in ["all", *sorted(set(true))]:
        some = np.full(len(true), True) if name == "all" else true == name
        low, high = interval(int(right[some].sum()), int(some.sum()))
        rows.append({
            "family": name, "stars": int(some.sum()), "recall": right[some].mean(),
            "low": float(low[0]), "high": float(high[0]),
            "in set": np.mean(np.array(inside)[some]), "period": period[some].mean(),
            "novel": table["is_novel"].to_numpy(bool)[some].mean(),
            "no answer": table["family"].isna().to_numpy()[some].mean(),
        })  # fmt: skip
    return pd.DataFrame(rows)


def draw(table, path):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axis = plt.subplots(figsize=(6, 3.8), layout="constrained")
    for name, rows in table.groupby("family"):
        error = np.abs(rows[["low", "high"]].T.to_numpy() - rows["recall"].to_numpy())
        style = {"color": "k", "lw": 2} if name == "all" else {}
        axis.errorbar(rows["years"], rows["recall"], error, marker="o", capsize=2, label=name,
                      **style)  # fmt: skip
    axis.set(xlabel="years of Rubin", ylabel="family recognised", ylim=(0, 1.02), xscale="log")
    years = sorted(set(table["years"]))
    axis.set_xticks(years, labels=[f"{y:g}" for y in years])
    axis.minorticks_off()
    axis.legend(ncols=3)
    figure.savefig(path, dpi=110)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stars", type=int, default=500)
    parser.add_argument("--years", type=float, nargs="+", default=[1, 2, 5, 10])
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path("build/rubin"))
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    path = options.folder / f"stars{options.stars}"
    if not (path / "collection.properties").is_file():
        bench_scale.make(options.stars, path)
    rows = []
    for years in options.years:
        table, ms = classified(path, years, options.workers)
        rows.append(success(table).assign(years=years, ms=ms, points=table["n_points"].median()))
        print(rows[-1].to_string(float_format="%.3f"), flush=True)
        pd.concat(rows).to_csv(options.folder / "classes.csv", index=False, float_format="%.4f")
    draw(pd.concat(rows), options.folder / "rubin-classes.png")


if __name__ == "__main__":
    main()

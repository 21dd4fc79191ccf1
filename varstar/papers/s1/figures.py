"""Figures of S1: simulated stars beside real ones."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar.lightcurves.sample import clean, light_curves


def plot_galleries(
    samples: Mapping[str, NestedFrame], bands: Mapping[str, str], axes: np.ndarray
) -> np.ndarray:
    """Folded light curves, one row per class; the columns are split between the `samples`.

    `samples` and `bands` by name ("real", "simulated"); `axes` of shape (classes, columns).
    """
    names = sorted(set.union(*(set(s["class"].dropna()) for s in samples.values())))
    share = axes.shape[1] // len(samples)
    for ax in axes.flat:
        ax.set_axis_off()
    for part, (kind, sample) in enumerate(samples.items()):
        codes = [b for b in sample["lc.band"].unique() if str(b).split(" ")[0] == bands[kind]]
        curves, _ = clean(light_curves(sample, str(codes[0])))
        for row, name in enumerate(names):
            stars = np.flatnonzero((sample["class"] == name).to_numpy())[:share]
            for column, star in enumerate(stars):
                ax = axes[row, part * share + column]
                t, mag, _ = curves.one(star)
                period = sample["period"].iloc[star]
                x = np.mod(t / period, 1.0) if period > 0 else (t - t.min()) / np.ptp(t)
                x = np.concatenate([x, x + 1]) if period > 0 else x
                y = np.concatenate([mag, mag]) if period > 0 else mag
                ax.plot(x, y, ".", ms=1, color=f"C{part}", rasterized=True)
                low, high = np.percentile(mag, [1, 99])
                ax.set_ylim(high + 0.15 * (high - low), low - 0.15 * (high - low))
                if column == 0:
                    ax.set_title(f"{name}, {kind}", fontsize=6, loc="left")
    return axes


def plot_periods(tables: Mapping[str, pd.DataFrame], axes: np.ndarray) -> np.ndarray:
    """Distributions of log P by class, one panel each, one outline for each of `tables`."""
    names = sorted(set.union(*(set(t["class"]) for t in tables.values())))
    for ax, name in zip(axes.flat, names, strict=False):
        logs = [np.log10(t.loc[t["class"] == name, "period"]) for t in tables.values()]
        every = np.concatenate(logs)
        bins = np.linspace(*np.percentile(every, [0.5, 99.5]), 25)
        for part, (kind, x) in enumerate(zip(tables, logs, strict=True)):
            ax.hist(x, bins, density=True, histtype="step", color=f"C{part}", label=kind)
        ax.set(title=name, xlabel="log10 P [d]", yticks=[])
    for ax in list(axes.flat)[len(names) :]:
        ax.set_axis_off()
    axes.flat[0].legend(fontsize=6)
    return axes


def plot_against(
    tables: Mapping[str, pd.DataFrame],
    x: str,
    y: Sequence[str],
    axes: np.ndarray,
    classes: Sequence[str],
) -> np.ndarray:
    """Columns `y` (rows of panels) against the column `x`, one column of panels a class.

    Against the logarithm of the period, where `x` is the period.
    """

    def along(table: pd.DataFrame) -> np.ndarray:
        values = table[x].to_numpy(float)
        return np.log10(values) if x == "period" else values

    for column, name in enumerate(classes):
        for row, what in enumerate(y):
            ax = axes[row, column]
            for part, table in enumerate(tables.values()):
                mine = table[table["class"] == name]
                ax.plot(along(mine), mine[what], ".", ms=2, alpha=0.6, color=f"C{part}")
            both = pd.concat([t.loc[t["class"] == name] for t in tables.values()])
            ax.set_xlim(*np.nanpercentile(along(both), [1, 99]))
            ax.set_ylim(*np.nanpercentile(both[what], [1, 99]))
            if column == 0:
                ax.set_ylabel(what)
            if row == 0:
                ax.set_title(name)
            if row == len(y) - 1:
                ax.set_xlabel({"period": "log10 P [d]"}.get(x, x))
    return axes

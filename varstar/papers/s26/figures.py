"""Figures of S26's notebook."""

from typing import Any

import numpy as np
import pandas as pd

from varstar.lightcurves.preprocess import first_years
from varstar.lightcurves.sample import clean, light_curves


def plot_success(table: pd.DataFrame, column: str = "rate_of_all") -> Any:
    """Right periods against years, one panel per survey (rows) and class, one line per method.

    Parameters
    ----------
    table : DataFrame
        From `varstar.papers.s26.period_success.success_by_years`, with the survey as first level.
    """
    import matplotlib.pyplot as plt

    surveys = list(dict.fromkeys(table.index.get_level_values("survey")))
    kinds = {
        name: list(dict.fromkeys(table.loc[name].index.get_level_values("label")))
        for name in surveys
    }
    n = max(map(len, kinds.values()))
    size = (2.0 * n + 1.2, 1.9 * len(surveys) + 0.3)
    fig, axes = plt.subplots(len(surveys), n, figsize=size, sharey=True, squeeze=False)
    for name, row in zip(surveys, axes, strict=True):
        for ax in row[len(kinds[name]) :]:
            ax.axis("off")
        for kind, ax in zip(kinds[name], row, strict=False):
            part = table.loc[name].xs(kind, level="label")
            for method, line in part.groupby("method", sort=False):
                style = "k-" if "+" in method else "--"
                line = line.reset_index()
                text = "all bands" if "+" in method else method
                ax.plot(line["years"], line[column], style, marker="o", ms=2.5, label=text)
            ax.set(ylim=(-0.04, 1.04), xlabel="years")
            ax.set_title(kind, fontsize="small")
        row[0].set_ylabel(name, fontsize="small")
        row[len(kinds[name]) - 1].legend(
            fontsize="x-small", loc="upper left", bbox_to_anchor=(1.0, 1.0)
        )
    return fig


def one_cepheid(name: str, label: str, period: float, years: float, *, seed: int = 0) -> pd.Series:
    """A Cepheid in one survey, for Fig. 1: its first `years`.

    In a simulated survey one and the same star (`varstar.simulate.observe_star`), in a real one
    that with the nearest period among those of the label.

    Returns
    -------
    Series
        ``name``, ``period`` [d], and the light curve in ``t``, ``mag``, ``err``, ``band``.
    """
    import varstar as vs
    from varstar.simulate import observe_star

    if name.startswith("sim-"):
        sample = observe_star(label, [name], period=period, seed=seed, mean_mag=13.5)
    else:
        sample = vs.load(name)
        mine = sample["label"].astype(str) == label
        if not mine.any():
            raise ValueError(f"{name}: no star {label!r}. Has: {sorted(set(sample['label']))[:20]}")
        far = (np.log(sample["period"].astype(float) / period)).abs().where(mine, np.inf)
        sample = sample.loc[[far.idxmin()]]
    curves, _ = clean(light_curves(first_years(sample, years)))
    return pd.Series(
        {
            "name": f"{name}" if name.startswith("sim-") else f"{name} {sample.index[0]}",
            "period": float(sample["period"].iloc[0]),
            "t": curves.t,
            "mag": curves.mag,
            "err": curves.err,
            "band": np.array(curves.bands)[curves.band],
        }
    )


def plot_crowding(table: pd.DataFrame) -> Any:
    """Completeness and purity of the nearest counterpart against crowding (S26 Sect 2.1).

    Parameters
    ----------
    table : DataFrame
        ``density``, ``winner``, ``lowest_score`` (1 or 3), ``completeness``, ``purity``.
    """
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(4.6, 3))
    nearest = table[table["winner"] == "nearest"]
    for lowest, line in ((1, "-"), (3, "--")):
        part = nearest[nearest["lowest_score"] == lowest]
        for colour, what in (("C0", "completeness"), ("C1", "purity")):
            text = f"{what}, score {'1 or more' if lowest == 1 else '3'}"
            ax.plot(part["density"], part[what], colour + line, marker="o", ms=3, label=text)
    ax.set(xscale="log", xlabel="stars per square arcminute", ylabel="share", ylim=(0, 1.03))
    ax.legend(fontsize="x-small", handlelength=4)
    return fig


def plot_recall_by_years(table: pd.DataFrame, survey: str) -> Any:
    """Recall of each class against years of data, period found in them and the catalogue's.

    Parameters
    ----------
    table : DataFrame
        From `varstar.papers.s26.experiments.recall_by_years`.
    survey : str
        Its name, for the title.
    """
    import matplotlib.pyplot as plt

    fig, axes = plt.subplots(1, 2, figsize=(9.4, 3.2), sharey=True)
    titles = {"found": "period found in these years", "catalogue": "period of the catalogue"}
    kinds = list(dict.fromkeys(table["class"]))
    for ax, (name, title) in zip(axes, titles.items(), strict=True):
        for k, kind in enumerate(kinds):
            line = table[(table["periods"] == name) & (table["class"] == kind)]
            off = [(line["recall"] - line["low"]).clip(lower=0),
                   (line["high"] - line["recall"]).clip(lower=0)]  # fmt: skip
            years = line["years"] + 0.03 * (k - len(kinds) / 2)
            ax.errorbar(years, line["recall"], off, marker="o", ms=3, lw=1.2, elinewidth=0.6,
                        label=kind)  # fmt: skip
        ax.set(xlabel="years of data", title=title, ylim=(-0.03, 1.05))
        ax.set_xticks(sorted(set(table["years"])))
    axes[0].set_ylabel("recall")
    axes[1].legend(fontsize="x-small", loc="upper left", bbox_to_anchor=(1.0, 1.0))
    fig.suptitle(survey, fontsize="small")
    return fig

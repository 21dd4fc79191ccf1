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

"""Figures of notebook 06."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_ranks(ranks: pd.DataFrame, ax: "Axes") -> "Axes":
    """Critical-difference plot: mean ranks, and how far apart two must be to differ."""
    place = np.arange(len(ranks))[::-1]
    ax.plot(ranks["rank"], place, "o")
    for x, y, name in zip(ranks["rank"], place, ranks.index, strict=True):
        ax.annotate(
            f" {str(name).partition('_')[2]}",
            (x, y),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
        )
    critical = ranks["critical_difference"].iloc[0]
    if np.isfinite(critical):
        best = ranks["rank"].min()
        ax.axvspan(best, best + critical, color="0.9", zorder=0)
        ax.set_title("grey: not told from the best (Nemenyi, 5 %)", fontsize="small")
    ax.set(xlabel="mean rank (1 is best)", yticks=[], xlim=(0.5, len(ranks) + 3))
    return ax


def plot_cost(table: pd.DataFrame, ax: "Axes") -> "Axes":
    """Macro F1 against milliseconds a star, a marker a survey."""
    from matplotlib.ticker import LogLocator

    for marker, (survey, part) in zip("os^DvP*X", table.groupby("survey"), strict=False):
        ax.semilogx(part["ms_star"].clip(lower=1e-2), part["macro_f1"], marker, label=survey)
    best = table.sort_values("macro_f1").groupby("method").tail(1)
    for _, row in best.iterrows():
        ax.annotate(row["method"].partition("_")[2], (max(row["ms_star"], 1e-2), row["macro_f1"]),
                    fontsize=6, xytext=(3, 2), textcoords="offset points")  # fmt: skip
    ax.set(xlabel="processor time a star, from raw points [ms]", ylabel="macro F1", ylim=(0, 1))
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.xaxis.set_major_formatter("{x:g}")
    ax.minorticks_off()
    ax.legend(fontsize="x-small")
    return ax


def plot_matrix(matrix: pd.DataFrame, ax: "Axes") -> "Axes":
    """Macro F1 by survey learned from (row) and survey judged (column)."""
    ax.imshow(matrix.to_numpy(float), vmin=0, vmax=1, cmap="Blues")
    for i, j in np.ndindex(matrix.shape):
        value = matrix.iloc[i, j]
        if np.isfinite(value):
            color = "white" if value > 0.6 else "black"
            ax.text(j, i, f"{value:.2f}", ha="center", va="center", color=color, fontsize="small")
    ax.set_xticks(range(matrix.shape[1]), matrix.columns, rotation=30, ha="right")
    ax.set_yticks(range(matrix.shape[0]), matrix.index)
    ax.set(xlabel="judged on", ylabel="learned from")
    ax.grid(False)
    return ax


def plot_curves(table: pd.DataFrame, x: str, ax: "Axes") -> "Axes":
    """Macro F1 against `x`, a line a method."""
    for k, (name, part) in enumerate(table.groupby("method")):
        mean = part.groupby(x)["macro_f1"].mean()
        ax.semilogx(
            mean.index, mean, "os^DvP*X<>"[k % 10] + "-", ms=4, label=name.partition("_")[2]
        )
    ax.set(xlabel=x.replace("_", " "), ylabel="macro F1", ylim=(0, 1))
    ax.set_xticks(sorted(table[x].unique()), sorted(table[x].unique()))
    ax.minorticks_off()
    ax.legend(fontsize="x-small", ncols=2)
    return ax

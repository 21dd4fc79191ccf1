"""Figures of notebook 07."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_cross_survey(table: pd.DataFrame, ax: "Axes") -> None:
    """F1 of each family on each survey that was left out, as a table of colours."""
    columns = [c for c in table.columns if c.startswith("f1_")]
    values = table[["macro_f1", *columns]].to_numpy(float)
    image = ax.imshow(values, cmap="Blues", vmin=0.4, vmax=1.0, aspect="auto")
    for (i, j), v in np.ndenumerate(values):
        if np.isfinite(v):
            ax.text(
                j, i, f"{v:.2f}", ha="center", va="center", color="white" if v > 0.8 else "black"
            )
    ax.set_xticks(range(values.shape[1]), ["macro", *(c[3:] for c in columns)])
    rows = [f"{name} ({int(n)})" for name, n in table["stars"].items()]
    ax.set_yticks(range(len(rows)), rows)
    ax.set_title("each survey left out of the training", fontsize="medium")
    ax.grid(False)
    ax.figure.colorbar(image, ax=ax, label="F1")


def plot_by_points(table: pd.DataFrame, ax: "Axes", column: str = "points") -> None:
    """Macro F1 and coverage of the sets against the number of points."""
    for name, marker in (("macro_f1", "o"), ("coverage", "s"), ("period_right", "^")):
        if name in table:
            ax.plot(table[column], table[name], marker=marker, label=name.replace("_", " "))
    ax.axhline(0.95, color="0.6", lw=0.8, ls=":")
    ax.set(xscale="log", xlabel="points", ylim=(0, 1.02))
    ax.set_xticks(table[column], [f"{n:g}" for n in table[column]])
    ax.minorticks_off()
    ax.legend()


def plot_confusion(table: pd.DataFrame, ax: "Axes") -> None:
    """Per cent of each true family (rows) called each family (columns)."""
    values = table.to_numpy(float)
    ax.imshow(values, cmap="Blues", vmin=0, vmax=100, aspect="auto")
    for (i, j), v in np.ndenumerate(values):
        if v >= 0.5:
            ax.text(
                j, i, f"{v:.0f}", ha="center", va="center", color="white" if v > 60 else "black"
            )
    ax.set_xticks(range(values.shape[1]), table.columns, rotation=45)
    ax.set_yticks(range(len(table)), table.index)
    ax.set(xlabel="answer", ylabel="true (stars)")
    ax.grid(False)

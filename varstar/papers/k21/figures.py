"""Pictures of K21's figures: ``plot_x(result, ax) -> ax``."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from varstar.learning import evaluate
from varstar.plots import plot_confusion

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLOURS = {"base": "C3", "scratch": "C0", "every-layer": "C1", "last-layer": "C2"}


def plot_network(widths: Sequence[int], ax: "Axes") -> "Axes":
    """Dense layers as bars of their width (K21 Fig 2)."""
    import matplotlib.pyplot as plt

    for x, width in enumerate(widths):
        high = 0.25 + 0.75 * np.log2(width) / np.log2(max(widths))
        colour = plt.cm.Set2.colors[0 if x in (0, len(widths) - 1) else 1]
        ax.add_patch(plt.Rectangle((x - 0.3, -high / 2), 0.6, high, color=colour))
        ax.text(x, 0, str(width), ha="center", va="center")
        if x:
            ax.annotate("", (x - 0.32, 0), (x - 0.68, 0), arrowprops={"arrowstyle": "->"})
        what = "features" if x == 0 else "softmax" if x == len(widths) - 1 else "ReLU"
        ax.text(x, -0.62, f"norm\n{what}", ha="center", va="center", fontsize="small")
    ax.set(xlim=(-0.6, len(widths) - 0.4), ylim=(-0.75, 0.6))
    ax.axis("off")
    return ax


def plot_top_two(probability: np.ndarray, axes: Sequence["Axes"]) -> Sequence["Axes"]:
    """Highest and second-highest probability, and their difference (K21 Fig 3)."""
    top = np.sort(probability, axis=1)[:, ::-1]
    bins = np.linspace(0, 1, 41)
    for k, name in enumerate(("highest", "second")):
        axes[0].hist(top[:, k], bins, histtype="step", label=name)
    axes[0].legend()
    axes[0].set(xlabel="class probability", ylabel="stars")
    axes[1].hist(top[:, 0] - top[:, 1], bins, color="0.5")
    axes[1].set(xlabel="difference of the two", ylabel="stars")
    return axes


def plot_cycles(history: pd.DataFrame, axes: Sequence["Axes"]) -> Sequence["Axes"]:
    """Mc of training and validation, and the learning rate, against epoch (K21 Fig 5)."""
    if "mc_train" in history:
        axes[0].plot(history.index, history["mc_train"], label="training")
    axes[0].plot(history.index, history["mc_val"], label="validation")
    best = history["mc_val"].idxmax()
    axes[0].annotate("best", (best, history["mc_val"].max()), (0, -25),
                     textcoords="offset points", ha="center", color="C3",
                     arrowprops={"arrowstyle": "->", "color": "C3"})  # fmt: skip
    axes[0].set(ylabel="$M_c$")
    axes[0].legend()
    axes[1].semilogy(history.index, history["rate"])
    axes[1].set(xlabel="epoch", ylabel="learning rate")
    return axes


def plot_transfer(summary: pd.DataFrame, ax: "Axes") -> "Axes":
    """Mean Mc with its error against the size of the subset (K21 Fig 7)."""
    for k, (model, part) in enumerate(summary.groupby("model", sort=False)):
        if model == "base":
            ax.axhline(part["mean_mc"].iloc[0], color=_COLOURS[model], ls=":", label=model)
            continue
        x = 100 * part["fraction"] * (1 + 0.02 * (k - 1))  # a little apart, to see the bars
        ax.errorbar(x, part["mean_mc"], part["sem"].fillna(0), fmt="o-", ms=4,
                    color=_COLOURS.get(model), label=model)  # fmt: skip
    ax.set(xscale="log", xlabel="subset of the training part [per cent]", ylabel="$M_c$")
    ticks = sorted(set((100 * summary["fraction"]).round(1)))
    ax.set_xticks(ticks, [f"{t:g}" for t in ticks])
    ax.minorticks_off()
    ax.legend()
    return ax


def plot_importance(table: pd.DataFrame, symbols: Mapping[str, str], ax: "Axes") -> "Axes":
    """Stacked mean |SHAP| of each feature, a colour a class (K21 Fig 6)."""
    import matplotlib.pyplot as plt

    order = table.index[::-1]
    colours = plt.cm.tab20(np.linspace(0, 1, len(table.columns)))
    left = np.zeros(len(order))
    for column, colour in zip(table.columns, colours, strict=True):
        ax.barh(range(len(order)), table.loc[order, column], left=left, color=colour, label=column)
        left += table.loc[order, column].to_numpy()
    ax.set_yticks(range(len(order)), [symbols.get(n, n) for n in order])
    ax.set(xlabel="mean |SHAP value|")
    ax.grid(axis="y", visible=False)
    ax.legend(fontsize="xx-small", ncol=2, loc="lower right")
    return ax


def plot_epochs(
    histories: Mapping[str, Sequence[np.ndarray]], axes: Sequence["Axes"], first: int = 40
) -> Sequence["Axes"]:
    """Mc of the first epochs, from scratch and transferred, a repeat a panel (K21 Fig 10)."""
    for k, ax in enumerate(axes):
        for model in ("scratch", "every-layer"):
            if k < len(histories[model]):
                values = np.asarray(histories[model][k])[:first]
                ax.plot(np.arange(1, len(values) + 1), values, color=_COLOURS[model], label=model)
        ax.set(xlabel="epoch")
    axes[0].set(ylabel="$M_c$ of the validation")
    axes[0].legend(fontsize="small")
    return axes


def plot_answers(
    result: Mapping[str, Any], labels: pd.Series, survey: str
) -> tuple["Figure", dict[str, float]]:
    """Confusion matrix of one run on the stars reported, and its scores (K21 Fig 8, 9, 11)."""
    import matplotlib.pyplot as plt

    y, test = labels.to_numpy(str), result["test"]
    matrix = evaluate.confusion(y[test], result["predicted"], sorted(np.unique(y)))
    side = 3.2 + 0.25 * len(matrix)
    fig, ax = plt.subplots(figsize=(side, side))
    plot_confusion(matrix, ax).set_title(survey)
    return fig, evaluate.scores(y[test], result["predicted"])


def plot_duration(table: pd.DataFrame, axes: Sequence["Axes"]) -> Sequence["Axes"]:
    """Mc against duration, a line a number of points, a panel a model (K21 Fig 12)."""
    for ax, (model, part) in zip(axes, table.groupby("model", sort=False), strict=True):
        for n, line in part.groupby("points"):
            ax.plot(line["days"], line["mc"], "o-", ms=3, label=f"n = {n}")
        ax.set(xscale="log", xlabel="duration [d]", title=model)
    axes[0].set(ylabel="$M_c$")
    axes[-1].legend(fontsize="x-small", ncol=2)
    return axes


def plot_outcomes(table: pd.DataFrame, ax: "Axes") -> "Axes":
    """Per cent of each class's stars by outcome of the period search, stacked."""
    left = np.zeros(len(table))
    outcomes = [c for c in table.columns if c not in ("n", "n_unknown")]
    for k, name in enumerate(outcomes):
        ax.barh(range(len(table)), table[name].fillna(0), left=left, color=f"C{k}", label=name)
        left += table[name].fillna(0).to_numpy()
    ax.set_yticks(range(len(table)), table.index)
    ax.yaxis.set_inverted(True)
    ax.set(xlabel="stars [per cent]", xlim=(0, 100))
    ax.legend(ncol=len(outcomes), fontsize="x-small", loc="lower center", bbox_to_anchor=(0.5, 1))
    return ax

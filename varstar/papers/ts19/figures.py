"""Pictures of TS19's figures and of novelty: ``plot_x(result, ax) -> ax``."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Colours of the parts in `plot_energies`.
_PARTS = {"training": "C0", "validation": "C2", "novel": "C1"}


def plot_two_networks(widths: Mapping[str, int], ax: "Axes") -> "Axes":
    """Autoencoder and estimation network as boxes and arrows (TS19 Fig 1).

    Parameters
    ----------
    widths : mapping
        ``length``, ``units``, ``embedding``, ``auxiliary``, ``features``, ``hidden``,
        ``classes``: sizes of the network, as measured on it.
    """
    import matplotlib.pyplot as plt

    w = dict(widths)
    grey, orange, green, violet = plt.cm.Set2.colors[7], *plt.cm.Set2.colors[1:4]
    boxes = {  # place, text, colour
        "in": ((0, 1), f"sequence\n{w['length']} x ($\\Delta t, x, \\sigma$)", grey),
        "encoder": ((1.5, 1), f"encoder\n2 GRU of {w['units']}", orange),
        "code": ((3, 1), f"embedding\n{w['embedding']}", green),
        "decoder": ((4.5, 1), f"decoder\n2 GRU of {w['units']}", orange),
        "out": ((6, 1), f"reconstruction\n{w['length']} x $\\hat x$", grey),
        "auxiliary": ((1.5, -0.6), f"mean, $s$, $\\log P$ ...\n{w['auxiliary']}", grey),
        "z": ((3, -0.6), f"features z\n{w['features']}", green),
        "hidden": ((4.5, -0.6), f"hidden layer\n{w['hidden']}", violet),
        "gamma": ((6, -0.6), f"softmax $\\gamma$\n{w['classes']}", violet),
        "energy": ((4.5, -1.8), "Gaussian mixture\nenergy $E(z)$", violet),
    }
    arrows = ["in encoder", "encoder code", "code decoder", "decoder out", "code z",
              "auxiliary z", "z hidden", "hidden gamma", "z energy", "gamma energy"]  # fmt: skip
    for (x, y), text, colour in boxes.values():
        ax.add_patch(plt.Rectangle((x - 0.56, y - 0.3), 1.12, 0.6, color=colour))
        ax.text(x, y, text, ha="center", va="center", fontsize="small")

    def arrow(start: Sequence[float], end: Sequence[float], bend: float = 0.0) -> None:
        style = {"arrowstyle": "->", "connectionstyle": f"arc3,rad={bend}"}
        ax.annotate("", end, start, arrowprops=style)

    for pair in arrows:
        (x0, y0), (x1, y1) = (boxes[name][0] for name in pair.split())
        if y0 == y1:
            arrow((x0 + 0.57, y0), (x1 - 0.57, y1))
        elif x0 == x1:
            arrow((x0, y0 - 0.31), (x1, y1 + 0.31))
        else:
            arrow((x0, y0 - 0.31), (x1 + np.sign(x0 - x1) * 0.57, y1))
    arrow((0.2, 1.31), (4.4, 1.31), -0.25)
    ax.text(2.3, 1.92, r"$\Delta t$", ha="center", va="bottom", fontsize="small")
    arrow((6, 0.69), (3.3, -0.29))
    ax.text(5.35, 0.1, "distance, cosine (Eq 2)", ha="left", fontsize="small")
    ax.set(xlim=(-0.7, 6.7), ylim=(-2.2, 2.1))
    ax.axis("off")
    return ax


def plot_losses(
    losses: Mapping[str, "pd.Series"], ax: "Axes", ylabel: str = "autoencoder loss, validation"
) -> "Axes":
    """A loss against epoch, a line each (TS19 Fig 2, right)."""
    for name, loss in losses.items():
        ax.plot(np.arange(1, len(loss) + 1), loss, label=name)
    ax.set(xlabel="epoch", ylabel=ylabel, yscale="log")
    ax.legend()
    return ax


def plot_energies(
    energies: Mapping[str, np.ndarray],
    ax: "Axes",
    *,
    percentiles: Sequence[float] = (80, 95),
    limits: tuple[float, float] | None = None,
    n_bins: int = 40,
) -> "Axes":
    """Histograms of the energy of training, validation and novel light curves (TS19 Fig 3).

    Parameters
    ----------
    energies : mapping of str to ndarray
        ``"training"`` among them: its percentiles are drawn.
    ax : Axes
    percentiles : sequence of float
    limits : (low, high), optional
        Beyond them everything is counted in the outermost bins (TS19 clip at 50). By
        default from the lowest to well above the highest percentile.
    """
    cuts = np.percentile(energies["training"], [*percentiles, 1])
    if limits is None:
        low, high = cuts[-1], cuts[:-1].max()
        limits = (low - 0.15 * (high - low), high + 1.2 * (high - low))
    bins = np.linspace(*limits, n_bins + 1)
    for k, (name, values) in enumerate(energies.items()):
        ax.hist(
            np.clip(values, *limits), bins, density=True, histtype="step", label=name,
            color=_PARTS.get(name, f"C{k}"), lw=1.5,
        )  # fmt: skip
    for q, cut in zip(percentiles, cuts, strict=False):
        ax.axvline(cut, color="0.4", ls="--", lw=1)
        ax.text(cut, 1.0, f"{q:g}", transform=ax.get_xaxis_transform(), ha="center", va="bottom",
                fontsize="small", color="0.4")  # fmt: skip
    ax.set(xlabel="energy", ylabel="density", xlim=limits)
    ax.legend()
    return ax


def plot_roc(curves: Mapping[str, "pd.DataFrame"], ax: "Axes") -> "Axes":
    """Recall of what is new against false alarms (`varstar.learning.novelty.roc`), a line each."""
    ax.plot([0, 1], [0, 1], color="0.7", lw=1, zorder=0)
    for name, curve in curves.items():
        ax.plot(curve["false_alarms"], curve["recall"], label=name)
    ax.set(xlabel="false alarms [share of the known]", ylabel="found [share of the novel]",
           xlim=(0, 1), ylim=(0, 1.02))  # fmt: skip
    ax.legend(fontsize="small", loc="lower right")
    return ax


def plot_held_out(table: "pd.DataFrame", ax: "Axes", column: str = "auc") -> "Axes":
    """A score and its standard error by class held out, a marker a method.

    Parameters
    ----------
    table : DataFrame
        Of `varstar.learning.novelty.mean_sem_table`: index held_out and method.
    ax : Axes
    column : str
    """
    classes = list(dict.fromkeys(table.index.get_level_values(0)))
    methods = list(dict.fromkeys(table.index.get_level_values(1)))
    markers = "osD^v<>P*"
    for k, method in enumerate(methods):
        part = table.xs(method, level=1).reindex(classes)
        x = np.arange(len(classes)) + 0.5 * (k - (len(methods) - 1) / 2) / len(methods)
        ax.errorbar(x, part[column], part[f"{column}_sem"].fillna(0), fmt=markers[k % 9],
                    ms=5, label=method)  # fmt: skip
    ax.axhline(0.5, color="0.6", lw=1, zorder=0)
    ax.set_xticks(range(len(classes)), classes, rotation=30, ha="right")
    ax.set(ylabel={"auc": "AUC"}.get(column, column), xlabel="class held out")
    ax.legend(fontsize="small", ncol=2)
    return ax


def plot_reconstruction(
    phase: np.ndarray, x: np.ndarray, sigma: np.ndarray, reconstruction: np.ndarray, ax: "Axes"
) -> "Axes":
    """A sequence as measured, and as the decoder draws it; brighter up."""
    ax.errorbar(phase, x, sigma, fmt=".", ms=3, elinewidth=0.5, color="0.55", zorder=1)
    ax.plot(phase, reconstruction, color="C1", lw=1.4, zorder=2)
    ax.yaxis.set_inverted(True)
    return ax


def plot_map(
    xy: np.ndarray, labels: Sequence[str], ax: "Axes", *, novel: Sequence[str] = ()
) -> "Axes":
    """Points of two coordinates, a colour a class; the `novel` classes as black crosses."""
    labels = np.asarray(labels, object).astype(str)
    for k, name in enumerate(sorted(set(labels.tolist()) - set(novel))):
        here = labels == name
        ax.scatter(*xy[here].T, s=5, color=f"C{k % 8}", alpha=0.6, label=name, lw=0)
    for name in novel:
        here = labels == name
        text = name if name == "novel" else f"{name} (novel)"
        ax.scatter(*xy[here].T, s=16, color="k", marker="x", lw=0.8, label=text)
    ax.set(xticks=[], yticks=[])
    ax.grid(False)
    ax.legend(fontsize="x-small", markerscale=2, loc="upper left", bbox_to_anchor=(1, 1))
    return ax


def plot_drivers(table: "pd.DataFrame", ax: "Axes") -> "Axes":
    """Mean contribution to the energy (`varstar.papers.ts19.mixture.drivers`): rows groups."""
    values = table.to_numpy(float)
    shown = np.sign(values) * np.log10(1 + np.abs(values))
    limit = max(np.abs(shown).max(), 1e-6)
    image = ax.imshow(shown, cmap="RdBu_r", vmin=-limit, vmax=limit, aspect="auto")
    ax.set_xticks(range(table.shape[1]), table.columns, rotation=60, ha="right")
    ax.set_yticks(range(table.shape[0]), table.index)
    ax.grid(False)
    bar = ax.figure.colorbar(image, ax=ax, fraction=0.03)
    ticks = [v for v in (-100, -10, -1, 0, 1, 10, 100, 1000) if np.log10(1 + abs(v)) <= limit]
    bar.set_ticks([np.sign(v) * np.log10(1 + abs(v)) for v in ticks], labels=map(str, ticks))
    bar.set_label("contribution to E")
    return ax

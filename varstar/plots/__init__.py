"""Pictures of results: ``plot_x(result, ax) -> ax``; each draws what it is given.

The look is in one file, ``varstar.mplstyle``; `use_style` switches it on. Figures are
written, with their provenance, by `save_figure`.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from varstar import paths
from varstar.compendium.provenance import save_figure, save_table

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "plot_architecture",
    "plot_attribution",
    "plot_confusion",
    "plot_folded",
    "plot_history",
    "plot_image_gallery",
    "plot_light_curve",
    "plot_reliability",
    "save_figure",
    "save_table",
    "use_style",
]


def use_style() -> None:
    """The look of the project's figures for everything drawn from now on."""
    import matplotlib.pyplot as plt

    plt.style.use(paths.PACKAGE / "plots" / "varstar.mplstyle")


# --- light curves and images ------------------------------------------------------------


def plot_image_gallery(
    images: np.ndarray, labels: Sequence[str], classes: Sequence[str], *, per_class: int = 6
) -> "Figure":
    """Rows of folded images, one row per class (S20, Fig. 1): the first stars of each.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, height, width)
    labels : sequence of str
        Class of each image.
    classes : sequence of str
        Order of the rows.
    per_class : int
    """
    import matplotlib.pyplot as plt

    fig, axes = plt.subplots(
        len(classes),
        per_class,
        figsize=(1.15 * per_class, 1.2 * len(classes)),
        squeeze=False,
    )
    labels = np.asarray(labels, object)
    for row, name in zip(axes, classes, strict=True):
        shown = np.flatnonzero(labels == name)[:per_class]
        for ax, i in zip(row, shown, strict=False):
            ax.imshow(images[i], cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        for ax in row:
            ax.set(xticks=[], yticks=[])
            ax.grid(False)
        for ax in row[len(shown) :]:
            ax.axis("off")
        row[0].set_ylabel(name)
    fig.supxlabel("phase, 0 to 2", fontsize="small")
    fig.supylabel("relative flux", fontsize="small")
    return fig


def _need_arrays(name: str, mag: object, ax: object) -> None:
    """The drawing functions of stars have the same names at the front door."""
    if mag is None or ax is None:
        raise ValueError(
            f"vs.plots.{name}: expected arrays and axes (x, mag, err, ax). A star is drawn by "
            f"vs.{name}(star)"
        )


def plot_light_curve(
    t: np.ndarray,
    mag: np.ndarray | None = None,
    err: np.ndarray | None = None,
    ax: "Axes | None" = None,
    **style,
) -> "Axes":
    """Magnitude against time, brighter up."""
    _need_arrays("plot_light_curve", mag, ax)
    ax.errorbar(t, mag, err, fmt=".", ms=3, elinewidth=0.6, **style)
    ax.set(xlabel="time [d]", ylabel="magnitude")
    ax.yaxis.set_inverted(True)  # brighter up, however often it is called
    return ax


def plot_folded(
    phase: np.ndarray,
    mag: np.ndarray | None = None,
    err: np.ndarray | None = None,
    ax: "Axes | None" = None,
    **style,
) -> "Axes":
    """Magnitude against phase over two cycles, brighter up."""
    _need_arrays("plot_folded", mag, ax)
    two = None if err is None else np.concatenate([err, err])
    ax.errorbar(
        np.concatenate([phase, phase + 1]),
        np.concatenate([mag, mag]),
        two,
        fmt=".",
        ms=3,
        elinewidth=0.6,
        **style,
    )
    ax.set(xlabel="phase", ylabel="magnitude", xlim=(0, 2))
    ax.yaxis.set_inverted(True)  # brighter up, however often it is called
    return ax


# --- networks ---------------------------------------------------------------------------


def plot_architecture(layers: Sequence[tuple[str, tuple[int, ...], int]], ax: "Axes") -> "Axes":
    """A network as a row of boxes, their height the map's size, their label the layer.

    Parameters
    ----------
    layers : sequence of (label, output shape, parameters)
        As given by `varstar.models.outline`.
    """
    import matplotlib.pyplot as plt

    colours = dict(
        zip(("input", "conv", "dropout", "pool", "flatten", "dense"), plt.cm.Set2.colors,
            strict=False)
    )  # fmt: skip
    largest = max(shape[0] for _, shape, _ in layers if len(shape) == 3)
    for x, (label, shape, count) in enumerate(layers):
        high = 0.15 + 0.85 * (shape[0] / largest if len(shape) == 3 else 0.12)
        kind = next((k for k in colours if label.startswith(k)), "dense")
        ax.add_patch(plt.Rectangle((x - 0.36, -high / 2), 0.72, high, color=colours[kind]))
        size = "x".join(str(v) for v in shape)
        text = f"{label}\n{size}" + (f"\n{count:,} par." if count else "")
        ax.text(x, -0.54, text, rotation=90, ha="center", va="top", fontsize=6)
    ax.set(xlim=(-0.8, len(layers) - 0.2), ylim=(-1.25, 0.55))
    ax.axis("off")
    return ax


def plot_history(
    history: "pd.DataFrame", axes: Sequence["Axes"], columns: Sequence[str] = ("accuracy", "loss")
) -> Sequence["Axes"]:
    """Training and validation against epoch, a panel a quantity (S20, Fig. 3)."""
    for ax, name in zip(axes, columns, strict=True):
        ax.plot(history.index, history[name], label="training")
        if f"val_{name}" in history:
            ax.plot(history.index, history[f"val_{name}"], label="validation")
        ax.set(xlabel="epoch", ylabel=name)
        ax.legend()
    return axes


# --- results ----------------------------------------------------------------------------


def plot_confusion(matrix: "pd.DataFrame", ax: "Axes", *, percent: bool = True) -> "Axes":
    """A confusion matrix: rows true, columns predicted; per cent of the true class."""
    values = matrix.to_numpy(float)
    if percent:
        total = values.sum(axis=1, keepdims=True)
        values = 100 * values / np.where(total > 0, total, np.nan)
    top = 100 if percent else np.nanmax(values)
    ax.imshow(values, cmap="Blues", vmin=0, vmax=top)
    ax.grid(False)
    small = len(matrix) > 8
    for (i, j), v in np.ndenumerate(values):
        if np.isfinite(v) and (v >= 0.05 or i == j):
            colour = "white" if v > 0.6 * top else "black"
            text = f"{v:.0f}" if small or not percent else f"{v:.1f}"
            ax.text(j, i, text, ha="center", va="center", color=colour,
                    fontsize="x-small" if small else "small")  # fmt: skip
    ax.set_xticks(range(matrix.shape[1]), matrix.columns, rotation=45, ha="right")
    ax.set_yticks(range(matrix.shape[0]), matrix.index)
    ax.set(xlabel="predicted class", ylabel="true class")
    return ax


def plot_reliability(table: "pd.DataFrame", ax: "Axes", label: str | None = None) -> "Axes":
    """How often the predicted class is right against its probability (`evaluate.calibration`)."""
    ax.plot([0, 1], [0, 1], color="0.6", lw=1, zorder=0)
    ax.plot(table["confidence"], table["accuracy"], "o-", ms=4, label=label)
    ax.set(xlabel="probability of the predicted class", ylabel="share that is right",
           xlim=(0, 1), ylim=(0, 1.02))  # fmt: skip
    return ax


def plot_attribution(image: np.ndarray, drop: np.ndarray, ax: "Axes") -> "Axes":
    """A folded image, coloured by how much the class's probability drops without a patch."""
    ax.imshow(image, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    limit = max(float(np.abs(drop).max()), 1e-3)
    ax.imshow(drop, cmap="RdBu_r", vmin=-limit, vmax=limit, alpha=0.45)
    ax.set(xticks=[], yticks=[])
    ax.grid(False)
    return ax

"""Figures of notebook 02."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from varstar.compendium import published
from varstar.learning import evaluate
from varstar.plots import plot_confusion

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def beside_published(
    true: Sequence[str], predicted: Sequence[str], item: str, survey: str, title: str
) -> "Figure":
    """A confusion matrix of ours, and beside it the one that the paper prints as `item`."""
    import matplotlib.pyplot as plt

    theirs = published.table("sm", item)
    fig, axes = plt.subplots(1, 2, figsize=(9.5, 4.6))
    plot_confusion(evaluate.confusion(true, predicted, list(theirs.index)), axes[0])
    plot_confusion(theirs, axes[1])
    axes[0].set_title(f"{title}, {survey}, n = {len(predicted)}")
    axes[1].set_title(f"published, n = {published.value('sm', 'fig05.stars')}")
    return fig

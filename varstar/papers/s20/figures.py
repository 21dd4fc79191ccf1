"""Figures of notebook 01."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from varstar.learning.claims import Score


def plot_transfer(
    scores: Mapping[str, Mapping[str, "Score"]], surveys: Mapping[str, str], ax: "Axes"
) -> "Axes":
    """Macro F1 of each method on the survey that it learned from and on the second one.

    Parameters
    ----------
    scores : mapping
        Method -> test (a key of `surveys`) -> score; bars are 95 % intervals over stars.
    surveys : mapping
        Test -> the survey's name.
    ax : matplotlib.axes.Axes
    """
    place = np.arange(len(scores))
    for k, (test, survey) in enumerate(surveys.items()):
        values = np.array([each[test].value for each in scores.values()])
        low, high = np.array([each[test].interval for each in scores.values()]).T
        x = place + 0.36 * (k - (len(surveys) - 1) / 2)
        off = [(values - low).clip(0), (high - values).clip(0)]
        ax.bar(x, values, 0.34, yerr=off, capsize=2, label=survey, error_kw={"lw": 0.8})
    ax.set_xticks(place, list(scores))
    ax.set(ylabel="macro F1", ylim=(0, 1.18), yticks=np.linspace(0, 1, 6))
    ax.legend(loc="upper center", ncols=len(surveys))
    return ax

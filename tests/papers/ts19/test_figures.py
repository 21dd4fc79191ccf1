"""Pictures of novelty: they show what they were given."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from varstar.learning import novelty
from varstar.papers.ts19 import figures as novelty_plots

RNG = np.random.default_rng(1)


@pytest.fixture
def ax():
    fig, ax = plt.subplots()
    yield ax
    plt.close(fig)


def test_networks(ax) -> None:
    widths = dict(
        length=200, units=96, embedding=16, auxiliary=3, features=21, hidden=16, classes=8
    )
    novelty_plots.plot_two_networks(widths, ax)
    text = " ".join(t.get_text() for t in ax.texts)
    assert "2 GRU of 96" in text
    assert "21" in text
    ax.figure.canvas.draw()


def test_losses(ax) -> None:
    novelty_plots.plot_losses({"joint": pd.Series([2.0, 1.0]), "sequential": pd.Series([3.0])}, ax)
    assert [len(line.get_xdata()) for line in ax.lines] == [2, 1]
    assert ax.lines[0].get_xdata()[0] == 1


def test_energies_count_everything_and_draw_the_cuts(ax) -> None:
    training = np.arange(101.0)
    novelty_plots.plot_energies({"training": training, "novel": np.array([1e9, -1e9])}, ax)
    cuts = [line.get_xdata()[0] for line in ax.lines]
    assert cuts == [80.0, 95.0]
    for patch in ax.patches:  # a density over all bins: nothing fell beside them
        vertices = patch.get_path().vertices
        width = np.diff(vertices[:, 0])
        area = np.abs((width * vertices[1:, 1]).sum())
        assert area == pytest.approx(1.0)


def test_roc(ax) -> None:
    curve = novelty.roc(RNG.normal(size=20), RNG.normal(1, 1, 20))
    novelty_plots.plot_roc({"energy": curve}, ax)
    assert np.array_equal(ax.lines[1].get_ydata(), curve["recall"])


def test_held_out(ax) -> None:
    index = pd.MultiIndex.from_product([["a", "b"], ["x", "y"]], names=["held_out", "method"])
    table = pd.DataFrame({"auc": [0.5, 0.6, 0.7, 0.8], "auc_sem": [0.1, np.nan, 0.1, 0.1]}, index)
    novelty_plots.plot_held_out(table, ax)
    assert [t.get_text() for t in ax.get_xticklabels()] == ["a", "b"]
    drawn = [c.lines[0].get_ydata().tolist() for c in ax.containers]
    assert drawn == [[0.5, 0.7], [0.6, 0.8]]


def test_reconstruction_is_brighter_up(ax) -> None:
    phase = np.linspace(0, 1, 5)
    novelty_plots.plot_reconstruction(phase, phase, phase * 0 + 0.1, phase, ax)
    low, high = ax.get_ylim()
    assert low > high


def test_map_shows_every_star_once(ax) -> None:
    labels = np.array(["a", "b", "b", "new"])
    novelty_plots.plot_map(RNG.normal(size=(4, 2)), labels, ax, novel=["new"])
    assert sorted(len(c.get_offsets()) for c in ax.collections) == [1, 1, 2]
    assert "new (novel)" in [t.get_text() for t in ax.get_legend().get_texts()]


def test_drivers(ax) -> None:
    table = pd.DataFrame({"z0": [0.5, -2.0], "z1": [120.0, 3.0]}, index=["a", "b"])
    novelty_plots.plot_drivers(table, ax)
    shown = ax.images[0].get_array()
    assert np.unravel_index(np.argmax(shown), shown.shape) == (0, 1)
    assert [t.get_text() for t in ax.get_yticklabels()] == ["a", "b"]

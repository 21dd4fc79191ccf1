import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from varstar import plots


@pytest.fixture
def ax():
    fig, ax = plt.subplots()
    yield ax
    fig.canvas.draw()  # what has been put in can be drawn
    plt.close(fig)


def texts(ax):
    return [t.get_text() for t in ax.texts]


def test_light_curve_has_bright_up(ax):
    assert plots.plot_light_curve(np.array([1.0, 2.0]), np.array([15.0, 16.0]), None, ax) is ax
    low, high = ax.get_ylim()
    assert low > high
    assert "[d]" in ax.get_xlabel()


def test_bright_stays_up_when_two_bands_share_a_panel(ax):
    for mag in (np.array([15.0, 16.0]), np.array([13.0, 14.0])):
        plots.plot_light_curve(np.array([1.0, 2.0]), mag, None, ax)
        plots.plot_folded(np.array([0.1, 0.2]), mag, None, ax)
        assert ax.yaxis_inverted()


@pytest.mark.parametrize("err", [None, np.array([0.1, 0.2])])
def test_folded_shows_two_cycles(ax, err):
    assert plots.plot_folded(np.array([0.1, 0.6]), np.array([15.0, 16.0]), err, ax) is ax
    assert ax.lines[0].get_xdata().tolist() == [0.1, 0.6, 1.1, 1.6]
    assert ax.lines[0].get_ydata().tolist() == [15.0, 16.0, 15.0, 16.0]
    assert ax.get_xlim() == (0, 2)
    low, high = ax.get_ylim()
    assert low > high


def test_gallery_puts_each_image_in_the_row_of_its_class():
    images = np.stack([np.full((4, 4), v, np.uint8) for v in (10, 20, 30, 40)])
    fig = plots.plot_image_gallery(images, ["B", "A", "B", "B"], ["A", "B", "C"], per_class=2)
    axes = np.array(fig.axes).reshape(3, 2)
    shown = [[int(a.images[0].get_array()[0, 0]) if a.images else None for a in row]
             for row in axes]  # fmt: skip
    assert shown == [[20, None], [10, 30], [None, None]]
    assert [row[0].get_ylabel() for row in axes] == ["A", "B", "C"]
    plt.close(fig)


def test_architecture_has_a_box_a_layer(ax):
    layers = [("input", (8, 8, 1), 0), ("conv 3x3", (6, 6, 4), 40), ("dense", (5,), 1000)]
    assert plots.plot_architecture(layers, ax) is ax
    assert len(ax.patches) == 3
    assert texts(ax)[0] == "input\n8x8x1"
    assert texts(ax)[2] == "dense\n5\n1,000 par."
    assert ax.patches[1].get_height() < ax.patches[0].get_height()


def test_history_with_and_without_validation():
    fig, axes = plt.subplots(1, 2)
    history = pd.DataFrame({"accuracy": [0.5, 0.6], "loss": [1.0, 0.8], "val_loss": [1.1, 1.0]},
                           index=[1, 2])  # fmt: skip
    plots.plot_history(history, axes)
    assert [len(ax.lines) for ax in axes] == [1, 2]
    assert axes[1].lines[1].get_ydata().tolist() == [1.1, 1.0]
    plt.close(fig)


def test_confusion_in_per_cent_of_the_row(ax):
    matrix = pd.DataFrame([[3, 1], [0, 4]], index=["A", "B"], columns=["A", "B"])
    assert plots.plot_confusion(matrix, ax) is ax
    written = {(t.get_position()[1], t.get_position()[0]): t.get_text() for t in ax.texts}
    assert written == {(0, 0): "75.0", (0, 1): "25.0", (1, 1): "100.0"}  # (row, column); no zeros
    assert ax.get_ylabel() == "true class"
    assert [t.get_text() for t in ax.get_yticklabels()] == ["A", "B"]


def test_confusion_in_counts_and_with_a_class_without_stars(ax):
    matrix = pd.DataFrame([[3, 0], [0, 0]], index=["A", "B"], columns=["A", "B"])
    plots.plot_confusion(matrix, ax, percent=False)
    assert texts(ax) == ["3", "0"]
    ax.clear()
    plots.plot_confusion(matrix, ax)
    assert texts(ax) == ["100.0"]


def test_reliability(ax):
    table = pd.DataFrame({"confidence": [0.5, 0.9], "accuracy": [0.4, 0.8]})
    assert plots.plot_reliability(table, ax, label="x") is ax
    diagonal, curve = ax.lines
    assert list(diagonal.get_xdata()) == list(diagonal.get_ydata()) == [0, 1]
    assert list(curve.get_xdata()) == [0.5, 0.9]
    assert list(curve.get_ydata()) == [0.4, 0.8]


def test_attribution_has_white_at_no_change(ax):
    drop = np.array([[0.0, 0.5], [-0.1, 0.0]])
    assert plots.plot_attribution(np.zeros((2, 2), np.uint8), drop, ax) is ax
    assert ax.images[1].get_clim() == (-0.5, 0.5)
    ax.clear()
    plots.plot_attribution(np.zeros((2, 2), np.uint8), np.zeros((2, 2)), ax)


def test_style():
    with plt.rc_context():
        plt.rcdefaults()  # another test may have switched the style on
        assert plt.rcParams["axes.spines.top"]
        plots.use_style()
        assert not plt.rcParams["axes.spines.top"]


def test_every_public_name_is_there():
    assert len(plots.__all__) >= 11
    for name in plots.__all__:
        assert callable(getattr(plots, name)), name

"""A star on one page."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import varstar as vs
from varstar.plots import star as page

PERIOD = 0.5473


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def sample(bands=("V",), t0=2453000.0, period=None, scale=None):
    rng = np.random.default_rng(1)
    tables = []
    for k, band in enumerate(bands):
        t = np.sort(rng.uniform(t0, t0 + 300, 80))
        mag = 15 + k + 0.5 * np.sin(2 * np.pi * t / PERIOD) + rng.normal(0, 0.01, 80)
        tables.append(pd.DataFrame({"star_id": "a", "t": t, "mag": mag, "err": 0.01, "band": band}))
    stars = pd.DataFrame(index=pd.Index(["a"], name="star_id"))
    if period:
        stars["period"] = period
    if scale:
        stars["time_scale"] = scale
    return vs.make_sample(pd.concat(tables), stars)


def answer(label="RRAB"):
    return pd.DataFrame(
        {"label": label, "probability": 0.7, "RRAB": 0.7, "EC": 0.3, "novelty": 1.0,
         "period": PERIOD, "period_source": "found", "status": "ok"},
        index=pd.Index(["a"], name="star_id"),
    )  # fmt: skip


def inverted(ax):
    low, high = ax.get_ylim()
    return low > high


def test_the_page_has_all_panels_and_the_classes():
    fig = vs.plot(sample(), answer())
    light, power, once, twice, classes = fig.axes
    assert all(inverted(ax) for ax in (light, once, twice))
    assert not inverted(power)
    assert once.get_title() == "P = 0.5473 d (found)"
    assert twice.get_title() == "2 P = 1.0946 d"
    assert [t.get_text() for t in classes.get_yticklabels()] == ["EC", "RRAB"]
    assert [p.get_width() for p in classes.patches] == [0.3, 0.7]
    assert "RRAB, probability 0.70" in fig.get_suptitle()
    fig.canvas.draw()


def test_without_results_the_period_is_found_and_no_class_shown():
    fig = vs.plot(sample())
    assert len(fig.axes) == 4
    assert fig.axes[2].get_title() == "P = 0.5473 d (found)"


def test_days_are_plain_numbers_and_the_axis_says_what_was_subtracted():
    ax = vs.plot_light_curve(sample(scale="HJD"))
    assert ax.get_xlabel() == "HJD - 2 453 000 [d]"
    x = ax.containers[0].lines[0].get_xdata()
    assert 0 <= x.min() < x.max() < 300
    ax.figure.canvas.draw()
    assert ax.xaxis.get_offset_text().get_text() == ""
    assert vs.plot_light_curve(sample(t0=100.0)).get_xlabel() == "time [d]"


def test_bands_have_colours_and_a_legend():
    ax = vs.plot_light_curve(sample(bands=("V", "I")))
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["V", "I"]
    assert len({c.lines[0].get_color() for c in ax.containers}) == 2
    assert vs.plot_light_curve(sample(bands=("V", "I")), bands="V").get_legend() is None


def test_folded_shows_two_cycles_with_the_brightest_at_phase_zero():
    ax = vs.plot_folded(sample(), period=PERIOD)
    x, mag = ax.containers[0].lines[0].get_data()
    assert ax.get_xlim() == (0, 2)
    assert len(x) == 160
    np.testing.assert_allclose(x[80:], x[:80] + 1)
    bright = x[:80][mag[:80] < np.percentile(mag, 5)]
    assert np.all((bright < 0.15) | (bright > 0.85))


def test_folded_takes_the_samples_own_period():
    assert "P = 0.3 d (given)" in vs.plot_folded(sample(period=0.3)).get_title()
    assert "P = 0.5473 d (found)" in vs.plot_folded(sample()).get_title()


def test_periodogram_marks_the_period_and_daily_aliases():
    ax = vs.plot_periodogram(sample())
    labels = [t.get_text() for t in ax.get_legend().get_texts()]
    assert "P = 0.5473 d" in labels
    assert any("runner-up" in label for label in labels)
    lines = {round(line.get_xdata()[0], 3) for line in ax.lines if line.get_linestyle() == ":"}
    f = 1 / PERIOD
    assert {round(abs(f + n), 3) for n in (-2, -1, 1, 2)} == lines


def test_periodogram_keeps_the_highest_peak_of_a_long_light_curve():
    star = page.one_star(sample())
    frequency, power = page.periodogram(star)
    assert len(frequency) <= page._COLUMNS
    assert abs(frequency[power.argmax()] * PERIOD - 1) < 1e-3
    _, power = page.periodogram(star, [1 / PERIOD])
    assert power.max() > 0.999


def test_several_stars_are_an_error_that_says_how_to_choose():
    two = vs.load("sim-ogle3", size=2)
    with pytest.raises(ValueError, match=r"iloc\[\[0\]\]"):
        vs.plot(two)


@pytest.mark.parametrize("function", [vs.plot, vs.plot_light_curve, vs.plot_folded,
                                      vs.plot_periodogram])  # fmt: skip
@pytest.mark.parametrize("points", [0, 1, 2, 4])
def test_stars_of_few_points_are_drawn(function, points):
    few = pd.DataFrame(
        {"star_id": "a", "t": np.arange(points) * 1.3, "mag": 15.0 + np.arange(points)}
    )
    few = vs.make_sample(few, pd.DataFrame(index=pd.Index(["a"], name="star_id")))
    drawn = function(few)
    (getattr(drawn, "figure", None) or drawn).canvas.draw()


def test_saved_pictures_have_safe_names_and_no_two_alike(tmp_path):
    assert page.file_name("OGLE-LMC-RRLYR-00001") == "OGLE-LMC-RRLYR-00001"
    names = ["../../x", "..", "a/b", "a b", "<b>", "", "x" * 300, "CON:1"]
    plain = [page.file_name(name) for name in names]
    assert len(set(plain)) == len(names)
    assert all("/" not in n and not n.startswith(".") and len(n) < 100 for n in plain)
    path = page.save_star(sample(), answer(), tmp_path)
    assert path == tmp_path / "a.png"
    assert path.read_bytes()[:4] == b"\x89PNG"
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]


def test_the_users_own_style_stays():
    before = dict(plt.rcParams)
    vs.plot(sample())
    assert dict(plt.rcParams) == before


@pytest.mark.slow
def test_figures_after_a_stars_page_are_shown_in_a_notebook(monkeypatch):
    """The page is the first figure of all: what it switches must stay switched."""
    import nbformat
    from nbclient import NotebookClient

    monkeypatch.delenv("MPLBACKEND", raising=False)
    cells = [
        "import varstar as vs",
        "import numpy as np",
        "t = np.linspace(0, 30, 60)",
        "vs.plot(vs.light_curve(t, 15 + np.sin(t), 0.02))",
        "import matplotlib.pyplot as plt",
        "plt.plot([0, 1]);",
    ]
    content = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    NotebookClient(content, timeout=120).execute()
    shown = [[k for o in c.outputs for k in o.get("data", {})] for c in content.cells]
    assert shown[3].count("image/png") == 1
    assert shown[5].count("image/png") == 1

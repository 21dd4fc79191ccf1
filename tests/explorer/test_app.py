"""The explorer's widget, driven without a browser."""

import base64
import json
import re

import numpy as np
import pandas as pd
import pytest

import varstar as vs

pytest.importorskip("plotly")
pytest.importorskip("ipywidgets")

NAMES = ["plain", "<b>bold</b>", "two points", "no errors"]


@pytest.fixture(scope="module")
def stars():
    rng = np.random.default_rng(0)
    t = np.sort(rng.uniform(0, 120, 150))
    phase = (t / 0.57) % 1
    mag = 15 - 0.4 * (1 - phase) + 0.01 * rng.standard_normal(150)
    parts = [
        pd.DataFrame({"star_id": name, "t": t, "mag": mag, "err": 0.02, "band": "V"})
        for name in NAMES
    ]
    parts[2] = parts[2].iloc[:2]
    parts[3]["err"] = np.nan
    return vs.make_sample(pd.concat(parts))


@pytest.fixture(scope="module")
def explorer(stars):
    return vs.explore(stars, model="k21-lmc")


def choose(explorer, name):
    explorer.c.stars.value = next(v for text, v in explorer.c.stars.options if name in text)


def points_of(explorer, panel):
    """The traces of points in a panel."""
    return [t for t in explorer.c.figure.data if (t.xaxis or "x") == panel and t.mode == "markers"]


def panels(explorer):
    """How many traces of points or of the periodogram each panel has."""
    found = [t.xaxis or "x" for t in explorer.c.figure.data
             if t.mode == "markers" or len(t.x) > 500]  # fmt: skip
    return {panel: found.count(panel) for panel in found if panel != "x2"} | {
        "x2": sum(p == "x2" and len(t.x) > 500
                  for t in explorer.c.figure.data for p in [t.xaxis])
    }  # fmt: skip


def test_a_star_is_shown_at_its_period(explorer):
    choose(explorer, "plain")
    assert explorer.c.period.value == pytest.approx(0.57, rel=1e-3)
    assert explorer.c.second.value == pytest.approx(1.14, rel=1e-3)
    assert panels(explorer) == {"x": 1, "x2": 1, "x3": 1, "x4": 1, "x5": 1, "x6": 1}
    assert "<b>k21-lmc</b><br><b>" in explorer.c.answer.value
    assert explorer.c.map.data[-1].y[0] == pytest.approx(
        15 - 0.2, abs=0.05
    )  # no periods: magnitudes
    folded = points_of(explorer, "x3")[0]
    assert len(folded.x) == 300
    assert np.ptp(folded.x) < 2


def test_another_period_folds_and_asks_anew(stars):
    explorer = vs.explore(stars, model="s20p-catalina")
    choose(explorer, "plain")
    before = explorer.c.answer.value
    explorer.set_period(0.57 / 2)
    assert explorer.c.period.value == pytest.approx(0.285)
    explorer.c.slider.value = 10
    span = float(np.ptp(explorer.state.curve(explorer.row).t))
    assert explorer.c.period.value == pytest.approx(0.285 + 10 * 0.05 * 0.285**2 / span)
    explorer.c.alias.value = "-1 a day"
    assert 1 / explorer.c.period.value == pytest.approx(1 / 0.285 - 1, rel=1e-2)
    assert explorer.c.answer.value != before
    explorer.set_period(explorer.found)
    assert explorer.c.answer.value == before


def test_points_left_out_leave_every_panel_but_the_first(explorer):
    choose(explorer, "plain")
    trace = points_of(explorer, "x")[0]

    class Points:
        point_inds = (0, 1, 2)

    explorer._chosen_points(trace, Points, None)
    folded = points_of(explorer, "x3")[0]
    assert len(folded.x) == 2 * 147
    grey = [t for t in explorer.c.figure.data if t.marker.color == "#cccccc"]
    assert len(grey) == 1
    assert len(grey[0].x) == 3
    explorer._take_back()
    assert not [t for t in explorer.c.figure.data if t.marker.color == "#cccccc"]


def test_odd_stars_are_shown_or_said_why_not(explorer):
    choose(explorer, "two points")
    assert "few" in explorer.c.answer.value or "point" in explorer.c.answer.value
    choose(explorer, "no errors")
    assert "k21-lmc" in explorer.c.answer.value
    choose(explorer, "bold")
    assert "<b>bold" not in explorer.c.said.value


def test_the_list_follows_search_and_marks_notes(explorer):
    explorer.c.search.value = "pl"
    assert [text.strip() for text, _ in explorer.c.stars.options] == ["plain"]
    explorer.c.label.value = "RRAB"
    explorer.c.keep.click()
    assert explorer.state.notes["plain"]["label"] == "RRAB"
    explorer.c.search.value = ""
    assert any(text.startswith("* plain") for text, _ in explorer.c.stars.options)


def test_a_click_on_the_map_chooses_the_star(explorer):
    trace = explorer.c.map.data[0]

    class Points:
        point_inds = (list(trace.customdata).index(NAMES.index("no errors")),)

    explorer._clicked(trace, Points, None)
    assert explorer.c.stars.value == NAMES.index("no errors")


def test_without_a_kernel_a_picture_stands_there(explorer, monkeypatch):
    import IPython.display

    shown = []
    monkeypatch.setattr(IPython.display, "display", lambda what, **_: shown.append(what))
    choose(explorer, "bold")
    explorer._ipython_display_()
    assert shown[0] is explorer.root
    text = shown[1]["text/html"]
    # a stored notebook, whose long HTML goes, keeps the PNG
    assert base64.b64decode(shown[1]["image/png"]).startswith(b"\x89PNG")
    coded = re.search('src="data:image/png;base64,([^"]+)"', text)[1]
    assert base64.b64decode(coded).startswith(b"\x89PNG")
    assert "<b>bold" not in text
    assert f'class="varstar-picture-{explorer._picture}"' in text


def test_a_star_without_points():
    bare = vs.explore(vs.light_curve([], [], star_id="<i>bare</i>"), model="any")
    assert "<i>" not in bare.picture()["text/html"]
    assert len(bare.c.figure.data) == 0
    assert "no points" in bare.c.answer.value
    for key in "ndhs.gxmrw":
        bare.press(key)
    bare.c.tabs.selected_index = 1
    assert "no points" in bare.c.seen.layout.annotations[0].text


def test_notes_are_exported_by_a_button(stars, tmp_path):
    from astropy.table import Table

    explorer = vs.explore(stars, model="k21-lmc")
    choose(explorer, "plain")
    explorer.c.label.value = "RRAB"
    explorer.press("w")
    for ending in (".ecsv", ".csv"):
        explorer.c.file.value = str(tmp_path / f"mine{ending}")
        explorer.c.export.click()
        assert "1 star in" in explorer.c.kept.value
        form = "ascii.ecsv" if ending == ".ecsv" else "ascii.csv"
        table = Table.read(tmp_path / f"mine{ending}", format=form)
        assert table["label"][0] == "RRAB"
        assert set(table.colnames) >= {"star_id", "who", "when"}
    explorer.c.file.value = "mine.<b>doc</b>"
    explorer.c.export.click()
    assert "ends in .csv or .ecsv" in explorer.c.kept.value
    assert "<b>" not in explorer.c.kept.value


def test_the_axes_of_the_map(stars):
    here = stars.assign(u=np.arange(4.0), v=-np.arange(4.0))
    explorer = vs.explore(here, model="k21-lmc", axes=("u", "v"))
    dots = explorer.c.map.data[0]
    np.testing.assert_array_equal(dots.y, -dots.x)
    with pytest.raises(ValueError, match="axes: expected two of"):
        vs.explore(here, model="k21-lmc", axes=("u", "w"))


def test_the_box_goes_when_its_points_are_out(stars):
    explorer = vs.explore(stars, model="k21-lmc")
    choose(explorer, "plain")
    explorer.c.figure.layout.selections = [{"type": "rect", "x0": 0, "x1": 9, "y0": 14, "y1": 16}]
    explorer.state.exclude(explorer.row, [0, 1])
    explorer._points_changed()
    assert len(explorer.c.figure.layout.selections) == 0
    assert explorer.state.out(explorer.row).sum() == 2


def test_catch22_of_a_model_that_looks_at_it(stars):
    explorer = vs.explore(stars, model="sm-asas")
    choose(explorer, "plain")
    explorer.c.tabs.selected_index = 1
    titles = [a.text for a in explorer.c.seen.layout.annotations]
    assert "catch22, folded, among" in titles[3]
    assert "sm-asas" in titles[4]


def test_gaps_are_pressed_on_wish(stars):
    frame = stars["lc"].iloc[0].copy()
    frame["t"] = np.where(frame["t"] > 60, frame["t"] + 700, frame["t"])
    explorer = vs.explore(vs.make_sample(frame.assign(star_id="a")), model="k21-lmc")
    x = points_of(explorer, "x")[0].x
    explorer.press("g")
    pressed = points_of(explorer, "x")[0].x
    assert np.ptp(x) > 800
    assert np.ptp(pressed) < 130
    axis = explorer.c.figure.layout.xaxis
    assert [float(text) for text in axis.ticktext] == pytest.approx(
        [x.min(), x[x > 700].min()], abs=0.6
    )
    assert len(explorer.c.figure.layout.shapes) == 1
    folded = points_of(explorer, "x3")[0].x
    explorer.press("g")
    np.testing.assert_array_equal(points_of(explorer, "x")[0].x, x)
    np.testing.assert_array_equal(points_of(explorer, "x3")[0].x, folded)
    assert axis.ticktext is None


def test_the_series_is_drawn_and_what_it_leaves(explorer):
    choose(explorer, "plain")
    residual = points_of(explorer, "x5")[0]
    assert np.std(residual.y) < 0.06
    assert "harmonics leave" in explorer.c.figure.layout.annotations[-2].text
    explorer.press("m")
    assert not points_of(explorer, "x5")
    explorer.press("m")
    assert len(points_of(explorer, "x6")) == 1


def test_several_models_side_by_side(stars):
    explorer = vs.explore(stars, model=["any", "s20p-catalina"])
    choose(explorer, "plain")
    assert [a.model for a in explorer.answers] == ["any", "s20p-catalina"]
    assert "set: " in explorer.c.answer.value
    assert "more novel than" in explorer.c.answer.value
    explorer.c.asked.value = ["s20-catalina"]
    assert [a.model for a in explorer.answers] == ["s20-catalina"]
    with pytest.raises(ValueError, match="nosuch"):
        vs.explore(stars, model=["any", "nosuch"])


def test_what_models_see_is_drawn_where_it_is_looked_at(stars):
    many = pd.concat([stars["lc"].iloc[0].assign(star_id=f"s{k:02d}") for k in range(12)])
    many["t"] *= 1 + 0.001 * many["star_id"].str[1:].astype(int)
    explorer = vs.explore(
        vs.make_sample(many).assign(period=0.57 * (1 + 0.001 * np.arange(12))),
        model="s20p-catalina",
    )
    assert len(explorer.c.seen.data) == 0
    explorer.c.tabs.selected_index = 1
    kinds = [trace.type for trace in explorer.c.seen.data]
    assert kinds == ["heatmap", "heatmap", "scatter", "bar", "bar", "scatter", "bar"]
    titles = [a.text for a in explorer.c.seen.layout.annotations]
    assert titles[0].startswith("s20p-catalina sees: ")
    assert titles[3] == "sixteen numbers among 12 stars called nothing"
    image = np.array(explorer.c.seen.data[0].z)
    explorer.press("h")
    assert (np.array(explorer.c.seen.data[0].z) != image).any()


def test_keys_go_through_the_stars(stars, tmp_path):
    explorer = vs.explore(stars, model="k21-lmc", notes=tmp_path / "notes.csv")
    explorer.press("b")
    assert explorer.c.stars.value == 0
    explorer.press("a")
    assert explorer.c.stars.value == 1
    note = explorer.state.notes["plain"]
    assert note["label"] in explorer.eyes.model("k21-lmc").classes
    assert float(note["period"]) == pytest.approx(0.57, rel=1e-3)
    p = explorer.c.period.value
    for key, factor in (("h", 0.5), ("t", 1.5), ("o", 1.0), ("d", 2.0), ("s", 2.0)):
        explorer.press(key)
        assert explorer.c.period.value == pytest.approx(factor * p)
    explorer.press("o")
    explorer.press(".")
    assert explorer.c.period.value > p
    explorer.press(",")
    assert explorer.c.period.value == pytest.approx(p)
    for _ in range(9):
        explorer.press("n")
    assert explorer.c.stars.value == len(NAMES) - 1
    assert set(explorer.state.notes) == {"plain"}


def test_the_list_goes_on_beyond_its_page(stars, monkeypatch):
    from varstar.explorer import listing

    monkeypatch.setattr(listing, "LISTED", 3)
    explorer = vs.explore(stars, model="k21-lmc")
    assert len(explorer.c.stars.options) == 3
    for _ in range(3):
        explorer.press("n")
    assert explorer.c.stars.options == (("no errors  ", 3),)
    explorer.press("b")
    assert explorer.c.stars.value == 2
    explorer.choose(3)
    assert explorer.row == 3


def test_a_click_takes_a_point_out_and_back(explorer):
    choose(explorer, "plain")

    class Points:
        point_inds = (5,)

    trace = points_of(explorer, "x3")[0]
    explorer._clicked_point(trace, Points, None)
    assert np.flatnonzero(explorer.state.out(explorer.row)).tolist() == [trace.customdata[5]]
    grey = next(t for t in points_of(explorer, "x") if t.marker.color == "#cccccc")
    Points.point_inds = (0,)
    explorer._clicked_point(grey, Points, None)
    assert not explorer.state.out(explorer.row).any()


def test_no_hovering_while_boxes_are_drawn(explorer):
    explorer.press("x")
    assert explorer.c.figure.layout.dragmode == "select"
    assert explorer.c.figure.layout.hovermode is False
    explorer.press("x")
    assert explorer.c.figure.layout.hovermode == "closest"
    explorer.c.map.layout.dragmode = "lasso"
    assert explorer.c.map.layout.hovermode is False
    explorer.c.map.layout.dragmode = "zoom"


def test_a_click_on_the_periodogram_folds_there(explorer):
    choose(explorer, "plain")
    power = next(t for t in explorer.c.figure.data if t.xaxis == "x2" and len(t.x) > 500)

    class Points:
        point_inds = (100,)

    explorer._clicked_power(power, Points, None)
    assert explorer.c.period.value == pytest.approx(1 / power.x[100])


def test_a_box_on_the_map_shortens_the_list(stars):
    explorer = vs.explore(stars, model="k21-lmc")
    trace = explorer.c.map.data[0]

    class Points:
        point_inds = (0, 2)

    want = [int(trace.customdata[k]) for k in (0, 2)]
    explorer._boxed_on_map(trace, Points, None)
    assert [v for _, v in explorer.c.stars.options] == want
    explorer._unboxed()
    assert len(explorer.c.stars.options) == len(NAMES)


def test_no_star_passes_the_filters(explorer):
    explorer.c.search.value = "no such star"
    assert explorer.c.stars.options == ()
    assert len(explorer.c.figure.data) == 0
    explorer.press("n")
    explorer.c.search.value = ""
    assert explorer.row == 0


def test_only_a_part_of_a_great_map_is_drawn(stars, monkeypatch):
    from varstar.explorer.state import State

    whole = State.thinned
    monkeypatch.setattr(State, "thinned", lambda self, most=2, **k: whole(self, most, **k))
    explorer = vs.explore(stars, model="k21-lmc")
    drawn = [int(i) for t in explorer.c.map.data[:-1] for i in t.customdata]
    assert len(drawn) == 2
    x, y = explorer._xy
    explorer._zoomed(None, (x[3] - 1e-6, x[3] + 1e-6), (y[3] - 1e-6, y[3] + 1e-6))
    drawn = [int(i) for t in explorer.c.map.data[:-1] for i in t.customdata]
    assert 3 in drawn or len(drawn) == 2


def test_an_empty_sample(stars):
    assert "No stars" in vs.explore(stars.iloc[:0]).root.value


def test_the_periodogram_peaks_at_the_period(stars):
    explorer = vs.explore(stars, model="k21-lmc")
    frequency, power = explorer.power
    assert frequency[power.argmax()] == pytest.approx(1 / 0.57, abs=2e-3)
    assert len(frequency) <= 4100


def test_the_command_writes_a_notebook(stars, tmp_path, capsys):
    from varstar.__main__ import main

    file = tmp_path / "a.csv"
    stars["lc"].iloc[0][["t", "mag", "err"]].to_csv(file, index=False)
    status = main(["explore", str(file), "--folder", str(tmp_path / "x"), "--no-lab"])
    assert status == 0
    cell = json.loads((tmp_path / "x" / "explore.ipynb").read_text())["cells"][0]
    text = "".join(cell["source"])
    assert str(file) in text
    compile(text, "cell", "exec")

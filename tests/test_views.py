"""What a notebook shows of samples and results."""

import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

import varstar as vs
from varstar import views


def sample(n=8, name="<b>x</b>"):
    t = np.arange(40) * 0.37
    obs = pd.concat(
        [pd.DataFrame({"star_id": f"{name}{i}", "t": t, "mag": 15 + np.sin(t)}) for i in range(n)]
    )
    index = pd.Index([f"{name}{i}" for i in range(n)], name="star_id")
    periods = [0.5, np.nan] * (n // 2)
    stars = pd.DataFrame({"label": "<i>", "period": periods, "extra": 1}, index=index)
    return vs.make_sample(obs, stars)


def results(**more):
    columns = {"label": ["A", None], "probability": [0.9, np.nan], "A": [0.9, np.nan],
               "B": [0.1, np.nan], "n_points": [5, 0], "fap": [0.5, np.nan],
               "period": [1.0, np.nan], "period_source": ["found", "none"],
               "status": ["ok", "no points"]}  # fmt: skip
    table = pd.DataFrame(columns, index=pd.Index(["s", "t"], name="star_id"))
    table.attrs["model"] = "toy"
    return table


def parsed(page):
    return ElementTree.fromstring(f"<div>{page}</div>")


def test_a_sample_shows_its_first_stars_as_small_pictures():
    page = views.sample_html(sample())
    tree = parsed(page)
    assert len(tree.findall(".//svg")) == views.ROWS
    assert "8 stars, 320 measurements" in page
    assert "2 more rows" in page
    assert "columns besides: extra" in page
    assert "&lt;b&gt;x" in page
    assert "<b>x" not in page
    assert len(page) < 10_000  # so that executed notebooks keep it


def test_a_folded_picture_has_two_cycles_within_its_frame():
    svg = views.sparkline(np.array([0.0, 0.25]), np.array([14.0, 16.0]), folded=True)
    dots = [tuple(map(int, d)) for d in re.findall(r"M(\d+) (\d+)h0", svg)]
    assert [x for x, _ in dots] == [2, 16, 60, 74]
    assert [y for _, y in dots] == [2, 34, 2, 34]  # bright up
    assert views.sparkline(np.array([]), np.array([])) == ""


def test_stars_without_points_say_why():
    empty = sample(2)
    empty = vs.make_sample(
        pd.DataFrame({"star_id": ["a"], "t": [1.0], "mag": [2.0]}),
        pd.DataFrame(index=pd.Index(["a", "b"], name="star_id")),
    )
    page = views.sample_html(empty)
    assert "no points" in page
    parsed(page)


def test_results_show_bars_and_what_is_wrong_in_words():
    page = views.results_html(results())
    tree = parsed(page)
    assert len(tree.findall(".//svg")) == 2
    assert "<b>A</b>" in page
    assert "may not be periodic (fap 0.5)" in page
    assert "no points" in page
    assert "classes of toy" in page


@pytest.mark.parametrize("table", [sample(2).iloc[:0], results().iloc[:0]])
def test_no_rows(table):
    page = views._nested(table) if "lc" in table.columns else views._table(table)
    parsed(page)


def test_other_tables_are_shown_as_pandas_shows_them():
    plain = pd.DataFrame({"label": ["a"]})
    assert views._table(plain) == plain._repr_html_()
    assert views._nested(sample(2)[["label"]]) == sample(2)[["label"]]._repr_html_()


def test_ipython_is_told_when_the_front_door_is_used():
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    try:
        views.register()
        data, _ = shell.display_formatter.format(sample())
        assert "8 stars, 320 measurements" in data["text/html"]
        data, _ = shell.display_formatter.format(results())
        assert "classes of toy" in data["text/html"]
        data, _ = shell.display_formatter.format(pd.DataFrame({"a": [1]}))
        assert "dataframe" in data["text/html"]
    finally:
        InteractiveShell.clear_instance()

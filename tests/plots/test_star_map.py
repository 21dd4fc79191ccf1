"""The map to click on: what is in the page."""

import html
import json
import re

import numpy as np
import pytest

from varstar.lightcurves.sample import LightCurves
from varstar.plots.star_map import in_frame, star_map


def some_curves(n: int = 3, points: int = 8) -> LightCurves:
    t = np.tile(np.arange(points) * 0.3, n)
    mag = 12 + np.sin(2 * np.pi * t)
    return LightCurves(
        t, mag, np.full(n * points, 0.01), np.zeros(n * points, np.int8),
        np.arange(n + 1) * points, ("V",),
    )  # fmt: skip


def data_of(page: str) -> dict:
    return json.loads(re.search(r"const D=(.*);\n", page).group(1))


def test_what_the_page_holds() -> None:
    xy = np.array([[0.0, 0.0], [5.0, 2.0], [10.0, 1.0]])
    page = star_map(xy, ["b", "a", "b"], some_curves(), np.array([1.0, 1.0, np.nan]), names="xyz")
    data = data_of(page)
    assert data["points"] == [[0, 0, 1], [500, 1000, 0], [1000, 500, 1]]
    assert data["classes"] == ["a", "b"]
    assert data["names"] == ["x", "y", "z"]
    first = np.array(data["curves"][0])
    assert first[:, 0].tolist() == [0, 300, 600, 900, 200, 500, 800, 100]  # t mod 1 day
    assert first.min() == 0
    assert first[:, 1].max() == 1000
    in_time = np.array(data["curves"][2])
    assert (np.diff(in_time[:, 0]) > 0).all()
    assert in_time[-1, 0] == 1000


def test_long_light_curves_are_thinned() -> None:
    page = star_map(np.zeros((1, 2)), ["a"], some_curves(1, 95), np.ones(1), max_points=10)
    assert 5 <= len(data_of(page)["curves"][0]) <= 10


def test_a_star_without_points() -> None:
    page = star_map(np.zeros((1, 2)), ["a"], some_curves(1, 0), np.ones(1))
    assert data_of(page)["curves"] == [[]]


def test_names_cannot_end_the_script() -> None:
    name = '<!--<script></script><b>"x"&'
    page = star_map(np.zeros((1, 2)), ["a"], some_curves(1), np.ones(1), names=[name])
    assert page.count("</script>") == page.count("<script>") == 1
    assert "<!--" not in page
    assert data_of(page)["names"] == [name]
    framed = in_frame(page)
    inside = re.search(r'srcdoc="([^"]*)"', framed).group(1)
    assert html.unescape(inside) == page


def test_every_class_has_its_own_colour() -> None:
    for n in (3, 11, 30):
        labels = [f"c{k}" for k in range(n)]
        page = star_map(np.zeros((n, 2)), labels, some_curves(n), np.ones(n))
        assert len(set(data_of(page)["colours"])) == n


def test_nothing_is_fetched() -> None:
    page = star_map(np.zeros((1, 2)), ["a"], some_curves(1), np.ones(1))
    assert "http" not in page
    assert "src=" not in page


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"xy": np.zeros((3, 3))}, "xy: expected"),
        ({"xy": np.full((3, 2), np.nan)}, "xy: expected"),
        ({"labels": ["a"]}, "labels: expected 3"),
        ({"periods": np.ones(2)}, "periods: expected 3"),
        ({"curves": some_curves(2)}, "curves: expected 3"),
        ({"notes": ["a"]}, "notes: expected 3"),
    ],
)
def test_what_does_not_fit(change: dict, message: str) -> None:
    given = {
        "xy": np.zeros((3, 2)), "labels": list("abc"), "curves": some_curves(),
        "periods": np.ones(3),
    }  # fmt: skip
    with pytest.raises(ValueError, match=message):
        star_map(**{**given, **change})

"""plotly's code goes to the page once, whatever the number of figures."""

import pytest

pytest.importorskip("plotly")
pytest.importorskip("ipywidgets")

import plotly.graph_objects as go

from varstar.explorer.plotly_once import figure_widget


def test_figures_share_one_holder_of_plotlys_code():
    first, second = (figure_widget(go.Figure(layout={"title": {"text": t}})) for t in "ab")
    assert isinstance(first, go.FigureWidget)
    assert [f.layout.title.text for f in (first, second)] == ["a", "b"]
    assert first._code is second._code
    assert first._code.text == str(go.FigureWidget._esm)
    assert len(str(first._esm)) < 5000
    assert len(str(go.FigureWidget._esm)) > 1_000_000
    # what the page is told of a figure names the holder and does not hold its text
    state = first.get_state()
    assert state["_code"] == f"IPY_MODEL_{first._code.model_id}"
    assert len(str(state)) < 20_000


def test_a_holder_that_was_closed_is_replaced():
    first = figure_widget(go.Figure())
    first._code.close()
    second = figure_widget(go.Figure())
    assert second._code is not first._code
    assert second._code.text == str(go.FigureWidget._esm)

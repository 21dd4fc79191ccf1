"""The explorer's figures, in plotly."""

import html
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from varstar.explorer.curves import GRID, Pressed, Series
from varstar.explorer.plotly_once import figure_widget
from varstar.lightcurves.sample import LightCurves

#: Colours that the colour-blind can tell, in the order of bands and classes.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999999"]
GREY = "#cccccc"


class View(NamedTuple):
    """A star as it is drawn.

    Attributes
    ----------
    curves : LightCurves
        One star, all its points.
    out : ndarray of bool, shape (n_points,)
        Points left out: grey in the light curve, nowhere else.
    periods : (float, float)
        [d]; without a positive one a folded panel stays empty.
    epoch : float
        What stands at phase 0 [d].
    power : (frequency [1/d], power)
        Of `varstar.plots.star.periodogram`; empty where there is none.
    marks : dict of str to float
        Periods [d] marked in the periodogram besides the two: aliases, candidates.
    pressed : Pressed, optional
        Without gaps, where they are pressed together.
    series : (Series, Series), optional
        At the two periods, where the model is drawn.
    cycles : int
        Shown of each folded light curve.
    """

    curves: LightCurves
    out: np.ndarray
    periods: tuple[float, float]
    epoch: float = 0.0
    power: tuple[np.ndarray, np.ndarray] = (np.array([]), np.array([]))
    marks: dict[str, float] = {}  # noqa: RUF012 -- read only
    pressed: Pressed | None = None
    series: tuple[Series, Series] | None = None
    cycles: int = 2


def star_figure(widget: bool = True) -> Any:
    """Light curve, periodogram, two folded light curves and what a series leaves, empty."""
    from plotly.subplots import make_subplots

    fig = make_subplots(rows=3, cols=2, vertical_spacing=0.09, horizontal_spacing=0.09,
                        row_heights=[0.36, 0.44, 0.2],
                        subplot_titles=("light curve", "periodogram", "", "", "", ""))  # fmt: skip
    fig.update_layout(height=700, margin={"l": 55, "r": 10, "t": 30, "b": 40}, dragmode="zoom",
                      showlegend=False, template="plotly_white", uirevision="star")  # fmt: skip
    fig.update_annotations(font_size=13)
    for row, col in ((1, 1), (2, 1), (2, 2), (3, 1), (3, 2)):
        title = {"title_text": "mag" if row < 3 else "O - C [mag]"} if col == 1 else {}
        fig.update_yaxes(autorange="reversed", row=row, col=col, **title)
    fig.update_xaxes(title_text="time [d]", title_standoff=2, row=1, col=1)
    fig.update_xaxes(title_text="frequency [1/d]", title_standoff=2, type="log", row=1, col=2)
    for col in (1, 2):
        fig.update_xaxes(title_text="phase", title_standoff=2, row=3, col=col)
        fig.update_xaxes(matches=f"x{2 + col}", row=3, col=col)
    for panel in (3, 4, 5, 6):  # titles that `draw` fills in
        fig.add_annotation(text="", x=0, y=1, xref=f"x{panel} domain", yref=f"y{panel} domain",
                           xanchor="left", yanchor="bottom", showarrow=False,
                           font={"size": 12})  # fmt: skip
    return figure_widget(fig) if widget else fig


def follow_tool(layout: Any, tool: str | None) -> None:
    """No hovering while boxes are drawn.

    A figure's events reach the kernel through one value: of a selection and the end of a hover
    right after it the kernel would only hear of the second.
    """
    layout.hovermode = False if tool in ("select", "lasso") else "closest"


def clear_boxes(fig: Any) -> None:
    """Take away what was drawn to choose points.

    A box drawn in the browser is not known to the kernel, which sends changes only: so it gets
    another one first.
    """
    fig.layout.selections = [{"type": "rect", "x0": 0, "x1": 0, "y0": 0, "y1": 0}]
    fig.layout.selections = []


def draw(fig: Any, view: View) -> None:
    """Put a star into the figure of `star_figure`."""
    traces = [*_light_curve(view), *_periodogram(view)]
    for k in (0, 1):
        traces += _folded(view, k)
    _replace(fig, traces)
    with fig.batch_update():
        _time_axis(fig, view)
        for k, period in enumerate(view.periods):
            fig.layout.annotations[-4 + k].text = (
                f"P = {period:.7g} d" if period > 0 else "no period"
            )
            fig.layout.annotations[-2 + k].text = _left(view, k)


#: Row and column of a panel -> its axes.
_AXES = {(1, 1): "", (1, 2): "2", (2, 1): "3", (2, 2): "4", (3, 1): "5", (3, 2): "6"}
#: What differs from one star, or period, to the next.
_CHANGING = ("x", "y", "error_y", "customdata", "text", "marker", "name", "selectedpoints")


def _replace(fig: Any, traces: list[tuple[Any, int, int]]) -> None:
    """New traces in the place of the old ones: one message to the browser where they are of the
    same kinds, in the same panels; else the old ones go."""
    here = [(t.type, t.mode, t.xaxis or "x") for t in fig.data]
    if here == [(t.type, t.mode, f"x{_AXES[row, col]}") for t, row, col in traces]:
        with fig.batch_update():
            for old, (new, _, _) in zip(fig.data, traces, strict=True):
                for name in _CHANGING:
                    old[name] = new[name]
        return
    with fig.batch_update():
        fig.data = []
        fig.add_traces([t for t, _, _ in traces], rows=[r for _, r, _ in traces],
                       cols=[c for _, _, c in traces])  # fmt: skip


def _left(view: View, k: int) -> str:
    """How much a harmonic series leaves, in words."""
    if view.series is None or not np.isfinite(view.series[k].rms):
        return ""
    terms = "/".join(str(n) for n in view.series[k].terms.values())
    return f"{terms} harmonics leave {view.series[k].rms:.4f} mag"


def _time_axis(fig: Any, view: View) -> None:
    """Ticks that say the true time where gaps are pressed, and a line for each gap."""
    pressed = view.pressed
    if pressed is None or not len(pressed.gaps):
        fig.layout.xaxis.update(tickmode="auto", tickvals=None, ticktext=None, tickangle=None)
        fig.layout.shapes = []
        return
    every = max(1, -(-len(pressed.start) // 4))
    start = pressed.start[::every]
    fig.layout.xaxis.update(tickmode="array", tickvals=start[:, 0].tolist(),
                            ticktext=[f"{t:.0f}" for t in start[:, 1]], tickangle=0)  # fmt: skip
    line = {"color": "#bbbbbb", "width": 1, "dash": "dot"}
    fig.layout.shapes = [
        {"type": "line", "x0": x, "x1": x, "y0": 0, "y1": 1, "xref": "x", "yref": "y domain",
         "line": line} for x in pressed.gaps[:, 0]
    ]  # fmt: skip


def _bands(curves: LightCurves) -> Iterator[tuple[int, str, np.ndarray]]:
    for k, band in enumerate(curves.bands):
        mine = curves.band == k
        if mine.any():
            yield k, html.escape(band), mine


def _light_curve(view: View) -> Iterator[tuple[Any, int, int]]:
    curves, place = view.curves, np.arange(len(view.curves.t))
    x = curves.t if view.pressed is None else view.pressed.x
    for k, band, mine in _bands(curves):
        for gone in (False, True):
            rows = place[mine & (view.out == gone)]
            if len(rows):
                colour = GREY if gone else COLOURS[k % len(COLOURS)]
                yield _points(curves, rows, x[rows], curves.mag[rows], band, colour), 1, 1


def _periodogram(view: View) -> Iterator[tuple[Any, int, int]]:
    import plotly.graph_objects as go

    frequency, power = view.power
    if not len(frequency):
        return
    yield go.Scattergl(x=frequency, y=power, mode="lines", line={"width": 1, "color": "#555"},
                       hovertemplate="P = %{customdata:.6g} d", customdata=1 / frequency,
                       name=""), 1, 2  # fmt: skip
    top = float(np.max(power))
    marked = {name: p for name, p in view.marks.items()
              if p > 0 and frequency[0] <= 1 / p <= frequency[-1]}  # fmt: skip
    if marked:
        yield go.Scattergl(
            x=[1 / p for p in marked.values()], y=[1.04 * top] * len(marked), mode="markers",
            marker={"symbol": "triangle-down", "size": 7, "color": COLOURS[5]},
            text=[f"{name}: {p:.6g} d" for name, p in marked.items()], hoverinfo="text",
            customdata=list(marked.values()), name="",
        ), 1, 2  # fmt: skip
    for p, colour in zip(view.periods, COLOURS, strict=False):
        if p > 0:
            yield _line([1 / p, 1 / p], [0, top], colour, dash="dot"), 1, 2


def _line(x: Any, y: Any, colour: str, dash: str = "solid") -> Any:
    import plotly.graph_objects as go

    line = {"width": 1.5, "dash": dash, "color": colour}
    return go.Scattergl(x=x, y=y, mode="lines", hoverinfo="skip", line=line)


def _folded(view: View, k: int) -> Iterator[tuple[Any, int, int]]:
    period, curves = view.periods[k], view.curves
    if not (period > 0 and np.isfinite(period)):
        return
    phase = ((curves.t - view.epoch) / period) % 1.0
    for b, band, mine in _bands(curves):
        rows, colour = np.flatnonzero(mine & ~view.out), COLOURS[b % len(COLOURS)]
        if not len(rows):
            continue
        copies = np.tile(rows, view.cycles)
        x = np.concatenate([phase[rows] + n for n in range(view.cycles)])
        yield _points(curves, copies, x, curves.mag[copies], band, colour), 2, k + 1
        if view.series is None:
            continue
        series = view.series[k]
        if b in series.curve:
            grid = np.concatenate([GRID + n for n in range(view.cycles)])
            yield _line(grid, np.tile(series.curve[b], view.cycles), "#222"), 2, k + 1
            yield _points(curves, copies, x, series.residual[copies], band, colour), 3, k + 1


def _points(
    curves: LightCurves, rows: np.ndarray, x: np.ndarray, y: np.ndarray, band: str, colour: str
) -> Any:
    import plotly.graph_objects as go

    err = curves.err[rows]
    size = np.where(np.isfinite(err) & (err > 0), err, 0)
    bars = {"type": "data", "array": size, "width": 0, "thickness": 0.6}
    return go.Scattergl(
        x=x, y=y, error_y=bars, mode="markers", name=band, customdata=rows,
        marker={"size": 4, "color": colour}, unselected={"marker": {"opacity": 1}},
    )  # fmt: skip


def map_figure(widget: bool = True) -> Any:
    """A map of the stars, empty."""
    import plotly.graph_objects as go

    fig = figure_widget(go.Figure()) if widget else go.Figure()
    fig.update_layout(height=380, margin={"l": 50, "r": 5, "t": 30, "b": 100}, autosize=True,
                      template="plotly_white", dragmode="zoom", clickmode="event",
                      legend={"font": {"size": 9}, "orientation": "h", "y": -0.2,
                              "yanchor": "top", "itemsizing": "constant"})  # fmt: skip
    return fig


def draw_map(fig: Any, x: np.ndarray, y: np.ndarray, *, classes: np.ndarray, names: list[str],
             rows: np.ndarray, novelty: np.ndarray, labels: tuple[str, str],
             on: dict[str, Callable] | None = None) -> None:  # fmt: skip
    """Stars as dots: a colour a class, greater the more novel; the last trace is the ring
    round the star chosen.

    Parameters
    ----------
    fig : FigureWidget
        Of `map_figure`.
    x, y, classes, novelty : ndarray, shape (n_stars,)
        Of all stars; `novelty` in per cent, NaN where unknown.
    names : list of str
    rows : ndarray of int
        The stars drawn.
    labels : (str, str)
    on : dict, optional
        "click" and "selection": what the dots call.
    """
    import plotly.graph_objects as go

    size = 5 + 7 * np.nan_to_num(novelty / 100, nan=0.0) ** 4
    traces = []
    for k, name in enumerate(sorted(set(classes))):
        some = rows[(classes[rows] == name)]
        traces.append(go.Scattergl(
            x=x[some], y=y[some], mode="markers", name=html.escape(name) or "?", customdata=some,
            text=[html.escape(names[i]) for i in some], hoverinfo="text+name",
            marker={"size": size[some], "color": COLOURS[k % len(COLOURS)], "opacity": 0.7,
                    "line": {"width": 0}},
        ))  # fmt: skip
    ring = {"size": 15, "color": "rgba(0,0,0,0)", "line": {"width": 2, "color": "#000"}}
    traces.append(go.Scattergl(x=[], y=[], mode="markers", marker=ring, hoverinfo="skip",
                               showlegend=False, name="chosen"))  # fmt: skip
    with fig.batch_update():
        fig.data = []
        fig.add_traces(traces)
        fig.layout.xaxis.title.text, fig.layout.yaxis.title.text = labels
    for trace in fig.data[:-1]:
        for event, work in (on or {}).items():
            getattr(trace, f"on_{event}")(work)

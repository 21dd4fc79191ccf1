"""The explorer's figures, in plotly."""

from typing import Any

import numpy as np

from varstar.lightcurves.sample import LightCurves

#: Colours that the colour-blind can tell, in the order of bands and classes.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999999"]


def star_figure(widget: bool = True) -> Any:
    """Light curve, periodogram and two folded light curves, empty."""
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    titles = ("light curve (box-select points to leave them out)", "periodogram", "folded",
              "folded at the second period")  # fmt: skip
    fig = make_subplots(rows=2, cols=2, subplot_titles=titles, vertical_spacing=0.14,
                        horizontal_spacing=0.08)  # fmt: skip
    fig.update_layout(height=620, margin={"l": 50, "r": 10, "t": 40, "b": 40}, dragmode="zoom",
                      showlegend=False, template="plotly_white")  # fmt: skip
    for cell in ((1, 1), (2, 1), (2, 2)):
        fig.update_yaxes(autorange="reversed", title_text="mag", row=cell[0], col=cell[1])
    fig.update_xaxes(title_text="time [d]", row=1, col=1)
    fig.update_xaxes(title_text="frequency [1/d]", type="log", row=1, col=2)
    for col in (1, 2):
        fig.update_xaxes(title_text="phase", row=2, col=col)
    return go.FigureWidget(fig) if widget else fig


def draw(fig: Any, curves: LightCurves, out: np.ndarray, period: float, second: float,
         power: tuple[np.ndarray, np.ndarray], epoch: float = 0.0) -> None:  # fmt: skip
    """Put a star into the figure.

    Parameters
    ----------
    fig : Figure or FigureWidget
        Of `star_figure`.
    curves : LightCurves
        One star, all its points.
    out : ndarray of bool, shape (n_points,)
        Points left out: drawn grey in the light curve, nowhere else.
    period, second : float
        [d]; NaN leaves the folded panel empty.
    power : (frequency [1/d], power)
        Of `varstar.plots.star.periodogram`; empty where there is none.
    epoch : float
        What stands at phase 0 [d].
    """
    import plotly.graph_objects as go

    traces, rows, cols = [], [], []

    def add(trace: Any, row: int, col: int) -> None:
        traces.append(trace)
        rows.append(row)
        cols.append(col)

    place = np.arange(len(curves.t))
    for k, band in enumerate(curves.bands):
        mine = curves.band == k
        for gone in (False, True):
            some = mine & (out == gone)
            if some.any():
                add(_points(go, curves, some, curves.t[some], band, k, place[some], gone), 1, 1)
        for col, p in ((1, period), (2, second)):
            some = mine & ~out
            if p > 0 and some.any():
                phase = ((curves.t[some] - epoch) / p) % 1.0
                double = np.concatenate([phase, phase + 1])
                two = np.concatenate([place[some]] * 2)
                some2 = np.concatenate([np.flatnonzero(some)] * 2)
                add(_points(go, curves, some2, double, band, k, two, False), 2, col)
    if len(power[0]):
        add(go.Scattergl(x=power[0], y=power[1], mode="lines", line={"width": 1, "color": "#555"}),
            1, 2)  # fmt: skip
        for p, colour in ((period, COLOURS[0]), (second, COLOURS[1])):
            if p > 0:
                line = {"width": 1, "dash": "dot", "color": colour}
                top = float(np.max(power[1]))
                add(go.Scattergl(x=[1 / p, 1 / p], y=[0, top], mode="lines", line=line), 1, 2)
    fig.data = []
    fig.add_traces(traces, rows=rows, cols=cols)


def _points(go: Any, curves: LightCurves, some: np.ndarray, x: np.ndarray, band: str, k: int,
            place: np.ndarray, gone: bool) -> Any:  # fmt: skip
    err = curves.err[some]
    size = np.where(np.isfinite(err), err, 0)
    bars = {"type": "data", "array": size, "width": 0, "thickness": 0.6}
    colour = "#cccccc" if gone else COLOURS[k % len(COLOURS)]
    return go.Scattergl(
        x=x, y=curves.mag[some], error_y=bars, mode="markers", name=band, customdata=place,
        marker={"size": 4, "color": colour},
    )  # fmt: skip


def map_figure(
    x: np.ndarray,
    y: np.ndarray,
    classes: np.ndarray,
    names: list[str],
    rows: np.ndarray,
    labels: tuple[str, str],
    widget: bool = True,
) -> Any:
    """Stars as dots, a colour a class; `rows` go with each dot."""
    import plotly.graph_objects as go

    fig = go.FigureWidget() if widget else go.Figure()
    for k, name in enumerate(sorted(set(classes))):
        some = classes == name
        fig.add_scattergl(
            x=x[some], y=y[some], mode="markers", name=name or "?", customdata=rows[some],
            text=[names[i] for i in rows[some]], hoverinfo="text+name",
            marker={"size": 5, "color": COLOURS[k % len(COLOURS)], "opacity": 0.7},
        )  # fmt: skip
    fig.update_layout(height=300, width=330, margin={"l": 45, "r": 5, "t": 10, "b": 40},
                      template="plotly_white", xaxis_title=labels[0], yaxis_title=labels[1],
                      legend={"font": {"size": 9}})  # fmt: skip
    return fig

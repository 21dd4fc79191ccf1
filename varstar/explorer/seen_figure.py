"""What models see and say, drawn."""

import html
from typing import Any

import numpy as np
import pandas as pd

from varstar.explorer.figures import COLOURS
from varstar.explorer.plotly_once import figure_widget
from varstar.explorer.seen import Answer, Image

#: Places beyond this are drawn at it.
EDGE = 6.0
#: Classes shown of each model, at most.
SHOWN = 5


def seen_figure(widget: bool = True) -> Any:
    """Image, what matters in it, sequence, sixteen numbers and what matters of them; empty."""
    from plotly.subplots import make_subplots

    titles = ("image", "what it hangs on", "sequence", "sixteen numbers", "what it hangs on")
    fig = make_subplots(
        rows=2, cols=6, row_heights=[0.42, 0.58], vertical_spacing=0.13, horizontal_spacing=0.07,
        specs=[[{"colspan": 2}, None, {"colspan": 2}, None, {"colspan": 2}, None],
               [{"colspan": 4}, None, None, None, {"colspan": 2}, None]],
        subplot_titles=titles,
    )  # fmt: skip
    fig.update_layout(height=700, margin={"l": 95, "r": 10, "t": 40, "b": 40}, showlegend=False,
                      template="plotly_white", bargap=0.25, barmode="overlay")  # fmt: skip
    fig.update_annotations(font_size=13)
    for col in (1, 3):
        fig.update_xaxes(showticklabels=False, showgrid=False, row=1, col=col)
        fig.update_yaxes(showticklabels=False, showgrid=False, autorange="reversed", row=1, col=col)
    fig.update_xaxes(title_text="phase", title_standoff=2, row=1, col=5)
    fig.update_yaxes(autorange="reversed", title_text="scaled mag", title_standoff=2, row=1, col=5)
    fig.update_yaxes(autorange="reversed", row=2, col=1)
    fig.update_yaxes(autorange="reversed", showticklabels=False, row=2, col=5)
    fig.update_xaxes(title_text="half ranges from the class's median",
                     range=[-EDGE - 0.3, EDGE + 0.3], title_standoff=2, row=2, col=1)  # fmt: skip
    fig.update_xaxes(
        title_text="fall of the probability without it", title_standoff=2, row=2, col=5
    )
    return figure_widget(fig) if widget else fig


def draw_seen(
    fig: Any,
    image: Image | None,
    sequence: tuple[np.ndarray, np.ndarray, str],
    table: pd.DataFrame | None,
    words: str,
    hangs: tuple[str, pd.Series, str],
) -> None:
    """Put a star into the figure of `seen_figure`.

    Parameters
    ----------
    fig : Figure or FigureWidget
    image : Image, optional
    sequence : (phase, magnitude, status)
    table : DataFrame, optional
        Of `varstar.explorer.seen.against`.
    words : str
        Which numbers, and which stars they are compared with.
    hangs : (model, drop by feature, class or reason)
    """
    placed = [*_image(image), *_sequence(*sequence), *_numbers(table), *_hangs(hangs[1])]
    titles = [
        _image_title(image), "what it hangs on",
        "sequence" if sequence[2] == "ok" else f"sequence: {sequence[2]}",
        words, f"what {hangs[0]} ({hangs[2]}) hangs on",
    ]  # fmt: skip
    with fig.batch_update():
        fig.data = []
        fig.add_traces([t for t, _, _ in placed], rows=[r for _, r, _ in placed],
                       cols=[c for _, _, c in placed])  # fmt: skip
        for annotation, text in zip(fig.layout.annotations, titles, strict=True):
            annotation.text = html.escape(text)


def _image_title(image: Image | None) -> str:
    if image is None:
        return "image: no image model here"
    if image.status != "ok":
        return f"image of {image.model}: {image.status}"
    return f"{image.model} sees: {image.label} {image.probability:.2f}"


def _image(image: Image | None) -> list[tuple[Any, int, int]]:
    import plotly.graph_objects as go

    if image is None or image.status != "ok":
        return []
    stacked = np.concatenate(list(np.moveaxis(image.pixels, -1, 0)))
    most = float(np.abs(image.drop).max()) or 1.0
    grey = go.Heatmap(z=stacked, colorscale="gray", showscale=False, hoverinfo="skip")
    drop = go.Heatmap(z=np.tile(image.drop, (image.pixels.shape[-1], 1)), colorscale="RdBu_r",
                      zmin=-most, zmax=most, showscale=False,
                      hovertemplate="%{z:.3f}<extra></extra>")  # fmt: skip
    return [(grey, 1, 1), (drop, 1, 3)]


def _sequence(phase: np.ndarray, x: np.ndarray, status: str) -> list[tuple[Any, int, int]]:
    import plotly.graph_objects as go

    if status != "ok":
        return []
    line = {"width": 1, "color": "#999"}
    return [(go.Scatter(x=phase, y=x, mode="lines+markers", line=line, hoverinfo="skip",
                        marker={"size": 4, "color": COLOURS[0]}), 1, 5)]  # fmt: skip


def _numbers(table: pd.DataFrame | None) -> list[tuple[Any, int, int]]:
    import plotly.graph_objects as go

    if table is None or table["place"].isna().all():
        return []
    names, found = list(table.index), []
    for low, high, colour in (("q5", "q95", "#dde6ee"), ("q25", "q75", "#9fbfd6")):
        a, b = (table[q].clip(-EDGE, EDGE) for q in (low, high))
        found.append((go.Bar(y=names, x=b - a, base=a, orientation="h", hoverinfo="skip",
                             marker={"color": colour}), 2, 1))  # fmt: skip
    place = table["place"].clip(-EDGE, EDGE)
    beyond = table["place"].abs() > EDGE
    text = [f"{name} = {value:.5g}, above {below:.0f} %" for name, value, below in
            zip(names, table["value"], table["below"], strict=True)]  # fmt: skip
    marker = {"size": 9, "color": np.where(beyond, COLOURS[1], "#000"),
              "symbol": np.where(beyond, "diamond", "circle")}  # fmt: skip
    found.append((go.Scatter(y=names, x=place, mode="markers", text=text, hoverinfo="text",
                             marker=marker), 2, 1))  # fmt: skip
    return found


def _hangs(drop: pd.Series) -> list[tuple[Any, int, int]]:
    import plotly.graph_objects as go

    if not len(drop):
        return []
    colour = np.where(drop > 0, COLOURS[1], COLOURS[0])
    return [(go.Bar(y=list(drop.index), x=drop.to_numpy(), orientation="h",
                    marker={"color": colour},
                    hovertemplate="%{y}: %{x:.3f}<extra></extra>"), 2, 5)]  # fmt: skip


def answers_html(answers: list[Answer], period: float) -> str:
    """The models' answers side by side, as HTML."""
    cards = "".join(_card(answer, period) for answer in answers)
    return f'<div style="display: flex; flex-wrap: wrap; gap: 18px">{cards}</div>'


def _card(answer: Answer, period: float) -> str:
    name = html.escape(answer.model)
    if answer.error:
        return f"<div><b>{name}</b><br>{html.escape(answer.error)}</div>"
    row, lines = answer.row, []
    for label, p in answer.classes[:SHOWN].items():
        bar = f'<rect width="{70 * p:.0f}" height="9" fill="{COLOURS[0]}"/>'
        lines.append(f'<svg width="72" height="9"><rect width="70" height="9" fill="#eee"/>{bar}'
                     f"</svg> {p:.2f} {html.escape(str(label))}")  # fmt: skip
    if row["status"] != "ok":
        lines.append(f"status: {html.escape(str(row['status']))}")
    if "family" in row and pd.notna(row["family"]):
        lines.insert(
            0, f"<b>{html.escape(str(row['family']))}, {html.escape(str(row['label']))}</b>"
        )
    elif pd.notna(row["label"]):
        lines.insert(0, f"<b>{html.escape(str(row['label']))}</b>")
    for column in ("set", "prediction_set"):
        if column in row and pd.notna(row[column]):
            lines.append(f"set: {html.escape(str(row[column]))}")
    if "novelty_percentile" in row and pd.notna(row["novelty_percentile"]):
        lines.append(f"more novel than {row['novelty_percentile']:.0f} % of its training stars")
    used = float(row["period"])
    if used > 0 and not np.isclose(used, period, rtol=1e-9):
        lines.append(f"looked at P = {used:.6g} d ({html.escape(str(row['period_source']))})")
    return f'<div style="line-height: 1.35"><b>{name}</b><br>{"<br>".join(lines)}</div>'

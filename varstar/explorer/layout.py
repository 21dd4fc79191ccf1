"""The explorer's controls: which there are and where they stand. What they do is `app`'s."""

from types import SimpleNamespace
from typing import Any

from varstar.explorer import figures, keys
from varstar.explorer.seen_figure import seen_figure
from varstar.explorer.state import ORDERS, STATUSES, State

#: Buttons that fold at a multiple of the period found.
FACTORS = {"P/2": 0.5, "P": 1.0, "2P": 2.0, "3P": 3.0}


def controls(
    w: Any, state: State, models: list[str], asked: list[str], map_axes: Any = None
) -> SimpleNamespace:
    """All widgets by name, not yet arranged.

    Parameters
    ----------
    w : module
        ipywidgets.
    state : State
    models, asked : list of str
        Models to choose from, and those asked from the start.
    map_axes : (str, str), optional
        Of the map.
    """
    wide, narrow = w.Layout(width="98%"), w.Layout(width="170px")
    tiny = {"description_width": "70px"}
    names = ["", *sorted(set(state.classes) - {""})]
    axes = state.axes()
    across, up = map_axes or (("ra", "dec") if {"ra", "dec"} <= set(axes) else axes[:2])
    c = SimpleNamespace(
        search=w.Text(placeholder="part of a name", description="search", layout=wide, style=tiny,
                      continuous_update=False),
        name=w.Dropdown(options=names, description="class", layout=wide, style=tiny),
        probability=w.FloatRangeSlider(value=(0, 1), min=0, max=1, step=0.01, layout=wide,
                                       description="probability", continuous_update=False,
                                       style=tiny),
        status=w.Dropdown(options=STATUSES, description="which", layout=wide, style=tiny),
        order=w.Dropdown(options=ORDERS, description="order", layout=wide, style=tiny),
        stars=w.Select(rows=12, layout=wide),
        said=w.HTML(),
        across=w.Dropdown(options=axes, value=across, description="across",
                          layout=wide, style=tiny),
        up=w.Dropdown(options=axes, value=up, description="up", layout=wide,
                      style=tiny),
        period=w.FloatText(description="period [d]", layout=w.Layout(width="230px"), style=tiny),
        second=w.FloatText(description="second [d]", layout=w.Layout(width="230px"), style=tiny),
        swap=w.Button(description="swap", layout=w.Layout(width="60px")),
        factors={f: w.Button(description=f, layout=w.Layout(width="46px")) for f in FACTORS},
        alias=w.Dropdown(options=[""], description="alias", layout=w.Layout(width="230px"),
                         style={"description_width": "40px"}),
        slider=w.IntSlider(min=-100, max=100, description="finer", continuous_update=False,
                           layout=w.Layout(width="330px"), style=tiny),
        epoch=w.FloatText(value=0.0, description="epoch [d]", layout=narrow, style=tiny),
        cycles=w.BoundedIntText(value=2, min=1, max=4, description="cycles",
                                layout=w.Layout(width="120px"), style=tiny),
        gaps=w.ToggleButton(description="press gaps", layout=w.Layout(width="100px")),
        model=w.ToggleButton(description="model", value=True, layout=w.Layout(width="80px")),
        box=w.ToggleButton(description="box leaves out", layout=w.Layout(width="120px")),
        back=w.Button(description="all points back", layout=w.Layout(width="130px")),
        asked=w.SelectMultiple(options=models, value=asked, rows=6, description="ask",
                               layout=w.Layout(width="260px"), style={"description_width": "30px"}),
        answer=w.HTML(),
        **_of_notes(w, names),
    )  # fmt: skip
    c.figure, c.map, c.seen = figures.star_figure(), figures.map_figure(), seen_figure()
    for figure in (c.figure, c.map, c.seen):
        figure._config = {"responsive": True, "displaylogo": False}  # the one way to say it
    c.label.add_class("varstar-label")
    return c


def _of_notes(w: Any, names: list[str]) -> dict[str, Any]:
    """What the user writes down."""
    narrow, tiny = w.Layout(width="170px"), {"description_width": "70px"}
    return dict(
        label=w.Combobox(options=[n for n in names if n], description="label", layout=narrow,
                         style={"description_width": "40px"}),
        remark=w.Text(description="remark", layout=w.Layout(width="300px"), style=tiny),
        keep=w.Button(description="write down", button_style="primary",
                      layout=w.Layout(width="100px")),
        export=w.Button(description="export", layout=w.Layout(width="80px")),
        file=w.Text(value="notes.ecsv", description="to", layout=w.Layout(width="170px"),
                    style={"description_width": "20px"}),
        kept=w.HTML(),
    )  # fmt: skip


def arranged(w: Any, c: SimpleNamespace, keyboard: Any) -> Any:
    """The controls in their places: the root of the explorer, and its tabs as ``c.tabs``."""
    left = w.VBox(
        [
            c.search,
            c.name,
            c.probability,
            c.status,
            c.order,
            c.stars,
            c.said,
            c.across,
            c.up,
            c.map,
        ],
        layout=w.Layout(width="28%", overflow="hidden"),
    )
    row = w.Layout(flex_flow="row wrap", align_items="center")
    times = w.Box([c.period, *c.factors.values(), c.alias, c.slider], layout=row)
    more = w.Box([c.second, c.swap, c.epoch, c.cycles, c.gaps, c.model, c.box, c.back], layout=row)
    c.tabs = w.Tab([c.figure, c.seen], titles=["the star", "what models see"])
    answers = w.HBox([c.asked, c.answer])
    notes = w.Box([c.label, c.remark, c.keep, c.export, c.file, c.kept], layout=row)
    help_ = w.Accordion([w.HTML(keys.legend())], titles=["keys (click here first)"],
                        selected_index=None)  # fmt: skip
    right = w.VBox([times, more, c.tabs, notes, answers, help_, keyboard],
                   layout=w.Layout(width="72%", overflow="hidden"))  # fmt: skip
    root = w.HBox([left, right])
    root.add_class("varstar-explorer")
    return root

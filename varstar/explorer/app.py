"""The explorer on the screen: `explore`."""

import html
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from varstar.explorer import figures
from varstar.explorer.state import ORDERS, State, aliases, step
from varstar.front_door import as_sample
from varstar.plots.star import one_star, periodogram, plot

#: Stars that the list shows at most; search and filters find the others.
LISTED = 400


def explore(
    sample: Any,
    results: pd.DataFrame | None = None,
    *,
    notes: str | Path | None = None,
    model: str = "any",
) -> Any:
    """Look at stars one by one in JupyterLab.

    A list and a map of the stars; of the one chosen its light curve, periodogram and two folded
    light curves; buttons for half and twice the period and its aliases, a slider in steps that
    the span resolves; points left out by box selection; the class at this period and these
    points; a label, a period and a remark that are kept in a file.

    Parameters
    ----------
    sample : NestedFrame, or what `varstar.classify` takes
    results : DataFrame, optional
        Of `varstar.classify` on the same stars.
    notes : path, optional
        A CSV file for what you write down; read again when it is there.
    model : str
        The model asked when period or points change.

    Returns
    -------
    Explorer
        A widget (ipywidgets). Without a running kernel its picture stands in its place.

    Raises
    ------
    ValueError
        Results that are not of these stars.
    """
    return Explorer(
        State(as_sample(sample), results, None if notes is None else Path(notes)), model
    )


def _widgets() -> Any:
    from varstar.optional import need

    need("plotly", what="the explorer")
    return need("ipywidgets", what="the explorer")


class Explorer:
    """The widget; ``state`` is what it knows, ``root`` what is shown."""

    def __init__(self, state: State, model: str) -> None:
        self.w, self.state, self.model, self.row = _widgets(), state, model, None
        self._quiet = False
        if not state.names:
            self.root = self.w.HTML("<b>No stars in this sample.</b>")
            return
        self._make()
        self._list()

    # --- building ---------------------------------------------------------------------

    def _make(self) -> None:
        w = self.w
        wide = w.Layout(width="98%")
        names = ["", *sorted(set(self.state.classes) - {""})]
        self.search = w.Text(placeholder="name", description="search", layout=wide)
        self.name = w.Dropdown(options=names, description="class", layout=wide)
        self.order = w.Dropdown(options=ORDERS, description="order", layout=wide)
        self.stars = w.Select(rows=10, layout=wide)
        self.said = w.HTML()
        self.period = w.FloatText(description="period [d]", step=1e-6)
        self.second = w.FloatText(description="second [d]", step=1e-6)
        self.slider = w.IntSlider(min=-100, max=100, description="finer", continuous_update=False)
        self.alias = w.Dropdown(options=[""], description="alias")
        self.epoch = w.FloatText(value=0.0, description="epoch [d]")
        self.back = w.Button(description="all points back", layout=w.Layout(width="130px"))
        self.label = w.Text(description="label")
        self.remark = w.Text(description="remark")
        self.keep = w.Button(description="write down", button_style="primary")
        self.kept = w.HTML()
        self.answer = w.HTML()
        factors = [w.Button(description=name, layout=w.Layout(width="60px"))
                   for name in ("P/2", "P", "2P", "3P")]  # fmt: skip
        for button, factor in zip(factors, (0.5, 1.0, 2.0, 3.0), strict=True):
            button.on_click(lambda _, f=factor: self.set_period(f * self.found))
        self.figure, self.map = figures.star_figure(), self._map()
        left = w.VBox([self.search, self.name, self.order, self.stars, self.said, self.map],
                      layout=w.Layout(width="30%"))  # fmt: skip
        times = w.HBox([self.period, *factors, self.alias])
        more = w.HBox([self.slider, self.second, self.epoch, self.back])
        notes = w.HBox([self.label, self.remark, self.keep, self.kept])
        right = w.VBox([times, more, self.figure, self.answer, notes], layout=w.Layout(width="69%"))
        self.root = w.HBox([left, right])
        self._connect()

    def _connect(self) -> None:
        for widget in (self.search, self.name, self.order):
            widget.observe(lambda _: self._list(), "value")
        self.stars.observe(lambda change: self._select(change["new"]), "value")
        for widget in (self.period, self.second, self.epoch):
            widget.observe(lambda _: self._unless_quiet(self._draw), "value")
        self.slider.observe(lambda _: self._unless_quiet(self._slide), "value")
        self.alias.observe(lambda _: self._unless_quiet(self._to_alias), "value")
        self.back.on_click(lambda _: self._take_back())
        self.keep.on_click(lambda _: self._write_down())

    def _map(self) -> Any:
        state = self.state
        rows = state.thinned()
        amplitude = np.full(len(state.names), np.nan)
        for i in rows:
            mag = state.curve(i, whole=True).mag
            if len(mag) > 4:
                low, high = np.nanpercentile(mag, [5, 95])
                amplitude[i] = high - low
        with np.errstate(invalid="ignore", divide="ignore"):
            x, y = np.log10(state.periods()[rows]), np.log10(amplitude[rows])
        fig = figures.map_figure(x, y, state.classes[rows], state.names, rows,
                                 ("log10 period [d]", "log10 range [mag]"))  # fmt: skip
        for trace in fig.data:
            trace.on_click(lambda trace, points, _: self._clicked(trace, points))
        return fig

    # --- what happens -----------------------------------------------------------------

    def _unless_quiet(self, work: Callable[[], None]) -> None:
        if not self._quiet:
            work()

    def _list(self) -> None:
        rows = self.state.chosen(
            search=self.search.value, name=self.name.value, order=self.order.value
        )
        options = [(self._line(i), int(i)) for i in rows[:LISTED]]
        more = f", the first {LISTED} listed" if len(rows) > LISTED else ""
        self.said.value = f"{len(rows)} of {len(self.state.names)} stars{more}"
        self.stars.options = options
        if options:
            self.stars.value = options[0][1]

    def _line(self, i: int) -> str:
        mark = "* " if self.state.names[i] in self.state.notes else ""
        return f"{mark}{self.state.names[i]}  {self.state.classes[i]}"

    def _clicked(self, trace: Any, points: Any) -> None:
        if points.point_inds:
            row = int(trace.customdata[points.point_inds[0]])
            if row not in [value for _, value in self.stars.options]:
                self.stars.options = [(self._line(row), row), *self.stars.options]
            self.stars.value = row

    def _select(self, row: int | None) -> None:
        if row is None:
            return
        self.row = int(row)
        period = self.state.periods()[self.row]
        if not period > 0 and len(self.state.curve(self.row).t) >= 8:
            from varstar.periods import find_periods

            period = float(find_periods(self.state.star(self.row))["period"].iloc[0])
        self.found = float(period)
        note = self.state.notes.get(self.state.names[self.row], {})
        self._quiet = True
        self.label.value, self.remark.value = note.get("label", ""), note.get("remark", "")
        self.second.value = 2 * self.found if self.found > 0 else 0.0
        self.kept.value = ""
        self._quiet = False
        self.power = periodogram(one_star(self.state.star(self.row)))
        self.set_period(self.found)

    def set_period(self, period: float) -> None:
        """Fold at another period [d]."""
        self._quiet = True
        self.period.value = period if period > 0 else 0.0
        self.slider.value, self.centre = 0, self.period.value
        self.alias.options = ["", *(aliases(period) if period > 0 else {})]
        self._quiet = False
        self._draw()

    def _slide(self) -> None:
        span = float(np.ptp(self.state.curve(self.row).t))
        self._quiet = True
        self.period.value = self.centre + self.slider.value * step(self.centre, span)
        self._quiet = False
        self._draw()

    def _to_alias(self) -> None:
        if self.alias.value:
            self.set_period(aliases(self.period.value)[self.alias.value])

    def _take_back(self) -> None:
        self.state.include_all(self.row)
        self._draw()

    def _chosen_points(self, trace: Any, points: Any, _: Any) -> None:
        if points.point_inds:
            self.state.exclude(self.row, [int(trace.customdata[k]) for k in points.point_inds])
            self.power = periodogram(one_star(self.state.star(self.row)))
            self._draw()

    def _draw(self) -> None:
        if self.row is None:
            return
        curves = self.state.curve(self.row, whole=True)
        out = self.state.excluded.get(self.state.names[self.row], np.zeros(len(curves.t), bool))
        figures.draw(self.figure, curves, out, self.period.value, self.second.value, self.power,
                     self.epoch.value)  # fmt: skip
        for trace in self.figure.data:
            if trace.xaxis in (None, "x"):
                trace.on_selection(self._chosen_points)
        self.answer.value = self._ask()

    def _ask(self) -> str:
        """The class at this period, of the points that are left, in words."""
        from varstar import classify

        period = self.period.value if self.period.value > 0 else None
        try:
            row = classify(self.state.star(self.row), model=self.model, periods=period).iloc[0]
        except ValueError as error:  # the answer is part of a page: it says why there is none
            return html.escape(str(error))
        said = [f"<b>{html.escape(str(row.get(k)))}</b>" for k in ("family", "label") if k in row]
        numbers = [f"{k} {row[k]:.2f}" for k in ("family_probability", "probability", "fap")
                   if k in row and pd.notna(row[k])]  # fmt: skip
        held = f", set {html.escape(str(row['set']))}" if "set" in row else ""
        status = html.escape(str(row["status"]))
        return f"{self.model}: {' '.join(said)} {', '.join(numbers)}{held}; status {status}"

    def _write_down(self) -> None:
        period = self.period.value if self.period.value > 0 else None
        self.state.note(self.row, label=self.label.value, period=period, remark=self.remark.value)
        self.kept.value = "kept" if self.state.notes_file else "kept until the kernel ends"

    # --- without a kernel -------------------------------------------------------------

    def picture(self) -> bytes:
        """The star's page as a PNG, for where no kernel runs."""
        import io

        import matplotlib.pyplot as plt

        row = self.row or 0
        fig = plot(self.state.star(row))
        written = io.BytesIO()
        fig.savefig(written, format="png", dpi=70)
        plt.close(fig)
        return written.getvalue()

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """The widget, and a picture of the star for readers without a kernel."""
        bundle = self.root._repr_mimebundle_(**options)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        if self.state.names:
            import base64

            with suppress(ValueError):  # a star that cannot be drawn
                data = {**data, "image/png": base64.b64encode(self.picture()).decode("ascii")}
        return data, metadata

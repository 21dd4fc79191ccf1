"""The explorer on the screen: `explore`."""

import html
import re
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from varstar.explorer import figures, layout, seen, seen_figure
from varstar.explorer.curves import Series, aliases, harmonics, press, step
from varstar.explorer.keys import keyboard
from varstar.explorer.listing import Listing
from varstar.explorer.picture import picture
from varstar.explorer.state import State
from varstar.front_door import as_sample
from varstar.models import available
from varstar.optional import need
from varstar.plots.star import one_star, periodogram


def explore(
    sample: Any,
    results: pd.DataFrame | None = None,
    *,
    notes: str | Path | None = None,
    model: str | Sequence[str] = "any",
    axes: tuple[str, str] | None = None,
) -> Any:
    """Look at stars one by one in JupyterLab.

    A list and a map of the stars; of the one chosen its light curve, periodogram, and two folded
    light curves with a harmonic series and what it leaves; buttons for half and twice the period
    and its aliases, a slider in steps that the span resolves; points left out by click or box; the
    models' answers at this period and these points, and what they look at; a label, a period and a
    remark that are kept in a file; keys for all of it.

    Parameters
    ----------
    sample : NestedFrame, or what `varstar.classify` takes
    results : DataFrame, optional
        Of `varstar.classify` on the same stars.
    notes : path, optional
        A CSV file for what you write down; read again when it is there.
    model : str or sequence of str
        The models asked when period or points change; others can be chosen on the screen.

    axes : (str, str), optional
        What the map shows across and up: numeric columns of the sample or of the results.

    Returns
    -------
    Explorer
        A widget (ipywidgets). Without a running kernel a picture stands in its place.

    Raises
    ------
    ValueError
        Results that are not of these stars, an unknown model or axis.
    """
    state = State(as_sample(sample), results, None if notes is None else Path(notes))
    for name in axes or ():
        if name not in state.axes():
            raise ValueError(f"axes: expected two of {state.axes()}. Received: {name!r}")
    return Explorer(state, [model] if isinstance(model, str) else list(model), axes)


class Explorer(Listing):
    """The widget; ``state`` is what it knows, ``root`` what is shown."""

    def __init__(
        self, state: State, models: list[str], axes: tuple[str, str] | None = None
    ) -> None:
        need("plotly", what="the explorer")
        w = need("ipywidgets", what="the explorer")
        self.eyes, self.answers, self._picture = seen.Eyes(), [], uuid.uuid4().hex[:12]
        for name in models:
            self.eyes.model(name)  # an unknown name is said now
        if not state.names:
            self.state, self.root = state, w.HTML("<b>No stars in this sample.</b>")
            return
        known = list(dict.fromkeys([*models, *available()]))
        super().__init__(state, layout.controls(w, state, known, models, axes))
        self.root = layout.arranged(w, self.c, keyboard(self.press, self._picture))
        self._others: dict[tuple[str, str], pd.DataFrame] = {}
        self._connect()
        self._map()
        self._list()

    def _connect(self) -> None:
        c = self.c
        calls = {c.slider: self._slide, c.alias: self._to_alias, c.asked: self._ask,
                 c.box: self._drag}  # fmt: skip
        calls |= dict.fromkeys((c.period, c.second, c.epoch, c.cycles, c.gaps, c.model), self._draw)
        for widget, work in calls.items():
            widget.observe(lambda _, work=work: self._quiet_now or work(), "value")
        for figure in (c.figure, c.map):
            figure.layout.on_change(figures.follow_tool, "dragmode")
        c.tabs.observe(lambda _: self._look(), "selected_index")
        for name, button in c.factors.items():
            factor = layout.FACTORS[name]
            button.on_click(lambda _, f=factor: self.set_period(f * self.found))
        for button, work in ((c.swap, self._swap), (c.back, self._take_back),
                             (c.keep, self._write_down), (c.export, self._export)):  # fmt: skip
            button.on_click(lambda _, work=work: work())

    # --- the star ---------------------------------------------------------------------

    def _select(self, row: int | None) -> None:
        c, state = self.c, self.state
        if row is None:
            self.row, c.answer.value, c.figure.data = None, "", []
            return
        self.row = int(row)
        period = state.period(self.row)
        if not period > 0 and len(state.curve(self.row).t) >= 8:
            from varstar.periods import find_periods

            period = float(find_periods(state.star(self.row))["period"].iloc[0])
        self.found = period
        note = state.notes.get(state.names[self.row], {})
        with self._quietly():
            c.label.value, c.remark.value = note.get("label", ""), note.get("remark", "")
            c.second.value = 2 * period if period > 0 else 0.0
            c.kept.value = ""
        self.power = periodogram(one_star(state.star(self.row)))
        self._ring()
        self.set_period(period)

    def set_period(self, period: float) -> None:
        """Fold at another period [d]."""
        c = self.c
        with self._quietly():
            c.period.value = period if period > 0 else 0.0
            c.slider.value, self.centre = 0, c.period.value
            c.alias.options = ["", *(aliases(period) if period > 0 else {})]
        self._draw()

    def _slide(self) -> None:
        t = self.state.curve(self.row).t
        if self.centre > 0 and len(t):
            with self._quietly():
                change = self.c.slider.value * step(self.centre, float(np.nanmax(t) - np.nanmin(t)))
                self.c.period.value = self.centre + change
            self._draw()

    def _to_alias(self) -> None:
        if self.c.alias.value:
            self.set_period(aliases(self.c.period.value)[self.c.alias.value])

    def _swap(self) -> None:
        first, second = self.c.period.value, self.c.second.value
        with self._quietly():
            self.c.second.value = first
        self.set_period(second)

    def _drag(self) -> None:
        self.c.figure.layout.dragmode = "select" if self.c.box.value else "zoom"

    def _points_changed(self) -> None:
        figures.clear_boxes(self.c.figure)
        self.power = periodogram(one_star(self.state.star(self.row)))
        self._draw()

    def _take_back(self) -> None:
        if self.row is not None:
            self.state.include_all(self.row)
            self._points_changed()

    def _chosen_points(self, trace: Any, points: Any, _: Any, *, toggle: bool = False) -> None:
        if points.point_inds:
            self.state.exclude(
                self.row, [int(trace.customdata[k]) for k in points.point_inds], toggle=toggle
            )
            # Every trace tells its own points: drawn anew when all have.
            self.later("points", self._points_changed, 0.02)

    def _clicked_point(self, trace: Any, points: Any, state: Any) -> None:
        self._chosen_points(trace, points, state, toggle=True)

    def _clicked_power(self, trace: Any, points: Any, _: Any) -> None:
        if points.point_inds:
            self.set_period(float(trace.customdata[points.point_inds[0]]))

    def _view(self) -> figures.View:
        c, state = self.c, self.state
        curves, out = state.curve(self.row, whole=True), state.out(self.row)
        periods, epoch = (c.period.value, c.second.value), c.epoch.value
        series: tuple[Series, Series] | None = None
        if c.model.value:
            series = tuple(harmonics(curves, p, epoch, out) for p in periods)
        marks = aliases(periods[0]) if periods[0] > 0 else {}
        told = re.findall(r"[\d.eE+-]+", str(state.column("period_alternatives", "")[self.row]))
        marks |= {f"candidate {k + 1}": float(p) for k, p in enumerate(told)}
        return figures.View(
            curves, out, periods, epoch, self.power, marks,
            press(curves.t) if c.gaps.value else None, series, c.cycles.value,
        )  # fmt: skip

    def _draw(self) -> None:
        if self.row is None:
            return
        figures.draw(self.c.figure, self._view())
        for trace in self.c.figure.data:
            if trace.xaxis == "x2" and trace.customdata is not None:
                trace.on_click(self._clicked_power)
            elif trace.mode == "markers":
                trace.on_selection(self._chosen_points)
                trace.on_click(self._clicked_point)
        self.later("ask", self._ask)
        self.later("look", self._look, 0.25)

    # --- what models say and see ------------------------------------------------------

    def _ask(self) -> None:
        if self.row is None:
            return
        star, period = self.state.star(self.row), self.c.period.value
        self.answers = [
            seen.ask(star, name, self.eyes.model(name), period) for name in self.c.asked.value
        ]
        self.c.answer.value = seen_figure.answers_html(self.answers, period)

    def _look(self) -> None:
        """Draw what models see, where that is looked at."""
        if self.row is None or self.c.tabs.selected_index != 1:
            return
        state, row, period = self.state, self.row, self.c.period.value
        star, asked = state.star(row), list(self.c.asked.value)
        images, numbers = (self.eyes.of_kind(kind, asked) for kind in ("images", "numbers"))
        name, kind = state.classes[row], seen.numbers_of(numbers)
        if (name, kind) not in self._others:
            rows = np.flatnonzero(state.classes == name)
            self._others[name, kind] = seen.reference(state.sample, state.periods(), rows, kind)
        others = self._others[name, kind]
        table = seen.against(seen.numbers(star, np.array([period]), kind).iloc[0], others)
        few = "" if len(others) >= 10 else " (fewer than ten: not drawn)"
        what = "catch22, folded," if kind == "catch22" else "sixteen numbers"
        words = f"{what} among {len(others)} stars called {name or 'nothing'}{few}"
        hangs = (
            seen.without_each(numbers[1], star, period) if numbers else (pd.Series(), "no model")
        )
        seen_figure.draw_seen(
            self.c.seen, seen.image(*images, star, period) if images else None,
            seen.sequence(star, period), table, words, (numbers[0] if numbers else "", *hangs),
        )  # fmt: skip

    # --- what is written down ---------------------------------------------------------

    def _write_down(self) -> None:
        if self.row is None:
            return
        c, state = self.c, self.state
        period = c.period.value if c.period.value > 0 else None
        state.note(self.row, label=c.label.value, period=period, remark=c.remark.value)
        c.kept.value = "kept" if state.notes_file else "kept until the kernel ends"
        with self._quietly():
            c.stars.options = [(self._line(i), i) for _, i in c.stars.options]
            c.stars.value = self.row

    def _export(self) -> None:
        """All notes into the file that is named beside the button."""
        try:
            path = self.state.export(self.c.file.value.strip())
        except (ValueError, OSError) as error:
            self.c.kept.value = html.escape(str(error))
        else:
            n = len(self.state.notes)
            self.c.kept.value = f"{n} star{'s' * (n != 1)} in {html.escape(str(path))}"

    def _accept(self) -> None:
        """The class that the first model names becomes the label."""
        self._ask()
        said = self.answers[0].row.get("label") if self.answers else None
        if isinstance(said, str):
            self.c.label.value = said
            self._write_down()
            self.go(1)

    def press(self, key: str) -> None:
        """Do what a key does (`varstar.explorer.keys.KEYS`)."""
        c = self.c

        def slide(by: int) -> None:
            c.slider.value += by

        def flip(toggle: Any) -> None:
            toggle.value = not toggle.value

        def written() -> None:
            self._write_down()
            self.go(1)

        work = {
            "n": lambda: self.go(1), "b": lambda: self.go(-1), "w": written, "a": self._accept,
            "h": lambda: self.set_period(c.period.value / 2), ",": lambda: slide(-1),
            "d": lambda: self.set_period(c.period.value * 2), ".": lambda: slide(1),
            "t": lambda: self.set_period(c.period.value * 3), "s": self._swap,
            "o": lambda: self.set_period(self.found), "r": self._take_back,
            "g": lambda: flip(c.gaps), "m": lambda: flip(c.model), "x": lambda: flip(c.box),
        }  # fmt: skip
        if self.row is not None and key in work:
            work[key]()

    # --- without a kernel -------------------------------------------------------------

    def picture(self) -> dict[str, str]:
        """A picture of the star chosen, for where no kernel runs; what cannot be drawn is said."""
        row, state = self.row or 0, self.state
        said = None if state.results is None else state.results.iloc[[row]]
        return picture(state.star(row), said, self._picture)

    def _ipython_display_(self) -> None:
        """The widget, and below it, hidden while it lives, the picture."""
        from IPython.display import display

        display(self.root)
        if self.state.names:
            display(self.picture(), raw=True)

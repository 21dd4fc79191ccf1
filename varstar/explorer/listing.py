"""The list and the map of an explorer: which star is chosen, and which are shown."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import numpy as np

from varstar.explorer import figures
from varstar.explorer.later import Later
from varstar.explorer.state import State

#: Stars that the list shows at a time; going on at its end shows the next.
LISTED = 400


class Listing:
    """The left half of an explorer; the right half says what `_select` does.

    Parameters
    ----------
    state : State
    controls : SimpleNamespace
        Of `varstar.explorer.layout.controls`.
    """

    def __init__(self, state: State, controls: SimpleNamespace) -> None:
        self.state, self.c, self.row, self.later = state, controls, None, Later()
        self._quiet_now, self._within = False, None
        self._rows, self._first = np.arange(0), 0
        self._boxed: list[int] = []
        c = controls
        for widget in (c.search, c.name, c.probability, c.status, c.order):
            widget.observe(lambda _: self._list(), "value")
        for widget in (c.across, c.up):
            widget.observe(lambda _: self._map(), "value")
        c.stars.observe(lambda _: self._quiet_now or self._select(c.stars.value), "value")
        if len(state.names) > len(state.thinned()):
            c.map.layout.on_change(self._zoomed, "xaxis.range", "yaxis.range")

    def _select(self, row: int | None) -> None:
        """Show the star of this row; None: there is none to show."""
        raise TypeError(f"{type(self).__name__} must define _select(row)")

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        """Controls are set without being followed."""
        before, self._quiet_now = self._quiet_now, True
        try:
            yield
        finally:
            self._quiet_now = before

    def _list(self) -> None:
        c = self.c
        low, high = c.probability.value
        self._rows = self.state.chosen(
            search=c.search.value, name=c.name.value, least=low, most=high, status=c.status.value,
            order=c.order.value, within=self._within,
        )  # fmt: skip
        self._page(0)

    def _page(self, first: int, row: int | None = None) -> None:
        """Show the list from its place `first` on, and choose a star of it."""
        c, n = self.c, len(self._rows)
        self._first, shown = first, self._rows[first : first + LISTED]
        where = f"; {first + 1} to {first + len(shown)} listed" if n > LISTED else ""
        box = " in the box (double click on the map: all)" if self._within is not None else ""
        c.said.value = f"{n} of {len(self.state.names)} stars{box}{where}"
        with self._quietly():
            c.stars.options = [(self._line(i), int(i)) for i in shown]
            c.stars.value = int(shown[0] if row is None else row) if n else None
        self._select(c.stars.value)

    def _line(self, i: int) -> str:
        mark = "* " if self.state.names[i] in self.state.notes else ""
        p = self.state.probability[i]
        return f"{mark}{self.state.names[i]}  {self.state.classes[i]}" + (
            f"  {p:.2f}" if np.isfinite(p) else ""
        )

    def go(self, by: int) -> None:
        """Choose the star that stands `by` places further on."""
        place = (self.c.stars.index or 0) + self._first + by
        if not 0 <= place < len(self._rows):
            return
        if self._first <= place < self._first + LISTED:
            self.c.stars.value = int(self._rows[place])
        else:
            self._page(place // LISTED * LISTED, self._rows[place])

    def choose(self, row: int) -> None:
        """Choose a star by its row in the sample, listed or not."""
        c = self.c
        if row not in [value for _, value in c.stars.options]:
            place = np.flatnonzero(self._rows == row)
            if len(place):
                self._page(int(place[0]) // LISTED * LISTED, row)
                return
            with self._quietly():
                c.stars.options = [(self._line(row), row), *c.stars.options]
                c.stars.value = None
        c.stars.value = row

    def _map(self, inside: np.ndarray | None = None) -> None:
        c, state = self.c, self.state
        self._xy = state.axis(c.across.value), state.axis(c.up.value)
        on = {"click": self._clicked, "selection": self._boxed_on_map, "deselect": self._unboxed}
        figures.draw_map(
            c.map, *self._xy, classes=state.classes, names=state.names,
            rows=state.thinned(inside=inside), novelty=state.numbers("novelty_percentile"),
            labels=(c.across.value, c.up.value), on=on,
        )  # fmt: skip
        self._ring()

    def _ring(self) -> None:
        if self.row is not None:
            ring = self.c.map.data[-1]
            ring.update(x=[self._xy[0][self.row]], y=[self._xy[1][self.row]])

    def _zoomed(self, _: Any, x: tuple | None, y: tuple | None) -> None:
        """Of the stars in sight as many as the map bears."""
        if x is None or y is None:
            return
        (x0, x1), (y0, y1) = sorted(x), sorted(y)
        across, up = self._xy
        inside = (across >= x0) & (across <= x1) & (up >= y0) & (up <= y1)
        self.later("map", lambda: self._map(inside), 0.2)

    def _clicked(self, trace: Any, points: Any, _: Any) -> None:
        if points.point_inds:
            self.choose(int(trace.customdata[points.point_inds[0]]))

    def _boxed_on_map(self, trace: Any, points: Any, _: Any) -> None:
        """Every trace of the map tells its own points, the first one first."""
        if trace is self.c.map.data[0]:
            self._boxed = []
        self._boxed += [int(trace.customdata[k]) for k in points.point_inds]
        if self._boxed:
            self._within = np.array(self._boxed)
            self.later("list", self._list)

    def _unboxed(self, *_: Any) -> None:
        if self._within is not None:
            self._within = None
            self._list()

"""The grid of trial frequencies: explicit, and the same wherever it is used.

Frequencies are ``k * step`` for whole k from ``k_first`` to ``k_last``, with
``step = 1 / (oversampling * T)`` and T the time between a star's first and last point:
a peak of the periodogram is about 1/T wide, so `oversampling` says into how many steps a
peak is cut. The lowest frequency is that of one cycle in T unless told otherwise, the
highest 24 per day (delta Scuti stars; K21's shortest period is 0.03 d in UPSILoN).
"""

from typing import NamedTuple

#: Highest trial frequency [1/d] by default.
MAXIMUM_FREQUENCY = 24.0
#: Steps a peak width by default.
OVERSAMPLING = 5.0
#: No star gets more trial frequencies than this; the grid is coarsened by then (and the
#: refinement searched wider), so that one absurd time cannot exhaust the memory.
MAX_FREQUENCIES = 20_000_000


class Grid(NamedTuple):
    """Trial frequencies ``(k_first ... k_last) * step`` [1/d] of one star."""

    step: float
    k_first: int
    k_last: int

    @property
    def n(self) -> int:
        return self.k_last - self.k_first + 1


def frequency_grid(
    span: float,
    minimum_frequency: float | None = None,
    maximum_frequency: float = MAXIMUM_FREQUENCY,
    oversampling: float = OVERSAMPLING,
) -> Grid:
    """The trial frequencies of a light curve that lasts `span` days.

    Parameters
    ----------
    span : float
        Time between the first and the last point [d].
    minimum_frequency : float, optional
        [1/d]; ``1 / span`` by default, so that the longest period was seen once.
    maximum_frequency : float
        [1/d].
    oversampling : float
        Steps per ``1 / span``.
    """
    lowest = 1.0 / span if minimum_frequency is None else minimum_frequency
    step = 1.0 / (oversampling * span)
    step = max(step, maximum_frequency / MAX_FREQUENCIES)
    k_first = max(1, round(lowest / step))
    k_last = max(k_first, int(maximum_frequency / step))
    return Grid(step, k_first, k_last)

"""One star on one page: its light curve, its periods, and what it may be.

Each function takes a sample of one row (at the front door, ``vs.plot`` and the others:
anything that `varstar.as_sample` takes). Bright is up, bands have colours, and from long
Julian dates a round day is subtracted, which the axis names.
"""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar import paths
from varstar.lightcurves.folding import fold
from varstar.lightcurves.sample import LightCurves, clean, light_curves
from varstar.optional import need
from varstar.periods import find_periods

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot", "plot_folded", "plot_light_curve", "plot_periodogram", "save_star"]

#: Colours of usual bands (Okabe & Ito 2008, blue to red as the light); others in turn.
COLOURS = {
    "u": "#CC79A7", "U": "#CC79A7", "B": "#0072B2", "BP": "#0072B2", "g": "#009E73",
    "V": "#009E73", "G": "#000000", "r": "#D55E00", "R": "#D55E00", "RP": "#D55E00",
    "i": "#E69F00", "I": "#E69F00", "z": "#8C564B", "y": "#888888",
}  # fmt: skip
_OTHERS = ["#0072B2", "#D55E00", "#009E73", "#E69F00", "#56B4E9", "#CC79A7", "#000000", "#888888"]
#: Trial frequencies of the periodogram drawn, at most, and columns of pixels they fill.
_FREQUENCIES, _COLUMNS = 1_000_000, 1500


class Star(NamedTuple):
    """What is drawn of a star: its usable points."""

    name: str
    survey: str
    scale: str
    curves: LightCurves
    status: str

    def bands(self) -> list[tuple[str, np.ndarray]]:
        """Name and points of each band that the star was measured in."""
        names = self.curves.bands
        return [(names[b], self.curves.band == b) for b in np.unique(self.curves.band)]


def one_star(sample: NestedFrame, bands: Any = None) -> Star:
    """The one star of a sample; several are an error that says how to choose."""
    if len(sample) != 1:
        raise ValueError(
            f"expected one star. Received a sample of {len(sample)}: choose one, as in "
            f"sample.iloc[[0]] or sample.loc[[{next(iter(sample.index), 'name')!r}]]"
        )
    curves, status = clean(light_curves(sample, bands))
    row = sample.iloc[0]
    survey = str(sample.attrs.get("survey") or row.get("survey") or "")
    scale = str(row.get("time_scale") or "unknown")
    return Star(str(sample.index[0]), survey, scale, curves, str(status[0]))


def plot(
    star: NestedFrame,
    results: pd.DataFrame | None = None,
    *,
    period: float | None = None,
    bands: Any = None,
) -> "Figure":
    """One star on one page: light curve, periodogram, folded at P and 2 P, and its classes.

    Parameters
    ----------
    star : NestedFrame of one row
    results : DataFrame, optional
        What `varstar.classify` said of it (the star's row is taken); its period is drawn
        and its classes are shown, the most probable first.
    period : float, optional
        [d]; by default that of `results`, the column ``period``, or the one found.
    bands : str or sequence of str, optional
        Only these; all by default.

    Returns
    -------
    matplotlib Figure
    """
    seen = one_star(star, bands)
    row = _row(results, star.index[0])
    found = find_periods(star, bands).iloc[0]
    period, source = _period(star, row, found, period)
    classes = _classes(results, row)
    with _style() as plt:
        fig = plt.figure(figsize=(9.5, 7.6))
        grid = fig.add_gridspec(3, 6, height_ratios=[1, 1, 1.25])
        _draw_light_curve(seen, fig.add_subplot(grid[0, :]))
        _draw_periodogram(seen, fig.add_subplot(grid[1, :]), found, period)
        wide = 2 if len(classes) else 3
        for k in (1, 2):
            ax = fig.add_subplot(grid[2, (k - 1) * wide : k * wide])
            _draw_folded(seen, ax, k * period)
            ax.set_title(_fold_title(k, period, source))
            ax.set_ylabel("magnitude" if k == 1 else "")
        if len(classes):
            _draw_classes(row, classes, fig.add_subplot(grid[2, 4:]))
        fig.suptitle(_title(seen, row), fontsize="large")
        if "inline" in plt.get_backend():  # drawn once, as the cell's value
            plt.close(fig)
    return fig


def plot_light_curve(star: NestedFrame, ax: "Axes | None" = None, *, bands: Any = None) -> "Axes":
    """A star's magnitudes against time, a colour a band; on `ax`, or a figure of its own."""
    seen = one_star(star, bands)
    ax = _axes(ax, (8, 2.8))
    _draw_light_curve(seen, ax)
    ax.set_title(_title(seen, None))
    return ax


def plot_folded(
    star: NestedFrame,
    period: float | None = None,
    ax: "Axes | None" = None,
    *,
    epoch: float | None = None,
    bands: Any = None,
) -> "Axes":
    """A star's magnitudes against phase, two cycles.

    Parameters
    ----------
    star : NestedFrame of one row
    period : float, optional
        [d]; the column ``period`` by default, else the one found.
    epoch : float, optional
        Time [d] of phase 0; of the brightest by default.
    """
    seen = one_star(star, bands)
    if period is None:
        given = float(star["period"].iloc[0]) if "period" in star.columns else np.nan
        known = given > 0
        period = given if known else float(find_periods(star, bands)["period"].iloc[0])
        source = "given" if known else "found"
    else:
        source = "given"
    ax = _axes(ax, (4.5, 3))
    _draw_folded(seen, ax, float(period), epoch)
    ax.set_title(f"{_title(seen, None)}\n{_fold_title(1, float(period), source)}")
    return ax


def plot_periodogram(
    star: NestedFrame,
    ax: "Axes | None" = None,
    *,
    period: float | None = None,
    bands: Any = None,
) -> "Axes":
    """A star's Lomb-Scargle periodogram; candidates and daily aliases are marked."""
    seen = one_star(star, bands)
    found = find_periods(star, bands).iloc[0]
    ax = _axes(ax, (8, 2.8))
    _draw_periodogram(seen, ax, found, float(found["period"]) if period is None else period)
    ax.set_title(_title(seen, None))
    return ax


def save_star(
    star: NestedFrame, results: pd.DataFrame | None, folder: str | Path, **options: Any
) -> Path:
    """`plot` as ``<folder>/<star's name>.png``; returns the file."""
    plt = need("matplotlib.pyplot", what="a picture")
    path = Path(folder) / f"{file_name(str(star.index[0]))}.png"
    fig = plot(star, results, **options)
    with paths.atomic(path) as temporary:
        fig.savefig(temporary, format="png", dpi=110, metadata={"Software": None})
    plt.close(fig)
    return path


def file_name(name: str) -> str:
    """A star's name as a file's: no folders, no signs with a meaning, no two alike."""
    plain = re.sub(r"[^\w+-]+|^\.+", "_", name)[:80] or "star"
    if plain == name:
        return plain
    return f"{plain}-{hashlib.sha256(name.encode()).hexdigest()[:6]}"


# --- what is drawn ----------------------------------------------------------------------


def _axes(ax: "Axes | None", size: tuple[float, float]) -> "Axes":
    if ax is not None:
        return ax
    with _style() as plt:
        return plt.subplots(figsize=size)[1]


class _style:
    """The project's look while a figure is made, whatever the user's is."""

    def __enter__(self) -> Any:
        self.plt = need("matplotlib.pyplot", what="a picture")
        # A notebook's backend is loaded with the first figure and turns interactive on; loaded in
        # the context, that would be lost behind it, and no later figure of a notebook be shown.
        self.plt.draw_if_interactive()
        self.context = self.plt.style.context(paths.PACKAGE / "plots" / "varstar.mplstyle")
        self.context.__enter__()
        return self.plt

    def __exit__(self, *error: Any) -> None:
        self.context.__exit__(*error)


def _draw_light_curve(star: Star, ax: "Axes") -> None:
    t, mag, err = star.curves.t, star.curves.mag, star.curves.err
    day = np.floor(t.min() / 1000) * 1000 if len(t) and t.min() >= 10_000 else 0.0
    _points(star, ax, t - day, mag, err)
    name = "time" if star.scale == "unknown" else star.scale
    ax.set_xlabel(f"{name} - {day:,.0f} [d]".replace(",", " ") if day else f"{name} [d]")
    _bright_up(ax, mag)
    if len(star.bands()) > 1:
        ax.legend(loc="upper right", ncols=8, columnspacing=0.8, handletextpad=0.2)


def _draw_folded(star: Star, ax: "Axes", period: float, epoch: float | None = None) -> None:
    t, mag, err = star.curves.t, star.curves.mag, star.curves.err
    if not (np.isfinite(period) and period > 0 and len(t)):
        ax.text(0.5, 0.5, "no period", ha="center", transform=ax.transAxes)
        return
    if epoch is None:
        epoch = t[np.argsort(mag)[len(mag) // 50]]
    phase = fold(t, period, epoch)
    _points(star, ax, phase, mag, err, copies=2)
    ax.set(xlabel="phase", xlim=(0, 2))
    _bright_up(ax, mag)


def _points(
    star: Star, ax: "Axes", x: np.ndarray, mag: np.ndarray, err: np.ndarray, copies: int = 1
) -> None:
    """Points with errors, a colour a band; `copies` cycles side by side."""
    many = len(x) > 2000
    for i, (name, mask) in enumerate(star.bands()):
        colour = COLOURS.get(name, _OTHERS[i % len(_OTHERS)])
        x_all = np.concatenate([x[mask] + k for k in range(copies)])
        ax.errorbar(
            x_all, np.tile(mag[mask], copies), None if many else np.tile(err[mask], copies),
            fmt=".", ms=2 if many else 4, elinewidth=0.6, color=colour, label=name,
            alpha=0.5 if many else 0.9, mew=0, rasterized=many,
        )  # fmt: skip


def _bright_up(ax: "Axes", mag: np.ndarray) -> None:
    """Brightness upwards; a few wild points do not set the scale."""
    ax.set_ylabel("magnitude")
    if not len(mag):
        return
    low, high = np.percentile(mag, [0.5, 99.5])
    margin = 0.12 * (high - low) or 0.1
    ax.set_ylim(high + margin, low - margin)


def _draw_periodogram(star: Star, ax: "Axes", found: pd.Series, period: float) -> None:
    marked = [period, 2 * period, float(found["period"]), float(found["runner_up"])]
    frequency, power = periodogram(star, [1 / p for p in marked if p > 0])
    ax.plot(frequency, power, lw=0.6, color="0.35")
    ax.set(xscale="log", xlabel="frequency [1/d]", ylabel="power", ylim=(0, None))
    if not len(frequency):
        return
    ax.set_xlim(frequency[0], frequency[-1])
    best = 1 / period if period > 0 else np.nan
    for n in (-2, -1, 1, 2):
        alias = abs(best + n)
        if frequency[0] < alias < frequency[-1]:
            label = {"label": "f ± 1, 2 a day (aliases)"} if n == 1 else {}
            ax.axvline(alias, color="#56B4E9", ls=":", lw=1, zorder=0, **label)
    colours = ("#D55E00", "#E69F00", "#009E73", "#0072B2")
    names = ("P", "2 P", "found", "runner-up")
    for name, p, colour in zip(names, marked, colours, strict=True):
        if p > 0 and not (name == "found" and abs(p / period - 1) < 1e-3):
            height = np.interp(1 / p, frequency, power)
            ax.plot(1 / p, height, "v", ms=6, color=colour, label=f"{name} = {p:.6g} d")
    if ax.get_legend_handles_labels()[0]:
        ax.legend(loc="upper left", fontsize="small")
    top = ax.secondary_xaxis("top", functions=(_inverse, _inverse))
    top.set_xlabel("period [d]", fontsize="small")


def _inverse(x: np.ndarray) -> np.ndarray:
    x = np.asarray(x, float)
    return 1 / np.where(x > 0, x, 1e-9)


def periodogram(star: Star, also: Sequence[float] = ()) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies [1/d] and Lomb-Scargle powers to draw: in each column the highest, and
    those of the frequencies `also`.

    With several bands each band's mean is taken out and they are searched as one.
    """
    from varstar.periods import refine, search
    from varstar.periods.grid import MAXIMUM_FREQUENCY, Grid, frequency_grid

    t, mag, err = star.curves.t, star.curves.mag.copy(), star.curves.err
    if len(t) < 3 or star.status != "ok":
        return np.array([]), np.array([])
    for _, mask in star.bands():
        mag[mask] -= np.average(mag[mask], weights=err[mask] ** -2.0)
    t, weight = t - (t[0] + t[-1]) / 2, err**-2.0 / np.sum(err**-2.0)
    step = max(frequency_grid(np.ptp(t)).step, MAXIMUM_FREQUENCY / _FREQUENCIES)
    grid = Grid(step, max(1, round(1 / np.ptp(t) / step)), int(MAXIMUM_FREQUENCY / step))
    coarse = search.periodogram(t, weight * mag, grid)
    frequency = np.arange(grid.k_first, grid.k_last + 1) * step
    column = np.log(frequency / frequency[0]) / np.log(frequency[-1] / frequency[0])
    column = np.minimum((column * _COLUMNS).astype(int), _COLUMNS - 1)
    start = np.flatnonzero(np.diff(column, prepend=-1))
    ends = np.append(start[1:], len(coarse))
    highest = [a + int(np.argmax(coarse[a:b])) for a, b in zip(start, ends, strict=True)]
    frequency = np.unique([*frequency[highest], *also])
    return frequency, refine.exact_power(t, mag, weight, frequency)


def _draw_classes(row: pd.Series, classes: pd.Series, ax: "Axes") -> None:
    shown = classes.iloc[:6][::-1]
    colours = ["#0072B2" if name == row["label"] else "0.7" for name in shown.index]
    ax.barh([str(name) for name in shown.index], shown, color=colours)
    for i, value in enumerate(shown):
        ax.text(value + 0.02, i, f"{value:.2f}", va="center", fontsize="small")
    ax.set(xlim=(0, 1.18), xticks=[0, 0.5, 1], xlabel="probability")
    ax.grid(False)
    ax.set_title("classes")


# --- what is said -----------------------------------------------------------------------


def _row(results: pd.DataFrame | None, name: Any) -> pd.Series | None:
    if results is None:
        return None
    if not isinstance(results, pd.DataFrame):
        raise ValueError(
            "results: expected the table of vs.classify, as in vs.plot(star, vs.classify(star)). "
            f"Received: {results!r}"
        )
    if name in results.index:
        return results.loc[[name]].iloc[0]
    if len(results) == 1:
        return results.iloc[0]
    raise ValueError(f"results: no row of the star {name!r} among {len(results)}")


def _period(
    star: NestedFrame, row: pd.Series | None, found: pd.Series, period: float | None
) -> tuple[float, str]:
    """The period to fold with, and where it comes from."""
    if period is not None:
        return float(period), "given"
    if row is not None and row.get("period", 0) > 0:
        return float(row["period"]), str(row.get("period_source", "of the classifier"))
    if "period" in star.columns and float(star["period"].iloc[0]) > 0:
        return float(star["period"].iloc[0]), "given"
    return float(found["period"]), "found"


def _fold_title(k: int, period: float, source: str) -> str:
    return f"P = {period:.6g} d ({source})" if k == 1 else f"2 P = {2 * period:.6g} d"


def _classes(results: pd.DataFrame | None, row: pd.Series | None) -> pd.Series:
    """Probability of each class, the highest first; empty where there is none."""
    if row is None:
        return pd.Series(dtype=float)
    from varstar.results import class_columns

    values = row[class_columns(results)].astype(float)
    return values.dropna().sort_values(ascending=False, kind="stable")


def _title(star: Star, row: pd.Series | None) -> str:
    parts = [star.name, star.survey, f"{len(star.curves.t)} points"]
    if star.status != "ok":
        parts.append(star.status)
    if row is not None:
        if isinstance(row["label"], str):
            parts.append(f"{row['label']}, probability {row['probability']:.2f}")
        if row["status"] != "ok":
            parts.append(str(row["status"]))
    return " · ".join(p for p in parts if p)

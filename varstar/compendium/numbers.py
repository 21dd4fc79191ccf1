"""The numbers that a notebook's tables and figures show, for its small run to be compared with.

Of a table every number, by row and column; of a long one its columns' summaries. Of a figure
what its artists were drawn from: lines, points, bars and images, each by a few numbers that
change when axes, signs, orders or rows are exchanged. Numbers that hang on a trained network
differ from machine to machine; how far they may was measured with networks of other seeds
(`spread`), and is kept with the numbers.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from varstar.compendium import record as records
from varstar.compendium.compare import is_time

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Longer tables, and images with more rows or columns, are summarised.
MAX_ROWS, MAX_SIDE = 60, 12
#: Numbers agree to this share of the larger one where no tolerance was measured, or to so much:
#: another processor may turn the last of a table's four digits, or of a figure's six decimals.
RELATIVE, ABSOLUTE = 1.1e-3, 2e-6
#: Measured spreads are allowed so many times.
TIMES = 2.0

Numbers = dict[str, float | str]


def of_table(path: Path) -> Numbers:
    """The numbers and words of a CSV: ``"3, macro_f1"`` -> value; run times are left out."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    found: Numbers = {"rows": float(len(table)), "columns": ", ".join(map(str, table.columns))}
    if is_time(path.stem):
        return found
    for column in table.columns:
        if is_time(str(column)):
            continue
        numbers = pd.to_numeric(table[column], errors="coerce").to_numpy(float)
        if len(table) > MAX_ROWS:
            found |= {f"all, {column}: {k}": v for k, v in _summary(numbers).items()}
            continue
        for row, (text, value) in enumerate(zip(table[column], numbers, strict=True)):
            timed = is_time(str(table.get("quantity", table[column])[row]).rsplit(".")[-1])
            if not timed:
                found[f"{row}, {column}"] = float(value) if np.isfinite(value) else text
    return found


def of_figure(fig: "Figure") -> Numbers:
    """What the artists of a figure were drawn from, axes by axes."""
    found: Numbers = {"axes": float(len(fig.axes))}
    for k, ax in enumerate(fig.axes):
        name = f"axes {k}"
        found[f"{name}: labels"] = " | ".join((ax.get_xlabel(), ax.get_ylabel()))
        found[f"{name}: upright"] = float(ax.yaxis_inverted())
        for i, line in enumerate(ax.lines):
            x, y = (np.asarray(v, float) for v in line.get_data(orig=False))
            found |= {f"{name}, line {i}: x {k}": v for k, v in _summary(x).items()}
            found |= {f"{name}, line {i}: y {k}": v for k, v in _summary(y).items()}
        for i, points in enumerate(ax.collections):
            for axis, values in zip("xy", _places(points).T, strict=True):
                found |= {f"{name}, points {i}: {axis} {k}": v for k, v in _summary(values).items()}
            colours = points.get_array()
            if colours is not None:
                found |= {f"{name}, points {i}: c {k}": v for k, v in _sides(colours).items()}
        boxes = [p.get_bbox().extents for p in ax.patches if hasattr(p, "get_bbox")]
        if boxes:
            for axis, values in zip(("x0", "y0", "x1", "y1"), np.array(boxes).T, strict=True):
                found |= {f"{name}, bars: {axis} {k}": v for k, v in _summary(values).items()}
        for i, image in enumerate(ax.images):
            found |= {f"{name}, image {i}: {k}": v for k, v in _sides(image.get_array()).items()}
    return {k: round(v, 6) if isinstance(v, float) else v for k, v in found.items()}


def of_product(path: Path) -> Numbers:
    """The numbers of a table, or those that `of_figure` left in the record beside a figure."""
    if path.suffix == ".csv":
        return of_table(path)
    return (records.read(path.with_suffix(".json")) or {}).get("numbers", {})


def made(folder: Path, number: str, since: float = 0.0) -> dict[str, Numbers]:
    """Product -> its numbers, of all that a notebook has saved since a time [s].

    Parameters
    ----------
    folder : path
        Of the profile: ``build/smoke``.
    number : str
        Of the notebook, ``"01"``.
    """
    found = sorted(
        path
        for path in folder.glob(f"*/{number}_*/*")
        if path.suffix in (".csv", ".png") and path.stat().st_mtime >= since
    )
    return {f"{path.parts[-3]}/{path.name}": of_product(path) for path in found}


def spread(runs: Sequence[Mapping[str, Numbers]]) -> dict[str, dict[str, float]]:
    """How far networks of other seeds move what is shown: product -> kind of number -> most.

    Numbers of a kind (a column of a table, the same summary of a figure's artists) share one
    tolerance, the largest difference from the first run.
    """
    first, found = runs[0], {}
    for product, known in first.items():
        moved: dict[str, float] = {}
        for other in runs[1:]:
            for key, value in known.items():
                theirs = other.get(product, {}).get(key, value)
                if theirs != value:
                    words = isinstance(value, str) or isinstance(theirs, str)
                    change = np.inf if words else abs(value - theirs)
                    moved[kind(key)] = max(moved.get(kind(key), 0.0), float(change))
        if moved:
            found[product] = {k: -1.0 if np.isinf(v) else round(v, 6) for k, v in moved.items()}
    return found


def kind(key: str) -> str:
    """What a number is, without the row or the artist that it belongs to."""
    left, _, right = key.partition(", ")
    if left.isdigit() or left == "all":
        return right
    return "".join(c for c in key.rpartition(": ")[0] if not c.isdigit()) + key.rpartition(": ")[2]


def differences(
    ours: Mapping[str, Numbers],
    known: Mapping[str, Numbers],
    spreads: Mapping[str, Mapping[str, float]],
) -> list[str]:
    """What differs from the stored numbers, a line each."""
    found = [f"{product} is missing" for product in known if product not in ours]
    found += [f"{product} is new" for product in ours if product not in known]
    for product in [p for p in known if p in ours]:
        allowed = spreads.get(product, {})
        for key in dict.fromkeys([*known[product], *ours[product]]):
            a, b = ours[product].get(key), known[product].get(key)
            spread_of = allowed.get(kind(key))
            if a == b or (spread_of is not None and spread_of < 0):
                continue
            most = TIMES * (spread_of or 0.0)
            numbers = isinstance(a, float) and isinstance(b, float)
            if not numbers or abs(a - b) > most + RELATIVE * max(abs(a), abs(b)) + ABSOLUTE:
                found.append(f"{product}: {key}: {b} -> {a} (allowed {most:.3g})")
    return found


def _places(points: Any) -> np.ndarray:
    """Where the points of a collection lie, or the corners of its lines and areas (error bars,
    bands), shape (n, 2)."""
    offsets = np.ma.filled(np.ma.asarray(points.get_offsets(), float), np.nan).reshape(-1, 2)
    if len(offsets) > 1 or np.any(offsets):
        return offsets
    corners = [path.vertices for path in points.get_paths()]
    return np.concatenate(corners) if corners else offsets


def _summary(values: np.ndarray) -> dict[str, float]:
    """Number, mean and spread of values, and how they grow along their order."""
    known = np.asarray(values, float)
    known = known[np.isfinite(known)]
    if not len(known):
        return {"n": 0.0}
    place = np.linspace(-1, 1, len(known)) if len(known) > 1 else np.zeros(1)
    return {"n": float(len(known)), "mean": float(known.mean()), "std": float(known.std()),
            "slope": float(np.mean(place * known))}  # fmt: skip


def _sides(pixels: Any) -> dict[str, float]:
    """Sums along rows and columns of a small matrix; of a large one summaries."""
    values = np.ma.filled(np.ma.asarray(pixels, float), np.nan)
    if values.ndim == 1 or max(values.shape[:2]) > MAX_SIDE:
        down = _summary(np.nanmean(values, axis=tuple(range(1, values.ndim))))
        flat = {f"rows {k}": v for k, v in down.items()}
        if values.ndim > 1:
            across = _summary(np.nanmean(values, axis=(0, *range(2, values.ndim))))
            flat |= {f"columns {k}": v for k, v in across.items()}
        return flat
    rows, columns = np.nansum(values, axis=1), np.nansum(values, axis=0)
    found = {f"row {i} sum": float(v) for i, v in enumerate(rows.reshape(len(rows), -1).sum(1))}
    return found | {
        f"column {i} sum": float(v) for i, v in enumerate(columns.reshape(len(columns), -1).sum(1))
    }

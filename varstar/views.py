"""Samples and results in a notebook: a few rows, with small pictures instead of numbers.

IPython is told how to show them; the tables themselves stay plain pandas.
"""

import html
from typing import Any

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar.lightcurves.folding import fold
from varstar.lightcurves.sample import clean, light_curves

__all__ = ["register", "results_html", "sample_html"]

#: Rows and points shown, and the size of a small picture.
ROWS, POINTS, WIDTH, HEIGHT = 6, 60, 120, 36


def register() -> None:
    """Tell IPython, where it runs, how to show samples and results."""
    from IPython import get_ipython

    shell = get_ipython()
    if shell is None:
        return
    html_formatter = shell.display_formatter.formatters["text/html"]
    html_formatter.for_type(NestedFrame, _nested)
    html_formatter.for_type(pd.DataFrame, _table)


def _nested(table: NestedFrame) -> str | None:
    fields = table["lc"].array.field_names if "lc" in table.nested_columns else ()
    return sample_html(table) if {"t", "mag"} <= set(fields) else table._repr_html_()


def _table(table: pd.DataFrame) -> str | None:
    shown = {"label", "probability", "period", "status"} <= set(table.columns)
    return results_html(table) if shown and "model" in table.attrs else table._repr_html_()


def sample_html(sample: NestedFrame) -> str:
    """The first stars of a sample: their columns, and their light curves as small pictures,
    folded where the sample has a period."""
    head = sample.iloc[:ROWS]
    curves, status = clean(light_curves(head))
    period = np.full(len(head), np.nan)
    if "period" in head.columns:
        period = pd.to_numeric(head["period"], errors="coerce").to_numpy(float, na_value=np.nan)
    names = [c for c in ("label", "period") if c in head.columns]
    rows = []
    for i, star in enumerate(head.index):
        points = slice(curves.offsets[i], curves.offsets[i + 1])
        bands = ", ".join(curves.bands[b] for b in np.unique(curves.band[points]))
        t, mag, _ = curves.one(i)
        picture = sparkline(fold(t, period[i]) if period[i] > 0 else t, mag, period[i] > 0)
        words = "" if status[i] == "ok" else str(status[i])
        cells = [_text(head.iloc[i][c]) for c in names]
        rows.append([_text(star), *cells, str(curves.counts[i]), _text(bands), picture, words])
    total = int(sample["lc"].array.list_lengths.sum())
    other = [str(c) for c in sample.columns if c not in (*names, "lc")]
    title = f"{len(sample):,} stars, {total:,} measurements"
    foot = f"columns besides: {', '.join(other)}" if other else ""
    heads = ["star_id", *names, "points", "bands", "light curve", ""]
    return _page(title, heads, rows, len(sample), foot)


def results_html(results: pd.DataFrame) -> str:
    """The first rows of `varstar.classify`: the likeliest classes as bars, words for what is
    wrong; the table has more columns, which are named below it."""
    from varstar.results import class_columns

    classes = class_columns(results)
    rows = []
    for star, row in results.iloc[:ROWS].iterrows():
        known = isinstance(row["label"], str)
        best = row[classes].astype(float).sort_values(ascending=False)[:3] if known else {}
        bars = "".join(_bar(str(name), value) for name, value in dict(best).items())
        period = f"{row['period']:.6g}" if row["period"] > 0 else "none"
        doubts = [] if row["status"] == "ok" else [str(row["status"])]
        if row.get("fap", 0) > 0.01:
            doubts.append(f"may not be periodic (fap {row['fap']:.2g})")
        if "out_of_range" in row and pd.notna(row["out_of_range"]) and row["out_of_range"] > 0:
            doubts.append(f"{int(row['out_of_range'])} inputs out of range")
        label = f"<b>{_text(row['label'])}</b>" if known else "-"
        source = _text(row.get("period_source", ""))
        rows.append([_text(star), label, bars, f"{period} {source}", _text("; ".join(doubts))])
    title = f"{len(results):,} stars, classes of {_text(results.attrs.get('model', ''))}"
    shown = {"label", "probability", "period", "period_source", "status", *classes}
    other = [str(c) for c in results.columns if c not in shown]
    foot = f"columns besides: {', '.join(other)}; what they mean: vs.explain(results)"
    return _page(title, ["star_id", "label", "classes", "period [d]", ""], rows,
                 len(results), foot)  # fmt: skip


def sparkline(x: np.ndarray, mag: np.ndarray, folded: bool = False) -> str:
    """A light curve as a small SVG of dots, bright up; two cycles where it is folded."""
    if not len(x):
        return ""
    keep = np.linspace(0, len(x) - 1, min(POINTS, len(x))).astype(int)
    x, mag = x[keep], mag[keep]
    if folded:
        x, mag = np.concatenate([x, x + 1]) / 2, np.tile(mag, 2)
    else:
        x = (x - x.min()) / (np.ptp(x) or 1)
    low, high = np.percentile(mag, [2, 98])
    y = np.clip((mag - low) / ((high - low) or 1), 0, 1)
    dots = "".join(
        f"M{2 + (WIDTH - 4) * a:.0f} {2 + (HEIGHT - 4) * b:.0f}h0"
        for a, b in zip(x, y, strict=True)
    )
    return (
        f'<svg width="{WIDTH}" height="{HEIGHT}"><path d="{dots}" stroke="#0072B2" '
        f'stroke-width="2" stroke-linecap="round" fill="none"/></svg>'
    )


def _bar(name: str, value: float) -> str:
    wide = round(60 * float(value))
    return (
        f'<div><svg width="62" height="9"><rect width="60" height="9" fill="#eee"/>'
        f'<rect width="{wide}" height="9" fill="#0072B2"/></svg> '
        f"{value:.2f} {_text(name)}</div>"
    )


def _text(value: Any) -> str:
    if isinstance(value, float | np.floating):
        return "" if np.isnan(value) else f"{value:.6g}"
    return html.escape("" if value is None or value is pd.NA else str(value))


def _page(title: str, heads: list[str], rows: list[list[str]], n: int, foot: str) -> str:
    def line(cells: list[str], tag: str) -> str:
        style = ' style="text-align: left"'
        return f"<tr>{''.join(f'<{tag}{style}>{cell}</{tag}>' for cell in cells)}</tr>"

    more = f"<div>... {n - ROWS:,} more rows</div>" if n > ROWS else ""
    table = line(heads, "th") + "".join(line(row, "td") for row in rows)
    return (
        f"<div><b>{title}</b></div><table>{table}</table>{more}"
        f'<div style="color: gray">{html.escape(foot)}</div>'
    )

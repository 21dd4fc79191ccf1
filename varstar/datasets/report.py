"""What a reading did, for people: the report kept in ``sample.attrs["report"]``."""

from collections.abc import Mapping
from typing import Any


def describe(report: Mapping[str, Any]) -> str:
    """A report in a few lines.

    Parameters
    ----------
    report : mapping
        ``file, layout, columns, units, time, stars, rows, measurements, bands, left_out,
        guessed, notes``; or ``{"files": [report, ...]}`` of many files.
    """
    if "files" in report:
        return "\n".join(describe(r) for r in report["files"])
    lines = [f"{report.get('file', 'table')}: {report['layout']}"]
    stars, bands = report["stars"], report["bands"]
    held = ", ".join(f"{b} {n}" for b, n in bands.items())
    lines.append(
        f"  {report['measurements']} measurements of {stars} star{'s' * (stars != 1)} ({held}) "
        f"from {report['rows']} rows"
    )
    columns = report["columns"]
    shown = [f"{role}: {_join(c)}" for role, c in columns.items()]
    if shown:
        lines.append("  columns  " + "; ".join(shown))
    if report["units"]:
        lines.append("  units    " + "; ".join(f"{k} {v}" for k, v in report["units"].items()))
    time = report["time"]
    added = f", {time['added']:.10g} added" if time["added"] else ""
    lines.append(f"  time     {time['scale']} ({time['unit']}{added})")
    for title, found in (("left out", report["left_out"].items()),):
        lines += [f"  {title} {n}: {why}" for why, n in found]
    lines += [f"  guessed  {g}" for g in report["guessed"]]
    lines += [f"  note     {n}" for n in report["notes"]]
    if report["source"]:
        lines.append(f"  see      {report['source']}")
    return "\n".join(lines)


def _join(columns: Any) -> str:
    return columns if isinstance(columns, str) else ", ".join(map(str, columns))

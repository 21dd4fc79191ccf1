"""The papers' published numbers, as data: one YAML a paper, read here.

Each paper has `items` (figures, tables, sections), and each item quantities, named
``"<item>.<row>.<column>"`` (a cell of a table) or ``"<item>.<name>"``.

>>> from varstar.compendium import published
>>> published.load("s20")["items"]["tab03"]["rows"]["ACEP"]
[0.803, 0.972, 0.879, 0.93, 0.95, 0.94]
>>> published.value("s20", "fig02.parameters")
1615685
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

import pandas as pd
import yaml

from varstar import paths

_FOLDER = paths.PACKAGE / "papers"

#: What a comparison has, row by row; see `against_paper`.
COLUMNS = [
    "item",
    "quantity",
    "what",
    "published",
    "ours",
    "data",
    "difference",
    "tolerance",
    "verdict",
    "where",
]


def papers() -> list[str]:
    """Short names of the papers: ``"s20"``, ..."""
    return sorted(path.parent.name for path in _FOLDER.glob("*/published.yaml"))


def load(paper: str) -> dict[str, Any]:
    """Everything published by `paper`, as its YAML says it."""
    return yaml.safe_load(_text(paper))


@cache
def _text(paper: str) -> str:
    if paper not in papers():
        raise ValueError(f"unknown paper {paper!r}. Known: {papers()}")
    return (_FOLDER / paper / "published.yaml").read_text(encoding="utf-8")


def quantities(paper: str) -> pd.DataFrame:
    """Every published number of `paper`, one a row.

    Returns
    -------
    DataFrame
        Index ``quantity``; ``item``, ``what``, ``published``, ``tolerance`` (absolute;
        NaN: no judgement), ``unit``, ``where`` (page, section or table), ``note``.
    """
    rows = []
    for stem, item in load(paper)["items"].items():
        band = item.get("tolerance", float("nan"))
        by_column = band if isinstance(band, dict) else {}
        common = {
            "item": item["item"],
            "unit": item.get("unit", ""),
            "where": item["where"],
            "note": item.get("note", ""),
            "tolerance": float("nan") if by_column else band,
        }
        columns, labels = item.get("columns", []), item.get("labels", {})
        for name, cells in item.get("rows", {}).items():
            for column, cell in zip(columns, cells, strict=True):
                if cell is None:  # not published
                    continue
                what = f"{labels.get(column, column.replace('_', ' '))}, {name}"
                quantity = f"{stem}.{name}.{column}"
                row = {**common, "quantity": quantity, "what": what, "published": cell}
                rows.append({**row, "tolerance": by_column.get(column, common["tolerance"])})
        for name, entry in item.get("values", {}).items():
            entry = {k: v for k, v in entry.items() if k != "value"} | {"published": entry["value"]}
            rows.append({**common, "quantity": f"{stem}.{name}", "what": name, **entry})
    table = pd.DataFrame(rows).set_index("quantity")
    table["published"] = pd.Series([row["published"] for row in rows], table.index, dtype=object)
    return table


def value(paper: str, quantity: str) -> Any:
    """One published number."""
    known = quantities(paper)["published"]
    if quantity not in known.index:
        raise ValueError(_unknown(paper, [quantity], known.index))
    return known[quantity]


def table(paper: str, item: str) -> pd.DataFrame:
    """A published table as it was printed: ``table("s20", "tab05")``."""
    items = load(paper)["items"]
    if "rows" not in items.get(item, {}):
        tables = [stem for stem, content in items.items() if "rows" in content]
        raise ValueError(f"{paper}: no table {item!r}. Known: {tables}")
    content = items[item]
    rows = {str(name): cells for name, cells in content["rows"].items()}
    return pd.DataFrame.from_dict(rows, orient="index", columns=content["columns"])


def against_paper(
    ours: Mapping[str, float],
    paper: str,
    data: str | Mapping[str, str],
    tolerance: float | Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Our numbers beside the published ones.

    Parameters
    ----------
    ours : mapping
        Quantity -> our value: ``{"tab03.ACEP.cnn_recall": 0.91}``. Names as in
        `quantities`; a value of None or NaN is left out.
    paper : str
    data : str or mapping
        The survey ours were obtained on, one for all or by quantity or item
        (``{"tab03": "sim-ogle3", "tab04": "sim-ogle4"}``).
    tolerance : float or mapping, optional
        What counts as agreement, absolute; by default what the paper's YAML says. NaN:
        no judgement (run times).

    Returns
    -------
    DataFrame
        `COLUMNS`, in the order of `ours`; ``difference`` is ours minus published;
        ``verdict`` is ``"within"``, ``"above"``, ``"below"`` or, without tolerance,
        ``"-"``.
    """
    known = quantities(paper)
    unknown = [name for name in ours if name not in known.index]
    if unknown:
        raise ValueError(_unknown(paper, unknown, known.index))
    rows = []
    for name, our in ours.items():
        if our is None or our != our:
            continue
        row = known.loc[name]
        if not isinstance(row["published"], int | float):
            raise ValueError(f"{paper}: {name} is not a number but {row['published']!r}")
        band = _lookup(tolerance, name, float(row["tolerance"]))
        difference = our - row["published"]
        rows.append(
            {
                "item": row["item"],
                "quantity": name,
                "what": row["what"],
                "published": row["published"],
                "ours": our,
                "data": _lookup(data, name, None),
                "difference": difference,
                "tolerance": band,
                "verdict": _verdict(difference, band),
                "where": row["where"],
            }
        )
    return pd.DataFrame(rows, columns=COLUMNS).astype({"published": object, "ours": object})


def verdicts(comparison: pd.DataFrame) -> dict[str, int]:
    """How many quantities lie within their tolerance, how many above, below, unjudged."""
    counts = comparison["verdict"].value_counts()
    names = {"-": "not judged"}
    return {
        names.get(v, v): int(counts[v]) for v in ("within", "above", "below", "-") if v in counts
    }


def verdict_lines(comparison: pd.DataFrame) -> str:
    """The comparison as text, one judged quantity a line: what a notebook prints and a
    test compares (it holds no number of ours, only whether it lies within)."""
    judged = comparison[comparison["verdict"] != "-"]
    return "\n".join(
        f"{row['item']} {row['what']}: paper {row['published']:.10g}, {row['data']} within "
        f"{row['tolerance']:g}: {row['verdict'] == 'within'}"
        for _, row in judged.iterrows()
    )


def _verdict(difference: float, tolerance: float) -> str:
    if tolerance != tolerance:
        return "-"
    if abs(difference) <= tolerance + 1e-12:
        return "within"
    return "above" if difference > 0 else "below"


def _lookup(values: Any, quantity: str, default: Any) -> Any:
    """One value for all, or by quantity, or by item."""
    if values is None:
        return default
    if isinstance(values, Mapping):
        for key in (quantity, quantity.split(".")[0]):
            if key in values:
                return values[key]
        if default is None:
            raise ValueError(f"no data named for {quantity!r}. Received: {dict(values)}")
        return default
    return values


def _unknown(paper: str, names: list[str], known: pd.Index) -> str:
    items = {name.split(".")[0] for name in names}
    near = [k for k in known if k.split(".")[0] in items] or sorted(
        {k.split(".")[0] for k in known}
    )
    return f"{paper} publishes no quantity {names[:3]}. Known: {near[:40]}"

"""Pages made from the committed products, which `make publish` puts in their place: the
gallery of all figures and tables (``figures/README.md``) and the README's table of results.

Both say of each item what was published and what came out here, on simulated and on real
surveys, each number with its data. A test checks that both are current.
"""

import json
import math
from pathlib import Path
from typing import Any

import pandas as pd

from varstar import models, paths
from varstar.compendium import published
from varstar.compendium.record import write_text
from varstar.datasets.registry import SURVEYS

#: The README's generated parts stand between these lines.
BEGIN = "<!-- {}: made by `make gallery`, not by hand -->"
END = "<!-- /{} -->"

_KINDS = ("simulated", "real")


def write() -> list[Path]:
    """Remake both pages; returns those that changed."""
    changed = stale()
    for path, text in _pages().items():
        if path in changed:
            write_text(path, text)
    return changed


def stale() -> list[Path]:
    """The pages that are not what they would be if they were remade now."""
    return [
        path
        for path, text in _pages().items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]


def _pages() -> dict[Path, str]:
    pages = {paths.committed_figures() / "README.md": gallery()}
    readme = paths.project() / "README.md"
    if readme.is_file():
        text = readme.read_text(encoding="utf-8")
        for name, make in PARTS.items():
            begin, end = BEGIN.format(name), END.format(name)
            if begin in text and end in text:
                head, rest = text.split(begin, 1)
                text = f"{head}{begin}\n{make()}\n{end}{rest.split(end, 1)[1]}"
        pages[readme] = text
    return pages


# --- the table of results -----------------------------------------------------------------


def results() -> str:
    """Item, published, simulated, real, notebook: the headline numbers of each paper, as
    Markdown."""
    lines = [
        "| paper | item | published | simulated | real | notebook |",
        "|---|---|---|---|---|---|",
    ]
    for paper in _papers():
        known = published.quantities(paper["short"])
        ours = {kind: comparison(paper["notebook"], kind) for kind in _KINDS}
        for quantity in paper["headline"]:
            row = known.loc[quantity]
            cells = [
                paper["paper"],
                f"{row['item']}: {row['what']}",
                number(row["published"]),
                *(_ours(ours[kind], quantity) for kind in _KINDS),
                f"[{paper['notebook'][:2]}](notebooks/{paper['notebook']}.ipynb)",
            ]
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def papers() -> str:
    """The papers and their notebooks, as Markdown."""
    lines = ["| notebook | paper | method |", "|---|---|---|"]
    here = [paper["short"] for paper in _papers()]
    everything = [{**published.load(short), "short": short} for short in published.papers()]
    for paper in sorted(everything, key=lambda paper: paper["notebook"]):
        number, name = paper["notebook"][:2], paper["notebook"]
        link = (
            f"[{number}](notebooks/{name}.ipynb)"
            if paper["short"] in here
            else f"{number}, to come"
        )
        link_doi = f" [doi](https://doi.org/{paper['doi']})" if "doi" in paper else ""
        reference = f"{paper['authors']} {paper['year']}, {paper['reference']}{link_doi}"
        lines.append(f"| {link} | {reference} | {paper['method']} |")
    return "\n".join(lines)


def trained_models() -> str:
    """The models that ship, what each learned from and how well it does on stars that it
    has not seen, as Markdown."""
    lines = [
        "| model | classes | learned from | macro F1 (M_c) on unseen stars |",
        "|---|---|---|---|",
    ]
    for name in models.available():
        card = models.card(name)
        classes = card["classes"]
        shown = ", ".join(classes) if len(classes) <= 9 else f"{len(classes)} classes"
        surveys = card["training"]["survey"]
        home = surveys if isinstance(surveys, str) else ", ".join(surveys)
        scores = "<br>".join(_unseen(card["scores"], home))
        lines.append(f"| `{name}` | {shown} | {home} | {scores} |")
    return "\n".join(lines)


def _unseen(scores: dict[str, Any], home: str) -> list[str]:
    """The model's own score, which comes first in a card, and those on other surveys."""
    whole = {}
    for what, score in scores.items():
        # a group of scores, one of them the model's own, counts with its first
        inner = [score, *score.values()] if isinstance(score, dict) else []
        known = [v for v in inner if isinstance(v, dict) and "macro_f1" in v]
        whole |= {what: known[0]} if known else {}
    first = next(iter(whole))
    return [
        f"{score['macro_f1']:.3f} ({score['mc']:.3f}) "
        + (what if what in SURVEYS else f"{home}, out of fold by star")
        for what, score in whole.items()
        if what == first or what in SURVEYS
    ]


#: Name of a part of the README -> what makes it.
PARTS = {"results": results, "models": trained_models, "papers": papers}


def comparison(notebook: str, kind: str) -> pd.DataFrame:
    """Every row of the notebook's ``comparison*.csv`` of that kind; may be empty."""
    tables = [
        pd.read_csv(paths.committed_figures() / record["path"])
        for record in products(notebook, kind)
        if record["product"].startswith("comparison") and record["product"].endswith(".csv")
    ]
    return pd.concat(tables) if tables else pd.DataFrame(columns=published.COLUMNS)


def _ours(table: pd.DataFrame, quantity: str) -> str:
    rows = table[table["quantity"] == quantity]
    return "<br>".join(f"{number(r['ours'])} ({r['data']})" for _, r in rows.iterrows()) or "-"


def number(value: Any) -> str:
    """A number as a table shows it: whole ones with spaces, others with four digits."""
    value = float(value)
    if not math.isfinite(value):
        return str(value)
    if value == int(value) and abs(value) >= 10:
        return f"{int(value):,}".replace(",", " ")
    return f"{value:.4g}"


# --- the gallery --------------------------------------------------------------------------


def gallery() -> str:
    """The page of every figure and table, paper by paper, in the papers' order."""
    lines = [
        "# Gallery",
        "",
        "Every figure and table that the notebooks make, beside its number in the paper. Each",
        "has a `.json` beside it: data, parameters, seed, commit, versions. This page is made by",
        "`make gallery`.",
        "",
    ]
    for paper in _papers():
        made = {kind: products(paper["notebook"], kind) for kind in _KINDS}
        lines += [f"## {paper['paper']}: {paper['title']}", ""]
        lines += [f"{paper['authors']} {paper['year']}, {paper['reference']}.", ""]
        listed: set[str] = set()
        for stem, item in paper["items"].items():
            lines += [f"### {item['item']}: {item['title']}", ""]
            for kind in _KINDS:
                own = [p for p in made[kind] if belongs(p["product"], stem)]
                listed.update(p["product"] for p in own)
                lines += _entries(own, kind)
            if item.get("note"):
                lines += [f"*{' '.join(item['note'].split())}*", ""]
        others = {kind: [p for p in made[kind] if p["product"] not in listed] for kind in _KINDS}
        if any(others.values()):
            lines += ["### Beyond the paper", ""]
            for kind in _KINDS:
                lines += _entries(others[kind], kind)
    for number in _other_numbers({paper["notebook"][:2] for paper in _papers()}):
        lines += [f"## Notebook {number}", ""]
        for kind in _KINDS:
            lines += _entries(products(number, kind), kind)
    return "\n".join(lines).rstrip() + "\n"


def products(notebook: str, kind: str) -> list[dict[str, Any]]:
    """The provenance of every figure and table of a notebook (its name or number), by
    name; ``path`` is relative to the folder of figures."""
    found = []
    for path in (paths.committed_figures() / kind).glob(f"{notebook[:2]}_*/*.json"):
        record = json.loads(path.read_text(encoding="utf-8"))
        place = path.with_name(record["product"]).relative_to(paths.committed_figures())
        found.append({**record, "path": place.as_posix()})
    return sorted(found, key=lambda record: record["path"])


def belongs(product: str, stem: str) -> bool:
    """Whether a file shows the item: ``fig04_confusion.png`` and ``fig04.png`` show fig04."""
    return product.split(".")[0].split("_")[0] == stem


def _entries(records: list[dict[str, Any]], kind: str) -> list[str]:
    lines = []
    for record in records:
        data = ", ".join(record["data"])
        text = f"{record['caption']} " if record["caption"] else ""
        if record["product"].endswith(".png"):
            lines += [f"![{record['product']}]({record['path']})", ""]
        lines += [f"[{record['product']}]({record['path']}): {text}Data: {data} ({kind}).", ""]
    return lines


def _papers() -> list[dict[str, Any]]:
    """The papers whose notebook exists, by its number."""
    papers = [{**published.load(short), "short": short} for short in published.papers()]
    here = [p for p in papers if (paths.notebooks() / f"{p['notebook']}.ipynb").is_file()]
    return sorted(here, key=lambda paper: paper["notebook"])


def _other_numbers(shown: set[str]) -> list[str]:
    found = {p.name[:2] for kind in _KINDS for p in (paths.committed_figures() / kind).glob("*_*")}
    return sorted(found - shown)

"""docs/leaderboard.md, made from the tables of notebook 06: `make leaderboard`."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from varstar import paths
from varstar.compendium import record
from varstar.papers.head import board, methods

HEAD = """\
# Head to head

Macro F1 of every method on the same stars, with 95 % intervals over stars; the best of a column in
bold, which means little where intervals overlap. Scores are means over an entrant's seeds; paired
differences with Holm's correction are in `leaderboard.csv`. How it was measured, what it cost and
what the networks were given stands in notebook [06](../notebooks/06_head_to_head.ipynb); how to
repeat it with or without a graphics card, in `scripts/head_elsewhere.py`. Made by
`make leaderboard`, not by hand.
"""
WORDS = {
    "own": "period found from the light curve",
    "catalogue": "period given by the catalogue",
}


def tables(figures: Path | None = None) -> dict[str, pd.DataFrame]:
    """``real`` and ``simulated`` leaderboards, as far as there are; each checked.

    Raises
    ------
    ValueError
        A leaderboard without seed, commit or lock, or of code that was not committed.
    """
    figures = paths.committed_figures() if figures is None else figures
    found = {}
    for kind in ("real", "simulated"):
        path = figures / kind / "06_head_to_head" / "leaderboard.csv"
        if path.is_file():
            table = pd.read_csv(path)
            said = record.read(path.with_suffix(".json")) or {}
            lock = said.get("lock") or said.get("versions")
            board.check(table, {**said, "lock": lock})
            found[kind] = table
    return found


def notes(figures: Path | None = None) -> dict[str, str]:
    """What the page says of each kind's networks: folds, seeds, where they were trained."""
    figures = paths.committed_figures() if figures is None else figures
    found = {}
    for kind in ("real", "simulated"):
        path = figures / kind / "06_head_to_head" / "leaderboard.json"
        known = (record.read(path) or {}).get("parameters", {})
        if {"folds", "network_folds", "network_seeds"} <= set(known):
            seeds = len(known["network_seeds"])
            found[kind] = (
                f"Trees and simple methods judge {known['folds']} folds of {known['folds']}; "
                f"networks {known['network_folds']}, with {seeds} seed{'s' * (seeds > 1)}, trained "
                f"{known.get('networks_trained', 'here')}.\n"
            )
    return found


def page(found: Mapping[str, pd.DataFrame], said: Mapping[str, str] | None = None) -> str:
    """The page's text: a table for each kind of survey and of period, and what is said of it."""
    parts = [HEAD]
    titles = {name: entry["title"] for name, entry in methods.entries().items()}
    for kind, table in found.items():
        for period, rows in table.groupby("period", sort=False):
            parts.append(f"\n## {kind.capitalize()} surveys, {WORDS.get(str(period), period)}\n")
            parts += [said[kind]] if said and kind in said else []
            parts.append(_grid(rows, titles))
    return "\n".join(parts)


def _grid(rows: pd.DataFrame, titles: Mapping[str, str]) -> str:
    surveys = list(dict.fromkeys(rows["survey"]))
    best = rows.groupby("survey")["macro_f1"].max()
    lines = [f"| method | {' | '.join(surveys)} | ms a star |", "|---" * (len(surveys) + 2) + "|"]
    for name in dict.fromkeys(rows["method"]):
        mine = rows[rows["method"] == name].set_index("survey")
        cells = [_cell(mine, s, best[s]) for s in surveys]
        lines.append(
            f"| {titles.get(name, name)} | {' | '.join(cells)} | {mine['ms_star'].mean():.1f} |"
        )
    return "\n".join(lines) + "\n"


def _cell(mine: pd.DataFrame, survey: str, best: float) -> str:
    if survey not in mine.index or not mine.loc[survey, "macro_f1"] >= 0:
        return "no answer"
    row = mine.loc[survey]
    value = f"{row['macro_f1']:.2f}"
    value = f"**{value}**" if row["macro_f1"] == best else value
    return f"{value} [{row['low']:.2f}, {row['high']:.2f}]"


def write() -> list[Path]:
    """Make the page anew; what has changed."""
    path = paths.project() / "docs" / "leaderboard.md"
    text = page(tables(), notes())
    if path.is_file() and path.read_text("utf-8") == text:
        return []
    record.write_text(path, text)
    return [path]

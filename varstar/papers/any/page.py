"""The measured part of docs/any.md, made from the model's card."""

from collections.abc import Mapping
from typing import Any

from varstar import paths
from varstar.compendium import record
from varstar.papers.any.measure import FIVE

BEGIN, END = "<!-- measured: made by `make leaderboard` from the card -->", "<!-- /measured -->"
POINTS = (
    "Against the number of points (real stars with points left out, and carried over to other "
    "dates; the same left-out models):"
)
HEAD = ["survey", "stars", "macro F1", *FIVE, "period", "alias", "ECE", "coverage", "size"]


def measured(scores: Mapping[str, Any]) -> str:
    """Tables in Markdown: every left-out survey, the curve against points, constants."""
    lines = [_row(HEAD), _row(["---"] * len(HEAD))]
    for survey, row in scores.items():
        if isinstance(row, Mapping) and "stars" in row:
            f1 = [_number(row["f1"].get(family)) for family in FIVE]
            rest = [
                _number(row.get(k)) for k in ("period_right", "period_alias", "ece", "coverage")
            ]
            size = _number(row.get("set_size"), 1)
            first = [survey, str(row["stars"]), _number(row.get("macro_f1"))]
            lines.append(_row([*first, *f1, *rest, size]))
    lines += ["", POINTS, "", _row(["points", "light curves", "macro F1", "period"])]
    lines.append(_row(["---"] * 4))
    for row in scores["by points"]:
        points = f"{row['points_from']:.0f}-{row['points_to']:.0f}"
        values = [_number(row[k]) for k in ("macro_f1", "period_right")]
        lines.append(_row([points, f"{row['stars']:.0f}", *values]))
    constants = scores["constants called variable"]
    shares = ", ".join(f"{name}: {100 * share:.1f} %" for name, share in constants.items())
    lines += ["", "Constant stars (shuffled magnitudes, white noise, permuted residuals, trends, "
              f"outliers, bad nights) that are called variable: {shares}."]  # fmt: skip
    new = scores["novelty of a family left out"]
    shares = ", ".join(f"{family} {value:.2f}" for family, value in new.items())
    lines += ["", "Novelty where both the survey and the family were left out of training, AUROC "
              f"of its stars against all others, mean over the surveys: {shares}."]  # fmt: skip
    return "\n".join(lines)


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _number(value: Any, digits: int = 2) -> str:
    return "" if value is None or value != value else f"{value:.{digits}f}"


def page() -> str:
    """docs/any.md as it should be."""
    from varstar import models

    text = (paths.project() / "docs" / "any.md").read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}\n\n{measured(models.card('any')['scores'])}\n\n{END}{after}"


def write() -> None:
    """Make it so."""
    record.write_text(paths.project() / "docs" / "any.md", page())

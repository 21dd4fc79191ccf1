"""What notebook 07 asks of the model: cross-survey tables, few points, wrong periods, causes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar import taxonomy
from varstar.lightcurves.preprocess import at_most_points
from varstar.papers.any.fit import FAMILIES
from varstar.papers.any.measure import FIVE, f1_scores
from varstar.periods import period_success


def cross_survey(card: dict[str, Any]) -> pd.DataFrame:
    """The card's scores on each survey that was left out, a row a survey."""
    rows = {
        name: {k: v for k, v in score.items() if k != "f1"}
        | {f"f1_{c}": v for c, v in score["f1"].items()}
        for name, score in card["scores"].items()
        if isinstance(score, dict) and "f1" in score
    }
    return pd.DataFrame(rows).T.rename_axis("survey")


def by_points(card: dict[str, Any]) -> pd.DataFrame:
    """The card's scores against the number of points."""
    return pd.DataFrame(card["scores"]["by points"])


def judged(answer: pd.DataFrame, sample: NestedFrame, survey: str) -> pd.DataFrame:
    """The answers beside the truth: family, whether the set holds it, what the period is."""
    truth = taxonomy.to_families(sample["label"], survey)
    table = answer.assign(true_family=truth["family"], true_label=truth["label"])
    held = [
        isinstance(s, str) and f in s.split("|")
        for s, f in zip(table["set"], table["true_family"], strict=True)
    ]
    table["right"], table["in_set"] = table["family"] == table["true_family"], held
    table["set_size"] = table["set"].fillna("").map(lambda s: len([c for c in s.split("|") if c]))
    if "period" in sample:
        true = sample["period"].to_numpy(float)
        table["outcome"] = period_success(table["period"].to_numpy(), true)
    return table[table["true_family"].notna().to_numpy()]


def summary(table: pd.DataFrame) -> dict[str, float]:
    """Macro F1 of the five great families, coverage and size of the sets."""
    true, said = (table[c].fillna("-").to_numpy(object) for c in ("true_family", "family"))
    classes = [c for c in FIVE if (true == c).any()]
    inside = np.isin(true, classes)
    f1 = f1_scores(true[inside], said[inside], np.ones(inside.sum()), classes)
    seen = (table["status"] == "ok").to_numpy()
    return {
        "stars": len(table),
        "macro_f1": float(np.mean(list(f1.values()))),
        "coverage": float(table["in_set"][seen].mean()),
        "set_size": float(table["set_size"][seen].mean()),
    }


def confusion(table: pd.DataFrame) -> pd.DataFrame:
    """Per cent of each true family called each family; the number of stars in the row's name."""
    counts = pd.crosstab(table["true_family"], table["family"])
    counts = counts.reindex(index=[f for f in FAMILIES if f in counts.index], columns=FAMILIES)
    counts = counts.fillna(0).astype(int)
    share = counts.div(counts.sum(axis=1), axis=0) * 100
    share.index = [f"{f} ({n})" for f, n in counts.sum(axis=1).items()]
    return share.rename_axis("true")


def causes(table: pd.DataFrame) -> pd.DataFrame:
    """How many stars are right and wrong, by what became of their period."""
    rows = pd.crosstab(table["outcome"], table["right"]).reindex(columns=[True, False]).fillna(0)
    rows.columns = ["right", "wrong"]
    rows = rows.astype(int)
    return rows.assign(share_wrong=rows["wrong"] / rows.sum(axis=1)).rename_axis("period")


def curve(
    sample: NestedFrame, survey: str, points: Sequence[int], classify: Any, seed: int = 0
) -> pd.DataFrame:
    """`summary` of the same stars with fewer and fewer points."""
    rows = []
    for n in points:
        few = at_most_points(sample, n, seed=seed)
        table = judged(classify(few.drop(columns="period")), few, survey)
        rows.append({"points": n, **summary(table)})
    return pd.DataFrame(rows)

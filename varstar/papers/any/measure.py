"""What the card and the tables say: every number on surveys that the models had not seen."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import matthews_corrcoef

from varstar.papers.any import calibrate
from varstar.papers.any.fit import FAMILIES

#: The families of most catalogues, over which macro F1 is taken.
FIVE = ("RR", "CEP", "DSCT", "ECL", "LPV")
#: Numbers of points of the curve against N.
POINTS = (8, 13, 17, 26, 34, 52, 68, 104, 160, 320)
LIMITS = [
    "never tested on a whole survey outside the table below; on real space photometry; on u, y "
    "or infrared bands",
    "semi-regular and small-amplitude red variables, most rotating stars and the family OTHER are "
    "known mostly from simulated stars",
    "a contact binary of equal minima, an overtone pulsator and a spotted star with one wave a "
    "cycle have the same light curve: without colours the set holds several families",
    "with fewer than about 30 points a period is seldom found: read the set, not the family",
    "an answer about a star of no known family is a guess: see is_novel and the set",
]


def f1_scores(
    true: np.ndarray, said: np.ndarray, weight: np.ndarray, classes: list[str]
) -> dict[str, float]:
    """F1 of each class, stars weighted."""
    out = {}
    for name in classes:
        hit = weight[(true == name) & (said == name)].sum()
        both = weight[true == name].sum() + weight[said == name].sum()
        out[name] = float(2 * hit / both) if both > 0 else np.nan
    return out


def period_outcome(judged: pd.DataFrame) -> np.ndarray:
    """``right``, ``alias`` (of the nights), ``wrong``, or ``unknown``.

    Right: the period within 1 % or a peak's width; of binaries and rotating stars also half
    and twice of it, of type II Cepheids too, whose published periods are of either kind.
    """
    found, true = judged["found_period"].to_numpy(), judged["true_period"].to_numpy(float)
    width = 1 / judged["span"].to_numpy()
    family, label = judged["family"].to_numpy(object), judged["label"].to_numpy(object)
    either = np.isin(family, ["ECL", "ROT"]) | (label == "T2CEP")

    def near(factor: float) -> np.ndarray:
        with np.errstate(invalid="ignore"):
            return (np.abs(found / (factor * true) - 1) < 0.01) | (
                np.abs(1 / found - 1 / (factor * true)) < 0.7 * width
            )

    right = (judged["period_right"].to_numpy() == 1) | (either & (near(0.5) | near(2.0)))
    alias = np.zeros(len(found), bool)
    for order in (0.5, 1, 2):
        for day in (1.0, 1.0027379, 2.0, 2.0054758):
            for sign in (-1, 1):
                shifted = np.abs(order / true + sign * day)
                alias |= np.abs(1 / found - shifted) < 2 * width
    unknown = ~np.isfinite(true) | np.isin(family, ["OTHER", "CONST"])
    return np.select([unknown, right, alias], ["unknown", "right", "alias"], "wrong")


def cross_survey(judged: pd.DataFrame, p: np.ndarray) -> pd.DataFrame:
    """Every survey as one that was left out: macro F1 and what lies behind it.

    Stars as the survey has them, in its own mix of classes. ``macro_f1`` and ``mc`` are over
    those of `FIVE` that the survey has, and stars of these; the answer may be any of the
    eight.
    """
    rows = {}
    own = ((judged["guise"] == "own") & (judged["family"] != "CONST")).to_numpy()
    said, outcome = np.array(FAMILIES, object)[p.argmax(axis=1)], period_outcome(judged)
    for survey in sorted(judged.loc[own, "survey"].unique()):
        some = own & (judged["survey"] == survey).to_numpy()
        a, true, mine = judged[some], judged["family"].to_numpy(object)[some], said[some]
        size = a.groupby("survey_label")["star"].transform("size").to_numpy(float)
        w = a["n_label"].to_numpy(float) / size
        classes = [c for c in FIVE if (true == c).sum() >= 8]
        inside, known = np.isin(true, classes), outcome[some] != "unknown"
        f1 = f1_scores(true[inside], mine[inside], w[inside], classes)
        rows[survey] = {"stars": int(some.sum())}
        if len(f1) > 1:
            truth, answer = true[inside].astype(str), mine[inside].astype(str)
            rows[survey]["macro_f1"] = float(np.mean(list(f1.values())))
            rows[survey]["mc"] = float(matthews_corrcoef(truth, answer, sample_weight=w[inside]))
        rows[survey]["accuracy"] = float((w * (true == mine)).sum() / w.sum())
        if known.any():
            for name, key in (("right", "period_right"), ("alias", "period_alias")):
                hit = outcome[some][known] == name
                rows[survey][key] = float(np.average(hit, weights=w[known]))
        rows[survey] |= {f"f1_{c}": v for c, v in f1.items()}
        for c in ("ROT", "OTHER"):
            if (true == c).any():
                rows[survey][f"recall_{c}"] = float((mine[true == c] == c).mean())
    first = ["stars", "macro_f1", "mc", "accuracy", "period_right", "period_alias"]
    table = pd.DataFrame(rows).T.rename_axis("survey")
    return table[[*first, *(c for c in table if c not in first)]].astype(float)


def by_points(judged: pd.DataFrame, p: np.ndarray) -> pd.DataFrame:
    """Macro F1 of the five families, periods and set of light curves with about N points."""
    rows = []
    use = ((judged["family"] != "CONST") & ~judged["survey"].str.startswith("sim-")).to_numpy()
    said = np.array(FAMILIES, object)[p.argmax(axis=1)]
    n, outcome = judged["n_points"].to_numpy(), period_outcome(judged)
    for low, high in zip(POINTS[::2], POINTS[1::2], strict=True):
        some = use & (n >= low) & (n < high) & judged["family"].isin(FIVE).to_numpy()
        if some.sum() < 50:
            continue
        true = judged["family"].to_numpy(object)[some]
        f1 = f1_scores(true, said[some], np.ones(some.sum()), list(FIVE))
        known = outcome[some] != "unknown"
        rows.append((low, high - 1, int(some.sum()), np.mean(list(f1.values())),
                     (outcome[some][known] == "right").mean()))  # fmt: skip
    return pd.DataFrame(
        rows, columns=["points_from", "points_to", "stars", "macro_f1", "period_right"]
    )


def scores(judged: pd.DataFrame, crossed: dict[str, np.ndarray], w: np.ndarray) -> dict[str, Any]:
    """The card's numbers."""
    p = crossed["p"]
    table = cross_survey(judged, p)
    real = (~judged["survey"].str.startswith("sim-")).to_numpy()
    own = (judged["guise"] == "own").to_numpy() & real & (judged["family"] != "CONST").to_numpy()
    code = pd.Categorical(judged["family"], categories=FAMILIES).codes
    cover = calibrate.coverage_table(p[own], crossed["limits"][own], judged[own], w[own])
    everything = cover[cover["family"] == "all"].set_index("survey")
    constant = (judged["family"] == "CONST").to_numpy() & (judged["guise"] != "own").to_numpy()
    called = np.array(FAMILIES)[p.argmax(axis=1)] != "CONST"
    out: dict[str, Any] = {}
    for survey, row in table.iterrows():
        mine = own & (judged["survey"] == survey).to_numpy()
        found = {k: _round(v) for k, v in row.items() if np.isfinite(v)} | {
            "stars": int(row["stars"])
        }
        f1 = {k[3:]: found.pop(k) for k in list(found) if k.startswith("f1_")}
        out[survey] = {**found, "f1": f1}
        if mine.any():
            out[survey] |= {
                "ece": _round(calibrate.calibration_error(p[mine], code[mine], w[mine])),
                "coverage": _round(everything.loc[survey, "coverage"]),
                "set_size": _round(everything.loc[survey, "size"]),
            }
    n = judged["n_points"].to_numpy()
    out["constants called variable"] = {
        f"{low} points or more": _round(called[constant & (n >= low)].mean())
        for low in (8, 40, 100)
    }
    out["by points"] = [
        {k: _round(v) for k, v in row.items()} for row in by_points(judged, p).to_dict("records")
    ]
    return out


def _round(value: float) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None

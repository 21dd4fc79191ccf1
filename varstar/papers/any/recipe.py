"""``any``: trained on all surveys, real and simulated, judged on those that were left out.

Three times a part of the surveys is left out together (a harder test than one by one); what
the models say of them calibrates probabilities, sets and novelty, and is what the card
reports. The shipped trees then learn from all. Cepheids that EROS-2 and OGLE share never stand
on both sides, nor stars that two parts have within 3 arcsec, nor light curves that borrowed the
dates of a survey that is left out.
"""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from varstar import paths
from varstar.learning import quick_trees
from varstar.papers.any import calibrate, fit, measure, novelty, training_set, unseen
from varstar.papers.any.fit import FAMILIES, LABELS, PERIOD_COLUMNS
from varstar.papers.any.look import COLUMNS, MIN_POINTS

#: Surveys that are left out together: those of one telescope or one sky never teach each
#: other, save the two halves of Catalina, which look at different stars.
PARTS = [
    ["catalina_sss", "asas_acvs", "asas_macc_training", "sim-asas", "sim-asassn", "sim-ztf"],
    ["catalina_css_north", "eros2_lmc_upsilon", "sim-eros2", "sim-ogle3", "sim-ogle4"],
    ["ogle3_lmc_cep", "ogle4_lmc_cep", "debosscher_ogle", "debosscher_hip", "sdss_s82_rrlyr",
     "debosscher_hip_ogle", "sim-hipparcos"],
]  # fmt: skip
#: Percentile of novelty above which a star is called novel.
NOVEL_ABOVE = 98.0
#: Log odds added to families: what does not vary for sure is called constant more readily.
PRIOR = {"CONST": 0.4}
_PERIOD = [COLUMNS.index(c) for c in PERIOD_COLUMNS]


class Table(NamedTuple):
    """The training set: trial periods, and the light curves (stars) that own them."""

    trials: pd.DataFrame
    x: np.ndarray
    offsets: np.ndarray
    stars: pd.DataFrame

    def spread(self, values: np.ndarray) -> np.ndarray:
        """A value a star, repeated for its trials."""
        return np.repeat(values, np.diff(self.offsets))


def make(name: str = "any", root: str | Path | None = None, *, seed: int = 0) -> dict[str, Any]:
    """Train, measure, and write the model; what was done is kept and not done again."""
    from varstar.models import store

    folder = paths.cache() / "recipes" / f"any-{seed}"
    table = assemble(folder, root, seed)
    right = fit.right_periods(table.trials)
    weight = fit.star_weights(table.stars)
    judged, score = left_out(table, right, weight, folder, seed)
    code = pd.Categorical(judged["family"], categories=FAMILIES).codes
    raw = judged[FAMILIES].to_numpy()
    w = calibrate.survey_weights(judged)
    calibration = with_prior(calibrate.fit(raw, code, w))
    part = part_of(judged["survey"])
    crossed = crossfit(raw, judged, code, w, part)
    limits = calibrate.thresholds(
        _scaled(raw, calibration), judged["family"].to_numpy(), judged["survey"].to_numpy(), w
    )
    models = final_models(table, right, weight, score, folder, seed)
    new = known_novelty(table, judged, score, crossed["p"], weight)
    scores = measure.scores(judged, crossed, w)
    scores["novelty of a family left out"] = unseen_families(
        table, judged, score, weight, folder, seed
    )
    content = {
        "paper": "any",
        "description": "Any survey, any bands: periods with their aliases, eight families and "
        "finer classes, prediction sets, novelty. Boosted trees on trial folds.",
        "classes": FAMILIES,
        "labels": known_labels(table),
        "inputs": {"bands": None, "min_points": MIN_POINTS, "columns": COLUMNS,
                   "find_periods": False},
        "calibration": calibration,
        "thresholds": limits,
        "novel_above": NOVEL_ABOVE,
        "training": training_note(table),
        "scores": scores,
        "limits": measure.LIMITS,
    }  # fmt: skip
    parts = {**models, "novelty": new}
    store.save(store.folder(name), content, parts=parts)
    return scores


def part_of(survey: pd.Series) -> np.ndarray:
    """Which of `PARTS` each survey belongs to."""
    of = {name: k for k, names in enumerate(PARTS) for name in names}
    return survey.map(of).to_numpy(int)


def assemble(folder: Path, root: str | Path | None, seed: int) -> Table:
    """Every survey's guises, made where they are not yet kept in `folder`."""
    library: dict[str, list] = {}
    tables = []
    for survey in (*training_set.REAL, *training_set.SIMULATED):
        path = folder / f"{survey}.parquet"
        if not path.is_file():
            library = library or training_set.libraries(root, seed)
            made = training_set.build(survey, library, root, seed)
            with paths.atomic(path) as temporary:
                made.to_parquet(temporary)
        tables.append(pd.read_parquet(path).assign(file=survey))
    trials = pd.concat(tables, ignore_index=True)
    trials["trial_key"] = trials.groupby(["file", "trial"], sort=False).ngroup()
    for column in ("family", "label", "survey_label"):
        trials[column] = trials[column].astype(object).where(trials[column].notna(), None)
    key = trials["trial_key"].to_numpy()
    first = np.flatnonzero(np.r_[True, key[1:] != key[:-1]])
    stars = trials.drop(columns=COLUMNS).iloc[first].reset_index(drop=True)
    stars["shared"] = _shared(stars)
    x = trials[COLUMNS].to_numpy(np.float32)
    return Table(trials.drop(columns=COLUMNS), x, np.r_[first, len(trials)], stars)


def _shared(stars: pd.DataFrame) -> np.ndarray:
    """Cepheids of EROS-2 and OGLE that are the same: EROS-2 took OGLE's periods."""
    eros = (stars["survey"] == "eros2_lmc_upsilon").to_numpy()
    ogle = stars["survey"].isin(["ogle3_lmc_cep", "ogle4_lmc_cep"]).to_numpy()
    period = stars["true_period"].fillna(-1).to_numpy()
    out = np.zeros(len(stars), bool)
    for mine, other in ((eros, ogle), (ogle, eros)):
        theirs = np.unique(period[other & (period > 0)])
        rows = np.flatnonzero(mine & (period > 0))
        if len(theirs) and len(rows):
            at = np.clip(np.searchsorted(theirs, period[rows]), 1, len(theirs) - 1)
            gap = np.minimum(*(np.abs(theirs[at - k] / period[rows] - 1) for k in (0, 1)))
            out[rows] = gap < 1e-5
    return out | _same_place(stars)


def _same_place(stars: pd.DataFrame, arcsec: float = 3.0) -> np.ndarray:
    """Stars that have one of another part of the surveys within some arcseconds."""
    from astropy.coordinates import SkyCoord

    part = part_of(stars["survey"])
    known = stars["ra"].notna().to_numpy() & ~stars["survey"].str.startswith("sim-").to_numpy()
    out = np.zeros(len(stars), bool)
    for k in range(len(PARTS)):
        mine, others = np.flatnonzero(known & (part == k)), np.flatnonzero(known & (part != k))
        if len(mine) and len(others):
            here, there = (SkyCoord(*stars.iloc[rows][["ra", "dec"]].to_numpy(float).T, unit="deg")
                           for rows in (mine, others))  # fmt: skip
            out[mine] = here.match_to_catalog_sky(there)[1].arcsec < arcsec
    return out


def left_out(
    table: Table, right: np.ndarray, weight: np.ndarray, folder: Path, seed: int
) -> tuple[pd.DataFrame, np.ndarray]:
    """What models say of surveys they have not seen: a row a light curve; scores of trials."""
    stars, of_dates = part_of(table.stars["survey"]), part_of(table.stars["dates"])
    learn = [
        (stars != k) & (of_dates != k) & ~table.stars["shared"].to_numpy()
        for k in range(len(PARTS))
    ]
    score = np.zeros(len(table.x))
    for k, mask in enumerate(learn):
        m, test = table.spread(mask), table.spread(stars == k)
        trees = _kept(
            folder / f"period{k}.npz",
            lambda m=m, k=k: fit.fit_periods(
                table.x[m][:, _PERIOD], right[m], table.spread(weight)[m], seed=seed + k
            ),
        )
        score[test] = _predict(trees, table.x[test][:, _PERIOD])[:, 1]
    share = fit.shares(score, table.offsets)
    use, p = share > 0, np.zeros((len(table.x), len(FAMILIES)))
    for k, mask in enumerate(learn):
        m, test = table.spread(mask) & use, table.spread(stars == k) & use
        trees = _kept(
            folder / f"family{k}.npz", lambda m=m, k=k: _families(table, m, weight, share, seed + k)
        )
        p[test] = _predict(trees, table.x[test])
    judged = table.stars.copy()
    judged[FAMILIES] = fit.mixed(p, share, table.offsets)
    best = np.array(judged[FAMILIES].to_numpy().argmax(axis=1))
    joint = share * np.maximum(p[np.arange(len(p)), table.spread(best)], 1e-9)
    judged["trial_row"] = _top(joint, table.offsets)
    row = judged["trial_row"].to_numpy()
    judged["found_period"] = table.trials["period"].to_numpy()[row]
    judged["period_right"] = right[row]
    judged["period_known"] = np.maximum.reduceat(right, table.offsets[:-1])
    total = np.minimum(np.add.reduceat(score, table.offsets[:-1]), 1)
    joint_sum = np.add.reduceat(joint, table.offsets[:-1])
    judged["period_probability"] = joint[row] / joint_sum * total
    return judged, score


def _families(
    table: Table, rows: np.ndarray, weight: np.ndarray, share: np.ndarray, seed: int
) -> dict:
    code = pd.Categorical(table.stars["family"], categories=FAMILIES).codes
    w = table.spread(weight) * share
    return fit.fit_families(table.x[rows], table.spread(code)[rows], w[rows], seed=seed)


def _top(values: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    star = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    return np.lexsort((-values, star))[offsets[:-1]]


def final_models(
    table: Table, right: np.ndarray, weight: np.ndarray, score: np.ndarray, folder: Path, seed: int
) -> dict[str, dict]:
    """The shipped trees, learned from all surveys."""
    w = table.spread(weight)
    period = _kept(
        folder / "period.npz",
        lambda: fit.fit_periods(table.x[:, _PERIOD], right, w, seed=seed),
    )
    share = fit.shares(score, table.offsets)
    family = _kept(folder / "family.npz", lambda: _families(table, share > 0, weight, share, seed))
    names = known_labels(table)
    code = table.spread(pd.Categorical(table.stars["label"], categories=names).codes)
    rows = (share > 0.2) & (code >= 0)
    label = _kept(
        folder / "label.npz",
        lambda: fit.fit_families(
            table.x[rows], code[rows], (w * share)[rows], seed=seed, iterations=45, leaves=14
        ),
    )
    return {"period": period, "family": family, "label": label}


def known_labels(table: Table) -> list[str]:
    """Classes that some star of the training set has, in the order of the families."""
    there = set(table.stars["label"].dropna())
    return [label for _, label in LABELS if label in there]


def with_prior(calibration: dict[str, Any]) -> dict[str, Any]:
    """The calibration with `PRIOR` in its biases."""
    bias = zip(FAMILIES, calibration["bias"], strict=True)
    return {**calibration, "bias": [round(b + PRIOR.get(name, 0.0), 4) for name, b in bias]}


def crossfit(
    raw: np.ndarray, judged: pd.DataFrame, code: np.ndarray, w: np.ndarray, part: np.ndarray
) -> dict[str, np.ndarray]:
    """Calibrated probabilities and thresholds for each part, learned on the other parts."""
    p, limits = np.zeros_like(raw), np.zeros_like(raw)
    family, survey = judged["family"].to_numpy(), judged["survey"].to_numpy()
    for k in np.unique(part):
        rest, mine = part != k, part == k
        state = with_prior(calibrate.fit(raw[rest], code[rest], w[rest]))
        p[mine] = _scaled(raw[mine], state)
        limits[mine] = calibrate.thresholds(
            _scaled(raw[rest], state), family[rest], survey[rest], w[rest]
        )
    return {"p": p, "limits": limits}


def known_novelty(
    table: Table, judged: pd.DataFrame, score: np.ndarray, p: np.ndarray, weight: np.ndarray
) -> dict[str, np.ndarray]:
    """The Gaussians of all known classes, and the scores of stars of left-out surveys."""
    row = judged["trial_row"].to_numpy()
    x = table.x[row]
    group = (judged["family"] + " " + judged["label"].fillna("")).to_numpy(str)
    part = part_of(judged["survey"])
    values = np.zeros(len(x))
    for k in range(len(PARTS)):
        rest, mine = part != k, part == k
        state = novelty.fit(x[rest], group[rest], weight[rest])
        values[mine] = novelty.score(x[mine], p[mine], score[row[mine]], state)
    w = calibrate.survey_weights(judged)
    order = np.argsort(values)
    share = np.cumsum(w[order]) / w.sum()
    known = np.interp(np.linspace(0, 1, 101), share, values[order])
    judged["novelty"] = values
    return {**novelty.fit(x, group, weight), "known": known}


def unseen_families(
    table: Table, judged: pd.DataFrame, score: np.ndarray, weight: np.ndarray, folder: Path,
    seed: int,
) -> dict[str, Any]:  # fmt: skip
    """Of `varstar.papers.any.unseen.left_out_families`, the mean of each family."""
    row = judged["trial_row"].to_numpy()
    x = table.x[row]
    learn = unseen.learner(x, judged, weight, _kept, seed)
    found = unseen.left_out_families(
        x, score[row], judged, part_of(judged["survey"]), learn, weight, folder
    )
    return {family: rows["mean"] for family, rows in found.items()}


def training_note(table: Table) -> dict[str, Any]:
    """What the card says of the training stars."""
    own = table.stars[table.stars["guise"] == "own"]
    count = pd.crosstab(own["survey"], own["family"]).reindex(columns=FAMILIES, fill_value=0)
    return {
        "survey": [*training_set.REAL, *training_set.SIMULATED],
        "recipe": "varstar.papers.any.recipe",
        "stars": {s: {f: int(n) for f, n in row.items() if n} for s, row in count.iterrows()},
        "light_curves": len(table.stars),
        "left_out_together": PARTS,
    }


def _scaled(raw: np.ndarray, state: dict) -> np.ndarray:
    from varstar.papers.any.decide import scaled

    return scaled(raw, state)


def _predict(trees: dict, x: np.ndarray) -> np.ndarray:
    return quick_trees.predict(quick_trees.prepare(trees), x)


def _kept(path: Path, train: Any) -> dict[str, np.ndarray]:
    """Trees that were trained before, or are now."""
    if not path.is_file():
        trees = train()
        with paths.atomic(path) as temporary, open(temporary, "wb") as file:
            np.savez(file, **trees)
    with np.load(path) as content:
        return {k: content[k] for k in content}

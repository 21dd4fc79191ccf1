"""The training set: stars of all surveys, real and simulated, each in several guises."""

import zlib
from pathlib import Path

import numpy as np
import pandas as pd

from varstar import load as load_survey
from varstar import taxonomy
from varstar.lightcurves.sample import LightCurves, clean, light_curves
from varstar.papers.any import guises
from varstar.papers.any.look import COLUMNS, look

#: survey -> the bands in which its stars are seen, one a guise.
REAL = {
    "catalina_sss": ["V"], "catalina_css_north": ["V"], "asas_acvs": ["V"],
    "asas_macc_training": ["V"], "eros2_lmc_upsilon": ["B", "R"],
    "ogle3_lmc_cep": ["I", "V"], "ogle4_lmc_cep": ["I", "V"], "debosscher_hip_ogle": None,
    "sdss_s82_rrlyr": ["g", "r", "i", "z"],
}  # fmt: skip
SIMULATED = {
    "sim-asassn": ["V"], "sim-ogle3": ["I", "V"], "sim-hipparcos": ["Hp"],
    "sim-ztf": ["g", "r", "i"],
}  # fmt: skip
#: Surveys that lend their dates only.
DATES = {"sim-eros2": ["B_E", "R_E"], "sim-ogle4": ["I", "V"], "sim-asas": ["V"]}
#: Most stars of a class of a survey, and of a simulated survey.
MOST, MOST_SIMULATED = 600, 80
#: Constant stars made from each survey.
N_CONSTANT = 400
#: Labels left out of training: the survey itself is not sure.
UNSURE = {("asas_acvs", "ECL (unspecified)"), ("asassn", "ROT:")}
#: Eclipsing binaries whose published period is half the orbital.
HALVED = {"eros2_lmc_upsilon"}


def stars(survey: str, root: str | Path | None, seed: int) -> tuple[pd.DataFrame, LightCurves]:
    """Chosen stars of a survey: family, label, period [d] (orbital for binaries), sky."""
    simulated = survey.startswith("sim-")
    if simulated:
        from varstar.simulate.surveys import SURVEYS

        labels = sorted({r["label"] for r in SURVEYS[survey]["classes"]})
        size = MOST_SIMULATED * len(labels)
        sample = load_survey(survey, size=size, seed=seed + 7, balance="labels", classes=labels)
    else:
        sample = load_survey(survey, root=root)
    label = sample["true_label"] if "true_label" in sample else sample["label"]
    table = taxonomy.to_families(label, survey)
    table["survey_label"] = label.astype("string")
    table["n_label"] = table.groupby("survey_label")["survey_label"].transform("size")
    known = table["family"].notna() & ~table["survey_label"].isin(
        [v for s, v in UNSURE if s == survey]
    )
    rng = np.random.default_rng([seed, zlib.crc32(survey.encode())])
    rows = np.flatnonzero(known)
    kept = []
    for _, some in pd.Series(rows).groupby(table["survey_label"].to_numpy()[rows]):
        kept.append(rng.permutation(some.to_numpy())[:MOST])
    rows = np.sort(np.concatenate(kept))
    table = table.iloc[rows].copy()
    column = "true_period" if simulated else "period"
    period = (
        sample[column].to_numpy(float)[rows] if column in sample else np.full(len(rows), np.nan)
    )
    if survey in HALVED:
        period = np.where(table["family"] == "ECL", 2 * period, period)
    table["period"] = np.where(period > 0, period, np.nan)
    table["survey"] = survey
    for name in ("ra", "dec"):
        table[name] = sample[name].to_numpy(float)[rows] if name in sample else np.nan
    if survey == "debosscher_hip_ogle":
        ogle = sample["n_obs_I"].fillna(0).to_numpy()[rows] > 0
        table["survey"] = np.where(ogle, "debosscher_ogle", "debosscher_hip")
    return table.reset_index(), light_curves(sample).stars(rows)


def one_curve(
    curves: LightCurves, i: int, bands: list[str] | None, rng: np.random.Generator, least: int = 10
) -> guises.Curve | None:
    """Star `i` in one of the bands (by chance, where it has several); None if too few points."""
    s = slice(curves.offsets[i], curves.offsets[i + 1])
    names = np.array(curves.bands)[curves.band[s]]
    usable = [b for b in (bands or np.unique(names)) if (names == b).sum() >= least]
    if not usable:
        return None
    some = names == usable[int(rng.integers(len(usable)))]
    return curves.t[s][some], curves.mag[s][some], curves.err[s][some]


def build(
    survey: str,
    library: dict[str, list[np.ndarray]],
    root: str | Path | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """All guises of a survey's chosen stars, a row a trial period.

    Returns
    -------
    DataFrame
        ``survey, star, guise, dates`` (the survey whose dates it has), ``n_points``, ``span``,
        ``family, label, survey_label, true_period``, ``trial`` (a number a light curve),
        ``period`` and `COLUMNS`.
    """
    table, raw = stars(survey, root, seed)
    curves, _ = clean(raw, min_points=10)
    bands = {**REAL, **SIMULATED}[survey]
    rng = np.random.default_rng([seed, 1, zlib.crc32(survey.encode())])
    names = list(library)
    parts, about = [], []

    def add(
        i: int, guise: str, curve: guises.Curve | None, dates: str, constant: bool = False
    ) -> None:
        if curve is None or len(curve[0]) < 8 or not np.ptp(curve[0]) > 0:
            return
        row = table.iloc[i]
        parts.append(curve)
        about.append(
            (row["survey"], row["star_id"], guise, dates, len(curve[0]), np.ptp(curve[0]),
             "CONST" if constant else row["family"], "CONST" if constant else row["label"],
             guise if constant else row["survey_label"], np.nan if constant else row["period"],
             row["n_label"], row["ra"], row["dec"])
        )  # fmt: skip

    for i in range(len(table)):
        home = table["survey"].iloc[i]
        period = float(table["period"].iloc[i])
        curve = one_curve(curves, i, bands, rng)
        if curve is None:
            continue
        add(i, "own", curve, home)
        steady = table["family"].iloc[i] not in ("LPV", "OTHER", "CONST") and period < 100
        for guise in range(1 + (rng.random() < 0.5)):
            other = one_curve(curves, i, bands, rng)
            if steady and len(other[0]) >= 50 and rng.random() < 0.6:
                away = names[int(rng.integers(len(names)))]
                t, _ = guises.dates(rng, library[away])
                if len(t) >= 10 and np.ptp(t) > 1.5 * period:
                    moved = guises.carried(other, period, t, rng)
                    add(i, f"carried{guise}", guises.disguised(moved, rng), away)
                    continue
            add(i, f"thinned{guise}", guises.disguised(guises.thinned(other, rng), rng), home)
    for i in rng.permutation(len(table))[:N_CONSTANT]:
        kind = guises.CONSTANTS[int(rng.integers(len(guises.CONSTANTS)))]
        curve = one_curve(curves, i, bands, rng)
        if curve is not None:
            if rng.random() < 0.5:
                curve = guises.thinned(curve, rng)
            made = guises.constant(curve, float(table["period"].iloc[i]), rng, kind)
            add(i, kind, made, table["survey"].iloc[i], constant=True)
    return _looked_at(parts, about)


def _looked_at(parts: list[guises.Curve], about: list[tuple]) -> pd.DataFrame:
    """Light curves and what is known of each: a row a trial period."""
    columns = ["survey", "star", "guise", "dates", "n_points", "span", "family", "label",
               "survey_label", "true_period", "n_label", "ra", "dec"]  # fmt: skip
    table = pd.DataFrame(about, columns=columns)
    counts = [len(p[0]) for p in parts]
    flat = LightCurves(
        *(np.concatenate([p[k] for p in parts]) for k in range(3)),
        np.zeros(sum(counts), np.int8), np.concatenate([[0], np.cumsum(counts)]), ("?",),
    )  # fmt: skip
    seen = look(flat)
    row = np.repeat(np.arange(len(table)), np.diff(seen.offsets))
    out = table.iloc[row].reset_index(drop=True)
    out["trial"] = row
    out["period"] = seen.period
    return pd.concat([out, pd.DataFrame(seen.x, columns=COLUMNS)], axis=1)


def libraries(root: str | Path | None = None, seed: int = 0, each: int = 40) -> dict[str, list]:
    """Dates [d] of some light curves of every survey."""
    out = {}
    for survey, bands in {**REAL, **SIMULATED, **DATES}.items():
        curves = _few(survey, root, seed, each)
        rng = np.random.default_rng([seed, 2])
        found = [one_curve(curves, i, bands, rng, 12) for i in range(curves.n_stars)]
        kept = [c[0] for c in found if c is not None]
        if kept:
            out[survey] = kept
    return out


def _few(survey: str, root: str | Path | None, seed: int, each: int) -> LightCurves:
    """Light curves of a few stars of a survey, for their dates alone."""
    if survey.startswith("sim-"):
        sample = load_survey(survey, size=each, seed=seed + 5)
    else:
        sample = load_survey(survey, root=root)
        sample = sample.iloc[np.random.default_rng(seed).permutation(len(sample))[:each]]
    return clean(light_curves(sample))[0]

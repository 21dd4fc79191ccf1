"""What a simulated survey publishes of its stars, mistakes included, and the truth."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from varstar.simulate.plan import members
from varstar.simulate.random import normal, uniform
from varstar.simulate.star_model import Array, StarModel


def dates(spec: Mapping, jd: Array) -> Array:
    """Julian dates on the survey's own scale."""
    return jd - 2400000.5 if spec["time_scale"] == "MJD" else jd


def catalogue(
    name: str,
    spec: Mapping,
    entry: Mapping,
    identity: Array,
    light: StarModel,
    where: Mapping,
    epoch: Array,
    mean: Mapping,
    observed: list[dict],
    survey_key: Array,
    clean: bool,
) -> pd.DataFrame:
    """What the survey publishes, and the truth in columns ``true_...``."""
    n, main = len(survey_key), spec["main"]
    kind = f"{entry['type']} {entry['label']}" if "sky" not in spec else entry["type"]
    kind = "".join(c if c.isalnum() else "-" for c in kind).upper()
    stem = [f"{spec['prefix']}-{kind}-{i + 1:06d}" for i in identity]
    table = pd.DataFrame({"star_id": np.array(stem)})
    label, group = _labels(spec, entry, survey_key, clean)
    table["label"], table["superclass"] = label, group
    period = light.period * entry.get("formal", 1.0)
    if "doubled" in entry and not clean:
        period = np.where(uniform(survey_key, "doubled") < entry["doubled"], 2 * period, period)
    if "shortest" in spec and not clean:  # a search that ends there finds the alias of a day
        alias = 1 / np.abs(1 / period - 1)
        period = np.where(period < spec["shortest"], alias, period)
    span = spec["end"] - spec["start"]
    if not clean:  # wrong by about a hundredth of a cycle over the survey
        period = period * (1 + 0.006 * period / span * normal(survey_key, "period error"))
        bad = uniform(survey_key, "bad period") < spec.get("bad_period", 0.0)
        period = np.where(bad, _misread(period, uniform(survey_key, "which alias")), period)
    table["period"] = period
    first = epoch - np.floor((epoch - spec["start"]) / period) * period
    table["t0"] = np.round(dates(spec, first), 5)
    table["ra"], table["dec"] = np.round(where["ra"], 5), np.round(where["dec"], 5)
    for band, o in zip(
        [b for b in spec["bands"] if _has(observed, spec, b)], observed, strict=True
    ):
        real = o["mag"] < 50
        count = np.bincount(o["star"][real], minlength=n)
        total = np.bincount(o["star"][real], o["mag"][real], minlength=n)
        average = np.where(count > 0, total / np.maximum(count, 1), np.nan)
        table["mean_mag" if band == main else f"mean_mag_{band}"] = np.round(average, 3)
        if band == main:
            table["amplitude"] = np.round(o["amplitude"], 3)
            table["true_amplitude"] = o["amplitude"]
    table["survey"], table["time_scale"] = name, spec["time_scale"]
    for column, number_of in spec.get("cross", {}).items():
        inside = identity < number_of if number_of else np.ones(n, bool)
        table[column] = np.where(inside, np.array(stem), "")
    if spec.get("gaia"):
        _gaia(table, light, where, mean, survey_key, label != entry["label"], entry)
    table["true_label"] = entry.get("true_label", entry["label"])
    table["true_type"] = entry["type"]
    table["true_period"], table["true_t0"] = light.period, dates(spec, epoch)
    table["true_mean_mag"] = mean[main]
    table["true_distance"] = 10 ** (where["modulus"] / 5 + 1)
    for what, values in light.truth.items():
        table[f"true_{what}"] = values
    return table


def _has(observed: list[dict], spec: Mapping, band: str) -> bool:
    code = spec["bands"].index(band)
    return any(len(o["code"]) and o["code"][0] == code for o in observed)


def _misread(period: Array, u: Array) -> Array:
    """A period as one gets it wrong: half, twice, or an alias of the day."""
    alias = 1 / (1 / period + 1.0027379)
    return np.select([u < 0.35, u < 0.7], [period / 2, period * 2], alias)


def _labels(spec: Mapping, entry: Mapping, survey_key: Array, clean: bool) -> tuple[Array, Array]:
    """Published label and superclass; some are wrong."""
    n = len(survey_key)
    label = np.full(n, entry["label"], object)
    wrong = spec.get("wrong")
    if wrong and not clean:
        others = wrong.get("to", {}).get(entry["label"])
        if others is None:
            others = sorted({r["label"] for r in members(spec, None)} - {entry["label"]})
        at = (uniform(survey_key, "wrong label") * len(others)).astype(int)
        slip = uniform(survey_key, "slip") < wrong["rate"]
        label[slip] = np.array(others, object)[at[slip]]
    group = {r["label"]: r["superclass"] for r in spec["classes"]}
    return label, np.array([group[x] for x in label], object)


def _gaia(
    table: pd.DataFrame,
    light: StarModel,
    where: Mapping,
    mean: Mapping,
    survey_key: Array,
    wrong: Array,
    entry: Mapping,
) -> None:
    """Class probability, parallax and colours, as ASAS-SN's catalogue has them.

    Colours from V - I: Evans+2018 A&A 616, A4, Tab. A.2 (G - V), and a straight line for
    BP - RP and G - RP; parallax errors: Lindegren+2018 A&A 616, A2.
    """
    v_i = np.clip(light.colour + 0.42 * where["extinction"], -0.4, 5)
    v = mean["V"]
    x = np.minimum(v_i, 3.5)
    g = v - 0.01746 + 0.008092 * x - 0.2810 * x**2 + 0.03655 * x**3
    bp_rp = 1.26 * v_i + 0.03 + 0.02 * normal(survey_key, "bp_rp")
    table["bp_rp"] = np.round(bp_rp, 4)
    table["phot_g_mean_mag"] = np.round(g, 4)
    table["phot_rp_mean_mag"] = np.round(g - 0.12 - 0.55 * bp_rp, 4)
    sigma = (
        0.03 * np.sqrt(1 + 10 ** (0.4 * (g - 15.5))) * np.exp(0.25 * normal(survey_key, "sigma"))
    )
    parallax = 10 ** (2 - where["modulus"] / 5)
    table["parallax"] = np.round(parallax + sigma * normal(survey_key, "parallax"), 4)
    table["parallax_error"] = np.round(sigma, 4)
    table["true_parallax"] = parallax
    u = uniform(survey_key, "probability")
    sure = 1 - 0.25 * u**6 - 0.01 * u
    unsure = 0.30 + 0.6 * u
    doubt = wrong | (entry["type"] == "VAR")
    table["class_prob"] = np.round(np.where(doubt, unsure, sure), 3)

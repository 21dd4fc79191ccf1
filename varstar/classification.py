"""Light curves in, classes out, by the trained models that ship with varstar."""

from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar.lightcurves.folding import star_values
from varstar.lightcurves.sample import light_curves, one_band
from varstar.models import store

#: kind of model (in its card) -> module with
#: ``probabilities(sample, periods, card, networks, bands)``, which gives the
#: probabilities (n_stars, n_classes), the status of each star and, as an optional third,
#: a dict of further columns. A module may also have ``orbits``, which says where twice a
#: found period is the better one.
KINDS = {
    "images": "varstar.papers.s20.classifier",
    "features": "varstar.papers.k21.shipped",
    "catch22": "varstar.papers.sm.classifier",
    "sequences": "varstar.papers.ts19.classifier",
    "multiband": "varstar.papers.s26.classifier",
}


def classify(
    sample: NestedFrame,
    model: str,
    *,
    periods: "pd.Series | np.ndarray | str | None" = None,
    bands: str | None = None,
) -> pd.DataFrame:
    """Classify every star of a sample.

    Parameters
    ----------
    sample : NestedFrame
        Light curves (see `varstar.load`, `varstar.read_light_curve`,
        `varstar.make_sample`).
    model : str
        One of ``varstar.models.available()``; ``varstar.models.card(model)`` tells what
        it was trained on.
    periods : Series, ndarray or str, optional
        Period [d] by star, or the column that holds it; the column ``period`` by
        default. Where a star has none, one is found for it (`varstar.find_periods`).
    bands : str, optional
        The band to use; by default the one with the most measurements. A model of several
        bands uses all of its own that a star has, or only those named here.

    Returns
    -------
    DataFrame
        One row a star, in the sample's order and with its index:

        - ``label``: the most probable class, in the names of the training survey;
          missing where the star could not be classified;
        - ``probability``: its probability;
        - one column a class;
        - further columns of the model, such as ``novelty``;
        - ``period``, ``period_source`` ("given", "found" or "none");
        - ``status``: "ok", or why the star could not be classified.

    Raises
    ------
    ValueError
        Unknown model or band, or a sample without light curves.
    """
    card = store.card(model)
    if card["kind"] not in KINDS:
        raise ValueError(f"model {model!r} is of the kind {card['kind']!r}. Known: {sorted(KINDS)}")
    light_curves(sample)  # raises when there are none
    if not sample.index.is_unique:
        twice = sample.index[sample.index.duplicated()][:3].tolist()
        raise ValueError(f"expected one row a star. Received twice: {twice}")
    module = import_module(KINDS[card["kind"]])
    networks = store.load(model) if len(sample) else ()
    period, source, double = _periods(sample, periods, bands, card)
    if hasattr(module, "orbits"):
        period = module.orbits(sample, period, source == "found", card, networks, bands)
    else:
        period = np.where(double, 2 * period, period)
    probability, status, *more = module.probabilities(sample, period, card, networks, bands)
    classes = list(card["classes"])
    table = pd.DataFrame(probability, index=sample.index, columns=classes)
    known = ~np.isnan(probability).any(axis=1)
    label = np.full(len(table), None, dtype=object)
    label[known] = np.asarray(classes, object)[probability[known].argmax(axis=1)]
    top = np.full(len(table), np.nan)
    top[known] = probability[known].max(axis=1)
    table.insert(0, "label", pd.array(label, dtype="str"))
    table.insert(1, "probability", top)
    for name, values in (more[0] if more else {}).items():
        table[name] = values
    if "feature_period" in table:  # of models that find the period themselves
        own = np.isnan(period) & table["feature_period"].gt(0).to_numpy()
        period = np.where(own, table["feature_period"], period)
        source[own] = "found"
    return table.assign(period=period, period_source=source, status=np.asarray(status, str))


def _periods(
    sample: NestedFrame, periods: Any, bands: str | None, card: dict
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Period of each star, where it comes from, and whether twice a found one is better."""
    if periods is None and "period" in sample.columns:
        periods = "period"
    period = star_values(sample, periods, "periods")
    given = np.isfinite(period) & (period > 0)
    source = np.where(given, "given", "none").astype(object)
    double = np.zeros(len(period), bool)
    missing = np.flatnonzero(~given)
    if len(missing) and card["inputs"].get("find_periods", True):
        from varstar.periods import find_periods

        curves = one_band(light_curves(sample), bands).stars(missing)
        found = find_periods(curves)
        period[missing] = found["period"].to_numpy(float)
        # An eclipsing binary's strongest period is half its orbit (see find_periods).
        double[missing] = found["period_2p_preferred"].to_numpy(bool, na_value=False)
        source[missing[np.isfinite(period[missing])]] = "found"
    period[~(period > 0)] = np.nan
    return period, source, double

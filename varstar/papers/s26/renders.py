"""What ``s26-eros2`` learns from: EROS-2 light curves in two bands, drawn in several guises.

Apart from the training (`varstar.papers.s26.recipe`), so that a change there leaves the
drawings in the cache.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from varstar import load as load_survey
from varstar.compendium.cache import cached
from varstar.lightcurves import augment
from varstar.lightcurves.sample import LightCurves, clean, light_curves, select_bands
from varstar.papers.s26 import inputs as s26
from varstar.periods import find_periods

SURVEY = "eros2_lmc_upsilon"
BANDS = ["B", "R"]
CLASSES = ["CEPH 1O", "CEPH F", "EB EC", "EB ED", "EB ESD", "RRL RRc", "RRL RRd", "RRL RRe"]
#: What the network sees (`varstar.papers.s26.inputs.inputs`).
IMAGES: dict[str, Any] = {
    "size": [32, 64], "scales": ["bulk"], "cycles": 1, "multiples": [1, 2],
    "epochs": "min", "shift": 0.25, "min_points": 20,
}  # fmt: skip
#: Drawings of each star; the first is the star as measured, the others have up to 0.7
#: sigma of noise on top and up to 30 % of their points left out.
COPIES, NOISE, LEFT_OUT = 4, 0.7, 0.3


def stars(root: str | Path | None = None) -> tuple[LightCurves, pd.Series, dict[str, np.ndarray]]:
    """Clean light curves, classes, and periods: ``given``, ``found`` (both bands), ``B``, ``R``."""
    sample = load_survey(SURVEY, root=root, bands=BANDS)
    sample = sample[sample["label"].isin(CLASSES).to_numpy()]
    curves, _ = clean(light_curves(sample))
    period = {"given": sample["period"].to_numpy(float)}
    for name, bands in {"found": BANDS, **{b: b for b in BANDS}}.items():
        some = select_bands(curves, bands)
        table = cached("s26-eros2-periods", find_periods, some)
        period[name] = table["period"].to_numpy(float)
    return curves, sample["label"].astype(str), period


def drawings(
    curves: LightCurves,
    period: Mapping[str, np.ndarray],
    copies: int = COPIES,
    seed: int = 0,
    *,
    bands: Sequence[str] = BANDS,
    images: Mapping[str, Any] = IMAGES,
) -> dict[str, list[s26.Inputs]]:
    """Every star drawn `copies` times, folded with each kind of period.

    Returns
    -------
    dict
        ``given``, ``found`` (one period for both bands) and ``own`` (each band with the
        period found in it): a list of `varstar.papers.s26.inputs.Inputs`, one a copy.
    """
    tables = {"given": period["given"], "found": period["found"],
              "own": np.column_stack([period[b] for b in bands])}  # fmt: skip
    result: dict[str, list[s26.Inputs]] = {k: [] for k in tables}
    for copy in range(copies):
        rng = np.random.default_rng([seed, copy])
        some = curves
        if copy:
            some = augment.noisy(curves, rng, rng.uniform(0, NOISE, curves.n_stars))
            lost = np.repeat(rng.uniform(0, LEFT_OUT, curves.n_stars), curves.counts)
            some = some.where(rng.random(len(some.t)) > lost)
        for k, table in tables.items():
            result[k].append(s26.inputs(some, table, bands, numbers=True, **images))
    return result


def one_band(drawn: Mapping[str, list[s26.Inputs]], band: int) -> dict[str, list[s26.Inputs]]:
    """The drawings of one band alone, found periods being those found in it."""
    cut = {k: [s26.only_band(x, band) for x in v] for k, v in drawn.items()}
    return {"given": cut["given"], "found": cut["own"], "own": cut["own"]}

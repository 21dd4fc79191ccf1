"""One star as several surveys see it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar.lightcurves.sample import LightCurves, nest
from varstar.simulate.survey import _block
from varstar.simulate.surveys import SURVEYS
from varstar.simulate.types import TYPES


def observe_star(
    kind: str,
    surveys: Sequence[str] = ("sim-ogle4", "sim-ztf", "sim-tess"),
    number: int = 0,
    seed: int = 0,
    mean_mag: float = 14.0,
    period: float | None = None,
    clean: bool = False,
) -> NestedFrame:
    """The same star of the Galaxy with the cadence, bands and noise of each survey.

    Parameters
    ----------
    kind : str
        A type, ``"CEP F"`` for example; see `varstar.simulate.TYPES`.
    surveys : sequence of str
        Names of simulated surveys. Each looks in its own years.
    number, seed : int
        Which star of the type.
    mean_mag : float
        Its mean magnitude in Cousins I.
    period : float, optional
        Its period [d]; drawn as the type's otherwise.
    clean : bool
        Without outliers and period errors.

    Returns
    -------
    NestedFrame
        One row per survey, the index ``star_id`` is the survey's name.

    Raises
    ------
    ValueError
        Unknown type or survey.
    """
    if kind not in TYPES:
        raise ValueError(f"unknown type {kind!r}. Known: {sorted(TYPES)}")
    unknown = [name for name in surveys if name not in SURVEYS]
    if unknown or not len(surveys):
        raise ValueError(f"unknown simulated survey {unknown}. Known: {sorted(SURVEYS)}")
    tables, curves, bands = [], [], []
    for name in surveys:
        spec = {k: v for k, v in SURVEYS[name].items() if k not in ("detects", "own_from", "wrong")}
        spec |= {"sky": "watch", "place": "galaxy", "declination": (-28, 10), "anchor": "I"}
        entry = {"label": kind, "superclass": kind, "type": kind, "mag": [mean_mag] * 7}
        if period is not None:
            entry["log_p"] = [np.log10(period)] * 7
        spec["classes"] = [entry]
        table, light = _block(name, spec, entry, np.array([number]), seed, spec["bands"], clean)
        tables.append(table.assign(star_id=name))
        curves.append(light)
        bands += [b for b in light.bands if b not in bands]
    codes = [np.array([bands.index(b) for b in c.bands], np.int8)[c.band] for c in curves]
    flat = (np.concatenate([c[i] for c in curves]) for i in range(3))
    offsets = np.concatenate([[0], np.cumsum([len(c.t) for c in curves])])
    whole = LightCurves(*flat, np.concatenate(codes), offsets, tuple(bands))
    return nest(whole, pd.concat(tables, ignore_index=True).set_index("star_id"))

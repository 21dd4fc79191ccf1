"""What limits a multi-band period search: harmonics, weights, one shape or one a band.

S26's search fits a sine of its own to each band. `compare` puts others beside it on the
same stars.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from nested_pandas import NestedFrame

from varstar.papers.s26.periods import MAXIMUM_FREQUENCY, RULES, interval, is_right
from varstar.periods import find_periods, period_success

#: Name -> options of `varstar.find_periods`; "S26" is the multi-phase model of
#: ``LombScargleMultiband``'s defaults.
MODELS: dict[str, dict[str, Any]] = {
    "a sine a band (S26)": {},
    "a sine a band, equal weights": {"weighted": False},
    "two harmonics a band": {"n_terms": 2},
    "one sine for all bands": {"shared": True},
    "four harmonics for all bands": {"shared": True, "n_terms": 4},
    "four harmonics for all, equal weights": {"shared": True, "n_terms": 4, "weighted": False},
}


def compare(
    sample: NestedFrame,
    bands: Sequence[str],
    label: str,
    *,
    models: Mapping[str, Mapping[str, Any]] | None = None,
    true: str = "period",
    oversampling: float = 5.0,
) -> pd.DataFrame:
    """Right periods by model, of all stars, from all their years.

    Parameters
    ----------
    sample : NestedFrame
    bands : sequence of str
        All bands; the first also on its own.
    label : str
        Column of the classes.
    models : mapping, optional
        `MODELS` by default.
    true : str
        Column of the catalogue's periods.
    oversampling : float
        Of the search; candidates are refined.

    Returns
    -------
    DataFrame
        A row a model: ``model, bands, stars, right`` (S26's rule for several bands) with
        Wilson's interval ``low, high``, then the parts of each outcome of
        `varstar.periods.period_success`.
    """
    chosen = MODELS if models is None else models
    trials = [("one sine", [bands[0]], {}), ("four harmonics", [bands[0]], {"n_terms": 4})]
    trials += [(name, list(bands), dict(options)) for name, options in chosen.items()]
    rows = []
    for name, used, options in trials:
        found = find_periods(
            sample,
            used,
            maximum_frequency=MAXIMUM_FREQUENCY,
            oversampling=oversampling,
            double=False,
            **options,
        )["period"]
        good = is_right(found, sample[true], sample[label], **RULES["several bands"])
        low, high = interval(int(good.sum()), len(good))
        outcome = period_success(found, sample[true]).value_counts(normalize=True).to_dict()
        rows.append(
            {
                "model": name,
                "bands": "+".join(used),
                "stars": len(good),
                "right": float(good.mean()),
                "low": float(low[0]),
                "high": float(high[0]),
                **{k: outcome.get(k, 0.0) for k in ("exact", "P/2", "2P", "harmonic", "alias")},
            }
        )
    return pd.DataFrame(rows)

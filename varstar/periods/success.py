"""How a period that was found compares with the one in the catalogue.

Each star falls into the first outcome that fits:

========== ================================================================
exact      P, within the tolerance
P/2        half the catalogue's period (eclipsing binaries)
2P         twice
harmonic   another ratio of small whole numbers, k/l with k, l up to 5
alias      1/P' = |l/P + k s|, s a rhythm of the sampling (day, sidereal day,
           month, year), k up to 2 either way, l 1 or 2
missed     none of these
unknown    no period was found, or the catalogue has none
========== ================================================================
"""

import numpy as np
import pandas as pd

#: In the order in which they are tried.
OUTCOMES = ["exact", "P/2", "2P", "harmonic", "alias", "missed", "unknown"]
#: Rhythms of the sampling [1/d] whose aliases are recognised.
RHYTHMS = (1.0, 1.0027379, 1 / 29.530589, 1 / 365.2422)


def period_success(
    found: pd.Series | np.ndarray,
    true: pd.Series | np.ndarray,
    span: pd.Series | np.ndarray | None = None,
    tolerance: float = 0.01,
) -> pd.Series | np.ndarray:
    """The outcome of each star's period.

    Parameters
    ----------
    found, true : Series by star_id, or arrays of one shape
        Periods [d]. Series are aligned to the index of `found`.
    span : Series or array, optional
        Time span of each light curve [d]. With it two frequencies also agree when they
        differ by less than a peak's width, 1/span, however far apart the long periods.
    tolerance : float
        Relative difference of the periods that counts as agreement.

    Returns
    -------
    Series (or ndarray, as `found`) of str
        Of `OUTCOMES`.
    """
    index = found.index if isinstance(found, pd.Series) else None
    arrays = []
    for values in (found, true, span):
        if isinstance(values, pd.Series) and index is not None:
            values = values.reindex(index)
        arrays.append(None if values is None else np.asarray(values, float))
    period, catalogue, spans = arrays
    if period.shape != catalogue.shape:
        raise ValueError(f"expected as many true periods as found. Received: {catalogue.shape}")
    known = np.isfinite(period) & np.isfinite(catalogue) & (period > 0) & (catalogue > 0)
    f = 1.0 / np.where(known, period, 1.0)
    g = 1.0 / np.where(known, catalogue, 1.0)
    width = 0.0 if spans is None else np.where(spans > 0, 1.0 / spans, 0.0)

    def near(trial: np.ndarray) -> np.ndarray:
        return (np.abs(f - trial) <= tolerance * f) | (np.abs(f - trial) < width)

    harmonic = np.zeros(f.shape, bool)
    for k in range(1, 6):
        for m in range(1, 6):
            harmonic |= near(g * k / m)
    alias = np.zeros(f.shape, bool)
    for rhythm in RHYTHMS:
        # an alias must be told apart from the frequency itself
        apart = rhythm > np.maximum(2 * tolerance * f, 2 * width)
        for k in (-2, -1, 1, 2):
            for order in (1, 2):
                alias |= near(np.abs(order * g + k * rhythm)) & apart
    cases = [near(g), near(2 * g), near(g / 2), harmonic, alias]
    result = np.select([known & case for case in cases], OUTCOMES[:5], "missed").astype(object)
    result[~known] = "unknown"
    return result if index is None else pd.Series(result, index=index, name="outcome")


def success_table(outcome: pd.Series, label: pd.Series) -> pd.DataFrame:
    """Per cent of each class's stars with each outcome, and how many stars were judged.

    Stars of unknown outcome are counted apart, in ``n_unknown``, not in the per cents.
    """
    label = label.reindex(outcome.index)
    counts = pd.crosstab(label, outcome).reindex(columns=OUTCOMES, fill_value=0)
    counts.loc["all"] = counts.sum()
    n = counts[OUTCOMES[:-1]].sum(axis=1)
    table = counts[OUTCOMES[:-1]].div(n.where(n > 0), axis=0) * 100
    return table.assign(n=n, n_unknown=counts["unknown"])

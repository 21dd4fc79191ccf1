"""A survey as all entrants get it: the same stars, one period each, measured once."""

import time
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar import taxonomy
from varstar.compendium.digest import digest
from varstar.features import FEATURES, variability_features
from varstar.features.shape import all_features
from varstar.learning import splits
from varstar.lightcurves.sample import light_curves

#: Fewest points of a star that takes part.
MIN_POINTS = 20


class Survey(NamedTuple):
    """The stars of a survey and what is known of them.

    Attributes
    ----------
    name : str
    sample : NestedFrame
        One band, at most so many stars a class.
    labels : ndarray of str
        The survey's own classes.
    families : ndarray of str
        Of `varstar.taxonomy.families`; "" where the label belongs to none.
    search : DataFrame
        Of `varstar.find_periods`, in which ``period`` is the catalogue's where `given`.
    given : bool
        Whether periods are the catalogue's or found.
    table : DataFrame
        The sixteen features, shapes, catch22 and Fourier numbers; a row a star.
    ms : dict
        Milliseconds a star that periods and each group of columns took.
    """

    name: str
    sample: NestedFrame
    labels: np.ndarray
    families: np.ndarray
    search: pd.DataFrame
    given: bool
    table: pd.DataFrame
    ms: dict[str, float]

    def stars(self, rows: np.ndarray) -> "Survey":
        """Some of the stars."""
        return self._replace(
            sample=self.sample.iloc[rows], labels=self.labels[rows], families=self.families[rows],
            search=self.search.iloc[rows], table=self.table.iloc[rows],
        )  # fmt: skip


def load(
    name: str, band: str, *, size: int, most: int, minimum: int, seed: int, root: Any = None
) -> tuple[NestedFrame, np.ndarray, np.ndarray]:
    """Stars with a class and enough points in a band: sample, labels, families.

    Parameters
    ----------
    name, band : str
    size : int
        Stars drawn of a simulated survey.
    most, minimum : int
        Stars a class at most; classes with fewer than `minimum` are left out.
    seed : int
    """
    import varstar as vs

    simulated = name.startswith("sim-")
    more = {"size": size, "seed": seed, "balance": "labels"} if simulated else {"root": root}
    sample = vs.load(name, bands=band, **more)
    counts = np.asarray(sample["lc"].array.list_lengths)
    label = sample["label"].astype("string")
    keep = (counts >= MIN_POINTS) & label.notna().to_numpy()
    n = label[keep].value_counts()
    keep &= label.isin(n[n >= minimum].index).to_numpy()
    rows = np.flatnonzero(keep)
    rows = rows[splits.at_most(label.to_numpy(object)[rows], most, seed=seed)]
    sample = sample.iloc[rows]
    family = taxonomy.to_families(sample["label"], name)["family"]
    return sample, sample["label"].to_numpy(str), family.fillna("").to_numpy(str)


def measure(sample: NestedFrame, given: bool) -> dict[str, Any]:
    """Periods and columns of every star, each group timed.

    Returns
    -------
    dict
        ``search``, ``table`` (see `Survey`), and ``ms``.
    """
    import varstar as vs

    n, ms = max(len(sample), 1), {}

    def timed(what: str, work: Any) -> Any:
        start = time.process_time()
        found = work()
        ms[what] = 1e3 * (time.process_time() - start) / n
        return found

    search = timed("period", lambda: vs.find_periods(sample))
    if given:
        known = pd.to_numeric(sample["period"], errors="coerce").to_numpy(float)
        search = search.assign(period=np.where(known > 0, known, search["period"]))
    period = search["period"]
    curves = light_curves(sample)
    sixteen = timed("sixteen", lambda: variability_features(sample, period))
    shape = timed("shape", lambda: all_features(curves, search.reset_index(drop=True)))
    catch = timed("catch22", lambda: vs.catch22_features(sample))
    parts = {
        "sixteen": sixteen[FEATURES],
        "shape": shape.drop(columns=FEATURES, errors="ignore").select_dtypes("number"),
        "catch22": catch.select_dtypes("number"),
    }
    table = pd.concat(
        [p.set_axis(sample.index).add_prefix(f"{name}:") for name, p in parts.items()], axis=1
    )
    return {"search": search, "table": table.astype(float), "ms": ms}


def split_hash(survey: Survey, fold: np.ndarray) -> str:
    """What a leaderboard prints to show that entrants had the same folds."""
    pairs = zip(survey.sample.index.astype(str), fold, strict=True)
    return digest(*(f"{star} {k}" for star, k in pairs))[:10]


def same_sky(a: NestedFrame, b: NestedFrame, arcsec: float = 1.5) -> np.ndarray:
    """Which stars of `a` stand within `arcsec` of one of `b`; none where positions lack."""
    from astropy.coordinates import SkyCoord

    none = np.zeros(len(a), bool)
    if not len(a) or not len(b) or not all({"ra", "dec"} <= set(s.columns) for s in (a, b)):
        return none
    there = [s[["ra", "dec"]].astype(float).notna().all(axis=1).to_numpy() for s in (a, b)]
    if not (there[0].any() and there[1].any()):
        return none
    here, other = (
        SkyCoord(s["ra"].to_numpy(float)[k], s["dec"].to_numpy(float)[k], unit="deg")
        for s, k in zip((a, b), there, strict=True)
    )
    none[there[0]] = here.match_to_catalog_sky(other)[1].arcsec < arcsec
    return none


def prepared(
    name: str, band: str, given: bool, chosen: Mapping[str, Any], root: Any = None
) -> Survey:
    """`load` and `measure`; periods and columns are kept and not measured again."""
    from varstar.compendium.cache import cached

    sample, labels, families = load(name, band, root=root, **chosen)
    known = cached("head_measure", measure, sample, given, quiet=True)
    search, table, ms = (known[k] for k in ("search", "table", "ms"))
    return Survey(name, sample, labels, families, search, given, table, ms)

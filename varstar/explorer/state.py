"""What an explorer knows: which stars are shown, the period and points of the one looked at, and
what the user has written down. No widget is needed for it."""

import getpass
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar import taxonomy
from varstar.explorer.notes import as_period, export, read_notes, write_notes
from varstar.lightcurves.sample import LightCurves, is_valid, light_curves, nest

#: Ways to order the stars.
ORDERS = ("as they come", "most doubtful", "most novel", "disagrees with the catalogue", "period")
#: Which stars: by what the answer's status says, and by whether something was written down.
STATUSES = ("all", "ok", "not ok", "written down", "not yet")


@dataclass
class State:
    """The stars of an explorer.

    Parameters
    ----------
    sample : NestedFrame
    results : DataFrame, optional
        Of `varstar.classify` on the same stars.
    notes_file : path, optional
        Where labels, periods and remarks are kept; read when it is there.
    """

    sample: NestedFrame
    results: pd.DataFrame | None = None
    notes_file: Path | None = None
    excluded: dict[int, np.ndarray] = field(default_factory=dict)
    notes: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.sample, pd.DataFrame) or "lc" not in self.sample:
            raise ValueError(
                "sample: expected light curves as vs.load or vs.make_sample give them. Received: "
                f"{type(self.sample).__name__}"
            )
        self.names = [str(name) for name in self.sample.index]
        if self.results is not None:
            self.results = _in_order(self.results, self.sample.index)
        if self.notes_file is not None:
            self.notes_file = Path(self.notes_file)
            if self.notes_file.is_file():
                self.notes = read_notes(self.notes_file)

    # --- which stars ------------------------------------------------------------------

    def column(self, name: str, default: Any = np.nan) -> np.ndarray:
        """A column of the results, or of the sample, or the default for every star."""
        for table in (self.results, self.sample):
            if table is not None and name in table:
                return table[name].to_numpy(object)
        return np.full(len(self.names), default, object)

    @cached_property
    def classes(self) -> np.ndarray:
        """What each star is called: the results' family or label, else the sample's label."""
        named = "family" if self.results is not None and "family" in self.results else "label"
        values = pd.Series(self.column(named, ""), dtype=object)
        return values.where(values.notna(), "").astype(str).to_numpy(object)

    def chosen(
        self, *, search: str = "", name: str = "", least: float = 0.0, most: float = 1.0,
        status: str = STATUSES[0], within: np.ndarray | None = None, order: str = ORDERS[0],
    ) -> np.ndarray:  # fmt: skip
        """Rows of the stars that pass, in the order asked for.

        Parameters
        ----------
        search : str
            A part of the star's name.
        name : str
            A class; all by default.
        least, most : float
            Limits of the class's probability; a star without one passes where both are open.
        status : str
            One of `STATUSES`.
        within : ndarray of int, optional
            Only these rows.
        order : str
            One of `ORDERS`.
        """
        for value, known, what in ((order, ORDERS, "order"), (status, STATUSES, "status")):
            if value not in known:
                raise ValueError(f"{what}: expected one of {list(known)}. Received: {value!r}")
        keep = self._passes(status)
        if search:
            keep &= np.array([search.lower() in n.lower() for n in self.names], bool)
        if within is not None:
            keep &= np.isin(np.arange(len(self.names)), within)
        if name:
            keep &= self.classes == name
        if least > 0 or most < 1:
            keep &= (self.probability >= least) & (self.probability <= most)
        rows = np.flatnonzero(keep)
        key = self._key(order)
        return rows if key is None else rows[np.argsort(key[rows], kind="stable")]

    def _passes(self, status: str) -> np.ndarray:
        n = len(self.names)
        if status in ("ok", "not ok"):
            good = self.column("status", "ok") == "ok"
            return np.asarray(good == (status == "ok"), bool)
        if status in ("written down", "not yet"):
            noted = np.fromiter((x in self.notes for x in self.names), bool, n)
            return noted == (status == "written down")
        return np.ones(n, bool)

    def _key(self, order: str) -> np.ndarray | None:
        """Numbers that put the stars in this order, the smallest first; None: as they come."""
        if order == "most doubtful":
            return np.nan_to_num(self.probability, nan=-1.0)
        if order == "most novel":
            return -np.nan_to_num(self.numbers("novelty_percentile"), nan=-1.0)
        if order == "period":
            return np.nan_to_num(self.periods(), nan=np.inf)
        if order == "disagrees with the catalogue":
            return ~self.disagrees
        return None

    @cached_property
    def probability(self) -> np.ndarray:
        """Of the class that the answer names."""
        has = self.results is not None and "family_probability" in self.results
        return self.numbers("family_probability" if has else "probability")

    def numbers(self, name: str) -> np.ndarray:
        """A column as floats."""
        return pd.to_numeric(pd.Series(self.column(name)), errors="coerce").to_numpy(
            float, copy=True
        )

    @cached_property
    def disagrees(self) -> np.ndarray:
        """Whether the answer is another family than the catalogue's or, where both spell
        classes alike, another class. A label that cannot be compared does not disagree."""
        if self.results is None or "label" not in self.sample or "label" not in self.results:
            return np.zeros(len(self.names), bool)
        own, said = (
            t["label"].astype("string").fillna("").to_numpy(str)
            for t in (self.sample, self.results)
        )
        told = (own != "") & (said != "")
        if "family" not in self.results:
            from varstar.results import class_columns

            known = {*class_columns(self.results), *said}
            return told & np.isin(own, list(known)) & (own != said)
        family = catalogue_families(self.sample["label"], self.sample.attrs.get("survey"))
        answer = self.results["family"].astype("string").fillna("").to_numpy(str)
        both = (family != "") & (answer != "")
        spelled = np.isin(own, [x for names in taxonomy.families().values() for x in names])
        return (both & (family != answer)) | (told & spelled & (own != said))

    @cached_property
    def _given_periods(self) -> np.ndarray:
        found = self.numbers("period")
        if "period" in self.sample:
            catalogue = pd.to_numeric(pd.Series(self.sample["period"].to_numpy()), errors="coerce")
            found = np.where(found > 0, found, catalogue.to_numpy(float))
        return np.where((found > 0) & np.isfinite(found), found, np.nan)

    def periods(self) -> np.ndarray:
        """The period of each star [d]: the user's, the results', the catalogue's, or NaN."""
        found = self._given_periods.copy()
        if self.notes:
            own = [as_period(self.notes[n].get("period")) if n in self.notes else np.nan
                   for n in self.names]  # fmt: skip
            found = np.where(np.array(own) > 0, own, found)
        return found

    def period(self, row: int) -> float:
        """The period of one star, as `periods`."""
        own = as_period(self.notes.get(self.names[row], {}).get("period"))
        return own if own > 0 else float(self._given_periods[row])

    def thinned(
        self, most: int = 6000, seed: int = 0, inside: np.ndarray | None = None
    ) -> np.ndarray:
        """Rows of at most `most` stars, of those in the mask `inside`: a map stays quick."""
        rows = np.arange(len(self.names)) if inside is None else np.flatnonzero(inside)
        if len(rows) <= most:
            return rows
        return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))

    @cached_property
    def brightness(self) -> tuple[np.ndarray, np.ndarray]:
        """Of each star the mean magnitude, and the standard deviation about the means of its
        bands [mag]; NaN for a star with fewer than five points."""
        curves = light_curves(self.sample)
        curves = curves.where(is_valid(curves))
        n, stars = len(curves.bands), curves.n_stars
        place = curves.star * n + curves.band
        count = np.bincount(place, minlength=n * stars)
        mean = np.bincount(place, curves.mag, n * stars) / np.maximum(count, 1)
        square = np.bincount(curves.star, (curves.mag - mean[place]) ** 2, stars)
        whole = np.bincount(curves.star, curves.mag, stars)
        points = np.where(curves.counts < 5, np.nan, curves.counts)
        return whole / points, np.sqrt(square / points)

    def axes(self) -> list[str]:
        """What a map can show: numbers of the stars that at least two have."""
        found = ["log10 period [d]"] if np.isfinite(self.periods()).any() else []
        found += ["log10 scatter [mag]", "mean magnitude"]
        for table in (self.sample, self.results):
            for name in () if table is None else table.columns:
                if name not in ("period", "lc", *found) and len(table):
                    values = pd.to_numeric(table[name], errors="coerce") if (
                        pd.api.types.is_numeric_dtype(table[name])
                        and not pd.api.types.is_bool_dtype(table[name])
                    ) else pd.Series(dtype=float)  # fmt: skip
                    if values.nunique() > 1:
                        found.append(str(name))
        return list(dict.fromkeys(found))

    def axis(self, name: str) -> np.ndarray:
        """The numbers of one of the `axes`."""
        if name == "mean magnitude":
            return self.brightness[0]
        special = {
            "log10 period [d]": self.periods, "log10 scatter [mag]": lambda: self.brightness[1],
        }  # fmt: skip
        if name not in special:
            return self.numbers(name)
        with np.errstate(invalid="ignore", divide="ignore"):
            values = np.log10(special[name]())
        return np.where(np.isfinite(values), values, np.nan)

    # --- the star looked at -----------------------------------------------------------

    def curve(self, row: int, *, whole: bool = False) -> LightCurves:
        """A star's light curve, without the points that were excluded unless `whole`."""
        curves = light_curves(self.sample.iloc[[row]])
        out = self.excluded.get(row)
        if whole or out is None or not out.any():
            return curves
        return curves.where(~out)

    def out(self, row: int) -> np.ndarray:
        """Which points of the star's whole light curve are left out."""
        n = int(self.curve(row, whole=True).counts[0])
        return self.excluded.setdefault(row, np.zeros(n, bool))

    def exclude(self, row: int, points: Sequence[int], *, toggle: bool = False) -> None:
        """Leave out these points of the star (positions in its whole light curve); with `toggle`
        take back those that were left out already."""
        mask, points = self.out(row), np.unique(np.asarray(points, int))
        mask[points] = ~mask[points] if toggle else True

    def include_all(self, row: int) -> None:
        """Take all points of the star back."""
        self.excluded.pop(row, None)

    def star(self, row: int) -> NestedFrame:
        """The star as a sample of its own, without excluded points."""
        one = self.sample.iloc[[row]]
        return nest(self.curve(row), pd.DataFrame(one.drop(columns="lc")))

    # --- what the user writes down ----------------------------------------------------

    def note(self, row: int, *, label: str = "", period: float | None = None, remark: str = "",
             who: str | None = None) -> None:  # fmt: skip
        """Write down a label, a period or a remark; kept in the file at once."""
        try:
            user = getpass.getuser()
        except (KeyError, OSError):  # a container's user without a name
            user = ""
        self.notes[self.names[row]] = {
            "label": label, "period": "" if period is None else repr(float(period)),
            "remark": remark, "who": who or user,
            "when": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }  # fmt: skip
        if self.notes_file is not None:
            write_notes(self.notes_file, self.notes)

    def export(self, path: str | Path) -> Path:
        """Write the notes as CSV or ECSV, by the file's ending."""
        return export(path, self.notes)


def catalogue_families(labels: pd.Series, survey: str | None) -> np.ndarray:
    """The family of each label of a catalogue; "" where it is not known.

    A survey that the package knows has its own words for classes; labels of others count
    where they are spelled as the answer spells its classes or families.
    """
    if survey in taxonomy.surveys():
        return taxonomy.to_families(labels, survey)["family"].fillna("").to_numpy(str)
    known = {x: family for family, names in taxonomy.families().items() for x in (family, *names)}
    return labels.astype("string").map(known).fillna("").to_numpy(str)


def _in_order(results: pd.DataFrame, index: pd.Index) -> pd.DataFrame:
    """The results in the sample's order."""
    if len(results) != len(index):
        raise ValueError(
            "results: expected a row a star, as varstar.classify gives them. "
            f"Received: {len(results)} rows for {len(index)} stars"
        )
    if results.index.equals(index):
        return results
    if index.is_unique and results.index.is_unique and index.isin(results.index).all():
        return results.loc[index]
    raise ValueError(
        "results: expected the sample's own stars. Received other names: "
        f"{results.index[~results.index.isin(index)][:3].tolist()}"
    )

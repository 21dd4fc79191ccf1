"""What an explorer knows: which stars are shown, the period and points of the one looked at, and
what the user has written down. No widget is needed for it."""

import csv
import getpass
import io
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar import paths
from varstar.lightcurves.sample import LightCurves, light_curves, nest
from varstar.periods.significance import SAMPLING

#: Ways to order the stars.
ORDERS = ("as they come", "most doubtful", "most novel", "disagrees with the catalogue", "period")
COLUMNS = ["star_id", "label", "period", "remark", "who", "when"]


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
    excluded: dict[str, np.ndarray] = field(default_factory=dict)
    notes: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.results is not None and len(self.results) != len(self.sample):
            raise ValueError(
                "results: expected a row a star, as varstar.classify gives them. "
                f"Received: {len(self.results)} rows for {len(self.sample)} stars"
            )
        self.names = [str(name) for name in self.sample.index]
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

    @property
    def classes(self) -> np.ndarray:
        """What each star is called: the results' family or label, else the sample's label."""
        named = "family" if self.results is not None and "family" in self.results else "label"
        return np.array(["" if pd.isna(v) else str(v) for v in self.column(named, "")], object)

    def chosen(
        self, *, search: str = "", name: str = "", least: float = 0.0, order: str = ORDERS[0]
    ) -> np.ndarray:
        """Rows of the stars that pass, in the order asked for.

        Parameters
        ----------
        search : str
            A part of the star's name.
        name : str
            A class; all by default.
        least : float
            Probability of the class at least.
        order : str
            One of `ORDERS`.
        """
        if order not in ORDERS:
            raise ValueError(f"order: expected one of {list(ORDERS)}. Received: {order!r}")
        keep = np.array([search.lower() in n.lower() for n in self.names], bool)
        if name:
            keep &= self.classes == name
        probability = self.numbers(self.probability_column)
        if least > 0:
            keep &= probability >= least
        rows = np.flatnonzero(keep)
        if order == "most doubtful":
            key = np.nan_to_num(probability, nan=-1.0)
        elif order == "most novel":
            key = -np.nan_to_num(self.numbers("novelty_percentile"), nan=-1.0)
        elif order == "period":
            key = np.nan_to_num(self.periods(), nan=np.inf)
        elif order == "disagrees with the catalogue":
            key = ~self.disagrees()
        else:
            return rows
        return rows[np.argsort(key[rows], kind="stable")]

    @property
    def probability_column(self) -> str:
        """The column of the answer's probability."""
        has = self.results is not None and "family_probability" in self.results
        return "family_probability" if has else "probability"

    def numbers(self, name: str) -> np.ndarray:
        """A column as floats."""
        return pd.to_numeric(pd.Series(self.column(name)), errors="coerce").to_numpy(
            float, copy=True
        )

    def disagrees(self) -> np.ndarray:
        """Whether the answer is another class than the sample's label."""
        if self.results is None or "label" not in self.sample or "label" not in self.results:
            return np.zeros(len(self.names), bool)
        own, said = (t["label"].astype("string") for t in (self.sample, self.results))
        known = (own.notna().to_numpy()) & (said.notna().to_numpy())
        return known & (own.fillna("").to_numpy() != said.fillna("").to_numpy())

    def periods(self) -> np.ndarray:
        """The period of each star [d]: the user's, the results', the catalogue's, or NaN."""
        found = self.numbers("period")
        catalogue = pd.to_numeric(pd.Series(self.sample.get("period", np.nan)), errors="coerce")
        if len(catalogue) == len(found):
            found = np.where(found > 0, found, catalogue.to_numpy(float))
        for i, name in enumerate(self.names):
            own = self.notes.get(name, {}).get("period", "")
            if own:
                found[i] = float(own)
        return np.where(found > 0, found, np.nan)

    def thinned(self, most: int = 6000, seed: int = 0) -> np.ndarray:
        """Rows of at most `most` stars, for a map that stays quick."""
        n = len(self.names)
        if n <= most:
            return np.arange(n)
        return np.sort(np.random.default_rng(seed).choice(n, most, replace=False))

    # --- the star looked at -----------------------------------------------------------

    def curve(self, row: int, *, whole: bool = False) -> LightCurves:
        """A star's light curve, without the points that were excluded unless `whole`."""
        curves = light_curves(self.sample.iloc[[row]])
        out = self.excluded.get(self.names[row])
        if whole or out is None or not out.any():
            return curves
        return curves.where(~out)

    def exclude(self, row: int, points: Sequence[int]) -> None:
        """Leave out these points of the star (positions in its whole light curve)."""
        n = int(self.curve(row, whole=True).counts[0])
        mask = self.excluded.setdefault(self.names[row], np.zeros(n, bool))
        mask[np.asarray(points, int)] = True

    def include_all(self, row: int) -> None:
        """Take all points of the star back."""
        self.excluded.pop(self.names[row], None)

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
        """Write the notes as CSV or ECSV, by the file's ending.

        Raises
        ------
        ValueError
            Another ending.
        """
        path = Path(path)
        if path.suffix == ".csv":
            write_notes(path, self.notes)
        elif path.suffix == ".ecsv":
            from astropy.table import Table

            rows = [{"star_id": name, **note} for name, note in self.notes.items()]
            table = Table(rows=rows, names=COLUMNS) if rows else Table(names=COLUMNS)
            with paths.atomic(path) as temporary:
                table.write(temporary, format="ascii.ecsv", overwrite=True)
        else:
            raise ValueError(f"expected a name that ends in .csv or .ecsv. Received: {path.name!r}")
        return path


def read_notes(path: Path) -> dict[str, dict[str, str]]:
    """Notes by star, from a file that `write_notes` wrote."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if rows and set(rows[0]) != set(COLUMNS):
        raise ValueError(f"{path} is no file of notes: expected the columns {COLUMNS}")
    return {row.pop("star_id"): row for row in rows}


def write_notes(path: Path, notes: Mapping[str, Mapping[str, str]]) -> None:
    """A CSV with a row a star; the old file stays until the new one is whole."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows({"star_id": name, **note} for name, note in notes.items())
    with paths.atomic(path) as temporary:
        temporary.write_text(text.getvalue(), encoding="utf-8", newline="")


def step(period: float, span: float, share: float = 0.05) -> float:
    """The change of a period [d] that shifts the last cycle by `share` of a cycle."""
    return share * period**2 / max(span, period)


def aliases(period: float) -> dict[str, float]:
    """Periods [d] that the rhythms of the sampling (days, months, years) make look like this
    one."""
    found = {}
    for name, (rhythm, _) in SAMPLING.items():
        for sign in (1, -1):
            frequency = abs(1 / period + sign * rhythm)
            if frequency > 1e-6:
                found[f"{'+' if sign > 0 else '-'}1 a {name}"] = 1 / frequency
    return found

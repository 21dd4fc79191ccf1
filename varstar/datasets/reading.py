"""One table being read: finds the columns of times, brightnesses and names, and their values.

Every choice is kept for the report; what is guessed is said there.
"""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from varstar.datasets import errors
from varstar.datasets import layouts as rules
from varstar.datasets.brightness import (
    check_magnitudes,
    error_factor,
    mag_factor,
    magnitudes,
    no_flux,
    not_measured,
    too_large,
    zero_point_of,
)
from varstar.datasets.calendar_columns import date_and_clock
from varstar.datasets.cells import taken_apart
from varstar.datasets.columns import Value, error_of, named, part, parts_of, values_of
from varstar.datasets.layouts import one_of, plain, registry
from varstar.datasets.times import ALONE, SUFFIX, Times, to_days
from varstar.datasets.values import Table, flat, limits, missing, numbers, text

_BRACKET = re.compile(r"[\[(]\s*([^\])]*?)\s*[\])]?\s*$")
_FLUX_SUFFIX = re.compile(r"_(jy|mjy|ujy|njy|ppm|ppt|mmag|maggies|nmgy|nanomaggies)$")


class Reader:
    """One table being read: its columns by plain name, what was asked for, and the report."""

    def __init__(self, table: Table, where: str, asked: Mapping[str, Any]) -> None:
        self.table, self.where, self.asked = taken_apart(flat(table)), where, asked
        self.known: dict[str, str] = {}
        for column in self.table.columns:
            self.known.setdefault(plain(column), column)
        # "lc.t" of a nested column, where nothing else is called so
        for column in self.table.columns:
            self.known.setdefault(plain(str(column).rsplit(".", 1)[-1]), column)
        self.notes = list(self.table.notes)
        self.guessed: list[str] = []
        self.left_out: dict[str, int] = {}
        self.columns: dict[str, Any] = {}
        self.units: dict[str, str] = {}
        self.name, self.layout = None, {}
        found = rules.match(self.known)
        if found:
            self.name, self.layout = found

    # --- columns ------------------------------------------------------------------------

    def asked_for(self, role: str) -> str | None:
        """The plain name of the column that the caller names; an unknown one is an error."""
        wanted = self.asked.get(role)
        if wanted is None:
            return None
        names = list(self.table.columns)
        if isinstance(wanted, int) and not isinstance(wanted, bool):
            if -len(names) <= wanted < len(names):
                return self._plain_of(names[wanted])
        elif wanted in names:
            return self._plain_of(wanted)
        elif plain(wanted) in self.known:
            return plain(wanted)
        raise ValueError(f"{self.where}: {role}={wanted!r} is no column. Expected one of: {names}")

    def _plain_of(self, column: str) -> str:
        if self.known.get(plain(column)) != column:  # another of the same plain name came first
            self.known[f"\x00{column}"] = column
            return f"\x00{column}"
        return plain(column)

    def column(self, name: str) -> np.ndarray:
        return self.table.columns[self.known[name]]

    def number(self, name: str | None, role: str) -> np.ndarray:
        if name is None:
            return np.full(len(self.table), np.nan)
        what = f"{self.where}: column {self.known[name]!r} ({role})"
        return numbers(self.column(name), what, self.notes)

    def unit(self, name: str | None) -> str:
        """The unit that the container, the column's brackets or its ending name."""
        if name is None:
            return ""
        column = self.known[name]
        unit = str(self.table.units.get(column) or "").strip()
        if not unit and (found := _BRACKET.search(column)):
            unit = found[1]
        if not unit and (found := _FLUX_SUFFIX.search(name)):
            unit = found[1]
        if not unit and name in ("maggies", "nanomaggies", "nmgy"):
            unit = name
        if not unit and errors.is_per_cent(name):
            unit = "%"
        return "ujy" if not unit and name in ("ujy", "dujy") else unit

    # --- times --------------------------------------------------------------------------

    def times(self) -> Times:
        asked = self.asked_for("t")
        unit = self.asked.get("time_unit") or ""
        if asked is not None:
            found = self._layout_times(asked) or self._days(asked, unit)
            self.columns["time"] = self.known[asked]
            return found
        for rule in self.layout.get("times", ()):
            for name in rule["column"].split("|"):
                if name in self.known and self._complete(name, rule, len(self.layout["times"])):
                    self.columns["time"] = self.known[name]
                    return self._by_rule(name, rule, unit)
        return self._best_times(unit)

    def _complete(self, name: str, rule: Mapping[str, Any], among: int) -> bool:
        if among == 1:
            return True
        last = [r["column"] for r in self.layout["times"] if one_of(r["column"], self.known)][-1]
        if rule["column"] == last:
            return True
        try:
            return bool(np.isfinite(numbers(self.column(name))).all())
        except ValueError:
            return False

    def _layout_times(self, name: str) -> Times | None:
        for rule in self.layout.get("times", ()):
            if name in rule["column"].split("|"):
                return self._by_rule(name, rule, self.asked.get("time_unit") or "")
        return None

    def _by_rule(self, name: str, rule: Mapping[str, Any], unit: str) -> Times:
        found = self._days(name, unit or rule.get("unit", ""))
        scale = rule["scale"]
        if str(self.table.meta.get("DATE", "")).upper() in ("HJD", "BJD"):  # AAVSO's #DATE=
            scale = str(self.table.meta["DATE"]).upper()
        offset = rule.get("offset", 0.0)
        known = found.t[np.isfinite(found.t)]
        reduced = len(known) and np.median(known) < 2.4e6
        if offset and not found.offset and found.unit in ("d", "s") and reduced:
            return found._replace(t=found.t + offset, scale=scale, offset=offset)
        if found.unit not in ("d", "s"):  # a date
            return found
        return found._replace(scale=scale)

    def _days(self, name: str, unit: str) -> Times:
        column = self.known[name]
        unit = unit or self.unit(name)
        if not unit and (found := SUFFIX.search(name) or ALONE.match(name)):
            unit = found[1]
        what = f"{self.where}: column {column!r} (t)"
        return to_days(self.column(name), column, unit, what, self.table)

    def day_column(self, name: str) -> Times:
        """The times of a column, whatever unit was asked for."""
        return self._days(name, "")

    def days(self, name: str) -> np.ndarray:
        """The times [d] of one column."""
        return self._days(name, self.asked.get("time_unit") or "").t

    def _best_times(self, unit: str) -> Times:
        """The first usual column that is complete; only date and time of day go together."""
        names = named("t", self.known)
        if not names:
            usual = ", ".join(registry()["names"]["t"][:5])
            raise ValueError(
                f"{self.where}: expected a column for t ({usual}, ...); name it with t=. "
                f"Received columns: {list(self.table.columns)}"
            )
        both = date_and_clock(self)
        best, taken, error = None, None, None
        for name in names:
            if both is not None and name in both[1]:
                found, label = both[0], " + ".join(self.known[n] for n in both[1])
            else:
                label = self.known[name]
                try:
                    found = self._days(name, unit)
                except ValueError as problem:
                    error = error or problem
                    continue
            finite = int(np.isfinite(found.t).sum())
            if best is None or finite > np.isfinite(best.t).sum():
                best, taken = found, label
            if finite == len(found.t):
                break
        if best is None:
            raise error
        self.columns["time"] = taken
        return best

    # --- brightness ---------------------------------------------------------------------

    def values(self) -> list[Value]:
        """The brightnesses to read, with their own errors."""
        mag, flux = self.asked_for("mag"), self.asked_for("flux")
        err, flux_err = self.asked_for("err"), self.asked_for("flux_err")
        parts = parts_of(self.known)
        if flux is not None or mag is not None:
            name, kind = (flux, "flux") if flux is not None else (mag, "mag")
            own = flux_err if kind == "flux" else err
            if own is None:
                found = parts.get(name)
                own = self._layout_error(name) or error_of(
                    kind, found.key if found and found.kind == kind else name, parts,
                    found is None or found.kind != kind or found.key == "",
                )  # fmt: skip
            value = Value(kind, name, own, None, self.asked.get("flux_unit") == "difference")
            return [self._with_error(value)]
        if self.layout.get("values"):
            return []
        names = (
            self.known
            if self.table.named
            else {n: c for n, c in self.known.items() if not n.isdigit()}
        )
        found, guessed = values_of(names, bool(named("band", self.known)))
        self.guessed += guessed
        found = [self._varies(v, names) for v in found]
        given = err if found and found[0].kind == "mag" else flux_err
        return [v._replace(err=given) if given else self._with_error(v) for v in found]

    def _with_error(self, value: Value) -> Value:
        """With an error from an inverse variance, a variance or a ratio, where it has no other."""
        other = None if value.err else errors.other_form(value.kind, value.column, self.known)
        if other is None:
            return value
        name, form = other
        sigma = errors.from_form(form, self.number(name, "err"), value.kind,
                                 self.number(value.column, value.kind))  # fmt: skip
        column = errors.words(form, self.known[name])
        self.table = self.table.replace(columns={**self.table.columns, column: sigma})
        self.known[f"\x00{column}"] = column
        return value._replace(err=f"\x00{column}")

    def _layout_error(self, name: str) -> str | None:
        for v in self.layout.get("values", ()):
            for a, b in (("mag", "err"), ("flux", "flux_err")):
                if name in str(v.get(a, "")).split("|"):
                    return one_of(v.get(b), self.known)
        return None

    def _varies(self, value: Value, names: Mapping[str, str]) -> Value:
        """A flux that varies before a magnitude that is one number (a catalogue's)."""
        if value.kind != "mag" or len(self.table) < 6:
            return value
        mag = self.number(value.column, "mag")
        if not np.all(mag == mag[0]):
            return value
        fluxes = {
            n: c
            for n, c in names.items()
            if ((p := part(n)) and p.kind == "flux") or (p and p.error)
        }
        found, _ = values_of(fluxes, True)
        return found[0] if found and np.nanstd(self.number(found[0].column, "flux")) > 0 else value

    def brightness(self, value: Value, group: np.ndarray) -> dict[str, np.ndarray]:
        """Magnitude and error of one value; the fluxes too, where it is one.

        `group` numbers star and band of each row; -1 are rows to leave out.
        """
        self.columns.setdefault("err", []).append(self.known.get(value.err))
        self.columns.setdefault(value.kind, []).append(self.known[value.column])
        unit = self.asked.get("mag_unit" if value.kind == "mag" else "flux_unit") or self.unit(
            value.column
        )
        raw, err = self.number(value.column, value.kind), self.number(value.err, "err")
        raw = np.where(group < 0, np.nan, raw)
        if unit:
            self.units[self.known[value.column]] = unit
        if value.kind == "flux":
            bad = no_flux(raw, err)
            self.count("marked as not measured (-999, ...)", int(bad.sum()))
            raw = np.where(bad, np.nan, raw)
            difference = (
                value.difference or unit == "difference" or self.layout.get("kind") == "difference"
            )
            err = self._same_unit(err, value.err, unit, raw)
            mag, mag_err, notes = magnitudes(
                raw, err, group, unit, self.asked.get("zero_point"),
                difference, f"{self.where}: column {self.known[value.column]!r}",
            )  # fmt: skip
            self.notes += notes
            return {"mag": mag, "err": mag_err, "flux": raw, "flux_err": err}
        return self._magnitude(value, raw, err, unit)

    def _same_unit(
        self, err: np.ndarray, name: str | None, unit: str, flux: np.ndarray
    ) -> np.ndarray:
        """The error in the flux's unit; one in per cent is a share of the flux."""
        own = self.unit(name)
        if own in ("%", "percent") and own != unit:
            return err / 100 * np.abs(flux)
        a, b = zero_point_of(own), zero_point_of(unit)
        return err if a is None or b is None else err * 10 ** (0.4 * (b - a))

    def _magnitude(
        self, value: Value, raw: np.ndarray, err: np.ndarray, unit: str
    ) -> dict[str, np.ndarray]:
        far = np.nanmedian(np.abs(raw)) > 8 if np.isfinite(raw).any() else False
        if value.difference and far and self.asked.get("mag") is None:
            raise ValueError(
                f"{self.where}: column {self.known[value.column]!r} looks like difference "
                f"magnitudes, not those of the star; name it with mag= to take it all the same"
            )
        factor = mag_factor(unit)
        bad = not_measured(raw, err)
        if factor != 1.0 and np.isfinite(raw).any():  # 100.0 mmag is no mark
            bad &= np.abs(raw - np.nanmedian(raw)) > 2 / factor
        limit = limits(self.column(value.column))
        self.count("limit (< or >)", int(limit.sum()))
        self.count("marked as not measured (99.999, ...)", int((bad & np.isfinite(raw)).sum()))
        raw = np.where(bad, np.nan, raw)
        own = self.unit(value.err) or unit
        if factor == 1.0:
            check_magnitudes(raw, f"{self.where}: column {self.known[value.column]!r} (mag)")
        mag, err = raw * factor, np.where(bad, np.nan, err * error_factor(own))
        if not self.layout and self.asked.get("err") is None and too_large(mag, err):
            self.notes.append(f"{self.known[value.err]}: too large for errors, not taken")
            err = np.full(len(err), np.nan)
        return {"mag": mag, "err": err}

    def count(self, why: str, n: int) -> None:
        if n:
            self.left_out[why] = self.left_out.get(why, 0) + n

    # --- rows to leave out --------------------------------------------------------------

    def kept(self, leave_out: list[Mapping[str, Any]]) -> np.ndarray:
        """The rows that no rule of the layout leaves out."""
        keep = np.ones(len(self.table), bool)
        yes_or_no = rules.limits(self.known, lambda name: text(self.column(name)))
        for rule in [*leave_out, *yes_or_no]:
            name = one_of(rule["column"], self.known)
            if name is None or (rule.get("of") and rule["of"] not in self.known):
                continue
            of = self.column(rule["of"]) if "of" in rule else None
            out = rules.fails(rule, self.column(name), self._loose, of) & keep
            self.count(f"{rule['why']} ({self.known[name]})", int(out.sum()))
            keep &= ~out
        return keep

    @staticmethod
    def _loose(column: np.ndarray) -> np.ndarray:
        try:
            return numbers(column)
        except ValueError:
            return pd.to_numeric(pd.Series(text(column), dtype=object), errors="coerce").to_numpy(
                float
            )

    # --- names --------------------------------------------------------------------------

    def names(self, role: str, default: str) -> np.ndarray | str:
        """A column of names, or one name for all rows when the caller names no column."""
        wanted = self.asked.get(role)
        try:
            name = self.asked_for(role)
        except ValueError:
            candidates = named(role, self.known)
            several = candidates and len(set(text(self.column(candidates[0])))) > 1
            # A mistyped column must not merge many stars, or bands, into one.
            if isinstance(wanted, int) or several or (role == "band" and candidates):
                raise
            return str(wanted)
        if name is None:
            name = self._usual(role)
        if name is None:
            return default
        values = text(self.column(name))
        self.columns[role] = self.known[name]
        return np.array([default if v is None else v for v in values], object)

    def _usual(self, role: str) -> str | None:
        own = self.layout.get("band" if role == "band" else "star")
        if own and (found := one_of(own, self.known)):
            return found
        used = {self.columns.get("time")}
        found = [n for n in named(role, self.known) if self.known[n] not in used]
        return found[0] if found else None

    def finite_text(self, name: str) -> list[str]:
        return [v for v in text(self.column(name)) if not missing(v)]

"""From a table to measurements: the one recogniser of columns, units and flags.

Files, arrays, data frames and the archives' readers all go through `read`.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from varstar.datasets.brightness import POGSON
from varstar.datasets.columns import Value, errors_left, flags, named, own_time
from varstar.datasets.errors import weights
from varstar.datasets.layouts import one_of, registry, truth
from varstar.datasets.reading import Reader
from varstar.datasets.values import Table, missing, numbers, text
from varstar.lightcurves.sample import UNKNOWN_BAND


class Measurements(NamedTuple):
    """Measurements of a table, what is known of its stars, and how it was read.

    Attributes
    ----------
    obs : DataFrame
        ``star_id, t, mag, err, band`` and, where brightness came in fluxes, ``flux, flux_err``.
    stars : DataFrame
        Index ``star_id``; ``time_scale``, and ``period``, ``label``, ``ra``, ``dec`` if known.
    report : dict
        See `varstar.datasets.report`.
    """

    obs: pd.DataFrame
    stars: pd.DataFrame
    report: dict[str, Any]


def read(table: Table, where: str, name: str, asked: Mapping[str, Any]) -> Measurements:
    """All measurements of a table.

    Parameters
    ----------
    table : Table
    where : str
        Begins the message of errors: the file's path.
    name : str
        The star's, where no column names stars.
    asked : mapping
        What the caller names: ``t, mag, err, band, flux, flux_err, star_id`` (columns),
        ``zero_point, time_unit, mag_unit, flux_unit``.

    Raises
    ------
    ValueError
        A column is missing, unknown or not what it must be.
    """
    reader = Reader(table, where, asked)
    _refuse_limits_alone(reader)
    times = reader.times()
    values = reader.values()
    band = _bands(reader)
    star = _stars(reader, name)
    used = _used(reader) if not values and reader.layout.get("values") else []
    keep = reader.kept(reader.layout.get("leave_out", []))
    if values or not reader.layout.get("values"):
        if not values:
            raise ValueError(
                f"{where}: expected a column of magnitudes (mag, magnitude, ...) or fluxes (flux, "
                f"...); name it with mag= or flux=. Received columns: {list(reader.table.columns)}"
            )
        own = [_times_of(reader, v, values, times.t) for v in values]
        parts = [_part(reader, v, t, band, star, keep) for v, t in zip(values, own, strict=True)]
    else:
        parts = _layout_parts(reader, used, times, band, star, keep)
    obs = pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]
    if len(parts) > 1:
        obs = obs[np.isfinite(obs["mag"]) | np.isfinite(obs["t"])]
    reader.notes += times.notes
    stars = _star_values(reader, star, obs, times.scale)
    return Measurements(obs.reset_index(drop=True), stars, _report(reader, times, obs, values))


def _refuse_limits_alone(reader: Reader) -> None:
    if {"diffmaglim", "fid"} <= set(reader.known) and not {"magpsf", "mag"} & set(reader.known):
        raise ValueError(
            f"{reader.where}: non-detections (limits only), no measurements. "
            f"Columns: {list(reader.table.columns)}"
        )


def _part(
    reader: Reader, value: Value, t: np.ndarray, band: Any, star: Any, keep: np.ndarray
) -> pd.DataFrame:
    """The measurements of one brightness."""
    own = value.band if value.band and isinstance(band, str) and band == UNKNOWN_BAND else band
    obs = pd.DataFrame({"t": t}).assign(band=own, star_id=star)
    obs = obs[["star_id", "t", "band"]]
    group = np.zeros(len(obs), int)
    if value.kind == "flux":
        group = obs.groupby(["star_id", "band"], dropna=False, sort=False).ngroup().to_numpy()
    for column, v in reader.brightness(value, np.where(keep, group, -1)).items():
        obs[column] = v
    return obs[keep]


# --- layouts with brightnesses of their own -------------------------------------------------


def _layout_parts(
    reader: Reader,
    used: list[Mapping[str, Any]],
    times: Any,
    band: Any,
    star: Any,
    keep: np.ndarray,
) -> list[pd.DataFrame]:
    parts = []
    for rule in used:
        t, good = times.t, keep
        if own := rule.get("time"):
            t = _own_times(reader, own, t)
        for flag in rule.get("leave_out", ()):
            if flag in reader.known:
                out = truth(reader.column(flag)) & good
                reader.count(f"flagged ({reader.known[flag]})", int(out.sum()))
                good = good & ~out
        mag, err = (one_of(rule.get(k), reader.known) for k in ("mag", "err"))
        flux, flux_err = (one_of(rule.get(k), reader.known) for k in ("flux", "flux_err"))
        b = rule.get("band", band)
        if "reference" in rule and rule["reference"] in reader.known:
            parts.append(_with_reference(reader, rule, t, b, star, good))
        elif mag is not None:
            part = _part(reader, Value("mag", mag, err), t, b, star, good)
            if rule.get("snr") in reader.known:
                part["err"] = POGSON / numbers(reader.column(rule["snr"]))[good]
                reader.columns["err"][-1] = f"1.0857 / {reader.known[rule['snr']]}"
            part["err"] *= rule.get("err_unit", 1.0)
            parts.append(part)
        else:
            value = Value("flux", flux, flux_err)
            if isinstance(rule.get("zero_point"), float) and reader.asked.get("zero_point") is None:
                reader.asked = {**reader.asked, "zero_point": rule["zero_point"]}
            if rule.get("unit") and not reader.unit(flux):
                reader.table.units.setdefault(reader.known[flux], rule["unit"])
            parts.append(_part(reader, value, t, b, star, good))
    return parts


def _used(reader: Reader) -> list[Mapping[str, Any]]:
    """The brightnesses of the layout that the table has; a difference flux in place of them."""
    layout = reader.layout
    negative = layout.get("negative")
    if negative and reader.asked.get("mag") is None:
        f, e = (reader.number(negative[k], k) for k in ("flux", "flux_err"))
        if np.mean(f < -3 * e) > 0.1:
            reader.notes.append("many fluxes are negative: difference fluxes")
            reader.layout = {**layout, "kind": "difference", "leave_out": layout["leave_out"][:1]}
            return [negative]
    found = [
        v for v in layout["values"]
        if one_of(v.get("mag"), reader.known) or one_of(v.get("flux"), reader.known)
    ]  # fmt: skip
    if layout.get("first"):
        full = [v for v in found if np.isfinite(reader.number(v["flux"], "flux")).any()]
        found = (full or found)[:1]
    return found


def _times_of(reader: Reader, value: Value, values: list[Value], t: np.ndarray) -> np.ndarray:
    """The times of a brightness: its own, where bands side by side have them (``HJD_V``)."""
    if len(values) < 2 or not value.band or reader.asked.get("t") is not None:
        return t
    name = own_time(value.band, reader.known)
    return t if name is None else reader.days(name)


def _own_times(reader: Reader, column: str, fallback: np.ndarray) -> np.ndarray:
    if column not in reader.known:
        return fallback
    offset = reader.layout["times"][0].get("offset", 0.0)
    t = reader.number(column, "t")
    return np.where(t < 2.4e6, t + offset, t)


def _with_reference(
    reader: Reader, rule: Mapping[str, Any], t: np.ndarray, band: Any, star: Any, keep: np.ndarray
) -> pd.DataFrame:
    """The star's own brightness: the difference added to that of the reference image."""
    reference = reader.number(rule["reference"], "reference")
    if "mag" in rule:
        zp = 25.0
        m, e = reader.number(rule["mag"], "mag"), reader.number(rule.get("err"), "err")
        sign = np.where(_positive(reader.column(rule["sign"])), 1.0, -1.0)
        flux = sign * 10 ** (0.4 * (zp - m))
        flux_err = e / POGSON * np.abs(flux)
    else:
        zp = reader.number(rule["zero_point"], "zero point")
        flux, flux_err = (reader.number(rule[k], k) for k in ("flux", "flux_err"))
    flux = flux + 10 ** (0.4 * (zp - reference))
    good = keep & (flux > 0)
    reader.count("fainter than the reference image allows", int((keep & ~good).sum()))
    mag = zp - 2.5 * np.log10(np.where(flux > 0, flux, np.nan))
    err = POGSON * flux_err / np.abs(flux)
    reader.columns["mag"] = [f"{rule.get('mag', rule.get('flux'))} with {rule['reference']}"]
    reader.notes.append("magnitudes of the difference image added to the reference's")
    obs = pd.DataFrame({"t": t}).assign(band=band, star_id=star, mag=mag, err=err)
    return obs[["star_id", "t", "band", "mag", "err"]][good]


def _positive(values: np.ndarray) -> np.ndarray:
    if values.dtype.kind in "iuf":
        return values > 0
    return np.array([str(v).strip().lower() in ("1", "t", "true", "1.0") for v in values])


# --- bands ----------------------------------------------------------------------------------


def _bands(reader: Reader) -> np.ndarray | str:
    layout = reader.layout
    own = layout.get("band", "")
    if reader.asked.get("band") is None and own.startswith("="):
        return own[1:]
    band = reader.names("band", UNKNOWN_BAND)
    missing_band = isinstance(band, str) or all(b == UNKNOWN_BAND for b in band)
    if reader.asked.get("band") is None and layout.get("cameras") and missing_band:
        from varstar.datasets.archives.asassn import band_of

        camera = text(reader.column("camera"))
        reader.columns["band"] = reader.known["camera"]
        reader.guessed.append("band from the camera: ba to bh V, bA to bH and bi to bz g")
        return band_of(np.array(["" if c is None else c for c in camera]))
    mapped = {**registry()["bands"], **layout.get("bands", {})}
    if not isinstance(band, str):
        return np.array([mapped.get(b, b) for b in band], object)
    return band


# --- stars ----------------------------------------------------------------------------------


def _stars(reader: Reader, name: str) -> np.ndarray | str:
    wanted = reader.asked.get("star_id")
    star = reader.names("star_id", name)
    if isinstance(star, str):
        return star
    column = reader.columns["star_id"]
    if wanted is None and _row_numbers(reader, column, star):
        reader.notes.append(f"{column}: numbers the measurements, not the stars")
        del reader.columns["star_id"]
        return name
    if wanted is None and reader.layout.get("same_star") and len(set(star)) > 1:
        return _one_star(reader, star, name)
    if wanted is not None and isinstance(wanted, str) and len(set(star)) == 1:
        return star
    return star


def _row_numbers(reader: Reader, column: str, star: np.ndarray) -> bool:
    """Whether a column called ``id`` numbers the rows; names of stars come more than once."""
    from varstar.datasets.layouts import plain

    if plain(column) not in ("id", "name", "source") or len(star) < 3 or len(set(star)) < len(star):
        return False
    return all(s.isdigit() for s in star)


def _one_star(reader: Reader, star: np.ndarray, name: str) -> np.ndarray | str:
    """ZTF's object ids: another for each band and field of a star."""
    position = [one_of(c, reader.known) for c in ("ra|objra", "dec|objdec")]
    if None in position:
        return star
    ra, dec = (reader.number(c, "position") for c in position)
    width = np.ptp(ra) * np.cos(np.radians(np.median(dec)))
    apart = 3600 * max(width, np.ptp(dec))
    if len(set(star)) > 20:  # a catalogue's partition, not one query's answer
        return star
    if not apart <= reader.layout["same_star"]:
        raise ValueError(
            f"{reader.where}: expected one star. Received: {len(set(star))} object ids up to "
            f"{apart:.0f} arcsec apart (star_id='{reader.columns['star_id']}' takes each for one)"
        )
    reader.notes.append(f"{len(set(star))} object ids within {apart:.1f} arcsec are one star")
    return name


def _star_values(reader: Reader, star: Any, obs: pd.DataFrame, scale: str) -> pd.DataFrame:
    index = pd.Index(pd.unique(obs["star_id"]), name="star_id")
    stars = pd.DataFrame(index=index)
    stars["time_scale"] = scale
    rows = np.full(len(reader.table), star, object) if isinstance(star, str) else star
    taken = {v for c in reader.columns.values() for v in ([c] if isinstance(c, str) else c)}
    for role in ("label", "period", "ra", "dec"):
        name = next((n for n in named(role, reader.known) if reader.known[n] not in taken), None)
        if name is None:
            continue
        values = pd.Series(_star_column(reader, role, name), index=rows)
        if role in ("label", "period") and _changes(values):
            reader.notes.append(
                f"{reader.known[name]}: changes from row to row, so it is no {role} of a star"
            )
            continue
        stars[role] = values.groupby(level=0).first().reindex(index)
        reader.columns[role] = reader.known[name]
    return stars


def _changes(values: pd.Series) -> bool:
    return bool((values.groupby(level=0).nunique() > 1).any())


def _star_column(reader: Reader, role: str, name: str) -> np.ndarray:
    column = reader.column(name)
    if role == "label":
        return text(column)
    hours = reader.unit(name).lower() in (
        "h",
        "hr",
        "hour",
        "hours",
        "hourangle",
        "h:m:s",
        '"h:m:s"',
    )
    try:
        values = numbers(column)
        return values * 15 if role == "ra" and hours else values
    except ValueError:
        if role == "period":
            reader.notes.append(f"{reader.known[name]}: no numbers, so no period")
            return np.full(len(column), np.nan)
    return _angles(reader, role, name)


def _angles(reader: Reader, role: str, name: str) -> np.ndarray:
    """Degrees of sexagesimal text (right ascensions in hours)."""
    from astropy.coordinates import Angle

    found: dict[str, float] = {}
    strings = text(reader.column(name))
    for v in {s for s in strings if not missing(s)}:
        try:
            found[v] = float(Angle(v, unit="hourangle" if role == "ra" else "deg").deg)
        except Exception:  # astropy raises many kinds
            reader.notes.append(f"{reader.known[name]}: {v!r} is no angle; left out")
            found[v] = np.nan
        if len(found) > 100_000:
            break
    return np.array([found.get(s, np.nan) for s in strings], float)


# --- report ---------------------------------------------------------------------------------


def _report(reader: Reader, times: Any, obs: pd.DataFrame, values: list[Value]) -> dict[str, Any]:
    taken = {v.err for v in values if v.err}
    errors = [c for c in reader.columns.get("err", []) if c]
    reader.columns["err"] = errors
    if not errors and reader.table.named and len(obs):
        left = errors_left(reader.known, taken) + weights(reader.known)
        more = f"; not taken: {left}" if left else ""
        reader.notes.append(f"no errors of the brightness: equal weights{more}")
    if not reader.layout:
        unused = [n for n in flags(reader.known) if len(set(text(reader.column(n)))) > 1]
        if unused:
            reader.notes.append(f"flags not obeyed: {[reader.known[n] for n in unused]}")
    note = reader.layout.get("notes", ())
    for rule in note:
        name = one_of(rule["column"], reader.known)
        if name is not None:
            n = int(np.sum(~np.isin(Reader._loose(reader.column(name)), rule["not"])))
            if n:
                reader.notes.append(f"{reader.known[name]}: {n} {rule['what']}")
    usable = np.isfinite(obs["t"]) & np.isfinite(obs["mag"])
    return {
        "layout": reader.table.meta.get("layout") or reader.name or "plain table",
        "source": reader.layout.get("source", ""),
        "columns": {k: v for k, v in reader.columns.items() if v},
        "units": {str(k): str(v) for k, v in reader.units.items()},
        "time": {"scale": times.scale, "unit": times.unit, "added": float(times.offset)},
        "stars": int(obs["star_id"].nunique()),
        "rows": len(reader.table),
        "measurements": int(usable.sum()),
        "bands": {str(b): int(n) for b, n in obs.loc[usable, "band"].value_counts().items()},
        "left_out": dict(reader.left_out),
        "guessed": list(dict.fromkeys(reader.guessed)),
        "notes": list(dict.fromkeys(n for n in reader.notes if n)),
    }

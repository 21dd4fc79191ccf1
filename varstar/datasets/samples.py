"""Samples from what people hold in memory: tables, arrays, data frames, time series."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar.datasets.containers import from_arrow, from_astropy
from varstar.datasets.measurements import UNKNOWN_BAND, Measurements, read
from varstar.datasets.values import Table, array, from_mapping
from varstar.lightcurves.sample import LightCurves, nest

_ROLES = ("t", "mag", "err", "band", "flux", "flux_err")


def make_sample(observations: Any, stars: pd.DataFrame | None = None) -> NestedFrame:
    """A sample from plain tables, the form that people have.

    Parameters
    ----------
    observations : DataFrame, astropy Table or TimeSeries, Arrow table, dict, arrays, ...
        One row a measurement: ``star_id``, ``t`` (or ``time``) [d], ``mag``, and where known
        ``err`` (or ``mag_err``) [mag] and ``band``; other names and the surveys' layouts are
        understood as `varstar.read_light_curve` does. In any order. Without a column of
        stars, all are one star. Also lightkurve's LightCurve, and a list of arrays ``(t,
        mag, err, band)``. Byte order, masks, bytes and missing values are taken care of.
    stars : DataFrame, optional
        One row a star: ``star_id`` (column or index) and anything else, ``period`` [d]
        among it where known. Without it, the stars are those of `observations`.

    Returns
    -------
    NestedFrame
        In the order of `stars`. A star without observations keeps its row, with an
        empty light curve. ``sample.attrs["report"]`` says how the table was read.

    Raises
    ------
    ValueError
        When a column is missing, or observations belong to no star of `stars`.
    """
    table, ids = _with_codes(as_table(observations))
    if stars is not None and "star_id" in stars.columns:
        stars = stars.set_index("star_id")
    name = (
        str(stars.index[0])
        if stars is not None and len(stars) == 1
        else table.meta.get("name", "star")
    )
    own = next((c for c in ("t", "time") if c in table.columns), None)
    asked = {"t": own, "time_unit": "d"} if own and not table.units else {}
    if not len(table):
        found = _nothing(table)
    else:
        found = read(table, "observations", name, asked)
    if ids is not None:
        obs = found.obs.assign(star_id=ids[found.obs["star_id"].to_numpy(np.int64)])
        own = found.stars.set_axis(ids[found.stars.index.to_numpy(np.int64)], axis=0)
        found = found._replace(obs=obs, stars=own)
        if stars is None:
            order = pd.Index(ids, name="star_id")
            stars = own.drop(columns="time_scale").reindex(order)
    elif stars is not None and len(stars) == 1 and len(found.stars) == 1:
        found = found._replace(obs=found.obs.assign(star_id=stars.index[0]))
    return sample_of(found, found.stars if stars is None else stars)


def _with_codes(table: Table) -> tuple[Table, np.ndarray | None]:
    """The table with stars numbered, so that their names keep their types."""
    if "star_id" not in table.columns:
        return table, None
    codes, ids = pd.factorize(table.columns["star_id"])
    if (codes < 0).any():
        raise ValueError(
            f"expected a star_id in every row. Received: {int((codes < 0).sum())} rows without one"
        )
    return table.replace(columns={**table.columns, "star_id": codes}), np.asarray(ids)


def _nothing(table: Table) -> Measurements:
    obs = pd.DataFrame({c: np.zeros(0) for c in ("star_id", "t", "mag", "err")}).assign(band=[])
    stars = pd.DataFrame({"time_scale": []}, index=pd.Index([], name="star_id"))
    return Measurements(obs, stars, {})


def as_table(source: Any) -> Table:
    """Whatever holds measurements, as a table.

    Raises
    ------
    ValueError
        Something that does not.
    """
    if isinstance(source, pd.DataFrame):
        columns = {str(c): array(source[c]) for c in source.columns}
        index = source.index
        if index.name is not None and str(index.name) not in columns and len(index):
            columns = {str(index.name): array(index), **columns}
        return Table(columns)
    if hasattr(source, "colnames"):  # astropy's Table, QTable, TimeSeries; lightkurve 2
        table = from_astropy(source)
        meta = getattr(source, "meta", {})
        name = next((str(meta[k]) for k in ("LABEL", "OBJECT", "label") if meta.get(k)), None)
        return table.replace(meta={"name": name} if name else {})
    if hasattr(source, "time") and (hasattr(source, "flux") or hasattr(source, "mag")):
        return _of_attributes(source)
    if isinstance(source, Mapping):
        return Table(from_mapping(source))
    if type(source).__module__.startswith("pyarrow") and hasattr(source, "schema"):
        return from_arrow(source)
    if isinstance(source, np.ndarray) and source.dtype.names:
        return Table(from_mapping({n: source[n] for n in source.dtype.names}))
    if isinstance(source, np.ndarray) and source.ndim == 2:
        source = list(source if len(source) <= 4 < source.shape[1] else source.T)
    if (
        isinstance(source, Sequence)
        and not isinstance(source, str | bytes)
        and 2 <= len(source) <= 4
    ):
        return Table(from_mapping(dict(zip(_ROLES, source, strict=False))))
    raise ValueError(
        "observations: expected a table with columns star_id, t, mag (and err, band), or arrays "
        f"(t, mag, err, band). Received: {type(source).__name__}"
    )


def _of_attributes(source: Any) -> Table:
    """An object with ``time``, ``flux`` or ``mag``, as lightkurve's LightCurve."""
    names = ("time", "mag", "mag_err", "flux", "flux_err", "quality")
    columns, units = {}, {}
    for name in names:
        value = getattr(source, name, None)
        if value is None or np.ndim(getattr(value, "value", value)) != 1:
            continue
        if hasattr(value, "jd") and hasattr(value, "scale"):
            units[name], value = f"JD({value.scale.upper()})", np.asarray(value.jd, float)
        unit = getattr(value, "unit", None)
        if unit is not None and str(unit):
            units[name] = str(unit)
        columns[name] = array(np.ma.asarray(getattr(value, "value", value)))
    form = str(getattr(source, "time_format", "") or "")
    if form and "time" not in units:
        units["time"] = {"btjd": "BJD - 2457000", "bkjd": "BJD - 2454833"}.get(form, form)
    name = str(getattr(source, "label", "") or "")
    return Table(columns, units, meta={"name": name} if name else {})


def light_curve(
    t: Any,
    mag: Any = None,
    err: Any = None,
    band: Any = None,
    *,
    flux: Any = None,
    flux_err: Any = None,
    star_id: str = "star",
    period: float | None = None,
    zero_point: float | None = None,
    flux_unit: str | None = None,
    time_unit: str = "d",
    **values: Any,
) -> NestedFrame:
    """A sample of one star, from arrays.

    Parameters
    ----------
    t : array_like, shape (n_points,)
        Time [d]; dates, datetime64 and astropy's Time are understood.
    mag, err : array_like, optional
        Magnitude and its error [mag].
    band : array_like of str or str, optional
    flux, flux_err : array_like, optional
        Instead of magnitudes; see `varstar.read_light_curve` for `zero_point` and `flux_unit`.
    star_id : str
    period : float, optional
        Known period [d].
    **values
        Further columns of the star, as ``label="RRab"``.

    Returns
    -------
    NestedFrame
        One row; put several together with `varstar.light_curves`.
    """
    if (mag is None) == (flux is None):
        raise ValueError("expected mag or flux, one of them")
    given = {"t": t, "mag": mag, "err": err, "band": band, "flux": flux, "flux_err": flux_err}
    units = {}
    if hasattr(t, "jd") and hasattr(t, "scale"):
        given["t"], units["t"] = np.atleast_1d(np.asarray(t.jd, float)), f"JD({t.scale.upper()})"
    for name in ("mag", "err", "flux", "flux_err"):
        unit = getattr(given[name], "unit", None)
        if unit is not None and str(unit):
            units[name], given[name] = str(unit), np.asarray(given[name].value)
    if np.ndim(given["t"]) != 1:
        raise ValueError(f"t: expected one dimension. Received: {np.ndim(given['t'])}")
    columns = from_mapping({k: v for k, v in given.items() if v is not None})
    asked: dict[str, Any] = {
        "time_unit": time_unit,
        "zero_point": zero_point,
        "flux_unit": flux_unit,
    }
    asked = {k: v for k, v in asked.items() if v is not None}
    if not len(columns["t"]):
        found = _nothing(Table(columns))
        found = found._replace(stars=pd.DataFrame({"time_scale": ["unknown"]}, index=[star_id]))
    else:
        found = read(Table(columns, units), "light curve", str(star_id), asked)
    stars = with_period(found.stars.assign(**values), period)
    return sample_of(found, stars)


def light_curves(curves: Iterable[Any]) -> NestedFrame:
    """A sample of many stars, from what `light_curve` and `make_sample` take.

    Parameters
    ----------
    curves : iterable
        Of samples, arrays ``(t, mag, err, band)``, dicts of `light_curve`'s arguments, data
        frames or tables; or a dict of such by star's name. Stars without a name are
        numbered ``"0"``, ``"1"``, ...

    Returns
    -------
    NestedFrame
        Rows in the order given. The names of stars must differ.
    """
    if isinstance(curves, Mapping) and not {"t", "time", "mag", "flux"} & set(curves):
        parts = [_sample(c, str(name)) for name, c in curves.items()]
    else:
        parts = [_sample(c, str(k)) for k, c in enumerate(curves)]
    if not parts:
        return sample_of(_nothing(Table({})), pd.DataFrame(index=pd.Index([], name="star_id")))
    whole = together(parts)
    if not whole.index.is_unique:
        twice = whole.index[whole.index.duplicated()][:3].tolist()
        raise ValueError(f"expected star_id to be unique. Received twice: {twice}")
    return whole


def together(samples: Sequence[NestedFrame]) -> NestedFrame:
    """Samples one after the other; fluxes are left out unless all of them have them."""
    reports = [r for s in samples if (r := s.attrs.get("report"))]
    if len({tuple(s["lc"].array.field_names) for s in samples}) > 1:
        samples = [_without_flux(s) for s in samples]
    whole = NestedFrame(pd.concat(samples))
    whole.attrs = {"report": {"files": reports}} if reports else {}
    return whole


def _sample(curve: Any, name: str) -> NestedFrame:
    if isinstance(curve, NestedFrame) and "lc" in curve.columns:
        return curve
    if isinstance(curve, Mapping) and ("mag" in curve or "flux" in curve) and "t" in curve:
        return light_curve(**{"star_id": name, **curve})
    if isinstance(curve, tuple | list | np.ndarray) and getattr(curve, "dtype", None) is None:
        return light_curve(*curve, star_id=name)
    table = as_table(curve)
    own = table.meta.get("name") or name
    return make_sample(curve, None if "star_id" in table.columns else pd.DataFrame(index=[own]))


def _without_flux(sample: NestedFrame) -> NestedFrame:
    extra = [f"lc.{f}" for f in ("flux", "flux_err") if f in sample["lc"].array.field_names]
    return sample.drop(columns=extra) if extra else sample


def with_period(stars: pd.DataFrame, period: float | None) -> pd.DataFrame:
    """The stars with a known period [d]."""
    if period is None:
        return stars
    if not (isinstance(period, int | float | np.number) and np.isfinite(period) and period > 0):
        raise ValueError(f"period: expected a positive number of days. Received: {period!r}")
    return stars.assign(period=float(period))


def sample_of(found: Measurements, stars: pd.DataFrame) -> NestedFrame:
    """The measurements nested under their stars, in the order of `stars`."""
    obs = found.obs
    codes, ids = pd.factorize(obs["star_id"])
    if not stars.index.is_unique:
        twice = stars.index[stars.index.duplicated()][:3].tolist()
        raise ValueError(f"expected star_id to be unique. Received twice: {twice}")
    row = stars.index.get_indexer(ids)
    if (row < 0).any():
        raise ValueError(
            f"observations of {int((row < 0).sum())} stars that the table of stars lacks, "
            f"for example {list(ids[row < 0][:3])}"
        )
    row = row[codes] if len(ids) else np.zeros(0, np.int64)
    order = np.argsort(row, kind="stable")
    band, bands = pd.factorize(obs["band"].fillna(UNKNOWN_BAND))
    if len(bands) > np.iinfo(np.int16).max:
        raise ValueError(f"expected names of bands. Received: {len(bands)} different ones")
    columns = {c: obs[c].to_numpy(float)[order] for c in ("t", "mag", "err")}
    offsets = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(stars)))])
    codes = np.asarray(band, np.int8 if len(bands) <= 127 else np.int16)[order]
    names = tuple(str(b) for b in bands) or (UNKNOWN_BAND,)
    sample = nest(LightCurves(*columns.values(), codes, offsets, names), stars)
    for name in ("flux", "flux_err"):
        if name in obs.columns:
            sample[f"lc.{name}"] = obs[name].to_numpy(float)[order]
    if found.report:
        sample.attrs["report"] = found.report
    return sample

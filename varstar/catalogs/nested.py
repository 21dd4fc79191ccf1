"""Surveys' nested light curves, whatever they call their columns, as varstar's samples.

A catalogue's partition has one row a star and its measurements nested in a column, or as
lists in several columns. Which column that is, and what its fields mean, is recognised by
their names (`varstar.datasets.layouts`); `layout` says it where the names do not.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from nested_pandas import NestedFrame

from varstar.catalogs.columns import Columns, array, floats, is_plain, numbers, tables
from varstar.datasets import layouts
from varstar.lightcurves.sample import LightCurves, nest

#: Zero point [mag] of fluxes in these units (AB).
ZERO_POINTS = {"nJy": 31.4, "uJy": 23.9, "mJy": 16.4, "Jy": 8.9}
#: Magnitudes per relative error of a flux.
_POGSON = 2.5 / np.log(10)
#: varstar's own fields, and those of tables whose makers named them as we do.
PLAIN: dict[str, Any] = {
    "needs": ["t", "mag"],
    "times": [{"column": "t"}],
    "values": [{"mag": "mag", "err": "err"}],
    "band": "band",
}
#: Fields of usual names, where no survey is recognised.
GENERIC: dict[str, Any] = {
    "times": [{"column": "hjd|bjd|hmjd|jd|mjd|time|t|midpointmjdtai"}],
    "values": [{"mag": "mag|magnitude|psfmag", "err": "err|magerr|mag_err|e_mag|psfmagerr"}],
    "band": "band|filter|filtercode|passband|fid",
}
#: What a mapping given as `layout` may say.
KEYS = (
    "base", "nested", "t", "mag", "err", "flux", "flux_err", "band", "bands", "zero_point",
    "unit", "reference", "kind", "leave_out",
)  # fmt: skip


def read_partition(
    partition: pd.DataFrame,
    layout: str | Mapping[str, Any] | None = None,
    bands: str | Sequence[str] | None = None,
) -> NestedFrame:
    """A sample of varstar from a partition of a survey's catalogue.

    Parameters
    ----------
    partition : DataFrame
        One row a star, as LSDB hands it over: a nested column with the measurements, or
        a column of lists for each of their fields. Its index need not be unique.
    layout : str or mapping, optional
        How the measurements are called: a name of the registry (``"Rubin forced
        sources"``), or a mapping with some of ``nested`` (the column), ``t``, ``mag``,
        ``err``, ``flux``, ``flux_err``, ``band`` (names of fields; ``"=r"``: that band),
        ``bands`` (their values to names), ``zero_point`` [mag] or ``unit`` (of fluxes),
        ``reference`` (the star's magnitude in the reference image, a number or a column,
        for difference fluxes), ``leave_out`` and ``base`` (a name of the registry, for
        what the mapping does not say).
    bands : str or sequence of str, optional
        Bands that are known although no star of this partition may be measured in them.

    Returns
    -------
    NestedFrame
        In the partition's order, numbered from 0; the partition's other columns, and the
        light curves in ``lc``. Times are the catalogue's own.

    Raises
    ------
    ValueError
        No measurements that are recognised, or an unknown layout.
    """
    curves = _curves(*_find(partition, layout))
    wanted = [bands] if isinstance(bands, str) else list(bands or ())
    curves = curves._replace(bands=tuple(dict.fromkeys([*curves.bands, *wanted])))
    own = [c for c in partition.columns if c != "star_id" and is_plain(partition[c])]
    stars = pd.DataFrame({c: partition[c].array for c in own}, pd.RangeIndex(len(partition)))
    return nest(curves, stars.rename_axis("star_id"))


def _find(
    partition: pd.DataFrame, layout: str | Mapping[str, Any] | None
) -> tuple[Columns, dict[str, Any]]:
    """The measurements of a partition, and the rules that they follow."""
    rules, name = _given(layout)
    seen: dict[str, list[str]] = {}
    best = None
    for column, columns in tables(partition, name):
        seen[column] = list(columns.own)
        match = _match(columns, column) if rules is None else rules
        if match is None or not _fits(match, columns.own):
            continue
        if match.get("kind") != "difference":  # direct brightness is preferred
            return columns, match
        best = best or (columns, match)
    if best is None:
        raise ValueError(_unknown(partition, seen, rules))
    return best


def _match(columns: Columns, name: str) -> dict[str, Any] | None:
    """The rules that fields of these names follow."""
    if set(PLAIN["needs"]) <= set(columns.own):
        return PLAIN
    # The nested column's own name speaks too: psfFlux means another thing in diaSource.
    known = {**columns.arrays, layouts.plain(name): None}
    for layout in registry().values():
        against = any(n in known for n in layout.get("lacks", ()))
        needs = layout.get("needs")
        if needs and not against and all(layouts.one_of(n, known) for n in needs):
            return layout
    return GENERIC


def registry() -> dict[str, dict[str, Any]]:
    """Name -> layout: the same for files and for nested columns."""
    return layouts.registry()["layouts"]


def _given(layout: str | Mapping[str, Any] | None) -> tuple[dict[str, Any] | None, str | None]:
    """Rules and name of the nested column that the caller named."""
    if layout is None:
        return None, None
    if isinstance(layout, str):
        layout = {"base": layout}
    unknown = sorted(set(layout) - set(KEYS))
    if unknown:
        raise ValueError(f"layout: expected some of {list(KEYS)}. Received: {unknown}")
    known = registry()
    if layout.get("base", next(iter(known))) not in known:
        raise ValueError(f"layout: expected one of {list(known)}. Received: {layout['base']!r}")
    rules = dict(known[layout["base"]]) if "base" in layout else {}
    if "t" in layout:
        rules["times"] = [{"column": layouts.plain(layout["t"])}]
    names = {k: layouts.plain(layout[k]) for k in ("mag", "err", "flux", "flux_err") if k in layout}
    if names:
        rules["values"] = [names]
    rest = {k: layout[k] for k in ("zero_point", "unit", "reference") if k in layout}
    if rest:
        rules["values"] = [{**value, **rest} for value in rules.get("values", [])]
    if "band" in layout:
        band = str(layout["band"])
        rules["band"] = band if band[0] == "=" else layouts.plain(band)
    rules |= {k: layout[k] for k in ("bands", "kind", "leave_out") if k in layout}
    if not rules and "nested" in layout:
        return None, layout["nested"]
    return rules, layout.get("nested")


def _fits(rules: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
    """Whether a time and a brightness of the rules are there."""
    times = [time["column"] for time in rules.get("times", [])]
    times += [value["time"] for value in rules.get("values", []) if "time" in value]
    values = [v.get(kind) for v in rules.get("values", []) for kind in ("mag", "flux")]
    return any(layouts.one_of(n, known) for n in times) and any(
        layouts.one_of(n, known) for n in values
    )


def _unknown(partition: pd.DataFrame, seen: dict, rules: Mapping[str, Any] | None) -> str:
    """What a partition without light curves is told."""
    wanted = (
        f"those of {rules}"
        if rules is not None
        else f"t and mag, or those of one of {list(registry())}"
    )
    where = f"index {partition.index.name!r}"
    if len(partition):
        where += f" from {partition.index[0]} to {partition.index[-1]}"
    return (
        f"no light curves in this partition ({where}): expected a nested column, or columns of "
        f"lists, with the fields {wanted}. Received: {seen or 'no nested column'}; "
        f"columns {list(partition.columns)}. Name them with layout=..."
    )


def _curves(columns: Columns, rules: Mapping[str, Any]) -> LightCurves:
    """Light curves from the columns and the rules of their layout."""
    star = columns.star
    series = []
    for value in rules["values"]:
        one = _series(columns, rules, value, star)
        if one is None:
            continue
        series.append(one)
        if rules.get("first"):
            break
    names = tuple(dict.fromkeys(b for *_, bands in series for b in bands)) or ("?",)
    kind = np.int8 if len(names) < 128 else np.int16
    codes = [
        np.array([names.index(b) for b in bands] or [0], kind)[code] for *_, code, bands in series
    ]
    flat = [np.concatenate([one[k] for one in series]) for k in range(4)]
    band = np.concatenate(codes)
    if len(series) > 1:  # several bands in one row: those of a star together
        order = np.argsort(flat[3], kind="stable")
        flat, band = [a[order] for a in flat], band[order]
    counts = np.bincount(flat[3].astype(np.int64), minlength=len(columns.counts))
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return LightCurves(*flat[:3], band, offsets, names)


def _series(
    columns: Columns, rules: Mapping[str, Any], value: Mapping[str, Any], star: np.ndarray
) -> tuple | None:
    """``t, mag, err, star, band code, bands`` of one kind of brightness."""
    t = _time(columns, rules, value)
    brightness = _magnitudes(columns, rules, value)
    if t is None or brightness is None:
        return None
    keep = ~_left_out(columns, rules, value)
    band, bands = _bands(columns, value.get("band") or rules.get("band"), rules.get("bands", {}))
    if "band" in value:
        band, bands = np.zeros(len(t), np.int64), (value["band"],)
    if not keep.all():
        t, star, band = t[keep], star[keep], band[keep]
        brightness = tuple(a[keep] for a in brightness)
    return t, *brightness, star, band, bands


def _time(columns: Columns, rules: Mapping, value: Mapping) -> np.ndarray | None:
    names = [value["time"]] if "time" in value else [t["column"] for t in rules.get("times", [])]
    found = [t for t in (numbers(columns, name) for name in names) if t is not None]
    return next((t for t in found if np.isfinite(t).all()), found[0] if found else None)


def _magnitudes(
    columns: Columns, rules: Mapping, value: Mapping
) -> tuple[np.ndarray, np.ndarray] | None:
    """Magnitudes and errors; NaN where a flux is not positive."""
    mag, flux = numbers(columns, value.get("mag")), numbers(columns, value.get("flux"))
    if mag is None and flux is None:
        return None
    if mag is not None and rules.get("kind") != "difference":
        err, snr = numbers(columns, value.get("err")), numbers(columns, value.get("snr"))
        if err is not None:
            err = err * value.get("err_unit", 1.0)
        else:
            with np.errstate(divide="ignore"):
                err = np.full(len(mag), np.nan) if snr is None else _POGSON / snr
        return mag, err
    zero = _zero_point(columns, value)
    err = numbers(columns, value.get("flux_err"))
    if flux is None:  # magnitudes of a difference
        flux = 10 ** (-0.4 * (mag - zero))
        err = flux * np.abs(numbers(columns, value.get("err"))) / _POGSON
        sign = _text(columns, value.get("sign"))
        flux = np.where(np.isin(sign, ["f", "0", "false", "-1"]), -flux, flux)
    if rules.get("kind") == "difference":
        flux = flux + 10 ** (-0.4 * (_reference(columns, value) - zero))
    err = np.full(len(flux), np.nan) if err is None else err
    with np.errstate(divide="ignore", invalid="ignore"):
        good = flux > 0
        return (
            np.where(good, zero - 2.5 * np.log10(flux), np.nan),
            np.where(good, _POGSON * err / flux, np.nan),
        )


def _zero_point(columns: Columns, value: Mapping) -> float | np.ndarray:
    given = value.get("zero_point")
    if given is None:
        return ZERO_POINTS.get(value.get("unit"), 0.0)
    return float(given) if isinstance(given, int | float) else numbers(columns, given)


def _reference(columns: Columns, value: Mapping) -> float | np.ndarray:
    """The star's magnitude in the reference image, without which a difference says little."""
    given = value.get("reference")
    found = given if isinstance(given, int | float) else numbers(columns, given)
    if found is None:
        raise ValueError(
            "these are difference fluxes, and the star's magnitude in the reference image "
            f"({given or 'reference'}) is not in the partition: pass "
            "layout={'base': ..., 'reference': a number or a column}, or direct fluxes"
        )
    return found


def _text(columns: Columns, spec: str | None) -> np.ndarray:
    name = layouts.one_of(spec, columns.arrays)
    if name is None:
        return np.empty(0, str)
    return np.array([str(v).strip().lower() for v in array(columns, name).to_pylist()])


def _bands(
    columns: Columns, spec: str | None, names: Mapping[Any, str]
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Code of each measurement's band, and the bands' names."""
    n = int(columns.counts.sum())
    if spec is None or spec[0] == "=":
        return np.zeros(n, np.int64), ((spec or "=?")[1:],)
    name = layouts.one_of(spec, columns.arrays)
    if name is None or n == 0:
        return np.zeros(n, np.int64), ("?",)
    values = array(columns, name)
    if not pa.types.is_dictionary(values.type):
        values = pc.dictionary_encode(values)
    names = {str(k): v for k, v in names.items()}
    known = [names.get(_word(v), _word(v)) for v in values.dictionary.to_pylist()] + ["?"]
    codes = values.indices.cast(pa.int64()).fill_null(len(known) - 1)
    bands = tuple(dict.fromkeys(known))
    code = np.array([bands.index(b) for b in known])[codes.to_numpy(zero_copy_only=False)]
    used = np.unique(code)
    return np.searchsorted(used, code), tuple(bands[k] for k in used)


def _word(value: Any) -> str:
    if value is None:
        return "?"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def _left_out(columns: Columns, rules: Mapping, value: Mapping) -> np.ndarray:
    """The measurements that the layout leaves out."""
    out = np.zeros(int(columns.counts.sum()), bool)
    own = [{"column": c, "holds": True} for c in value.get("leave_out", ())]
    for rule in [*rules.get("leave_out", ()), *own]:
        name = layouts.one_of(rule["column"], columns.arrays)
        if name is None:
            continue
        values = array(columns, name)
        if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
            column = np.array(values.to_pylist(), object)
        else:
            column = floats(values, name)
        of = numbers(columns, rule.get("of"))
        out |= layouts.fails(rule, column, _as_floats, of)
    return out


def _as_floats(column: Any) -> np.ndarray:
    return np.asarray(column, float)

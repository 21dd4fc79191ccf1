"""Times as people write them, to days.

What a time is comes from the container's unit, from the column's name, and from what its
values can be at all; a number that cannot be days is never taken for days.
"""

import re
from typing import NamedTuple

import numpy as np
import pandas as pd

from varstar.datasets.dates import rewritten, without_half
from varstar.datasets.values import Table, missing, numbers, text

#: Julian date of 1970-01-01T00:00 (Unix time, datetime64).
UNIX = 2_440_587.5
#: Julian date of 1980-01-06T00:00 (GPS time).
GPS = 2_444_244.5
#: Julian dates below this are reduced.
FULL_JD = 2.4e6
#: No time of a light curve lies further from zero [d].
LARGEST = 5e6
_OFFSETS = {"btjd": 2_457_000.0, "bkjd": 2_454_833.0, "rjd": 2_400_000.0, "rhjd": 2_400_000.0}
_UNITS = {
    "us": 1e-6, "ms": 1e-3, "msec": 1e-3, "millisecond": 1e-3, "s": 1.0, "sec": 1.0,
    "second": 1.0, "min": 60.0, "minute": 60.0, "h": 3600.0, "hr": 3600.0, "hour": 3600.0,
    "d": 86400.0, "day": 86400.0, "yr": 365.25 * 86400, "year": 365.25 * 86400, "a": 365.25 * 86400,
}  # fmt: skip
#: Ends of columns' names that are units of time.
SUFFIX = re.compile(
    r"_(us|ms|msec|s|secs?|seconds?|mins?|minutes?|h|hrs?|hours?|d|days?|yrs?|years?)$"
)
#: Names that are a unit of time alone: ``hours``, ``seconds since the start``.
ALONE = re.compile(
    r"^(hours?|hrs?|minutes?|mins?|seconds?|secs?)(?:_(?:since|from|after|elapsed)(?:_.*)?)?$"
)
#: Names of the day of the year, 1 on January 1.
DAY_OF_YEAR = ("doy", "day_of_year", "dayofyear", "yday", "yearday", "julian_day_of_year")
_DATE = re.compile(
    r"^(\d{4})(?:[-/. ](\d{1,2})[-/. ](\d{1,2}(?:\.\d+)?)|(\d{2})(\d{2}))"
    r"(?:(?:[T ]\s*|\s+)(\d{1,2}):?(\d{2})?:?(\d{2}(?:\.\d*)?)?)?\s*(?:Z|UTC|UT|\+00:?00)?$"
)
_CLOCK = re.compile(r"^(\d{1,2})\s*[:h ]\s*(\d{1,2})(?:\s*[:m ]\s*(\d{1,2}(?:\.\d*)?)\s*s?|m)?$")


class Times(NamedTuple):
    """Times [d], the name of their scale, and what was decided."""

    t: np.ndarray
    scale: str
    unit: str
    offset: float
    notes: tuple[str, ...]


def unit_seconds(unit: str) -> float | None:
    """Seconds of a unit of time; None for what is none (``BJD``, ``mag``, blank)."""
    word = unit.strip().lower().rstrip(".")
    for name in (word, word.removesuffix("s")):
        if name in _UNITS:
            return _UNITS[name]
    if not word or "jd" in word or "-" in word:
        return None
    from astropy import units as u

    try:
        return float(u.Unit(unit, parse_strict="silent").to(u.s))
    except (ValueError, TypeError, u.UnitConversionError, AttributeError):
        return None


def offset_of(name: str) -> float:
    """The Julian date that ``"BJD - 2457000, days"`` or ``"HJD(2450000+)"`` counts from."""
    if re.search(r"jd|j\.d\.|offset|julian|time|\+", name, re.I):
        found = re.search(r"(?<![\d.])(2[34]\d{5}(?:\.\d+)?)(?![\d])", name)
        if found:
            return float(found[1])
        found = re.search(r"(?<![\d.])(2\.[34]\d*)e\+?0?6", name, re.I)  # JD - 2.45e6
        if found:
            return float(found[1]) * 1e6
    words = re.findall(r"[a-z]+", name.lower())
    return next((v for k, v in _OFFSETS.items() for w in words if w.endswith(k)), 0.0)


def calendar(strings: np.ndarray, what: str = "") -> np.ndarray | None:
    """Julian dates of dates; None when they are none.

    ``2019-05-03T12:30:00``, ``2019/05/03 12:30``, ``2019-05-03.52``, ``20190503``, and what
    `varstar.datasets.dates` understands.
    """
    jd = _from_year_on(strings)
    if jd is not None:
        return jd
    written = rewritten(strings, what)
    jd = None if written is None else _from_year_on(written.dates)
    return None if jd is None else jd + written.shift


def _from_year_on(strings: np.ndarray) -> np.ndarray | None:
    """Julian dates of dates that begin with the year; None when they are not that."""
    parts = [None if missing(v) else _DATE.match(v) for v in strings]
    if not any(parts) or any(
        p is None and not missing(v) for p, v in zip(parts, strings, strict=True)
    ):
        return None
    out = np.full(len(strings), np.nan)
    rows = [i for i, p in enumerate(parts) if p]
    found = [parts[i].groups() for i in rows]
    day = np.array([float(g[2] or g[4]) for g in found])
    date = {
        "year": [int(g[0]) for g in found],
        "month": [int(g[1] or g[3]) for g in found],
        "day": np.floor(day).astype(int),
    }
    try:
        days = pd.to_datetime(pd.DataFrame(date)).to_numpy().astype("datetime64[D]").astype(float)
    except ValueError:
        return None
    clock = np.array([[float(v or 0) for v in g[5:8]] for g in found])
    if np.any(clock >= [24.0001, 60, 61]):
        return None
    out[rows] = UNIX + days + (day - np.floor(day)) + clock @ [1 / 24, 1 / 1440, 1 / 86400]
    return out


def of_the_year(year: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Julian dates of years and days of the year: day 1.0 is January 1, 0 h."""
    known = np.isfinite(year)
    first = np.array([f"{int(v)}-01-01" if k else None for v, k in zip(year, known, strict=True)],
                     object)  # fmt: skip
    jd = calendar(first)
    return np.full(len(year), np.nan) if jd is None else jd + day - 1


def clock(values: np.ndarray, unit: str = "") -> np.ndarray | None:
    """Fractions of a day of times of day (``20:48:40``, ``204840``, hours); None if not that."""
    if values.dtype.kind in "iuf" or all(missing(v) or _number(v) for v in text(values)):
        x = numbers(values)
        top = np.nanmax(x, initial=-1)
        seconds = unit_seconds(unit)
        if seconds and top * seconds <= 86400:
            return x * seconds / 86400
        if np.nanmin(x, initial=0) < 0 or top > 240000:
            return None
        if top < 1:
            return x
        if top <= 24:
            return x / 24
        h, m, s = x // 10000, x // 100 % 100, x % 100
        return None if np.any((m >= 60) | (s >= 60)) else (h * 3600 + m * 60 + s) / 86400
    out = np.full(len(values), np.nan)
    for i, v in enumerate(text(values)):
        if missing(v):
            continue
        v, more = without_half(v)
        found = _CLOCK.match(v)
        if found is None:
            return None
        h, m, s = (float(g or 0) for g in found.groups())
        out[i] = (h * 3600 + m * 60 + s) / 86400 + more
    return out


def _number(value: str) -> bool:
    return bool(re.fullmatch(r"[+-]?\d*\.?\d*(e[+-]?\d+)?", value, re.I))


def to_days(values: np.ndarray, name: str, unit: str, what: str, table: Table) -> Times:
    """One column of times, to days.

    Parameters
    ----------
    values : ndarray
    name : str
        The column's own name; it says the scale, and perhaps unit and offset.
    unit : str
        What the container, the header or the caller says; ``""`` where nothing does.
        ``"unix"``, ``"year"``, ``"yyyymmdd"``, ``"jd"`` and ``"mjd"`` are understood too.
    what : str
        Begins the message of errors.
    table : Table
        For header values (TESS's BJDREFI).

    Raises
    ------
    ValueError
        Not numbers or dates, or numbers that cannot be days.
    """
    if values.dtype.kind == "M":
        t = values.astype("datetime64[ns]")
        days = t.astype("datetime64[D]")
        rest = (t - days).astype("timedelta64[ns]").astype(np.int64) / 86400e9
        jd = np.where(np.isnat(t), np.nan, UNIX + days.astype(np.int64) + rest)
        return Times(jd, "JD(UTC)", "date", 0.0, ())
    try:
        x = numbers(values, what)
    except ValueError:
        jd = calendar(text(values), what)
        if jd is None:
            raise
        whole = np.all((jd % 1 == 0.5) | np.isnan(jd))
        note = "dates without a time of day: times are those of 0 h UT" if whole else ""
        return Times(jd, "JD(UTC)", "ISO date", 0.0, (note,) if note else ())
    if re.search("date|^day", name.lower()) and not unit and _is_yymmdd(x[np.isfinite(x)]):
        raise ValueError(
            f"{what}: {np.nanmin(x):.6g} to {np.nanmax(x):.6g} may be dates YYMMDD or days: write "
            f"YYYYMMDD or name the unit with time_unit='d'"
        )
    return _from_numbers(x, values.dtype, name, unit, what, table)


def _from_numbers(
    x: np.ndarray, dtype: np.dtype, name: str, unit: str, what: str, table: Table
) -> Times:
    known = x[np.isfinite(x)]
    middle = float(np.median(known)) if len(known) else 0.0
    low, high = (float(np.min(known)), float(np.max(known))) if len(known) else (0.0, 0.0)
    if dtype.kind == "f" and dtype.itemsize < 8 and np.spacing(np.float32(abs(middle))) > 0.01:
        raise ValueError(
            f"{what}: times in 32-bit floats (single precision) are right to "
            f"{np.spacing(np.float32(middle)):g} only: write Julian dates as 64-bit floats"
        )
    notes = []
    if dtype.kind == "f" and dtype.itemsize < 8 and np.spacing(np.float32(abs(middle))) > 1e-3:
        step = np.spacing(np.float32(middle)) * 1440
        notes.append(f"times in 32-bit floats: right to {step:.0f} minutes only")
    label = f"{name} {unit}".lower()
    scale = "unknown" if re.fullmatch(r"(t|time|date|dates|times)\b.*", name.lower()) else name
    seconds = _since_an_epoch(x, middle, label)
    if seconds is not None:
        return seconds._replace(notes=tuple(notes))
    if low >= 17000101 and high < 21010101 and _is_yyyymmdd(known):
        jd = calendar(np.array([f"{int(v)}" if v == v else None for v in np.floor(x)], object))
        notes.append(f"{name}: numbers YYYYMMDD taken for dates")
        if not np.any(known % 1):
            notes.append("dates without a time of day: times are those of 0 h UT")
        return Times(jd + x % 1, "JD(UTC)", "YYYYMMDD", 0.0, tuple(notes))
    per = unit_seconds(unit)
    years = bool(per and per > 300 * 86400 and middle > 1000)
    named_years = re.search(r"year|yr\b|epoch", name.lower()) and 1800 < low <= high < 2200
    if years or named_years:
        return _from_years(x, what, tuple(notes))
    if per is not None and per != 86400.0:
        return Times(x * (per / 86400), scale, unit, 0.0, tuple(notes))
    if abs(middle) > LARGEST:
        raise ValueError(
            f"{what}: {middle:.10g} cannot be a time in days. Expected days, Julian dates or "
            f"dates; name the unit with time_unit= ('s', 'ms', 'unix', 'yr', ...)"
        )
    if scale == "unknown" and not unit and _maybe_years(known):
        raise ValueError(
            f"{what}: {low:.8g} to {high:.8g} may be years or days: name the unit with "
            f"time_unit='yr' or 'd'"
        )
    far = np.isfinite(x) & (np.abs(x) > LARGEST)
    if far.any():
        x = np.where(far, np.nan, x)
        notes.append(f"{int(far.sum())} times that cannot be days are left out")
    return _with_offset(x, middle, scale, f"{name} {unit}", table, notes)


def _from_years(x: np.ndarray, what: str, notes: tuple[str, ...]) -> Times:
    """Decimal years; whole ones alone are no times of measurements."""
    from astropy.time import Time

    known, jd = np.isfinite(x), np.full(len(x), np.nan)
    if known.sum() > 1 and not np.any(x[known] % 1):
        raise ValueError(f"{what}: whole years are no times; is there a day of the year?")
    jd[known] = Time(x[known], format="decimalyear").jd
    return Times(jd, "JD(UTC)", "decimal year", 0.0, notes)


def _since_an_epoch(x: np.ndarray, middle: float, label: str) -> Times | None:
    """Unix and GPS times [s, or ms, us, ns of Unix]."""
    if "unix" in label or "timestamp" in label or "posix" in label:
        seconds = 1e-9 if middle > 1e17 else 1e-6 if middle > 1e14 else 1e-3 if middle > 1e11 else 1
        return Times(UNIX + x * seconds / 86400, "JD(UTC)", "Unix seconds", UNIX, ())
    if re.search(r"(^|[_ ])gps", label):
        from astropy.time import Time

        known, jd = np.isfinite(x), np.full(len(x), np.nan)
        jd[known] = Time(x[known], format="gps").utc.jd
        return Times(jd, "JD(UTC)", "GPS seconds", GPS, ())
    return None


def _with_offset(
    x: np.ndarray, middle: float, scale: str, label: str, table: Table, notes: list[str]
) -> Times:
    offset = offset_of(label)
    if not offset and "BJDREFI" in table.meta:
        offset = float(table.meta["BJDREFI"]) + float(table.meta.get("BJDREFF", 0.0))
        scale = f"BJD({str(table.meta.get('TIMESYS', 'TDB')).strip()})"
    if offset and middle < FULL_JD:
        kind = re.search(r"[hb]?jd", label.lower())
        if kind and not scale.startswith("BJD("):
            scale = "BJD" if re.search("b[tk]jd", label.lower()) else kind[0].upper()
        return Times(x + offset, scale, "d", offset, (*notes, f"{offset:.10g} added to the times"))
    return Times(x, scale, "d", 0.0, tuple(notes))


def _is_yyyymmdd(values: np.ndarray) -> bool:
    whole = np.floor(values)
    month, day = whole // 100 % 100, whole % 100
    return bool(np.all((month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)))


def _is_yymmdd(values: np.ndarray) -> bool:
    return bool(
        len(values) and values.min() > 10100 and values.max() < 1e6
        and not np.any(values % 1) and _is_yyyymmdd(values)
    )  # fmt: skip


def _maybe_years(values: np.ndarray) -> bool:
    """Whether days may in truth be years: 1950 to 2060, and not one regular series."""
    if len(values) < 2 or values.min() < 1950 or values.max() > 2060:
        return False
    step = np.diff(np.sort(values))
    step = step[step > 0]
    if len(step) < 20:
        return True
    return bool(np.mean(np.abs(step - np.median(step)) < 0.02 * np.median(step)) < 0.5)

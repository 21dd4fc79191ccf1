"""Dates in columns of their own: year, month, day, hour, minute, second."""

import re
from typing import Any

import numpy as np

from varstar.datasets.columns import named
from varstar.datasets.times import DAY_OF_YEAR, Times, clock, of_the_year, to_days


def year_month_day(reader: Any) -> tuple[Times, list[str]] | None:
    """Year, month, day, and perhaps hour, minute, second, in columns of a `Reader`."""
    names = ["year", "month", "day"]
    y, m, d = (reader.number(n, "t") for n in names)
    if not np.all((m >= 1) & (m <= 12) & (d >= 1) & (d < 32) & (y > 1800) & (y < 2200)):
        return None
    strings = [f"{int(a)}-{int(b):02d}-{int(c):02d}" for a, b, c in zip(y, m, d, strict=True)]
    day = to_days(np.array(strings, object), "date", "", reader.where, reader.table)
    t = day.t + d % 1
    clock_names = []
    for candidates, per in (
        (("hour", "hr", "h"), 24),
        (("minute", "min", "mm"), 1440),
        (("second", "sec", "ss"), 86400),
    ):
        name = next((c for c in candidates if c in reader.known), None)
        if name:
            t = t + np.nan_to_num(reader.number(name, "t")) / per
            clock_names.append(name)
    return Times(t, "JD(UTC)", "calendar date", 0.0, ()), [*names, *clock_names]


def date_and_clock(reader: Any) -> tuple[Times, list[str]] | None:
    """Date and time of day in two columns, or year, month, day in three and more."""
    if {"year", "month", "day"} <= set(reader.known):
        return year_month_day(reader)
    of_year = next((n for n in DAY_OF_YEAR if n in reader.known), None)
    if of_year and "year" in reader.known:
        t = of_the_year(reader.number("year", "t"), reader.number(of_year, "t"))
        return Times(t, "JD(UTC)", "day of the year", 0.0, ()), ["year", of_year]
    dates = [n for n in reader.known if re.search(r"date|yyyymmdd|^ut_date$|^day$", n)]
    hours = [n for n in named("clock", reader.known) if n not in dates]
    for date in dates:
        for hour in hours:
            try:
                day = reader.day_column(date)
            except ValueError:
                continue
            if day.unit not in ("ISO date", "YYYYMMDD", "date"):
                continue
            known = day.t[np.isfinite(day.t)]
            fraction = clock(reader.column(hour), reader.unit(hour))
            if fraction is not None and len(known) and np.all(known % 1 == 0.5):
                return Times(day.t + fraction, "JD(UTC)", "date and time of day", 0.0, ()), [
                    date,
                    hour,
                ]
    return None

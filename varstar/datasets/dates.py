"""Dates as people write them, to dates that begin with the year.

``04.09.2017 10:43`` (with dots the day comes first), ``2017-09-04 10:43:43 PM``,
``2017-Sep-04``, ``4 Sep 2017``, ``2017-09-04T10:43:43+02:00``. Of ``04/09/2017`` nobody knows
which number is the month: it is refused.
"""

import re
from typing import NamedTuple

import numpy as np

from varstar.datasets.values import missing

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
#: German, French, Spanish and Italian months that begin otherwise.
_OTHER_MONTHS = {"mär": 3, "mrz": 3, "mai": 5, "okt": 10, "dez": 12, "fev": 2, "fév": 2, "avr": 4,
                 "abr": 4, "ene": 1, "ago": 8, "aoû": 8, "dic": 12, "déc": 12, "gen": 1, "mag": 5,
                 "giu": 6, "lug": 7, "set": 9, "ott": 10}  # fmt: skip
_ZONE = re.compile(r"(?<=\d)\s*(Z|UTC?|GMT|[+-]\d{2}(?::?\d{2})?)$", re.I)
_HALF = re.compile(r"\s*([ap])\.?m\.?$", re.I)
_CLOCK = r"(?:[T,]?\s*(?P<clock>\d{1,2}(?::?\d{2}(?::?\d{2}(?:\.\d*)?)?)?))?$"
_WORD = r"(?P<word>[^\W\d_]{3,10})\.?"
_DAY = r"(?P<day>\d{1,2}(?:\.\d+)?)"
_YEAR = r"(?P<year>\d{4})"
_FORMS = [
    re.compile(rf"^{_YEAR}[-/ .]{_WORD}[-/ .]{_DAY}\s*{_CLOCK}"),
    re.compile(rf"^{_DAY}(?:st|nd|rd|th)?[-/ .]+{_WORD}[-/ .,]+{_YEAR}\s*{_CLOCK}"),
    re.compile(rf"^{_WORD}\s+{_DAY}(?:st|nd|rd|th)?,?\s+{_YEAR}\s*{_CLOCK}"),
    re.compile(rf"^(?P<a>\d{{1,2}})(?P<between>[-/.])(?P<b>\d{{1,2}})[-/.]{_YEAR}\s*{_CLOCK}"),
    re.compile(rf"^{_YEAR}[-/.](?P<month>\d{{1,2}})[-/.]{_DAY}\s*{_CLOCK}"),
]


class Written(NamedTuple):
    """Dates that begin with the year, and what is to be added to them [d] (zone, afternoon)."""

    dates: np.ndarray
    shift: np.ndarray


def rewritten(strings: np.ndarray, what: str = "") -> Written | None:
    """Dates of one of the forms above; None where some are of none.

    Parameters
    ----------
    strings : ndarray of str or None
        None, and the words of `varstar.datasets.values.MISSING`, stay.
    what : str
        Begins the message of errors.

    Raises
    ------
    ValueError
        Dates as ``04/09/2017``.
    """
    rows = [i for i, v in enumerate(strings) if not missing(v)]
    found, shift = {}, np.zeros(len(strings))
    for i in rows:
        bare, shift[i], half = _without_zone(str(strings[i]).strip())
        hit = next((m for form in _FORMS if (m := form.match(bare))), None)
        if hit is None:
            return None
        found[i] = {**hit.groupdict(), "half": half}
    _refuse_unclear(list(found.values()), what)
    out = np.array(strings, object)
    for i, parts in found.items():
        month = _month(parts)
        if month is None:
            return None
        day = parts.get("day") or parts["a"]
        clock, more = _clock(parts.get("clock"), parts["half"])
        shift[i] += more
        out[i] = f"{parts['year']}-{month:02d}-{day}{' ' + clock if clock else ''}"
    return Written(out, shift)


def without_half(text: str) -> tuple[str, float]:
    """A time of day without AM or PM, and what that adds [d]."""
    found = _HALF.search(text)
    if not found:
        return text, 0.0
    return _clock(_HALF.sub("", text), found[1].lower())


def _without_zone(text: str) -> tuple[str, float, str]:
    """The text without its zone and AM or PM; minus the zone [d]; "a", "p" or ""."""
    shift, zone = 0.0, _ZONE.search(text) if ":" in text else None
    if zone:
        text = text[: zone.start()]
        digits = re.findall(r"\d{2}", zone[1])
        if digits:
            size = int(digits[0]) / 24 + (int(digits[1]) if len(digits) > 1 else 0) / 1440
            shift = size if zone[1][0] == "-" else -size
    half = _HALF.search(text)
    return (_HALF.sub("", text), shift, half[1].lower() if half else "")


def _clock(clock: str | None, half: str) -> tuple[str, float]:
    """A time of day of 24 hours: 12 AM is 0 h, 12 PM is 12 h."""
    if not clock or not half:
        return clock or "", 0.0
    hour, colon, rest = clock.partition(":")
    return f"{int(hour) % 12}{colon or ':'}{rest or '00'}", 0.5 if half == "p" else 0.0


def _refuse_unclear(parts: list[dict], what: str) -> None:
    """``04/09/2017`` is the fourth of September or the ninth of April; a day above 12 would tell
    for one row, and a file that has none by chance would be read otherwise than its neighbour."""
    unclear = next((p for p in parts if p.get("a") and p["between"] != "."), None)
    if unclear:
        date = unclear["between"].join((unclear["a"], unclear["b"], unclear["year"]))
        raise ValueError(f"{what}: dates as {date}: which number is the month? Write YYYY-MM-DD")


def _month(parts: dict) -> int | None:
    if parts.get("word"):
        word = parts["word"].lower()[:3]
        return _MONTHS.index(word) + 1 if word in _MONTHS else _OTHER_MONTHS.get(word)
    month = int(parts.get("month") or parts["b"])
    return month if 1 <= month <= 12 else None

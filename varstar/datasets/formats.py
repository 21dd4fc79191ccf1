"""The surveys' own light-curve files, recognised by their first lines.

Each format is one row of `FORMATS`: how it looks, which reader takes it, and the scale of
its times. What is none of them is read as a plain table (`varstar.datasets.light_curve`).
"""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from varstar.datasets.archives import asas, asassn, eros2, gaia, hipparcos, ztf
from varstar.datasets.convert import Curve


class Format(NamedTuple):
    """How a survey's file looks, and what reads it."""

    looks: Callable[[str], bool]
    read: Callable[[Path], Iterator[Curve]]
    time_scale: str


def _columns(*needed: str) -> Callable[[str], bool]:
    """Whether the first line is a CSV header with these columns."""

    def looks(head: str) -> bool:
        names = head.lstrip("\ufeff").split("\n", 1)[0].strip().lower().split(",")
        return set(needed) <= {n.strip().replace(" ", "_") for n in names}

    return looks


def _asas(path: Path) -> Iterator[Curve]:
    # A star is called hhmmss-ddmm.m: that is no ending of a file's name.
    yield asas.read_light_curve(path, path.name if path.suffix[1:].isdigit() else path.stem)


def _ztf(path: Path) -> Iterator[Curve]:
    """One star's object ids together; a file of several stars is an error."""
    table = ztf.read_table(path)
    if len(table) == 0:
        return
    ra, dec = table["ra"].to_numpy(float), table["dec"].to_numpy(float)
    width = np.ptp(ra) * np.cos(np.radians(np.median(dec)))
    if 3600 * max(width, np.ptp(dec)) > 5:
        raise ValueError(
            f"{path}: expected one star. Received: {table['oid'].nunique()} object ids up to "
            f"{3600 * max(width, np.ptp(dec)):.0f} arcsec apart (star_id='oid' takes each for one)"
        )
    yield from ztf.read_light_curve(path)


def _atlas(path: Path) -> Iterator[Curve]:
    """ATLAS forced photometry: ``m`` +- ``dm`` in the filters o and c.

    Their column ``err`` is a flag, not an error, and a negative ``m`` stands for a negative
    flux: such rows are no measurements.
    """
    lines = [s.split() for s in path.read_text().splitlines() if s.strip()]
    names, rows = [n.lstrip("#") for n in lines[0]], lines[1:]
    bad = next((r for r in rows if len(r) != len(names)), None)
    if bad is not None:
        raise ValueError(f"{path}: expected {len(names)} values (truncated?). Received: {bad[:6]}")
    table = dict(zip(names, zip(*rows, strict=True), strict=False)) if rows else {}
    band = np.array(table.get("F", ()))
    t, m, dm, flag = (np.array(table.get(c, ()), float) for c in ("MJD", "m", "dm", "err"))
    for one in sorted(set(band)):
        good = (band == one) & (m > 0) & (flag == 0)
        yield Curve(path.stem, str(one), t[good], m[good], dm[good])


#: survey -> format
FORMATS: dict[str, Format] = {
    "ATLAS": Format(lambda h: h.startswith("###MJD"), _atlas, "MJD"),
    "ASAS-3": Format(lambda h: "#dataset=" in h and "MAG_0" in h, _asas, "HJD"),
    "EROS-2": Format(lambda h: h.startswith("# star:"), eros2.read_old, "HJD"),
    "ZTF": Format(
        _columns("oid", "hjd", "mjd", "mag", "magerr", "catflags", "filtercode", "ra", "dec"),
        _ztf,
        "HJD; JD where HJD is missing",
    ),
    "ASAS-SN": Format(_columns("hjd", "camera", "mag", "mag_err"), asassn.read_light_curve, "HJD"),
    "Gaia": Format(
        _columns("transit_id", "band", "time", "mag", "flux_over_error"),
        gaia.read_light_curve,
        "BJD(TCB)",
    ),
    "Hipparcos": Format(
        lambda h: bool(re.match(r"\s*\d+\|[^|]*\|[^|]*\|\s*\d+\|\s*\d+\s*\n", h)),
        hipparcos.read_epochs,
        "BJD(TT)",
    ),
}


def recognise(head: str) -> Format | None:
    """The format of a file that begins with `head`; None for a plain table."""
    return next((f for f in FORMATS.values() if f.looks(head)), None)


def names_differ(curves: list[Curve]) -> bool:
    """Whether there is more than one star among `curves`."""
    return any(a.star_id != b.star_id for a, b in pairwise(curves))

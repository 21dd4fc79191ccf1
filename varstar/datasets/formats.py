"""Light-curve files that are no tables: the pages of ASAS-3, EROS-2 and Hipparcos.

Each format is one row of `FORMATS`: how it looks, which reader takes it, and the scale of
its times. What is none of them is a table (`varstar.datasets.containers`).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from varstar.datasets.archives import asas, eros2, hipparcos
from varstar.datasets.convert import Curve
from varstar.datasets.measurements import Measurements


class Format(NamedTuple):
    """How a survey's file looks, and what reads it."""

    looks: Callable[[str], bool]
    read: Callable[[Path], Iterator[Curve]]
    time_scale: str


def _asas(path: Path) -> Iterator[Curve]:
    # A star is called hhmmss-ddmm.m: that is no ending of a file's name.
    yield asas.read_light_curve(path, path.name if path.suffix[1:].isdigit() else path.stem)


#: survey -> format
FORMATS: dict[str, Format] = {
    "ASAS-3": Format(lambda h: "#dataset=" in h and "MAG_0" in h, _asas, "HJD"),
    "EROS-2": Format(lambda h: h.startswith("# star:"), eros2.read_old, "HJD"),
    "Hipparcos": Format(
        lambda h: bool(re.match(r"\s*\d+\|[^|]*\|[^|]*\|\s*\d+\|\s*\d+\s*\n", h)),
        hipparcos.read_epochs,
        "BJD(TT)",
    ),
}


def recognise(head: str) -> str | None:
    """The format of a file that begins with `head`; None for a table."""
    return next((name for name, f in FORMATS.items() if f.looks(head)), None)


def read(path: Path, asked: Mapping[str, Any]) -> Measurements | None:
    """The measurements of a file in one of `FORMATS`; None for a table, or named columns."""
    star_id = asked.get("star_id")
    if set(asked) - {"star_id"} or isinstance(star_id, int):
        return None
    with open(path, "rb") as f:
        name = recognise(f.read(4000).decode("utf-8", errors="replace"))
    if name is None:
        return None
    curves = list(FORMATS[name].read(path))
    if star_id is not None and len({c.star_id for c in curves}) > 1:
        raise ValueError(f"{path}: star_id={star_id!r}: the file holds several stars")
    n = [len(c.t) for c in curves]
    if not sum(n):
        raise ValueError(f"{path}: no measurements")
    obs = pd.DataFrame(
        {
            "star_id": np.repeat([star_id or c.star_id for c in curves], n),
            "band": np.repeat([c.band for c in curves], n),
            **{k: np.concatenate([getattr(c, k) for c in curves]) for k in ("t", "mag", "err")},
        }
    )
    stars = pd.DataFrame(index=pd.Index(obs["star_id"].unique(), name="star_id"))
    stars["time_scale"] = FORMATS[name].time_scale
    report = {
        "layout": name, "source": "", "columns": {}, "units": {}, "left_out": {}, "guessed": [],
        "time": {"scale": FORMATS[name].time_scale, "unit": "d", "added": 0.0},
        "stars": len(stars), "rows": len(obs), "measurements": len(obs),
        "bands": {str(b): int(k) for b, k in obs["band"].value_counts().items()},
        "notes": ["only good points are kept, as the survey's reader does"],
    }  # fmt: skip
    return Measurements(obs, stars, report)

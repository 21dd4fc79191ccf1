"""ASAS-3: the ASAS Catalogue of Variable Stars (ACVS) and its V-band light curves.

The catalogue (``ACVS.1.1``, white space): ID PER HJD0 VMAX VAMP TYPE GCVS_ID GCVS_TYPE, then
infrared fluxes and colours. The star's name is its position: ``hhmmss-ddmm.m``.

A star's light curve is a page of blocks, one a field of the survey::

    #dataset= 1 ; 1 F0800+08_393
    #     HJD      MAG_0  MAG_1  MAG_2  MAG_3  MAG_4   MER_0 MER_1 MER_2 MER_3 MER_4 GRADE FRAME
     2635.70854  13.242 13.300 13.410 13.523 13.467   0.031 0.031 0.026 0.030 0.035 A 32256

Quirks
------
- HJD - 2 450 000. 29.999 is "not measured". Grades: A best, B mean, C has a 29.999 in it,
  D useless: A and B are kept, as Tsang & Schultz (2019) do.
- Five apertures: ``MAG_0`` (the smallest) by default; `read_light_curve` takes another.
- Blocks have zero points of their own, which differ by a few hundredths of a magnitude; they
  are not shifted here. A time that occurs in two blocks is kept once, the first.
- The catalogue's automatic class may be several: ``ESD/EC`` becomes ``ECL (unspecified)``,
  other mixtures ``MISC``; the raw class stays in ``acvs_class``.
- The address of the catalogue file is not verified.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from varstar.datasets.archives.text import full_jd, number, rows
from varstar.datasets.convert import Curve

SURVEYS = {
    "asas_acvs": {
        "title": "ASAS Catalogue of Variable Stars (ASAS-3)",
        "holds": "light curves",
        "archive": "asas",
        "bands": ["V"],
        "classes": "EC, ED, ESD, ECL (unspecified), RRAB, RRC, DSCT, MIRA, ACV, BCEP, DCEP-FU, "
        "DCEP-FO, CW-FU, CW-FO, MISC",
        "stars": "50 122 in ACVS 1.1",
        "time_scale": "HJD",
        "papers": ["k21", "sm", "ts19"],
        "citation": ["Pojmański 2002, AcA 52, 397", "Pojmański et al. 2005, AcA 55, 275"],
        "terms": "Public; cite the papers named.",
        "base": "http://www.astrouw.edu.pl",
        "pause": 1.0,
        "files": [{"path": "ACVS.1.1.gz", "url": "/asas/data/ACVS.1.1.gz"}],
        "bulk": [],
        "star_files": [
            {
                "path": "lc/{star_id}.txt",
                "url": "/cgi-asas/asas_cgi_get_data?{star_id},asas3",
                "optional": True,
            }
        ],
        "unverified": "the address of the catalogue file",
    }
}

_COLUMNS = ["star_id", "period", "t0", "mean_mag", "amplitude", "acvs_class", "other_id",
            "other_class"]  # fmt: skip
_ECLIPSING = {"EC", "ED", "ESD"}


def label_of(acvs_class: str) -> str:
    """One label of an ACVS class, which may be several with ``/`` or ``=`` between."""
    words = acvs_class.replace("=", "/").split("/")
    if len(words) == 1:
        return "MISC" if ":" in words[0] else words[0]
    return "ECL (unspecified)" if set(words) <= _ECLIPSING else "MISC"


def position(star_id: str) -> tuple[float, float]:
    """RA and Dec [deg] from a name ``hhmmss-ddmm.m``."""
    sign = -1.0 if star_id[6] == "-" else 1.0
    h, m, s = float(star_id[:2]), float(star_id[2:4]), float(star_id[4:6])
    return 15 * (h + m / 60 + s / 3600), sign * (float(star_id[7:9]) + float(star_id[9:]) / 60)


def catalogue(raw: Path, name: str = "asas_acvs", types: list[str] | None = None) -> pd.DataFrame:
    """The stars of ACVS from ``ACVS.1.1`` (plain or gzipped) under `raw`."""
    path = _catalogue_file(raw)
    out = []
    for i, line in rows(path):
        words = line.split()
        if len(words) < 6 or len(words[0]) < 12 or words[0][6] not in "+-":
            raise ValueError(
                f"{path}: line {i}: expected {_COLUMNS}. Received: {line[:60]!r} (truncated?)"
            )
        row = dict(zip(_COLUMNS, words, strict=False))
        row["ra"], row["dec"] = position(words[0])
        out.append(row)
    stars = pd.DataFrame(out).drop_duplicates("star_id", ignore_index=True)
    for column in ("period", "t0", "mean_mag", "amplitude"):
        stars[column] = [number(v) for v in stars[column]]
    stars.loc[~(stars["period"] > 0), "period"] = np.nan
    stars["t0"] = full_jd(stars["t0"])
    stars["label"] = [label_of(c) for c in stars["acvs_class"]]
    stars["survey"], stars["bands"] = "ASAS-3 (ACVS)", "V"
    stars["label_source"] = "ACVS 1.1 (Pojmański 2002 AcA 52,397; automatic classification)"
    stars["time_scale"] = "HJD"
    if types:
        stars = stars[stars["label"].isin(types)]
    return stars


def _catalogue_file(raw: Path) -> Path:
    import gzip

    plain, packed = raw / "ACVS.1.1", raw / "ACVS.1.1.gz"
    if not plain.is_file() and packed.is_file():
        try:
            text = gzip.decompress(packed.read_bytes())
        except (OSError, EOFError) as error:
            raise ValueError(f"{packed}: not a whole gzip file (truncated?): {error}") from error
        temporary = plain.with_name("ACVS.1.1.tmp")
        temporary.write_bytes(text)
        temporary.replace(plain)
    if not plain.is_file():
        raise ValueError(f"{raw}: expected ACVS.1.1 or ACVS.1.1.gz")
    return plain


def light_curves(raw: Path, name: str, stars: pd.DataFrame) -> Iterator[Curve]:
    """The light curves ``lc/<star>.txt`` under `raw`; times are HJD."""
    for star_id in stars["star_id"]:
        path = raw / "lc" / f"{star_id}.txt"
        if path.is_file():
            yield read_light_curve(path, star_id)


def read_light_curve(
    path: Path, star_id: str | None = None, aperture: int = 0, grades: str = "AB"
) -> Curve:
    """One star's page: all its blocks, sorted by time, each time once.

    Parameters
    ----------
    path : path
    star_id : str, optional
        The file's name by default.
    aperture : int
        0, the smallest, to 4.
    grades : str
        Grades to keep.
    """
    if aperture not in range(5):
        raise ValueError(f"aperture: expected 0 to 4. Received: {aperture!r}")
    names: list[str] = []
    points = []
    for i, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
        words = line.split()
        if line.lstrip().startswith("#"):
            words = line.lstrip("# ").split()
            if "HJD" in words and "GRADE" in words:
                names = words
            continue
        if not words:
            continue
        if not names:
            raise ValueError(f"{path}: line {i}: expected ASAS-3 blocks with a header of columns. "
                             f"Received: {line[:60]!r}")  # fmt: skip
        if len(words) < len(names) - 1:  # FRAME alone may lack
            raise ValueError(f"{path}: line {i}: expected {len(names)} values (truncated?). "
                             f"Received: {line[:60]!r}")  # fmt: skip
        row = dict(zip(names, words, strict=False))
        if row["GRADE"] in grades:
            points.append((row["HJD"], row[f"MAG_{aperture}"], row[f"MER_{aperture}"]))
    t, mag, err = np.array(points, float).reshape(-1, 3).T
    t = full_jd(t)
    measured = mag < 29
    t, mag, err = t[measured], mag[measured], err[measured]
    _, first = np.unique(t, return_index=True)
    return Curve(star_id or path.stem, "V", t[first], mag[first], err[first])

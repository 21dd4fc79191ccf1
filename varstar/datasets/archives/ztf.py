"""ZTF: periodic variables of Chen et al. (2020), light curves from IRSA.

Three doors: IRSA's light-curve query (CSV, one position or object a request), IRSA's bulk
Parquet files, and HATS catalogues through LSDB.

Quirks
------
- One star has an object id (``oid``) for each band, field and CCD quadrant; all within the
  search radius (1.5 arcsec) are put together by band. Their zero points differ slightly.
- ``hjd`` may be missing: then the whole file takes JD = MJD + 2 400 000.5, which is not
  heliocentric (up to 8 minutes). ``oid`` needs 64 bits.
- Only measurements with ``catflags == 0`` are kept.
- Bulk and HATS files give ``hmjd`` (heliocentric MJD) and flat or nested lists; their
  ``filterid`` is 1 g, 2 r, 3 i.
- Types of Chen et al.: about 2 % are wrong, and 1 % of the periods.
- The column names of the VizieR table J/ApJS/249/18/table2 were read in others' programs.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from varstar.datasets.archives.table import read_curves
from varstar.datasets.archives.text import numbers, pick, vizier
from varstar.datasets.convert import Curve

_BASE = "https://irsa.ipac.caltech.edu"
_RELEASE = "ztf_dr24"
_QUERY = (
    "/cgi-bin/ZTF/nph_light_curves?{what}&BANDNAME=g,r,i&BAD_CATFLAGS_MASK=32768"
    "&COLLECTION=" + _RELEASE + "&FORMAT=csv"
)
HATS = "https://data.lsdb.io/hats/ztf_dr22"
MJD = 2_400_000.5
FILTERS = {1: "g", 2: "r", 3: "i"}

SURVEYS = {
    "ztf": {
        "title": "ZTF periodic variables",
        "holds": "light curves",
        "archive": "ztf",
        "bands": ["g", "r", "i"],
        "classes": "EW, EA, RR, RRc, CEP, CEPII, DSCT, Mira, SR, RSCVN, BYDra",
        "stars": "781 602",
        "time_scale": "HJD; JD where HJD is missing",
        "papers": ["s26"],
        "citation": ["Bellm et al. 2019, PASP 131, 018002", "Chen et al. 2020, ApJS 249, 18"],
        "terms": "Public; acknowledge ZTF and IRSA, cite the papers named.",
        "base": _BASE,
        "estimate": 240_000_000,
        "pause": 2.0,
        "files": [
            {
                "path": "table2.tsv",
                "url": "https://vizier.cds.unistra.fr/viz-bin/asu-tsv?-source=J/ApJS/249/18/table2"
                "&-out.all&-out.max=unlimited",
            }
        ],
        "bulk": [],
        "star_files": [
            {
                "path": "lc/{star_id}.csv",
                "url": _QUERY.format(what="POS=CIRCLE+{ra:.6f}+{dec:.6f}+0.000417"),
                "optional": True,
            }
        ],
        "unverified": "the column names of the VizieR table",
    }
}

_NAMES = {
    "star_id": ("ID", "ZTF"),
    "label": ("Type",),
    "ra": ("RAdeg", "RAJ2000", "RA_ICRS", "_RAJ2000"),
    "dec": ("DEdeg", "DEJ2000", "DE_ICRS", "_DEJ2000"),
    "period": ("Per", "Period"),
    "period_g?": ("Per-g", "Per_g"),
    "period_r?": ("Per-r", "Per_r"),
    "amplitude?": ("rAmp", "Amp-r", "Amp_r"),
    "amplitude_g?": ("gAmp", "Amp-g", "Amp_g"),
    "mean_mag?": ("rmag",),
    "mean_mag_g?": ("gmag",),
    "source_id?": ("SourceID",),
}


def query_url(
    ra: float | None = None,
    dec: float | None = None,
    oid: int | None = None,
    radius: float = 1.5,
    base: str = _BASE,
) -> str:
    """Address of one light curve at IRSA: by position [deg] and radius [arcsec], or by id."""
    if oid is not None:
        return base + _QUERY.format(what=f"ID={int(oid)}")
    if ra is None or dec is None:
        raise ValueError(f"expected ra and dec, or oid. Received: ra={ra}, dec={dec}")
    return base + _QUERY.format(what=f"POS=CIRCLE+{ra:.6f}+{dec:.6f}+{radius / 3600:.6f}")


def catalogue(raw: Path, name: str = "ztf", types: list[str] | None = None) -> pd.DataFrame:
    """The stars of Chen et al.'s table 2, ``table2.tsv`` under `raw`."""
    path = raw / "table2.tsv"
    if not path.is_file():
        raise ValueError(f"{raw}: expected table2.tsv (VizieR J/ApJS/249/18)")
    stars = pick(vizier(path), _NAMES, path)
    for column in stars.columns:
        if column not in ("star_id", "label", "source_id"):
            stars[column] = numbers(stars[column])
    stars["survey"], stars["bands"] = "ZTF", "g,r,i"
    stars["label_source"] = "Chen et al. 2020, ApJS 249, 18"
    stars["time_scale"] = "HJD; JD (MJD + 2400000.5, not heliocentric) where HJD is missing"
    stars = stars.drop_duplicates("star_id", ignore_index=True)
    return stars[stars["label"].isin(types)] if types else stars


def light_curves(raw: Path, name: str, stars: pd.DataFrame) -> Iterator[Curve]:
    """The light curves ``lc/<star_id>.csv`` under `raw`."""
    for star_id in stars["star_id"]:
        path = raw / "lc" / f"{star_id}.csv"
        if path.is_file():
            yield from read_light_curve(path, star_id)


def read_light_curve(path: Path, star_id: str | None = None) -> Iterator[Curve]:
    """One query's answer: a curve a band, all object ids together, good points only."""
    yield from read_curves(path, star_id)


def read_bulk(path: Path, good_only: bool = True) -> Iterator[Curve]:
    """IRSA's bulk light curves, a Parquet of one row an object id with lists.

    ``objectid, filterid, hmjd, mag, magerr, catflags``; times become full HJD, and the
    star's name is the object id, which is another in each band and field.
    """
    import pyarrow.parquet as pq

    columns = ["objectid", "filterid", "hmjd", "mag", "magerr", "catflags"]
    with pq.ParquetFile(path) as file:
        missing = [c for c in columns if c not in file.schema_arrow.names]
        if missing:
            raise ValueError(
                f"{path}: missing columns {missing}. Received: {file.schema_arrow.names}"
            )
        for batch in file.iter_batches(batch_size=2048, columns=columns):
            for row in batch.to_pylist():
                flags = np.asarray(row["catflags"])
                good = flags == 0 if good_only else np.ones(len(flags), bool)
                t, mag, err = (np.asarray(row[c], float)[good] for c in columns[2:5])
                band = FILTERS.get(row["filterid"], str(row["filterid"]))
                yield Curve(str(row["objectid"]), band, t + MJD, mag, err)


def open_hats(url: str = HATS, **options):  # noqa: ANN201  (LSDB's own type, not installed here)
    """ZTF as an LSDB catalogue with its light curves nested in ``lc``.

    Needs ``pip install lsdb`` and the network; nothing is read before ``.compute()``. The
    result goes through ``map_partitions`` into varstar's functions.
    """
    try:
        import lsdb
    except ImportError as error:
        raise RuntimeError("HATS catalogues need LSDB: pip install lsdb") from error
    lists = ["hmjd", "mag", "magerr", "catflags"]
    catalog = lsdb.open_catalog(
        url, columns=["objectid", "filterid", "objra", "objdec", *lists], **options
    )
    return catalog.nest_lists(list_columns=lists, name="lc").query("lc.catflags == 0")

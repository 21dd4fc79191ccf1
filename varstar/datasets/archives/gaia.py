"""Gaia DR3: variability classes, epoch photometry, distances, through astroquery.

The classes of gaiadr3.vari_classifier_result, with magnitudes and Gaia's geometric distances
(Bailer-Jones et al. 2021); epoch photometry by DataLink, one CSV a star under ``lc/``.

Quirks
------
- Time is BJD(TCB) - 2 455 197.5; MJD = time + 55 197.0. It is kept in TCB, as full BJD.
- ``rejected_by_photometry`` and ``rejected_by_variability`` mark what to leave out.
- Periods come from the tables of RR Lyrae stars, Cepheids (fundamental mode first, then first
  overtone), eclipsing binaries and long-period variables, whichever has the star; the names
  of their columns are as documented, the query was never run from here.
- There is no error of a magnitude: err = 2.5 / ln 10 / flux_over_error.
- DataLink gives at most 5000 stars a request.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from varstar.datasets.archives.table import read_curves
from varstar.datasets.convert import Curve

SURVEYS = {
    "gaia-dr3": {
        "title": "Gaia DR3 variables with epoch photometry",
        "holds": "light curves",
        "archive": "gaia",
        "bands": ["G", "BP", "RP"],
        "classes": "RR, CEP, DSCT|GDOR|SXPHE, ECL, LPV, SOLAR_LIKE, AGN, ... (best_class_name)",
        "stars": "9.5 million classified",
        "time_scale": "BJD(TCB)",
        "papers": ["s26", "sm"],
        "citation": [
            "Gaia Collaboration, Vallenari et al. 2023, A&A 674, A1",
            "Rimoldini et al. 2023, A&A 674, A14",
            "Bailer-Jones et al. 2021, AJ 161, 147 (distances)",
        ],
        "terms": "Open; acknowledge ESA, Gaia and DPAC.",
        "base": "https://gea.esac.esa.int",
        "pause": 1.0,
        "unverified": "the query as a whole",
        "files": [],
        "bulk": [],
        "star_files": [],
        "how": "Get some stars with `python -m varstar data fetch gaia-dr3 --stars 1000` "
        "(needs `pip install astroquery`).",
    }
}

OFFSET = 2_455_197.5
#: column of the archive's answer -> whether it is a period [d] (else a frequency [1/d])
_PERIODS = {
    "rr_pf": True,
    "rr_p1": True,
    "cep_pf": True,
    "cep_p1": True,
    "ecl_frequency": False,
    "lpv_frequency": False,
}
_QUERY = """
SELECT TOP {stars} c.source_id, c.best_class_name, c.best_class_score, s.ra, s.dec,
       s.phot_g_mean_mag, s.bp_rp, s.parallax, s.parallax_error,
       d.r_med_geo, d.r_lo_geo, d.r_hi_geo, r.pf AS rr_pf, r.p1_o AS rr_p1,
       k.pf AS cep_pf, k.p1_o AS cep_p1, e.frequency AS ecl_frequency,
       l.frequency AS lpv_frequency
FROM gaiadr3.vari_classifier_result AS c
JOIN gaiadr3.gaia_source AS s USING (source_id)
LEFT JOIN external.gaiaedr3_distance AS d USING (source_id)
LEFT JOIN gaiadr3.vari_rrlyrae AS r USING (source_id)
LEFT JOIN gaiadr3.vari_cepheid AS k USING (source_id)
LEFT JOIN gaiadr3.vari_eclipsing_binary AS e USING (source_id)
LEFT JOIN gaiadr3.vari_long_period_variable AS l USING (source_id)
WHERE s.has_epoch_photometry = 'True' {which}
ORDER BY s.random_index
"""


def fetch(
    raw: Path,
    name: str,
    stars: int | None,
    types: list[str] | None = None,
    dry_run: bool = False,
    client: Any = None,
    chunk: int = 1000,
) -> dict[str, int]:
    """Ask the archive for `stars` random stars of `types` and their epoch photometry.

    Stars whose light curve is there already are not asked for again.
    """
    if stars is None:
        raise ValueError("gaia-dr3: expected --stars N; nobody fetches them all this way")
    which = ""
    if types:
        names = ", ".join("'" + t.replace("'", "''") + "'" for t in types)
        which = f"AND c.best_class_name IN ({names})"
    query = _QUERY.format(stars=int(stars), which=which)
    if dry_run:
        print(query.strip())
        return {"fetched": 0, "there": 0, "absent": 0, "bytes": 0}
    if client is None:
        try:
            from astroquery.gaia import Gaia as client
        except ImportError as error:
            raise RuntimeError("gaia-dr3 needs astroquery: pip install astroquery") from error
    (raw / "lc").mkdir(parents=True, exist_ok=True)
    table = client.launch_job_async(query).get_results().to_pandas()
    _write(table, raw / "catalogue.csv")
    wanted = [s for s in table["source_id"] if not (raw / "lc" / f"{s}.csv").is_file()]
    count = {"fetched": 0, "there": len(table) - len(wanted), "absent": 0, "bytes": 0}
    for i in range(0, len(wanted), chunk):
        answer = client.load_data(
            wanted[i : i + chunk], retrieval_type="EPOCH_PHOTOMETRY", data_structure="INDIVIDUAL",
            format="votable",
        )  # fmt: skip
        got = set()
        for products in answer.values():
            for product in products:
                light_curve = _to_pandas(product)
                source = int(light_curve["source_id"].iloc[0])
                path = raw / "lc" / f"{source}.csv"
                _write(light_curve, path)
                got.add(source)
                count["fetched"] += 1
                count["bytes"] += path.stat().st_size
        count["absent"] += len(set(wanted[i : i + chunk]) - got)
    return count


def _to_pandas(product: Any) -> pd.DataFrame:
    table = product.to_table() if hasattr(product, "to_table") else product
    return table.to_pandas() if hasattr(table, "to_pandas") else table


def _write(table: pd.DataFrame, path: Path) -> None:
    temporary = path.with_name(path.name + ".tmp")
    table.to_csv(temporary, index=False)
    temporary.replace(path)


def catalogue(raw: Path, name: str = "gaia-dr3", types: list[str] | None = None) -> pd.DataFrame:
    """The stars of ``catalogue.csv`` under `raw`; ``distance`` [pc] is the geometric median."""
    path = raw / "catalogue.csv"
    if not path.is_file():
        raise ValueError(f"{raw}: expected catalogue.csv, as fetch writes it")
    table = pd.read_csv(path, dtype={"source_id": str})
    missing = [c for c in ("source_id", "best_class_name") if c not in table.columns]
    if missing:
        raise ValueError(f"{path}: missing columns {missing}. Received: {list(table.columns)}")
    stars = table.rename(
        columns={
            "source_id": "star_id", "best_class_name": "label", "phot_g_mean_mag": "mean_mag",
            "best_class_score": "class_prob", "r_med_geo": "distance", "r_lo_geo": "distance_low",
            "r_hi_geo": "distance_high",
        }
    )  # fmt: skip
    stars["survey"], stars["bands"] = "Gaia DR3", "G,BP,RP"
    stars["label_source"] = "gaiadr3.vari_classifier_result (Rimoldini et al. 2023)"
    stars["time_scale"], stars["period"] = "BJD(TCB)", np.nan
    for column, is_period in _PERIODS.items():
        if column in stars.columns:
            values = stars[column].astype(float)
            stars["period"] = stars["period"].fillna(values if is_period else 1 / values)
    return stars[stars["label"].isin(types)] if types else stars


def light_curves(raw: Path, name: str, stars: pd.DataFrame) -> Iterator[Curve]:
    """The light curves ``lc/<source_id>.csv`` under `raw`; times are full BJD(TCB)."""
    for star_id in stars["star_id"].astype(str):
        path = raw / "lc" / f"{star_id}.csv"
        if path.is_file():
            yield from read_light_curve(path, star_id)


def read_light_curve(path: Path, star_id: str | None = None) -> Iterator[Curve]:
    """One star's epoch photometry: a curve a band, rejected transits left out."""
    yield from read_curves(path, star_id)

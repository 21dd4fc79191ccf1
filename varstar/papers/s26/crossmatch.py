"""Cross-matching of two catalogues by position and brightness, as S26 did it.

Szklenár et al. (2026, A&A 706, A346), Sect. 2.1: OGLE-IV to Gaia DR3 within 1", OGLE's I
against Gaia's RP within 1.0 mag; Gaia to ZTF, filter by filter, within 1.5 mag. Each star
gets a score,

=====  ======================================================================
3      a counterpart within the radius, and the magnitudes agree
2      one within the radius, but the magnitudes differ by more
1      one within the radius, of which no magnitude is known
0      none within the radius
=====  ======================================================================

and of several counterparts the nearest wins (`cross_match`). `one_to_one` keeps each
counterpart for one star only, `simulate_fields` makes pairs of catalogues of a crowded field
whose truth is known, and `completeness_purity` counts.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

#: S26's limits: radius ["] and magnitudes of OGLE I - Gaia RP.
RADIUS, RP_LIMIT = 1.0, 1.0
#: What the scores mean.
SCORES = {
    3: "near, magnitudes agree",
    2: "near, magnitudes differ",
    1: "near, no magnitude",
    0: "no counterpart",
}
#: Which of several counterparts wins.
PREFERENCES = ("nearest", "score")


def cross_match(
    left: pd.DataFrame,
    right: pd.DataFrame,
    *,
    radius: float = RADIUS,
    mag: Sequence[str] | None = None,
    limit: float = RP_LIMIT,
    offset: float = 0.0,
    prefer: str = "nearest",
    unique: bool = False,
) -> pd.DataFrame:
    """The counterpart of each star of `left` in `right`.

    Parameters
    ----------
    left, right : DataFrame
        Columns ``ra`` and ``dec`` [deg]; the index is the star's name. A row without a
        finite position has no counterpart and is none.
    radius : float
        Largest separation ["].
    mag : pair of str, optional
        Columns of the magnitudes to compare, in `left` and in `right`. Without them, or
        where one is missing, a counterpart has score 1.
    limit : float
        Largest ``|mag_left - mag_right - offset|`` of score 3 [mag].
    offset : float
        The colour expected of the stars [mag].
    prefer : "nearest" or "score"
        The nearest of several counterparts, as the paper; or one of the highest score, and
        the nearest among those.
    unique : bool
        Whether each star of `right` is given once only; see `one_to_one`.

    Returns
    -------
    DataFrame
        In the order of `left`, same index: ``match`` (name in `right`, missing without),
        ``separation`` ["], ``dmag`` (left minus right minus offset), ``score``,
        ``n_candidates`` (stars of `right` within the radius).

    Raises
    ------
    ValueError
        Missing columns, names that occur twice, positions that are none on the sky, a
        radius or limit that is not positive.
    """
    if not (np.isfinite(radius) and 0 < radius <= 3600):
        raise ValueError(f"radius: expected 0 to 3600 arcsec. Received: {radius!r}")
    if not limit > 0:
        raise ValueError(f"limit: expected a positive number of magnitudes. Received: {limit!r}")
    if prefer not in PREFERENCES:
        raise ValueError(f"prefer: expected one of {PREFERENCES}. Received: {prefer!r}")
    mags = (None, None) if mag is None else tuple(mag)
    if len(mags) != 2:
        raise ValueError(f"mag: expected two columns, of left and of right. Received: {mag!r}")
    here = _positions(left, "left", mags[0])
    there = _positions(right, "right", mags[1])
    i, j, separation = _pairs(left, right, here, there, radius)
    values = [
        np.full(len(table), np.nan) if column is None else _numbers(table, column)
        for table, column in ((left, mags[0]), (right, mags[1]))
    ]
    dmag = values[0][i] - values[1][j] - offset
    score = np.where(np.isfinite(dmag), np.where(np.abs(dmag) < limit, 3, 2), 1)
    pairs = pd.DataFrame({"i": i, "j": j, "separation": separation, "dmag": dmag, "score": score})
    by = ["separation", "j"] if prefer == "nearest" else ["score", "separation", "j"]
    pairs = pairs.sort_values(by, ascending=[b != "score" for b in by], kind="stable")
    count = np.bincount(i, minlength=len(left))
    best = one_to_one(pairs) if unique else pairs.drop_duplicates("i")
    best = best.set_index("i").reindex(range(len(left)))
    found = best["j"].notna().to_numpy()
    match = np.full(len(left), None, object)
    match[found] = right.index.to_numpy(object)[best["j"][found].to_numpy(int)]
    return pd.DataFrame(
        {
            "match": match,
            "separation": best["separation"].to_numpy(),
            "dmag": best["dmag"].to_numpy(),
            "score": best["score"].fillna(0).to_numpy(int),
            "n_candidates": count,
        },
        index=left.index,
    )


def one_to_one(pairs: pd.DataFrame) -> pd.DataFrame:
    """Of pairs in the order of their merit, those whose two stars are both still free.

    Parameters
    ----------
    pairs : DataFrame
        Columns ``i`` and ``j``, the two stars; the best pair first.

    Returns
    -------
    DataFrame
        Rows of `pairs`: every ``i`` and every ``j`` at most once.
    """
    left, right, keep = set(), set(), []
    for row, (i, j) in enumerate(zip(pairs["i"], pairs["j"], strict=True)):
        if i not in left and j not in right:
            left.add(i)
            right.add(j)
            keep.append(row)
    return pairs.iloc[keep]


def completeness_purity(matches: pd.DataFrame, true: pd.Series, lowest: int = 1) -> dict:
    """How many true counterparts are found, and how many of the found are true.

    Parameters
    ----------
    matches : DataFrame
        From `cross_match`.
    true : Series
        The true name in the other catalogue by star; missing where there is none.
    lowest : int
        Only counterparts with at least this score count as found.

    Returns
    -------
    dict
        ``stars``, ``with_counterpart``, ``found``, ``right``, and their ratios
        ``completeness`` = right / with_counterpart, ``purity`` = right / found (NaN where
        there are none).
    """
    truth = true.reindex(matches.index)
    found = matches["match"].notna() & (matches["score"] >= lowest)
    right = found & truth.notna() & (matches["match"] == truth)
    n, m, r = int(truth.notna().sum()), int(found.sum()), int(right.sum())
    return {
        "stars": len(matches),
        "with_counterpart": n,
        "found": m,
        "right": r,
        "completeness": r / n if n else np.nan,
        "purity": r / m if m else np.nan,
    }


def simulate_fields(
    density: float,
    *,
    n: int = 2000,
    seed: int = 0,
    errors: Sequence[float] = (0.1, 0.25),
    depth: float = 21.0,
    faint: float = 0.25,
    unmeasured: float = 0.1,
    colour: Sequence[float] = (0.0, 0.35),
    seeing: float = 0.8,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """Variable stars and a crowded catalogue that holds most of them: a truth to match.

    Parameters
    ----------
    density : float
        Stars of the second catalogue per square arcminute (the bulge: several hundred).
    n : int
        Variable stars of the first.
    seed : int
    errors : pair of float
        Standard deviations of the positions, each coordinate ["].
    depth : float
        Faintest magnitude of the second catalogue. Stars are more the fainter they are:
        ``log10 N = 0.3 m``, from magnitude 14; the variables are brighter than 19.
    faint : float
        Part of the variables that the second catalogue has not, as too faint or blended.
    unmeasured : float
        Part of the second catalogue without a magnitude.
    colour : pair of float
        Mean and standard deviation of left minus right magnitude, of true pairs.
    seeing : float
        Stars of the second catalogue nearer than this to a brighter one are lost ["].

    Returns
    -------
    left, right : DataFrame
        ``ra``, ``dec`` [deg], ``mag``; indices ``"V0"`` ..., ``"S0"`` ...
    true : Series
        For each star of `left`, its name in `right`, missing where it has none.
    """
    if not density > 0:
        raise ValueError(f"density: expected stars per square arcminute > 0. Received: {density!r}")
    rng = np.random.default_rng(seed)
    # A square around (270, 0) deg with 20 background stars for each variable at most.
    side = 60 * np.sqrt(max(n / 20, 1.0) * 20 / density)
    side = max(side, 12 * np.sqrt(n))  # variables a dozen arcseconds apart, on average
    m = int(density * (side / 60) ** 2)
    place = rng.uniform(0, side, (n, 2))
    brightness = _luminosity(rng, n, 14.0, 19.0)
    there = rng.random(n) >= faint
    other = rng.uniform(0, side, (m, 2))
    xy = np.concatenate([place[there], other])
    mag = np.concatenate(
        [
            brightness[there] - rng.normal(*colour, int(there.sum())),
            _luminosity(rng, m, 14.0, depth),
        ]
    )
    owner = np.concatenate([np.flatnonzero(there), np.full(m, -1)])
    xy = xy + rng.normal(0, errors[1], xy.shape)
    kept = _resolved(xy, mag, seeing)
    order = rng.permutation(np.flatnonzero(kept))
    xy, mag, owner = xy[order], mag[order], owner[order]
    names = np.array([f"S{k}" for k in range(len(xy))], object)
    true = np.full(n, None, object)
    true[owner[owner >= 0]] = names[owner >= 0]
    mag = np.where(rng.random(len(mag)) < unmeasured, np.nan, mag)
    seen = place + rng.normal(0, errors[0], place.shape)
    left = _table(seen, brightness, [f"V{k}" for k in range(n)])
    right = _table(xy, mag, names)
    return left, right, pd.Series(true, index=left.index, name="true")


def _luminosity(rng: np.random.Generator, n: int, bright: float, faint: float) -> np.ndarray:
    """Magnitudes with ``log10 N = 0.3 m`` between two limits."""
    low, high = 10 ** (0.3 * bright), 10 ** (0.3 * faint)
    return np.log10(low + (high - low) * rng.random(n)) / 0.3


def _resolved(xy: np.ndarray, mag: np.ndarray, seeing: float) -> np.ndarray:
    """Mask of the stars without a brighter one nearer than `seeing`."""
    from scipy.spatial import cKDTree

    kept = np.ones(len(xy), bool)
    for i, j in cKDTree(xy).query_pairs(seeing, output_type="ndarray"):
        kept[i if mag[i] > mag[j] else j] = False
    return kept


def _table(xy: np.ndarray, mag: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
    ra, dec = 270 + xy[:, 0] / 3600, xy[:, 1] / 3600  # at the equator an arcsecond is one
    return pd.DataFrame({"ra": ra, "dec": dec, "mag": mag}, index=pd.Index(names, name="star_id"))


def _positions(table: pd.DataFrame, side: str, mag: str | None) -> np.ndarray:
    """Rows with a position; errors about what cannot be a catalogue."""
    missing = [c for c in ("ra", "dec", mag) if c is not None and c not in table.columns]
    if missing:
        raise ValueError(
            f"{side}: expected the columns ra, dec [deg]{f' and {mag!r}' if mag else ''}. "
            f"Missing: {missing}. Received: {list(table.columns)[:12]}"
        )
    if not table.index.is_unique:
        twice = table.index[table.index.duplicated()][:3].tolist()
        raise ValueError(f"{side}: expected every name once. Received twice: {twice}")
    ra, dec = _numbers(table, "ra"), _numbers(table, "dec")
    good = np.isfinite(ra) & np.isfinite(dec)
    if (np.abs(dec[good]) > 90).any() or (np.abs(ra[good]) > 360).any():
        raise ValueError(f"{side}: expected ra and dec in degrees. Received values beyond the sky")
    return np.flatnonzero(good)


def _numbers(table: pd.DataFrame, column: str) -> np.ndarray:
    return pd.to_numeric(table[column], errors="coerce").to_numpy(float, na_value=np.nan)


def _pairs(
    left: pd.DataFrame, right: pd.DataFrame, here: np.ndarray, there: np.ndarray, radius: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All pairs within the radius: rows of left, rows of right, separations ["]."""
    from astropy import units as u
    from astropy.coordinates import SkyCoord

    if not len(here) or not len(there):
        empty = np.empty(0, np.int64)
        return empty, empty, np.empty(0)
    a, b = (
        SkyCoord(_numbers(t, "ra")[rows] * u.deg, _numbers(t, "dec")[rows] * u.deg)
        for t, rows in ((left, here), (right, there))
    )
    # search_around_sky gives the rows of its argument first
    j, i, separation, _ = a.search_around_sky(b, radius * u.arcsec)
    return here[i], there[j], separation.arcsec


#: Pairs of real catalogues that share stars, with what `cross_match` needs.
CATALOGUE_PAIRS: dict[str, dict[str, Any]] = {
    "ogle-macho": {"left": "ogle4_lmc_cep", "right": "macho_catalog",
                   "mag": ("mean_mag_V", "magave_kv"), "limit": 1.0},
    "linear-catalina": {"left": "linear_catalog", "right": "catalina_css_catalog",
                        "mag": ("mean_mag", "mean_mag"), "limit": 1.5},
}  # fmt: skip


def stars_of(name: str) -> pd.DataFrame:
    """The table of stars of a survey under VARSTAR_DATA, with or without light curves.

    Rows whose name occurs twice are taken once.
    """
    from varstar import paths

    path = paths.data() / name / "stars.parquet"
    if not path.is_file():
        raise FileNotFoundError(f"expected {path.name} of {name!r} under VARSTAR_DATA")
    stars = pd.read_parquet(path).set_index("star_id")
    return stars[~stars.index.duplicated()]


def match_pair(name: str, radius: float) -> pd.DataFrame:
    """`cross_match` of one of `CATALOGUE_PAIRS`, and whether the periods agree, by score."""
    if name not in CATALOGUE_PAIRS:
        raise ValueError(f"unknown pair {name!r}. Known: {sorted(CATALOGUE_PAIRS)}")
    pair = CATALOGUE_PAIRS[name]
    left, right = stars_of(pair["left"]), stars_of(pair["right"])
    found = cross_match(left, right, radius=radius, mag=pair["mag"], limit=pair["limit"])
    table = periods_agree(left, right, found)
    first = {"left": pair["left"], "right": pair["right"], "radius": radius, "stars": len(left)}
    return pd.concat([pd.DataFrame([first] * len(table)), table], axis=1)


def periods_agree(
    left: pd.DataFrame, right: pd.DataFrame, matches: pd.DataFrame, tolerance: float = 0.01
) -> pd.DataFrame:
    """Matches by score, and how often the two catalogues' periods show the same star.

    Parameters
    ----------
    left, right : DataFrame
        With ``period`` [d].
    matches : DataFrame
        From `cross_match`.
    tolerance : float
        Relative; half and twice the period count too, as catalogues differ on binaries.

    Returns
    -------
    DataFrame
        ``score``, ``found``, ``median_separation`` ["], ``median_dmag``, ``compared``
        (pairs with two periods), ``agree`` (part of them).
    """
    found = matches[matches["match"].notna()]
    rows = []
    for score, part in found.groupby("score"):
        p = left.loc[part.index, "period"].to_numpy(float)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = p / right.loc[part["match"], "period"].to_numpy(float)
        known = np.isfinite(ratio) & (ratio > 0)
        near = np.abs(ratio[known][:, None] / np.array([1, 2, 0.5]) - 1) < tolerance
        rows.append(
            {
                "score": int(score),
                "found": len(part),
                "median_separation": part["separation"].median(),
                "median_dmag": part["dmag"].median(),
                "compared": int(known.sum()),
                "agree": float(near.any(axis=1).mean()) if known.any() else np.nan,
            }
        )
    return pd.DataFrame(rows)

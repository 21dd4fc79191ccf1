"""Cross-matching: scores and choices by hand, one to one, chains, crowded fields."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from varstar.papers.s26 import crossmatch as cm

ARCSEC = 1 / 3600


def catalogue(rows, names):
    return pd.DataFrame(rows, columns=["ra", "dec", "mag"], index=list(names))


def names(found, column="match"):
    return [None if pd.isna(v) else v for v in found[column]]


LEFT = catalogue(
    [
        (10.0, 0, 15.0), (20.0, 0, 15.0), (30.0, 0, 15.0), (40.0, 0, 15.0), (50.0, 0, 15.0),
    ],
    "ABCDE",
)  # fmt: skip
RIGHT = catalogue(
    [
        (10.0 + 0.5 * ARCSEC, 0, 15.9),  # a: near, agrees
        (20.0, 0.5 * ARCSEC, 16.1),  # b: near, differs
        (30.0, -0.2 * ARCSEC, np.nan),  # c: near, no magnitude
        (40.0 + 1.1 * ARCSEC, 0, 15.0),  # d: too far
        (50.0, 0.3 * ARCSEC, 18.0),  # e: nearest of E, differs
        (50.0, 0.8 * ARCSEC, 15.2),  # f: further, agrees
    ],
    "abcdef",
)


def test_scores_of_s26_by_hand():
    found = cm.cross_match(LEFT, RIGHT, mag=("mag", "mag"))
    assert names(found) == ["a", "b", "c", None, "e"]
    assert found["score"].tolist() == [3, 2, 1, 0, 2]
    assert found["n_candidates"].tolist() == [1, 1, 1, 0, 2]
    assert found["separation"].to_numpy() == pytest.approx([0.5, 0.5, 0.2, np.nan, 0.3],
                                                           abs=1e-6, nan_ok=True)  # fmt: skip
    assert found["dmag"].iloc[0] == pytest.approx(-0.9)
    assert set(found["score"]) <= set(cm.SCORES)


def test_other_limits_and_the_score_first():
    wide = cm.cross_match(LEFT, RIGHT, mag=("mag", "mag"), limit=1.5)
    assert wide["score"].tolist() == [3, 3, 1, 0, 2]
    best = cm.cross_match(LEFT, RIGHT, mag=("mag", "mag"), prefer="score")
    assert names(best) == ["a", "b", "c", None, "f"]
    assert best.loc["E", "score"] == 3
    shifted = cm.cross_match(LEFT, RIGHT, mag=("mag", "mag"), offset=-1.0)
    assert shifted["score"].tolist()[:2] == [3, 3]
    positions = cm.cross_match(LEFT, RIGHT, radius=2.0)
    assert positions["score"].tolist() == [1, 1, 1, 1, 1]


def test_the_limit_itself_is_outside():
    right = catalogue([(10.0, 0, 14.0)], "a")
    assert cm.cross_match(LEFT[:1], right, mag=("mag", "mag"))["score"].iloc[0] == 2


def test_right_ascension_near_zero_and_the_pole():
    left = catalogue([(0.0001, 0, 1), (10.0, 89.9999, 1)], "AB")
    right = catalogue([(359.9999, 0, 1), (190.0, 89.9999, 1)], "ab")
    found = cm.cross_match(left, right)
    assert found["separation"].to_numpy() == pytest.approx([0.72, 0.72], abs=1e-4)


def test_one_to_one():
    left = catalogue([(10.0, 0.0, 1), (10.0, 0.8 * ARCSEC, 1)], "AB")
    right = catalogue([(10.0, 0.3 * ARCSEC, 1), (10.0, -0.6 * ARCSEC, 1)], "ab")
    many = cm.cross_match(left, right)
    assert names(many) == ["a", "a"]
    single = cm.cross_match(left, right, unique=True)
    assert names(single) == ["a", None]  # A-a is nearest; B has no other within 1"
    assert single["n_candidates"].tolist() == [2, 1]
    pairs = pd.DataFrame({"i": [0, 1, 0, 1], "j": [5, 5, 6, 7]})
    assert cm.one_to_one(pairs)[["i", "j"]].to_numpy().tolist() == [[0, 5], [1, 7]]


def test_completeness_and_purity_by_hand():
    found = cm.cross_match(LEFT, RIGHT, mag=("mag", "mag"))
    true = pd.Series(["a", "b", None, "d", "f"], list("ABCDE"))
    got = cm.completeness_purity(found, true)
    assert (got["stars"], got["with_counterpart"], got["found"], got["right"]) == (5, 4, 4, 2)
    assert (got["completeness"], got["purity"]) == (0.5, 0.5)
    sure = cm.completeness_purity(found, true, lowest=3)
    assert (sure["completeness"], sure["purity"]) == (0.25, 1.0)
    assert np.isnan(cm.completeness_purity(found[3:4], true[3:4])["purity"])


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 25), st.integers(0, 25))
def test_against_all_pairs_one_by_one(seed, n, m):
    rng = np.random.default_rng(seed)
    left, right = (
        catalogue(np.column_stack([rng.uniform(0, 4, (k, 2)) * ARCSEC, rng.uniform(14, 17, k)]),
                  [f"{s}{i}" for i in range(k)])
        for s, k in (("L", n), ("R", m))
    )  # fmt: skip
    found = cm.cross_match(left, right, mag=("mag", "mag"))
    for name, row in found.iterrows():
        d = np.hypot(right["ra"] - left.loc[name, "ra"], right["dec"] - left.loc[name, "dec"])
        near = d[d < ARCSEC]
        assert row["n_candidates"] == len(near)
        assert (row["match"] == near.idxmin()) if len(near) else pd.isna(row["match"])
    single = cm.cross_match(left, right, mag=("mag", "mag"), unique=True)
    assert single["match"].dropna().is_unique


def test_bad_input():
    for options, text in (
        ({"radius": 0}, "radius"),
        ({"radius": np.nan}, "radius"),
        ({"limit": -1}, "limit"),
        ({"prefer": "brightest"}, "prefer"),
        ({"mag": ("mag",)}, "mag"),
        ({"mag": ("mag", "rp")}, "rp"),
    ):
        with pytest.raises(ValueError, match=text):
            cm.cross_match(LEFT, RIGHT, **options)
    with pytest.raises(ValueError, match="twice"):
        cm.cross_match(LEFT, pd.concat([RIGHT, RIGHT]))
    with pytest.raises(ValueError, match="dec"):
        cm.cross_match(LEFT.drop(columns="dec"), RIGHT)
    with pytest.raises(ValueError, match="beyond the sky"):
        cm.cross_match(LEFT.assign(dec=120.0), RIGHT)
    lost = cm.cross_match(LEFT.assign(ra=np.nan), RIGHT)
    assert lost["score"].eq(0).all()
    assert cm.cross_match(LEFT[:0], RIGHT).empty
    assert cm.cross_match(LEFT, RIGHT[:0])["match"].isna().all()
    with pytest.raises(ValueError, match="density"):
        cm.simulate_fields(0)


def test_crowding_costs_purity():
    def purity(density, lowest):
        left, right, true = cm.simulate_fields(density, n=600, seed=5)
        found = cm.cross_match(left, right, mag=("mag", "mag"))
        return cm.completeness_purity(found, true, lowest)

    empty, crowded = purity(5, 1), purity(2000, 1)
    assert empty["purity"] > 0.97
    assert empty["completeness"] > 0.97
    assert crowded["purity"] < 0.8
    assert purity(2000, 3)["purity"] > crowded["purity"] + 0.1
    left, right, true = cm.simulate_fields(300, n=100, seed=5)
    assert left.index.is_unique
    assert right.index.is_unique
    assert set(true.dropna()) <= set(right.index)


@pytest.mark.real
def test_ogle_cepheids_in_macho(real_data):
    """Two surveys of the LMC; that their periods agree is a proof of identity."""
    ogle, macho = (
        pd.read_parquet(real_data / name / "stars.parquet").set_index("star_id")
        for name in ("ogle4_lmc_cep", "macho_catalog")
    )
    found = cm.cross_match(ogle, macho, radius=3.0, mag=("mean_mag_V", "magave_kv"))
    sure = found[found["score"] == 3]
    ratio = (
        ogle.loc[sure.index, "period"].to_numpy() / macho.loc[sure["match"], "period"].to_numpy()
    )
    assert len(sure) > 500
    assert np.mean(np.abs(ratio[np.isfinite(ratio)] - 1) < 0.01) > 0.98

"""The shipped model `any`: columns, known signals, wrong periods, constants, determinism."""

import numpy as np
import pandas as pd
import pytest

import varstar as vs
from varstar import papers, taxonomy
from varstar.models import store
from varstar.papers.any.fit import FAMILIES

pytestmark = pytest.mark.skipif("any" not in store.available(), reason="not trained yet")


def nights(n, rng, years=4):
    return np.sort(np.floor(rng.uniform(0, 365 * years, n)) + rng.normal(0.3, 0.1, n))


def sample_of(curves, band="V", err=0.02, **columns):
    parts = [
        pd.DataFrame({"star_id": k, "t": t, "mag": m, "err": err, "band": band})
        for k, (t, m) in enumerate(curves)
    ]
    stars = pd.DataFrame({"star_id": range(len(curves)), **columns})
    return vs.make_sample(pd.concat(parts), stars)


def rr_lyrae(rng, n=180, period=0.5437, zero=15.0):
    t = nights(n, rng)
    phase = (t / period) % 1.0
    rise = np.where(phase < 0.15, 1 - phase / 0.15, (phase - 0.15) / 0.85)
    return t, zero + 0.9 * rise**0.8 + rng.normal(0, 0.02, n)


def algol(rng, n=300, period=2.871):
    t = nights(n, rng)
    phase = (t / period) % 1.0
    deep = np.exp(-0.5 * ((phase - 0.5) / 0.025) ** 2)
    second = np.exp(-0.5 * (np.minimum(phase, 1 - phase) / 0.025) ** 2)
    return t, 13 + 0.8 * deep + 0.25 * second + rng.normal(0, 0.015, n)


def mira(rng, n=150):
    t = nights(n, rng, 8)
    return t, 11 + 1.8 * np.sin(2 * np.pi * t / 287.0) + rng.normal(0, 0.03, n)


def constant(rng, n=120):
    return nights(n, rng), 14 + rng.normal(0, 0.02, n)


@pytest.fixture(scope="module")
def answer():
    rng = np.random.default_rng(0)
    curves = [rr_lyrae(rng), algol(rng), mira(rng), constant(rng)]
    return vs.classify(sample_of(curves))


def test_columns_are_known_without_a_star(answer):
    card = vs.models.card("any")
    expected = papers.classifier(card).columns(card)
    assert {k: str(v) for k, v in answer.dtypes.items()} == expected
    assert list(answer.columns[:2]) == ["family", "family_probability"]
    assert answer.columns[-3:].tolist() == ["period", "period_source", "status"]
    rng = np.random.default_rng(0)
    empty = vs.classify(sample_of([constant(rng)]).iloc[:0])
    assert empty.dtypes.to_dict() == answer.dtypes.to_dict()


def test_known_signals(answer):
    assert answer["family"].tolist() == ["RR", "ECL", "LPV", "CONST"]
    assert answer["label"].tolist()[:3] == ["RRAB", "EA", "M"]
    assert answer["period"].iloc[0] == pytest.approx(0.5437, rel=1e-3)
    assert answer["period"].iloc[1] == pytest.approx(2.871, rel=1e-3)
    assert answer["period"].iloc[2] == pytest.approx(287.0, rel=0.02)
    assert (answer["status"] == "ok").all()


def test_probabilities_families_and_sets_agree(answer):
    p = answer[FAMILIES]
    assert p.sum(axis=1).to_numpy() == pytest.approx(1, abs=1e-9)
    assert answer["family"].tolist() == p.idxmax(axis=1).tolist()
    assert answer["family_probability"].to_numpy() == pytest.approx(p.max(axis=1).to_numpy())
    assert (answer["probability"] <= answer["family_probability"] + 1e-9).all()
    members = taxonomy.families()
    for _, row in answer.iterrows():
        assert row["label"] in [*members[row["family"]], row["family"]]
        assert set(row["set"].split("|")) <= set(FAMILIES)
        assert row["family"] in row["set"].split("|")
    assert answer["period_probability"].between(0, 1).all()
    assert answer["novelty_percentile"].between(0, 100).all()


def test_a_wrong_period_does_not_rule():
    rng = np.random.default_rng(1)
    curves = [rr_lyrae(rng), algol(rng)]
    table = vs.classify(sample_of(curves, period=[0.7391, 0.9113]))
    assert table["family"].tolist() == ["RR", "ECL"]
    assert table["period"].to_numpy() == pytest.approx([0.5437, 2.871], rel=1e-3)
    assert table["period_source"].tolist() == ["found", "found"]


def test_a_right_period_is_kept_as_it_was_given():
    rng = np.random.default_rng(2)
    table = vs.classify(sample_of([rr_lyrae(rng)], period=[0.5437]))
    assert table["period"].tolist() == [0.5437]
    assert table["period_source"].tolist() == ["given"]


def test_zero_point_order_and_company_do_not_matter():
    rng = np.random.default_rng(3)
    t, m = rr_lyrae(rng)
    some = rng.permutation(len(t))
    other = mira(rng)
    table = vs.classify(sample_of([(t, m), (t[some], m[some]), (t, m + 3.0), other]))
    alone = vs.classify(sample_of([(t, m)]))
    p = table[FAMILIES].to_numpy()
    np.testing.assert_allclose(p[1], p[0], atol=1e-6)
    np.testing.assert_allclose(p[2], p[0], atol=0.02)
    np.testing.assert_allclose(alone[FAMILIES].to_numpy()[0], p[0], atol=1e-9)
    again = vs.classify(sample_of([(t, m)]))
    pd.testing.assert_frame_equal(alone, again)


def test_noise_trends_and_outliers_do_not_vary():
    rng = np.random.default_rng(4)
    curves = []
    for k in range(60):
        t, m = constant(rng, int(rng.integers(25, 300)))
        if k % 3 == 1:
            m = m + 0.04 * (t - t[0]) / np.ptp(t)
        if k % 3 == 2:
            m[rng.integers(0, len(m), 2)] += rng.normal(0, 0.3, 2)
        curves.append((t, m))
    table = vs.classify(sample_of(curves))
    assert (table["family"] == "CONST").mean() > 0.95


def test_few_points_give_large_sets_and_fewer_a_reason():
    rng = np.random.default_rng(5)
    curves = [tuple(a[:n] for a in rr_lyrae(rng, 200)) for n in (12, 5)]
    table = vs.classify(sample_of(curves))
    assert table["status"].iloc[0] == "ok"
    assert len(table["set"].iloc[0].split("|")) > 1
    assert table["status"].iloc[1] == "fewer than 8 valid points"
    assert pd.isna(table["family"].iloc[1])
    assert not table["is_novel"].iloc[1]


def test_several_bands_and_many_points():
    rng = np.random.default_rng(6)
    t, m = rr_lyrae(rng, 240)
    obs = pd.DataFrame({"star_id": 0, "t": t, "mag": m, "err": 0.02})
    obs["band"] = np.where(np.arange(240) % 3 == 0, "r", "g")
    obs.loc[obs["band"] == "r", "mag"] -= 0.6
    table = vs.classify(vs.make_sample(obs))
    assert table["bands_used"].tolist() == ["g,r"]
    assert table["family"].tolist() == ["RR"]
    t = np.arange(0, 27, 0.002)
    bright = 10 + 0.2 * np.sin(2 * np.pi * t / 0.0831) + rng.normal(0, 0.005, len(t))
    assert vs.classify(sample_of([(t, bright)]))["status"].tolist() == ["ok"]

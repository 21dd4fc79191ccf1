"""Novelty from folded sequences: its parts by hand, and the shipped model."""

import warnings

import numpy as np
import pandas as pd
import pytest

import varstar as vs
from varstar.learning import evaluate, novelty, trees
from varstar.models import store
from varstar.papers.ts19 import classifier as sc

MODEL = "ts19-catalina"


def test_normal_scores_of_a_gaussian_are_the_numbers_themselves():
    rng = np.random.default_rng(0)
    x = rng.normal(0, 1, (40_000, 1))
    quantiles = np.quantile(x, sc.QUANTILES, axis=0)
    points = np.array([[-2.0], [0.0], [0.5], [2.0]])
    assert sc.normal_scores(points, quantiles)[:, 0] == pytest.approx(points[:, 0], abs=0.08)
    # Linear beyond the last quantile, at most 12 deviations.
    far = sc.normal_scores(np.array([[4.0], [5.0], [99.0], [-99.0]]), quantiles)[:, 0]
    assert far[0] < far[1] < far[2]
    assert far[2:].tolist() == [12, -12]


def test_normal_scores_of_a_constant_feature_are_finite():
    quantiles = np.full((15, 1), 3.0)
    assert np.isfinite(sc.normal_scores(np.array([[3.0], [4.0]]), quantiles)).all()


@pytest.fixture(scope="module")
def two_classes():
    rng = np.random.default_rng(1)
    labels = np.repeat(["A", "B"], 300)
    x = rng.normal(0, 1, (600, 3)) + np.where(labels == "A", 0, 8)[:, None]
    return x, labels, sc.fit_misfit(x, labels, ["A", "B"])


def test_misfit_is_the_rank_within_the_best_class(two_classes):
    x, _, state = two_classes
    own = sc.misfit(x, state)
    assert own[:300].mean() == pytest.approx(0.5, abs=0.03)
    assert own[300:].mean() == pytest.approx(0.5, abs=0.03)
    far = sc.misfit(np.array([[12.0, 12, 12], [40, 40, 40], [-4, -4, -4]]), state)
    assert (far >= 1).all()  # farther out than all of either class
    assert far[1] > far[0]
    # In the middle of a class: nearer than nearly all.
    assert sc.misfit(np.zeros((1, 3)), state)[0] < 0.1


def test_what_is_missing_says_nothing(two_classes):
    _, _, state = two_classes
    gap = sc.misfit(np.array([[0.0, np.nan, 0.0]]), state)
    median = sc.misfit(np.array([[0.0, state["quantiles"][7, 1], 0.0]]), state)
    assert gap == pytest.approx(median)


def test_tails_by_hand():
    known = np.arange(100_000) / 100_000
    tail = sc.fit_tail(known)
    scores = np.array([0.5, 0.9, 0.99])
    assert sc.minus_log_tail(scores, tail) == pytest.approx(
        -np.log([0.5, 0.1, 0.01]) + 1e-3 * scores, abs=0.02
    )
    assert sc.percentile(scores, tail) == pytest.approx([50, 90, 99], abs=0.3)
    beyond = sc.minus_log_tail(np.array([1.0, 5.0, 50.0]), tail)
    assert (np.diff(beyond) > 0).all()


def test_entropy_by_hand():
    assert sc.entropy(np.array([[0.5, 0.5], [1.0, 0.0]])) == pytest.approx([np.log(2), 0], abs=1e-6)


def test_a_kept_forest_answers_as_the_fitted_one():
    from sklearn.ensemble import ExtraTreesClassifier

    rng = np.random.default_rng(0)
    x = rng.normal(0, 1, (400, 5)).astype(np.float32)
    y = np.where(x[:, 0] > 0, "a", np.where(x[:, 1] > 0, "b", "c"))
    forest = ExtraTreesClassifier(
        n_estimators=12, max_leaf_nodes=30, min_samples_leaf=3, class_weight="balanced",
        random_state=0,
    ).fit(x, y)  # fmt: skip
    kept = trees.to_arrays(forest)
    new = rng.normal(0, 1, (300, 5)).astype(np.float32)
    assert trees.predict(kept, new) == pytest.approx(forest.predict_proba(new), abs=4e-3)


def test_a_kept_isolation_forest_answers_as_the_fitted_one():
    from sklearn.ensemble import IsolationForest

    rng = np.random.default_rng(0)
    x = rng.normal(0, 1, (500, 4)).astype(np.float32)
    forest = IsolationForest(n_estimators=25, max_samples=128, random_state=0).fit(x)
    kept = trees.to_arrays(forest)
    new = np.vstack([rng.normal(0, 1, (200, 4)), np.full((1, 4), 9.0)]).astype(np.float32)
    score = trees.predict(kept, new)
    assert score == pytest.approx(-forest.score_samples(new), abs=5e-3)
    assert score.argmax() == 200


def test_mean_depth_by_hand():
    # 2 (ln(n - 1) + gamma) - 2 (n - 1) / n, exactly 1 for two samples and 0 for one
    assert trees.average_path([1, 2]).tolist() == [0, 1]
    expected = 2 * (np.log(255) + 0.5772156649) - 2 * 255 / 256
    assert trees.average_path([256])[0] == pytest.approx(expected)


# --- the shipped model --------------------------------------------------------------------


def test_the_card_says_what_it_is():
    card = store.card(MODEL)
    assert card["paper"] == "TS19"
    assert card["training"]["kind"] == "real"
    never = set(card["training"]["never learned from"])
    assert never == {"LPV", "Blazhko", "Misc (type code 11)", "LMC-Cep-I"}
    assert not never & set(card["classes"])
    assert set(card["training"]["stars"]) == set(card["classes"])
    assert sum(f.endswith(".weights.h5") for f in card["files"]) == 3
    size = sum((store.folder(MODEL) / f).stat().st_size for f in card["files"])
    assert size < 1_000_000


def test_scores_that_the_card_claims():
    scores = store.card(MODEL)["scores"]
    chosen = scores["novelty, leave one class out"]["mean"]
    assert max(chosen, key=chosen.get) == store.card(MODEL)["novelty"]["score"]
    test = scores["novelty, final test"]
    mine, forest = (
        test[store.card(MODEL)["novelty"]["score"]],
        test["isolation forest, sixteen features"],
    )
    assert mine["all"][0] > forest["all"][0]


@pytest.fixture(scope="module")
def answer():
    sample = vs.load("sim-catalina", size=40, seed=3)
    sample = sample[sample["period"].notna().to_numpy()]
    return sample, vs.classify(sample, model=MODEL)


def test_simulated_stars_get_class_and_novelty(answer):
    _, table = answer
    classes = store.card(MODEL)["classes"]
    assert (table["status"] == "ok").all()
    assert table[classes].sum(axis=1).to_numpy() == pytest.approx(np.ones(len(table)), abs=1e-6)
    assert np.isfinite(table[["novelty", *sc.PARTS]].to_numpy(float)).all()
    assert table["novelty"].to_numpy() == pytest.approx(table[sc.PARTS].sum(axis=1).to_numpy())
    assert table["novelty_percentile"].between(0, 100).all()
    assert (table["is_novel"] == (table["novelty_percentile"] > 95)).all()
    order = table.sort_values("novelty")["novelty_percentile"]
    assert order.is_monotonic_increasing


def test_a_star_is_judged_alike_alone_and_among_others(answer):
    sample, table = answer
    alone = vs.classify(sample.iloc[[5]], model=MODEL)
    columns = [*store.card(MODEL)["classes"], "novelty", "novelty_percentile"]
    assert alone[columns].iloc[0].to_numpy(float) == pytest.approx(
        table[columns].iloc[5].to_numpy(float), abs=1e-3
    )


def test_bad_stars_have_a_reason_and_no_novelty():
    t = np.linspace(0, 300, 60)
    rows = [("good", t, 14 + 0.3 * np.sin(t)), ("two", t[:2], [12.0, 12.5]),
            ("flat", t, np.full(60, 12.0)), ("missing", t, np.full(60, 99.999))]  # fmt: skip
    observations = pd.concat(
        pd.DataFrame({"star_id": name, "t": x, "mag": m, "err": 0.05, "band": "V"})
        for name, x, m in rows
    )
    sample = vs.make_sample(observations).assign(period=2 * np.pi)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        table = vs.classify(sample, model=MODEL)
    assert table["status"].tolist() == [
        "ok", "fewer than 20 valid points", "constant magnitude", "no valid points",
    ]  # fmt: skip
    assert table["novelty"].notna().tolist() == [True, False, False, False]
    assert table["is_novel"].isna().tolist() == [False, True, True, True]
    assert table["label"].isna().tolist() == [False, True, True, True]


@pytest.mark.real
def test_real_stars_of_another_sky(real_data):
    """Stars of the Catalina North, none of which it has seen."""
    known = {"EW": "Ecl (contact/semi-detached, EW/EB)", "EA": "EA", "RRab": "RRab", "RRc": "RRc",
             "RRd": "RRd", "RS_CVn": "Rotational", "ACEP": "ACEP", "Cep_II": "Cep-II"}  # fmt: skip
    sample = vs.load("catalina_css_north", root=real_data, size=900, seed=1)
    sample = sample[sample["label"].isin([*known, "LPV"]).to_numpy()]
    table = vs.classify(sample, model=MODEL)
    is_known = (sample["label"] != "LPV").to_numpy()
    truth = sample["label"][is_known].map(known)
    assert evaluate.scores(truth, table["label"][is_known])["accuracy"] > 0.8
    score = table["novelty"].to_numpy()
    assert novelty.auc(score[is_known], score[~is_known]) > 0.92
    assert table["is_novel"][~is_known].mean() > 0.75
    # Three times the 5 % of the survey that it learned from: the card says so.
    assert 0.01 < table["is_novel"][is_known].mean() < 0.2

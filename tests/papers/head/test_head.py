"""The leaderboard: the same stars for all, nothing lost, statistics by hand."""

import numpy as np
import pandas as pd
import pytest

from varstar import taxonomy
from varstar.papers.head import board, example, leaderboard, methods, survey, tracks

CHOSEN = {"size": 120, "most": 8, "minimum": 4, "seed": 1}


@pytest.fixture(scope="module")
def stars(tmp_path_factory):
    """A small simulated survey, its columns measured."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VARSTAR_CACHE", str(tmp_path_factory.mktemp("cache")))
        return survey.prepared("sim-ogle4", "I", False, CHOSEN)


def of(stars, entry, **options):
    return tracks.in_survey(stars, entry, **{"folds": 3, "use": 3, "seeds": [0], **options})


def known(train, labels, test):
    """A method that knows the answer, through a column that holds it."""
    return np.eye(len(np.unique(labels)))[test.table["truth"].to_numpy(int)]


def test_a_survey(stars):
    counts = pd.Series(stars.labels).value_counts()
    assert counts.max() <= 8
    assert counts.min() >= 4
    assert set(stars.families) - {""} <= set(taxonomy.families())
    assert list(stars.table.index) == list(stars.sample.index)
    assert all(c.partition(":")[0] in ("sixteen", "shape", "catch22") for c in stars.table)
    period = stars.search["period"].to_numpy()
    np.testing.assert_allclose(stars.table["sixteen:period"], period, rtol=1e-6)
    assert set(stars.ms) == {"period", "sixteen", "shape", "catch22"}


def test_a_catalogue_period_is_taken_where_there_is_one(stars):
    sample = stars.sample.iloc[:4].copy()
    sample["period"] = [0.5, np.nan, -1.0, 0.7]
    found, given = (survey.measure(sample, g)["search"]["period"].to_numpy() for g in (False, True))
    assert given.tolist() == [0.5, found[1], found[2], 0.7]


def test_every_star_is_judged_once_and_never_by_itself(stars):
    seen = []

    def spy(train, labels, test):
        seen.append((set(train.sample.index), list(test.sample.index)))
        assert list(train.labels) == list(labels)
        return np.full((len(test.labels), len(np.unique(labels))), 0.1)

    run = of(stars, {"function": spy})
    assert not run["error"]
    assert sorted(run["row"]) == list(range(len(stars.labels)))
    for learned, judged in seen:
        assert learned.isdisjoint(judged)
        assert len(learned) + len(judged) == len(stars.labels)


def test_the_hash_of_the_folds(stars):
    fold = tracks.fold_of(stars, 3, 0)
    here = survey.split_hash(stars, fold)
    assert here == survey.split_hash(stars, tracks.fold_of(stars, 3, 0))
    assert here != survey.split_hash(stars, tracks.fold_of(stars, 3, 1))
    assert here != survey.split_hash(stars.stars(np.arange(len(fold) - 1)), fold[:-1])


def test_who_knows_the_answer_wins_and_random_labels_give_chance(stars):
    code = pd.Categorical(stars.labels).codes
    cheat = stars._replace(table=stars.table.assign(truth=code))
    runs = {
        (board.REFERENCE, "s", "own"): of(cheat, methods.entries()[board.REFERENCE]),
        ("best", "s", "own"): of(cheat, {"function": known}),
        ("00_majority", "s", "own"): of(cheat, methods.entries()["00_majority"]),
    }
    table = board.leaderboard(runs, {("s", "own"): cheat}, n=60).set_index("method")
    assert table.loc["best", "macro_f1"] == 1
    assert table.loc["best", "log_loss"] == pytest.approx(0, abs=1e-9)
    assert table.loc["best", "difference"] == pytest.approx(
        1 - table.loc[board.REFERENCE, "macro_f1"]
    )
    assert table.loc["best", "p_holm"] < 0.1
    assert table.loc["00_majority", "difference"] < 0
    mixed = np.random.default_rng(0).permutation(stars.labels)
    lost = of(stars._replace(labels=mixed), methods.entries()[board.REFERENCE])
    told = board.scores(mixed[lost["row"]], lost["probability"][0], np.unique(mixed))
    assert told["accuracy"] < 3 / len(np.unique(mixed))


def test_an_entrant_that_fails_keeps_its_row(stars):
    def broken(train, labels, test):
        raise RuntimeError("no more memory")

    def short(train, labels, test):
        return np.ones((1, 1))

    runs = {
        (name, "s", "own"): of(stars, {"function": f}, use=1)
        for name, f in (("broken", broken), ("short", short))
    }
    runs["00_majority", "s", "own"] = of(stars, methods.entries()["00_majority"], use=1)
    table = board.leaderboard(runs, {("s", "own"): stars}, n=20).set_index("method")
    assert table.loc["broken", "error"] == "RuntimeError: no more memory"
    assert "expected finite probabilities of shape" in table.loc["short", "error"]
    assert np.isnan(table.loc["broken", "macro_f1"])
    assert np.isfinite(table.loc["00_majority", "macro_f1"])


def test_the_example_and_every_quick_entrant_answer(stars):
    for name, entry in methods.entries().items():
        if entry["method"] in ("majority", "columns", "kernels"):
            run = of(stars, entry, use=1)
            assert not run["error"], (name, run["error"])
            assert run["probability"].sum(axis=2) == pytest.approx(1)
    run = of(stars, {"function": example.nearest_means}, use=1)
    assert not run["error"]
    with pytest.raises(ValueError, match="unknown method 'x'"):
        methods.method("x")


def test_folded_means_of_a_known_curve(stars):
    from varstar.lightcurves.sample import LightCurves, nest

    t = np.sort(np.random.default_rng(0).uniform(0, 50, 400))
    mag = 15 - np.cos(2 * np.pi * t / 0.7)  # brightest at t = 0
    flat = LightCurves(
        t, mag, np.full(400, 0.01), np.zeros(400, np.int8), np.array([0, 400]), ("V",)
    )
    sample = nest(flat, pd.DataFrame(index=pd.Index(["a"], name="star_id")))
    one = stars.stars(np.array([0]))._replace(
        sample=sample, search=pd.DataFrame({"period": [0.7]}, index=sample.index)
    )
    profile = methods.folded_means(one, 32)[0]
    centre = (np.arange(32) + 0.5) / 32
    assert np.corrcoef(profile, -np.cos(2 * np.pi * centre))[0, 1] > 0.98
    none = one._replace(search=pd.DataFrame({"period": [np.nan]}, index=sample.index))
    assert not methods.folded_means(none, 32).any()


def test_from_survey_to_survey_shared_stars_do_not_teach(stars):
    ra = np.arange(len(stars.labels)) * 0.01
    here = stars._replace(sample=stars.sample.assign(ra=ra, dec=-30.0))
    there = here.stars(np.arange(0, len(ra), 2))
    assert survey.same_sky(here.sample, there.sample).tolist() == [
        k % 2 == 0 for k in range(len(ra))
    ]
    assert not survey.same_sky(here.sample, there.sample.drop(columns="ra")).any()
    learned = []

    def spy(train, labels, test):
        learned.extend(train.sample.index)
        return np.ones((len(test.labels), len(np.unique(labels))))

    answer = tracks.cross_survey(here, there, {"function": spy}, seed=0)
    assert not answer["error"]
    assert set(learned).isdisjoint(there.sample.index)
    assert set(answer["truth"]) <= set(there.families)


def test_few_labels_are_few(stars):
    sizes = []

    def spy(train, labels, test):
        sizes.append(pd.Series(labels).value_counts().max())
        return np.ones((len(test.labels), len(np.unique(labels))))

    for n in (1, 3):
        tracks.few_labels(stars, {"function": spy}, n, folds=3, seed=0)
    assert sizes == [1, 3]


def test_fewer_points(stars):
    counts = {}

    def measure(sample, given):
        counts[len(counts)] = np.asarray(sample["lc"].array.list_lengths).max()
        return {"search": stars.search.loc[sample.index], "table": stars.table.loc[sample.index]}

    entry = methods.entries()["00_majority"]
    found = tracks.by_points(stars, entry, [10, 25], measure, folds=3, seed=0)
    assert list(counts.values()) == [10, 25]
    assert set(found) == {"10", "25"}  # kept by the cache, which knows words alone


def test_answers_as_the_front_door_gives_them(stars):
    n, classes = len(stars.labels), np.unique(stars.labels)
    row = np.array([3, 0, 5])
    p = np.zeros((2, 3, len(classes)))
    p[:, 0, 1] = 1.0  # both seeds
    p[0, 1, 0], p[1, 1, 1] = 0.8, 0.7
    p[:, 2] = np.nan
    said = board.answers({"row": row, "probability": p, "error": "late"}, stars)
    assert list(said.index) == list(stars.sample.index[row])
    assert said["label"].tolist() == [classes[1], classes[0], ""]
    assert said["probability"].tolist()[:2] == pytest.approx([1.0, 0.4])
    assert said["status"].tolist() == ["ok", "ok", "late"]
    assert said["period"].tolist() == stars.search["period"].to_numpy()[row].tolist()
    assert n > 5


def test_holm_by_hand():
    # Sorted: .01 x 4, .02 x 3, .03 x 2 (not below .06), .5 x 1
    assert board.holm([0.02, 0.5, 0.01, 0.03]) == pytest.approx([0.06, 0.5, 0.04, 0.06])
    assert board.holm([0.4, np.nan])[0] == pytest.approx(0.4)
    assert np.isnan(board.holm([0.4, np.nan])[1])


def test_scores_by_hand():
    told = board.scores(["a", "b"], np.array([[0.8, 0.2], [0.4, 0.6]]), ["a", "b"])
    assert told["macro_f1"] == 1
    assert told["log_loss"] == pytest.approx(-(np.log(0.8) + np.log(0.6)) / 2)
    assert told["ece"] == pytest.approx(0.3)  # .8 and .6 sure, both right
    unknown = board.scores(["z"], np.array([[0.8, 0.2]]), ["a", "b"])
    assert unknown["log_loss"] == pytest.approx(-np.log(1e-6))


def test_ranks_by_hand():
    rows = [
        ("a", "s1", 0.9),
        ("b", "s1", 0.8),
        ("a", "s2", 0.7),
        ("b", "s2", 0.6),
        ("c", "s1", 1.0),
    ]
    table = pd.DataFrame(rows, columns=["method", "survey", "macro_f1"]).assign(period="own")
    ranks = board.ranks(table)
    assert ranks["rank"].to_dict() == {"a": 1.0, "b": 2.0}  # c was not everywhere
    # q of two groups at 5 %: 1.960; CD = q sqrt(2 * 3 / (6 * 2))
    assert ranks["critical_difference"].iloc[0] == pytest.approx(1.96 * np.sqrt(0.5), rel=1e-3)


@pytest.mark.parametrize("gone", board.MUST)
def test_no_entry_without_seed_commit_and_lock(gone):
    record = {"seed": 1, "commit": "abc", "lock": "def"}
    table = pd.DataFrame({"method": ["a"]})
    board.check(table, record)
    with pytest.raises(ValueError, match=gone):
        board.check(table, {**record, gone: None})
    with pytest.raises(ValueError, match="commit, and run again"):
        board.check(table, {**record, "dirty": True})
    with pytest.raises(ValueError, match="without entries"):
        board.check(table[:0], record)


def test_the_page_is_made_from_the_tables():
    rows = [
        {"method": "01_forest_sixteen", "survey": "s", "period": "own", "macro_f1": 0.8, "low": 0.7,
         "high": 0.9, "mc": 0.8, "ms_star": 3.0, "error": None},
        {"method": "10_k21", "survey": "s", "period": "own", "macro_f1": 0.9, "low": 0.85,
         "high": 0.95, "mc": 0.9, "ms_star": 5.0, "error": None},
    ]  # fmt: skip
    text = leaderboard.page({"real": pd.DataFrame(rows)})
    assert "| K21, sixteen features, network and trees | **0.90** [0.85, 0.95] |" in text
    assert "| forest, sixteen features | 0.80 [0.70, 0.90] |" in text


def test_seeds_are_means_of_scores_not_an_ensemble(stars):
    truth = np.searchsorted(np.unique(stars.labels), stars.labels)
    n, k = len(truth), len(np.unique(truth))
    right, rows = np.eye(k)[truth], np.arange(n)
    wrong = np.eye(k)[(truth + 1) % k]
    # two sure answers that are right outvote one that is wrong: an ensemble would be perfect
    three = {"row": rows, "probability": np.stack([right, right, wrong])}
    perfect = {"row": rows, "probability": right[None]}
    difference = board.paired(three, perfect, stars, 20, 0)
    assert difference.value == pytest.approx(2 / 3 - 1)
    np.testing.assert_allclose(difference.draws, -1 / 3)

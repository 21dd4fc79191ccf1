"""Scores of novelty: by hand, by properties, against a slow reference."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from varstar.learning import novelty

RNG = np.random.default_rng(4)
few = settings(max_examples=25, deadline=None)
values = st.lists(st.integers(-20, 20), min_size=1, max_size=12)


# --- cuts, ROC ----------------------------------------------------------------------------


def test_detections_by_hand() -> None:
    training = np.arange(101.0)  # its percentiles are the values themselves
    known = np.array([10.0, 50.0, 85.0, 96.0])
    novel = np.array([20.0, 95.0, 97.0, 99.0, 300.0])
    table = novelty.detections(training, known, novel)
    assert table["cut"].tolist() == [95.0, 80.0]
    # above 95: 97, 99, 300 of the novel (95 itself is not), 96 of the known
    assert table.loc[95, ["precision", "recall", "f1", "false_alarms"]].tolist() == pytest.approx(
        [3 / 4, 3 / 5, 2 / 3, 1 / 4]
    )
    assert table.loc[80, ["precision", "recall", "f1", "false_alarms"]].tolist() == pytest.approx(
        [4 / 6, 4 / 5, 8 / 11, 2 / 4]
    )


def test_nothing_found_is_precision_zero() -> None:
    table = novelty.detections(np.array([5.0, 6.0]), np.zeros(3), np.zeros(2), [100])
    assert table.loc[100, ["precision", "recall", "f1", "false_alarms"]].tolist() == [0, 0, 0, 0]


def test_detections_agree_with_sklearn() -> None:
    from sklearn.metrics import precision_recall_fscore_support

    training, known, novel = RNG.normal(size=300), RNG.normal(size=90), RNG.normal(1, 1, 40)
    row = novelty.detections(training, known, novel, [90]).loc[90]
    found = np.concatenate([known, novel]) > np.percentile(training, 90)
    truth = np.repeat([False, True], [90, 40])
    wanted = precision_recall_fscore_support(truth, found, average="binary")[:3]
    assert row[["precision", "recall", "f1"]].tolist() == pytest.approx(list(wanted))


def test_more_novel_stars_raise_precision_only() -> None:
    training, known, novel = RNG.normal(size=500), RNG.normal(size=200), RNG.normal(2, 1, 20)
    one = novelty.detections(training, known, novel).loc[95]
    ten = novelty.detections(training, known, np.tile(novel, 10)).loc[95]
    assert ten["precision"] > one["precision"]
    assert ten["recall"] == one["recall"]
    assert ten["false_alarms"] == one["false_alarms"]
    expected = novelty.expected_precision(one["recall"], one["false_alarms"], 200 / 400)
    assert ten["precision"] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("recall", "alarms", "share", "wanted"),
    [(1.0, 0.0, 0.01, 1.0), (0.0, 0.0, 0.5, 0.0), (0.5, 0.5, 0.2, 0.2), (0.9, 0.1, 0.0, 0.0)],
)
def test_expected_precision(recall: float, alarms: float, share: float, wanted: float) -> None:
    assert novelty.expected_precision(recall, alarms, share) == pytest.approx(wanted)


def test_expected_precision_needs_shares() -> None:
    with pytest.raises(ValueError, match="share: expected"):
        novelty.expected_precision(0.5, 0.1, 1.5)


def test_auc_by_hand() -> None:
    # pairs (known, novel): 1<2, 1<3, 3>2, 3=3 -> (1 + 1 + 0 + 1/2) / 4
    assert novelty.auc(np.array([1.0, 3.0]), np.array([2.0, 3.0])) == pytest.approx(2.5 / 4)


@few
@given(values, values)
def test_auc_does_not_mind_a_monotone_transform(known: list, novel: list) -> None:
    a, b = np.array(known, float), np.array(novel, float)
    plain = novelty.auc(a, b)
    assert novelty.auc(np.exp(a / 10) - 3, np.exp(b / 10) - 3) == pytest.approx(plain)
    assert novelty.auc(-a, -b) == pytest.approx(1 - plain)
    assert novelty.auc(b, a) == pytest.approx(1 - plain)


@few
@given(values, values)
def test_auc_is_the_area_under_roc_and_a_count_of_pairs(known: list, novel: list) -> None:
    a, b = np.array(known, float), np.array(novel, float)
    curve = novelty.roc(a, b)
    area = np.trapezoid(curve["recall"], curve["false_alarms"])
    pairs = np.mean((b[:, None] > a) + 0.5 * (b[:, None] == a))
    assert novelty.auc(a, b) == pytest.approx(area)
    assert novelty.auc(a, b) == pytest.approx(pairs)
    assert (np.diff(curve["recall"]) >= 0).all()
    assert (np.diff(curve["false_alarms"]) >= 0).all()


def test_infinite_energies_count_as_the_largest() -> None:
    assert novelty.auc(np.array([0.0, 1.0]), np.array([np.inf, 2.0])) == 1.0


def test_interval_holds_the_auc_and_is_wider_by_star() -> None:
    known, novel = RNG.normal(size=80), RNG.normal(1, 1, 40)
    low, high = novelty.auc_interval(known, novel, seed=1)
    assert low < novelty.auc(known, novel) < high
    assert (low, high) == novelty.auc_interval(known, novel, seed=1)
    # four copies of each star tell nothing new: by star, the interval stays
    known4, novel4 = np.repeat(known, 4), np.repeat(novel, 4)
    stars = dict(known_stars=np.repeat(np.arange(80), 4), novel_stars=np.repeat(np.arange(40), 4))
    by_star = np.diff(novelty.auc_interval(known4, novel4, **stars, seed=1))
    by_row = np.diff(novelty.auc_interval(known4, novel4, seed=1))
    assert by_star > 1.5 * by_row


def test_by_kind() -> None:
    training, known = np.arange(101.0), np.array([1.0, 2.0])
    table = novelty.by_kind(training, known, np.array([99.0, 0.0, 97.0, 1.5]), list("abab"))
    assert table.loc["a"].tolist() == [2, 1.0, 1.0]
    assert table.loc["b"].tolist() == [2, 0.25, 0.0]
    with pytest.raises(ValueError, match="kinds: expected"):
        novelty.by_kind(training, known, known, ["a"])


@pytest.mark.parametrize("bad", [[], [np.nan, 1.0], [[1.0, 2.0]]])
def test_bad_scores(bad: list) -> None:
    good = np.array([0.0, 1.0])
    for function in (novelty.roc, novelty.auc):
        with pytest.raises(ValueError, match="known: expected"):
            function(np.array(bad), good)
    with pytest.raises(ValueError, match="training: expected"):
        novelty.detections(np.array(bad), good, good)


def test_stars_must_fit() -> None:
    with pytest.raises(ValueError, match="stars: expected 3"):
        novelty.auc_interval(np.arange(3.0), np.arange(2.0), known_stars=[1, 2])


# --- leave one class out ------------------------------------------------------------------


def distance(centres: dict[str, float], labels: np.ndarray):
    """A "model" that measures the distance to the nearest class that it was trained on."""

    def fit(train: np.ndarray, test: np.ndarray, seed: int) -> dict:
        assert not set(train) & set(test)
        x = np.array([centres[c] for c in labels]) + np.random.default_rng(seed).normal(
            0, 0.1, len(labels)
        )
        seen = np.array([centres[c] for c in np.unique(labels[train])])
        score = np.abs(x[:, None] - seen).min(axis=1)
        return {"distance": (score[train], score[test]), "nothing": (0 * train, 0 * test)}

    return fit


def test_leave_one_class_out() -> None:
    labels = np.repeat(["a", "b", "c"], [30, 20, 10])
    stars = np.arange(60) // 2  # two rows a star
    seen = []
    inner = distance({"a": 0.0, "b": 5.0, "c": 5.05}, labels)

    def fit(train: np.ndarray, test: np.ndarray, seed: int) -> dict:
        seen.append((set(stars[train]), set(stars[test]), set(labels[train])))
        return inner(train, test, seed)

    runs = novelty.leave_one_class_out(labels, fit, groups=stars, seeds=[0, 1])
    assert len(runs) == 3 * 2 * 2
    for train, test, classes in seen:
        assert not train & test
        assert len(classes) == 2
    assert runs.query("held_out == 'b'")["novel"].eq(20).all()
    assert runs.query("held_out == 'b'")["known"].eq(8).all()  # a fifth of forty, by star
    table = novelty.mean_sem_table(runs)
    assert table.loc[("a", "distance"), "auc"] == 1.0  # far from all others
    assert 0.3 < table.loc[("c", "distance"), "auc"] < 0.8  # beside "b"
    assert table.loc[("a", "nothing"), "auc"] == 0.5
    assert table.loc[("a", "nothing"), "f1_95"] == 0.0
    two = runs.query("held_out == 'c' and method == 'distance'")["auc"].to_numpy()
    sem = abs(two[0] - two[1]) / 2  # of two values: |a - b| / sqrt(2) / sqrt(2)
    assert table.loc[("c", "distance"), "auc_sem"] == pytest.approx(sem)
    once = novelty.leave_one_class_out(labels, fit, classes=["c"])
    assert np.isnan(novelty.mean_sem_table(once).loc[("c", "nothing"), "auc_sem"])


def test_classes_to_hold_out_must_be_there() -> None:
    with pytest.raises(ValueError, match="classes: expected"):
        novelty.leave_one_class_out(["a", "b"], lambda *_: {}, classes=["x"])
    with pytest.raises(ValueError, match="two or more"):
        novelty.leave_one_class_out(["a", "a"], lambda *_: {})

import numpy as np
import pytest

from varstar.learning import evaluate

#: A: 3 of 4 right, one taken for B; B: 1 of 2 right, one taken for A; C: never a star.
TRUE = ["A", "A", "A", "A", "B", "B"]
SAID = ["A", "A", "A", "B", "B", "A"]


def test_confusion_by_hand():
    matrix = evaluate.confusion(TRUE, SAID, ["A", "B"])
    assert matrix.to_numpy().tolist() == [[3, 1], [1, 1]]
    assert matrix.loc["A", "B"] == 1  # a row the truth, a column the answer
    assert (matrix.index.name, matrix.columns.name) == ("true", "predicted")
    percent = evaluate.confusion(TRUE, SAID, ["B", "A"], normalize=True)
    assert percent.to_numpy().tolist() == [[50, 50], [25, 75]]


def test_confusion_of_a_class_without_stars():
    percent = evaluate.confusion(TRUE, SAID, ["A", "B", "C"], normalize=True)
    assert percent.loc["C"].isna().all()
    assert percent.loc[["A", "B"]].notna().all(axis=None)


def test_report_by_hand():
    report = evaluate.classification_report(TRUE, SAID, ["A", "B", "C"])
    assert report.loc["A", ["precision", "recall", "f1"]].tolist() == [0.75, 0.75, 0.75]
    assert report.loc["B", ["precision", "recall", "f1"]].tolist() == [0.5, 0.5, 0.5]
    assert report.loc["C", ["precision", "recall", "f1"]].isna().all()
    assert report.loc["Average", "f1"] == 0.625
    assert report["stars"].tolist() == [4, 2, 0, 6]


def test_precision_and_recall_are_not_exchanged():
    report = evaluate.classification_report(["A", "A", "A", "A", "B"], list("ABBBB"), ["A", "B"])
    assert report.loc["A", ["precision", "recall"]].tolist() == [1.0, 0.25]
    assert report.loc["B", ["precision", "recall"]].tolist() == [0.25, 1.0]
    assert report.loc["B", "f1"] == pytest.approx(0.4)


def test_a_class_that_is_never_predicted_has_precision_0():
    report = evaluate.classification_report(["A", "B"], ["A", "A"], ["A", "B"])
    assert report.loc["B", ["precision", "recall", "f1"]].tolist() == [0, 0, 0]


@pytest.mark.parametrize("function", [evaluate.confusion, evaluate.classification_report])
def test_unknown_classes_and_lengths(function):
    with pytest.raises(ValueError, match=r"\['B'\] are not among the classes \['A'\]"):
        function(["A"], ["B"], ["A"])
    with pytest.raises(ValueError, match=r"as many predictions as labels. Received: 1, 2"):
        function(["A", "A"], ["A"], ["A"])


def test_single_numbers_by_hand():
    assert evaluate.macro_f1(TRUE, SAID) == 0.625
    # MCC = (TP TN - FP FN) / sqrt(...) = (3*1 - 1*1) / sqrt(4 * 4 * 2 * 2) = 0.25
    assert evaluate.mc(TRUE, SAID) == pytest.approx(0.625)
    assert evaluate.scores(TRUE, SAID) == pytest.approx(
        {"accuracy": 4 / 6, "macro_f1": 0.625, "mc": 0.625}
    )


def test_the_best_and_the_worst():
    assert evaluate.scores(TRUE, TRUE) == {"accuracy": 1, "macro_f1": 1, "mc": 1}
    assert evaluate.mc(["A", "B"], ["B", "A"]) == 0
    assert evaluate.mc(["A", "B"], ["A", "A"]) == 0.5  # no better than chance


def test_macro_f1_counts_the_classes_of_the_truth_alike():
    truth = ["A"] * 98 + ["B"] * 2
    assert evaluate.macro_f1(truth, ["A"] * 100) == pytest.approx((2 * 98 / 198 + 0) / 2)
    # An answer that no star has is wrong, but no class of its own; A: F1 = 2*1/(2+1).
    assert evaluate.macro_f1(["A", "A"], ["A", "Z"]) == pytest.approx(2 / 3)


def test_bootstrap():
    rng = np.random.default_rng(0)
    truth = np.repeat(["A", "B"], [400, 100])
    said = np.where(rng.random(500) < 0.8, truth, "C")
    low, high = evaluate.bootstrap(truth, said, n=300, seed=1)
    value = evaluate.macro_f1(truth, said)
    assert low < value < high
    assert high - low < 0.12
    assert evaluate.bootstrap(truth, said, n=300, seed=1) == (low, high)
    assert evaluate.bootstrap(truth, truth, n=20) == (1.0, 1.0)
    # The binomial error of the accuracy, 4 * sqrt(0.8 * 0.2 / 500) = 0.072 for 95 per cent.
    accuracy = evaluate.bootstrap(
        truth, said, lambda a, b: float(np.mean(a == b)), n=600, level=0.95
    )
    assert accuracy[1] - accuracy[0] == pytest.approx(0.070, rel=0.15)


def test_calibration_by_hand():
    probability = np.array([[0.9, 0.1], [0.85, 0.15], [0.3, 0.7], [0.35, 0.65], [0.0, 1.0]])
    table = evaluate.calibration(["A", "B", "B", "B", "B"], probability, ["A", "B"], n_bins=5)
    # (0.6, 0.8]: 0.7 and 0.65, both right; (0.8, 1]: 0.9, 0.85 and 1.0, two of three right.
    assert table["stars"].tolist() == [2, 3]
    assert table["low"].tolist() == pytest.approx([0.6, 0.8])
    assert table["high"].tolist() == pytest.approx([0.8, 1.0])
    assert table["confidence"].tolist() == pytest.approx([0.675, 2.75 / 3])
    assert table["accuracy"].tolist() == pytest.approx([1.0, 2 / 3])
    ece = evaluate.expected_calibration_error(table)
    assert ece == pytest.approx((2 * 0.325 + 3 * 0.25) / 5)


def test_a_calibrated_answer_has_no_error():
    rng = np.random.default_rng(0)
    p = rng.uniform(0.5, 1, 20_000)
    truth = np.where(rng.random(20_000) < p, "A", "B")
    table = evaluate.calibration(truth, np.column_stack([p, 1 - p]), ["A", "B"])
    assert evaluate.expected_calibration_error(table) < 0.015
    assert table["stars"].sum() == 20_000


def test_calibration_of_what_has_no_answer():
    with pytest.raises(ValueError, match=r"Received: 1 rows with NaN"):
        evaluate.calibration(["A", "A"], np.array([[0.5, 0.5], [np.nan, np.nan]]), ["A", "B"])
    with pytest.raises(ValueError, match=r"expected shape \(1, 2\). Received: \(1, 3\)"):
        evaluate.calibration(["A"], np.ones((1, 3)) / 3, ["A", "B"])


def test_mean_and_its_error_by_hand():
    # Variance with n - 1: (1 + 0 + 1) / 2 = 1; its root over the root of 3.
    assert evaluate.mean_sem([1.0, 2.0, 3.0]) == pytest.approx((2.0, 1 / np.sqrt(3)))


def test_every_public_name_is_there():
    assert len(evaluate.__all__) >= 10
    for name in evaluate.__all__:
        assert callable(getattr(evaluate, name)), name


def test_mc_by_hand_and_against_sklearn():
    from sklearn.metrics import matthews_corrcoef

    true = np.array([0, 0, 1, 1])
    assert evaluate.mc(true, true) == 1
    assert evaluate.mc(true, 1 - true) == 0
    assert evaluate.mc(true, np.zeros(4, int)) == 0.5  # undefined
    assert evaluate.mc([3], [3]) == 0.5
    rng = np.random.default_rng(1)
    a, b = rng.integers(0, 5, 200), rng.integers(0, 7, 200)
    b[:120] = a[:120]
    expected = (1 + matthews_corrcoef(a, b)) / 2
    assert evaluate.mc(a, b) == pytest.approx(expected, abs=1e-12)
    assert evaluate.mc(a.astype(str), b.astype(str)) == pytest.approx(expected, abs=1e-12)
    with pytest.raises(ValueError, match=r"as many predictions as labels. Received: 1, 2"):
        evaluate.mc(["a", "b"], ["a"])


def test_one_hot():
    assert evaluate.one_hot(["B", "A"], ["A", "B"]).tolist() == [[0, 1], [1, 0]]
    assert evaluate.one_hot(["B"], ["A", "B"]).dtype == np.float32
    with pytest.raises(ValueError, match=r"labels: \['C'\] are not among the classes"):
        evaluate.one_hot(["A", "C"], ["A", "B"])

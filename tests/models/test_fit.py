"""Every wing's classifier can be trained on one's own stars, kept, and used by its folder."""

import json

import numpy as np
import pandas as pd
import pytest

import varstar as vs
from varstar import papers
from varstar.models import training_card
from varstar.models.classifier import Classifier

#: What keeps a training short.
QUICK = {
    "s20": {"epochs": 2, "inputs": {"size": [32, 32]}, "filters": [4, 4, 8, 8], "dense": 8},
    "sm": {"epochs": 4, "trees": {"max_iter": 15, "min_samples_leaf": 3}},
    "k21": {"epochs": 8, "hidden": (16,), "trees": {"max_iter": 15, "min_samples_leaf": 3}},
    "ts19": {"epochs": 1, "folds": 2, "network": {"units": 4, "embedding": 2}},
    "s26": {"epochs": 2, "copies": 1, "batch_size": 8,
            "network": {"filters": [4, 4, 4, 4], "features": 4}},
}  # fmt: skip
each = pytest.mark.parametrize("paper", QUICK)


def stars(n=32, seed=0, bands=("V",), first=0):
    """Eclipsing binaries and pulsators; the last star has no label."""
    rng = np.random.default_rng(seed)
    tables, rows = [], []
    for k in range(n):
        period = rng.uniform(0.4, 0.9)
        for band in bands:
            t = np.sort(rng.uniform(0, 200, 80))
            phase = t / period % 1
            mag = 0.4 * np.cos(2 * np.pi * phase) + 0.15 * np.sin(4 * np.pi * phase)
            if k % 2:
                mag = np.exp(-((phase - 0.3) ** 2) / 0.001) + 0.9 * np.exp(
                    -((phase - 0.8) ** 2) / 0.001
                )
            mag = 15 + mag + rng.normal(0, 0.02, 80)
            tables.append(pd.DataFrame({"star_id": f"s{first + k}", "t": t, "mag": mag, "err": 0.02,
                                        "band": band}))  # fmt: skip
        rows.append((f"s{first + k}", ["PULS", "ECL"][k % 2], period))
    table = pd.DataFrame(rows, columns=["star_id", "kind", "period"])
    table.loc[n - 1, "kind"] = None
    return vs.make_sample(pd.concat(tables), table)


@pytest.fixture(scope="module")
def sample():
    return stars()


@pytest.fixture(scope="module")
def fitted(sample):
    kept = {}

    def get(paper):
        if paper not in kept:
            data = stars(bands=("g", "r")) if paper == "s26" else sample
            cls = papers.classifier(paper)
            kept[paper] = cls.fit(data, "kind", seed=1, **QUICK[paper]), data
        return kept[paper]

    return get


@each
def test_it_learns_and_is_used_by_its_folder(paper, fitted, tmp_path):
    model, data = fitted(paper)
    assert model.classes == ["ECL", "PULS"]
    card = model.card
    assert card["training"]["stars"] == {"ECL": 15, "PULS": 16}
    assert card["training"]["seed"] == 1
    assert card["inputs"]["bands"] == (["g", "r"] if paper == "s26" else ["V"])
    table = vs.classify(data, model=model)
    assert (table["status"] == "ok").all()
    known = data["kind"].notna().to_numpy()
    if paper in ("k21", "sm"):  # the others need more stars or epochs
        assert (table["label"] == data["kind"])[known].mean() > 0.85
    folder = model.save(tmp_path / "mine")
    written = json.loads((folder / "card.json").read_text())
    assert set(written["files"]) == {p.name for p in folder.iterdir()} - {"card.json"}
    again = vs.classify(data, model=str(folder))
    # Read again, the networks are computed in NumPy: sums in another order.
    pd.testing.assert_frame_equal(again, table, atol=5e-4)
    assert type(Classifier.load(folder)) is type(model)
    empty = vs.classify(data[:0], model=folder)
    assert empty.dtypes.equals(table.dtypes)


@pytest.mark.parametrize("paper", ["k21", "sm"])
def test_a_seed_decides(paper, fitted):
    model, data = fitted(paper)
    same = papers.classifier(paper).fit(data, "kind", seed=1, **QUICK[paper])
    other = papers.classifier(paper).fit(data, "kind", seed=2, **QUICK[paper])
    p, q, r = (m.classify(data)["ECL"].to_numpy() for m in (model, same, other))
    np.testing.assert_allclose(p, q, atol=1e-5)
    assert np.abs(p - r).max() > 1e-4


def test_transfer_starts_from_the_source(fitted):
    source, _ = fitted("k21")
    target = stars(seed=5, first=100)
    labels = target["kind"].map({"ECL": "binary", "PULS": "pulsator"})
    quick = {**QUICK["k21"], "epochs": 1}
    model = type(source).fit(target, labels, source=source, layers="last", seed=3, **quick)
    assert model.classes == ["binary", "pulsator"]
    assert model.card["scalings"][0] == source.card["scalings"][0]
    first = source.networks[0].get_weights()[0]
    assert np.array_equal(model.networks[0].get_weights()[0], first)
    whole = type(source).fit(target, labels, source=source, layers="every", seed=3, **quick)
    assert not np.array_equal(whole.networks[0].get_weights()[0], first)
    fresh = type(source).fit(target, labels, seed=3, **quick)
    assert (
        np.abs(fresh.networks[0].get_weights()[0] - first).max()
        > np.abs(whole.networks[0].get_weights()[0] - first).max()
    )


def test_labels_in_every_form(sample):
    by_star = sample["kind"]
    expected = [*["PULS", "ECL"] * 15, "PULS", None]
    for form in ("kind", by_star, by_star.iloc[::-1], expected):
        assert training_card.labels_of(sample, form).tolist() == expected
    with pytest.raises(ValueError, match=r"labels: no column 'type'"):
        training_card.labels_of(sample, "type")
    with pytest.raises(ValueError, match=r"labels: expected one per star \(32\). Received: 2"):
        training_card.labels_of(sample, ["a", "b"])
    with pytest.raises(ValueError, match="none of the sample's stars"):
        training_card.labels_of(sample, pd.Series(["a"], index=["x"]))


def test_what_cannot_be_learned(sample):
    cls = papers.classifier("k21")
    with pytest.raises(ValueError, match=r"two classes or more .* stars: \{'A': 32\}, of 32"):
        cls.fit(sample, ["A"] * 32)
    with pytest.raises(ValueError, match=r"two classes or more"):
        cls.fit(sample, ["A"] * 31 + ["B"])


def test_scores_and_folds_by_hand():
    labels = np.array(list("AABB"))
    p = np.array([[0.9, 0.1], [0.2, 0.8], [0.1, 0.9], [0.4, 0.6]])
    found = training_card.scores(p, labels, ["A", "B"])
    assert found["accuracy"] == 0.75
    assert found["stars"] == 4
    assert training_card.by_class(p, labels, ["A", "B"])["A"] == {
        "precision": 1.0, "recall": 0.5, "f1": 0.6667}  # fmt: skip
    fold = np.array([0, 1, -1, 1, 2])
    seen = []

    def fit(rows, k):
        seen.append(rows.tolist())
        return k

    def predict(k, rows):
        return np.column_stack([rows, np.full(len(rows), k)])

    p, models = training_card.out_of_fold(fold, fit, predict, members=2)
    assert models == [0, 1]
    assert seen == [[1, 3, 4], [0, 4]]
    np.testing.assert_equal(p, [[0, 0], [1, 1], [np.nan] * 2, [3, 1], [np.nan] * 2])


def test_stars_are_counted_in_the_order_of_the_classes():
    labels = np.array(["b", "a", "b"])
    assert list(training_card.counts(labels).items()) == [("a", 1), ("b", 2)]
    in_order = training_card.counts(labels, ["c", "b", "a"])
    assert list(in_order.items()) == [("c", 0), ("b", 2), ("a", 1)]

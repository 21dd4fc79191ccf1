import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from varstar.learning import splits
from varstar.learning.splits import S20_FRACTIONS, folds_by_star, shared_stars, split_by_star


def labels_of(**counts):
    names = [name for name, n in counts.items() for _ in range(n)]
    return pd.Series(names, index=[f"star{i}" for i in range(len(names))])


def test_shares_by_hand():
    part = split_by_star(labels_of(A=100, B=20))
    assert part[:100].value_counts().to_dict() == {"train": 70, "validation": 15, "test": 15}
    assert part[100:].value_counts().to_dict() == {"train": 14, "validation": 3, "test": 3}
    assert sum(S20_FRACTIONS.values()) == pytest.approx(1)


def test_index_and_name_are_kept():
    labels = labels_of(A=10)
    part = split_by_star(labels)
    assert part.index.equals(labels.index)
    assert part.name == "split"


def test_the_seed_decides():
    labels = labels_of(A=50, B=30)
    first, again, other = (split_by_star(labels, seed=s) for s in (3, 3, 4))
    assert first.equals(again)
    assert not first.equals(other)


def test_a_star_does_not_depend_on_another_classs_stars_alone():
    # Classes are drawn one after the other in the order of their names.
    labels = labels_of(A=50, B=30)
    assert split_by_star(labels)[:50].equals(split_by_star(labels[:50]))


counts = st.dictionaries(st.sampled_from("ABCD"), st.integers(1, 40), min_size=1)
parts = st.lists(st.integers(1, 20), min_size=2, max_size=5)


@settings(max_examples=60, deadline=None)
@given(counts, parts, st.integers(0, 5))
def test_every_part_has_every_class_where_possible(counts, parts, seed):
    labels = labels_of(**counts)
    fractions = {f"part{k}": p / sum(parts) for k, p in enumerate(parts)}
    part = split_by_star(labels, fractions, seed=seed)
    assert part.notna().all()
    for name, n in counts.items():
        size = part[labels == name].value_counts().reindex(list(fractions), fill_value=0)
        assert size.sum() == n
        if n >= len(parts):
            assert (size > 0).all()
        # No more than the rounding, and what the others needed not to be empty.
        assert ((size - np.array(list(fractions.values())) * n).abs() <= len(parts)).all()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("AB"), st.integers(1, 6)), min_size=1, max_size=40),
    st.integers(0, 5),
)
def test_no_star_crosses(stars, seed):
    rows = [(f"{name}{i}", name) for i, (name, copies) in enumerate(stars) for _ in range(copies)]
    rows = [rows[i] for i in np.random.default_rng(seed).permutation(len(rows))]
    table = pd.DataFrame(rows, columns=["star", "label"])
    part = split_by_star(table["label"], groups=table["star"], seed=seed)
    assert part.groupby(table["star"]).nunique().eq(1).all()


@pytest.mark.parametrize("star", [lambda i: (1, i), lambda i: f"s{i}", float, lambda i: -i])
def test_stars_can_have_any_name(star):
    groups = [star(i) for i in range(12) for _ in range(2)]
    part = split_by_star(pd.Series(["A"] * 24), groups=groups)
    assert (part[::2].to_numpy() == part[1::2].to_numpy()).all()
    assert set(part) == set(S20_FRACTIONS)


def test_copies_do_not_weigh():
    # Ten stars, one of them a thousand times: the split is of ten.
    groups = [0] * 1000 + list(range(1, 10))
    part = split_by_star(pd.Series(["A"] * 1009), groups=groups)
    sizes = part.groupby(groups).first().value_counts()
    assert sizes.to_dict() == {"train": 7, "validation": 1, "test": 2}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fractions": {"a": 0.5, "b": 0.4}}, "adding up to 1. Received: {'a': 0.5, 'b': 0.4}"),
        ({"fractions": {"a": 1.0}}, "two or more parts"),
        ({"fractions": {"a": 1.2, "b": -0.2}}, "positive shares"),
        ({"groups": [1, 2]}, "groups: expected 4 values. Received: 2"),
        ({"groups": [1, 1, 1, 2]}, r"one class. Several for \[1\]"),
        ({"groups": [1, 2, None, 3]}, "groups: 1 are missing"),
    ],
)
def test_what_cannot_be_split(options, message):
    with pytest.raises(ValueError, match=message):
        split_by_star(pd.Series(["A", "A", "B", "B"]), **options)


def test_stars_without_a_class_cannot_be_split():
    with pytest.raises(ValueError, match=r"labels: 1 are missing"):
        split_by_star(pd.Series(["A", None]))


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 8), st.integers(1, 60))
def test_folds(n_folds, n):
    labels = labels_of(A=n)
    fold = folds_by_star(labels, n_folds)
    assert fold.between(0, n_folds - 1).all()
    size = fold.value_counts().reindex(range(n_folds), fill_value=0)
    assert size.max() - size.min() <= 1
    assert fold.name == "fold"


def test_one_fold_is_no_cross_validation():
    with pytest.raises(ValueError, match=r"n_folds: expected 2 or more. Received: 1"):
        folds_by_star(labels_of(A=10), 1)


def test_shared_stars_by_name():
    here = pd.DataFrame({"other_id": ["x", "q", None]}, index=["a", "b", "c"])
    there = pd.DataFrame(index=["x", "y"])
    assert shared_stars(here, there, column="other_id").tolist() == [True, False, False]


def test_shared_stars_by_position():
    # 1.9 and 2.1 arcsec away in declination; 1.9 across the poleward-shrinking circle and RA 0.
    here = pd.DataFrame({"ra": [80.0, 80.0, 0.0], "dec": [-70.0, -69.0, 60.0]}, index=list("abc"))
    there = pd.DataFrame(
        {"ra": [80.0, 80.0, 360 - 3.8 / 3600], "dec": [-70 + 1.9 / 3600, -69 + 2.1 / 3600, 60.0]}
    )
    assert shared_stars(here, there).tolist() == [True, False, True]
    assert shared_stars(here, there, radius=1.0).tolist() == [False, False, False]


# --- at most n of a label, a share of each label -----------------------------------------


def test_at_most():
    labels = np.array(["b"] * 9 + ["a"] * 2 + ["c"] * 5)
    keep = splits.at_most(labels, 4, seed=0)
    assert pd.Series(labels[keep]).value_counts().to_dict() == {"b": 4, "c": 4, "a": 2}
    assert (keep == splits.at_most(labels, 4, seed=0)).all()
    assert not (keep == splits.at_most(labels, 4, seed=1)).all()
    keep = splits.at_most(np.array(["a", None, "a", "b"], object), {"a": 1})
    assert keep.sum() == 1
    assert not keep[[1, 3]].any()


def test_stratified_part_leaves_one_of_each_class():
    y = np.array([0] * 100 + [1] * 2 + [2])
    part = splits.stratified_part(y, 0.2, np.random.default_rng(0))
    assert np.bincount(y[part], minlength=3).tolist() == [20, 1, 0]
    assert not splits.stratified_part(y, 0.0, np.random.default_rng(0)).any()


def test_a_star_without_a_position_is_not_shared():
    # astropy refuses catalogues with NaN
    sample = pd.DataFrame({"ra": [10.0, np.nan, 30.0], "dec": [0.0, 0.0, 5.0]}, index=list("abc"))
    other = pd.DataFrame({"ra": [np.nan, 10.0], "dec": [0.0, 0.0]})
    assert splits.shared_stars(sample, other).to_dict() == {"a": True, "b": False, "c": False}
    assert not splits.shared_stars(sample, other.iloc[:1]).any()

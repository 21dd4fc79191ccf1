"""Simulated against real: the two measures, on made tables; the aims, on real stars."""

import numpy as np
import pandas as pd
import pytest

from varstar.features import FEATURES
from varstar.papers.s1 import experiments as realism


def table(n, shift=0.0, seed=0, names=("A", "B")):
    rng = np.random.default_rng(seed)
    parts = []
    for i, name in enumerate(names):
        part = pd.DataFrame(rng.normal(size=(n, len(FEATURES))), columns=FEATURES)
        part["period"] += 6 * i  # the classes are easy to tell apart
        part["kurtosis"] += shift
        part["class"] = name
        parts.append(part)
    whole = pd.concat(parts, ignore_index=True)
    whole.index = whole.index.astype(str)
    return whole


def test_alike_stars_cannot_be_told_apart():
    found = realism.distinguishability(table(150, seed=1), table(150, seed=2))
    assert list(found.index) == ["A", "B"]
    assert (found["auc"] - 0.5).abs().max() < 0.12
    assert (found["stars"] == 150).all()


def test_other_stars_are_told_apart_and_the_feature_is_named():
    found = realism.distinguishability(table(80, seed=1), table(60, shift=8, seed=2))
    assert (found["auc"] > 0.99).all()
    assert (found["feature"] == "kurtosis").all()
    assert (found["stars"] == 60).all()
    assert (found["simulated"] - found["reference"]).min() > 6


def test_classes_with_few_stars_are_left_out():
    few = table(3, seed=1, names=("A",))
    assert realism.distinguishability(few, table(50, seed=2)).empty


def test_transfer_of_alike_and_of_exchanged_classes():
    reference, good = table(60, seed=1), table(60, seed=2)
    scores, found = realism.transfer(reference, good)
    assert list(scores.columns) == ["from real", "from simulated"]
    assert list(scores.index) == ["A", "B", "macro"]
    assert scores.min().min() > 0.95
    assert len(found["true"]) == len(found["from simulated"]) == 60
    wrong = good.assign(**{"class": good["class"].map({"A": "B", "B": "A"})})
    assert realism.transfer(reference, wrong)[0].loc["macro", "from simulated"] < 0.05


def test_missing_features_are_no_obstacle():
    holes = table(40, seed=3)
    holes.iloc[::3, 0] = np.nan
    holes.iloc[::5, 1] = np.inf
    assert np.isfinite(realism.transfer(holes, holes)[0].to_numpy()).all()


def test_simulated_side_of_every_pair():
    for name, spec in realism.PAIRS.items():
        sample = realism.simulated(name, 3, seed=1)
        assert sample["class"].notna().all()
        assert set(sample["survey"]) == {spec["simulated"]}
    measured = realism.measured("catalina", "simulated", 3)
    assert set(FEATURES) <= set(measured.columns)
    assert (measured["error"] > 0).all()
    assert measured["magnitude"].between(9, 21).all()


def test_bad_input():
    with pytest.raises(ValueError, match="unknown pair"):
        realism.simulated("nothing")
    with pytest.raises(ValueError, match="kind"):
        realism.measured("asas", "both", 3)


@pytest.mark.real
def test_catalina_from_simulated_stars(real_data):
    """The aim of the simulation: macro F1 0.70 on real stars, from simulated ones only."""
    real = realism.measured("catalina", "real", 80, seed=3)
    simulated = realism.measured("catalina", "simulated", 100, seed=3)
    scores, _ = realism.transfer(real, simulated, seed=3)
    assert scores.loc["macro", "from simulated"] > 0.75
    found = realism.distinguishability(real, simulated, seed=3)
    assert found["auc"].drop("T2CEP").max() < 0.95


@pytest.mark.real
@pytest.mark.slow
def test_asas_and_eros_from_simulated_stars(real_data):
    for pair, aim in (("asas", 0.75), ("eros2", 0.65)):
        real = realism.measured(pair, "real", 50, seed=3)
        simulated = realism.measured(pair, "simulated", 80, seed=3)
        scores, _ = realism.transfer(real, simulated, seed=3)
        assert scores.loc["macro", "from simulated"] > aim, pair

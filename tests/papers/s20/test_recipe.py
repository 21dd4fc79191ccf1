"""The recipes' own decisions; the trainings themselves take hours (python -m varstar train)."""

from importlib import import_module

import numpy as np
import pytest

from varstar import papers as recipes
from varstar.papers.s20 import recipe as s20_catalina
from varstar.papers.s20.training import sampling


def test_every_recipe_has_its_module():
    assert recipes.recipes()
    for module in recipes.recipes().values():
        assert callable(import_module(module).make)


def test_sampling_by_hand():
    # 4 stars of output 0, 16 of output 1, one of each other: roots 2, 4, 1, 1, ...
    n_outputs = len(s20_catalina.OUTPUTS)
    code = np.repeat(np.arange(n_outputs), [4, 16] + [1] * (n_outputs - 2))
    ratio, chance = sampling(code, n_outputs)
    total, roots = 20 + n_outputs - 2, 6 + n_outputs - 2
    assert ratio[:3] == pytest.approx(
        [4 / total * roots / 2, 16 / total * roots / 4, roots / total]
    )
    assert chance.sum() == pytest.approx(1)
    assert chance[code == 1].sum() == pytest.approx(4 / roots)


def test_weights_that_help_are_taken():
    # Class B's probabilities are too low by a factor: 0.3 for most of its stars.
    rng = np.random.default_rng(0)
    labels = np.repeat(["A", "B"], [300, 60])
    p_b = np.where(labels == "B", rng.normal(0.35, 0.05, 360), rng.normal(0.15, 0.05, 360))
    probability = np.column_stack([1 - p_b, p_b])
    fold = np.arange(360) % 5
    weights, choice = s20_catalina.choose_class_weight(probability, labels, ["A", "B"], fold)
    assert choice["cross-validated macro F1 with"] > choice["without"] + 0.2
    assert weights[1] / weights[0] > 1.5


def test_weights_that_do_not_help_stay_1():
    labels = np.repeat(["A", "B"], 50)
    probability = np.where((labels == "A")[:, None], [[0.9, 0.1]], [[0.1, 0.9]])
    weights, choice = s20_catalina.choose_class_weight(
        probability, labels, ["A", "B"], np.arange(100) % 5
    )
    assert weights == [1.0, 1.0]
    assert choice["without"] == 1.0

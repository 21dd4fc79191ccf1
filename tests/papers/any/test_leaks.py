"""The model for any survey is judged on surveys, dates and stars that it has not seen."""

import numpy as np
import pandas as pd
import pytest

from varstar.papers.any import fit, recipe
from varstar.papers.any.fit import FAMILIES
from varstar.papers.any.look import COLUMNS

PER_SURVEY, TRIALS = 80, 2
NAMES = ["catalina_sss", "eros2_lmc_upsilon", "ogle4_lmc_cep"]  # one of each part


@pytest.fixture
def table():
    """Stars whose numbers say who they are, and labels drawn at random."""
    rng = np.random.default_rng(8)
    n = PER_SURVEY * len(NAMES)
    stars = pd.DataFrame({
        "survey": np.repeat(NAMES, PER_SURVEY), "family": rng.choice(FAMILIES, n),
        "label": None, "shared": rng.random(n) < 0.1,
        # every tenth has borrowed the dates of another survey
        "dates": np.where(rng.random(n) < 0.1, rng.choice(NAMES, n), np.repeat(NAMES, PER_SURVEY)),
    })  # fmt: skip
    x = rng.normal(size=(n * TRIALS, len(COLUMNS))).astype(np.float32)
    x[:, :] += np.repeat(rng.normal(size=(n, len(COLUMNS))) * 3, TRIALS, axis=0)
    trials = pd.DataFrame({"period": rng.uniform(0.1, 10, n * TRIALS)})
    return recipe.Table(trials, x, np.arange(0, n * TRIALS + 1, TRIALS), stars)


@pytest.fixture
def learned(monkeypatch):
    """Rows of numbers that each fit was shown."""
    seen = {"periods": [], "families": []}
    quick = fit.boosted

    def spy(name):
        whole = getattr(fit, f"fit_{name}")

        def work(x, *rest, **options):
            seen[name].append({row.tobytes() for row in np.asarray(x)})
            return whole(x, *rest, **options)

        return work

    monkeypatch.setattr(fit, "boosted", lambda i, leaves, r, s, least=30: quick(15, 31, 0.3, s, 2))
    monkeypatch.setattr(fit, "fit_periods", spy("periods"))
    monkeypatch.setattr(fit, "fit_families", spy("families"))
    return seen


def test_what_is_judged_was_not_learned_from(table, learned, tmp_path):
    right = np.tile([1, 0], len(table.stars))
    judged, _ = recipe.left_out(table, right, np.ones(len(table.stars)), tmp_path, 0)
    part = recipe.part_of(table.stars["survey"])
    of_dates = recipe.part_of(table.stars["dates"])
    shared = table.stars["shared"].to_numpy()
    for name, columns in (("periods", recipe._PERIOD), ("families", list(range(len(COLUMNS))))):
        assert len(learned[name]) == len(NAMES)
        for k, rows in enumerate(learned[name]):
            assert rows
            for out in (part == k, of_dates == k, shared):
                trials = table.x[table.spread(out)][:, columns]
                assert not rows & {np.ascontiguousarray(r).tobytes() for r in trials}
    # labels at random: whoever could name them would have seen them
    told = np.array(FAMILIES)[judged[FAMILIES].to_numpy().argmax(axis=1)]
    n = len(told)
    assert abs(np.mean(told == table.stars["family"]) - 1 / 8) < 4 * np.sqrt(1 / 8 * 7 / 8 / n)


def test_random_labels_can_be_known_by_heart(table, learned):
    """Chance above is not for want of memory."""
    every = table.spread(np.ones(len(table.stars), bool))
    share = np.full(len(table.x), 1 / TRIALS)
    trees = recipe._families(table, every, np.ones(len(table.stars)), share, 0)
    told = recipe._predict(trees, table.x).argmax(axis=1)
    family = np.repeat(table.stars["family"].to_numpy(), TRIALS)
    assert np.mean(np.array(FAMILIES)[told] == family) > 0.6

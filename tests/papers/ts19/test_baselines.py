"""Baselines of novelty: what is far away is found, whatever the other stars are."""

import numpy as np
import pytest

from varstar.learning import novelty
from varstar.papers.ts19 import baselines

RNG = np.random.default_rng(4)


@pytest.fixture(scope="module")
def parts() -> list[dict[str, np.ndarray]]:
    """Training, known and (far away) novel light curves, as every method needs them."""
    rng = np.random.default_rng(5)
    found = []
    for n, shift in ((150, 0.0), (60, 0.0), (50, 6.0)):
        features = rng.normal(shift, 1.0, (n, 16))
        features[0, 3] = np.nan
        sure = rng.uniform(0.8, 1.0, n) if shift == 0 else rng.uniform(0.4, 0.6, n)
        found.append(
            {
                "features": features,
                "energy": (features**2).sum(axis=1, where=np.isfinite(features)),
                "reconstruction": np.abs(features[:, 0]),
                "probability": np.column_stack([sure, 1 - sure]),
                "labels": np.where(np.arange(n) % 3 == 0, "a", "b"),
            }
        )
    return found


@pytest.mark.parametrize("method", baselines.METHODS)
def test_every_method_finds_what_is_far_away(method: str, parts: list) -> None:
    training, known, novel = baselines.scores(method, *parts, seed=3)
    assert [len(s) for s in (training, known, novel)] == [150, 60, 50]
    assert novelty.auc(known, novel) > 0.95
    again = baselines.scores(method, *parts, seed=3)
    assert np.array_equal(again[2], novel)


@pytest.mark.parametrize("method", baselines.METHODS)
def test_a_score_does_not_depend_on_the_other_stars(method: str, parts: list) -> None:
    known = baselines.scores(method, *parts, seed=3)[1]
    half = {name: a[:20] for name, a in parts[1].items()}
    assert np.allclose(baselines.scores(method, parts[0], half, seed=3)[1], known[:20])


@pytest.mark.parametrize(
    "method", [m for m, (needs, _) in baselines.METHODS.items() if "features" in needs]
)
def test_features_that_are_constant_or_missing(method: str, parts: list) -> None:
    spoiled = []
    for part in parts:
        x = part["features"].copy()
        x[:, 1], x[:, 2] = 7.0, np.nan
        x[-1] = np.nan
        spoiled.append({"features": x, "labels": part["labels"]})
    found = baselines.scores(method, *spoiled)
    assert all(np.isfinite(s).all() for s in found)


def test_features_that_say_nothing() -> None:
    with pytest.raises(ValueError, match="expected one that varies"):
        baselines.scores("isolation forest", {"features": np.ones((5, 2))})


def test_doubt_by_hand() -> None:
    p = {"probability": np.array([[0.9, 0.1], [0.5, 0.5]])}
    assert baselines.scores("softmax doubt", p)[0].tolist() == pytest.approx([0.1, 0.5])


def test_gaussians_see_the_classes() -> None:
    """Between two narrow classes is new, although it is the middle of everything."""
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(-5, 0.3, (100, 2)), rng.normal(5, 0.3, (100, 2))])
    training = {"features": x, "labels": np.repeat(["a", "b"], 100)}
    known, middle = {"features": x[::10]}, {"features": np.zeros((5, 2))}
    _, inside, between = baselines.scores("Gaussian a class", training, known, middle)
    assert between.min() > inside.max()
    with pytest.raises(ValueError, match=r"needs \['labels'\]"):
        baselines.scores("Gaussian a class", {"features": x})


def test_unknown_method_and_missing_input(parts: list) -> None:
    with pytest.raises(ValueError, match="unknown method 'magic'"):
        baselines.scores("magic", *parts)
    with pytest.raises(ValueError, match=r"needs \['features'\]"):
        baselines.scores("isolation forest", {"energy": np.zeros(2)})


def test_compare_takes_what_there_is(parts: list) -> None:
    some = [{k: part[k] for k in ("energy", "probability")} for part in parts]
    table = baselines.compare(*some)
    assert set(table.index) == {"GMM energy", "softmax doubt"}
    assert table["auc"].is_monotonic_decreasing
    assert set(baselines.compare(*parts).index) == set(baselines.METHODS)
    only = baselines.compare(*parts, methods=["isolation forest"])
    assert only.loc["isolation forest", "recall_95"] == 1.0

"""S20 learns from the stars it is given and from no others: labels drawn at random give chance."""

import numpy as np
import pytest

from varstar.lightcurves.sample import LightCurves
from varstar.papers.s20 import experiments as s20
from varstar.papers.s20 import recipe, training

N = 120
RNG = np.random.default_rng(21)
IMAGES = np.kron(RNG.integers(0, 256, (N, 4, 4)), np.ones((7, 7))).astype(np.uint8)
LABELS = RNG.choice(["a", "b"], N)
HALF = np.arange(N) % 2 == 0


def is_chance(accuracy: float, n: int) -> bool:
    """Within four standard deviations of a coin."""
    return abs(accuracy - 0.5) < 4 * 0.5 / np.sqrt(n)


def test_images_are_learned_by_heart_and_say_nothing_of_others(monkeypatch):
    from varstar.learning import training as learning

    seen = {}
    whole = learning.train

    def spy(model, data, validation=None, **options):
        def rows(batches):
            return {r.tobytes() for i in range(len(batches)) for r in np.asarray(batches[i][0])}

        seen.update(train=rows(data(0)), validation=rows(validation))
        return whole(model, data, validation, **options)

    monkeypatch.setattr(learning, "train", spy)
    fitted = s20.fit_network(
        IMAGES[HALF], LABELS[HALF], IMAGES[~HALF][:30], LABELS[~HALF][:30], network="s20-cifar",
        options={"input_shape": (28, 28, 1), "n_classes": 2}, classes=["a", "b"],
        learning_rate=3e-3, batch_size=20, epochs=15, patience=None, seed=3,
    )  # fmt: skip
    assert (len(seen["train"]), len(seen["validation"])) == (60, 30)
    assert not seen["train"] & seen["validation"]
    answer = np.array(["a", "b"])[s20.predict(fitted["model"], IMAGES).argmax(axis=1)]
    assert fitted["history"]["accuracy"].iloc[-1] > 0.9  # able to learn by heart
    assert is_chance(np.mean(answer[~HALF] == LABELS[~HALF]), 60)


@pytest.fixture(scope="module")
def stars():
    """Stars that differ in nothing but noise."""
    rng = np.random.default_rng(22)
    t = np.sort(rng.uniform(0, 100, (N, 30)), axis=1)
    period = rng.uniform(0.4, 0.8, N)
    mag = 15 + 0.3 * np.sin(2 * np.pi * t / period[:, None]) + rng.normal(0, 0.05, t.shape)
    curves = LightCurves(t.ravel(), mag.ravel(), np.full(t.size, 0.05), np.zeros(t.size, np.int8),
                         np.arange(N + 1) * 30, ("V",))  # fmt: skip
    return curves, period, rng.integers(0, 2, N)


def test_a_network_without_a_fold_never_draws_one_of_its_stars(stars, monkeypatch, tmp_path):
    curves, period, code = stars
    drawn = []

    def spy(part, period, *rest):
        drawn.extend(period.tolist())
        return inputs(part, period, *rest)

    inputs = training.network_inputs
    monkeypatch.setattr(training, "network_inputs", spy)
    monkeypatch.setattr(training, "BATCH", 16)
    monkeypatch.setattr(recipe, "OPTIONS", {
        **recipe.OPTIONS, "filters": (4, 4, 8, 8), "dense": 8})  # fmt: skip
    monkeypatch.setenv("VARSTAR_CACHE", str(tmp_path))
    fold = np.arange(N) % 2
    networks = [
        recipe._train_without(k, curves, period, code, fold, np.ones(N), epochs=1,
                              learning_rate=3e-3, seed=1) for k in range(2)
    ]  # fmt: skip
    steps = len(drawn) // 2
    for k in range(2):
        learned = set(drawn[k * steps : (k + 1) * steps])
        assert not learned & set(period[fold == k])
        assert learned <= set(period[fold != k])
        assert len(learned) > N // 4
    told = recipe._out_of_fold(networks, curves, period, fold, "period")
    assert is_chance(np.mean(told[:, :2].argmax(axis=1) == code), N)
    # each star is answered by the network that never saw it, and by no other
    for k, network in enumerate(networks):
        alone = recipe._out_of_fold([network], curves, period, np.where(fold == k, 0, 1),
                                    "period")  # fmt: skip
        np.testing.assert_allclose(told[fold == k], alone[fold == k], atol=1e-6)
        assert not alone[fold != k].any()


def test_weights_of_classes_are_judged_on_stars_that_did_not_choose_them(monkeypatch):
    """Probabilities of no meaning: weights that fit them by chance are not believed."""
    rng = np.random.default_rng(23)
    labels, p = rng.choice(["a", "b", "c"], 90), rng.dirichlet(np.ones(3), 90)
    fold, chosen_by, search = np.arange(90) % 5, [], recipe._search

    def spy(probability, *rest):
        chosen_by.append({row.tobytes() for row in probability})
        return search(probability, *rest)

    monkeypatch.setattr(recipe, "_search", spy)
    _, choice = recipe.choose_class_weight(p, labels, ["a", "b", "c"], fold)
    for k, stars in enumerate(chosen_by[:5]):
        assert len(stars) == 72
        assert not stars & {row.tobytes() for row in p[fold == k]}
    assert choice["cross-validated macro F1 with"] < 0.5

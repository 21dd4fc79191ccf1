"""Labels that can only be known by cheating give chance on the test part, in every protocol.

Each protocol is trained on stars whose labels are drawn at random. Whoever looks at a test
star, or at its double in the training part, does better than chance.
"""

import numpy as np
import pandas as pd

from varstar.features import FEATURES
from varstar.features.sequences import Sequences
from varstar.learning import splits
from varstar.papers.k21 import experiments as k21x
from varstar.papers.sm import experiments as sm
from varstar.papers.ts19 import experiments as ts19x
from varstar.papers.ts19 import fit as ts19

RNG = np.random.default_rng(11)
N = 240
LABELS = RNG.choice(["a", "b"], N)


def chance(accuracy, n):
    """Within four standard deviations of a coin."""
    return abs(accuracy - 0.5) < 4 * 0.5 / np.sqrt(n)


def test_k21_clean_learns_nothing_of_its_test_stars(monkeypatch):
    from varstar.papers.k21 import training

    x = pd.DataFrame(RNG.gamma(4, 0.25, (N, 16)), columns=FEATURES)
    test = np.arange(N) % 2 == 0
    seen = {}
    whole = training.train

    def spy(network, x, y, x_validation, y_validation, **options):
        seen.update(train=x, validation=x_validation)
        return whole(network, x, y, x_validation, y_validation, **options)

    monkeypatch.setattr(training, "train", spy)
    options = {"epochs": 12, "batch_size": 32, "hidden": (32,), "seed": 1}
    result = k21x.run(x, pd.Series(LABELS), test, protocol="clean", **options)
    assert chance(np.mean(result["predicted"] == LABELS[test]), test.sum())
    rows = {k: {r.tobytes() for r in v} for k, v in seen.items()}
    assert not rows["train"] & rows["validation"]
    assert len(rows["train"]) + len(rows["validation"]) == (~test).sum()
    scaled = k21x.Scaler.from_dict(result["scaling"])(x[test])
    assert not {r.tobytes() for r in scaled} & (rows["train"] | rows["validation"])
    # the scaling, too, comes from the training stars alone
    far = x.copy()
    far.loc[test, "period"] += 1e3
    again = k21x.run(far, pd.Series(LABELS), test, protocol="clean", **options)
    assert again["scaling"] == result["scaling"]
    published = k21x.run(far, pd.Series(LABELS), test, protocol="as_published", **options)
    assert published["scaling"] != result["scaling"]
    assert rows["train"] != {r.tobytes() for r in seen["train"]}


def test_sm_learns_nothing_of_its_test_stars():
    table = pd.DataFrame(RNG.normal(size=(N, 6)), columns=list("pqrstu"))
    half = np.arange(N) % 2 == 0
    _, predicted = sm.forest_score(
        table[half], LABELS[half], table[~half], LABELS[~half], sm.forest(n_estimators=30)
    )
    assert chance(np.mean(predicted == LABELS[~half]), (~half).sum())
    # and the scaling is that of the training stars
    assert sm.feature_scaler(table[half]).centre == table[half].median().tolist()


def test_doubled_stars_stay_on_one_side():
    stars = np.repeat(np.arange(N // 4), 4)  # each star measured four times
    labels = pd.Series(RNG.choice(["a", "b"], N // 4)[stars])
    x = RNG.normal(size=(N // 4, 5))[stars]
    part = splits.split_by_star(labels, {"train": 0.5, "test": 0.5}, seed=3, groups=stars)
    learn, asked = (part == "train").to_numpy(), (part == "test").to_numpy()
    assert not set(stars[learn]) & set(stars[asked])
    model = sm.forest(n_estimators=30, min_samples_leaf=1).fit(x[learn], labels[learn])
    by_star = np.mean(model.predict(x[asked]) == labels[asked])
    assert chance(by_star, len(set(stars[asked])))
    alone = splits.split_by_star(labels, {"train": 0.5, "test": 0.5}, seed=3).to_numpy()
    model.fit(x[alone == "train"], labels[alone == "train"])
    doubles = np.mean(model.predict(x[alone == "test"]) == labels[alone == "test"])
    assert doubles > 0.9  # what a split by measurement would claim


def waves(n_stars, per_star=2, length=12):
    n = n_stars * per_star
    x = np.stack([np.full((n, length), 1 / length), RNG.normal(size=(n, length)),
                  np.full((n, length), 0.1)], axis=-1).astype(np.float32)  # fmt: skip
    return Sequences(x, np.ones((n, length), bool), np.repeat(np.arange(n_stars), per_star),
                     RNG.normal(15, 1, n), np.full(n, 0.2), RNG.normal(size=n))  # fmt: skip


def test_ts19_is_validated_on_its_validation_stars(monkeypatch):
    from varstar.papers.ts19 import training

    sequences, labels = waves(80), RNG.choice(["a", "b"], 80)
    parts = ts19x.parts_of(sequences, labels, by="star", seed=2)
    assert not set(parts["training"].star) & set(parts["validation"].star)
    seen = {}
    whole = training.train

    def spy(model, data, validation, **options):
        seen.update(validation=[b[0][0] for b in (validation[i] for i in range(len(validation)))],
                    train=[b[0][0] for b in (data(0)[i] for i in range(len(data(0))))])  # fmt: skip
        return whole(model, data, validation, **options)

    monkeypatch.setattr(training, "train", spy)
    fitted = ts19.fit(
        parts["training"], labels, parts["validation"], epochs=2, batch_size=16,
        learning_rate=1e-2, options={"units": 4, "embedding": 3}, seed=1,
    )  # fmt: skip
    rows = {k: {r.tobytes() for r in np.concatenate(v)} for k, v in seen.items()}
    assert rows["validation"] == {r.tobytes() for r in parts["validation"].x}
    assert rows["train"] == {r.tobytes() for r in parts["training"].x}
    out = ts19.latent(fitted, parts["validation"])
    right = ts19.predicted(fitted, out["memberships"]) == labels[parts["validation"].star]
    assert chance(right.mean(), len(set(parts["validation"].star)))

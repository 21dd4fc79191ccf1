"""TS19's experiments on a handful of simulated stars."""

import numpy as np
import pandas as pd
import pytest

from varstar.features.sequences import fold_sequences
from varstar.learning import novelty
from varstar.papers.ts19 import baselines, trials
from varstar.papers.ts19 import experiments as ex
from varstar.papers.ts19 import fit as ts19
from varstar.papers.ts19 import mixture as gmm

COUNTS = {"ECL": 6, "RRAB": 6, "RRCD": 4, "M": 4, "VAR": 6}
TINY = {"network": "ts19", "epochs": 2, "batch_size": 32, "learning_rate": 5e-3}
GRID = {"n_estimators": [10]}


@pytest.fixture(scope="module")
def sample():
    return ex.load_stars(
        "sim-asassn", novel=["VAR"], size=160, counts=COUNTS, band="V", seed=3, min_points=40
    )


@pytest.fixture(scope="module")
def sequences(sample):
    return fold_sequences(
        sample[0], "catalogue_period", 16, minimum=12, cut="even", per_star=2, epochs="max"
    )[0]


def test_proportions_keep_the_superclasses() -> None:
    found = ex.proportions("sim-asassn", {"RRCD": 100, "M": 50})
    assert set(found) == {"RRC", "RRD", "M"}
    assert found["RRC"] + found["RRD"] == pytest.approx(100)
    assert found["RRC"] > found["RRD"] > 0
    assert found["M"] == pytest.approx(50)
    with pytest.raises(ValueError, match="has no"):
        ex.proportions("sim-asassn", {"QSO": 1})


def test_stars_known_and_novel(sample) -> None:
    stars, left_out = sample
    assert set(stars["class"]) == {"ECL", "RRAB", "RRCD", "M", ex.NOVEL}
    is_novel = stars["class"] == ex.NOVEL
    assert (stars["label"][is_novel] == "VAR").all()
    assert (stars["class_prob"][~is_novel] > 0.9).all()
    assert (stars["class_prob"][is_novel] < 0.9).any()  # of the novel it is not asked
    assert (stars["residual"][~is_novel] <= 0.7).all()
    assert stars["residual"][is_novel].notna().all()
    assert np.isfinite(stars["catalogue_period"]).all()
    given = stars["period"].notna()
    assert (stars["catalogue_period"] == stars["period"])[given].all()
    assert len(stars) + left_out.drop("no class")["known"].sum() + left_out["novel"].sum() <= 160
    with pytest.raises(ValueError, match="novel: sim-asassn has no"):
        ex.load_stars("sim-asassn", novel=["nothing"], size=40)


def test_own_names_of_classes_and_fewer_stars() -> None:
    stars, _ = ex.load_stars(
        "sim-asassn", novel=["M"], size=120, counts=COUNTS, names={"EW": "W", "EA": "W"},
        most=5, seed=3, min_points=40, min_probability=None, max_residual=None, magnitude=None,
    )  # fmt: skip
    assert set(stars["class"]) == {"W", ex.NOVEL}
    assert stars["class"].value_counts().max() <= 5
    assert set(stars["label"]) <= {"EW", "EA", "M"}


def test_parts_by_star_and_by_sequence(sample, sequences) -> None:
    labels = sample[0]["class"].to_numpy(str)
    by_star = ex.parts_of(sequences, labels, by="star", seed=1)
    assert not set(by_star["training"].star) & set(by_star["validation"].star)
    assert set(labels[by_star["novel"].star]) == {ex.NOVEL}
    by_sequence = ex.parts_of(sequences, labels, by="sequence", seed=1)
    assert set(by_sequence["training"].star) & set(by_sequence["validation"].star)
    for parts in (by_star, by_sequence):
        assert sum(len(p.star) for p in parts.values()) == len(sequences.star)
        share = len(parts["training"].star) / (labels[sequences.star] != ex.NOVEL).sum()
        assert share == pytest.approx(0.8, abs=0.04)
    with pytest.raises(ValueError, match="by: expected"):
        ex.parts_of(sequences, labels, by="night")


@pytest.fixture(scope="module")
def fits(sample, sequences):
    labels = sample[0]["class"].to_numpy(str)
    parts = ex.parts_of(sequences, labels, seed=1)
    photometry = ts19.photometric(sample[0])
    options = {**TINY, "options": {"units": 6, "embedding": 4}}
    return parts, labels, photometry, ex.train_all(
        parts, labels, photometry=photometry, hows=["sequential"], seed=0,
        estimation_epochs=3, **options,
    )  # fmt: skip


def test_one_autoencoder_serves_with_and_without_photometry(fits) -> None:
    found = fits[-1]
    assert list(found) == ["sequential", "sequential_photometric"]
    plain, more = found["sequential"], found["sequential_photometric"]
    for layer in ("encoder1", "encoder2", "embedding", "decoder2"):  # one autoencoder for both
        for a, b in zip(
            plain["model"].get_layer(layer).get_weights(),
            more["model"].get_layer(layer).get_weights(),
            strict=True,
        ):
            assert np.array_equal(a, b)
    assert more["feature_names"] == [*plain["feature_names"], *ts19.PHOTOMETRIC]
    assert len(trials.autoencoder_loss(plain["history"])) == 2


def test_table_2(fits) -> None:
    parts, labels, photometry, found = fits
    table = ex.table_2(found, parts, labels, photometry, grid=GRID, n_folds=2)
    assert list(table.columns) == list(found)
    seen = {p: ts19.latent(found["sequential"], s) for p, s in parts.items()}
    wanted = novelty.auc(seen["validation"]["energy"], seen["novel"]["energy"])
    assert table.loc["auc", "sequential"] == pytest.approx(wanted)
    row = trials.scores_of(found["sequential"], parts, labels)
    assert row["auc"] == pytest.approx(wanted)
    assert row["accuracy"] == pytest.approx(table.loc["network", "sequential"])
    assert row["epochs"] == 2


def test_evidence_serves_every_method(fits, sample) -> None:
    parts, labels, _, found = fits
    stars = sample[0]
    periods = stars["catalogue_period"].to_numpy()
    features = ex.variability(stars, periods, labels != ex.NOVEL)
    assert features.shape == (len(stars), 16)
    assert np.isfinite(features.to_numpy()).all()
    seen = [ex.evidence(found["sequential"], p, features, labels=labels) for p in parts.values()]
    table = baselines.compare(*seen)
    assert set(table.index) == set(baselines.METHODS)
    mixture = found["sequential"]["mixture"]
    sigma = np.asarray(mixture["factor"]) @ np.swapaxes(mixture["factor"], 1, 2)
    why = gmm.explain_energy(seen[2]["z"], mixture["phi"], mixture["mu"], sigma)
    assert np.allclose(why["energy"], seen[2]["energy"], atol=1e-3)


def test_jitter_by_hand() -> None:
    steady = pd.Series(np.exp(-0.1 * np.arange(10)))
    assert trials.jitter(steady) == pytest.approx(0, abs=1e-9)
    shaky = pd.Series(np.exp([0.0, 0, 0, 0, 0.1, 0, 0.1, 0]))
    assert trials.jitter(shaky) == pytest.approx(100 * np.std([-0.1, 0.1, -0.1]))
    assert np.isnan(trials.jitter(pd.Series([1.0, 2.0])))


def test_divisions(sample) -> None:
    table = trials.split_trials(
        sample[0],
        trials={"a": ("sequence", "found_period")},
        length=16, minimum=12, per_star=3, epochs_at="max", grid=GRID,
        **{**TINY, "epochs": 1, "options": {"units": 4, "embedding": 4}},
    )  # fmt: skip
    assert table.loc["a", "shared"] > 0.5
    assert table["sequences"].gt(1.5 * table["stars"]).all()


def test_every_class_held_out(sample, sequences) -> None:
    stars = sample[0]
    labels = stars["class"].to_numpy(str)
    features = ex.variability(stars, stars["catalogue_period"].to_numpy(), labels != ex.NOVEL)
    runs = trials.hold_out(
        sequences, labels, features, classes=["M"], seeds=[0],
        methods=["GMM energy", "isolation forest"],
        **{**TINY, "options": {"units": 4, "embedding": 4}},
    )  # fmt: skip
    assert runs["method"].tolist() == ["GMM energy", "isolation forest"]
    assert (runs["novel"] == (labels[sequences.star] == "M").sum()).all()


@pytest.mark.slow
def test_a_trial_of_embeddings(fits) -> None:
    parts, labels, *_ = fits
    table = trials.embedding_trials(
        parts, labels, [2], [0], options={"units": 4},
        **{**TINY, "epochs": 1, "estimation_epochs": 1},
    )  # fmt: skip
    assert table["how"].tolist() == ["joint", "sequential"]
    assert (table["embedding"] == 2).all()


def test_heads_on_the_same_features(fits) -> None:
    from varstar.papers.ts19 import trials as ts19_heads

    parts, labels, _, found = fits
    table = ts19_heads.head_trials(
        found["sequential"], parts, labels, epochs=2,
        trials={"as it is": {}, "longer": {"longer": 20, "standard": True, "energy": 0.0}},
    )  # fmt: skip
    assert table.loc["longer", "training"] > 0.5
    assert table.loc["longer", "training"] > table.loc["as it is", "training"] - 0.1

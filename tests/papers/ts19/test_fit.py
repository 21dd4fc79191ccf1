import numpy as np
import pandas as pd
import pytest

import varstar as vs
from varstar import taxonomy
from varstar.features.sequences import fold_sequences
from varstar.papers.ts19 import fit as ts19
from varstar.papers.ts19 import mixture as gmm

OPTIONS = {"units": 6, "embedding": 3, "dropout": 0.0}


@pytest.fixture(scope="module")
def stars():
    sample = vs.load("sim-asassn", size=60, seed=2, classes=["RRAB", "EA"], balance="equal")
    sequences, _ = fold_sequences(
        sample, length=24, minimum=20, cut="even", per_star=2, epochs="max"
    )
    return sample, sequences, sample["label"].to_numpy(object)


@pytest.fixture(scope="module")
def fitted(stars):
    sample, sequences, labels = stars
    return ts19.fit(
        sequences, labels, network="ts19-light", options=OPTIONS, how="sequential",
        photometry=ts19.photometric(sample), epochs=2, estimation_epochs=80, batch_size=40,
        learning_rate=2e-2, relative=True,
    )  # fmt: skip


def test_superclasses_are_the_papers():
    papers = ["CEPH", "DSCT", "ECL", "M", "ROT", "RRAB", "RRCD", "SR"]
    assert taxonomy.classes("ts19") == papers
    found = ts19.superclasses(pd.Series(["EW", "RRC", "HADS", "VAR"]), "sim-asassn")
    assert found.tolist()[:3] == ["ECL", "RRCD", "DSCT"]
    assert found.isna().tolist() == [False, False, False, True]


def test_photometry_by_hand():
    sample = pd.DataFrame(
        {"phot_g_mean_mag": 12.0, "phot_rp_mean_mag": 11.5, "bp_rp": 1.0,
         "parallax": [1.0, 100.0, -0.1]}
    )  # fmt: skip
    table = ts19.photometric(sample)
    # At 1 kpc m - M = 10, at 10 pc 0; W_RP = 11.5 - 1.3.
    assert table.iloc[0].tolist() == pytest.approx([0.2, 2.0, 1.0])
    assert table.iloc[1].tolist() == pytest.approx([10.2, 12.0, 1.0])
    assert table.iloc[2].isna().tolist() == [True, True, False]
    with pytest.raises(ValueError, match=r"lacks \['parallax'\]"):
        ts19.photometric(sample.drop(columns="parallax"))


def test_simulated_photometry_parts_the_classes(stars):
    sample, *_ = stars
    table = ts19.photometric(sample)
    assert list(table) == ts19.PHOTOMETRIC
    giants = table["m_g"][(sample["label"] == "RRAB").to_numpy()].median()
    assert giants == pytest.approx(0.6, abs=0.4)  # the horizontal branch


def test_sequences_are_counted_by_class(stars):
    _, sequences, labels = stars
    table = ts19.count_sequences(sequences, labels)
    assert table["sequences"].sum() == len(sequences.star)
    assert table["stars"].sum() == len(np.unique(sequences.star))
    assert (table["sequences"] <= 2 * table["stars"]).all()


def test_per_star_by_hand():
    values, star = np.array([[1.0, 2.0], [3.0, 6.0], [5.0, 5.0]]), np.array([0, 0, 2])
    assert ts19.per_star(values, star, 3)[[0, 2]].tolist() == [[2, 4], [5, 5]]
    assert np.isnan(ts19.per_star(values, star, 3)[1]).all()
    assert ts19.per_star(values[:, 0], star, 3, "max")[0] == 3.0
    assert ts19.per_star(values[:, 0], star, 3, "min")[0] == 1.0
    with pytest.raises(ValueError, match="Received: 'median'"):
        ts19.per_star(values, star, 3, "median")


def test_a_fit_says_everything_about_sequences(stars, fitted):
    sample, sequences, labels = stars
    seen = ts19.latent(fitted, sequences, ts19.photometric(sample))
    assert fitted["classes"] == sorted(set(labels))
    assert fitted["feature_names"] == [
        "e1", "e2", "e3", "distance", "cosine", "mean", "sd", "log_period", "w_rp", "m_g", "bp_rp",
    ]  # fmt: skip
    assert seen["z"].shape == (len(sequences.star), 11)
    assert seen["energy"] == pytest.approx(fitted["energies"])
    assert seen["memberships"].sum(axis=1) == pytest.approx(np.ones(len(seen["z"])), abs=1e-5)
    truth = labels[sequences.star]
    assert (ts19.predicted(fitted, seen["memberships"]) == truth).mean() > 0.8
    # z holds what the measures say, computed here from the reconstruction itself.
    x, mask = sequences.x[:, :, 1], sequences.mask
    error = np.linalg.norm((x - seen["reconstruction"]) * mask, axis=1)
    distance = error / np.linalg.norm(x, axis=1)
    assert seen["z"][:, 3] == pytest.approx(distance, abs=1e-3)
    # A star with an impossible period is stranger than all of them.
    far = sequences._replace(log_period=sequences.log_period + 6)
    far = ts19.latent(fitted, far, ts19.photometric(sample))["energy"]
    assert far.min() > seen["energy"].max()


def test_the_mixture_is_that_of_the_memberships(stars, fitted):
    sample, sequences, _ = stars
    seen = ts19.latent(fitted, sequences, ts19.photometric(sample))
    again = gmm.fit(seen["memberships"], seen["z"])
    assert fitted["mixture"]["mu"] == pytest.approx(again["mu"])
    assert fitted["mixture"]["phi"].sum() == pytest.approx(1)


def test_reconstructions_drawn_over_the_data(stars, fitted):
    sample, sequences, _ = stars
    seen = ts19.latent(fitted, sequences, ts19.photometric(sample))
    phase, mag, err, model = ts19.reconstructed_curves(sequences, seen["reconstruction"], 0)
    n = int(sequences.points[0])
    assert len(phase) == len(mag) == len(err) == len(model) == n
    assert mag.mean() == pytest.approx(sequences.mean[0])
    assert mag.std() == pytest.approx(sequences.sd[0], rel=1e-4)
    assert phase[0] == 0
    assert phase[-1] < 1
    assert (err > 0).all()


def test_the_forest_keeps_a_star_together():
    rng = np.random.default_rng(0)
    star = np.repeat(np.arange(60), 3)
    labels = np.where(star % 2, "A", "B")
    z = rng.normal(0, 1, (180, 4))
    z[:, 0] += np.where(star % 2, 3, 0)
    # A feature that names the star would give a perfect score if stars were parted.
    grid = {"n_estimators": [20], "min_samples_leaf": [1, 3], "max_features": [0.5]}
    search = ts19.fit_forest(z, labels, star, grid=grid)
    assert search.best_score_ > 0.85
    assert set(search.best_params_) == set(grid)
    leaky = np.column_stack([star, rng.normal(0, 1, 180)])
    shuffled = rng.permutation(np.array(["A", "B"] * 30))[star]
    assert ts19.fit_forest(leaky, shuffled, star, grid=grid).best_score_ < 0.75
    assert len(ts19.FOREST_GRID["n_estimators"]) * 2 * 4 * 3 == 72


def test_wrong_options(stars):
    _, sequences, labels = stars
    with pytest.raises(ValueError, match="how: expected 'joint' or 'sequential'"):
        ts19.fit(sequences, labels, how="both")
    with pytest.raises(ValueError, match="not among the classes"):
        ts19.fit(sequences, labels, classes=["EA", "M"])

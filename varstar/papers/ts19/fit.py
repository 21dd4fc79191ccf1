"""The experiment of TS19 (Tsang & Schultz 2019), step by step, for its notebook.

Stars -> selection (`varstar.features.sequences.select`) -> folded sequences -> autoencoder and
estimation network -> features z, classes and energies; and beside it a random forest on z.

What learns from sequences takes the labels of *stars*: ``labels[sequences.star]`` are those
of the sequences, so that no split can part a star.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from varstar import taxonomy
from varstar.features.sequences import Sequences, weights
from varstar.learning import trees
from varstar.learning.scaling import Scaler, fit_scaler

#: The photometric features (TS19, Sect. 3.3).
PHOTOMETRIC = ["w_rp", "m_g", "bp_rp"]
#: The auxiliary features (TS19, Sect. 2.2).
AUXILIARY = ["mean", "sd", "log_period"]
#: The grid of the random forests (TS19, Sect. 2.3).
FOREST_GRID = {
    "n_estimators": [50, 100, 250],
    "criterion": ["gini", "entropy"],
    "max_features": [0.05, 0.1, 0.2, 0.3],
    "min_samples_leaf": [1, 2, 3],
}


def superclasses(labels: pd.Series, survey: str | None = None) -> pd.Series:
    """TS19's superclass of each label (`varstar.taxonomy`); missing where it has none."""
    return taxonomy.to_classes(labels, "ts19", survey=survey)


def count_sequences(sequences: Sequences, labels: Sequence[str] | np.ndarray) -> pd.DataFrame:
    """Stars and sequences of each class (TS19, Tab 1).

    Parameters
    ----------
    sequences : Sequences
    labels : sequence of str
        Of each star of the sample.
    """
    own = np.asarray(labels, object)[sequences.star]
    table = pd.DataFrame({"class": own, "star": sequences.star})
    grouped = table.groupby("class", sort=True)["star"]
    return pd.DataFrame({"stars": grouped.nunique(), "sequences": grouped.size()})


def photometric(sample: pd.DataFrame) -> pd.DataFrame:
    """Absolute W_RP and M_G and the colour BP - RP of each star (TS19, Sect. 3.3).

    Parameters
    ----------
    sample : DataFrame
        Columns ``phot_g_mean_mag``, ``phot_rp_mean_mag``, ``bp_rp`` [mag], ``parallax``
        [mas], and ``parallax_error`` if known (``sim-asassn`` has them).

    Returns
    -------
    DataFrame
        Columns `PHOTOMETRIC` [mag]; NaN where a star lacks something or its parallax is
        not positive. No correction for extinction: W_RP = G_RP - 1.3 (G_BP - G_RP)
        (Lebzelter et al. 2018, A&A 616, L13) is made not to need one.

    Raises
    ------
    ValueError
        When the sample lacks a column.
    """
    needed = ["phot_g_mean_mag", "phot_rp_mean_mag", "bp_rp", "parallax"]
    missing = [c for c in needed if c not in sample.columns]
    if missing:
        raise ValueError(
            f"photometric: the sample lacks {missing}. Columns: {list(sample.columns)}"
        )
    g, rp, bp_rp, parallax = (sample[c].to_numpy(float, na_value=np.nan) for c in needed)
    # m - M = 5 log10(d / 10 pc), d = 1000 pc / parallax [mas]
    modulus = -5 * np.log10(np.where(parallax > 0, parallax, np.nan) / 100)
    values = {"w_rp": rp - 1.3 * bp_rp - modulus, "m_g": g - modulus, "bp_rp": bp_rp}
    return pd.DataFrame(values, index=sample.index)[PHOTOMETRIC]


def auxiliary(
    sequences: Sequences, photometry: pd.DataFrame | np.ndarray | None = None
) -> np.ndarray:
    """Auxiliary features of each sequence: mean, deviation, log10 P, and photometric ones.

    Parameters
    ----------
    sequences : Sequences
    photometry : DataFrame or ndarray, shape (n_stars, n_photometric), optional
        Of each star of the sample (see `photometric`).

    Returns
    -------
    ndarray, shape (n_sequences, 3 + n_photometric)
        Unscaled; NaN where a star's photometry is missing. Scaled, a missing value is
        0, the mean, which says nothing about the star; the paper puts 99 mag in its
        place, and so makes such stars novel.
    """
    columns = [np.stack([sequences.mean, sequences.sd, sequences.log_period], axis=1)]
    if photometry is not None:
        columns.append(np.asarray(photometry, float)[sequences.star])
    return np.concatenate(columns, axis=1)


def fit(
    sequences: Sequences,
    labels: Sequence[str] | np.ndarray,
    validation: Sequences | None = None,
    *,
    classes: Sequence[str] | None = None,
    photometry: pd.DataFrame | np.ndarray | None = None,
    network: str = "ts19",
    options: Mapping[str, Any] | None = None,
    how: str = "joint",
    epochs: int = 2000,
    batch_size: int = 2000,
    learning_rate: float = 2e-4,
    strength: float = 1e-3,
    patience: int | None = None,
    estimation_epochs: int | None = None,
    relative: bool = False,
    seed: int = 0,
    folder: str | Path | None = None,
) -> dict[str, Any]:
    """Train autoencoder and estimation network; fix the mixture on the training set.

    Parameters
    ----------
    sequences, validation : Sequences
        To learn from, and to watch and to stop early; of different stars.
    labels : sequence of str
        Class of each *star of the sample* (only those with sequences are looked at).
    classes : sequence of str, optional
        Order of the outputs; by default the sorted classes of the training sequences.
    photometry : DataFrame or ndarray, optional
        See `auxiliary`.
    network, options
        Of `varstar.models.build`: "ts19" or "ts19-light", with ``units``, ``embedding``, ...
    how : {"joint", "sequential"}
    epochs, batch_size, learning_rate, strength
        The defaults are the paper's.
    patience, estimation_epochs
        See `varstar.papers.ts19.training`.
    relative : bool
        Weights of Eq 1 relative to each sequence's mean (`varstar.features.sequences.weights`).
    seed : int
    folder : path, optional
        State of the training between epochs.

    Returns
    -------
    dict
        What `latent` needs: ``model``, ``scaling`` (of the auxiliary features), ``mixture``
        (of the training energies), ``classes``, ``feature_names``; and ``history``,
        ``energies`` (of the training sequences, in their order).
    """
    from varstar.learning.evaluate import one_hot
    from varstar.learning.training import seeded
    from varstar.models import build
    from varstar.papers.ts19 import training as ts19_training

    if how not in ("joint", "sequential"):
        raise ValueError(f"how: expected 'joint' or 'sequential'. Received: {how!r}")
    labels = np.asarray(labels, object)
    own = labels[sequences.star]
    classes = sorted(set(own.tolist())) if classes is None else list(classes)
    raw = auxiliary(sequences, photometry)
    scaler = fit_scaler(raw)

    def arrays(part: Sequences) -> tuple[np.ndarray, ...]:
        return (
            part.x,
            scaler(auxiliary(part, photometry)),
            weights(part, relative=relative),
            one_hot(labels[part.star], classes),
        )

    sizes = {"length": sequences.x.shape[1], "n_classes": len(classes)}
    with seeded(seed):
        model = build(network, **{**sizes, **(options or {}), "n_auxiliary": raw.shape[1]})
    training: dict[str, Any] = {
        "epochs": epochs, "batch_size": batch_size, "learning_rate": learning_rate,
        "patience": patience, "seed": seed, "folder": folder,
    }  # fmt: skip
    data, watched = arrays(sequences), None if validation is None else arrays(validation)
    if how == "joint":
        history = ts19_training.train_joint(model, data, watched, strength=strength, **training)
    else:
        history = ts19_training.train_sequential(
            model, data, watched, estimation_epochs=estimation_epochs, **training
        )
    names = [*(f"e{k + 1}" for k in range(model.get_layer("embedding").units)),
             "distance", "cosine", *AUXILIARY]  # fmt: skip
    if photometry is not None:
        names += list(getattr(photometry, "columns", range(raw.shape[1] - 3)))
    result = {
        "model": model, "scaling": scaler.to_dict(), "classes": classes,
        "feature_names": [str(n) for n in names], "history": history,
    }  # fmt: skip
    return with_mixture(result, sequences, photometry)


def with_mixture(
    fitted: Mapping[str, Any], sequences: Sequences, photometry: Any = None
) -> dict[str, Any]:
    """A fit with the mixture of these sequences' memberships, and their energies."""
    from varstar.papers.ts19 import mixture as gmm

    seen = latent({**fitted, "mixture": None}, sequences, photometry)
    mixture = gmm.fit(seen["memberships"], seen["z"])
    return {**fitted, "mixture": mixture, "energies": gmm.score(mixture, seen["z"])}


def latent(
    fitted: Mapping[str, Any],
    sequences: Sequences,
    photometry: pd.DataFrame | np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """What a trained network says about sequences.

    Parameters
    ----------
    fitted : dict
        Of `fit`.
    sequences : Sequences
    photometry : DataFrame or ndarray, optional
        As in the training.

    Returns
    -------
    dict of ndarray
        ``z`` (n, n_features), columns ``fitted["feature_names"]``, the auxiliary ones
        scaled; ``memberships`` (n, n_classes), the class probabilities;
        ``reconstruction`` (n, length), in units of ``sequences.x[:, :, 1]``; ``energy``
        (n,), under the training set's mixture.
    """
    from varstar.papers.ts19 import mixture as gmm
    from varstar.papers.ts19 import training as ts19_training

    x = Scaler.from_dict(fitted["scaling"])(auxiliary(sequences, photometry))
    out = ts19_training.predict(fitted["model"], sequences.x, x)
    result = {
        "z": out["features"], "memberships": out["memberships"],
        "reconstruction": out["reconstruction"],
    }  # fmt: skip
    if fitted.get("mixture") is not None:
        result["energy"] = gmm.score(fitted["mixture"], out["features"])
    return result


def predicted(fitted: Mapping[str, Any], memberships: np.ndarray) -> np.ndarray:
    """The most probable class of each row of memberships."""
    return np.asarray(fitted["classes"], object)[memberships.argmax(axis=1)]


def reconstructed_curves(
    sequences: Sequences, reconstruction: np.ndarray, i: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Phase (from that of the first step), magnitude, error and reconstruction of sequence `i`
    [mag]."""
    valid = sequences.mask[i]
    dt, x, sigma = sequences.x[i, valid].astype(float).T
    mean, sd = sequences.mean[i], sequences.sd[i]
    return np.cumsum(dt), mean + sd * x, sd * sigma, mean + sd * reconstruction[i, valid]


def per_star(
    values: np.ndarray, star: np.ndarray, n_stars: int, how: Callable | str = "mean"
) -> np.ndarray:
    """One value (or row) a star from those of its sequences.

    Parameters
    ----------
    values : ndarray, shape (n_sequences, ...)
    star : ndarray of int, shape (n_sequences,)
    n_stars : int
    how : {"mean", "max", "min"}

    Returns
    -------
    ndarray of float64, shape (n_stars, ...)
        NaN for stars without a sequence.
    """
    ways = {"mean": np.add, "max": np.maximum, "min": np.minimum}
    if how not in ways:
        raise ValueError(f"how: expected one of {sorted(ways)}. Received: {how!r}")
    values = np.asarray(values, float)
    start = {"mean": 0.0, "max": -np.inf, "min": np.inf}[how]
    out = np.full((n_stars, *values.shape[1:]), start)
    ways[how].at(out, star, values)
    count = np.bincount(star, minlength=n_stars)
    out[count == 0] = np.nan
    if how == "mean":
        out /= np.maximum(count, 1).reshape(-1, *[1] * (values.ndim - 1))
    return out


def fit_forest(
    z: np.ndarray,
    labels: np.ndarray,
    star: np.ndarray,
    *,
    grid: Mapping[str, Sequence[Any]] = FOREST_GRID,
    n_folds: int = 3,
    seed: int = 0,
    n_jobs: int | None = None,
) -> Any:
    """Random forest on learned features, the best of a grid (TS19, Sect. 2.3).

    Parameters
    ----------
    z : ndarray, shape (n, n_features)
        Of training sequences.
    labels, star : ndarray, shape (n,)
        Class of each sequence, and its star: no fold parts a star.
    grid : mapping
        The paper's by default, 72 forests a fold.
    n_folds : int
    seed : int
    n_jobs : int, optional

    Returns
    -------
    sklearn.model_selection.GridSearchCV
        Fitted: ``predict``, ``predict_proba``, ``best_params_``, ``best_score_`` (accuracy).
    """
    from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold

    folds = StratifiedGroupKFold(n_folds, shuffle=True, random_state=seed)
    search = GridSearchCV(
        trees.forest(seed),
        {k: list(v) for k, v in grid.items()},
        cv=folds,
        scoring="accuracy",
        n_jobs=n_jobs,
    )
    return search.fit(z, np.asarray(labels, str), groups=star)

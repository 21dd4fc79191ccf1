"""What notebook 04 does with `ts19.fit`: stars of known and of new classes, both ways of
training with and without photometry."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar.features import sequences as folded
from varstar.features.sequences import Sequences
from varstar.learning import novelty, splits
from varstar.learning.scaling import as_features, fit_scaler
from varstar.papers.ts19 import fit as ts19

#: Class of the stars that no model learns from.
NOVEL = "novel"


def proportions(survey: str, counts: Mapping[str, float]) -> dict[str, float]:
    """Counts of superclasses shared among a simulated survey's labels, as on its sky.

    Parameters
    ----------
    survey : str
        Simulated.
    counts : mapping
        Stars wanted of each superclass, such as those of TS19's Tab 1.

    Returns
    -------
    dict
        For ``varstar.load(survey, balance=...)``.
    """
    from varstar.simulate import SURVEYS

    rows = pd.DataFrame(SURVEYS[survey]["classes"])[["label", "superclass", "count"]]
    unknown = sorted(set(counts) - set(rows["superclass"]))
    if unknown:
        raise ValueError(
            f"counts: {survey} has no {unknown}. Known: {sorted(set(rows['superclass']))}"
        )
    rows = rows[rows["superclass"].isin(counts)]
    share = rows["count"] / rows.groupby("superclass")["count"].transform("sum")
    return (share * rows["superclass"].map(counts)).groupby(rows["label"]).sum().to_dict()


def load_stars(
    survey: str,
    *,
    novel: Sequence[str],
    size: int | None = None,
    counts: Mapping[str, float] | None = None,
    names: Mapping[str, str] | None = None,
    band: str | None = None,
    most: int | None = None,
    seed: int = 0,
    maximum_frequency: float = 24.0,
    min_points: int = 200,
    novel_selection: bool = False,
    **selection: Any,
) -> tuple[NestedFrame, pd.DataFrame]:
    """Selected stars of known classes, and of those that are to be novel.

    Parameters
    ----------
    survey : str
    novel : sequence of str
        The survey's labels that nothing is learned from.
    size, counts
        Of a simulated survey: stars in all, and `proportions` of its superclasses.
    names : mapping, optional
        Class of each of the survey's labels; by default TS19's superclasses
        (`varstar.taxonomy`). Labels without a class, and not novel, are left out.
    band : str, optional
    most : int, optional
        At most so many stars of a class, drawn at random.
    seed : int
    maximum_frequency : float
        Of the search for periods [1/d]; all stars get one.
    min_points : int
        Fewest measurements, of novel stars too.
    novel_selection : bool
        Novel stars, too, must pass the cuts in magnitude and residual; in TS19 they need
        not.
    **selection
        Of `varstar.features.sequences.select`: ``min_probability``, ``max_residual``,
        ``magnitude``.

    Returns
    -------
    sample : NestedFrame
        With columns ``class`` (`NOVEL` for novel stars), ``catalogue_period`` (the one
        found where the survey gives none), ``found_period`` [d] and ``residual`` (of
        SuperSmoother; NaN where no cut asks for it).
    left_out : DataFrame
        ``known`` and ``novel`` stars, by reason.
    """
    import varstar as vs
    from varstar.compendium.provenance import is_simulated

    options: dict[str, Any] = {}
    if is_simulated(survey):
        options["classes"] = "ts19"
        if counts:
            options["balance"] = proportions(survey, counts)
        sample = vs.load(survey, bands=band, size=size, seed=seed, **options)
    else:
        sample = vs.load(survey, bands=band)
    label = _classes(sample["label"], survey, novel, names)
    keep = np.array([v is not None for v in label])
    no_class = pd.Series({"no class": int((~keep).sum())})
    sample = sample[keep].assign(**{"class": label[keep]})
    if most is not None:
        sample = sample[splits.at_most(sample["class"].to_numpy(str), most, seed=seed)]
    if not is_simulated(survey) and size is not None and size < len(sample):
        sample = sample.sample(size, random_state=seed).sort_index()

    found = vs.find_periods(sample, maximum_frequency=maximum_frequency, workers=2)
    given = sample["period"].to_numpy(float, na_value=np.nan)
    period = found["period"].to_numpy(float)
    sample = sample.assign(
        catalogue_period=np.where(np.isfinite(given) & (given > 0), given, period),
        found_period=period,
    )
    is_novel = (sample["class"] == NOVEL).to_numpy()
    strict = folded.select(
        sample[~is_novel], min_points=min_points, periods="catalogue_period", **selection
    )
    loose = {"min_probability": None, "max_residual": np.inf, "magnitude": None}
    if novel_selection:
        loose |= {k: v for k, v in selection.items() if k in ("max_residual", "magnitude")}
    lax = folded.select(
        sample[is_novel], min_points=min_points, periods="catalogue_period", **loose
    )
    both = pd.concat([strict, lax]).reindex(sample.index)
    keep, reason = both["keep"].to_numpy(bool), both["reason"].reset_index(drop=True)
    left_out = pd.DataFrame(
        {
            "known": pd.concat([reason[~is_novel & ~keep].value_counts(), no_class]),
            "novel": reason[is_novel & ~keep].value_counts(),
        }
    )
    left_out = left_out.fillna(0).astype(int).rename_axis("reason").sort_index()
    return sample.assign(residual=both["residual"].to_numpy())[keep], left_out


def _classes(
    labels: pd.Series, survey: str, novel: Sequence[str], names: Mapping[str, str] | None
) -> np.ndarray:
    """Class of each star, `NOVEL` for those of the labels `novel`, None where it has none."""
    own = labels.astype(str)
    label = own.map(names) if names else ts19.superclasses(labels, survey)
    label = label.astype(object).mask(own.isin(list(novel)), NOVEL)
    label = label.where(label.notna(), None).to_numpy(object)
    if not (label == NOVEL).any():
        raise ValueError(f"novel: {survey} has no {list(novel)}. Labels: {sorted(set(own))}")
    return label


def parts_of(
    sequences: Sequences,
    labels: Sequence[str] | np.ndarray,
    *,
    by: str = "star",
    training: float = 0.8,
    seed: int = 0,
) -> dict[str, Sequences]:
    """Training, validation and novel sequences.

    Parameters
    ----------
    sequences : Sequences
    labels : sequence of str
        Class of each *star*; `NOVEL` for what nothing is learned from.
    by : {"star", "sequence"}
        Whether all sequences of a star stand on one side, or (TS19, Sect. 2.3) each is
        drawn alone: then the validation asks for stars that were trained on.
    training : float
        Share of the known; the paper's 0.8.
    seed : int
    """
    if by not in ("star", "sequence"):
        raise ValueError(f"by: expected 'star' or 'sequence'. Received: {by!r}")
    own = np.asarray(labels, object)[sequences.star].astype(str)
    known = np.flatnonzero(own != NOVEL)
    groups = sequences.star[known] if by == "star" else known
    part = splits.split_by_star(
        pd.Series(own[known]), {"training": training, "validation": 1 - training},
        seed=seed, groups=groups,
    ).to_numpy(object)  # fmt: skip
    found = {name: sequences.rows(known[part == name]) for name in ("training", "validation")}
    return {**found, "novel": sequences.rows(np.flatnonzero(own == NOVEL))}


def train_all(
    parts: Mapping[str, Sequences],
    labels: np.ndarray,
    *,
    photometry: np.ndarray | pd.DataFrame | None = None,
    hows: Sequence[str] = ("joint", "sequential"),
    seed: int = 0,
    folder: str | None = None,
    **options: Any,
) -> dict[str, Any]:
    """One network for each way of training (TS19, Tab 2), with and without photometry.

    The autoencoder of the sequential training sees no photometry: it is trained once, and
    two estimation networks on its features.

    Parameters
    ----------
    parts : dict of Sequences
        Of `parts_of`.
    labels : ndarray of str
        Of each star.
    photometry : DataFrame or ndarray, shape (n_stars, n), optional
        Of each star; without, there are no networks with.
    hows : sequence of {"joint", "sequential"}
    seed, folder, **options
        Of `varstar.papers.ts19.fit.fit`.

    Returns
    -------
    dict
        ``"joint"``, ``"joint_photometric"``, ``"sequential"``,
        ``"sequential_photometric"``: fits of `varstar.papers.ts19.fit.fit`.
    """
    known = (parts["training"], labels, parts["validation"])
    fits: dict[str, Any] = {}
    for how in hows:
        place = None if folder is None else f"{folder}/{how}"
        fits[how] = ts19.fit(*known, how=how, seed=seed, folder=place, **options)
        if photometry is None:
            continue
        if how == "sequential":
            fits["sequential_photometric"] = with_photometry(
                fits[how], *known, photometry, seed=seed, **options
            )
        else:
            place = place and f"{place}_photometric"
            fits[f"{how}_photometric"] = ts19.fit(
                *known, how=how, photometry=photometry, seed=seed, folder=place, **options
            )
    return fits


def with_photometry(
    fitted: Mapping[str, Any],
    sequences: Sequences,
    labels: np.ndarray,
    validation: Sequences,
    photometry: pd.DataFrame | np.ndarray,
    *,
    network: str = "ts19",
    options: Mapping[str, Any] | None = None,
    epochs: int = 2000,
    estimation_epochs: int | None = None,
    batch_size: int = 2000,
    learning_rate: float = 2e-4,
    patience: int | None = None,
    relative: bool = False,
    seed: int = 0,
    **_: Any,
) -> dict[str, Any]:
    """A second estimation network, with photometry, on the autoencoder of a fit.

    Parameters are those of `varstar.papers.ts19.fit.fit`; returns what it returns.
    """
    from varstar.learning.evaluate import one_hot
    from varstar.learning.training import seeded
    from varstar.models import build
    from varstar.papers.ts19 import training as ts19_training

    labels = np.asarray(labels, object)
    raw = ts19.auxiliary(sequences, photometry)
    scaling = fit_scaler(raw)
    sizes = {"length": sequences.x.shape[1], "n_classes": len(fitted["classes"])}
    with seeded(seed):
        model = build(network, **{**sizes, **(options or {}), "n_auxiliary": raw.shape[1]})
    for layer in model.layers:
        if layer.name != "estimation" and layer.weights:
            layer.set_weights(fitted["model"].get_layer(layer.name).get_weights())

    def arrays(part: Sequences) -> tuple[np.ndarray, ...]:
        x = scaling(ts19.auxiliary(part, photometry))
        y = one_hot(labels[part.star], fitted["classes"])
        return part.x, x, folded.weights(part, relative=relative), y

    history = ts19_training.train_estimation(
        model, arrays(sequences), arrays(validation), epochs=estimation_epochs or epochs,
        batch_size=batch_size, learning_rate=learning_rate, patience=patience, seed=seed,
    )  # fmt: skip
    names = [str(c) for c in getattr(photometry, "columns", range(raw.shape[1] - 3))]
    result = {
        "model": model, "scaling": scaling.to_dict(), "classes": fitted["classes"],
        "feature_names": [*fitted["feature_names"], *names], "history": history,
    }  # fmt: skip
    return ts19.with_mixture(result, sequences, photometry)


def evidence(
    fitted: Mapping[str, Any],
    part: Sequences,
    features: pd.DataFrame | None = None,
    photometry: pd.DataFrame | np.ndarray | None = None,
    labels: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """What each of `varstar.papers.ts19.baselines.METHODS` needs of these sequences, and ``z``.

    Parameters
    ----------
    fitted : dict
        Of `varstar.papers.ts19.fit.fit`.
    part : Sequences
    features : DataFrame, optional
        The sixteen of each star, scaled (`variability`).
    photometry, labels
        Of each star.
    """
    seen = ts19.latent(fitted, part, photometry)
    found = {
        "energy": seen["energy"],
        "reconstruction": seen["z"][:, fitted["feature_names"].index("distance")],
        "probability": seen["memberships"],
        "z": seen["z"],
        "curve": seen["reconstruction"],
    }
    if features is not None:
        found["features"] = np.asarray(features)[part.star]
    if labels is not None:
        found["labels"] = np.asarray(labels, object)[part.star].astype(str)
    return found


def variability(sample: NestedFrame, periods: np.ndarray, known: np.ndarray) -> pd.DataFrame:
    """K21's sixteen features of each star, logged and scaled by the `known` stars (a mask)."""
    import varstar as vs

    table = as_features(vs.variability_features(sample, periods, phases="arctan2"))
    scaler = fit_scaler(table[known], "log")
    return pd.DataFrame(scaler(table), table.index, scaler.columns)


def table_2(
    fits: Mapping[str, Mapping[str, Any]],
    parts: Mapping[str, Sequences],
    labels: np.ndarray,
    photometry: pd.DataFrame | np.ndarray | None = None,
    *,
    grid: Mapping[str, Sequence[Any]] = ts19.FOREST_GRID,
    n_folds: int = 3,
    seed: int = 0,
) -> pd.DataFrame:
    """Accuracy and novelty detection of each fit (TS19, Tab 2).

    Returns
    -------
    DataFrame
        Rows as in the paper, and ``auc``; a column a fit of `train_all`.
    """
    labels = np.asarray(labels, object)
    columns = {}
    for name, fitted in fits.items():
        extra = photometry if name.endswith("_photometric") else None
        seen = {p: ts19.latent(fitted, s, extra) for p, s in parts.items()}
        truth = {p: labels[s.star].astype(str) for p, s in parts.items()}
        answer = ts19.predicted(fitted, seen["validation"]["memberships"])
        forest = ts19.fit_forest(
            seen["training"]["z"], truth["training"], parts["training"].star,
            grid=grid, n_folds=n_folds, seed=seed,
        )  # fmt: skip
        guess = forest.predict(seen["validation"]["z"])
        energy = {p: seen[p]["energy"] for p in parts}
        row = novelty.summary(energy["training"], energy["validation"], energy["novel"])
        columns[name] = {
            "network": float(np.mean(answer == truth["validation"])),
            "random_forest": float(np.mean(guess == truth["validation"])),
            **row,
        }
    order = ["network", "random_forest", "precision_95", "recall_95", "f1_95",
             "precision_80", "recall_80", "f1_80", "auc"]  # fmt: skip
    return pd.DataFrame(columns).loc[order].rename_axis("row")

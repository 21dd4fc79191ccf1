"""The runs of S26's notebook: what is trained, tested, withheld and spoiled.

Each function is one step that the notebook keeps with `cached`; the recipe's
own steps are in `varstar.papers.s26.inputs`, the periods in `varstar.papers.s26.periods`.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar.lightcurves import augment
from varstar.lightcurves.preprocess import first_years
from varstar.lightcurves.sample import clean, light_curves, select_bands
from varstar.papers.s26 import inputs as s26
from varstar.papers.s26.period_success import interval
from varstar.papers.s26.periods import SAMPLES_PER_PEAK, catalogue, star_periods

#: Points that a star must have in every band, as for the periods (Sect. 3.2).
MIN_POINTS = 20


def load(
    name: str,
    size: int | None,
    bands: Sequence[str],
    *,
    seed: int = 0,
    balance: str | Mapping[str, float] | None = None,
) -> NestedFrame:
    """A sample by name, LSST's among them; `balance` is for simulated surveys only."""
    import varstar as vs
    from varstar.simulate.lsst import NAME, lsst

    if name == NAME:
        balance = balance or "equal"  # each band on its own nights, as the table was made
        return lsst(size or 1000, seed, list(bands), balance, plan="independent")
    options = {"balance": balance} if name.startswith("sim-") and balance else {}
    return vs.load(name, size=size, bands=list(bands), seed=seed, **options)


def usable(
    sample: NestedFrame,
    label: str,
    classes: Sequence[str],
    bands: Sequence[str],
    min_points: int = MIN_POINTS,
) -> tuple[NestedFrame, pd.DataFrame]:
    """Stars of the classes with a period and enough points in every band; why not the others.

    Parameters
    ----------
    sample : NestedFrame
    label : str
        Column of the classes.
    classes, bands : sequence of str
    min_points : int

    Returns
    -------
    sample : NestedFrame
        With the column ``s26_class``.
    left_out : DataFrame
        ``reason``, ``stars``.
    """
    curves = light_curves(sample)
    reason = np.full(len(sample), "", object)
    for band in bands:
        status = clean(select_bands(curves, band), min_points)[1]
        bad = (status != "ok") & (reason == "")
        reason[bad] = [f"{band}: {s}" for s in status[bad]]
    labels = sample[label].astype(object)
    reason[~np.isfinite(sample["period"].to_numpy(float))] = "no period in the catalogue"
    other = ~labels.isin(list(classes)).to_numpy(bool)
    reason[other] = "class not used"
    counts = pd.Series(reason[reason != ""]).value_counts()
    kept = sample[reason == ""].copy()
    kept["s26_class"] = kept[label].astype(str)
    return kept, counts.rename_axis("reason").rename("stars").reset_index()


def plan_as_published(
    labels: pd.Series, per_class: Mapping[str, int], *, seed: int = 0
) -> pd.DataFrame:
    """Every class filled with copies first, the light curves then divided at random.

    Sect. 3.1 and 3.4 read so: 4 500 light curves a class after augmentation, of which
    "the dataset was divided" into 4 000 and 500, and those by 0.7. A star's copies then
    stand on both sides. `s26.plan` divides the stars first.

    Returns
    -------
    DataFrame
        As `s26.plan`.
    """
    copies = augment.plan_copies(labels, sum(per_class.values()), seed=seed)
    rng = np.random.default_rng(seed)
    names = np.repeat(list(per_class), list(per_class.values())).astype(object)
    part = np.empty(len(copies), object)
    for name in copies["label"].unique():
        part[(copies["label"] == name).to_numpy()] = rng.permutation(names)
    return copies.assign(part=part)


def shared_between_parts(plan: pd.DataFrame) -> float:
    """Part of the test's light curves whose star is also in training."""
    test = plan[plan["part"] == "test"]
    return float(test["star_id"].isin(set(plan.loc[plan["part"] == "train", "star_id"])).mean())


def draw_parts(
    sample: NestedFrame,
    plan: pd.DataFrame,
    periods: pd.DataFrame,
    bands: Sequence[str],
    *,
    only: str | None = None,
    random_phase: bool = False,
    seed: int = 0,
    **options: Any,
) -> dict[str, tuple[s26.Inputs, np.ndarray]]:
    """Inputs and labels of the parts of a plan; light curves without a period go.

    Parameters
    ----------
    sample, plan : as in `varstar.papers.s26.inputs`
    periods : DataFrame
        From `star_periods`, or one column for all.
    bands : sequence of str
    only : str, optional
        Only this band, with its own period.
    random_phase, seed, **options
        As in `s26.draw_plan`.
    """
    if only is not None:
        own = only if only in periods.columns else periods.columns[-1]
        bands, periods = [only], periods[[own]]
    parts = {}
    for k, name in enumerate(("train", "validation", "test")):
        some = plan[plan["part"] == name].reset_index(drop=True)
        x = s26.draw_plan(
            sample, some, periods, bands, random_phase=random_phase, seed=seed + 7919 * k, **options
        )
        good = x.status == "ok"
        parts[name] = s26.take(x, good), some["label"].to_numpy(str)[good]
    return parts


def train_and_test(
    parts: Mapping[str, tuple[s26.Inputs, np.ndarray]],
    *,
    classes: Sequence[str],
    network: str,
    seed: int = 0,
    options: Mapping[str, Any] | None = None,
    training: Mapping[str, Any] | None = None,
    folder: str | None = None,
) -> dict[str, Any]:
    """Train on two parts, classify the third.

    Returns
    -------
    dict
        ``model``, ``history`` (`s26.fit_network`), ``probability`` and ``labels``
        of the test, ``seconds`` of training.
    """
    start = time.perf_counter()
    fitted = s26.fit_network(
        *parts["train"],
        *parts["validation"],
        classes=classes,
        network=network,
        options=options,
        seed=seed,
        folder=folder,
        **(training or {}),
    )
    seconds = time.perf_counter() - start
    x, labels = parts["test"]
    return {
        **fitted,
        "probability": s26.predict(fitted["model"], x),
        "labels": labels.astype(object),
        "seconds": seconds,
    }


def predicted(probability: np.ndarray, classes: Sequence[str], none: str = "none") -> np.ndarray:
    """The most probable class of each star; `none` where there is no answer."""
    known = np.isfinite(probability).all(axis=1)
    best = np.where(known, np.nan_to_num(probability).argmax(axis=1), 0)
    return np.where(known, np.asarray(classes, object)[best], none).astype(str)


def recall_table(
    labels: Sequence[str], guess: Sequence[str], classes: Sequence[str], level: float = 0.95
) -> pd.DataFrame:
    """Stars, right ones, and recall with Wilson's interval, by class; no answer is wrong."""
    labels, guess = np.asarray(labels, str), np.asarray(guess, str)
    rows = []
    for name in classes:
        mine = labels == name
        right, n = int((guess[mine] == name).sum()), int(mine.sum())
        low, high = interval(right, n, level)
        none = int((guess[mine] == "none").sum())
        recall = right / n if n else np.nan
        rows.append((name, n, right, none, recall, float(low[0]), float(high[0])))
    columns = ["class", "stars", "right", "no_answer", "recall", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def recall_by_years(
    model: Any,
    sample: NestedFrame,
    windows: Sequence[float],
    bands: Sequence[str],
    classes: Sequence[str],
    *,
    true: str = "period",
    samples_per_peak: float = SAMPLES_PER_PEAK,
    images: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """Recall of a trained network on the first years of unseen stars.

    Images and periods come from these years only; beside it, the catalogue's period with
    the images of these years: the difference is what the wrong periods cost. A star
    without a period has no answer and counts as not recovered.

    Parameters
    ----------
    model : keras.Model
        That was trained with a table of periods as from `star_periods`.
    sample : NestedFrame
        With ``s26_class``.
    windows : sequence of float
        [yr].
    bands, classes : sequence of str
    true : str
        Column of the catalogue's periods.
    samples_per_peak : float
    images : mapping, optional
        Options of `s26.inputs`.

    Returns
    -------
    DataFrame
        `recall_table` for each of ``years`` and ``periods`` ("found", "catalogue").
    """
    labels = sample["s26_class"].to_numpy(str)
    parts = []
    for years in windows:
        cut = first_years(sample, years)
        found = star_periods(cut, bands, samples_per_peak=samples_per_peak)
        for name, table in (("found", found), ("catalogue", catalogue(sample, bands, true))):
            x = s26.inputs(cut, table, bands, **(images or {}))
            guess = predicted(s26.predict(model, x), classes)
            part = recall_table(labels, guess, classes)
            parts.append(part.assign(years=years, periods=name))
    return pd.concat(parts, ignore_index=True)


def spoil(
    sample: NestedFrame,
    periods: pd.DataFrame,
    bands: Sequence[str],
    *,
    true: str = "period",
    samples_per_peak: float = SAMPLES_PER_PEAK,
    images: Mapping[str, Any] | None = None,
) -> dict[str, s26.Inputs]:
    """The same stars with their periods as found, of the catalogue, withheld, wrong.

    Parameters
    ----------
    periods : DataFrame
        From `star_periods`: those found.

    Returns
    -------
    dict
        Name -> `s26.Inputs`. "withheld": folded as found, but the network is not
        told. "P/2" and "2P": folded with half and twice the catalogue's and told so.
        "one year": found in the first year; the images hold all years.
    """
    images = images or {}
    truth = catalogue(sample, bands, true)
    year = star_periods(first_years(sample, 1), bands, samples_per_peak=samples_per_peak)
    tables = {"found": periods, "catalogue": truth, "P/2": truth / 2, "2P": truth * 2}
    result = {k: s26.inputs(sample, v, bands, **images) for k, v in tables.items()}
    result["one year"] = s26.inputs(sample, year, bands, **images)
    result["withheld"] = s26.withhold_periods(result["found"])
    return result


def seconds_to_classify(
    model: Any,
    sample: NestedFrame,
    bands: Sequence[str],
    n: int,
    *,
    images: Mapping[str, Any] | None = None,
    search: Callable[[NestedFrame], pd.DataFrame] | None = None,
) -> pd.DataFrame:
    """How long `n` stars take: the periods, the images, the network (Sect. 5.2).

    The sample is taken again and again until it has `n` stars; the period search is timed
    on its first hundred stars.

    Returns
    -------
    DataFrame
        ``step``, ``stars``, ``seconds``, ``milliseconds_a_star``.
    """
    curves = light_curves(sample)
    rows = np.resize(np.arange(len(sample)), n)
    table = catalogue(sample, bands)
    many, many_periods = curves.stars(rows), table.to_numpy(float)[rows]
    s26.predict(model, s26.inputs(curves.stars(rows[:64]), many_periods[:64], bands, **images))
    steps = []
    if search is not None:
        some = sample.iloc[: min(100, len(sample))]
        start = time.perf_counter()
        search(some)
        steps.append(("find the periods", len(some), time.perf_counter() - start))
    start = time.perf_counter()
    x = s26.inputs(many, many_periods, bands, **images)
    steps.append(("light curves to images", n, time.perf_counter() - start))
    start = time.perf_counter()
    s26.predict(model, x)
    steps.append(("images to classes", n, time.perf_counter() - start))
    rows = pd.DataFrame(steps, columns=["step", "stars", "seconds"])
    return rows.assign(milliseconds_a_star=1e3 * rows["seconds"] / rows["stars"])


def forest_beside(
    sample: NestedFrame,
    plan: pd.DataFrame,
    periods: pd.DataFrame,
    bands: Sequence[str],
    *,
    n_trees: int = 300,
    seed: int = 0,
) -> pd.DataFrame:
    """A random forest on the sixteen variability features, in one band and in all.

    Parameters
    ----------
    plan : DataFrame
        From `s26.plan`; stars count once, as measured, and train the forest where
        they train or validate the network.
    periods : DataFrame
        From `star_periods`; a band's features use its own, those of all bands "all".

    Returns
    -------
    DataFrame
        ``star_id, bands, label, predicted`` of the test's stars.
    """
    from sklearn.ensemble import RandomForestClassifier

    from varstar.features import variability_features

    part = plan.drop_duplicates("star_id").set_index("star_id")["part"]
    tables = {
        band: variability_features(select_bands(light_curves(sample), band), periods=p)
        for band, p in ((b, periods[b].to_numpy(float)) for b in bands)
    }
    tables["+".join(bands)] = pd.concat(
        [tables[b].add_suffix(f" {b}") for b in bands], axis=1
    ).assign(period=periods["all"].to_numpy(float))
    labels = sample["s26_class"].to_numpy(str)
    test = (part.reindex(sample.index) == "test").to_numpy(bool)
    train = part.reindex(sample.index).isin(["train", "validation"]).to_numpy(bool)
    rows = []
    for name, table in tables.items():
        x = table.select_dtypes("number").fillna(-99.0).to_numpy(float)
        forest = RandomForestClassifier(
            n_trees, class_weight="balanced_subsample", n_jobs=-1, random_state=seed
        ).fit(x[train], labels[train])
        guess = forest.predict(x[test])
        columns = {"star_id": sample.index[test], "bands": name, "label": labels[test]}
        rows.append(pd.DataFrame({**columns, "predicted": guess}))
    return pd.concat(rows, ignore_index=True)

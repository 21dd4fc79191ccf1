"""The experiment of S26 (Szklenár et al. 2026), step by step, for its notebook.

Light curves in several bands and periods -> classes and parts by star -> noise copies ->
`inputs`: an image a band, a mask that says which bands a star has, and the periods -> the
network with one branch per band (`varstar.papers.s26.network`) -> classes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar.features.images import SCALES, draw
from varstar.learning import splits
from varstar.lightcurves import augment
from varstar.lightcurves.sample import LightCurves, clean, light_curves
from varstar.models.ensemble import mean_prediction
from varstar.models.forward import Network
from varstar.papers.s26.axes import (
    epochs_of,
    folding_periods,
    number_names,
    numbers_of,
    period_table,
    shared_depths,
)
from varstar.papers.s26.views import (
    Inputs,
    mask_random_band,
    only_band,
    take,
    withhold_periods,
    without_band,
)

__all__ = [
    "Inputs",
    "draw_plan",
    "fit_network",
    "inputs",
    "mask_random_band",
    "number_names",
    "only_band",
    "plan",
    "predict",
    "take",
    "withhold_periods",
    "without_band",
]

CLASSES = ["CEP", "DSCT", "ECL", "RRLYR", "T2CEP"]
#: Light curves a class of each part (Sect. 3.1, 3.4: 4 000, of which 70 % train, and 500).
PARTS = {"train": 2800, "validation": 1200, "test": 500}
#: Sect. 4.4.
LEARNING_RATE, BATCH, PATIENCE, MIN_DELTA = 2.5e-4, 32, 19, 1e-4
#: Copies drawn at a time.
_CHUNK = 1000


def inputs(
    sample: NestedFrame | LightCurves,
    periods: Any = "period",
    bands: Sequence[str] | None = None,
    *,
    size: int | Sequence[int] = 128,
    scales: str | Sequence[str] = "unit",
    shared_scale: bool = False,
    cycles: int = 2,
    multiples: Sequence[float] = (1,),
    epochs: str | np.ndarray | float = "max",
    shift: np.ndarray | float = 0.0,
    numbers: bool = False,
    min_points: int = 2,
) -> Inputs:
    """Images, mask and periods of every star.

    Parameters
    ----------
    sample : NestedFrame or LightCurves
    periods : str, Series, array or DataFrame
        A column of the sample, or one period [d] a star: all bands are folded with it
        and it is the only one shown. Or a table of shape (n, bands): a period a band,
        each folded with its own; or (n, bands + 1): the last one found in all bands
        together, which folds a band that has none of its own. A band that still has none
        is folded with the first that the star has.
    bands : sequence of str, optional
        In the order of the network's branches; all of the sample by default. One that
        the sample does not know is missing for every star.
    size : int or (int, int)
        Pixels a side, or rows and columns.
    scales : str or sequence of str
        Vertical axis of the image (`varstar.features.images.SCALES`); a channel each if several.
    shared_scale : bool
        One axis for all bands of a star, its bands moved to the same median magnitude: the
        ratio of the amplitudes stays visible. By default each band has its own.
    cycles : int
        Cycles that stand side by side.
    multiples : sequence of float
        A channel for each multiple of the period: (1, 2) shows a star also folded with
        twice its period. Scales vary fastest among the channels.
    epochs : {"max", "min"}, float or ndarray of shape (n,)
        What stands at phase 0: the maximum or minimum of a two-term fit in the first band
        that the star has (the other bands are drawn with the same epoch, unless they are
        folded with another period), or a time [d].
    shift : float or ndarray, shape (n,)
        Moves all images of a star to larger phases [cycles]; see `random_shifts`.
    numbers : bool
        Whether to measure `Inputs.numbers`.
    min_points : int
        A band with fewer usable points is missing.

    Returns
    -------
    Inputs

    Raises
    ------
    ValueError
        Unknown bands only, an unknown scale, or periods of another shape.
    """
    curves = sample if isinstance(sample, LightCurves) else light_curves(sample)
    bands = list(curves.bands if bands is None else bands)
    scales = [scales] if isinstance(scales, str) else list(scales)
    unknown = [s for s in scales if s not in SCALES]
    if unknown:
        raise ValueError(f"scales: expected some of {sorted(SCALES)}. Received: {unknown}")
    if not set(bands) & set(curves.bands):
        raise ValueError(f"unknown bands {bands}. Known: {list(curves.bands)}")
    rows, columns = (size, size) if np.ndim(size) == 0 else size
    table = period_table(sample, periods, curves.n_stars, len(bands))
    curves, status = clean(curves)
    n = curves.n_stars

    parts, mask = {}, np.zeros((n, len(bands)), bool)
    for b, name in enumerate(bands):
        if name in curves.bands:
            parts[b] = curves.where(curves.band == curves.bands.index(name))
            mask[:, b] = (parts[b].counts >= min_points) & (status == "ok")
    status[(status == "ok") & ~mask.any(axis=1)] = (
        f"fewer than {min_points} valid points in every band"
    )
    folding = folding_periods(table, len(bands))
    status[(status == "ok") & ~np.isfinite(folding[:, 0])] = "no period"
    mask &= (status == "ok")[:, None]

    channels = len(scales) * len(multiples)
    images = np.zeros((n, len(bands), rows, columns, channels), np.uint8)
    drawn = {b: np.flatnonzero(mask[:, b]) for b in parts}
    curves_of = {b: parts[b].stars(drawn[b]) for b in parts}
    depths = shared_depths(curves_of, drawn, n, scales) if shared_scale else {}
    shift = np.broadcast_to(np.asarray(shift, float), (n,))
    for m, multiple in enumerate(multiples):
        epoch = epochs_of(curves_of, drawn, folding * multiple, epochs)
        for b, part in curves_of.items():
            if not len(drawn[b]):
                continue
            period = multiple * folding[drawn[b], b]
            start = epoch[drawn[b], b] - shift[drawn[b]] * period
            for s, scale in enumerate(scales):
                images[drawn[b], b, :, :, m * len(scales) + s] = draw(
                    part, period, start, size=(rows, columns), scale=scale, cycles=cycles,
                    depth=depths[scale][b] if depths else None,
                )  # fmt: skip
    return Inputs(
        images if channels > 1 else images[..., 0],
        mask.astype(np.float32),
        np.log10(table).astype(np.float32),
        numbers_of(curves_of, drawn, mask, folding) if numbers else np.zeros((n, 0), np.float32),
        status.astype(str),
    )


def random_shifts(n: int, seed: int = 0) -> np.ndarray:
    """Random phases in [0, 1) for ``inputs(shift=...)``: the test of Sect. 4.5, Fig. A.1."""
    return np.random.default_rng(seed).random(n)


def plan(labels: pd.Series, per_class: Mapping[str, int] = PARTS, *, seed: int = 0) -> pd.DataFrame:
    """The paper's parts: stars split by class, each part filled with noise copies.

    Stars are divided as the numbers of light curves are, and only then copied, so that
    all copies of a star stand in one part (the paper does not say how its were).

    Parameters
    ----------
    labels : Series
        Class of each star; index ``star_id``.
    per_class : mapping
        Light curves a class of each part.
    seed : int

    Returns
    -------
    DataFrame
        As `varstar.lightcurves.augment.plan_copies`, with the column ``part``; ``row`` is the
        position in `labels`.
    """
    total = sum(per_class.values())
    part = splits.split_by_star(labels, {k: v / total for k, v in per_class.items()}, seed=seed)
    tables = []
    for k, (name, number) in enumerate(per_class.items()):
        rows = np.flatnonzero((part == name).to_numpy())
        some = augment.plan_copies(labels.iloc[rows], number, seed=seed + k)
        tables.append(some.assign(row=rows[some["row"]], part=name))
    return pd.concat(tables, ignore_index=True)


def draw_plan(
    sample: NestedFrame | LightCurves,
    copies: pd.DataFrame,
    periods: Any = "period",
    bands: Sequence[str] | None = None,
    *,
    random_phase: bool = False,
    seed: int = 0,
    **options: Any,
) -> Inputs:
    """`inputs` of a plan of noise copies (`plan`, or `varstar.lightcurves.augment.plan_copies`).

    Parameters
    ----------
    sample, periods, bands, **options
        As in `inputs`; one row of periods a star of the sample.
    copies : DataFrame
    random_phase : bool
        Give every light curve a random phase (Fig. A.1).
    seed : int
        Of noise and phases.
    """
    curves = sample if isinstance(sample, LightCurves) else light_curves(sample)
    bands = list(curves.bands if bands is None else bands)
    table = period_table(sample, periods, curves.n_stars, len(bands))
    curves, _ = clean(curves)
    shift = random_shifts(len(copies), seed) if random_phase else np.zeros(len(copies))
    parts = []
    for first in range(0, len(copies), _CHUNK):
        some = copies.iloc[first : first + _CHUNK]
        noisy = augment.copies(curves, some, seed=seed + first)
        parts.append(
            inputs(noisy, table[some["row"].to_numpy()], bands,
                   shift=shift[first : first + _CHUNK], **options)
        )  # fmt: skip
    return Inputs(*(np.concatenate(a) for a in zip(*parts, strict=True)))


def options_for(x: Inputs, classes: Sequence[str]) -> dict[str, Any]:
    """Options of ``varstar.models.build("s26" or "s26-light")`` that fit the inputs."""
    options: dict[str, Any] = {
        "bands": x.mask.shape[1],
        "n_classes": len(classes),
        "n_periods": x.periods.shape[1],
        "size": list(x.images.shape[2:4]),
        "channels": x.images.shape[4] if x.images.ndim == 5 else 1,
    }
    if x.numbers.shape[1]:
        options["n_numbers"] = x.numbers.shape[1]
    return options


def compiled(
    network: str, options: Mapping[str, Any], *, learning_rate: float = LEARNING_RATE
) -> Any:
    """A network of S26, compiled with Adam and categorical cross-entropy (Sect. 4.4)."""
    from varstar.models import build
    from varstar.optional import keras

    model = build(network, **options)
    model.compile(
        keras.optimizers.Adam(learning_rate), "categorical_crossentropy", metrics=["accuracy"]
    )
    return model


def fit_network(
    x: Inputs,
    labels: np.ndarray,
    x_validation: Inputs,
    labels_validation: np.ndarray,
    *,
    classes: Sequence[str] = CLASSES,
    network: str = "s26",
    options: Mapping[str, Any] | None = None,
    learning_rate: float = LEARNING_RATE,
    batch_size: int = BATCH,
    epochs: int = 300,
    patience: int | None = PATIENCE,
    min_delta: float = MIN_DELTA,
    seed: int = 0,
    folder: str | None = None,
) -> dict[str, Any]:
    """Train a network as S26 does (Sect. 4.4).

    Parameters
    ----------
    x, x_validation : Inputs
        Every star drawn (status "ok").
    labels, labels_validation : ndarray of str, shape (n,)
    classes : sequence of str
        Order of the network's outputs.
    network : {"s26", "s26-light"}
    options : mapping, optional
        Of the network, beside those that `options_for` reads from `x`.
    learning_rate, batch_size, patience, min_delta
        The defaults are the paper's.
    epochs : int
        At most so many (the paper's stopped after about 170).
    seed : int
    folder : path, optional
        Where the state between epochs is kept; a killed training goes on from there.

    Returns
    -------
    dict
        ``model`` (at its best epoch) and ``history``.
    """
    from varstar.learning.evaluate import one_hot
    from varstar.learning.training import array_batches, seeded, train

    for part in (x, x_validation):
        bad = part.status[part.status != "ok"]
        if len(bad):
            raise ValueError(
                f"expected stars that can be drawn. Received: {len(bad)} that cannot, "
                f"for example {str(bad[0])!r}"
            )
    options = {**options_for(x, classes), **(options or {})}
    if network == "s26":
        options.pop("n_numbers", None)
    with seeded(seed):
        model = compiled(network, options, learning_rate=learning_rate)
    a, b = _for(model, x), _for(model, x_validation)
    y, y_validation = one_hot(labels, classes), one_hot(labels_validation, classes)
    history = train(
        model,
        lambda epoch: array_batches(a, y, batch_size, seed=seed + epoch),
        array_batches(b, y_validation, 256),
        epochs=epochs,
        patience=patience,
        min_delta=min_delta,
        folder=folder,
        seed=seed,
        description=network,
    )
    return {"model": model, "history": history}


def _for(model: Any, x: Inputs) -> list[np.ndarray]:
    """The arrays that this model asks for, by the names of its inputs."""
    if isinstance(model, Network):
        return [a for a in (x.images, x.mask, x.periods, x.numbers) if a is not None]
    return [getattr(x, i.name) for i in model.inputs]


def predict(model: Any, x: Inputs, batch_size: int = 256, *, views: bool = False) -> np.ndarray:
    """Class probabilities, shape (n, n_classes); NaN for a star that cannot be drawn.

    Parameters
    ----------
    model : keras.Model or varstar.models.forward.Network, or a sequence of them
        Of several the mean.
    x : Inputs
    batch_size : int
    views : bool
        For a network that was trained to do without a band: look at a star also with each
        of its bands alone. Half of the answer is that to all bands together, half the
        mean of those to the single bands.
    """
    models = model if isinstance(model, list | tuple) else [model]
    usable = np.flatnonzero(x.status == "ok")
    some = take(x, usable) if len(usable) < len(x.status) else x
    answer = mean_prediction(models, _for(models[0], some))
    result = np.full((len(x.status), answer.shape[1]), np.nan)
    result[usable] = answer
    several = usable[x.mask[usable].sum(axis=1) > 1]
    if views and len(several):
        total, seen = np.zeros((len(several), result.shape[1])), np.zeros((len(several), 1))
        for b in range(x.mask.shape[1]):
            alone = take(x, several)
            for other in range(x.mask.shape[1]):
                if other != b:
                    alone = without_band(alone, other)
            p = predict(models, alone, batch_size)
            there = alone.mask[:, [b]] > 0
            total += np.where(there, p, 0.0)
            seen += there
        result[several] = (result[several] + total / seen) / 2
    return result

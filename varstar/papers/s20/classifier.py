"""From light curves to class probabilities through images: S20's way, end to end.

What a network sees is written in its card's ``inputs``: ``size`` [rows, columns],
``cycles``, ``scales`` (a channel each, see `SCALES`), ``epochs`` (what stands at
phase 0), ``period`` (whether log P is a second input), ``min_points``.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from varstar.features.images import draw
from varstar.lightcurves.folding import epoch_of_maximum
from varstar.lightcurves.sample import LightCurves, clean, light_curves, one_band

#: Stars drawn and classified at a time.
CHUNK = 2048
#: The class of eclipsing binaries.
BINARY = "ECL"


def network_inputs(
    curves: LightCurves,
    period: np.ndarray,
    epoch: np.ndarray,
    inputs: Mapping[str, Any],
    keep: np.ndarray | None = None,
) -> list[np.ndarray]:
    """The arrays that the network takes: images, and log periods where it wants them.

    Parameters
    ----------
    curves : LightCurves
        Clean, every star with points.
    period, epoch : ndarray, shape (n_stars,)
        [d]
    inputs : mapping
        The card's.
    keep : ndarray of bool, shape (n_points,), optional
        Draw only these points (training leaves some out).
    """
    if keep is not None:
        curves = curves.where(keep)
    size = tuple(inputs["size"])
    images = np.empty((curves.n_stars, *size, len(inputs["scales"])), np.uint8)
    for k, scale in enumerate(inputs["scales"]):
        images[..., k] = draw(
            curves, period, epoch, size=size, scale=scale, cycles=inputs["cycles"]
        )
    return [images, log_period(period)] if inputs["period"] else [images]


def log_period(period: np.ndarray) -> np.ndarray:
    """(log10 P/d + 0.3) / 0.5 as float32, shape (n, 1): of order one for P = 0.05..50 d."""
    return ((np.log10(period) + 0.3) / 0.5).astype(np.float32)[:, None]


def predict(networks: Sequence[Any], x: list[np.ndarray], batch_size: int = 256) -> np.ndarray:
    """Mean of the networks' probabilities, shape (n, n_outputs).

    Batch by batch through one compiled function a network; the last batch is filled up,
    so that no other shape is ever compiled.
    """
    n = len(x[0])
    total = 0.0
    for network in networks:
        parts = []
        for first in range(0, n, batch_size):
            batch = [a[first : first + batch_size] for a in x]
            fill = batch_size - len(batch[0]) if n > batch_size else 0
            if fill:
                batch = [np.concatenate([a, np.repeat(a[:1], fill, axis=0)]) for a in batch]
            out = network.predict_on_batch(batch if len(batch) > 1 else batch[0])
            parts.append(np.asarray(out)[: len(out) - fill])
        total = total + np.concatenate(parts)
    return total / len(networks)


def to_classes(outputs: np.ndarray, card: Mapping[str, Any]) -> np.ndarray:
    """Probabilities of the card's classes from the network's outputs.

    A network may have been trained on finer classes (``outputs``: the class of each) and
    on a sample balanced otherwise than the sky: ``prior_ratio`` is each output's share
    in the training survey over its share in training (Bayes' theorem moves the
    probabilities from one to the other). ``class_weight`` then lifts rare classes, so
    that the most probable class is the best answer for macro F1.
    """
    outputs = outputs * np.asarray(card["prior_ratio"])
    member = np.asarray(card["outputs"], object)
    sums = np.stack([outputs[:, member == c].sum(axis=1) for c in card["classes"]], axis=1)
    sums = sums * np.asarray(card.get("class_weight", 1.0))
    return sums / sums.sum(axis=1, keepdims=True)


def probabilities(
    sample: Any,
    periods: np.ndarray,
    card: Mapping[str, Any],
    networks: Sequence[Any],
    bands: str | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Class probabilities of every star, and why some have none.

    Parameters
    ----------
    sample : NestedFrame
    periods : ndarray, shape (n_stars,)
        [d]
    card : mapping
    networks : sequence of keras.Model
    bands : str, optional

    Returns
    -------
    probability : ndarray, shape (n_stars, n_classes)
        In the order of ``card["classes"]``; NaN for a star that cannot be classified.
    status : ndarray of str, shape (n_stars,)
        ``"ok"`` or the reason.
    """
    inputs = card["inputs"]
    curves, status = clean(one_band(light_curves(sample), bands), inputs["min_points"])
    no_period = ~(np.isfinite(periods) & (periods > 0))
    status = np.where((status == "ok") & no_period, "no period", status)
    result = np.full((len(status), len(card["classes"])), np.nan)
    usable = np.flatnonzero(status == "ok")
    for first in range(0, len(usable), CHUNK):
        rows = usable[first : first + CHUNK]
        part, period = curves.stars(rows), periods[rows]
        epoch = epoch_of_maximum(part, period) if inputs["epochs"] == "max" else np.zeros(len(rows))
        x = network_inputs(part, period, epoch, inputs)
        result[rows] = to_classes(predict(networks, x), card)
    return result, status


def orbits(
    sample: Any,
    periods: np.ndarray,
    found: np.ndarray,
    card: Mapping[str, Any],
    networks: Sequence[Any],
    bands: str | None = None,
) -> np.ndarray:
    """Found periods, doubled where the networks are then surer that they see a binary.

    A periodogram finds half of an eclipsing binary's orbit, and folded with that a binary
    looks like a pulsating star. So a star whose period was found is looked at twice, and
    the longer period taken if the probability of a binary at 2 P exceeds that of every
    class at P. Of 733 stars of Catalina South with found periods 64 % were right with
    the doubling that the periodogram itself suggests, 92 % so (``s20p-catalina``, which
    has learned from stars of that survey); the rule was chosen there. Its price is paid by
    rare pulsating stars: of simulated anomalous Cepheids a third is doubled too, of delta
    Scuti stars a quarter (nearly all by ``s20-catalina``, which is not shown the period).

    Parameters
    ----------
    sample, periods, card, networks, bands
        As in `probabilities`.
    found : ndarray of bool, shape (n_stars,)
        Whose period was found; others stay.

    Returns
    -------
    ndarray, shape (n_stars,)
    """
    return doubled(probabilities, [BINARY], sample, periods, found, card, networks, bands)


def doubled(
    classifier: Callable[..., tuple],
    binaries: Sequence[str],
    sample: Any,
    periods: np.ndarray,
    found: np.ndarray,
    card: Mapping[str, Any],
    networks: Sequence[Any],
    bands: str | None = None,
) -> np.ndarray:
    """The rule of `orbits` for any model: its `probabilities` and its classes of binaries.

    The whole sample is looked at, not only stars with found periods: which band is the
    main one depends on all of them.
    """
    binary = [k for k, c in enumerate(card["classes"]) if c in binaries]
    if not binary or not found.any():
        return periods
    once, *_ = classifier(sample, np.where(found, periods, np.nan), card, networks, bands)
    twice, *_ = classifier(sample, np.where(found, 2 * periods, np.nan), card, networks, bands)
    double = twice[:, binary].sum(axis=1) > once.max(axis=1)
    return np.where(double, 2 * periods, periods)

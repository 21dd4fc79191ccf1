"""What a classifier looks at: occlusion of images, permutation importance of features."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from varstar.learning.evaluate import macro_f1, mean_sem


def occlusion(
    network: Any,
    image: np.ndarray | Sequence[np.ndarray],
    output: int,
    *,
    patch: int = 8,
    step: int = 4,
) -> np.ndarray:
    """How much an output drops when a patch of the image is painted black.

    Zeiler & Fergus (2014, ECCV 8689, 818, Sect. 4.2), with black as the image's own
    ground. Works on any Keras backend, for it needs no gradients.

    Parameters
    ----------
    network : keras.Model
    image : ndarray of uint8, shape (height, width) or (height, width, channels)
        One star's image; without channels it gets as many equal ones as a network with
        one or three channels takes. For a network with several inputs a sequence: the
        image and the star's other inputs, in the network's order.
    output : int
        Index of the class.
    patch, step : int
        Side of the patch and its stride [pixels].

    Returns
    -------
    ndarray of float, shape (height, width)
        Mean drop of the probability over the patches that cover each pixel, all channels
        painted at once; negative where the class becomes more probable without it.

    Raises
    ------
    ValueError
        Inputs that are not those of the network: one image for two different channels,
        or an image alone where the network sees the period too.
    """
    image, *others = [image] if isinstance(image, np.ndarray) else list(image)
    image = np.asarray(image)
    channels = network.inputs[0].shape[-1]
    if len(others) + 1 != len(network.inputs):
        names = [t.name for t in network.inputs]
        raise ValueError(f"image: expected the inputs {names}. Received: {len(others) + 1}")
    if image.ndim == 2 and channels not in (1, 3):
        raise ValueError(
            f"image: expected shape (height, width, {channels}), a drawing for each channel. "
            f"Received: {image.shape}"
        )
    height, width = image.shape[:2]
    corners = [(r, c) for r in _starts(height, patch, step) for c in _starts(width, patch, step)]
    covered = np.repeat(image[None], len(corners) + 1, axis=0)
    for k, (r, c) in enumerate(corners, start=1):
        covered[k, r : r + patch, c : c + patch] = 0
    same = [np.repeat(np.reshape(a, (1, -1)), len(covered), axis=0) for a in others]
    from varstar.learning.training import predict

    p = predict(network, [covered, *same])
    drop, times = np.zeros((height, width)), np.zeros((height, width))
    for (r, c), value in zip(corners, p[0, output] - p[1:, output], strict=True):
        drop[r : r + patch, c : c + patch] += value
        times[r : r + patch, c : c + patch] += 1
    return drop / np.maximum(times, 1)


def _starts(length: int, patch: int, step: int) -> list[int]:
    """Where patches begin so that they cover a side of `length` pixels to its end."""
    last = max(length - patch, 0)
    return sorted({*range(0, last, step), last})


def group_importance(
    predict: Callable[[pd.DataFrame], Sequence[str]],
    table: pd.DataFrame,
    labels: Sequence[str],
    groups: Mapping[str, Sequence[str]] | None = None,
    *,
    score: Callable[[Sequence[str], Sequence[str]], float] = macro_f1,
    repeats: int = 5,
    seed: int = 0,
) -> pd.DataFrame:
    """How much a score drops when columns are shuffled among the stars.

    Columns of a group are shuffled together (Breiman 2001, Sect. 10, for groups): where
    two columns say the same, shuffling one alone would show nothing.

    Parameters
    ----------
    predict : callable
        Labels of a table of features.
    table : DataFrame
        Features of stars that the model did not learn from.
    labels : sequence of str
    groups : mapping of str to sequence of str, optional
        Name -> columns; by default every column is a group.
    score : callable
        ``score(labels, predicted)``.
    repeats : int
        Shuffles of each group.
    seed : int

    Returns
    -------
    DataFrame
        Index ``group``; ``drop`` (mean), ``sem``, ``columns`` (how many); largest first.
    """
    groups = {c: [c] for c in table.columns} if groups is None else groups
    unknown = sorted({c for g in groups.values() for c in g} - set(table.columns))
    if unknown:
        raise ValueError(f"groups: no columns {unknown}. Columns: {list(table.columns)}")
    rng = np.random.default_rng(seed)
    full = score(labels, predict(table))
    rows = {}
    for name, columns in groups.items():
        drops = []
        for _ in range(repeats):
            shuffled = table.copy()
            shuffled[list(columns)] = table[list(columns)].to_numpy()[rng.permutation(len(table))]
            drops.append(full - score(labels, predict(shuffled)))
        rows[name] = (*mean_sem(drops), len(columns))
    out = pd.DataFrame.from_dict(rows, orient="index", columns=["drop", "sem", "columns"])
    return out.sort_values("drop", ascending=False).rename_axis("group")

"""How the networks of `varstar.papers.s20.classifier` learn: every star drawn anew each epoch."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from varstar.lightcurves import augment
from varstar.lightcurves.folding import epoch_of_maximum
from varstar.lightcurves.sample import LightCurves
from varstar.papers.s20.classifier import network_inputs

BATCH = 64
#: A class of n stars is drawn n^(1/2)-proportionally: equal shares let 120 anomalous
#: Cepheids be learned by heart, natural ones drown them.
SAMPLING_POWER = 0.5
#: Every star is drawn anew each time: up to 0.7 sigma of noise on top of its own, up to
#: 30 % of its points left out, its maximum moved by up to 0.06 of a cycle.
NOISE, LEFT_OUT, SHIFT = 0.7, 0.3, 0.06
#: Epochs, and the fewest batches in all: the running means of batch normalisation forget with
#: 0.99 a batch, so that after 200 batches a network that fits its stars still judges at chance
#: (380 Hipparcos stars: macro F1 0.14).
EPOCHS, FEWEST_STEPS = 40, 800


def sampling(code: np.ndarray, n_outputs: int) -> tuple[np.ndarray, np.ndarray]:
    """Each output's natural share over its share in training, and each star's chance."""
    n = np.bincount(code, minlength=n_outputs)
    share = n**SAMPLING_POWER / (n**SAMPLING_POWER).sum()
    return (n / n.sum()) / share, (share / n)[code]


def enough_epochs(n_stars: int) -> int:
    """`EPOCHS`, or as many as make `FEWEST_STEPS` batches of these stars."""
    return max(EPOCHS, -(-FEWEST_STEPS // max(n_stars // BATCH, 1)))


def train_network(
    options: Mapping[str, Any],
    curves: LightCurves,
    period: np.ndarray,
    code: np.ndarray,
    rows: np.ndarray,
    chance: np.ndarray,
    inputs: Mapping[str, Any],
    *,
    epochs: int,
    learning_rate: float,
    seed: int,
    folder: "str | Path | None" = None,
) -> Any:
    """A network that learns from the stars `rows`.

    Parameters
    ----------
    options : mapping
        Of ``varstar.models.build("s20-light")``, with one head or two.
    curves : LightCurves
        Clean.
    period : ndarray, shape (n_stars,)
        [d]
    code : ndarray of int, shape (n_stars,)
        Number of each star's output.
    rows : ndarray of int
    chance : ndarray, shape (n_rows,)
        Of being drawn, see `sampling`; adds up to 1.
    inputs : mapping
        The card's.
    epochs, learning_rate, seed
        The rate falls to zero as half a cosine.
    folder : path, optional
        Where the state between epochs is kept.
    """
    from varstar.learning.training import Batches, train
    from varstar.models import build
    from varstar.optional import keras

    keras.utils.set_random_seed(seed)
    model = build("s20-light", **options)
    batch = min(BATCH, len(rows))
    steps = len(rows) // batch
    epoch0 = epoch_of_maximum(curves, period)
    one_hot = np.eye(model.outputs[0].shape[-1], dtype=np.float32)
    n_heads, n_inputs = len(model.outputs), len(model.inputs)

    def rendered(epoch: int) -> Batches:
        """The batches of one epoch, made when they are asked for."""
        chosen = np.random.default_rng([seed, epoch]).choice(rows, (steps, batch), p=chance)

        def make(i: int) -> tuple:
            rng = np.random.default_rng([seed, epoch, i])
            some = chosen[i]
            part = augment.noisy(curves.stars(some), rng, rng.uniform(0, NOISE, batch))
            lost = np.repeat(rng.uniform(0, LEFT_OUT, batch), part.counts)
            keep = rng.random(len(part.t)) > lost
            keep[part.offsets[:-1]] = True  # no star may end up empty
            when = epoch0[some] + rng.uniform(-SHIFT, SHIFT, batch) * period[some]
            x = network_inputs(part, period[some], when, {**inputs, "period": True}, keep)
            y = one_hot[code[some]]
            return (
                tuple(x[:n_inputs]) if n_inputs > 1 else x[0],
                (y,) * n_heads if n_heads > 1 else y,
            )

        return Batches(steps, make)

    schedule = keras.optimizers.schedules.CosineDecay(learning_rate, epochs * steps)
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=0.02)
    model.compile(keras.optimizers.Adam(schedule), [loss] * n_heads if n_heads > 1 else loss)
    train(model, rendered, epochs=epochs, patience=None, monitor=None, folder=folder, seed=seed,
          description="s20-light")  # fmt: skip
    return model

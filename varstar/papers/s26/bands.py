"""What a second band is worth: one network of all bands beside one of each, same stars.

Used on real stars in two bands: EROS-2's B_E and R_E, OGLE's I and V.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar.learning import evaluate, splits
from varstar.papers.s26 import inputs as s26

#: Classes of OGLE-IV Cepheids with enough stars, by the survey's label.
CEPHEIDS = {"CEP F": "F", "CEP 1O": "1O", "CEP 1O/2O": "1O/2O"}
FRACTIONS = {"train": 0.6, "validation": 0.15, "test": 0.25}


def cepheids(
    root: str | Path | None = None, *, size: int | None = None, seed: int = 0
) -> NestedFrame:
    """OGLE-IV Cepheids of the LMC in I and V, column ``s26_class``: F, 1O or 1O/2O.

    Many have few points in V: ``inputs(min_points=20)`` masks that band for them. The
    catalogue's period is missing for a third, mostly overtone pulsators; it must therefore
    be found (``find_periods(sample, ["I", "V"])``), or its absence tells the class.
    """
    from varstar import load

    options = {} if size is None else {"size": size, "seed": seed}
    sample = load("ogle4_lmc_cep", root=root, bands=["I", "V"], **options)
    label = sample["label"].astype(object).map(CEPHEIDS)
    return sample.assign(s26_class=label)[label.notna().to_numpy()]


def hide_bands(x: s26.Inputs, share: float, seed: int = 0) -> s26.Inputs:
    """One random band masked for a random `share` of the stars that have several.

    What a network learns from, if it is to do without a band.
    """
    rng = np.random.default_rng(seed)
    n_bands = x.mask.shape[1]
    hidden = np.where(rng.random(len(x.mask)) < share, rng.integers(n_bands, size=len(x.mask)), -1)
    hidden[x.mask.sum(axis=1) < 2] = -1
    result = s26.Inputs(*(a.copy() for a in x))
    for b in range(n_bands):
        rows = np.flatnonzero(hidden == b)
        for whole, part in zip(result, s26.without_band(s26.take(x, rows), b), strict=True):
            whole[rows] = part
    return result


def bands_compared(
    x: s26.Inputs,
    labels: pd.Series,
    bands: Sequence[str],
    *,
    classes: Sequence[str],
    seeds: Sequence[int] = (0, 1, 2),
    fractions: Mapping[str, float] = FRACTIONS,
    hidden: float = 0.3,
    network: str = "s26-light",
    options: Mapping[str, Any] | None = None,
    training: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """Networks of all bands and of each band alone, trained and tested on the same stars.

    Parameters
    ----------
    x : Inputs
        One row a star, as measured.
    labels : Series
        Class of each star, index ``star_id``.
    bands : sequence of str
        Names of the bands of `x`.
    classes : sequence of str
    seeds : sequence of int
        A split by star and a training each.
    fractions : mapping
        Of ``train``, ``validation`` and ``test``.
    hidden : float
        Share of the training stars that the network of all bands sees without one band.
    network, options, training
        See `varstar.papers.s26.inputs.fit_network`.

    Returns
    -------
    DataFrame
        A row a seed and way of looking: ``seed``, ``shown``, ``stars``, accuracy,
        macro_f1, mc. ``shown`` is "B+R", "B", "R" (a network each, on the test stars that
        have all bands), "B+R, only B" (the network of both, the other band masked), and
        "B+R, a band missing" (the test stars that lack one).
    """
    usable = x.status == "ok"
    x, labels = s26.take(x, usable), labels[usable].astype(str)
    together = "+".join(bands)
    names = np.asarray(classes)
    rows = []

    def note(seed: int, shown: str, probability: np.ndarray, truth: np.ndarray) -> None:
        if len(truth):
            guess = names[probability.argmax(axis=1)]
            rows.append({"seed": seed, "shown": shown, "stars": len(truth),
                         **evaluate.scores(truth, guess)})  # fmt: skip

    for seed in seeds:
        part = splits.split_by_star(labels, fractions, seed=seed).to_numpy()
        whole = x.mask.all(axis=1)
        test = part == "test"
        for b in (None, *range(len(bands))):
            some = x if b is None else s26.only_band(x, b)
            fit = [(part == p) & (some.status == "ok") for p in ("train", "validation")]
            seen, checked = (s26.take(some, rows_) for rows_ in fit)
            if b is None:
                seen = hide_bands(seen, hidden, seed)
            model = s26.fit_network(
                seen, labels[fit[0]].to_numpy(), checked, labels[fit[1]].to_numpy(),
                classes=classes, network=network, options=options, seed=seed, **(training or {}),
            )["model"]  # fmt: skip
            rows_ = test & whole
            shown = s26.take(some, rows_)
            truth = labels[rows_].to_numpy()
            note(seed, together if b is None else bands[b], s26.predict(model, shown), truth)
            if b is not None:
                continue
            for k, band in enumerate(bands):
                alone = shown
                for other in range(len(bands)):
                    alone = alone if other == k else s26.without_band(alone, other)
                note(seed, f"{together}, only {band}", s26.predict(model, alone), truth)
            lacking = test & ~whole
            note(seed, f"{together}, a band missing", s26.predict(model, s26.take(x, lacking)),
                 labels[lacking].to_numpy())  # fmt: skip
    return pd.DataFrame(rows)

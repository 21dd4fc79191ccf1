"""Classifier of S26: images in several bands and a period in, probabilities out.

What a network sees is written in its card's ``inputs``: ``bands``, in the order of the
network's branches; ``aliases``, other names of them; ``images``, the options of
`s26.inputs`; ``numbers``, whether magnitudes and amplitudes are shown too; and
``views``, whether the bands are also looked at one by one (`s26.predict`).
"""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from varstar.lightcurves.sample import LightCurves, select_bands
from varstar.models import bands as band_choice
from varstar.models.classifier import Classifier
from varstar.papers.s26 import inputs as s26


def own_bands(
    curves: LightCurves, card: Mapping[str, Any], bands: Sequence[str] | None = None
) -> tuple[LightCurves, np.ndarray]:
    """The measurements in the model's bands, which then have the model's names.

    Parameters
    ----------
    curves : LightCurves
    card : mapping
    bands : sequence of str, optional
        Bands of the sample to use. Those that the model knows take their own place; if it
        knows none of them, they take the places of the model's bands in this order.

    Returns
    -------
    LightCurves
        ``bands`` are the model's. A star that has none of them is taken in its main band,
        in the place of the model's first, with a warning.
    ndarray of str, shape (n_stars,)
        That other band; "" for a star that has one of the model's.

    Raises
    ------
    ValueError
        When the sample does not have one of `bands`, or they are more than the model's.
    """
    own = list(card["inputs"]["bands"])
    place = {b: k for k, b in enumerate(own)} | {
        a: own.index(b) for b, names in card["inputs"].get("aliases", {}).items() for a in names
    }
    if bands is not None:
        curves = select_bands(curves, bands)
        unknown = [b for b in bands if b not in place]
        if 0 < len(unknown) < len(bands):
            raise ValueError(f"bands: the model has {sorted(place)}. Received: {unknown}")
        if unknown:
            if len(bands) > len(own):
                raise ValueError(f"bands: expected at most {len(own)}. Received: {list(bands)}")
            place = {b: k for k, b in enumerate(bands)}
    band = np.asarray([place.get(b, -1) for b in curves.bands], np.int8)[curves.band]
    star, n = curves.star, curves.n_stars
    others = (np.bincount(star[band >= 0], minlength=n) == 0) & (curves.counts > 0)
    used = np.full(n, "", object)
    if others.any():
        warnings.warn(
            f"{int(others.sum())} stars have none of the model's bands {own}: their main band is "
            f"taken for {own[0]!r} (column bands_used). Pass bands=... to choose.",
            stacklevel=5,
        )
        kept, used[others] = band_choice.main(curves.stars(np.flatnonzero(others)))
        band[others[star]] = np.where(kept, 0, -1)
    return curves._replace(band=band, bands=tuple(own)).where(band >= 0), used


class MultibandClassifier(Classifier):
    """Classes from images in several bands and a period.

    Periods are found in all bands together, as in training. A given period serves where
    none is found, or none that is significant: out of fold on EROS-2 the networks do
    better with found periods than with the catalogue's, among which are aliases, and
    better than with given ones that are checked against found ones (see the card).

    ``bands_used``: the bands that each star was classified by, as "B,R".
    """

    PERIODS = "checked"
    COLUMNS: ClassVar = {"bands_used": "str"}
    INPUTS: ClassVar = {
        "images": {
            "size": [32, 64],
            "scales": ["bulk"],
            "cycles": 1,
            "multiples": [1, 2],
            "epochs": "min",
            "shift": 0.25,
            "min_points": 20,
        },
        "numbers": True,
        "period_policy": "checked",
    }

    def choose_bands(
        self, curves: LightCurves, bands: Sequence[str] | None
    ) -> tuple[LightCurves, np.ndarray]:
        """The model's bands: see `own_bands`. One that learns takes those that it finds."""
        if not self.card["inputs"].get("bands"):
            if bands is not None:
                curves = select_bands(curves, bands)
            there = [curves.bands[k] for k in np.unique(curves.band)]
            self.card["inputs"]["bands"] = list(bands or sorted(there))
        return own_bands(curves, self.card, bands)

    def inputs(self, curves: LightCurves, periods: pd.DataFrame) -> tuple[s26.Inputs, np.ndarray]:
        """Images, mask, period and numbers: see `varstar.papers.s26.inputs.inputs`."""
        inputs = self.card["inputs"]
        x = s26.inputs(curves, periods["period"].to_numpy(float), list(inputs["bands"]),
                       numbers=inputs["numbers"], **inputs["images"])  # fmt: skip
        return s26.take(x, np.flatnonzero(x.status == "ok")), x.status

    def predict(self, x: s26.Inputs) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """The networks' mean."""
        bands = np.array(self.card["inputs"]["bands"])
        views = self.card["inputs"].get("views", False)
        used = np.array([",".join(bands[row > 0]) for row in x.mask], object)
        return s26.predict(list(self.predictors), x, views=views), {"bands_used": used}

    def learn(
        self,
        curves: LightCurves,
        periods: pd.DataFrame,
        labels: np.ndarray,
        *,
        seed: int,
        members: int = 1,
        copies: int = 4,
        network: Mapping[str, Any] | None = None,
        **training: Any,
    ) -> None:
        """Train networks of the architecture ``s26-light``.

        Every star is rendered several times, with noise and with points left out, and
        shown sometimes with one band only, then with the period found in that band.

        Parameters
        ----------
        curves, periods, labels, seed
            See `varstar.models.classifier.Classifier.learn`.
        members : int
            Networks whose probabilities are averaged.
        copies : int
            Renders of each star.
        network : mapping, optional
            What differs from the options in `varstar.papers.s26.training.NETWORK`.
        **training
            What differs from `varstar.papers.s26.training.TRAINING`: ``epochs``, ...
        """
        from varstar.models import build
        from varstar.papers.s26 import training as learning
        from varstar.papers.s26.renders import drawings
        from varstar.periods import find_periods

        bands, used = self.card["inputs"]["bands"], periods["period"].to_numpy(float)
        period = {"given": used, "found": used}
        for band in bands:
            alone = select_bands(curves, band)
            period[band] = find_periods(alone, **self.SEARCH)["period"].to_numpy(float)
        renders = drawings(curves, period, copies, seed, bands=bands,
                           images=self.card["inputs"]["images"])  # fmt: skip
        usable = np.flatnonzero(renders["found"][0].status == "ok")
        options = learning.network_options(
            renders, usable, self.classes, {**learning.NETWORK, **(network or {})}
        )
        self.card["network"] = {"name": "s26-light", "options": options}
        networks = []
        for k in range(members):
            trained = learning.train_network(
                renders, labels, usable, seed=seed + 1000 * k, options=options,
                classes=self.classes, **{**learning.TRAINING, **training},
            )  # fmt: skip
            networks.append(build("s26-light", **options))
            networks[-1].set_weights(trained.get_weights())
        self._networks = tuple(networks)

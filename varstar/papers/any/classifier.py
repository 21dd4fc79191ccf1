"""The classifier ``any``: what `varstar.classify` asks when no model is named."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from varstar.learning import quick_trees
from varstar.lightcurves.sample import LightCurves, light_curves, select_bands
from varstar.models import store
from varstar.models.classifier import CHUNK, Classifier
from varstar.models.periods import given_periods
from varstar.papers.any.decide import decide, given_is
from varstar.papers.any.fit import FAMILIES
from varstar.papers.any.look import look


class AnySurvey(Classifier):
    """Any band or bands, any cadence: family, class, prediction set, novelty and period.

    Periods are searched in all bands of a star together; shapes are seen in the band in
    which it has most points. A given period is tried beside the others and believed more.
    """

    PERIODS: ClassVar[str] = "given"
    NEEDS_PERIOD: ClassVar[bool] = False

    @classmethod
    def columns(cls, card: Mapping[str, Any]) -> dict[str, str]:
        """Name and dtype of each column of the answer, known without a star."""
        return {
            "family": "str", "family_probability": "float64",
            **dict.fromkeys(FAMILIES, "float64"),
            "label": "str", "probability": "float64", "set": "str",
            "novelty_percentile": "float64", "is_novel": "bool",
            "period_probability": "float64", "period_alternatives": "str",
            "bands_used": "str", "n_points": "int64",
            "period": "float64", "period_source": "str", "status": "str",
        }  # fmt: skip

    @cached_property
    def _trained(self) -> dict[str, Any]:
        trees = {k: self._trees(k) for k in ("period", "family", "label")}
        return {**trees, "novelty": self.part("novelty")}

    def _trees(self, name: str) -> dict[str, Any]:
        """Prepared trees; those of a saved model are prepared once a process."""
        if self._parts is None or name not in self._parts:
            return store.derived(self.folder, name, quick_trees.prepare)
        return quick_trees.prepare(self.part(name))

    def classify(
        self, sample: pd.DataFrame, *, periods: Any = None, bands: str | Sequence[str] | None = None
    ) -> pd.DataFrame:
        """Classify every star; see `varstar.classify`."""
        curves = light_curves(sample)
        if bands is not None and len(curves.t):
            curves = select_bands(curves, [bands] if isinstance(bands, str) else bands)
        given, search = given_periods(sample, periods)
        if search is not None:
            given = search["period"].to_numpy(float)
        parts = []
        for first in range(0, max(curves.n_stars, 1), CHUNK):
            rows = np.arange(first, min(first + CHUNK, curves.n_stars))
            parts.append(self._part(curves.stars(rows), given[rows]))
        table = pd.concat(parts, ignore_index=True)
        table.index = sample.index
        return table

    def _part(self, curves: LightCurves, given: np.ndarray) -> pd.DataFrame:
        looks = look(curves, given)
        table = decide(looks, self._trained, self.card)
        found = table["period"].notna().to_numpy()
        own = given_is(table["period"].to_numpy(), given)
        table["period_source"] = np.where(found, np.where(own, "given", "found"), "none")
        table["bands_used"] = looks.bands
        table["n_points"] = looks.n_points
        table["status"] = looks.status
        types = self.columns(self.card)
        return table[list(types)].astype(types)

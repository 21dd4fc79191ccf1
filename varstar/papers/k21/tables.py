"""Small tables of notebook 03."""

from typing import Any

import pandas as pd

from varstar.compendium import published
from varstar.features import variability_features
from varstar.lightcurves.sample import LightCurves
from varstar.papers.k21.experiments import coarse


def stars_a_class(labels: pd.Series, item: str | None = None) -> pd.DataFrame:
    """Stars of each class and of all; the paper's beside them where it prints them as `item`."""
    table = labels.value_counts().sort_index().rename_axis("class").to_frame("stars")
    table.loc["Total"] = len(labels)
    return table.join(published.table("k21", item).add_prefix("paper_")) if item else table


def called(model: Any, curves: LightCurves, workers: int = 1) -> pd.Series:
    """Share of the light curves that a classifier gives to each coarse class."""
    table = variability_features(curves, workers=workers)
    names = pd.Series(model.predict(table[table["status"] == "ok"])).map(coarse)
    return names.value_counts(normalize=True)

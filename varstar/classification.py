"""Light curves in, classes out, by trained models."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from nested_pandas import NestedFrame

from varstar import models
from varstar.models.classifier import Classifier


def classify(
    sample: NestedFrame,
    model: "str | Path | Classifier | None" = None,
    *,
    periods: "pd.Series | pd.DataFrame | Any | str | float | None" = None,
    bands: str | Sequence[str] | None = None,
) -> pd.DataFrame:
    """Classify every star of a sample.

    What is said about a star does not depend on the other stars of the sample.

    Parameters
    ----------
    sample : NestedFrame
        Light curves (see `varstar.load`, `varstar.read_light_curve`,
        `varstar.make_sample`). Its index may name a star twice.
    model : str, path or Classifier, optional
        One of ``varstar.models.available()`` (``varstar.models.card(model)`` tells what
        it was trained on), the folder of a saved classifier, or a classifier. By default
        the model for any survey, ``"any"``, where it is installed.
    periods : optional
        Periods [d]: a column's name, a Series by star, an array in the order of the
        sample, or one number. None: the column ``period`` where the sample has one. Where
        a star has none, one is found for it. Or a whole table of `varstar.find_periods`,
        which then stands in for the model's own search. Models that were trained on found
        periods do not use given ones (`Classifier.PERIODS`); ``period_source`` tells.
    bands : str or sequence of str, optional
        Only measurements in these bands are looked at; None: in all. A model of one band
        takes for each star the band that it was trained in, else the one with most points.

    Returns
    -------
    DataFrame
        One row per star, in the sample's order and with its index
        (names and dtypes: `Classifier.columns`):

        - ``label``: the most probable class, in the names of the training survey;
          missing where the star could not be classified;
        - ``probability``: its probability;
        - one column per class;
        - further columns of the model, such as ``novelty``;
        - ``bands_used``: the band, or several as "B,R";
        - ``n_points``: usable measurements in them;
        - ``out_of_range``: how many of the model's inputs lie outside the range of the
          training stars, or are missing (models whose card has ranges);
        - ``fap``: false-alarm probability of the period that was found;
        - ``period`` [d]: the one that was used; ``period_source``: "given", "found" or
          "none";
        - ``status``: "ok", or why the star could not be classified.

    Raises
    ------
    ValueError
        Unknown model or band, periods of none of the stars, or a sample without light
        curves.
    """
    if model is None:
        if "any" not in models.available():
            raise ValueError(f"model: expected one of {models.available()}. Received: None")
        model = "any"
    if not isinstance(model, Classifier):
        model = models.load_classifier(model)
    table = model.classify(sample, periods=periods, bands=bands)
    table.attrs["model"] = str(model.card.get("name", ""))  # what `varstar.explain` looks up
    return table

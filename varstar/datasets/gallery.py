"""Some stars of each kind, whichever survey: what a first lesson needs."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from nested_pandas import NestedFrame

from varstar.datasets import load
from varstar.lightcurves.sample import light_curves, nest, select_bands

#: Fewest labels of a gallery; others of the survey are added to reach it.
FEWEST = 4


def load_gallery(
    survey: str,
    labels: Sequence[str],
    band: str | None = None,
    *,
    size: int | None = None,
    seed: int = 0,
    root: str | Path | None = None,
) -> tuple[NestedFrame, dict[str, str]]:
    """Stars of a survey in one band, and its names of the kinds of stars asked for.

    Parameters
    ----------
    survey : str
        A name of `varstar.available`.
    labels : sequence of str
        Kinds of stars, in the names of any survey that the taxonomy knows.
    band : str, optional
        Where the survey does not have it, and by default: its main one.
    size : int, optional
        So many stars; a simulated survey then has equally many of each label.
    seed, root
        As for `varstar.load`.

    Returns
    -------
    sample : NestedFrame
    names : dict
        Label asked for -> the survey's own label of such stars. A kind that the survey
        does not have is missing; where few are left, frequent labels of the survey are
        added under their own names.

    Raises
    ------
    ValueError
        A survey without periods: a star cannot then be folded with the catalogue's.
    """
    if survey.startswith("sim-"):
        from varstar.simulate import SURVEYS

        spec = SURVEYS.get(survey)
        if spec is not None:
            names = alike(labels, survey, [row["label"] for row in spec["classes"]])
            band = band if band in spec["bands"] else spec["main"]
            classes = list(dict.fromkeys(names.values()))
            options = {"classes": classes, "balance": "labels"}
            return load(survey, bands=band, size=size, seed=seed, **options), names
    sample = load(survey, root, size=size, seed=seed)
    if "period" not in sample.columns:
        raise ValueError(
            f"{survey}: expected the stars' periods [d] in the column 'period' of stars.parquet. "
            f"Columns: {[c for c in sample.columns if c != 'lc']}"
        )
    curves = light_curves(sample)
    if band not in curves.bands:
        band = curves.bands[int(np.bincount(curves.band, minlength=1).argmax())]
    names = alike(labels, survey, sample["label"].value_counts().index)
    return nest(select_bands(curves, band), sample.drop(columns="lc")), names


def alike(labels: Sequence[str], survey: str, there: Iterable[str]) -> dict[str, str]:
    """For each label the one of `there`, the labels of a survey, that means such stars."""
    from varstar import taxonomy

    there = [str(v) for v in there]
    own = taxonomy.vocabulary(survey) if survey in taxonomy.surveys() else {}
    names = {}
    for label in labels:
        kinds = [taxonomy.vocabulary(s).get(label) for s in ("ogle3-lmc", *taxonomy.surveys())]
        kind = next((k for k in kinds if k and k != "none"), None)
        same = [v for v in there if kind and own.get(v) == kind]
        near = [v for v in there if kind and own.get(v, "").split("_")[0] == kind.split("_")[0]]
        if label in there or same or near:
            names[label] = label if label in there else [*same, *near][0]
    for label in there:
        if len(set(names.values())) < FEWEST:
            names.setdefault(label, label)
    return names

"""Tables of results, explained: what each column means, in words."""

import html
import re

import numpy as np
import pandas as pd

__all__ = ["MEANINGS", "Page", "class_columns", "explain"]

#: column -> what it means, the same in the tables of all models and functions.
MEANINGS = {
    "label": "the most probable class, in the names of the survey that the model learned from; "
    "missing where the star could not be classified",
    "probability": "the probability of `label`. Over many stars like the training ones, that "
    "share of the labels is right; for stars unlike them it promises nothing",
    "family": "the kind of star, one spelling for all surveys",
    "prediction_set": "the classes that hold the true one with the stated confidence, were the "
    "star like the training ones; several: the model cannot tell them apart",
    "novelty": "how unlike the training stars it is; higher is stranger",
    "novelty_percentile": "per cent of the training stars that are less strange",
    "misfit": "part of `novelty`: how badly it fits even its best class",
    "doubt": "part of `novelty`: how undecided the trees are",
    "isolation": "part of `novelty`: how easily it is set apart from the training stars",
    "is_novel": "whether `novelty` is above the threshold of the model's card",
    "bands_used": "the band whose measurements were looked at (several: joined by commas)",
    "n_points": "usable measurements in these bands",
    "out_of_range": "how many of the model's inputs lie outside those of nearly all training "
    "stars (1st to 99th percentile), or are missing; the more, the less the label is worth",
    "out_of_range_names": "which inputs these are",
    "fap": "false-alarm probability of the period found: how often noise alone does as well. "
    "Above 0.01 the star may not be periodic at all; missing where the period was given",
    "period": "the period [d] that the star was folded with",
    "period_source": "given (by you or the sample), found (by the periodogram), or none",
    "feature_period": "the period [d] that the features were measured with",
    "period_probability": "the probability that the period is right",
    "status": "ok, or why there is no answer",
    "file": "where the light curve was read from",
    # find_periods
    "power": "how much of the scatter the period explains, 0 to 1",
    "runner_up": "the next best distinct period [d]",
    "runner_up_power": "its power",
    "at_edge": "whether the period lies at an end of those tried: the star may vary outside",
    "cycles": "how often the period fits into the light curve; below two it is hardly a period",
    "alias": "whether the period itself is a rhythm of the observing (a day, a month, a year)",
    "alias_of": "which rhythm that is; empty for none",
    "runner_up_alias_of": "the rhythm of the observing by which the runner-up differs from the "
    "period; usual for a right period seen from one site, and says nothing against it",
    "multiple": "how often the strongest peak's period was taken; above 1 for narrow eclipses",
    "period_2p_preferred": "whether odd and even cycles differ, so that twice the period is the "
    "better one: eclipsing binaries",
    "gain_2p": "by how much twice the period is better (difference of BIC; above 10: preferred)",
    "n_terms": "harmonics of the fitted series",
}


class Page(str):
    """Text that prints as it is, on a terminal and in a notebook."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return f'<pre style="white-space: pre-wrap">{html.escape(self)}</pre>'


def class_columns(results: pd.DataFrame) -> list[str]:
    """The columns of a table of `varstar.classify` that hold a class's probability."""
    names = [str(name) for name in results.columns]
    from varstar.models import store

    if results.attrs.get("model") in store.available():
        known = store.card(results.attrs["model"])["classes"]
        if set(known) <= set(names):
            return list(known)
    if "probability" not in names:
        raise ValueError(f"expected a table of varstar.classify. Received columns: {names}")
    found = []
    for name in names[names.index("probability") + 1 :]:
        if name in MEANINGS or not pd.api.types.is_float_dtype(results[name]):
            break
        found.append(name)
    return found


def explain(results: pd.DataFrame) -> Page:
    """What every column of a table of results means, and what to note in this one.

    Parameters
    ----------
    results : DataFrame
        Of `varstar.classify`, `varstar.find_periods` or ``varstar classify``.

    Returns
    -------
    Page
        A text; ``print`` it, or end a notebook's cell with it.
    """
    if not isinstance(results, pd.DataFrame) or not {"status", "period"} & set(results.columns):
        what = list(results.columns) if isinstance(results, pd.DataFrame) else repr(results)[:60]
        raise ValueError(
            "explain: expected what vs.classify or vs.find_periods returned. "
            f"Received: {what}. A model is described by vs.models.card(name)"
        )
    classes = class_columns(results) if "probability" in results.columns else []
    lines = []
    for name in map(str, results.columns):
        if name in classes:
            if name == classes[0]:
                words = f"probability of each of the {len(classes)} classes; they add up to 1"
                lines.append(_entry(", ".join(classes), words))
        else:
            lines.append(_entry(name, MEANINGS.get(name, "a column of this model: see its card")))
    notes = _notes(results)
    if notes:
        lines += ["", "In this table", *(f"- {note}" for note in notes)]
    return Page("\n".join(lines))


def _entry(name: str, words: str) -> str:
    return f"{name}\n    {words}"


def _notes(results: pd.DataFrame) -> list[str]:
    """What deserves a look in this table."""
    notes = []
    n = len(results)
    model = results.attrs.get("model")
    if model:
        notes.append(f"the model is {model}; vs.models.card({model!r}) says what it can")
        threshold = _threshold(str(model))
        if threshold is not None and "is_novel" in results:
            notes.append(f"is_novel: novelty above {threshold:.4g}, the threshold of the card")
    for status, count in results["status"].value_counts().items() if "status" in results else ():
        if status != "ok":
            notes.append(f"{count} of {n} without an answer: {status}")
    for column, test, text in (
        ("fap", lambda v: v > 0.01, "may not be periodic (fap above 0.01)"),
        ("probability", lambda v: v < 0.5, "have no class above one half"),
        ("out_of_range", lambda v: v > 0, "lie outside the training stars in some input"),
        ("alias", lambda v: v > 0, "have a period that is a rhythm of the observing"),
        ("at_edge", lambda v: v > 0, "have a period at an end of those tried"),
        ("cycles", lambda v: v < 2, "were seen for less than two periods"),
        ("period_2p_preferred", lambda v: v > 0, "look better with twice the period"),
    ):
        if column in results:
            values = pd.to_numeric(results[column], errors="coerce").to_numpy(
                float, na_value=np.nan
            )
            count = int(
                np.sum(test(np.nan_to_num(values, nan=-1 if column != "probability" else 1)))
            )
            if count:
                notes.append(f"{count} of {n} {text}")
    return notes


def _threshold(model: str) -> float | None:
    """The novelty threshold of a shipped model's card, where there is one."""
    from varstar.models import store

    if model not in store.available():
        return None
    novelty = store.card(model).get("novelty")
    value = novelty.get("threshold") if isinstance(novelty, dict) else None
    return float(value) if isinstance(value, int | float) else None


def words_of(status: str) -> str:
    """A status as a reader's sentence."""
    return re.sub(r"^ok$", "", str(status))

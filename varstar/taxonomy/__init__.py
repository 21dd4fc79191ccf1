"""Each survey's labels in each paper's classes, from one readable table (taxonomy.yaml).

A survey keeps its own labels in ``sample["label"]``; `to_classes` translates them. What a
paper has no class for stays missing: it is never guessed.
"""

import warnings
from collections.abc import Iterable
from functools import cache
from typing import Any

import pandas as pd
import yaml

from varstar import paths

__all__ = [
    "classes", "families", "papers", "surveys", "table", "to_classes", "to_families",
    "unknown_labels", "vocabulary",
]  # fmt: skip


@cache
def _book() -> dict[str, Any]:
    return yaml.safe_load(
        (paths.PACKAGE / "taxonomy" / "taxonomy.yaml").read_text(encoding="utf-8")
    )


@cache
def _families() -> dict[str, Any]:
    return yaml.safe_load(
        (paths.PACKAGE / "taxonomy" / "families.yaml").read_text(encoding="utf-8")
    )


def families() -> dict[str, list[str]]:
    """The families of the model ``any``, in its order, and the classes in each."""
    return {name: list(members) for name, members in _families()["families"].items()}


def to_families(labels: pd.Series | Iterable[Any], survey: str) -> pd.DataFrame:
    """The family and the finer class of a survey's labels, from families.yaml.

    Parameters
    ----------
    labels : Series or iterable of str
        The survey's own labels.
    survey : str
        Whose labels they are (see `surveys`), or the name of a vocabulary.

    Returns
    -------
    DataFrame
        Same index; ``family`` and ``label`` (str, missing where the survey's label gives
        none, is missing, or is unknown).
    """
    labels = labels if isinstance(labels, pd.Series) else pd.Series(list(labels), dtype=object)
    meaning = vocabulary(survey)
    name = _book()["surveys"].get(survey, survey)
    book, own = _families(), _families()["labels"].get(name, {})
    pairs = {}
    for label, kind in meaning.items():
        pair = own[label] if label in own else book["types"].get(kind)
        pairs[label] = pair or [None, None]
    found = [pairs.get(v, [None, None]) if isinstance(v, str) else [None, None] for v in labels]
    table = pd.DataFrame(found, labels.index, columns=["family", "label"], dtype=object)
    return table.astype("string")


def papers() -> list[str]:
    """Names of the class schemes: the papers', and reduced ones of single surveys."""
    return list(_book()["papers"])


def surveys() -> list[str]:
    """Names of the surveys whose labels the table knows."""
    return list(_book()["surveys"])


def classes(paper: str) -> list[str]:
    """The classes of `paper`, in its own order."""
    book = _book()["papers"]
    if paper not in book:
        raise ValueError(f"unknown paper {paper!r}. Known: {list(book)}")
    return list(book[paper]["classes"])


def vocabulary(survey: str) -> dict[str, str]:
    """The labels of `survey` and the type of star that each means."""
    book = _book()
    name = book["surveys"].get(survey, survey)
    if name not in book["vocabularies"]:
        raise ValueError(f"no labels known of survey {survey!r}. Known: {list(book['surveys'])}")
    return dict(book["vocabularies"][name]["labels"])


def table(survey: str) -> pd.DataFrame:
    """For people: one row a label of `survey`, one column a paper, missing where unmapped."""
    kinds, labels = _book()["types"], vocabulary(survey)
    rows = [{"type": k, **{p: kinds[k].get(p, pd.NA) for p in papers()}} for k in labels.values()]
    return pd.DataFrame(rows, index=pd.Index(labels, name="label"))


def unknown_labels(labels: Iterable[Any], survey: str) -> list[str]:
    """Labels that the table does not know at all for `survey` (missing ones apart)."""
    found = pd.Series(labels, dtype=object).dropna().unique()
    return sorted({str(v) for v in found} - set(vocabulary(survey)))


def to_classes(
    labels: pd.Series | Iterable[Any], paper: str = "s20", survey: str | None = None
) -> pd.Series:
    """The paper's classes of a survey's labels.

    Parameters
    ----------
    labels : Series or iterable of str
        A survey's own labels, as in ``sample["label"]``.
    paper : str
        A class scheme: ``"s20"``, ``"sm"``, ``"k21"``, ``"ts19"``, ``"s26"``, or the
        reduced ``"k21-lmc"``, ``"k21-asas"`` (see `papers`).
    survey : str, optional
        Whose labels they are. Without it a label must mean the same type of star in all
        surveys that use it; one that does not is an error that asks for the survey.

    Returns
    -------
    Series of str
        Same index; `pandas.NA` where the paper has no class for the label, where the
        label is missing, and where it is unknown (with a warning that lists those).
    """
    classes(paper)  # an unknown paper is an error
    labels = labels if isinstance(labels, pd.Series) else pd.Series(list(labels), dtype=object)
    kinds = _book()["types"]
    found = [v for v in labels.dropna().unique()]
    if survey is not None:
        meaning = vocabulary(survey)
    else:
        meaning = _common({str(v) for v in found}, paper)
    unknown = sorted(str(v) for v in found if str(v) not in meaning)
    if unknown:
        warnings.warn(
            f"labels unknown to the taxonomy, left without a class: {unknown}"
            + (f" (survey {survey})" if survey else ""),
            stacklevel=2,
        )
    to = {v: kinds[meaning[str(v)]].get(paper) for v in found if str(v) in meaning}
    out = [to.get(v) if isinstance(v, str) else None for v in labels]
    return pd.Series([pd.NA if v is None else v for v in out], labels.index, "string", paper)


def _common(labels: set[str], paper: str) -> dict[str, str]:
    """Label -> type over all vocabularies; an error where they disagree about a class."""
    book = _book()
    meaning: dict[str, str] = {}
    for name in labels:
        types = {
            v["labels"][name]: k for k, v in book["vocabularies"].items() if name in v["labels"]
        }
        if len({book["types"][t].get(paper) for t in types}) > 1:
            raise ValueError(
                f"label {name!r} means different stars in different surveys "
                f"({', '.join(f'{t} in {k}' for t, k in types.items())}): pass survey="
            )
        if types:
            meaning[name] = next(iter(types))
    return meaning

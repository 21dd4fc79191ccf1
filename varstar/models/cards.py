"""Cards of trained models as people read them: a page, a table, a suggestion."""

import html
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from varstar.lightcurves.sample import clean, light_curves
from varstar.models import store

__all__ = ["Card", "card", "facts", "page", "suggest", "table"]

#: Spellings of bands that mean the same to a model, beyond its card's own aliases.
_SAME_BAND = {"B_E": "B", "R_E": "R", "Hp": "V", "V_ASAS": "V"}


class Card(dict):
    """A model's card: a dict to programs, a page to people."""

    def __str__(self) -> str:
        return page(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f'<pre style="white-space: pre-wrap">{html.escape(page(self))}</pre>'


def card(model: str | Path) -> Card:
    """What a model is, what it learned from, how good it is, and its limits.

    It prints as a page; as a dict it holds everything (``card["scores"]``, ...).

    Parameters
    ----------
    model : str or path
        The name of a shipped model, or the folder of a saved one.
    """
    return Card(store.card(model))


def facts(content: Mapping[str, Any]) -> dict[str, Any]:
    """What every card says, in one form whatever its paper.

    Returns
    -------
    dict
        ``learned`` (names of surveys), ``simulated``, ``bands``, ``min_points``, ``stars``
        (of training), ``period``, ``points``, ``magnitude`` (range of the training stars,
        None where the card has none), ``macro_f1``, ``accuracy``, ``tested``.
    """
    training, inputs = content["training"], content["inputs"]
    learned = training.get("survey", "?")
    learned = [learned] if isinstance(learned, str) else list(learned)
    bands = inputs.get("bands")
    bands = [bands] if isinstance(bands, str) else list(bands or [])
    score, tested = _score(content["scores"])
    return {
        "learned": learned,
        "simulated": all(name.startswith("sim-") for name in learned),
        "bands": bands,
        "min_points": inputs.get("min_points", inputs.get("minimum")),
        "stars": _total(training["stars"]) if "stars" in training else None,
        **{name: _range(content, name) for name in ("period", "points", "magnitude")},
        "macro_f1": score.get("macro_f1"),
        "accuracy": score.get("accuracy"),
        "tested": tested,
    }


def _total(stars: Mapping[str, Any]) -> int:
    """Stars in all, of one survey by class or of several surveys."""
    return sum(_total(n) if isinstance(n, Mapping) else int(n) for n in stars.values())


def _score(scores: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """The model's own score, which comes first in a card, and on what it was measured."""
    for what, score in scores.items():
        inner = [score, *score.values()] if isinstance(score, dict) else []
        known = [v for v in inner if isinstance(v, dict) and "macro_f1" in v]
        if known:
            tested = scores.get("test", what)
            return known[0], tested if isinstance(tested, str) else what
    return {}, "nothing"


def _range(content: Mapping[str, Any], name: str) -> tuple[float, float] | None:
    for key, (low, high) in content.get("ranges", {}).items():
        if key.split(" ")[0] == name:
            return low, high
    known = content.get("range", {})
    name = {"points": "n_points"}.get(name, name)
    columns = list(known.get("columns", ()))
    if name in columns:
        return known["low"][columns.index(name)], known["high"][columns.index(name)]
    return None


def table() -> pd.DataFrame:
    """The trained models, a row each: classes, what it learned from, for which stars."""
    rows = {}
    for name in store.available():
        content = store.card(name)
        fact = facts(content)
        rows[name] = {
            "learned from": ", ".join(fact["learned"]),
            "bands": ", ".join(fact["bands"]) or "any",
            "points": _between(fact["points"]),
            "magnitude": _between(fact["magnitude"]),
            "period [d]": _between(fact["period"]),
            "macro F1": np.nan if fact["macro_f1"] is None else round(fact["macro_f1"], 3),
            "classes": _listed(content["classes"], 7),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("model")


def page(content: Mapping[str, Any]) -> str:
    """A card as a page: what it is, from what, how good, for which stars, its limits."""
    fact = facts(content)
    training = content["training"]
    lines = [
        f"{content['name']} ({content['paper']})",
        content.get("about") or content.get("description") or "",
        "",
        f"Classes      {_listed(content['classes'], 30)}",
        f"Learned from {fact['stars'] or '?'} stars of {', '.join(fact['learned'])}"
        + (f" ({training['citation']})" if "citation" in training else "")
        + (", simulated" if fact["simulated"] else ""),
        f"For          {_for(fact)}",
        f"How good     {_how_good(fact)}",
    ]
    weak = _weakest(content)
    if weak:
        lines.append(f"Weakest      {weak}")
    for k, limit in enumerate(content.get("limits", ())):
        lines.append(f"{'Limits' if k == 0 else '':<13}- {limit}")
    lines.append(f"Use          vs.classify(sample, model={content['name']!r})")
    return "\n".join(_wrapped(line) for line in lines)


_HEADS = {"Classes", "Learned from", "For", "How good", "Weakest", "Use"}


def _wrapped(line: str) -> str:
    """No line beyond 96 characters; what is cut goes on under its beginning."""
    indent = (
        15 if line[13:15] == "- " else 13 if line[9:13] == "    " or line[:7] == "Learned" else 0
    )
    return "\n".join(textwrap.wrap(line, 96, subsequent_indent=" " * indent)) or line


def _for(fact: Mapping[str, Any]) -> str:
    parts = [f"light curves in {' and '.join(fact['bands'])}" if fact["bands"] else "any band"]
    if fact["points"]:
        parts.append(f"{_between(fact['points'])} points")
    elif fact["min_points"]:
        parts.append(f"at least {fact['min_points']} points")
    if fact["magnitude"]:
        parts.append(f"magnitude {_between(fact['magnitude'])}")
    if fact["period"]:
        parts.append(f"period {_between(fact['period'])} d")
    return ", ".join(parts) + " (those of its training stars)"


def _how_good(fact: Mapping[str, Any]) -> str:
    if fact["macro_f1"] is None:
        return "not measured"
    accuracy = f", accuracy {fact['accuracy']:.3f}" if fact["accuracy"] is not None else ""
    return f"macro F1 {fact['macro_f1']:.3f}{accuracy} ({fact['tested'].split(';')[0]})"


def _weakest(content: Mapping[str, Any]) -> str:
    """The two classes of the lowest F1, where the card has them one by one."""
    found: dict[str, float] = {}
    for score in [content["scores"], *content["scores"].values()]:
        if not isinstance(score, dict):
            continue
        for key in ("f1", "by_class", "f1, out of fold"):
            values = score.get(key)
            for name, v in values.items() if isinstance(values, dict) else ():
                value = v.get("f1") if isinstance(v, dict) else v
                if name in content["classes"] and isinstance(value, float):
                    found.setdefault(name, value)
    lowest = sorted(found, key=found.__getitem__)[:2]
    return ", ".join(f"{name} (F1 {found[name]:.2f})" for name in lowest)


def _between(values: tuple[float, float] | None) -> str:
    if values is None:
        return "-"
    return " to ".join(f"{v:.0f}" if v >= 100 else f"{v:.3g}" for v in values)


def _listed(names: list[str], most: int) -> str:
    comma = "; " if any("," in name for name in names) else ", "
    shown = comma.join(names[:most])
    return shown if len(names) <= most else f"{shown}{comma}... ({len(names)} in all)"


# --- which model for these stars --------------------------------------------------------


def suggest(sample: Any) -> pd.DataFrame:
    """Which trained models suit these stars, the best first, and why.

    Bands, numbers of points and magnitudes are compared with those of each model's
    training stars, as its card has them; among models that fit alike the one that does
    better on stars that it has not seen comes first. What the stars are is not looked at:
    a model can only say one of its own classes.

    Parameters
    ----------
    sample : NestedFrame
        At the front door anything that `varstar.as_sample` takes.

    Returns
    -------
    DataFrame
        Index ``model``; ``fits`` (share of the conditions that are met, 0 to 1),
        ``macro F1``, ``why``, ``classes``.
    """
    curves, _ = clean(light_curves(sample))
    rows = {}
    for name in store.available():
        content = store.card(name)
        fact = facts(content)
        met, why = _conditions(content, fact, curves)
        rows[name] = {
            "fits": round(float(np.mean(met)), 2),
            "macro F1": np.nan if fact["macro_f1"] is None else round(fact["macro_f1"], 3),
            "why": "; ".join(why),
            "classes": _listed(content["classes"], 9),
        }
    found = pd.DataFrame.from_dict(rows, orient="index").rename_axis("model")
    return found.sort_values(["fits", "macro F1"], ascending=False, kind="stable")


def _conditions(
    content: Mapping[str, Any], fact: Mapping[str, Any], curves: Any
) -> tuple[list[float], list[str]]:
    """How far each condition is met, from 0 to 1, and what to say of it."""
    aliases = {a: b for b, names in content["inputs"].get("aliases", {}).items() for a in names}
    plain = [aliases.get(b, _SAME_BAND.get(b, b)) for b in curves.bands]
    wanted = [aliases.get(b, _SAME_BAND.get(b, b)) for b in fact["bands"]]
    in_band = np.isin(plain, wanted)[curves.band] if wanted else np.ones(len(curves.t), bool)
    counts = np.bincount(curves.star[in_band], minlength=curves.n_stars)
    measured = float(np.mean(counts > 0)) if curves.n_stars else 0.0
    bands = ", ".join(curves.bands[b] for b in np.unique(curves.band)) or "none"
    met = [measured if wanted else 1.0]
    why = [
        f"learned in {' and '.join(fact['bands'])}, as measured"
        if measured == 1 and wanted
        else f"learned in {' and '.join(fact['bands']) or 'any band'}, yours: {bands}"
    ]
    points = counts if measured else curves.counts
    low = (fact["points"] or (fact["min_points"] or 20, np.inf))[0]
    met.append(float(np.mean(points >= 0.8 * low)) if curves.n_stars else 0.0)
    if met[-1] < 1:
        yours = int(np.median(points)) if len(points) else 0
        why.append(f"learned from at least {low:.0f} points, yours: {yours}")
    if fact["magnitude"] and len(curves.mag):
        bright, faint = fact["magnitude"]
        mean = np.bincount(curves.star, curves.mag, curves.n_stars) / np.maximum(curves.counts, 1)
        mean = mean[curves.counts > 0]
        met.append(float(np.mean((mean > bright - 0.5) & (mean < faint + 0.5))))
        if met[-1] < 1:
            why.append(f"learned at magnitude {bright:.1f} to {faint:.1f}")
    if fact["simulated"]:
        met.append(0.5)
        why.append("learned from simulated stars only")
    return met, why

"""BibTeX of the papers behind models and surveys: `cite`."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

#: "Drake et al. 2014, ApJS 213, 9": authors, year, journal, volume, page.
_ARTICLE = re.compile(r"(.+?) (\d{4}), ([A-Za-z& ]+?) (\d+), ([A-Za-z]?\d+)")
SOFTWARE = """\
@software{varstar,
  author = {{The varstar developers}},
  title = {varstar: the reproducible compendium of deep learning for variable stars},
  version = {VERSION}
}"""


def cite(*names: str) -> str:
    """BibTeX entries of varstar, and of the papers behind models and surveys.

    Parameters
    ----------
    *names : str
        Shipped models (``"s20p-catalina"``), surveys (``"catalina_sss"``, ``"sim-ogle3"``), or
        papers (``"s20"``). A model brings its paper and the surveys that it learned from.

    Returns
    -------
    str
        One entry a paper, each once; what cannot be put as an article is a ``@misc`` with the
        words of the survey's description.

    Raises
    ------
    ValueError
        A name that is none of these.
    """
    from varstar import __version__

    entries = {"varstar": SOFTWARE.replace("VERSION", __version__)}
    for name in _expanded(names):
        entries.update(_of(name))
    return "\n\n".join(entries.values())


def _expanded(names: Iterable[str]) -> list[str]:
    """The names, and the papers and surveys behind models."""
    from varstar import models
    from varstar.compendium import published

    out: list[str] = []
    for name in names:
        if name in models.available():
            card = models.card(name)
            paper = str(card["paper"]).lower()
            surveys = card["training"].get("survey", [])
            surveys = [surveys] if isinstance(surveys, str) else list(surveys)
            out += [paper] * (paper in published.papers())
            out += [s for one in surveys for s in re.split(r", | and ", one)]
        else:
            out.append(name)
    return list(dict.fromkeys(out))


def _of(name: str) -> dict[str, str]:
    from varstar.compendium import published
    from varstar.datasets import SURVEYS

    if name in published.papers():
        return _paper(published.load(name), name)
    if name.startswith("sim-"):  # made by this package
        return {}
    if name not in SURVEYS:
        known = [*published.papers(), *SURVEYS]
        raise ValueError(f"unknown model, survey or paper {name!r}. Known besides models: {known}")
    entries = {}
    for text in SURVEYS[name].get("citation", ()):
        entries.update(_survey_paper(text))
    return entries


def _paper(paper: dict[str, Any], name: str) -> dict[str, str]:
    fields = {"author": _authors(paper["authors"]), "title": "{" + str(paper["title"]) + "}"}
    if paper.get("year"):
        fields["year"] = str(paper["year"])
    match = re.fullmatch(r"([A-Za-z& ]+?) (\d+), ([A-Za-z]?\d+)", str(paper.get("reference", "")))
    if match:
        fields |= dict(zip(("journal", "volume", "pages"), match.groups(), strict=True))
        fields["journal"] = fields["journal"].replace("&", r"\&")
    elif paper.get("reference"):
        fields["note"] = str(paper["reference"])
    if paper.get("doi"):
        fields["doi"] = str(paper["doi"])
    kind = "article" if match else "unpublished"
    return {name: _entry(kind, name, fields)}


def _survey_paper(text: str) -> dict[str, str]:
    match = _ARTICLE.match(text)
    if match is None:
        key = _plain(text)[:24]
        return {key: _entry("misc", key, {"note": text})}
    authors, year, journal, volume, page = match.groups()
    key = _plain(authors.split(",")[0].split(" et al")[0].split(" & ")[0]) + year + _plain(page)
    fields = {"author": _authors(authors), "year": year, "journal": journal.replace("&", r"\&"),
              "volume": volume, "pages": page}  # fmt: skip
    if match.group(0) != text:  # further papers of the same series, or what it is about
        fields["note"] = text
    return {key: _entry("article", key, fields)}


def _authors(text: str) -> str:
    """Names as BibTeX wants them: "A, B & C" and "A et al.", joined by and."""
    text = text.replace(" et al.", " and others").replace(" & ", " and ")
    parts = [part.strip() for part in text.split(",")]
    return " and ".join(part for part in parts if part)


def _entry(kind: str, key: str, fields: dict[str, str]) -> str:
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    return f"@{kind}{{{key},\n{lines}\n}}"


def _plain(text: str) -> str:
    """Letters and digits of ASCII only, for a key."""
    text = unicodedata.normalize("NFKD", text.replace("ł", "l")).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]", "", text)

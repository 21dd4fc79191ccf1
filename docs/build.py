"""The site, into build/site: pages, notebooks as they are stored, gallery, models, API.

    python docs/build.py

Nothing is run and nothing is fetched. The sources are put together in build/site-source: the
clone's own pages in their own folders, so that links between them hold, and pages made here from
cards, surveys and docstrings. Warnings are errors.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
SOURCE, SITE = TOP / "build" / "site-source", TOP / "build" / "site"
#: The public functions, as the API page groups them.
API = {
    "Light curves": ["read_light_curve", "light_curve", "light_curves", "make_sample", "load",
                     "available", "fold"],
    "Periods and features": ["find_periods", "variability_features", "catch22_features",
                             "fold_images"],
    "Classification": ["classify", "explain", "cite"],
    "Plots": ["explore", "plot", "plot_light_curve", "plot_folded", "plot_periodogram"],
}  # fmt: skip
#: Files that links may lead to.
PAGES = (".md", ".ipynb", ".png", ".csv")
MODELS = ["available", "card", "table", "suggest", "load_classifier", "build"]

INDEX = """\
# varstar

Periods and classes of variable stars from their light curves, for any survey; and a reproducible
compendium of five papers that classify them with neural networks.

```{toctree}
:maxdepth: 2
README
docs/course/index
docs/howto/index
notebooks/index
results
reference
```
"""
#: Pages that only list others: file -> title, its pages.
LISTS = {
    "notebooks/index.md": ("Notebooks", []),
    "results.md": ("Results", ["figures/README", "docs/leaderboard", "docs/any", "models/index"]),
    "reference.md": (
        "Reference",
        ["api/index", "docs/glossary", "docs/classes", "docs/surveys", "docs/surveys-at-scale",
         "docs/robustness", "docs/mutants", "docs/explorer", "data/README", "CONTRIBUTING",
         "CHANGELOG"],
    ),
}  # fmt: skip


def assemble() -> None:
    """The sources: pages copied with their folders, and those that are made."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    SOURCE.mkdir(parents=True)
    for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"):
        write(SOURCE / name, linked(TOP / name))
    for folder in ("docs", "data", "figures"):
        for path in sorted((TOP / folder).rglob("*.md")):
            write(SOURCE / path.relative_to(TOP), linked(path))
    for path in sorted((TOP / "docs").rglob("*.png")):
        copy(path)
    for path in sorted((TOP / "figures").rglob("*")):
        if path.suffix in (".png", ".csv"):
            copy(path)
    notebooks = sorted((TOP / "notebooks").glob("[0-9S][0-9]_*.ipynb"))
    solutions = sorted((TOP / "notebooks" / "solutions").glob("*.ipynb"))
    for path in (*notebooks, *solutions):
        copy(path)
    page = listing("Solutions of the exercises", [p.stem for p in solutions])
    write(SOURCE / "notebooks" / "solutions" / "index.md", page)
    models_pages()
    api_pages()
    pages = {**LISTS, "notebooks/index.md": ("Notebooks", [p.stem for p in notebooks])}
    for file, (title, names) in pages.items():
        here = (SOURCE / file).parent
        there = [n for n in names if any((here / f"{n}{x}").is_file() for x in (".md", ".ipynb"))]
        if file.startswith("notebooks"):
            there.append("solutions/index")
        write(SOURCE / file, listing(title, there))
    write(SOURCE / "index.md", INDEX)


def listing(title: str, names: list[str]) -> str:
    """A page that lists pages."""
    lines = "\n".join(names)
    return f"# {title}\n\n```{{toctree}}\n:maxdepth: 1\n{lines}\n```\n"


def linked(path: Path) -> str:
    """A page whose links to what is no page of the site become plain words."""
    text = path.read_text(encoding="utf-8")

    def check(match: re.Match) -> str:
        words, target = match.group(1), match.group(2)
        if target.startswith(("http", "#", "mailto")):
            return match.group(0)
        there = (path.parent / target.partition("#")[0]).resolve()
        if there.name == "solutions" and there.is_dir():
            return f"[{words}]({target.rstrip('/')}/index.md)"
        if there.name != "template.ipynb" and there.is_file() and there.suffix in PAGES:
            return match.group(0)
        return f"`{words.strip('`')}`"

    return re.sub(r"(?<!\!)\[([^\]\[]*)\]\(([^)\s]+)\)", check, text)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def copy(path: Path) -> None:
    target = SOURCE / path.relative_to(TOP)
    target.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".ipynb":
        text = path.read_text(encoding="utf-8")
        write(target, text.replace("](solutions/)", "](solutions/index.md)"))
    else:
        shutil.copyfile(path, target)


def models_pages() -> None:
    """A page a shipped model, from its card."""
    import varstar as vs

    names = vs.models.available()
    for name in names:
        text = str(vs.models.card(name)).replace("```", "")
        write(SOURCE / "models" / f"{name}.md", f"# {name}\n\n```text\n{text}\n```\n")
    write(SOURCE / "models" / "index.md", listing("Models that ship", names))


def api_pages() -> None:
    """The public functions, from their docstrings."""
    import varstar as vs

    parts = ["# API\n", "Everything here is reached as `vs.name` after `import varstar as vs`.\n"]
    for title, names in API.items():
        parts.append(f"\n## {title}\n")
        known = [n for n in names if hasattr(vs, n)]
        parts += [f"```{{eval-rst}}\n.. autofunction:: varstar.{n}\n```\n" for n in known]
    parts.append("\n## Models\n")
    parts += [f"```{{eval-rst}}\n.. autofunction:: varstar.models.{n}\n```\n" for n in MODELS]
    write(SOURCE / "api" / "index.md", "\n".join(parts))


def main() -> int:
    """Exit status 0 when the site was built without a warning."""
    assemble()
    shutil.copyfile(TOP / "docs" / "conf.py", SOURCE / "conf.py")
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-W", "--keep-going", "-q"]
    command += ["-d", str(TOP / "build" / "site-doctrees")]
    return subprocess.run([*command, str(SOURCE), str(SITE)], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

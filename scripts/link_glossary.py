"""Link each word of the glossary where a notebook first uses it: python scripts/link_glossary.py

Only the text changes, in the notebooks and in their small copies; run twice, nothing does.
"""

import json
import re
import sys
from pathlib import Path

TOP = Path(__file__).parents[1]
GLOSSARY = TOP / "docs" / "glossary.md"
#: Words that every sentence has; a link on each would help nobody.
PLAIN = {
    "error", "observation", "point", "sample", "survey", "family", "class", "label", "feature",
    "cadence", "fold", "seed", "network", "probability", "flux", "power", "clean", "split",
}  # fmt: skip
#: Formulas, code, links, tags, addresses, headings and tables stay as they are.
_PROTECTED = re.compile(
    r"(\$\$[\s\S]*?\$\$|\$[^$\n]+\$|`[^`]*`|!?\[[^\]]*\]\([^)]*\)|<[^>]+>|https?://\S+"
    r"|^#[^\n]*|^\|[^\n]*)",
    re.M,
)


def words() -> dict[str, str]:
    """Word of the glossary -> anchor of its section; the longest first."""
    found, section = {}, ""
    for line in GLOSSARY.read_text("utf-8").splitlines():
        if line.startswith("## "):
            section = re.sub(r"[^a-z0-9]+", "-", line[3:].lower()).strip("-")
        row = re.match(r"\| ([^|`]+?) \|", line)
        if row and row[1] not in ("word", "name") and "---" not in row[1]:
            for word in row[1].split(", "):
                if word.removeprefix("the ") not in PLAIN and len(word) > 1:
                    found[word.removeprefix("the ")] = section
    return dict(sorted(found.items(), key=lambda item: -len(item[0])))


def linked(texts: list[str], known: dict[str, str]) -> list[str]:
    """Markdown cells of one notebook, each word linked where it stands first."""
    whole, out = "\n".join(texts), list(texts)
    for word, section in known.items():
        target = f'../docs/glossary.md#{section} "{word}"'
        flags = re.I if word.islower() else 0
        pattern = re.compile(rf"(?<![\w-]){re.escape(word)}(?:s|es)?(?![\w-])", flags)
        if f"({target})" in whole:
            continue
        for k, text in enumerate(out):
            if text.startswith("### Exercise"):
                continue
            parts = _PROTECTED.split(text)  # every second one is protected
            at = next((i for i in range(0, len(parts), 2) if pattern.search(parts[i])), None)
            if at is not None:
                parts[at] = pattern.sub(lambda m, t=target: f"[{m[0]}]({t})", parts[at], count=1)
                out[k] = "".join(parts)
                break
    return out


def link(path: Path, known: dict[str, str]) -> bool:
    """Link a notebook; whether it changed."""
    content = json.loads(path.read_text("utf-8"))
    cells = [c for c in content["cells"] if c["cell_type"] == "markdown"][1:]  # not the title
    before = ["".join(c["source"]) for c in cells]
    after = linked(before, known)
    for cell, text in zip(cells, after, strict=True):
        cell["source"] = text.splitlines(keepends=True)
    if after != before:
        path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return after != before


def main() -> int:
    """Link all notebooks and their copies."""
    known = words()
    for folder in (TOP / "notebooks", TOP / "tests" / "notebooks"):
        for path in sorted(folder.glob("[0-9S][0-9]_*.ipynb")):
            if link(path, known):
                print(path.relative_to(TOP))
    return 0


if __name__ == "__main__":
    sys.exit(main())

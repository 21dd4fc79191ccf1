"""Classes of the surveys side by side, from the taxonomy: python scripts/class_names.py

Writes ``docs/classes.md``.
"""

import sys
from pathlib import Path

from varstar import taxonomy

PAGE = Path(__file__).parents[1] / "docs" / "classes.md"
#: A survey of each vocabulary -> what its column is called.
COLUMNS = {
    "asassn": "ASAS-SN (as VSX)", "ogle4-lmc": "OGLE", "catalina_sss": "Catalina",
    "gaia-dr3": "Gaia DR3", "asas_acvs": "ASAS", "eros2-lmc": "EROS-2", "hipparcos": "Hipparcos",
    "linear_catalog": "LINEAR", "ztf": "ZTF (Chen+2020)",
}  # fmt: skip
HEAD = """# Names of classes, side by side

What each survey calls a type of variable star, from `varstar.taxonomy` (by table, never by the
look of a name); ASAS-SN spells classes as the International Variable Star Index (VSX) does. Names
that several types share stand in each of their rows. Made by `scripts/class_names.py`.

"""


def page() -> str:
    """The page as text."""
    vocabularies = {name: taxonomy.vocabulary(name) for name in COLUMNS}
    used = {kind for labels in vocabularies.values() for kind in labels.values()}
    rows = [f"| type | what | {' | '.join(COLUMNS.values())} |", "|---" * (len(COLUMNS) + 2) + "|"]
    for kind, about in taxonomy._book()["types"].items():
        meaning = about.get("what", "")
        if kind in used:
            cells = [
                ", ".join(f"`{label}`" for label, own in labels.items() if own == kind)
                for labels in vocabularies.values()
            ]
            rows.append(f"| {kind} | {meaning} | {' | '.join(cells)} |")
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
    sys.exit(0)

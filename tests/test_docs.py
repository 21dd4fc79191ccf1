"""The pages of docs/ say what the code says."""

import importlib.util

import pytest

from varstar import paths
from varstar.features.catch22 import names

GLOSSARY = paths.project() / "docs" / "glossary.md"
pytestmark = pytest.mark.skipif(not GLOSSARY.is_file(), reason="installed without a clone")


def test_the_glossary_has_every_name_of_catch22() -> None:
    text = GLOSSARY.read_text(encoding="utf-8")
    assert len(names()) == 22
    assert not [name for name in names() if f"`{name}`" not in text]


def test_no_word_stands_twice_in_the_glossary() -> None:
    lines = GLOSSARY.read_text(encoding="utf-8").splitlines()
    words = [line.split("|")[1].strip() for line in lines if line.startswith("| ")]
    words = [w for w in words if w not in ("word", "name")]
    assert len(words) > 50
    assert len(set(words)) == len(words)


def test_the_page_of_class_names_is_the_taxonomys() -> None:
    spec = importlib.util.spec_from_file_location(
        "names", paths.project() / "scripts" / "class_names.py"
    )
    names = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(names)
    text = names.PAGE.read_text("utf-8")
    assert text == names.page(), "python scripts/class_names.py"
    row = next(line for line in text.splitlines() if line.startswith("| RRAB |"))
    assert row.count("`RRab`") >= 2  # OGLE, Catalina
    assert "`RRAB`" in row  # ASAS-SN

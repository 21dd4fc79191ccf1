"""The first screen: what is printed there works as it is printed."""

import ast
import re

import pytest

import varstar as vs
from varstar import paths
from varstar.__main__ import main
from varstar.commands import COMMANDS

TOP = paths.project()
pytestmark = pytest.mark.skipif(not (TOP / "README.md").is_file(), reason="not a clone")


def read(name):
    return (TOP / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", ["README.md", "docs/package.md"])
def test_python_on_the_page_uses_what_there_is(page):
    blocks = re.findall(r"```python\n(.*?)```", read(page), re.S)
    assert blocks
    for block in blocks:
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "vs":
                assert node.attr in vs.__all__, node.attr


@pytest.mark.parametrize("page", ["README.md", "docs/package.md", "CONTRIBUTING.md"])
def test_commands_on_the_page_are_understood(page, capsys):
    text = read(page)
    used = set(re.findall(r"`?\bvarstar ([a-z]+) ?[^`\n]*", "\n".join(
        re.findall(r"```\n(.*?)```|`(varstar [^`]+)`", text, re.S) and
        [a or b for a, b in re.findall(r"```\n(.*?)```|`(varstar [^`]+)`", text, re.S)]
    )))  # fmt: skip
    assert used <= {*COMMANDS, "data"} | {"cd"}, used
    lines = re.findall(r"^varstar (classify|models|inspect) (.*?)(?: +#.*)?$", text, re.M)
    for command, arguments in lines:
        with pytest.raises(SystemExit) as stop:
            main([command, *arguments.split(), "--help"])
        assert stop.value.code == 0


def test_models_on_the_page_ship():
    named = set(re.findall(r'model(?:=|s.card\()"([\w-]+)"|--model ([\w-]+)', read("README.md")))
    assert {a or b for a, b in named} <= set(vs.models.available())


def test_make_targets_on_the_page_are_there():
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.M))
    used = set(re.findall(r"^make ([a-z]+)", read("README.md"), re.M))
    assert used
    assert used <= targets


def test_the_page_of_the_package_index_needs_no_clone():
    assert 'readme = "docs/package.md"' in read("pyproject.toml")
    text = read("docs/package.md")
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert all(link.startswith("https://") for link in links)
    assert "![" not in text

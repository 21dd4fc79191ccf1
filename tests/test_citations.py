"""BibTeX of everything that one can use, each entry once and well formed."""

import re

import pytest

import varstar as vs
from varstar.datasets import SURVEYS


def keys(text):
    return re.findall(r"^@\w+\{(\w+),$", text, re.M)


def test_a_model_brings_its_paper_and_its_survey():
    text = vs.cite("s20p-catalina")
    assert keys(text) == ["varstar", "s20", "Drake20173688", "Drake2009870"]
    assert "doi = {10.3847/2041-8213/ab9ca4}" in text
    assert "author = {Drake and others},\n  year = {2017},\n  journal = {MNRAS}" in text
    assert "volume = {469},\n  pages = {3688}" in text


def test_each_entry_once():
    text = vs.cite("catalina_sss", "catalina_css_north", "s20", "s20")
    assert len(keys(text)) == len(set(keys(text)))
    assert keys(text).count("Drake2009870") == 1


@pytest.mark.parametrize("name", [*vs.models.available(), *SURVEYS, "k21", "sm", "sim-ogle3"])
def test_everything_can_be_cited(name):
    text = vs.cite(name)
    assert text.count("{") == text.count("}")
    assert text.isprintable() or "\n" in text
    for entry in text.split("\n\n"):
        assert re.match(r"@(article|misc|software|unpublished)\{\w+,\n", entry), entry


def test_an_unknown_name():
    with pytest.raises(ValueError, match="unknown model, survey or paper 'nothing'"):
        vs.cite("nothing")

"""A profile chosen by hand brings its values, and only its own products land in figures/."""

import json

import pytest
import yaml

from varstar import paths
from varstar.compendium import run
from varstar.compendium.profiles import is_changed, load_profile
from varstar.compendium.provenance import Output

CELL = 'profile = "paper"\nsurvey = "sim-ogle3"\nsize = 5\nseed = 1\nnames = ["a"]\n'


@pytest.fixture(autouse=True)
def clone(tmp_path, monkeypatch):
    """A clone with one notebook."""
    notebooks = tmp_path / "notebooks"
    notebooks.mkdir()
    cell = {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": CELL,
            "outputs": [], "execution_count": None}  # fmt: skip
    (notebooks / "01_toy_notebook.ipynb").write_text(json.dumps({"cells": [cell], "metadata": {}}))
    for profile, more in {
        "smoke": {},
        "laptop": {"size": 500, "names": ["b"]},
        "paper": {},
    }.items():
        (notebooks / "params" / profile).mkdir(parents=True)
        text = yaml.safe_dump({"profile": profile, **more})
        (notebooks / "params" / profile / "01.yaml").write_text(text)
    monkeypatch.setattr(paths, "notebooks", lambda: notebooks)
    monkeypatch.setenv("VARSTAR_FIGURES", str(tmp_path / "figures"))
    monkeypatch.setenv("VARSTAR_BUILD", str(tmp_path / "build"))
    return tmp_path


def space(**changes):
    return {**run.defaults(paths.notebooks() / "01_toy_notebook.ipynb"), **changes}


def output(values):
    return Output("01_toy", profile=values["profile"], data=values["survey"], parameters=values)


def test_the_values_of_the_profile_come_with_its_name(capsys):
    here = space(profile="laptop")
    load_profile(here, "01_toy")
    assert here == {**space(profile="laptop"), "size": 500, "names": ["b"]}
    assert "profile laptop: names = ['b'], size = 500" in capsys.readouterr().err


def test_what_was_changed_by_hand_stays():
    here = space(profile="laptop", size=7)
    load_profile(here, "01_toy")
    assert here["size"] == 7
    assert here["names"] == ["b"]


def test_the_runner_has_passed_all_and_nothing_is_said(capsys):
    here = space(profile="laptop", size=500, names=["b"])
    load_profile(here, "01_toy")
    load_profile(space(), "01_toy")
    load_profile({"profile": "laptop"}, "no_such_notebook")
    assert capsys.readouterr().err == ""


def test_an_unknown_profile_is_an_error():
    with pytest.raises(ValueError, match="unknown profile 'lptop'"):
        load_profile(space(profile="lptop"), "01_toy")


def test_products_of_other_numbers_never_land_among_the_profiles(clone):
    whole = space(profile="laptop", size=500, names=["b"])
    assert output(whole).folder == clone / "figures" / "simulated" / "01_toy"
    smoke_numbers = space(profile="laptop")
    assert output(smoke_numbers).folder == clone / "build" / "laptop-changed/simulated/01_toy"
    assert output(space(profile="paper", seed=9)).folder.is_relative_to(clone / "build")
    assert output(space(profile="paper")).folder == clone / "figures" / "simulated-paper" / "01_toy"
    assert output(space(profile="smoke", size=3)).folder.is_relative_to(clone / "build" / "smoke")


def test_tuples_and_lists_are_alike():
    values = space(profile="laptop", size=500, names=("b",))
    assert not is_changed(values, "01_toy", "laptop")

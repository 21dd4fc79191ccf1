"""Old module names that people's scripts import lead to the new places."""

from importlib import import_module

import pytest

DOORS = {
    "varstar.sample": {
        "clean": "varstar.lightcurves.sample",
        "light_curves": "varstar.lightcurves.sample",
        "make_sample": "varstar.datasets.samples",
        "nest": "varstar.lightcurves.sample",
    },
    "varstar.cache": {"cached": "varstar.compendium.cache"},
}


@pytest.mark.parametrize("door", DOORS)
def test_a_door_leads_to_the_new_place(door: str) -> None:
    for name, place in DOORS[door].items():
        assert getattr(import_module(door), name) is getattr(import_module(place), name)

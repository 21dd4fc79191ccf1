"""Networks of notebook 06 trained on another machine stand where the notebook looks for them."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from varstar.papers.head import methods, tracks

TOP = Path(__file__).parents[3]


@pytest.fixture
def script(monkeypatch, tmp_path):
    """The script, for one small survey and an entrant that learns in no time."""
    path = TOP / "scripts" / "head_elsewhere.py"
    spec = importlib.util.spec_from_file_location("head_elsewhere", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setenv("VARSTAR_CACHE", str(tmp_path / "cache"))
    chosen = {
        "surveys": ["sim-ogle4"], "bands": ["I"], "size": 120, "most": 8, "minimum": 4, "seed": 1,
        "networks": ["01_forest_sixteen"], "network_periods": ["own"], "network_seeds": [0, 1],
        "network_folds": 3, "folds": 3,
    }  # fmt: skip
    monkeypatch.setattr(module, "parameters", lambda profile: chosen)
    return module


def test_predictions_come_back_into_the_cache(script, tmp_path, monkeypatch):
    script.pack(tmp_path / "work", "real")
    script.train(tmp_path / "work")
    assert len(list((tmp_path / "work").glob("*.*.*.*.*.npz"))) == 6
    script.train(tmp_path / "work")  # nothing is left to do
    script.adopt(tmp_path / "work", "real", {"device": "another"}, ["0.0"])
    ((_, stars),) = script.surveys(script.parameters("real")).items()
    entry = methods.entries()["01_forest_sixteen"]
    alone = [
        tracks.one_fold(stars, tracks.fold_of(stars, 3, 0), k, entry, 1)["probability"]
        for k in range(3)
    ]
    worked = []
    monkeypatch.setattr(tracks, "run", lambda *a, work=tracks.run: worked.append(a[4]) or work(*a))
    found = tracks.in_survey(stars, entry, folds=3, use=3, seeds=[0, 1])
    assert worked == [0]  # the fold that was left for this machine
    np.testing.assert_allclose(found["probability"][1], np.concatenate(alone))
    assert found["train_seconds"] > 0


def test_the_notebook_says_what_is_to_be_done():
    path = TOP / "scripts" / "head_elsewhere.py"
    spec = importlib.util.spec_from_file_location("head_elsewhere", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    chosen = module.parameters("real")
    assert chosen["profile"] == "real"
    assert set(chosen["networks"]) <= set(methods.entries())
    assert len(chosen["surveys"]) == len(chosen["bands"])

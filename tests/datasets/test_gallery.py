"""Some stars of each kind, whichever survey."""

import numpy as np
import pandas as pd
import pytest

from varstar.datasets.gallery import FEWEST, alike, load_gallery
from varstar.lightcurves.sample import light_curves
from varstar.simulate import SURVEYS

KINDS = ["RRab", "RRc", "CEP F", "T2CEP WVir", "DSCT", "ECL EC", "ECL ED", "LPV Mira AGB O"]


@pytest.mark.parametrize("survey", SURVEYS)
def test_every_simulated_survey_has_a_gallery(survey):
    sample, names = load_gallery(survey, KINDS, "I", size=16, seed=1)
    assert len(set(names.values())) >= FEWEST
    assert len(set(sample["label"]) & set(names.values())) >= FEWEST
    assert np.unique(light_curves(sample).band).size == 1
    assert "RRab" in names


def test_names_of_the_same_kind_in_another_survey():
    there = ["EA", "EB", "EW", "RRAB", "RRC", "M", "SR", "VAR"]
    names = alike(["RRab", "ECL ED", "ECL EC", "LPV Mira AGB O", "QSO"], "sim-asassn", there)
    assert names == {"RRab": "RRAB", "ECL ED": "EA", "ECL EC": "EW", "LPV Mira AGB O": "M"}


def own_survey(folder, **columns):
    (folder / "mine").mkdir()
    ids = [f"s{i}" for i in range(6)]
    stars = pd.DataFrame({"star_id": ids, "label": list("aabbcc"), **columns})
    obs = pd.DataFrame({"star_id": np.repeat(ids, 9), "time": np.tile(np.arange(9.0), 6)})
    obs = obs.assign(band=np.tile(list("gggggrrrr"), 6), mag=15.0, mag_err=0.1)
    stars.to_parquet(folder / "mine" / "stars.parquet")
    obs.to_parquet(folder / "mine" / "observations.parquet")


def test_ones_own_survey_gives_its_frequent_labels_in_its_main_band(tmp_path):
    own_survey(tmp_path, period=1.5)
    sample, names = load_gallery("mine", ["RRab"], "I", root=tmp_path)
    assert names == {"a": "a", "b": "b", "c": "c"}
    assert light_curves(sample).counts.tolist() == [5] * 6


def test_a_survey_without_periods_says_what_is_missing(tmp_path):
    own_survey(tmp_path)
    with pytest.raises(ValueError, match=r"column 'period' of stars\.parquet"):
        load_gallery("mine", ["RRab"], root=tmp_path)

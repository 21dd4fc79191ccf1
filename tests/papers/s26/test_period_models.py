"""Models of a multi-band search, side by side."""

import pytest

import varstar as vs
from varstar.papers.s26 import periods as models


def test_every_model_is_tried_on_all_stars():
    sample = vs.load("sim-ztf", size=10, seed=2, bands=["g", "r"], balance="equal")
    table = models.compare(sample, ["g", "r"], "superclass")
    assert list(table["model"][:2]) == ["one sine", "four harmonics"]
    assert list(table["model"][2:]) == list(models.MODELS)
    assert table["bands"].tolist() == ["g", "g"] + ["g+r"] * len(models.MODELS)
    assert (table["stars"] == 10).all()
    assert table["right"].between(table["low"] - 1e-9, table["high"] + 1e-9).all()
    parts = table[["exact", "P/2", "2P", "harmonic", "alias"]].sum(axis=1)
    assert (parts <= 1 + 1e-9).all()
    assert table.set_index("model").loc["a sine a band (S26)", "right"] >= 0.7


def test_only_the_models_asked_for():
    sample = vs.load("sim-ztf", size=5, seed=2, bands=["g", "r"], balance="equal")
    table = models.compare(sample, ["g", "r"], "superclass", models={"mine": {"shared": True}})
    assert table["model"].tolist() == ["one sine", "four harmonics", "mine"]
    with pytest.raises(KeyError):
        models.compare(sample, ["g", "r"], "nothing")


@pytest.mark.real
def test_harmonics_matter_more_than_bands_on_stripe_82(real_data):
    """Five bands at the same time are no more epochs: the shape decides."""
    sample = vs.load("sdss_s82_rrlyr", size=60, seed=1)
    table = models.compare(sample, ["g", "r", "i"], "label").set_index("model")["right"]
    assert table["four harmonics for all, equal weights"] > table["a sine a band (S26)"]

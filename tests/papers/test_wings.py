"""A method is a folder: a toy wing outside the package is found, trained and classifies."""

import numpy as np
import pandas as pd
import pytest

import varstar as vs
from varstar import papers
from varstar.models import store

NETWORK = """
def build_toy(n_classes=2):
    import keras

    inputs = keras.Input((2,), name="x")
    return keras.Model(inputs, keras.layers.Dense(n_classes, activation="softmax")(inputs))
"""
CLASSIFIER = """
import numpy as np

from varstar.models.classifier import Classifier
from varstar.models.ensemble import mean_prediction


class ToyClassifier(Classifier):
    COLUMNS = {"log_period": "float64"}

    def inputs(self, curves, periods):
        spread = [np.ptp(curves.one(i)[1]) for i in range(curves.n_stars)]
        x = np.column_stack([np.log10(periods["period"]), spread])
        status = np.where(x[:, 1] < 10, "ok", "too wild")
        return x[status == "ok"], status

    def predict(self, x):
        return mean_prediction(self.networks, [x]), {"log_period": x[:, 0]}
"""
INIT = """
NETWORKS = {"toy": "build_toy"}
CLASSIFIER = "classifier.ToyClassifier"
RECIPES = ("toy-sim",)
"""
RECIPE = """
def make(name, root=None, **options):
    return {"made": name, **options}
"""


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """A wing in a folder of its own."""
    wing = tmp_path / "wings" / "toywing"
    wing.mkdir(parents=True)
    for name, text in {"__init__": INIT, "network": NETWORK, "classifier": CLASSIFIER,
                       "recipe": RECIPE}.items():  # fmt: skip
        (wing / f"{name}.py").write_text(text)
    monkeypatch.setattr(papers, "__path__", [*papers.__path__, str(wing.parent)])
    return tmp_path


def sample_of(n=5):
    rng = np.random.default_rng(0)
    parts = [
        pd.DataFrame({"star_id": f"s{k}", "t": np.sort(rng.uniform(0, 90, 40)), "err": 0.02})
        for k in range(n)
    ]
    for k, part in enumerate(parts):
        part["mag"] = 15 + 0.3 * np.sin(2 * np.pi * part["t"] / (0.3 + k / 10))
    parts[3]["mag"] += 6 * np.sin(2 * np.pi * parts[3]["t"])
    return vs.make_sample(pd.concat(parts))


def test_the_wings_that_there_are():
    assert set(papers.wings()) >= {"s20", "sm", "k21", "ts19", "s26", "s1"}
    assert set(papers.classifiers()) >= {"s20", "sm", "k21", "ts19", "s26"}
    assert set(papers.recipes()) >= {"s20-catalina", "k21-asas", "s26-eros2"}
    assert set(store.available()) <= set(papers.recipes())


def test_a_new_wing_is_a_folder(toy):
    network = vs.models.build("toy", n_classes=3)
    network.set_weights([np.array([[9.0, 0, -9], [0, 0, 0]]), np.array([3.0, 0, -3])])
    card = {"paper": "ToyWing", "classes": ["long", "middle", "short"], "inputs": {},
            "network": {"name": "toy", "options": {"n_classes": 3}}, "training": {},
            "scores": {}}  # fmt: skip
    store.save(toy / "toy-sim", card, [network])
    sample = sample_of()
    table = vs.classify(sample, model=toy / "toy-sim", periods=[0.001, 10, np.nan, 1, 0.4])
    assert table["label"].isna().tolist() == [False, False, False, True, False]
    assert table["label"].iloc[[0, 1]].tolist() == ["short", "long"]
    assert table["status"].tolist() == ["ok", "ok", "ok", "too wild", "ok"]
    assert table["period"].iloc[2] == pytest.approx(0.5, rel=1e-3)
    assert table["log_period"].iloc[1] == pytest.approx(1)
    assert vs.classify(sample[:0], model=toy / "toy-sim").dtypes.equals(table.dtypes)
    assert papers.make("toy-sim", seed=3) == {"made": "toy-sim", "seed": 3}


def test_what_no_wing_has():
    with pytest.raises(ValueError, match=r"unknown paper 'x99'. Known: \['any', 'k21', 's20'"):
        papers.classifier("x99")
    with pytest.raises(ValueError, match=r"unknown model 's20-nowhere'. Known: \["):
        papers.make("s20-nowhere")
    with pytest.raises(ValueError, match=r"unknown network 'x'. Known: \["):
        vs.models.build("x")

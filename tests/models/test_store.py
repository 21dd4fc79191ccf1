import json

import numpy as np
import pytest

import varstar as vs
from varstar.models import build, store

OPTIONS = {"input_shape": [32, 32, 1], "n_classes": 3, "filters": [2, 2, 2, 2], "dense": 4}
CARD = {
    "paper": "S20",
    "classes": ["A", "B", "C"],
    "inputs": {},
    "network": {"name": "s20-light", "options": OPTIONS},
    "training": {},
    "scores": {},
}
SHIPPED = store.available()


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The store moved to an empty folder."""
    monkeypatch.setattr(store, "folder", lambda name: tmp_path / name)
    return tmp_path


@pytest.fixture
def networks():
    return [build("s20-light", **OPTIONS) for _ in range(2)]


def test_what_is_saved_is_read(here, networks):
    assert store.available() == []
    values = {"mean": np.arange(3.0), "name": np.array(["x", "y"])}
    assert store.save(here / "toy-sim", CARD, networks, {"scaling": values}) == here / "toy-sim"
    assert store.available() == ["toy-sim"]
    card = store.card("toy-sim")
    assert {k: card[k] for k in CARD} == CARD
    assert card["name"] == "toy-sim"
    assert set(card["files"]) == {
        "network0.weights.h5",
        "network1.weights.h5",
        "scaling.npz",
    }
    for saved, loaded in zip(networks, store.load("toy-sim"), strict=True):
        for a, b in zip(saved.get_weights(), loaded.get_weights(), strict=True):
            assert b.dtype == np.float32
            assert np.array_equal(b, a.astype(np.float16) if a.ndim > 1 else a)
    assert not list(here.rglob("whole_*")) + list(here.rglob("tmp_*"))
    loaded = store.arrays("toy-sim", "scaling")
    assert np.array_equal(loaded["mean"], values["mean"])
    assert np.array_equal(loaded["name"], values["name"])


def test_networks_are_read_once(here, networks):
    store.save(here / "toy", CARD, networks)
    assert store.load("toy") is store.load("toy")
    store.save(here / "toy", CARD, networks[:1])  # a new one is not hidden by the old
    assert len(store.load("toy")) == 1
    assert sorted(p.name for p in (here / "toy").iterdir()) == ["card.json", "network0.weights.h5"]


def test_two_models_can_be_heads_of_the_same_networks(here):
    options = {**OPTIONS, "heads": ["image", "period"]}
    both = build("s20-light", **options)
    cards = {
        name: {**CARD, "network": {"name": "s20-light", "options": options, "head": name}}
        for name in ("image", "period")
    }
    store.save(here / "toy", cards["image"], [both])
    with pytest.raises(ValueError, match=r"'toy-p' shares the files of 'toy'"):
        store.save(here / "toy-p", cards["period"], [both], shares="toy")
    store.save(here / "toy-p", cards["period"], shares="toy")
    assert [p.name for p in (here / "toy-p").iterdir()] == ["card.json"]
    rng = np.random.default_rng(0)
    x = [rng.integers(0, 256, (3, 32, 32, 1)).astype(np.float32), np.ones((3, 1), np.float32)]
    image, period = (np.asarray(out) for out in both(x, training=False))
    near = {"rtol": 0, "atol": 0.01}  # stored in half precision
    assert not np.allclose(image, period, **near)
    assert np.allclose(np.asarray(store.load("toy")[0](x[0], training=False)), image, **near)
    assert np.allclose(np.asarray(store.load("toy-p")[0](x, training=False)), period, **near)
    (here / "toy" / "network0.weights.h5").unlink()
    store._load.cache_clear()  # as another process sees it
    with pytest.raises(FileNotFoundError, match=r"'toy-p': .*network0.weights.h5 is missing"):
        store.load("toy-p")


def test_unknown_models(here, networks):
    store.save(here / "toy", CARD, networks)
    for name in ("s20-nowhere", "", None, "../toy"):
        for function in (store.card, store.load):
            with pytest.raises(ValueError, match=r"unknown model .* Known: \['toy'\]"):
                function(name)
    with pytest.raises(ValueError, match=r"no file 'x'. Files: \['network0"):
        store.file("toy", "x")


def test_a_file_that_is_not_the_cards(here, networks):
    store.save(here / "toy", CARD, networks)
    path = here / "toy" / "network1.weights.h5"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1  # one bit
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"'toy': network1.weights.h5 is not the file of its card"):
        store.load("toy")
    path.write_bytes(content[:100])
    with pytest.raises(ValueError, match=r"sha256 expected"):
        store.load("toy")
    path.unlink()
    with pytest.raises(FileNotFoundError, match=r"'toy': .*network1.weights.h5 is missing"):
        store.load("toy")


def test_a_card_that_is_not_whole(here, networks):
    store.save(here / "toy", CARD, networks)
    path = here / "toy" / "card.json"
    content = json.loads(path.read_text())
    path.write_text(json.dumps({k: v for k, v in content.items() if k != "classes"}))
    with pytest.raises(ValueError, match=r"card.json: the card lacks \['classes'\]"):
        store.card("toy")
    path.write_text(json.dumps(content)[:50])
    with pytest.raises(ValueError, match=r"card.json is not a card"):
        store.card("toy")


@pytest.mark.parametrize("key", sorted(CARD))
def test_nothing_incomplete_is_saved(here, networks, key):
    with pytest.raises(ValueError, match=rf"the card lacks \['{key}'\]"):
        store.save(here / "toy", {k: v for k, v in CARD.items() if k != key}, networks)
    assert store.available() == []


def test_a_failure_while_saving_leaves_the_old_model(here, networks):
    store.save(here / "toy", CARD, networks)
    before = {p.name: p.read_bytes() for p in (here / "toy").iterdir()}

    class Full:
        def save_weights(self, path):
            raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space"):
        store.save(here / "toy", CARD, [networks[0], Full()])
    assert {p.name: p.read_bytes() for p in (here / "toy").iterdir()} == before
    assert [p.name for p in here.iterdir()] == ["toy"]
    with pytest.raises(OSError, match="no space"):
        store.save(here / "new", CARD, [Full()])
    assert store.available() == ["toy"]


def test_a_folder_of_something_else_is_not_written_over(here, networks):
    (here / "work").mkdir()
    (here / "work" / "thesis.tex").write_text("x")
    with pytest.raises(ValueError, match="expected a new folder or that of a model"):
        store.save(here / "work", CARD, networks)
    assert (here / "work" / "thesis.tex").read_text() == "x"


def test_a_model_is_found_by_its_folder(here, networks, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("mine") / "model"
    store.save(elsewhere, CARD, networks, {"a": {"b": np.arange(2)}})
    assert store.card(elsewhere)["name"] == "model"
    assert len(store.load(str(elsewhere))) == 2
    assert store.arrays(elsewhere, "a")["b"].tolist() == [0, 1]
    assert store.available() == []


def test_arrays_are_read_once_and_cannot_be_changed(here, networks, monkeypatch):
    store.save(here / "toy", CARD, networks, {"a": {"b": np.arange(2)}})
    first = store.arrays("toy", "a")
    monkeypatch.setattr(np, "load", None)
    assert store.arrays("toy", "a")["b"] is first["b"]
    with pytest.raises(ValueError, match="read-only"):
        first["b"][0] = 5
    monkeypatch.undo()


def test_whole_precision_is_kept_where_asked(here, networks):
    store.save(here / "toy", CARD, networks, half=False)
    for saved, loaded in zip(networks, store.load("toy"), strict=True):
        for a, b in zip(saved.get_weights(), loaded.get_weights(), strict=True):
            assert np.array_equal(a, b)


# --- what ships -------------------------------------------------------------------------


@pytest.mark.skipif(not SHIPPED, reason="no model ships yet")
@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_models_are_whole(name):
    card = vs.models.card(name)
    assert card["name"] == name
    assert name.startswith(f"{card['paper'].lower()}")
    assert len(card["classes"]) >= 2
    assert len(set(card["classes"])) == len(card["classes"])
    assert card["training"]
    assert card["scores"]
    assert card["files"]
    for part in card["files"]:
        assert store.file(name, part).stat().st_size < 20e6
    there = {p.name for p in store.folder(name).iterdir()}
    assert there == ({"card.json"} if "shares" in card else {"card.json", *card["files"]})
    assert not [p for p in there if p.endswith((".pkl", ".joblib"))]
    assert "/work" not in json.dumps(card)
    assert "/tmp" not in json.dumps(card)

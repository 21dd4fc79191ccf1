"""S26's network and its lighter sibling."""

import keras
import numpy as np
import pytest

from varstar.models import build, outline

#: Few filters, small images: the paper's network in seconds.
SMALL = {"filters": (3, 4, 4, 5), "size": 96, "n_classes": 4}
LIGHT = {"filters": (4, 6, 6, 8), "size": (16, 32), "n_classes": 4, "features": 8}


def inputs_of(model, n=3, seed=0):
    rng = np.random.default_rng(seed)
    x = {}
    for i in model.inputs:
        shape = (n, *i.shape[1:])
        if i.name == "images":
            x[i.name] = rng.integers(0, 2, shape).astype(np.uint8) * 255
        elif i.name == "mask":
            x[i.name] = np.ones(shape, np.float32)
        else:
            x[i.name] = rng.normal(size=shape).astype(np.float32)
    return x


def answer(model, x):
    return np.asarray(model([x[i.name] for i in model.inputs], training=False))


# --- architecture -----------------------------------------------------------------------


@pytest.mark.parametrize("bands", [1, 2, 3, 6])
def test_parameters_by_hand(bands):
    # 7x7 and 5x5 with 16 filters, three 3x3 with 32, three with 64, two with 128
    branch = 16 * (49 + 1) + 16 * (16 * 25 + 1)
    branch += 32 * (16 * 9 + 1) + 2 * 32 * (32 * 9 + 1)
    branch += 64 * (32 * 9 + 1) + 2 * 64 * (64 * 9 + 1)
    branch += 128 * (64 * 9 + 1) + 128 * (128 * 9 + 1)
    # 128 -> 122 -> 118 | 59 -> 57 -> 55 -> 53 | 26 -> 24 -> 22 -> 20 | 10 -> 8 -> 6 | 3
    image = (bands * 3 * 3 * 128 + 1) * 64 + (64 + 1) * 5
    # each period is accompanied by whether it is known
    period = (2 * bands + 1) * 64 + (64 + 1) * 64 + (64 + 1) * 5
    joint = (5 + 5 + 1) * 64 + (64 + 1) * 5
    assert build("s26", bands=bands).count_params() == bands * branch + image + period + joint
    if bands == 2:
        assert bands * branch + image + period + joint == 841_967


def test_parameters_of_the_lighter_one_by_hand():
    # 5x5 with 12 filters, 3x3 with 24, 32, 48, no biases; batch normalisation has 4 a map
    branch = 25 * 12 + 9 * (12 * 24 + 24 * 32 + 32 * 48) + 4 * (12 + 24 + 32 + 48)
    branch += (2 * 4 * 48 + 1) * 32  # 32 x 64 pixels shrink to 2 x 4
    period = (2 * 2 + 1) * 32 + 33 * 32
    joint = (2 * 32 + 2 + 32 + 1) * 64 + 65 * 5
    assert build("s26-light").count_params() == branch + period + joint == 44_289
    # without sharing a branch a band; one band alone needs no mask among the features
    assert build("s26-light", shared=False).count_params() == 2 * branch + period + joint
    one = build("s26-light", bands=1, n_periods=2)
    assert one.count_params() == branch + period + (32 + 32 + 1) * 64 + 65 * 5


def test_layers_are_those_of_the_text():
    model = build("s26")
    kernels = [x.kernel_size[0] for x in model.layers if isinstance(x, keras.layers.Conv2D)]
    assert sorted(kernels) == sorted(2 * [7, 5, *[3] * 8])
    kinds = [type(x).__name__ for x in model.layers]
    assert kinds.count("SpatialDropout2D") == kinds.count("MaxPooling2D") == 2 * 4
    assert kinds.count("Flatten") == 2
    softmax = [
        x.name
        for x in model.layers
        if isinstance(x, keras.layers.Dense) and x.activation is keras.activations.softmax
    ]
    assert set(softmax) == {"image", "period", "label"}
    assert model.get_layer("label").input.shape == (None, 64)
    assert any(label == "conv 7x7" for label, _, _ in outline(model))


@pytest.mark.parametrize("name", ["s26", "s26-light"])
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"bands": 1},
        {"bands": 6, "n_periods": 7},
        {"n_periods": 1, "channels": 2},
        {"bands": 3, "n_periods": 0},
    ],
)
def test_shapes_and_probabilities(name, more):
    model = build(name, **{**(SMALL if name == "s26" else LIGHT), **more})
    x = inputs_of(model)
    bands = more.get("bands", 2)
    assert x["images"].shape[1] == x["mask"].shape[1] == bands
    assert ("periods" in x) == (more.get("n_periods") != 0)
    if "periods" in x:
        assert x["periods"].shape == (3, more.get("n_periods", bands))
    p = answer(model, x)
    assert p.shape == (3, 4)
    assert p.sum(axis=1) == pytest.approx(1, abs=1e-5)


# --- what is missing counts as nothing ----------------------------------------------------


@pytest.mark.parametrize(
    ("name", "options"),
    [("s26", SMALL), ("s26-light", LIGHT), ("s26-light", {**LIGHT, "shared": False})],
)
def test_a_masked_band_does_not_count(name, options):
    keras.utils.set_random_seed(0)
    model = build(name, **options)
    for layer in model.layers:  # a black image must not be nothing by chance alone
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.beta.assign(layer.beta + 0.5)
    x = inputs_of(model)
    full = answer(model, x)
    for b in (0, 1):
        masked = {**x, "mask": x["mask"].copy(), "images": x["images"].copy()}
        masked["mask"][:, b] = 0
        first = answer(model, masked)
        assert np.isfinite(first).all()
        assert not np.allclose(first, full, atol=1e-6)
        masked["images"][:, b] = 255 - masked["images"][:, b]
        assert np.array_equal(answer(model, masked), first)
        # the other band still counts
        masked["images"][:, 1 - b] = 255 - masked["images"][:, 1 - b]
        assert not np.array_equal(answer(model, masked), first)


def test_training_does_not_see_a_masked_band():
    x = inputs_of(build("s26-light", **LIGHT), n=8)
    x["mask"][:4, 1] = 0
    other = {**x, "images": x["images"].copy()}
    other["images"][:4, 1] = 255 - other["images"][:4, 1]
    y = np.eye(4, dtype=np.float32)[np.arange(8) % 4]
    weights = []
    for some in (x, other):
        keras.utils.set_random_seed(1)
        model = build("s26-light", **LIGHT)
        model.compile(keras.optimizers.SGD(0.1), "categorical_crossentropy")
        model.train_on_batch([some[i.name] for i in model.inputs], y)
        weights.append(model.get_weights())
    for a, b in zip(*weights, strict=True):  # means and variances of the images among them
        assert np.array_equal(a, b)


@pytest.mark.parametrize(("name", "options"), [("s26", SMALL), ("s26-light", LIGHT)])
def test_a_missing_period_is_not_a_period_of_a_day(name, options):
    model = build(name, **options)
    x = inputs_of(model)
    x["periods"][:] = -0.3  # the centre of the scale: scaled it is zero
    known = answer(model, x)
    x["periods"][0] = np.nan
    missing = answer(model, x)
    assert np.isfinite(missing).all()
    assert not np.allclose(missing[0], known[0], atol=1e-7)
    assert missing[1:] == pytest.approx(known[1:], abs=1e-6)


def test_numbers_are_scaled_and_may_be_missing():
    model = build("s26-light", **LIGHT, n_numbers=2, center=[18.0, 0.0], width=[2.0, 0.5])
    plain = build("s26-light", **LIGHT, n_numbers=2)
    plain.set_weights(model.get_weights())
    x = inputs_of(model)
    scaled = {**x, "numbers": (x["numbers"] - [18, 0]) / [2, 0.5]}
    assert answer(model, x) == pytest.approx(answer(plain, scaled), abs=1e-5)
    x["numbers"][:, 1] = np.nan
    assert np.isfinite(answer(model, x)).all()


def test_saved_whole_and_read_again(tmp_path):
    for name, options in (("s26", SMALL), ("s26-light", {**LIGHT, "n_numbers": 2})):
        model = build(name, **options)
        model.save(tmp_path / "x.keras")
        again = keras.saving.load_model(tmp_path / "x.keras")
        x = inputs_of(model)
        assert np.array_equal(answer(again, x), answer(model, x))


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("s26", {"bands": 0}, r"bands: expected a whole number from 1. Received: 0"),
        ("s26-light", {"bands": True}, r"bands: .* Received: True"),
        ("s26", {"n_periods": -1}, r"n_periods: expected 0 or more. Received: -1"),
        ("s26", {"filters": (4, 4)}, r"one set of kernels a block: 2 filters, 4 sets"),
        ("s26", {"size": 64}, r"size: nothing is left .* Received: 64"),
        ("s26-light", {"size": 8}, r"size: expected at least 16 pixels .* Received: 8"),
        ("s26-light", {"n_numbers": 2, "center": [1.0]}, r"expected 2 values each. Received: 1"),
    ],
)
def test_bad_options(name, options, message):
    with pytest.raises(ValueError, match=message):
        build(name, **options)

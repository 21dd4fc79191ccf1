import keras
import numpy as np
import pytest

from varstar.learning.training import reseed
from varstar.models import architectures, build, outline
from varstar.papers.s20.network import head

#: Every network, S20's with fewer filters for speed, and what else the builders can make.
FEWER = {
    "s20": {"filters": (2, 2, 2, 2), "dense": (8,)},
    "s20-64": {"filters": (2, 2, 2, 2)},
    "s26": {"filters": (2, 2, 2, 2), "size": 96},
}
#: Not classifiers alone: tests of their own (test_models_ts19).
OWN = {"ts19", "ts19-light"}
CASES = [(name, FEWER.get(name, {})) for name in architectures() if name not in OWN]
CASES += [
    ("s20-64", {"n_classes": 3, "pooling": "average", "pool_stride": 1, "dropout": 0.0}),
    ("s20-light", {"heads": ["period"], "input_shape": (32, 32, 1), "n_classes": 3}),
    ("s20-light", {"heads": ["image", "period"], "input_shape": (32, 32, 1)}),
]
each = pytest.mark.parametrize(("name", "options"), CASES, ids=lambda v: str(v))


def inputs_of(model, n=2, seed=0):
    """Random inputs: pictures of 0..255, other numbers of order one."""
    rng = np.random.default_rng(seed)
    x = [
        rng.integers(0, 2, (n, *i.shape[1:])) * np.float32(255)
        if len(i.shape) == 4
        else rng.normal(size=(n, *i.shape[1:])).astype(np.float32)
        for i in model.inputs
    ]
    return x if len(x) > 1 else x[0]


def answers(model, x):
    out = model(x, training=False)
    return [np.asarray(o) for o in (out if isinstance(out, list | tuple) else [out])]


def test_there_are_networks():
    assert {"s20", "s20-64", "s20-cifar", "s20-light"} <= set(architectures())
    assert architectures() == sorted(architectures())


@each
def test_gives_probabilities(name, options):
    model = build(name, **options)
    found = answers(model, inputs_of(model))
    assert len(found) == len(model.outputs)
    for p, output in zip(found, model.outputs, strict=True):
        assert p.shape == (2, output.shape[-1])
        assert p.shape[1] == options.get("n_classes", p.shape[1])
        assert (p >= 0).all()
        assert p.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert all(np.isfinite(p).all() for p in found)


@each
def test_a_gradient_step_lowers_the_loss(name, options):
    keras.utils.set_random_seed(0)
    model = build(name, **options)
    model.compile(keras.optimizers.SGD(1e-3), ["categorical_crossentropy"] * len(model.outputs),
                  run_eagerly=True)  # fmt: skip
    x = inputs_of(model, n=8)
    y = [np.eye(o.shape[-1], dtype=np.float32)[np.arange(8) % 3] for o in model.outputs]
    y = y if len(y) > 1 else y[0]
    losses = []
    for _ in range(2):
        reseed(model, 7)  # the same units are dropped both times
        losses.append(float(np.ravel(model.train_on_batch(x, y))[0]))
    assert losses[1] < losses[0]


@each
def test_weights_are_saved_and_read(name, options, tmp_path):
    first, second = build(name, **options), build(name, **options)
    for layer in first.layers:  # also what batch normalisation has seen is kept
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.moving_mean.assign(layer.moving_mean + 0.1)
    first.save_weights(tmp_path / "x.weights.h5")
    second.load_weights(tmp_path / "x.weights.h5")
    x = inputs_of(first)
    for a, b in zip(answers(first, x), answers(second, x), strict=True):
        assert np.array_equal(a, b)


def test_s20_has_the_papers_number_of_parameters():
    model = build("s20")
    assert sum(int(np.prod(w.shape)) for w in model.trainable_weights) == 1_615_685
    assert model.count_params() == 1_615_685
    assert model.inputs[0].shape == (None, 128, 128, 3)


def test_s20_has_the_papers_layers():
    kinds = [type(layer).__name__ for layer in build("s20").layers]
    block = ["Conv2D", "Conv2D", "SpatialDropout2D", "MaxPooling2D"]
    assert kinds == ["InputLayer", "Rescaling", *block * 4, "Flatten", *["Dense"] * 4]
    kernels = [x.kernel_size[0] for x in build("s20").layers if isinstance(x, keras.layers.Conv2D)]
    assert kernels == [16, 16, 8, 8, 4, 4, 2, 2]


def test_the_sibling_is_smaller():
    assert build("s20-64").count_params() < build("s20").count_params() / 10
    assert build("s20-64").inputs[0].shape == (None, 64, 64, 1)


def test_pictures_are_scaled_inside():
    # 0..255 goes in; a network of one unit shows what the rest sees.
    model = build("s20-64")
    seen = keras.Model(model.inputs, model.layers[1].output)
    x = np.full((1, 64, 64, 1), 255, np.uint8)
    assert np.asarray(seen(x)).max() == 1.0


@pytest.mark.parametrize("name", ["image", "period"])
def test_a_head_is_the_stand_alone_network(name):
    options = {"input_shape": (32, 64, 2), "n_classes": 4}
    both = build("s20-light", heads=["image", "period"], **options)
    for layer in both.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.moving_variance.assign(layer.moving_variance * 2)
    alone = build("s20-light", heads=[name], **options)
    alone.set_weights(head(both, name).get_weights())
    x = inputs_of(both, n=3)
    expected = answers(both, x)[0 if name == "image" else 1]
    mine = x if name == "period" else x[0]
    assert np.array_equal(answers(alone, mine)[0], expected)
    assert np.array_equal(answers(head(both, name), mine)[0], expected)


def test_the_period_matters_to_its_head_only():
    model = build("s20-light", heads=["image", "period"], input_shape=(32, 32, 1))
    picture, period = inputs_of(model)
    image, both = answers(model, [picture, period])
    image_later, both_later = answers(model, [picture, period + 1])
    assert np.array_equal(image, image_later)
    assert not np.allclose(both, both_later)


def test_outline():
    rows = outline(build("s20"))
    assert rows[0][0] == "input"
    assert rows[1] == ("conv 16x16", (113, 113, 32), 16 * 16 * 3 * 32 + 32)
    assert [label for label, _, _ in rows[-4:]] == ["dense"] * 4
    assert rows[-1][1] == (5,)
    assert sum(count for *_, count in rows) == 1_615_685


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("s21", {}, r"unknown network 's21'. Known: \["),
        ("s20", {"pooling": "mean"}, r"pooling: expected .*'average', 'max'.*Received: 'mean'"),
        ("s20", {"kernels": (3, 3)}, r"one kernel a block: 4 filters, 2 kernels"),
        ("s20-light", {"heads": []}, r"heads: expected 'image', 'period' or both"),
        ("s20-light", {"heads": ["mag"]}, r"Received: \['mag'\]"),
    ],
)
def test_networks_that_cannot_be(name, options, message):
    with pytest.raises(ValueError, match=message):
        build(name, **options)


def test_an_unknown_option_is_an_error():
    with pytest.raises(TypeError, match="filtres"):
        build("s20", filtres=(1, 2))

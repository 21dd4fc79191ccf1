import keras
import numpy as np
import pytest

from varstar.learning.explain import occlusion


class OnePixel:
    """A "network" whose answer for class 1 is whether the pixel (5, 6) is white."""

    def __init__(self, channels=1):
        self.inputs = [np.zeros((1, 16, 16, channels))]

    def predict_on_batch(self, x):
        p = x[:, 5, 6, 0] / 255
        return np.column_stack([1 - p, p])


def picture():
    image = np.zeros((16, 16), np.uint8)
    image[5, 6] = 255
    image[1, 1] = 255
    return image


def test_the_pixel_that_decides_is_found():
    drop = occlusion(OnePixel(), picture(), 1, patch=4, step=4)
    expected = np.zeros((16, 16))
    expected[4:8, 4:8] = 1.0
    assert np.array_equal(drop, expected)
    assert np.array_equal(occlusion(OnePixel(3), picture(), 0, patch=4, step=4), -expected)


def test_patches_that_overlap_are_averaged():
    drop = occlusion(OnePixel(), picture(), 1, patch=4, step=2)
    assert drop[5, 6] == 1.0  # every patch over it covers it
    assert drop[4, 4] == 0.5 * 0.5 * 1 + 0.25  # of four patches, with rows 2, 4 and columns 2, 4
    assert drop[12:, 12:].max() == 0


@pytest.mark.parametrize("step", [1, 3, 5, 7])
def test_patches_reach_the_last_row_and_column(step):
    network = OnePixel()
    network.predict_on_batch = lambda x: np.repeat(x[:, -1:, -1, 0] / 255, 2, axis=1)
    image = np.zeros((16, 16), np.uint8)
    image[-1, -1] = 255
    drop = occlusion(network, image, 1, patch=4, step=step)
    assert drop[-1, -1] == 1.0
    assert drop[0, 0] == 0.0


def test_a_patch_larger_than_the_image_covers_it():
    assert (occlusion(OnePixel(), picture(), 1, patch=99, step=4) == 1.0).all()


def test_a_real_network_and_the_image_itself_stay():
    model = keras.Sequential(
        [
            keras.Input((16, 16, 1)),
            keras.layers.Flatten(),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
    image = picture()
    drop = occlusion(model, image, 0, patch=8, step=8)
    assert np.array_equal(image, picture())
    probability = np.asarray(model(image[None, ..., None]))[0, 0]
    image[:8, :8] = 0  # the patch with both white pixels
    without = np.asarray(model(image[None, ..., None]))[0, 0]
    assert drop[0, 0] == pytest.approx(probability - without, abs=1e-6)
    assert drop[8:].max() == pytest.approx(0, abs=1e-6)


# --- networks of two channels and of two inputs ------------------------------------------


@pytest.mark.parametrize("name", ["s20-catalina", "s20p-catalina"])
def test_shipped_networks_of_two_drawings_and_of_a_period(name):
    # one drawing was once given to both channels, and a network with a period refused
    from varstar import models

    network = models.load(name)[0]
    rng = np.random.default_rng(0)
    image = (255 * (rng.random(network.inputs[0].shape[1:]) > 0.9)).astype(np.uint8)
    others = [np.array([[0.3]], np.float32)] * (len(network.inputs) - 1)
    drop = occlusion(network, [image, *others], 2, patch=32, step=32)
    black = image.copy()
    black[:32, :32] = 0
    p, without = (
        np.asarray(network([a[None].astype(np.float32), *others] if others else a[None]))[0, 2]
        for a in (image, black)
    )
    assert drop[0, 0] == pytest.approx(float(p - without), abs=1e-5)
    assert drop.shape == image.shape[:2]
    with pytest.raises(ValueError, match="image: expected"):
        occlusion(network, image[..., 0], 2)


def test_occlusion_needs_all_inputs():
    image, number = keras.Input((8, 8, 1), name="image"), keras.Input((1,), name="period")
    flat = keras.layers.Flatten()(image)
    model = keras.Model([image, number], keras.layers.Concatenate()([flat, number]))
    with pytest.raises(ValueError, match=r"expected the inputs \['image', 'period'\]. Received: 1"):
        occlusion(model, np.zeros((8, 8), np.uint8), 0)

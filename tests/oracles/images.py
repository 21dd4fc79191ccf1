"""Folded images, one dot at a time: what `varstar.features.images.draw` is tested against."""

import numpy as np

from varstar.features.images import ZERO_POINT, _check
from varstar.lightcurves.folding import fold


def fold_image_reference(
    t: np.ndarray,
    mag: np.ndarray,
    period: float,
    epoch: float = 0.0,
    *,
    size: int | tuple[int, int] = 128,
    scale: str = "unit",
    dot: int = 1,
) -> np.ndarray:
    """One image, dot by dot: the definition that `fold_images` must equal.

    Parameters and conventions as in `fold_images`; `t` [d] and `mag` without NaN.
    """
    rows, columns = _check(size, scale, dot, 8)
    if scale not in ("unit", "star"):
        raise ValueError(f"the reference draws the scales 'unit' and 'star'. Received: {scale!r}")
    image = np.zeros((rows, columns), np.uint8)
    flux = 10.0 ** (-0.4 * (np.asarray(mag, float) - ZERO_POINT))
    depth = 1.0 - flux / flux.max()
    if scale == "star" and depth.max() > 0:
        depth = depth / depth.max()
    for phase, y in zip(fold(t, period, epoch), depth, strict=True):
        for x in (phase, phase + 1.0):
            column = min(int(x * columns / 2), columns - 1)
            row = min(int(y * rows), rows - 1)
            for dy in range(-(dot // 2), dot - dot // 2):
                for dx in range(-(dot // 2), dot - dot // 2):
                    # Phase is periodic, so a dot on the border goes round; flux is not.
                    image[min(max(row + dy, 0), rows - 1), (column + dx) % columns] = 255
    return image

"""Random parts of light curves."""

import numpy as np
import pytest

import varstar as vs
from varstar.lightcurves.sample import light_curves
from varstar.lightcurves.thinning import thinned


def test_parts_are_spread_and_points_are_the_stars_own():
    sample = vs.load("sim-ztf", size=60, seed=1, bands=["g", "r"], balance="equal")
    few = thinned(sample, 0.1, seed=2)
    a, b = light_curves(sample), light_curves(few)
    part = b.counts / a.counts
    assert part.min() < 0.25
    assert part.max() > 0.8
    assert np.median(part) == pytest.approx(np.sqrt(0.1), abs=0.12)
    assert np.isin(b.t, a.t).all()
    assert few.drop(columns="lc").equals(sample.drop(columns="lc"))
    assert np.array_equal(light_curves(thinned(sample, 0.1, seed=2)).t, b.t)
    assert np.array_equal(light_curves(thinned(sample, 1.0)).counts, a.counts)
    with pytest.raises(ValueError, match="lowest"):
        thinned(sample, 0)

"""Partitions in the layouts of surveys, made from simulated stars."""

import numpy as np
import pandas as pd
import pyarrow as pa
from nested_pandas import NestedFrame
from nested_pandas.series.ext_array import NestedExtensionArray

from varstar.lightcurves.sample import light_curves


def nested(frame: pd.DataFrame, name: str, offsets, fields: dict) -> NestedFrame:
    """`frame` with a nested column of flat fields."""
    points = pa.StructArray.from_arrays([pa.array(v) for v in fields.values()], list(fields))
    lists = pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), points)
    frame = NestedFrame(frame)
    frame[name] = pd.Series(NestedExtensionArray(lists), index=frame.index)
    return frame


def positions(n: int) -> pd.DataFrame:
    """Names and positions of n stars, two of them at one place."""
    k = np.arange(n)
    ra, dec = (k * 137.5) % 360, (k * 61.8) % 90 - 60
    if n > 1:
        ra[1], dec[1] = ra[0], dec[0]
    return pd.DataFrame({"objectId": 10**17 + k, "coord_ra": ra, "coord_dec": dec})


def rubin(sample: NestedFrame, bad: int = 0, base: pd.DataFrame | None = None) -> NestedFrame:
    """Rubin's forced sources on objects (DP2's nested layout); `bad` flagged points a star."""
    curves = light_curves(sample)
    flux = 10 ** (-0.4 * (curves.mag - 31.4))
    first = np.zeros(len(curves.t), bool)
    for k in range(bad):
        first[(curves.offsets[:-1] + k)[curves.counts > k]] = True
    fields = {
        "midpointMjdTai": curves.t,
        "band": np.array(curves.bands, object)[curves.band],
        "psfFlux": np.where(first, 1e9, flux),
        "psfFluxErr": flux * curves.err * np.log(10) / 2.5,
        "psfDiffFlux": flux - 1.0,
        "psfDiffFluxErr": np.ones(len(flux)),
        "psfFlux_flag": first,
        "pixelFlags_bad": np.zeros(len(flux), bool),
    }
    base = positions(len(sample)) if base is None else base
    return nested(base, "objectForcedSource", curves.offsets, fields)


def ztf(sample: NestedFrame) -> NestedFrame:
    """ZTF's HATS light curves, one row an object id, nested as `open_hats` does."""
    curves = light_curves(sample)
    fields = {
        "hmjd": curves.t,
        "mag": curves.mag.astype(np.float32),
        "magerr": curves.err.astype(np.float32),
        "catflags": (np.arange(len(curves.t)) % 10 == 0).astype(np.int32) * 32768,
    }
    base = pd.DataFrame({"objectid": 5 * 10**14 + np.arange(len(sample)),
                         "filterid": np.arange(len(sample)) % 2 + 1,
                         "objra": positions(len(sample)).coord_ra,
                         "objdec": positions(len(sample)).coord_dec})  # fmt: skip
    return nested(base, "lc", curves.offsets, fields)

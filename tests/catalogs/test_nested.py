"""Nested columns of surveys are recognised and mean what their makers say."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from catalogs import frames
from nested_pandas import NestedFrame

import varstar as vs
from varstar.catalogs import is_partition, read_partition
from varstar.lightcurves.sample import light_curves

N = 3
OFFSETS = [0, 3, 3, 5]  # the second star has no points
T, M = [1.0, 2, 3, 4, 5], [10.0, 11, 12, 13, 14]


def partition(name: str, **fields) -> NestedFrame:
    return frames.nested(frames.positions(N), name, OFFSETS, {k: v for k, v in fields.items()})


def curves(frame, **options):
    return light_curves(read_partition(frame, **options))


def test_varstars_own_names_in_any_column():
    frame = partition("anything", t=T, mag=M, err=[0.1] * 5, band=list("ggrgr"))
    c = curves(frame)
    assert c.offsets.tolist() == OFFSETS
    assert c.t.tolist() == T
    assert [c.bands[k] for k in c.band] == list("ggrgr")
    sample = read_partition(frame)
    assert sample.index.tolist() == [0, 1, 2]
    assert sample["objectId"].tolist() == frame["objectId"].tolist()
    assert "anything" not in sample


def test_rubin_forced_sources_are_direct_fluxes_in_nJy_and_flags_leave_points_out():
    frame = partition(
        "objectForcedSource", midpointMjdTai=T, band=list("gggrr"),
        psfFlux=[1e3, 1e4, 1e5, -5.0, 1e3],
        psfFluxErr=[1e2] * 5, psfDiffFlux=[0.0] * 5, psfDiffFluxErr=[1.0] * 5,
        psfFlux_flag=[False, True, False, False, False],
        pixelFlags_saturatedCenter=pa.array([None, False, False, False, False]),
    )  # fmt: skip
    c = curves(frame)
    assert c.offsets.tolist() == [0, 2, 2, 4]
    assert c.mag == pytest.approx([31.4 - 7.5, 31.4 - 12.5, np.nan, 31.4 - 7.5], nan_ok=True)
    assert c.err[0] == pytest.approx(0.1 * 2.5 / np.log(10))
    assert [c.bands[k] for k in c.band] == list("ggrr")


@pytest.mark.parametrize("time", ["midPointTai", "midpointMjdTai"])
def test_psfFlux_of_a_diaSource_is_a_difference_and_is_not_taken_for_the_star(time):
    fields = {time: T, "band": list("ggggg"), "psfFlux": [10.0] * 5, "psfFluxErr": [1.0] * 5}
    with pytest.raises(ValueError, match=r"difference fluxes.*reference"):
        read_partition(partition("diaSource", **fields))
    c = curves(partition("diaSource", **fields, scienceFlux=[1e3] * 5, scienceFluxErr=[1.0] * 5))
    assert c.mag == pytest.approx([31.4 - 7.5] * 5)
    layout = {"base": "Rubin alerts", "reference": 31.4 - 2.5 * 2}  # 100 nJy
    assert curves(partition("diaSource", **fields), layout=layout).mag == pytest.approx(
        [31.4 - 2.5 * np.log10(110)] * 5
    )


def test_forced_sources_are_preferred_to_difference_sources():
    frame = partition("diaSource", midpointMjdTai=T, band=list("ggggg"), psfFlux=[10.0] * 5,
                      psfFluxErr=[1.0] * 5)  # fmt: skip
    fields = {
        "midpointMjdTai": T[:2],
        "band": ["r", "r"],
        "psfFlux": [1e3, 1e3],
        "psfFluxErr": [1.0] * 2,
    }
    frame = frames.nested(frame, "diaObjectForcedSource", [0, 2, 2, 2], fields)
    c = curves(frame)
    assert c.mag == pytest.approx([23.9, 23.9])
    assert c.bands == ("r",)


def test_ztf_takes_its_band_from_the_row_and_leaves_flagged_points_out():
    frame = partition("lc", hmjd=T, mag=M, magerr=[0.1] * 5, catflags=[0, 1, 0, 0, 0])
    c = curves(frame.assign(filterid=[1, 2, 2]))
    assert c.offsets.tolist() == [0, 2, 2, 4]
    assert [c.bands[k] for k in c.band] == ["g", "g", "r", "r"]
    lists = pd.DataFrame({"objectid": [1, 2], "filterid": [1, 3]})
    for name, values in {"hmjd": [[1.0, 2.0], [3.0]], "mag": [[10.0, 11.0], [12.0]],
                         "magerr": [[0.1, 0.1], [0.2]],
                         "catflags": [[0, 0], [0]]}.items():  # fmt: skip
        array = pa.array(values)
        lists[name] = pd.Series(array, dtype=pd.ArrowDtype(array.type))
    c = curves(NestedFrame(lists))
    assert c.mag.tolist() == [10, 11, 12]
    assert [c.bands[k] for k in c.band] == ["g", "g", "i"]


def test_zubercal_gives_errors_in_ten_thousandths():
    frame = partition(
        "lc", mjd=T, mag=[10.0] * 5, magerr=pa.array([100] * 5, pa.uint16()), fieldid=[1] * 5,
        rcidin=[1] * 5, flag=[0, 0, 0, 0, 4], band=list("ggggg"),
    )  # fmt: skip
    c = curves(frame)
    assert c.err == pytest.approx([0.01] * 4)


def test_gaia_epoch_photometry_in_rows_and_raw_arrays():
    rows = partition("epochs", time=T, band=["G", "G", "BP", "G", "RP"], mag=M,
                     flux_over_error=[100.0] * 5,
                     rejected_by_photometry=[True] + [False] * 4)  # fmt: skip
    c = curves(rows)
    assert c.mag.tolist() == [11, 12, 13, 14]
    assert c.err == pytest.approx([0.010857] * 4, rel=1e-3)
    raw = partition(
        "epochs", g_transit_time=T, g_transit_mag=M, g_transit_flux_over_error=[9.0] * 5,
        bp_obs_time=[t + 0.1 for t in T], bp_mag=[m + 0.5 for m in M], bp_flux_over_error=[9.0] * 5,
    )  # fmt: skip
    c = curves(raw)
    assert c.offsets.tolist() == [0, 6, 6, 10]
    assert sorted(c.bands) == ["BP", "G"]
    assert c.where(c.band == c.bands.index("BP")).mag.tolist() == [10.5, 11.5, 12.5, 13.5, 14.5]
    assert c.where(c.band == c.bands.index("G")).t.tolist() == T


def test_alerts_with_corrected_magnitudes_and_plasticc():
    alerts = partition("lc", mjd=T, magpsf_corr=[*M[:4], 100], sigmapsf_corr=[0.1] * 5,
                       fid=[1, 1, 2, 2, 2], corrected=[True] * 5)  # fmt: skip
    c = curves(alerts)
    assert c.mag.tolist() == [10, 11, 12, 13]
    plasticc = partition("lc", mjd=T, passband=[0, 1, 2, 3, 5], flux=[-5.0] * 5, flux_err=[1.0] * 5)
    with pytest.raises(ValueError, match="difference"):
        read_partition(plasticc)
    c = curves(
        plasticc.assign(host=[20.0, 21, 22]), layout={"base": "PLAsTiCC", "reference": "host"}
    )
    assert c.mag[0] == pytest.approx(27.5 - 2.5 * np.log10(1000 - 5))
    assert c.mag[4] == pytest.approx(27.5 - 2.5 * np.log10(10 ** (0.4 * 5.5) - 5))
    assert [c.bands[k] for k in c.band] == ["u", "g", "r", "i", "y"]


def test_ztf_difference_magnitudes_are_added_to_the_reference():
    frame = partition("lc", jd=T, magpsf=[15.0] * 5, sigmapsf=[0.1] * 5, isdiffpos=list("ttfft"),
                      magnr=[15.0] * 5, fid=[1] * 5)  # fmt: skip
    mag = curves(frame).mag
    assert mag[0] == pytest.approx(15 - 2.5 * np.log10(2))
    assert np.isnan(mag[2])  # the star less itself


def test_names_of_ones_own():
    frame = partition("points", when=T, brightness=[1e3] * 5, error=[10.0] * 5)
    with pytest.raises(ValueError, match=r"no light curves.*'points': \['when', 'brightness'"):
        read_partition(frame)
    layout = {
        "nested": "points",
        "t": "when",
        "flux": "brightness",
        "flux_err": "error",
        "unit": "uJy",
        "band": "=V",
    }
    c = curves(frame, layout=layout)
    assert c.mag == pytest.approx([16.4] * 5)
    assert c.bands == ("V",)
    for wrong, message in [({"when": "t"}, "expected some of"), ("Nothing", "expected one of"),
                           ({"nested": "x"}, "no column 'x'")]:  # fmt: skip
        with pytest.raises(ValueError, match=message):
            read_partition(frame, wrong)


def test_slices_missing_lists_and_empty_partitions():
    frame = partition("lc", t=T, mag=M, band=pa.array(["g", None, "g", "r", "r"]))
    c = curves(frame.iloc[1:])
    assert c.offsets.tolist() == [0, 0, 2]
    assert c.mag.tolist() == [13, 14]
    assert [curves(frame).bands[k] for k in curves(frame).band] == ["g", "?", "g", "r", "r"]
    assert curves(frame.iloc[[2, 0]]).mag.tolist() == [13, 14, 10, 11, 12]
    empty = curves(frame.iloc[:0])
    assert empty.n_stars == 0
    assert len(empty.t) == 0
    both = pd.concat([frame, frame.iloc[:1]])
    assert curves(both).counts.tolist() == [3, 0, 2, 3]


def test_what_is_a_partition():
    sample = vs.make_sample(pd.DataFrame({"star_id": "a", "t": T, "mag": T}))
    assert not is_partition(sample)
    assert is_partition(sample.rename_axis("_healpix_29"))
    assert is_partition(partition("objectForcedSource", t=T, mag=T))


def test_a_partition_without_light_curves_names_what_it_has_and_itself():
    frame = frames.positions(2).set_axis(pd.Index([7, 9], name="_healpix_29"))
    with pytest.raises(ValueError, match=r"'_healpix_29' from 7 to 9.*\['objectId', 'coord_ra'"):
        vs.find_periods(frame)

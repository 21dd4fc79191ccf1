# ruff: noqa: E501  (rows of tables)
"""Made-up rows of the surveys' tables, with good, flagged and limiting ones, and what is right."""

import numpy as np
import pandas as pd

POGSON = 2.5 / np.log(10)


def _series(n=40, seed=0, start=2458000.0):
    random = np.random.default_rng(seed)
    t = start + np.sort(np.round(random.uniform(0, 300, n), 5))
    return t, np.round(15 + 0.4 * np.sin(2 * np.pi * t / 0.5634), 4), random


def ztf():
    t, mag, _ = _series()
    d = pd.DataFrame({"oid": 675103300002930, "hjd": t, "mjd": t - 2400000.502, "mag": mag,
                      "magerr": 0.02, "catflags": 0, "filtercode": np.where(np.arange(40) % 2, "zg", "zr"),
                      "ra": 209.99, "dec": 29.97})  # fmt: skip
    d.loc[::7, ["catflags", "mag"]] = [32768, 12.0]
    good = d[d.catflags == 0]
    return d, {"t": good.hjd, "mag": good.mag, "err": 0.02, "bands": {"g", "r"}}


def ztf_ids():
    d, right = ztf()
    d = d.drop(columns=["hjd", "filtercode", "ra", "dec", "oid"])
    d["objectid"], d["filterid"] = 7, np.where(np.arange(40) % 2, 1, 2)
    d = d.rename(columns={"mjd": "hmjd"})
    return d, {**right, "t": d.hmjd[d.catflags == 0] + 2400000.5, "star": "7"}


def gaia():
    t, mag, _ = _series(30, start=1700.0)
    d = pd.DataFrame({"source_id": 5284240582308398080, "transit_id": np.arange(30) // 3 + 17091923342681275,
                      "band": np.tile(["G", "BP", "RP"], 10), "time": t, "mag": mag,
                      "flux": 10 ** (0.4 * (25 - mag)), "flux_error": 50.0, "flux_over_error": 40.0,
                      "rejected_by_photometry": False, "rejected_by_variability": False})  # fmt: skip
    d.loc[:2, ["rejected_by_photometry", "mag"]] = [True, 9.0]
    d.loc[9:11, ["rejected_by_variability", "mag"]] = [True, 9.0]
    good = d[~(d.rejected_by_photometry | d.rejected_by_variability)]
    return d, {"t": good.time + 2455197.5, "mag": good.mag, "err": POGSON / 40,
               "bands": {"G", "BP", "RP"}, "star": "5284240582308398080", "scale": "BJD(TCB)"}  # fmt: skip


def tess():
    t, mag, _ = _series(60, start=1325.0)
    flux = 10 ** (0.4 * (25 - mag)).astype(np.float32)
    d = pd.DataFrame({"TIME": t, "TIMECORR": np.float32(0), "SAP_FLUX": flux * np.float32(0.5),
                      "SAP_FLUX_ERR": np.float32(9), "PDCSAP_FLUX": flux,
                      "PDCSAP_FLUX_ERR": (flux * np.float32(0.01)), "QUALITY": 0})  # fmt: skip
    d.loc[::10, "QUALITY"] = 128
    d.loc[3::10, "PDCSAP_FLUX"] = np.nan
    good = (d.QUALITY == 0) & d.PDCSAP_FLUX.notna()
    return d, {"t": d.TIME[good], "mag": mag[good], "err": POGSON * 0.01}


def qlp():
    d, right = tess()
    d = d.rename(columns={"PDCSAP_FLUX": "KSPSAP_FLUX", "PDCSAP_FLUX_ERR": "KSPSAP_FLUX_ERR"})
    return d.drop(columns="SAP_FLUX_ERR"), right


def lightkurve():
    d, right = tess()
    return d.rename(columns={"PDCSAP_FLUX": "flux", "PDCSAP_FLUX_ERR": "flux_err"}).rename(
        columns=str.lower).drop(columns=["sap_flux", "sap_flux_err"]), right  # fmt: skip


def asassn_2():
    t, mag, _ = _series()
    d = pd.DataFrame({"JD": t, "Flux": 3.0, "Flux Error": 0.16, "Mag": mag, "Mag Error": 0.05,
                      "Limit": 16.9, "FWHM": 1.9, "Filter": np.where(np.arange(40) < 20, "V", "g"),
                      "Quality": "G", "Camera": "bj"})  # fmt: skip
    d.loc[::6, ["Mag", "Mag Error"]] = [16.9, 99.99]
    d.loc[1::6, ["Mag", "Quality"]] = [12.9, "B"]
    good = d[(d["Mag Error"] < 90) & (d.Quality == "G")]
    return d, {"t": good.JD, "mag": good.Mag, "err": 0.05, "bands": {"V", "g"}, "scale": "JD"}


def asassn_api():
    d, right = asassn_2()
    names = {"JD": "jd", "Flux": "flux", "Flux Error": "flux_err", "Mag": "mag", "Mag Error": "mag_err",
             "Limit": "limit", "Filter": "phot_filter", "Quality": "quality", "Camera": "camera"}  # fmt: skip
    d = d.rename(columns=names).assign(asas_sn_id=661430867452)
    return d, {**right, "star": "661430867452"}


def asassn_catalogue():
    t, mag, _ = _series()
    camera = np.array(["be", "bE", "bi", "bA"])[np.arange(40) % 4]
    d = pd.DataFrame(
        {"hjd": t, "camera": camera, "mag": mag, "mag_err": 0.02, "flux": 1.0, "flux_err": 0.1}
    )
    return d, {"t": d.hjd, "mag": d.mag, "err": 0.02, "bands": {"V", "g"}, "scale": "HJD"}


def atlas():
    t, mag, _ = _series(start=58000.0)
    ujy = np.round(10 ** (0.4 * (23.9 - mag)))
    d = pd.DataFrame({"MJD": t, "m": mag, "dm": 0.04, "uJy": ujy, "duJy": 25.0,
                      "F": np.where(np.arange(40) % 2, "c", "o"), "err": 0, "chi/N": 1.1, "RA": 123.4, "Dec": -12.3})  # fmt: skip
    d.loc[::8, ["m", "dm", "uJy"]] = [23.28, 15.7, 2.0]
    d.loc[1::8, ["m", "uJy"]] = [-20.1, -33.0]
    d.loc[2::8, ["m", "err"]] = [12.0, 1]
    good = d[(d.err == 0) & (d.uJy >= 75)]
    return d, {"t": good.MJD, "mag": good.m, "err": 0.04, "bands": {"c", "o"}, "scale": "MJD"}


def aavso():
    t, mag, _ = _series()
    d = pd.DataFrame({"JD": t, "Magnitude": [f"{m:.3f}" for m in mag], "Uncertainty": 0.01,
                      "Band": np.where(np.arange(40) % 2, "V", "Vis."), "Observer Code": "OBS0",
                      "Validation Flag": "Z", "Star Name": "AB EXA"})  # fmt: skip
    d.loc[::7, "Magnitude"] = "<13.1"
    d.loc[1::7, ["Magnitude", "Validation Flag"]] = ["6.5", "T"]
    good = (~d.Magnitude.str.startswith("<")) & (d["Validation Flag"] == "Z")
    return d, {"t": d.JD[good], "mag": d.Magnitude[good].astype(float), "err": 0.01, "bands": {"V", "Vis."},
               "star": "AB EXA"}  # fmt: skip


def alerce():
    t, mag, random = _series(start=58200.0)
    d = pd.DataFrame({"candid": np.arange(40), "mjd": t, "fid": np.arange(40) % 2 + 1, "isdiffpos": 1,
                      "magpsf": np.round(random.uniform(17, 21, 40), 3), "sigmapsf": 0.3,
                      "magpsf_corr": mag, "magpsf_corr_err": 0.02, "corrected": True, "dubious": False})  # fmt: skip
    d.loc[::9, "dubious"] = True
    d.loc[1::9, "corrected"] = False
    good = d[d.corrected & ~d.dubious]
    return d, {"t": good.mjd, "mag": good.magpsf_corr, "err": 0.02, "bands": {"g", "r"}}


def alerce_2():
    d, right = alerce()
    names = {
        "magpsf": "mag",
        "sigmapsf": "e_mag",
        "magpsf_corr": "mag_corr",
        "magpsf_corr_err": "e_mag_corr",
    }
    return d.rename(columns=names).assign(e_mag_corr_ext=0.5), right


def rubin():
    t, mag, _ = _series(start=60000.0)
    flux = 10 ** (0.4 * (31.4 - mag))
    d = pd.DataFrame({"objectId": 1651589610221864014, "midpointMjdTai": t, "band": np.where(np.arange(40) % 2, "r", "i"),
                      "psfFlux": flux, "psfFluxErr": flux * 0.02, "psfDiffFlux": flux - np.median(flux),
                      "psfDiffFluxErr": flux * 0.5, "psfFlux_flag": False})  # fmt: skip
    d.loc[::9, ["psfFlux_flag", "psfFlux"]] = [True, 1e9]
    good = ~d.psfFlux_flag
    return d, {"t": t[good], "mag": mag[good], "err": POGSON * 0.02, "bands": {"i", "r"},
               "star": "1651589610221864014"}  # fmt: skip


def panstarrs():
    t, mag, _ = _series(start=55200.0)
    flux = 10 ** (0.4 * (8.9 - mag))
    d = pd.DataFrame({"objID": 190361393344112894, "detectID": np.arange(40), "filterID": np.arange(40) % 5 + 1,
                      "obsTime": t, "psfFlux": flux, "psfFluxErr": flux * 0.01, "psfQfPerfect": 0.99})  # fmt: skip
    d.loc[::9, "psfQfPerfect"] = 0.3
    d.loc[1::9, "psfFlux"] = -999.0
    good = (d.psfQfPerfect > 0.9) & (d.psfFlux > 0)
    return d, {"t": t[good], "mag": mag[good], "err": POGSON * 0.01, "bands": set("grizy"),
               "star": "190361393344112894"}  # fmt: skip


def neowise():
    t, mag, _ = _series(start=56700.0)
    d = pd.DataFrame({"mjd": t, "w1mpro": mag, "w1sigmpro": 0.02, "w2mpro": mag - 0.5, "w2sigmpro": 0.03,
                      "qual_frame": 10, "cc_flags": "0000"})  # fmt: skip
    d.loc[::9, ["qual_frame", "w1mpro"]] = [0, 5.0]
    good = d[d.qual_frame > 0]
    return d, {"t": np.tile(good.mjd, 2), "mag": np.concatenate([good.w1mpro, good.w2mpro]),
               "err": 0.025, "bands": {"W1", "W2"}}  # fmt: skip


def catalina():
    t, mag, _ = _series(start=54000.0)
    d = pd.DataFrame({"MasterID": 1118060045699, "Mag": mag, "Magerr": 0.07, "RA": 123.45678, "Dec": 12.34567,
                      "MJD": t, "Blend": 0})  # fmt: skip
    return d, {"t": t, "mag": mag, "err": 0.07, "star": "1118060045699", "scale": "MJD"}


def superwasp():
    t, mag, _ = _series(start=3.0)
    flux = 10 ** (0.4 * (25 - mag))
    d = pd.DataFrame({"TMID": t * 86400, "TAMFLUX2": flux, "TAMFLUX2_ERR": flux * 0.01, "FLUX2": flux * 2,
                      "FLUX2_ERR": flux})  # fmt: skip
    return d, {"t": t + 2453005.5, "mag": mag, "err": POGSON * 0.01, "bands": {"WASP"}}


def wide():
    t, mag, _ = _series()
    d = pd.DataFrame({"hjd": t, "mag_v": mag, "err_v": 0.02, "mag_i": mag - 0.6, "err_i": 0.03})
    d.loc[::9, ["mag_i", "err_i"]] = [99.999, 9.999]
    good = d.mag_i < 90
    return d, {"t": np.concatenate([t, t[good]]), "mag": np.concatenate([mag, d.mag_i[good]]),
               "err": 0.02, "bands": {"V", "I"}}  # fmt: skip


def plain():
    t, mag, _ = _series()
    return pd.DataFrame({"BJD": t, "mag": mag, "err": 0.02, "P": np.linspace(0, 1, 40)}), {
        "t": t, "mag": mag, "err": 0.02, "bands": {"?"}, "scale": "BJD"}  # fmt: skip


SURVEYS = [ztf, ztf_ids, gaia, tess, qlp, lightkurve, asassn_2, asassn_api, asassn_catalogue, atlas, aavso, alerce,
           alerce_2, rubin, panstarrs, neowise, catalina, superwasp, wide, plain]  # fmt: skip

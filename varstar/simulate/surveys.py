"""The simulated surveys as data: sky, bands, cadence, noise, classes and their numbers.

A row of a table of classes: the survey's own label, its superclass, the type of star
(`varstar.simulate.types`), how many of them the real catalogue has, and where the survey
differs from the type's own values: ``true_label`` of stars that it classifies wrongly as a
rule; ``mag``, quantiles of the mean magnitude in the main
band; ``log_p``, quantiles of log10 P; ``amplitude``, the range of amplitudes [mag] that
the catalogue holds. Quantiles are at 0, 5, 25, 50, 75, 95, 100 %.
"""

import numpy as np


def _row(label: str, superclass: str, kind: str, count: float, **more: object) -> dict:
    return {"label": label, "superclass": superclass, "type": kind, "count": count, **more}


def _days(*periods: float) -> np.ndarray:
    return np.log10(periods)


# --- OGLE ---------------------------------------------------------------------------------

#: OGLE-III LMC: numbers by superclass as in S20 Tab. 1 (83, 2696, 26121, 24904, 203); the parts
#: of the subtypes from Soszynski+2008 AcA 58, 293 (ACEP, T2CEP), 2009 AcA 59, 1 (RR Lyrae) and
#: Graczyk+2011 AcA 61, 103 (eclipsing). The others as in K21 Tab. 1.
_OGLE3 = [
    _row("ACEP F", "ACEP", "ACEP F", 62),
    _row("ACEP 1O", "ACEP", "ACEP 1O", 21),
    _row("DSCT", "DSCT", "DSCT", 2696),
    _row("ECL ED", "ECL", "EB ED", 17100),
    _row("ECL ESD", "ECL", "EB ESD", 6650),
    _row("ECL EC", "ECL", "EB EC", 1381),
    _row("ECL ELL", "ECL", "EB ELL", 990),
    _row("RRab", "RRLYR", "RRab", 17693),
    _row("RRc", "RRLYR", "RRc", 4958),
    _row("RRd", "RRLYR", "RRd", 986),
    _row("RRe", "RRLYR", "RRe", 1267),
    _row("T2CEP BLHer", "T2CEP", "T2CEP BLHer", 64),
    _row("T2CEP WVir", "T2CEP", "T2CEP WVir", 80),
    _row("T2CEP pWVir", "T2CEP", "T2CEP pWVir", 17),
    _row("T2CEP RVTau", "T2CEP", "T2CEP RVTau", 42),
    _row("CEP F", "CEP", "CEP F", 1848),
    _row("CEP 1O", "CEP", "CEP 1O", 1228),
    _row("CEP 2O", "CEP", "CEP 2O", 14),
    _row("CEP F/1O", "CEP", "CEP F/1O", 61),
    _row("CEP 1O/2O", "CEP", "CEP 1O/2O", 203),
    _row("LPV Mira AGB C", "LPV", "LPV Mira C", 1361),
    _row("LPV Mira AGB O", "LPV", "LPV Mira O", 783),
    _row("LPV SRV AGB C", "LPV", "LPV SRV C", 6062),
    _row("LPV SRV AGB O", "LPV", "LPV SRV O", 8780),
    _row("LPV OSARG AGB", "LPV", "LPV OSARG AGB", 25284),
    _row("LPV OSARG RGB", "LPV", "LPV OSARG RGB", 29516),
    _row("QSO", "QSO", "QSO", 165),
    _row("BV", "BV", "BV", 735),
    _row("NonVar", "NonVar", "NonVar", 8050),
]
_S20 = ["ACEP", "DSCT", "ECL", "RRLYR", "T2CEP"]
#: K21's training set has no anomalous Cepheids and no ellipsoidal stars
_K21 = [r["label"] for r in _OGLE3 if r["superclass"] != "ACEP" and r["label"] != "ECL ELL"]

#: OGLE-IV LMC: Soszynski+2015 AcA 65, 233 (ACEP), 297 (Cepheids), 2016 AcA 66, 131 (RR Lyrae),
#: 2018 AcA 68, 89 (T2CEP), Pawlak+2016 AcA 66, 421 (eclipsing: C, NC, ELL). S20: "no DSct".
_OGLE4 = [
    _row("ACEP F", "ACEP", "ACEP F", 102),
    _row("ACEP 1O", "ACEP", "ACEP 1O", 39),
    _row("ECL NC", "ECL", "EB ED", 26200),
    _row("ECL NC", "ECL", "EB ESD", 11500),
    _row("ECL C", "ECL", "EB EC", 1300),
    _row("ECL ELL", "ECL", "EB ELL", 1204),
    _row("RRab", "RRLYR", "RRab", 27620),
    _row("RRc", "RRLYR", "RRc", 9663),
    _row("RRd", "RRLYR", "RRd", 1799),
    _row("T2CEP BLHer", "T2CEP", "T2CEP BLHer", 97),
    _row("T2CEP WVir", "T2CEP", "T2CEP WVir", 105),
    _row("T2CEP pWVir", "T2CEP", "T2CEP pWVir", 27),
    _row("T2CEP RVTau", "T2CEP", "T2CEP RVTau", 56),
    _row("CEP F", "CEP", "CEP F", 2476),
    _row("CEP 1O", "CEP", "CEP 1O", 1775),
    _row("CEP 2O", "CEP", "CEP 2O", 26),
    _row("CEP F/1O", "CEP", "CEP F/1O", 95),
    _row("CEP 1O/2O", "CEP", "CEP 1O/2O", 322),
]
_LCO = dict(longitude=-70.7, hour_angle=5.5)
#: variables of the LMC catalogues stand out of the noise: amplitude over error at the mean
_OGLE_DETECTS = dict(band="I", ratio=1.3, error=(0.006, 0.016, 0.018, 18.0))

# --- EROS-2 -------------------------------------------------------------------------------

#: EROS-2 LMC with OGLE-III's classes: names and proportions of the UPSILoN training set,
#: Kim & Bailer-Jones 2016 A&A 587, A18, and K21 Tab. 1; quantiles of the periods: the OGLE-III
#: counterparts. Eclipsing binaries carry the formal period, half the orbital; periods below
#: 0.3 d are published as their alias of a day (all the RRe: 0.27 d becomes 0.37 d).
_ECL_P = {
    "EB EC": _days(0.61, 0.68, 0.98, 3.18, 32.4, 157.0, 460.0),
    "EB ED": _days(0.61, 1.01, 1.62, 2.66, 4.58, 17.8, 300.0),
    "EB ESD": _days(0.60, 0.81, 1.42, 2.80, 7.22, 76.0, 600.0),
}
_EROS2 = [
    _row("RRL RRab", "RRL", "RRab", 17600,
         log_p=_days(0.33, 0.467, 0.524, 0.574, 0.622, 0.725, 0.9)),
    _row("RRL RRc", "RRL", "RRc", 4900),
    _row("RRL RRd", "RRL", "RRd", 980),
    _row("RRL RRe", "RRL", "RRe", 1200),
    _row("CEPH F", "CEPH", "CEP F", 1800),
    _row("CEPH 1O", "CEPH", "CEP 1O", 1200, log_p=_days(0.30, 0.50, 1.51, 2.01, 2.44, 4.0, 6.0)),
    _row("CEPH F_1O", "CEPH", "CEP F/1O", 60),
    _row("CEPH 1O_2O", "CEPH", "CEP 1O/2O", 200),
    _row("EB EC", "EB", "EB EC", 1390, formal=0.5, log_p=_ECL_P["EB EC"]),
    _row("EB ED", "EB", "EB ED", 17000, formal=0.5, log_p=_ECL_P["EB ED"]),
    _row("EB ESD", "EB", "EB ESD", 6600, formal=0.5, log_p=_ECL_P["EB ESD"]),
    _row("DSCT", "DSCT", "DSCT", 2700),
    _row("T2CEPH", "T2CEPH", "T2CEP BLHer", 65),
    _row("T2CEPH", "T2CEPH", "T2CEP WVir", 96),
    _row("T2CEPH", "T2CEPH", "T2CEP RVTau", 40),
    _row("QSO", "QSO", "QSO", 165),
    _row("BV", "BV", "BV", 735),
    _row("NonVar", "NonVar", "NonVar", 8050),
]  # fmt: skip

# --- ASAS ---------------------------------------------------------------------------------

#: ASAS-3: classes of the ACVS (Pojmanski 2002 AcA 52, 397), numbers as in K21 Tab. 4; quantiles
#: of magnitude and period: the published catalogue.
_ASAS = [
    _row("EC", "EB", "EB EC", 2550, mag=(8.0, 9.5, 11.05, 11.85, 12.55, 13.2, 13.9),
         log_p=_days(0.23, 0.286, 0.365, 0.453, 0.685, 1.56, 5.0), amplitude=(0.18, 2)),
    _row("ED", "EB", "EB ED", 2167, mag=(8.0, 9.0, 10.3, 11.15, 11.9, 12.75, 13.3),
         log_p=_days(0.45, 0.90, 1.66, 2.6, 4.63, 11.8, 45.0), amplitude=(0.12, 4)),
    _row("ESD", "EB", "EB ESD", 823, mag=(8.0, 9.25, 10.45, 11.3, 12.0, 12.9, 13.5),
         log_p=_days(0.25, 0.336, 0.632, 1.01, 2.22, 19.0, 85.0), amplitude=(0.12, 3)),
    _row("RRAB", "RRL", "RRab", 1218, mag=(9.5, 11.4, 12.6, 13.15, 13.5, 13.95, 14.4),
         amplitude=(0.4, 2)),
    _row("RRC", "RRL", "RRc", 255, mag=(9.5, 10.7, 11.9, 12.65, 13.15, 13.55, 13.9),
         amplitude=(0.2, 1)),
    _row("DSCT", "DSCT", "DSCT", 390, mag=(8.4, 9.5, 10.7, 11.8, 12.65, 13.4, 13.8),
         log_p=_days(0.05, 0.062, 0.09, 0.125, 0.17, 0.22, 0.28), amplitude=(0.07, 1),
         options={"weak": 0.75}),
    # ACVS's automatic classes: what the shape alone cannot tell from EC
    _row("DSCT", "DSCT", "EB EC", 130, mag=(8.4, 9.5, 10.7, 11.8, 12.65, 13.4, 13.8), formal=0.5,
         true_label="EC", log_p=_days(0.22, 0.25, 0.29, 0.33, 0.38, 0.46, 0.55),
         amplitude=(0.07, 0.5)),
    _row("RRC", "RRL", "EB EC", 50, mag=(9.5, 10.7, 11.9, 12.65, 13.15, 13.55, 13.9), formal=0.5,
         true_label="EC", log_p=_days(0.45, 0.5, 0.56, 0.62, 0.68, 0.76, 0.8),
         amplitude=(0.2, 0.7)),
    _row("MIRA", "LPV", "LPV Mira O", 2000, mag=(8.7, 10.3, 12.0, 13.0, 13.8, 14.7, 15.5),
         log_p=_days(80, 120, 170, 225, 290, 380, 550), amplitude=(1.3, 9)),
    _row("MIRA", "LPV", "LPV SRV O", 450, mag=(8.7, 10.3, 11.6, 12.3, 12.9, 13.5, 14.0),
         log_p=_days(60, 90, 140, 200, 280, 400, 600), amplitude=(0.7, 4)),
    _row("DCEPFU", "CEPH", "CEP F", 567, mag=(6.5, 7.8, 9.3, 10.3, 11.2, 12.2, 13.0),
         log_p=_days(1.5, 2.6, 4.1, 5.6, 9.0, 20.0, 45.0)),
    _row("DCEPFO", "CEPH", "CEP 1O", 179, mag=(6.5, 7.8, 9.3, 10.3, 11.2, 12.2, 13.0),
         log_p=_days(0.5, 0.9, 2.0, 3.0, 4.2, 6.0, 6.3)),
    _row("CW", "CEPH", "T2CEP WVir", 120, mag=(8.5, 9.5, 10.7, 11.5, 12.3, 13.2, 13.6)),
    _row("CW", "CEPH", "T2CEP BLHer", 80, mag=(8.5, 9.5, 10.7, 11.5, 12.3, 13.2, 13.6)),
    _row("ACV", "ROT", "ACV", 73, mag=(7.8, 8.5, 9.0, 9.7, 10.3, 11.2, 11.6)),
    _row("BCEP", "BCEP", "BCEP", 20, mag=(8.2, 8.4, 9.1, 9.7, 10.4, 12.2, 12.8)),
]  # fmt: skip
_ASAS_MAIN = ["EC", "ED", "ESD", "RRAB", "RRC", "DSCT", "MIRA", "DCEPFU", "DCEPFO"]

# --- Catalina -----------------------------------------------------------------------------

#: Catalina Surveys South: Drake+2017 MNRAS 469, 3688 (numbers, magnitudes, periods).
_RRL_MAG = (11.0, 14.5, 16.1, 17.25, 17.95, 18.8, 19.4)
_ECL_MAG = (11.0, 12.5, 14.4, 15.5, 16.6, 17.8, 18.9)
_CATALINA = [
    _row("RRab", "RRLYR", "RRab", 6500, mag=_RRL_MAG,
         log_p=_days(0.36, 0.473, 0.535, 0.585, 0.632, 0.722, 0.85)),
    _row("RRc", "RRLYR", "RRc", 3530, mag=(11.0, 13.8, 15.2, 16.1, 17.1, 18.0, 19.0),
         log_p=_days(0.2, 0.268, 0.300, 0.325, 0.349, 0.393, 0.45)),
    _row("RRd", "RRLYR", "RRd", 460, mag=(12.0, 13.3, 14.6, 15.4, 16.1, 17.3, 18.5),
         log_p=_days(0.30, 0.335, 0.350, 0.370, 0.400, 0.43, 0.48)),
    _row("Ecl (contact/semi-detached, EW/EB)", "ECL", "EB EC", 16500, mag=_ECL_MAG,
         log_p=_days(0.20, 0.250, 0.293, 0.343, 0.415, 0.70, 1.5), amplitude=(0.1, 2)),
    _row("Ecl (contact/semi-detached, EW/EB)", "ECL", "EB ESD", 2300, mag=_ECL_MAG,
         log_p=_days(0.2, 0.27, 0.34, 0.45, 0.75, 2.0, 10.0), amplitude=(0.1, 2)),
    _row("EA", "ECL", "EB ED", 4500, mag=(10.8, 12.2, 14.1, 15.3, 16.4, 17.5, 18.6),
         log_p=_days(0.25, 0.41, 0.64, 0.99, 1.73, 3.75, 20.0), amplitude=(0.2, 4)),
    _row("ACEP", "ACEP", "ACEP F", 100, mag=(12.6, 13.8, 14.7, 15.5, 16.7, 18.4, 19.0),
         log_p=_days(0.60, 0.74, 0.81, 0.87, 1.16, 1.8, 2.6)),
    _row("ACEP", "ACEP", "ACEP 1O", 53, mag=(12.6, 13.8, 14.7, 15.5, 16.7, 18.4, 19.0),
         log_p=_days(0.60, 0.71, 0.78, 0.83, 0.88, 1.1, 1.3)),
    # half of the published periods of Cep-II are twice the pulsation's
    _row("Cep-II", "T2CEP", "T2CEP BLHer", 54, mag=(11.1, 11.7, 13.0, 14.1, 15.4, 16.9, 18.0),
         log_p=_days(0.55, 0.75, 1.0, 1.55, 2.2, 3.5, 4.0), doubled=0.5),
    _row("Cep-II", "T2CEP", "T2CEP WVir", 75, mag=(11.1, 11.7, 12.9, 14.1, 15.4, 16.9, 18.0),
         log_p=_days(4.1, 4.4, 6.5, 10.5, 15.4, 18.3, 20.0), doubled=0.5),
    _row("Cep-II", "T2CEP", "T2CEP RVTau", 29, mag=(11.1, 11.6, 12.5, 13.5, 14.6, 16.2, 17.0),
         log_p=_days(20.3, 21.0, 27.0, 36.0, 50.0, 80.0, 120.0), doubled=0.5),
    _row("delta-Scuti", "DSCT", "DSCT", 147, mag=(11.1, 12.3, 13.9, 15.0, 16.1, 18.1, 19.0),
         log_p=_days(0.05, 0.07, 0.09, 0.115, 0.15, 0.2, 0.257), amplitude=(0.13, 1.2)),
    _row("LPV", "LPV", "LPV Mira O", 700, mag=(10.5, 11.0, 12.0, 13.0, 15.0, 17.0, 18.0)),
    _row("LPV", "LPV", "LPV SRV O", 586, mag=(10.5, 10.8, 11.5, 12.3, 14.0, 16.5, 18.0)),
    _row("Rotational", "ROT", "ROT", 3636, mag=_ECL_MAG,
         log_p=_days(0.2, 0.27, 0.35, 0.8, 4.0, 40.0, 300.0)),
]  # fmt: skip

# --- Hipparcos ----------------------------------------------------------------------------

_BRIGHT = (4.5, 5.8, 7.2, 8.2, 9.1, 10.3, 11.5)
_BRIGHTER = (3.5, 4.6, 5.8, 6.7, 7.6, 8.8, 9.8)
#: the 23 types and their numbers: K21 Tab. 5 (Dubath+2011 MNRAS 414, 2602)
_HIPPARCOS = [
    _row("EA", "Eclipsing binary", "EB ED", 222, mag=_BRIGHT, amplitude=(0.1, 4)),
    _row("EB", "Eclipsing binary", "EB ESD", 246, mag=_BRIGHT, amplitude=(0.08, 4)),
    _row("EW", "Eclipsing binary", "EB EC", 99, mag=(6.0, 7.5, 8.6, 9.4, 10.2, 11.2, 11.9),
         amplitude=(0.1, 4)),
    _row("RRAB", "RR Lyrae", "RRab", 71, mag=(7.8, 9.4, 10.4, 11.0, 11.5, 12.0, 12.4)),
    _row("RRC", "RR Lyrae", "RRc", 19, mag=(8.0, 9.4, 10.2, 10.7, 11.2, 11.8, 12.1)),
    _row("DCEP", "delta Cephei", "CEP F", 170, mag=(3.8, 5.8, 7.6, 8.8, 9.8, 11.0, 11.8),
         log_p=_days(1.5, 3.1, 4.7, 6.4, 10.0, 25.0, 45.0)),
    _row("DCEPS", "delta Cephei", "CEP 1O", 28, mag=(3.8, 5.8, 7.0, 8.2, 9.4, 10.4, 11.2),
         log_p=_days(1.5, 2.0, 2.8, 3.7, 4.6, 6.0, 6.3)),
    _row("CEP(B)", "delta Cephei", "CEP F/1O", 11, mag=(6.0, 7.0, 8.0, 8.9, 9.6, 10.6, 11.2),
         log_p=_days(2.0, 2.2, 2.6, 3.2, 4.3, 6.0, 6.3)),
    _row("DSCT", "delta Scuti", "DSCT", 45, mag=_BRIGHT,
         log_p=_days(0.05, 0.06, 0.09, 0.13, 0.17, 0.21, 0.26)),
    _row("DSCTC", "delta Scuti", "DSCTC", 80, mag=_BRIGHTER),
    _row("LPV", "Long-period variable", "LPV Mira O", 80,
         mag=(6.0, 7.0, 8.0, 8.8, 9.5, 10.5, 11.3)),
    _row("LPV", "Long-period variable", "LPV SRV O", 174, mag=_BRIGHT),
    _row("ELL", "Ellipsoidal", "EB ELL", 27, mag=_BRIGHTER),
    _row("RS+BY", "RS CVn + BY Dra", "RS", 35, mag=_BRIGHT),
    _row("SPB", "Slowly pulsating B", "SPB", 78, mag=_BRIGHTER),
    _row("ACYG", "alpha Cygni", "ACYG", 17, mag=_BRIGHTER),
    _row("ACV", "alpha2 CVn", "ACV", 75, mag=_BRIGHTER),
    _row("BCEP", "beta Cephei", "BCEP", 29, mag=_BRIGHTER),
    _row("GDOR", "gamma Doradus", "GDOR", 25, mag=_BRIGHTER),
    _row("BE+GCAS", "Be + gamma Cas", "BE", 12, mag=_BRIGHTER),
    _row("CWA", "W Virginis", "T2CEP WVir", 9, mag=_BRIGHT, log_p=_days(8, 9, 12, 15, 17, 19, 20)),
    _row("CWB", "W Virginis", "T2CEP BLHer", 6, mag=_BRIGHT),
    _row("SXARI", "SX Arietis", "SXARI", 7, mag=_BRIGHTER),
    _row("RV", "RV Tauri", "T2CEP RVTau", 5, mag=_BRIGHT),
]  # fmt: skip

# --- ASAS-SN ------------------------------------------------------------------------------

_FAINT = (11.0, 12.3, 13.6, 14.4, 15.1, 16.1, 16.9)
_RED = (10.8, 11.6, 12.6, 13.4, 14.1, 15.0, 16.2)
#: the 19 classes and their numbers: K21 Tab. 7; CWB, RVA for TS19's superclass CEPH; magnitudes
#: and periods: Jayasinghe+2018 MNRAS 477, 3145; 2019 MNRAS 486, 1907.
_ASASSN = [
    _row("DCEP", "CEPH", "CEP F", 743, mag=(10.9, 11.5, 12.8, 13.7, 14.6, 15.7, 16.5),
         log_p=_days(1.2, 2.6, 4.2, 6.0, 10.0, 24.0, 50.0)),
    _row("DCEPS", "CEPH", "CEP 1O", 207, mag=(10.9, 11.5, 12.8, 13.7, 14.6, 15.7, 16.5),
         log_p=_days(0.4, 0.9, 1.9, 2.8, 3.9, 5.6, 6.3)),
    _row("DSCT", "DSCT", "DSCTC", 1412, mag=(11.0, 11.6, 12.4, 13.1, 13.9, 15.0, 16.0),
         log_p=_days(0.04, 0.06, 0.085, 0.11, 0.15, 0.19, 0.25), amplitude=(0.04, 0.3)),
    _row("HADS", "DSCT", "DSCT", 1901, mag=_FAINT,
         log_p=_days(0.04, 0.055, 0.07, 0.09, 0.13, 0.19, 0.24), amplitude=(0.25, 1.2)),
    _row("RRAB", "RRAB", "RRab", 23891, mag=(11.0, 12.6, 14.2, 15.1, 15.9, 16.6, 17.0),
         log_p=_days(0.36, 0.45, 0.51, 0.56, 0.61, 0.71, 0.9)),
    _row("RRC", "RRCD", "RRc", 6226, mag=(11.0, 12.6, 13.9, 14.7, 15.5, 16.3, 16.8),
         log_p=_days(0.21, 0.255, 0.285, 0.315, 0.345, 0.39, 0.43)),
    _row("RRD", "RRCD", "RRd", 296, mag=(11.5, 12.8, 14.0, 14.7, 15.4, 16.2, 16.7),
         log_p=_days(0.32, 0.342, 0.352, 0.360, 0.372, 0.41, 0.44)),
    _row("EW", "ECL", "EB EC", 38284, mag=_FAINT, amplitude=(0.1, 2)),
    _row("EA", "ECL", "EB ED", 22483, mag=_FAINT, amplitude=(0.12, 4),
         log_p=_days(0.30, 0.55, 1.0, 1.95, 3.5, 8.5, 60.0)),
    _row("EB", "ECL", "EB ESD", 10857, mag=_FAINT, amplitude=(0.1, 2),
         log_p=_days(0.24, 0.41, 0.53, 0.73, 1.15, 6.0, 40.0)),
    _row("CWA", "CEPH", "T2CEP WVir", 230, mag=_FAINT, log_p=_days(8, 9, 12, 15, 18, 26, 35)),
    _row("CWB", "CEPH", "T2CEP BLHer", 120, mag=_FAINT),
    _row("RVA", "CEPH", "T2CEP RVTau", 30, mag=_RED),
    _row("M", "M", "LPV Mira O", 6300, mag=(10.5, 11.0, 12.3, 13.3, 14.2, 15.5, 16.5),
         amplitude=(1.8, 9)),
    _row("M", "M", "LPV Mira C", 1198, mag=(10.5, 11.0, 12.3, 13.3, 14.2, 15.5, 16.5),
         amplitude=(1.8, 9)),
    _row("L", "L", "L", 53598, mag=_RED),
    _row("LSP", "LSP", "LSP", 160, mag=_RED),
    _row("SRD", "SRD", "SRD", 135, mag=_RED),
    _row("YSO", "YSO", "YSO", 189, mag=_FAINT),
    _row("ROT", "ROT", "ROT", 11395, mag=(11.0, 12.3, 13.3, 14.2, 14.8, 15.6, 16.5),
         amplitude=(0.08, 1)),
    _row("SR", "SR", "LPV SRV O", 100000, mag=_RED),
    _row("SR", "SR", "LPV SRV C", 8943, mag=_RED),
    _row("VAR", "VAR", "VAR", 250, mag=_FAINT),
]  # fmt: skip
_TS19 = ["CEPH", "DSCT", "ECL", "M", "ROT", "RRAB", "RRCD", "SR", "VAR"]

# --- ZTF, TESS ----------------------------------------------------------------------------

_BULGE = (13.5, 14.8, 16.0, 16.9, 17.9, 19.3, 20.3)
#: OGLE-IV stars seen by ZTF: totals of S26 Tab. 1 (571, 568, 6882, ECL, 25702); the parts of
#: the subtypes as in the OGLE-IV collections of the bulge and disc.
_ZTF = [
    _row("CEP F", "CEP", "CEP F", 370, mag=_BULGE, log_p=_days(1, 1.9, 3.4, 5.0, 8.5, 20, 45)),
    _row("CEP 1O", "CEP", "CEP 1O", 170, mag=_BULGE),
    _row("CEP F/1O", "CEP", "CEP F/1O", 15, mag=_BULGE),
    _row("CEP 1O/2O", "CEP", "CEP 1O/2O", 16, mag=_BULGE),
    _row("T2CEP BLHer", "T2CEP", "T2CEP BLHer", 240, mag=_BULGE),
    _row("T2CEP WVir", "T2CEP", "T2CEP WVir", 220, mag=_BULGE),
    _row("T2CEP pWVir", "T2CEP", "T2CEP pWVir", 16, mag=_BULGE),
    _row("T2CEP RVTau", "T2CEP", "T2CEP RVTau", 92, mag=_BULGE),
    _row("DSCT SINGLEMODE", "DSCT", "DSCT", 4900, mag=_BULGE),
    _row("DSCT MULTIMODE", "DSCT", "DSCT", 1982, mag=_BULGE, options={"second": 1.0}),
    _row("ECL NC", "ECL", "EB ED", 9000, mag=_BULGE),
    _row("ECL NC", "ECL", "EB ESD", 9000, mag=_BULGE),
    _row("ECL C", "ECL", "EB EC", 7000, mag=_BULGE),
    _row("ECL ELL", "ECL", "EB ELL", 800, mag=_BULGE),
    _row("RRab", "RRLYR", "RRab", 18300, mag=_BULGE),
    _row("RRc", "RRLYR", "RRc", 7250, mag=_BULGE),
    _row("RRd", "RRLYR", "RRd", 152, mag=_BULGE),
]
_TESS_MAG = (8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0)
_TESS = [{**r, "mag": _TESS_MAG} for r in _ZTF]

_PALOMAR = dict(longitude=-116.86, hour_angle=4.0, visits=1, again=0.15, moonlight=0.4)

SURVEYS: dict[str, dict] = {
    "sim-ogle3": {
        "about": "OGLE-III LMC as simulated: I band, some V, eight years (2001-2009). S20's five "
        "classes; classes='k21' gives those of K21's training set.",
        "size": 2000, "minimum": 10, "balance_by": "superclass",
        "place": "lmc", "sky": "lmc", "prefix": "SIM-LMC",
        "bands": ("I", "V"), "main": "I",
        "start": 2452123.0, "end": 2454952.0, "time_scale": "HJD", "digits": 3,
        "classes": _OGLE3, "default": "s20", "choices": {"s20": _S20, "k21": _K21},
        "detects": _OGLE_DETECTS,
        "cadence": {
            "I": dict(epochs=450, scatter=0.28, break_every=90.0, **_LCO),
            "V": dict(epochs=44, scatter=0.25, moonlight=0.6, break_every=90.0, **_LCO),
        },
        # Udalski+2008 AcA 58, 69; errors and scatter of the published Cepheid light curves
        "noise": {
            "I": dict(error=(0.0055, 0.017, 0.019, 18.0), ratio=0.92, epoch=0.12, crowding=0.15,
                      tails=0.012, outliers=0.001, limit=21.5),
            "V": dict(error=(0.0045, 0.010, 0.009, 18.0), ratio=0.92, epoch=0.12, crowding=0.15,
                      tails=0.012, outliers=0.001, limit=22.5),
        },
        "blends": 0.12, "wrong": {"rate": 0.002}, "bad_period": 0.001,
        "cross": {"ogle3_id": 0},
    },
    "sim-ogle4": {
        "about": "OGLE-IV LMC as simulated: I band, V, six years (2010-2016). "
        "Part of its stars are those of sim-ogle3.",
        "size": 2000, "minimum": 10, "balance_by": "superclass",
        "place": "lmc", "sky": "lmc", "prefix": "SIM-LMC",
        "bands": ("I", "V"), "main": "I",
        "start": 2455260.0, "end": 2457500.0, "time_scale": "HJD", "digits": 3,
        "classes": _OGLE4, "default": "s20",
        "choices": {"s20": [c for c in _S20 if c != "DSCT"],
                    "all": ["ACEP", "CEP", "ECL", "RRLYR", "T2CEP"]},
        "detects": _OGLE_DETECTS,
        "cadence": {
            "I": dict(epochs=640, scatter=0.2, break_every=90.0, **_LCO),
            "V": dict(epochs=117, scatter=0.4, moonlight=0.6, break_every=90.0, **_LCO),
        },
        "noise": {
            "I": dict(error=(0.0055, 0.014, 0.015, 18.0), ratio=0.92, epoch=0.10, crowding=0.15,
                      tails=0.012, outliers=0.001, limit=21.7),
            "V": dict(error=(0.004, 0.0065, 0.006, 18.0), ratio=0.92, epoch=0.10, crowding=0.15,
                      tails=0.012, outliers=0.001, limit=22.7),
        },
        "blends": 0.12, "wrong": {"rate": 0.002}, "bad_period": 0.001,
        # about 24 800 of the 39 000 RR Lyrae were known from OGLE-III (S20 Sect. 5)
        "shared": 0.63, "own_from": 500_000,
        "cross": {"ogle4_id": 0, "ogle3_id": 500_000},
    },
    "sim-eros2": {
        "about": "EROS-2 LMC as simulated: B_E and R_E at once, seven years (1996-2003), with "
        "OGLE-III's classes as in the UPSILoN training set.",
        "size": 2000, "minimum": 10, "balance_by": "label",
        "place": "lmc", "sky": "lmc-eros", "prefix": "SIM-EROS",
        "bands": ("B_E", "R_E"), "main": "B_E",
        "start": 2450295.0, "end": 2452700.0, "time_scale": "HJD", "digits": 3,
        "classes": _EROS2,
        "choices": {"nine": ["CEPH F", "CEPH 1O", "EB EC", "EB ED", "EB ESD",
                             "RRL RRab", "RRL RRc", "RRL RRd", "RRL RRe"]},
        "detects": dict(band="B_E", ratio=1.7, error=(0.015, 0.030, 0.045, 18.5)),
        "shortest": 0.3,
        "cadence": {
            "B_E": dict(epochs=540, scatter=0.13, moonlight=0.3, **_LCO),
            "R_E": dict(like="B_E", lost=0.18, epochs=540, scatter=0.13, moonlight=0.3, **_LCO),
        },
        # scatter and errors of the published light curves (Kim+2014 A&A 566, A43)
        "noise": {
            "B_E": dict(error=(0.019, 0.020, 0.052, 18.5), ratio=0.95, epoch=0.20, crowding=0.40,
                        quoted_scatter=0.18, tails=0.006, outliers=0.0012, fainter=0.65,
                        limit=21.3),
            "R_E": dict(error=(0.014, 0.025, 0.078, 18.5), ratio=0.90, epoch=0.22, crowding=0.40,
                        quoted_scatter=0.18, tails=0.006, outliers=0.0012, fainter=0.65,
                        limit=21.0),
        },
        "blends": 0.75, "neighbour": 1.0, "wrong": {"rate": 0.01}, "bad_period": 0.005,
    },
    "sim-asas": {
        "about": "ASAS-3 as simulated: V, seven years (2000-2008), south of +28 degrees; classes "
        "of the automatic catalogue (ACVS).",
        "size": 2000, "minimum": 10, "balance_by": "label",
        "place": "galaxy", "declination": (-88.0, 28.0), "prefix": "SIM-ASAS",
        "bands": ("V",), "main": "V",
        "start": 2451868.0, "end": 2454576.0, "time_scale": "HJD", "digits": 3,
        "classes": _ASAS, "default": "k21",
        "choices": {"k21": _ASAS_MAIN, "seven": _ASAS_MAIN[:7]},
        "detects": dict(band="V", ratio=2.0, error=(0.016, 0.046, 0.037, 12.0)),
        "cadence": {"V": dict(epochs=440, scatter=0.4, moonlight=0.2, again=0.12,
                              longitude=-70.7, hour_angle=5.0)},
        # the quoted error knows nothing of the brightness, as in the published curves
        "noise": {"V": dict(error=(0.017, 0.046, 0.037, 12.0), quoted=(0.0365, 0, 0, 12.0),
                            epoch=0.25, crowding=0.15, quoted_scatter=0.22, tails=0.010,
                            outliers=0.0015, fainter=0.75, drift=0.006, limit=15.2,
                            limit_scatter=0.35, bright=7.0)},
        "blends": 0.15, "bad_period": 0.01,
        "wrong": {"rate": 0.05, "to": {"EC": ["ESD"], "ESD": ["EC", "ED"], "ED": ["ESD"],
                                       "RRC": ["EC", "DSCT"], "DSCT": ["RRC"]}},
    },
    "sim-catalina": {
        "about": "Catalina Surveys South as simulated: unfiltered, on V's scale; four exposures "
        "in half an hour, eight years (2005-2013).",
        "size": 2000, "minimum": 10, "balance_by": "superclass",
        "place": "galaxy", "declination": (-75.0, -20.0), "prefix": "SIM-CSS",
        "bands": ("V",), "main": "V", "filter": {"V": "C"},
        "start": 2453580.0, "end": 2456496.0, "time_scale": "MJD", "digits": 2,
        "classes": _CATALINA, "default": "s20", "choices": {"s20": _S20},
        "detects": dict(band="V", ratio=2.0, error=(0.02, 0.075, 0.02, 17.5)),
        "cadence": {"V": dict(epochs=240, scatter=0.35, visits=4, visit_gap=0.0085,
                              moonlight=0.9, longitude=149.07, hour_angle=4.0)},
        "noise": {"V": dict(error=(0.028, 0.095, 0.035, 17.5), quoted=(0.052, 0.135, 0.070, 17.5),
                            epoch=0.2, crowding=0.2, quoted_scatter=0.04, tails=0.016,
                            outliers=0.0035, fainter=0.45, drift=0.005, limit=20.2,
                            bright=10.5)},
        "blends": 0.15, "wrong": {"rate": 0.02}, "bad_period": 0.005,
    },
    "sim-hipparcos": {
        "about": "Hipparcos as simulated: Hp, a hundred epochs in three years from a scanning "
        "satellite; the 23 types of K21 Tab. 5.",
        "size": 1570, "minimum": 5, "balance_by": "label",
        "place": "galaxy", "declination": (-90.0, 90.0), "prefix": "SIM-HIP",
        "bands": ("Hp",), "main": "Hp",
        "start": 2447857.0, "end": 2449063.0, "time_scale": "BJD", "digits": 4,
        "classes": _HIPPARCOS,
        "cadence": {"Hp": dict(kind="scan", epochs=102, scatter=0.28)},
        # ESA SP-1200 vol. 1, Sect. 1.3: 0.011 mag at 9 mag a transit
        "noise": {"Hp": dict(error=(0.0035, 0.016, 0.0075, 9.0), ratio=1.0, epoch=0.2,
                             tails=0.012, outliers=0.002, limit=13.0)},
        "bad_period": 0.005,
    },
    "sim-asassn": {
        "about": "ASAS-SN as simulated: V, four years (2014-2018), one to three cameras with their "
        "own zero points, upper limits (mag and err 99.99), class probabilities, Gaia.",
        "size": 2000, "minimum": 10, "balance_by": "label",
        "place": "galaxy", "declination": (-90.0, 90.0), "prefix": "SIM-ASASSN",
        "bands": ("V",), "main": "V",
        "start": 2456680.0, "end": 2458400.0, "time_scale": "HJD", "digits": 3,
        "classes": _ASASSN, "default": "k21",
        "choices": {
            "k21": [r["label"] for r in _ASASSN if r["label"] not in ("CWB", "RVA")],
            "ts19": _TS19,
            "sm": ["EA", "EB", "EW", "L", "M", "ROT", "RRAB", "RRC", "SR"],
        },
        "detects": dict(band="V", ratio=2.0, error=(0.012, 0.018, 0.020, 15.0)),
        "cadence": {"V": dict(epochs=230, scatter=0.25, moonlight=0.25, again=0.05,
                              longitude=-110.0, hour_angle=5.0)},
        # Kochanek+2017 PASP 129, 104502; errors of published Sky Patrol curves
        "noise": {"V": dict(error=(0.014, 0.018, 0.020, 15.0), quoted=(0.004, 0.018, 0.020, 15.0),
                            epoch=0.2, crowding=0.15, quoted_scatter=0.08, tails=0.02,
                            outliers=0.003, drift=0.004, limit=17.2, limit_scatter=0.35,
                            upper_limits=True, bright=9.5)},
        "cameras": 0.03, "blends": 0.35, "bad_period": 0.01, "gaia": True,
        "wrong": {"rate": 0.02, "to": {"EA": ["EB"], "EB": ["EA", "EW"], "EW": ["EB", "RRC"],
                                       "RRC": ["EW"], "SR": ["L", "M"], "L": ["SR", "VAR"],
                                       "M": ["SR"], "SRD": ["SR"], "LSP": ["SR"],
                                       "ROT": ["L", "EW"], "YSO": ["L"]}},
    },
    "sim-ztf": {
        "about": "ZTF as simulated: g and r, some i, of stars known from OGLE-IV; five years.",
        "size": 1000, "minimum": 10, "balance_by": "superclass",
        "place": "galaxy", "declination": (-28.0, 10.0), "prefix": "SIM-ZTF",
        "bands": ("g", "r", "i"), "main": "r",
        "start": 2458194.0, "end": 2460010.0, "time_scale": "HJD", "digits": 4,
        "classes": _ZTF,
        "detects": dict(band="r", ratio=1.5, error=(0.013, 0.02, 0.03, 19.0)),
        "cadence": {
            "g": dict(epochs=180, scatter=0.45, **_PALOMAR),
            "r": dict(epochs=420, scatter=0.45, **_PALOMAR),
            "i": dict(epochs=35, scatter=0.5, **_PALOMAR),
        },
        # Masci+2019 PASP 131, 018003
        "noise": {
            "g": dict(error=(0.013, 0.025, 0.035, 19.0), ratio=0.95, epoch=0.2, crowding=0.2,
                      tails=0.015, outliers=0.003, limit=21.0, limit_scatter=0.3, bright=12.5),
            "r": dict(error=(0.012, 0.022, 0.032, 19.0), ratio=0.95, epoch=0.2, crowding=0.2,
                      tails=0.015, outliers=0.003, limit=20.8, limit_scatter=0.3, bright=12.5),
            "i": dict(error=(0.013, 0.025, 0.050, 19.0), ratio=0.95, epoch=0.2, crowding=0.2,
                      tails=0.015, outliers=0.003, limit=20.3, limit_scatter=0.3, bright=12.5),
        },
        "blends": 0.25, "wrong": {"rate": 0.01}, "bad_period": 0.002,
    },
    "sim-tess": {
        "about": "A TESS sector as simulated: two-minute exposures for 27 days, one star 19 000 "
        "points; as in S26 Fig. 1.",
        "size": 10, "minimum": 0, "balance_by": "superclass",
        "place": "galaxy", "declination": (-90.0, 90.0), "prefix": "SIM-TESS",
        "bands": ("T",), "main": "T",
        "start": 2458683.0, "end": 2458710.0, "time_scale": "BJD", "digits": 6,
        "classes": _TESS,
        "cadence": {"T": dict(kind="stare", exposure=120.0)},
        # Ricker+2015 JATIS 1, 014003: 200 ppm an hour at T = 10
        "noise": {"T": dict(error=(0.0003, 0.0011, 0.0003, 10.0), ratio=1.0, epoch=0.05,
                            tails=0.001, outliers=0.0002, limit=17.0)},
        "blends": 0.5,
    },
}  # fmt: skip

"""The registry of real surveys: data only.

For each: what it is (`title`), whether it holds light curves or a catalogue (`holds`), its
bands, classes and time scale, which paper's data it is or stands for (`papers`), whom to
cite, on what terms it may be used, and how to get it (`how`, one sentence or two).

A survey with an ``archive`` can be fetched and converted; its row stands with its reader in
`varstar.datasets.archives` and has besides: ``base`` (address, which a mirror may replace),
``files`` (always fetched), ``bulk`` (all light curves), ``star_files`` (one star's, as
templates of the catalogue's columns), ``pause`` [s] between requests, an ``estimate`` of all
that is no single star's file [bytes], and what of it is ``unverified``. A file has ``path``,
``url`` (``base/path`` by default), ``size`` [bytes] and ``hash`` (``"sha256:..."``) where
they are known: no archive here freezes its files, so the hashes that count are those written
down when a file is fetched.
"""

from varstar.datasets.archives import asas, asassn, catalina, eros2, gaia, hipparcos, ogle, ztf

_OWN = (
    "No archive hands out this set as it is: write its stars.parquet and observations.parquet "
    "(layout: data/README.md) from the source cited, or load another survey."
)
_CATALOGUE = (
    "A catalogue without light curves, for comparing populations: write its stars.parquet "
    "(layout: data/README.md) from the source cited."
)
_PUBLIC = "Public; cite the papers named."

_ARCHIVES = (ogle, asas, asassn, catalina, hipparcos, eros2, ztf, gaia)
_FETCH = "Get it with `python -m varstar data fetch {0}` (or `make data SURVEY={0}`)."

#: name of the survey's folder -> what there is to know about it
SURVEYS: dict[str, dict] = {
    **{
        name: {"how": _FETCH.format(name), **row}
        for archive in _ARCHIVES
        for name, row in archive.SURVEYS.items()
    },
    # --- light curves ---------------------------------------------------------------------
    "asas_macc_training": {
        "title": "Training set of the Machine-learned ASAS Classification Catalog",
        "holds": "light curves",
        "bands": ["V"],
        "classes": "28 classes given by experts, RR_Lyrae_FM to S_Doradus",
        "time_scale": "HJD",
        "papers": ["sm"],
        "citation": ["Richards et al. 2012, ApJS 203, 32", "Pojmański 2002, AcA 52, 397"],
        "terms": _PUBLIC,
        "how": _OWN,
    },
    "asassn_sample": {
        "title": "A few stars of the ASAS-SN Catalog of Variable Stars",
        "holds": "light curves",
        "bands": ["V", "V/g mixed", "g"],
        "classes": "SR, EA, L, DSCT, EB, EW, RRAB, ROT:",
        "time_scale": "JD or HJD, as Sky Patrol gives it",
        "papers": ["sm", "ts19", "k21"],
        "citation": [
            "Shappee et al. 2014, ApJ 788, 48",
            "Kochanek et al. 2017, PASP 129, 104502",
            "Jayasinghe et al. 2018, MNRAS 477, 3145",
        ],
        "terms": _PUBLIC,
        "how": _OWN,
    },
    "debosscher_hip_ogle": {
        "title": "Hipparcos and OGLE training set",
        "holds": "light curves",
        "bands": ["Hp (listed as Clear)", "I"],
        "classes": "26 classes, Algol (Beta Persei) to SX Phoenicis",
        "time_scale": "(H)JD; the offset of the files was inferred from their range",
        "papers": ["k21"],
        "citation": ["Debosscher et al. 2007, A&A 475, 1159"],
        "terms": _PUBLIC,
        "how": _OWN,
    },
    "eros2_lmc_upsilon": {
        "title": "EROS-2 LMC, the EROS-2 side of the UPSILoN training set",
        "holds": "light curves",
        "bands": ["B", "R"],
        "classes": "RRL RRab, RRc, RRd, RRe; CEPH F, 1O and others; EB EC, ED, ESD and others",
        "time_scale": "HJD",
        "papers": ["k21", "s26"],
        "citation": [
            "Tisserand et al. 2007, A&A 469, 387",
            "Kim et al. 2014, A&A 566, A43",
            "Kim & Bailer-Jones 2016, A&A 587, A18",
        ],
        "terms": _PUBLIC,
        "how": _OWN,
    },
    "ogle3_lmc_cep": {
        "title": "OGLE-III classical Cepheids in the LMC",
        "holds": "light curves",
        "bands": ["I", "V"],
        "classes": "CEP F, CEP 1O, CEP 1O/2O, CEP F/1O and other modes",
        "time_scale": "HJD",
        "papers": ["k21"],
        "citation": ["Soszyński et al. 2008, AcA 58, 163"],
        "terms": "Public; OGLE asks to cite the paper of each collection.",
        "how": _OWN,
    },
    "ogle4_lmc_cep": {
        "title": "OGLE-IV classical Cepheids in the LMC",
        "holds": "light curves",
        "bands": ["I", "V"],
        "classes": "CEP F, CEP 1O, CEP 1O/2O, CEP F/1O and other modes",
        "time_scale": "HJD",
        "papers": ["k21"],
        "citation": ["Soszyński et al. 2015, AcA 65, 297", "Soszyński et al. 2017, AcA 67, 103"],
        "terms": "Public; OGLE asks to cite the paper of each collection.",
        "how": _OWN,
    },
    "sdss_s82_rrlyr": {
        "title": "RR Lyrae stars of SDSS Stripe 82",
        "holds": "light curves",
        "bands": ["u", "g", "r", "i", "z"],
        "classes": "RRab, RRc",
        "time_scale": "MJD",
        "papers": ["s26"],
        "citation": ["Sesar et al. 2010, ApJ 708, 717"],
        "terms": _PUBLIC,
        "how": _OWN,
    },
    "ztf_examples": {
        "title": "One ZTF light curve a class, for figures",
        "holds": "light curves",
        "bands": ["g", "i", "r"],
        "classes": "25 classes, one star each, names not given, magnitudes relative",
        "time_scale": "HJD",
        "papers": ["s26"],
        "citation": ["Bellm et al. 2019, PASP 131, 018002"],
        "terms": _PUBLIC,
        "how": _OWN,
    },
    # --- catalogues -----------------------------------------------------------------------
    "asassn_catalog_sample": {
        "title": "Rows of the ASAS-SN Catalog of Variable Stars",
        "holds": "catalogue",
        "bands": ["V", "g"],
        "classes": "27 classes, SR to GCAS",
        "papers": ["sm", "ts19"],
        "citation": ["Jayasinghe et al. 2018, MNRAS 477, 3145 and the papers that follow it"],
        "terms": _PUBLIC,
        "how": _CATALOGUE,
    },
    "catalina_css_catalog": {
        "title": "Catalina Surveys Periodic Variable Star Catalog (CSDR1)",
        "holds": "catalogue",
        "bands": ["V"],
        "classes": "EW, EA, EA_UP, beta Lyrae, RRab, RRc, RRd, Blazhko, RS CVn, LPV, HADS, LADS, "
        "ELL, Cep-II, ACEP, PCEB, Hump",
        "papers": ["s20"],
        "citation": ["Drake et al. 2014, ApJS 213, 9"],
        "terms": _PUBLIC,
        "how": _CATALOGUE,
    },
    "gaia_dr3_catalog": {
        "title": "Gaia DR3 variability tables",
        "holds": "catalogue",
        "bands": ["G", "BP", "RP"],
        "classes": "RRAB, RRC, DCEP, ECL, DSCT_SXPHE, MIRA_SR",
        "papers": ["s26"],
        "citation": [
            "Rimoldini et al. 2023, A&A 674, A14",
            "Clementini et al. 2023, A&A 674, A18",
            "Ripepi et al. 2023, A&A 674, A17",
            "Mowlavi et al. 2023, A&A 674, A16",
            "Lebzelter et al. 2023, A&A 674, A15",
        ],
        "terms": "Gaia data are open; acknowledge ESA, Gaia and DPAC.",
        "how": _CATALOGUE,
    },
    "galactic_cepheids_catalog": {
        "title": "Classical Cepheids of the Milky Way",
        "holds": "catalogue",
        "bands": [],
        "classes": "CEP F, CEP 1O",
        "papers": ["s26"],
        "citation": ["Skowron et al. 2019, Science 365, 478"],
        "terms": "Public supplement of the paper, without an open licence; cite the paper.",
        "how": _CATALOGUE,
    },
    "linear_catalog": {
        "title": "LINEAR periodic variables",
        "holds": "catalogue",
        "bands": ["unfiltered"],
        "classes": "RRab, RRc, EW, EA (1 minimum), EA (2 minima), DSCT/SXPHE, LPV, BL Her, ACEP, "
        "heartbeat candidate, other",
        "papers": ["s20"],
        "citation": ["Palaversa et al. 2013, AJ 146, 101"],
        "terms": _PUBLIC,
        "how": _CATALOGUE,
    },
    "macho_catalog": {
        "title": "MACHO Variable Star Catalogue",
        "holds": "catalogue",
        "bands": ["B", "R"],
        "classes": "RRL AB, C, E; CEPH fundamental, 1st overtone; EB; LPV Wood A to D",
        "papers": ["k21"],
        "citation": ["Alcock et al. 2003 (MACHO)", "Jamal & Bloom 2020, ApJS 250, 30"],
        "terms": _PUBLIC,
        "how": _CATALOGUE,
    },
    "ogle3_catalog_pelsvae": {
        "title": "OGLE-III variables with Gaia DR2",
        "holds": "catalogue",
        "bands": ["I", "V"],
        "classes": "RRLYR, ECL, CEP, LPV, ELL, T2CEP, ACEP, DSCT",
        "papers": ["s20", "k21"],
        "citation": ["Martínez-Palomera et al. 2022, AJ 164, 263"],
        "terms": _PUBLIC,
        "how": _CATALOGUE,
    },
    "ogle4_rrl_mc_params": {
        "title": "OGLE-IV RR Lyrae stars of the Magellanic Clouds, Fourier parameters",
        "holds": "catalogue",
        "bands": ["I"],
        "classes": "RRc, RRab",
        "papers": ["s20"],
        "citation": ["Dékány, Grebel & Pojmański 2021, ApJ 920, 33"],
        "terms": _PUBLIC,
        "how": _CATALOGUE,
    },
    "ogle_catalog_params": {
        "title": "OGLE parameter tables of RR Lyrae stars and Cepheids",
        "holds": "catalogue",
        "bands": ["I"],
        "classes": "RRc, RRab, RRd, aRRd, CEP F",
        "papers": ["s20", "s26"],
        "citation": [
            "Soszyński et al. 2008, AcA 58, 163",
            "Soszyński et al. 2014, AcA 64, 177",
            "Soszyński et al. 2015, AcA 65, 297",
            "Soszyński et al. 2019, AcA 69, 321",
        ],
        "terms": "Public; OGLE asks to cite the paper of each collection.",
        "how": _CATALOGUE,
    },
}

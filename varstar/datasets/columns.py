"""Which columns of a table are a light curve: by their names, in pairs that belong together."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from varstar.datasets.layouts import registry
from varstar.datasets.times import ALONE

#: Words that make a name of something else than a measurement or its error.
_OTHER = re.compile(
    r"lim|zp|zero|mean|median|avg|ref|nr$|5sig|range|(^|_)(min|max)(_|$)|type|flag|comp|catalog|"
    r"bits|(^|_)log(_|10|f|m)|ampl|nobs|ratio|over|bkg|back|sky|quality|code|extinct|absolute|(^|_)abs_|apfit|chi|"
    r"^(ra|dec)_|_(ra|dec)$|time|jd|date|period|epoch|seeing|airmass|star_id|magap|parallax"
)
_ERR = (
    "err|errs|error|errors|fehler|erreur|errore|sig|sigma|unc|uncert|uncertainty|std|rms|"
    "incertitude|incertidumbre|incertezza|unsicherheit"
)
_ERROR_FORMS = [
    re.compile(p)
    for p in (
        rf"^(?:{_ERR}|e|s|d)$",
        rf"^(?:e|{_ERR})_(?P<stem>.+)$",
        rf"^(?P<stem>.+?)_?(?:{_ERR})$",
        rf"^(?P<stem>.+?)_?(?:{_ERR})_(?P<tail>.+)$",
        r"^sig_?(?P<stem>(?:mag|flux).*)$",
        r"^(?:err|error|sigma|sig|unc)(?P<stem>.+)$",
        r"^[eds]_?(?P<stem>.*mag.*|.*flux.*|.jy|m)$",
        r"^mer_?(?P<stem>\d)$",
        r"^(?P<stem>(?:mag|flux)\w*)_e$",
    )
]
#: Bands that are a name of their own beside or in a column's name.
BANDS = {
    *"ugrizybvjhkoclt", "ks", "rc", "ic", "hp", "bp", "rp", "bt", "vt", "w1", "w2", "w3", "w4",
    "up", "gp", "ip", "nuv", "fuv", "uvw1", "uvw2", "uvm2", "tess", "kp", "gbp", "grp", "cv", "sg",
    "sr", "si", "tg", "tb", "tr",
}  # fmt: skip
_BANDS_ALONE = {
    *"VBRIUJHKGgrizu", "Rc", "Ic", "Hp", "Ks", "BP", "RP", "W1", "W2", "Kp", "TESS", "Tmag", "gp",
    "rp", "ip", "zs", "BT", "VT",
}  # fmt: skip
#: What is preferred among several brightnesses of one kind; what is not named comes between.
_FIRST = {
    "mag": ["std", "standard", "tfa", "epd", "corr", "psf_corr", "corrected", "calibrated", "cal",
            "calib", "detrended", "", "psf", "auto", "0", "aper", "ap", "iso"],
    "flux": ["pdcsap", "kspsap", "det", "detrended", "corr", "corrected", "cor", "cal", "norm",
             "normalized", "normalised", "rel", "", "psf", "tot", "sap", "aper", "ap", "raw"],
}  # fmt: skip
#: Names of differential magnitudes that look like errors.
_DIFFERENTIAL = {"dmag", "d_mag", "delta_mag", "deltamag", "dm", "delta_m", "v_c"}
_DIFFERENCE = re.compile(r"diff|sub$|imgdiff")


class Part(NamedTuple):
    """What a column's name says: ``mag``, ``flux`` or ``""``; which; whether it is an error."""

    kind: str
    key: str
    error: bool


class Value(NamedTuple):
    """One brightness: its column, its own error's, and its band where the name says it."""

    kind: str
    column: str
    err: str | None = None
    band: str | None = None
    difference: bool = False


def part(name: str) -> Part | None:
    """What a plain name says, or None where it is neither brightness nor error."""
    if _OTHER.search(name):
        return None
    name = re.sub(rf"^((?:{_ERR})_)mmag$", r"\1mag", name)
    found = _brightness(name)
    if found is not None and not re.search(
        rf"(^|_|mag|flux|\d)({_ERR})(_|$)|^e_|^[ed](mag|flux|.jy)|^sig_?(mag|flux)", name
    ):
        return Part(*found, False)
    for form in _ERROR_FORMS:
        hit = form.match(name)
        if hit:
            groups = hit.groupdict()
            stem = "_".join(v for v in (groups.get("stem"), groups.get("tail")) if v)
            kind, key = _brightness(stem) or ("", stem)
            return Part(kind, key, True)
    return Part(*found, False) if found else None


def _brightness(stem: str) -> tuple[str, str] | None:
    if stem in ("m", "f"):
        return ("mag" if stem == "m" else "flux"), ""
    if stem in (
        "ujy",
        "mjy",
        "njy",
        "jy",
        "counts",
        "count",
        "rate",
        "count_rate",
        "fluxes",
        "maggies",
        "maggy",
        "nmgy",
        "nanomaggies",
    ):
        return "flux", "counts" if "c" in stem or stem == "rate" else ""
    if stem in ("fcor", "fraw"):
        return "flux", stem[1:]
    words_of = {"mag": "magnitudes?|magnitud|mags?(?!g)", "flux": "fluxes|flux|flx"}
    for kind, words in words_of.items():
        hit = re.match(rf"^(?P<a>.*?)_?(?:{words})_?(?P<b>.*)$", stem)
        if hit:
            return kind, "_".join(v for v in (hit["a"].strip("_"), hit["b"].strip("_")) if v)
    return None


def band_name(key: str, column: str, keys: set[str]) -> str:
    """A band as written in the column's name; lower-case Johnson letters become capitals."""
    written = next((w for w in re.findall(r"[A-Za-z0-9]+", column) if w.lower() == key), None)
    if written is None:
        start = re.match(rf"(?i)(?:mag_?)?({key})", column)
        written = start[1] if start else key
    if written.islower() and len(written) == 1 and keys & {"v", "b"} and not keys & {"g"}:
        return written.upper()
    return written.upper() if written in ("v", "b", "bp", "rp") else written


def error_of(kind: str, key: str, parts: Mapping[str, Part], alone: bool) -> str | None:
    """The column with the error of the brightness `key`; its own, or the only one there is."""
    errors = {n: p for n, p in parts.items() if p and p.error}
    own = [n for n, p in errors.items() if p.key == key and p.kind == kind]
    own += [n for n, p in errors.items() if p.key == key and p.kind == "" and key]
    if key in BANDS:  # eV, Ve
        own += [n for n in (f"e{key}", f"{key}e", f"s{key}", f"d{key}") if n in parts]
    if own or not alone:
        return own[0] if own else None
    other = "flux" if kind == "mag" else "mag"
    free = [n for n, p in errors.items() if p.kind in (kind, "") and p.key == ""]
    if any(p and not p.error and p.kind == other for p in parts.values()) and not free:
        return None
    if free:
        return free[0]
    brightnesses = [n for n, p in parts.items() if p and not p.error and p.kind == kind]
    rest = [n for n, p in errors.items() if p.kind == kind]
    return rest[0] if len(rest) == 1 and len(brightnesses) == 1 else None


def values_of(known: Mapping[str, str], with_band: bool) -> tuple[list[Value], list[str]]:
    """The brightnesses of a table, and what was guessed.

    Magnitudes before fluxes; corrected before raw; two bands side by side are two values.
    """
    parts = parts_of(known)
    guessed: list[str] = []
    for kind in ("mag", "flux"):
        keys = {
            p.key: n for n, p in reversed(parts.items()) if p and not p.error and p.kind == kind
        }
        if not keys:
            continue
        bands = {k: n for k, n in keys.items() if k in BANDS}
        if not with_band and bands and not set(keys) - set(bands) & {*_FIRST[kind]}:
            # In the order of the table's columns.
            found = [
                k
                for p in parts.values()
                if p
                for k in [p.key]
                if bands.get(k) and p.kind == kind and not p.error
            ]
            found = list(dict.fromkeys(found))
            return [
                Value(kind, bands[k], error_of(kind, k, parts, len(found) == 1),
                      band_name(k, known[bands[k]], set(bands)))
                for k in found
            ], guessed  # fmt: skip
        ranked = sorted(reversed(keys), key=lambda k, kind=kind: _rank(kind, k))
        best = ranked[0]
        same = [keys[k] for k in ranked if _rank(kind, k) == _rank(kind, best)]
        if len(same) > 1:
            guessed.append(f"{known[keys[best]]} of several columns: {[known[n] for n in same]}")
        err = error_of(kind, best, parts, True)
        return [Value(kind, keys[best], err, None, bool(_DIFFERENCE.search(best)))], guessed
    differential = next(
        (n for n in known if n.removesuffix("_mmag").removesuffix("_mag") in _DIFFERENTIAL), None
    )
    if differential:
        guessed.append(f"{known[differential]} taken for differential magnitudes")
        others = {n: p for n, p in parts.items() if n != differential}  # dmag is no error here
        return [Value("mag", differential, error_of("mag", "", others, True))], guessed
    letters = {} if with_band else {n: c for n, c in known.items() if c in _BANDS_ALONE}
    if {"C", "K"} <= set(known.values()) and len(letters) > 1:  # comparison and check star
        letters = {n: c for n, c in letters.items() if c != "K"}
    return [
        Value("mag", n, error_of("mag", n, parts, len(letters) == 1), c) for n, c in letters.items()
    ], guessed


def parts_of(known: Mapping[str, str]) -> dict[str, Part | None]:
    """What the columns' names say; what has an error of its own is none: ``std_mag``,
    ``std_mag_err``."""
    parts = {n: part(n) for n in known}
    for name, found in parts.items():
        of = [f"{name}_{e}" for e in ("err", "error", "unc", "sigma")] + [f"e_{name}"]
        if found and found.error and found.kind and set(of) & set(known):
            form = re.match(rf"^(?P<word>{_ERR})_", name)
            parts[name] = Part(found.kind, form["word"] if form else found.key, False)
    for name in parts:
        stem = re.match(rf"^(?P<own>(?:{_ERR})_.+)_(?:err|error|unc|sigma)$", name)
        if stem and parts.get(stem["own"]) and not parts[stem["own"]].error:
            parts[name] = Part(parts[stem["own"]].kind, parts[stem["own"]].key, True)
    return parts


def _rank(kind: str, key: str) -> float:
    if _DIFFERENCE.search(key) or key.startswith("inst"):
        return 99
    order = _FIRST[kind]
    return order.index(key) if key in order else order.index("") + 0.5


def own_time(band: str, known: Mapping[str, str]) -> str | None:
    """The column with the times of one band among several: ``hjd_v``, ``V_HJD``."""
    key = band.lower()
    return next(
        (n for n in named("t", known) if n.endswith(f"_{key}") or n.startswith(f"{key}_")), None
    )


def flags(known: Mapping[str, str]) -> list[str]:
    """The columns (plain names) that look like flags of the measurements."""
    form = re.compile(r"(^|_)(flags?|qual|quality|status|good|bad|reject(ed)?|mask(ed)?)\d?(_|$)")
    return [n for n in known if form.search(n) or n.endswith("flags")]


def errors_left(known: Mapping[str, str], taken: set[str]) -> list[str]:
    """Columns that look like errors and were not taken."""
    return [
        c
        for n, c in known.items()
        if (p := part(n)) and p.error and n not in taken and p.key != "ext"
    ]


def named(role: str, known: Mapping[str, str]) -> list[str]:
    """The columns (plain names) of a role, the preferred first."""
    usual = registry()["names"][role]
    found = [n for n in usual if n in known]
    if role == "t":
        loose = re.compile(
            r"(^|_)(\w*?)(h|b|g|hm|bm|m|rh|r)?jd(_|$|tai|utc|tdb|hel|\d)|^midpoint\w*jd"
        )
        bad = re.compile(r"err|flag|int_|ref|zp|exp_time")
        found += [n for n in known if n not in found and loose.search(n) and not bad.search(n)]
        stem = re.compile(r"^(time|t|hjd|bjd|jd|mjd)_(in_)?\w+$")
        found += [n for n in known if n not in found and stem.match(n) and not bad.search(n)
                  and not re.search(r"corr|of_day|zone|scale|resol", n)]  # fmt: skip
        since = re.compile(r"^(met|mission_elapsed_time|gps|elapsed|unix|unixtime|posix)(_|$)")
        found += [n for n in known if n not in found and not bad.search(n)
                  and (since.match(n) or ALONE.match(n))]  # fmt: skip
    return found

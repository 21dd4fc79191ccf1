"""Light curves from the files that people have: text, CSV, ECSV, VOTable, FITS tables.

Columns are recognised by their usual names (`NAMES`), every choice can be overridden by
keyword, and a file that cannot be understood is an error that says what was looked for
and what was found: never a guess that might be wrong in silence.
"""

import csv
import gzip
import io
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar.lightcurves.sample import make_sample

#: role -> the usual column names, the preferred first. Compared in lower case, with
#: blanks, dots and hyphens as underscores and units in brackets cut off.
NAMES: dict[str, tuple[str, ...]] = {
    "t": (
        "hjd", "bjd", "bjd_tdb", "bjd_tcb", "hjd_utc", "jd", "hmjd", "mjdhel", "mjd", "obsmjd",
        "mjd_obs", "time", "t", "obs_time", "hjd_2450000", "bjd_2457000", "date", "epoch",
        "obstime", "timestamp",
    ),
    "mag": (
        "mag", "magnitude", "m", "vmag", "imag", "mag_v", "mag_i", "gmag", "rmag", "mag_0",
        "psfmag", "mag_auto", "magpsf", "magnitudes", "mags",
    ),
    "err": (
        "err", "mag_err", "magerr", "e_mag", "emag", "mag_error", "magnitude_error", "error",
        "merr", "sigma", "sig", "sigmag", "dmag", "mag_unc", "uncertainty", "psfmag_err",
        "magerr_auto", "sigmapsf", "mer_0", "errmag", "e", "err_mag", "magsig",
    ),
    "flux": ("flux", "pdcsap_flux", "sap_flux", "flux_mjy", "flux_jy", "f", "psfflux", "fluxes"),
    "flux_err": (
        "flux_err", "flux_error", "fluxerr", "e_flux", "pdcsap_flux_err", "sap_flux_err", "ferr",
        "flux_unc", "fluxunc", "psffluxerr", "sigma_flux", "dflux",
    ),
    "band": (
        "band", "filter", "filtercode", "passband", "filtername", "filter_name", "phot_filter",
        "bandpass", "filterid", "fid", "filt",
    ),
    "star_id": (
        "star_id", "starid", "object_id", "objectid", "source_id", "sourceid", "masterid",
        "id", "star", "object", "obj_id", "asassn_name", "name",
    ),
    "period": ("period", "per", "p", "period_d"),
    "label": ("label", "class", "type", "var_type", "variable_type"),
    "ra": ("ra", "radeg", "ra_deg", "raj2000", "ra_j2000"),
    "dec": ("dec", "dedeg", "dec_deg", "dej2000", "decl", "dec_j2000"),
}  # fmt: skip

_MISSING = {"", "-", "--", "nan", "na", "n/a", "null", "none", "inf", "-inf"}
_POGSON = 2.5 / np.log(10.0)


def read_light_curve(
    path: str | Path,
    *,
    t: str | int | None = None,
    mag: str | int | None = None,
    err: str | int | None = None,
    band: str | int | None = None,
    flux: str | int | None = None,
    flux_err: str | int | None = None,
    zero_point: float = 25.0,
    star_id: str | int | None = None,
    period: float | None = None,
) -> NestedFrame:
    """One star's light curve, or many stars', from a file, ready for `varstar.classify`.

    Understood: CSV and other delimited text, whitespace columns with or without a header
    (an OGLE ``.dat``: time, magnitude, error), ECSV, VOTable, FITS binary tables (the
    first with a time and a brightness), Parquet; text may be gzipped. The own files of
    ASAS-3, ASAS-SN, ATLAS, EROS-2, Gaia, Hipparcos and ZTF are recognised by their first lines
    and read as their surveys want it (`varstar.datasets.formats`: flagged points left out,
    bands told apart), unless a column is named here.

    Parameters
    ----------
    path : path
    t, mag, err, flux, flux_err, band, star_id : str or int, optional
        The column's name, or its position from 0; guessed from `NAMES` otherwise. A
        `band` that names no column is the name of the band itself (``band="V"``); a
        `star_id` that names no column is the star's name.
    zero_point : float
        Where the file has no magnitude, or `flux` is given: ``mag = zero_point - 2.5
        log10(flux)`` and ``err = 2.5 / ln(10) * flux_err / flux``. The default 25 is
        arbitrary (Szklenár et al. 2020 use it): magnitudes are then relative. A flux
        that is zero or negative has no magnitude: NaN, with a warning that counts them.
    period : float, optional
        A known period [d]; also taken from a column of the file where there is one.

    Returns
    -------
    NestedFrame
        One row a star (index ``star_id``: the column's values, or the file's name) with
        ``lc`` (``t`` [d] as in the file, ``mag``, ``err`` [mag], ``band``),
        ``time_scale`` (what the file's column is called), and ``period``, ``label``,
        ``ra``, ``dec`` where known. Values that mark "not measured" (29.999, 99.999) are
        kept here; everything that computes leaves them out (`varstar.lightcurves.sample.clean`).
        Upper limits (``>16.2``) are no measurements: NaN.

    Raises
    ------
    FileNotFoundError
        No such file.
    ValueError
        An empty or truncated file, an unknown format, or a column that is missing,
        unknown, or not numeric; the message names what was expected and received.
    """
    path = Path(path).expanduser()
    if not path.is_file():
        kind = "a folder" if path.is_dir() else "nothing there"
        raise FileNotFoundError(f"{path}: expected a light-curve file. Received: {kind}")
    given = {"t": t, "mag": mag, "err": err, "band": band, "flux": flux, "flux_err": flux_err}
    if all(v is None for v in given.values()):
        sample = _survey_format(path, star_id, period)
        if sample is not None:
            return sample
    table, header = _read_table(path, {k: v for k, v in given.items() if v is not None})
    if len(table) == 0:
        raise ValueError(f"{path}: no measurements. Columns: {list(table.columns)}")

    find = _Finder(path, table, header)
    time, scale = _time(find, t)
    obs = pd.DataFrame({"t": time})
    if flux is None and (mag is not None or find("mag", mag) is not None):
        obs["mag"] = find.numbers("mag", mag, required=True)
        obs["err"] = find.numbers("err", err)
    elif find("flux", flux) is not None:
        f = find.numbers("flux", flux, required=True)
        obs["mag"], obs["err"] = flux_to_mag(f, find.numbers("flux_err", flux_err), zero_point)
        dark = int(np.sum(np.isfinite(f) & (f <= 0)))
        if dark:
            warnings.warn(
                f"{path}: {dark} of {len(f)} fluxes are zero or negative: no magnitude (NaN)",
                stacklevel=2,
            )
    else:
        raise ValueError(
            f"{path}: expected a column of magnitudes ({', '.join(NAMES['mag'][:4])}, ...) or "
            f"fluxes ({', '.join(NAMES['flux'][:3])}, ...); name it with mag= or flux=. "
            f"Received columns: {list(table.columns)}"
        )
    obs["band"] = _names(find, "band", band, "?")
    obs["star_id"] = _names(find, "star_id", star_id, _stem(path))
    if star_id is None and len(obs) > 2 and obs["star_id"].is_unique:
        obs["star_id"] = _stem(path)  # a column of row numbers, not of stars

    stars = pd.DataFrame(index=pd.Index(obs["star_id"].unique(), name="star_id"))
    stars["time_scale"] = scale
    for name in ("label", "period", "ra", "dec"):
        column = find(name, None)
        if column is None:
            continue
        values = find.text(column) if name == "label" else find.numbers(name, None)
        stars[name] = pd.Series(values).groupby(obs["star_id"].to_numpy()).first()
    return make_sample(obs, _with_period(stars, period))


def _with_period(stars: pd.DataFrame, period: float | None) -> pd.DataFrame:
    if period is None:
        return stars
    if not (isinstance(period, int | float | np.number) and np.isfinite(period) and period > 0):
        raise ValueError(f"period: expected a positive number of days. Received: {period!r}")
    return stars.assign(period=float(period))


def _survey_format(
    path: Path, star_id: str | int | None, period: float | None
) -> NestedFrame | None:
    """A survey's own format, or None for a plain table."""
    from varstar.datasets.formats import names_differ, recognise

    with open(path, "rb") as f:
        head = f.read(4000).decode("utf-8", errors="replace")
    known = recognise(head)
    columns = head.lstrip("\ufeff").split("\n", 1)[0].strip().lower().split(",")
    if known is None or isinstance(star_id, int) or str(star_id).lower() in columns:
        return None
    curves = list(known.read(path))
    if star_id is not None and names_differ(curves):
        raise ValueError(f"{path}: star_id={star_id!r}: the file holds several stars")
    n = [len(c.t) for c in curves]
    if not sum(n):
        raise ValueError(f"{path}: no measurements")
    obs = pd.DataFrame(
        {
            "star_id": np.repeat([star_id or c.star_id for c in curves], n),
            "band": np.repeat([c.band for c in curves], n),
            **{k: np.concatenate([getattr(c, k) for c in curves]) for k in ("t", "mag", "err")},
        }
    )
    stars = pd.DataFrame(index=pd.Index(obs["star_id"].unique(), name="star_id"))
    stars["time_scale"] = known.time_scale
    return make_sample(obs, _with_period(stars, period))


def flux_to_mag(
    flux: np.ndarray, flux_err: np.ndarray, zero_point: float = 25.0
) -> tuple[np.ndarray, np.ndarray]:
    """Magnitudes and their errors from fluxes; NaN where the flux is not positive.

    ``mag = zero_point - 2.5 log10(flux)``, ``err = 2.5 / ln(10) * flux_err / flux``
    (first order: too small for fluxes below about three times their error).
    """
    flux = np.asarray(flux, float)
    f = np.where(flux > 0, flux, np.nan)
    return zero_point - 2.5 * np.log10(f), _POGSON * np.asarray(flux_err, float) / f


def _stem(path: Path) -> str:
    name = path.name.removesuffix(".gz")
    return name.rsplit(".", 1)[0] or name


def _plain(name: Any) -> str:
    """A column's name as compared: ``"HJD (d)"`` becomes ``hjd``, ``"UT Date"`` ``ut_date``."""
    name = str(name).strip().lower().split("[")[0].split("(")[0].strip()
    for sign in " .-":
        name = name.replace(sign, "_")
    return name.strip("_#")


class _Finder:
    """Finds a role's column in one table, and its values."""

    def __init__(self, path: Path, table: pd.DataFrame, header: bool) -> None:
        self.path, self.table = path, table
        self.known = {}
        for column in table.columns if header else ():
            self.known.setdefault(_plain(column), column)
        if not header:
            self.known = {c: c for c in table.columns if isinstance(c, str)}

    def __call__(self, role: str, wanted: str | int | None) -> Any:
        """The column of `role`, None where there is none; an unknown `wanted` is an error."""
        if wanted is None:
            return next((self.known[n] for n in NAMES[role] if n in self.known), None)
        if isinstance(wanted, int) and not isinstance(wanted, bool):
            if -len(self.table.columns) <= wanted < len(self.table.columns):
                return self.table.columns[wanted]
        elif wanted in self.table.columns:
            return wanted
        elif _plain(wanted) in self.known:
            return self.known[_plain(wanted)]
        raise ValueError(
            f"{self.path}: {role}={wanted!r} is no column. Expected one of: "
            f"{list(self.table.columns)}"
        )

    def text(self, column: Any) -> np.ndarray:
        values = [v.decode() if isinstance(v, bytes) else v for v in self.table[column]]
        return np.array([None if pd.isna(v) else str(v).strip() for v in values], object)

    def numbers(self, role: str, wanted: Any, required: bool = False) -> np.ndarray:
        column = self(role, wanted)
        if column is None:
            if required:
                raise ValueError(
                    f"{self.path}: expected a column for {role} ({', '.join(NAMES[role][:5])}, "
                    f"...); name it with {role}=. Received columns: {list(self.table.columns)}"
                )
            return np.full(len(self.table), np.nan)
        return _to_float(self.table[column], f"{self.path}: column {column!r} ({role})")


def _to_float(values: pd.Series, what: str) -> np.ndarray:
    """Float64 with NaN for what is masked, missing, or an upper limit."""
    if pd.api.types.is_numeric_dtype(values):
        return values.to_numpy(np.float64, na_value=np.nan)
    text = [v.decode() if isinstance(v, bytes) else v for v in values]
    text = ["" if v is None or v is pd.NA else str(v).strip() for v in text]
    out = np.full(len(text), np.nan)
    for i, v in enumerate(text):
        if v.lower() in _MISSING or v[0] in "<>":
            continue
        try:
            out[i] = float(v)
        except ValueError:
            raise ValueError(f"{what}: expected numbers. Received: {v!r} in row {i + 1}") from None
    return out


def _time(find: _Finder, wanted: str | int | None) -> tuple[np.ndarray, str]:
    """Time [d] and the name of its scale.

    Without `wanted`, the first usual column that is complete: ZTF's ``hjd`` may be
    empty where its ``mjd`` is not. Two columns are never mixed.
    """
    if wanted is not None:
        columns = [find("t", wanted)]
    else:
        columns = [find.known[n] for n in NAMES["t"] if n in find.known]
    if not columns:
        find.numbers("t", None, required=True)  # raises: no column of times
    best, scale, count = None, "unknown", -1
    for column in columns:
        values = find.table[column]
        try:
            time = _to_float(values, f"{find.path}: column {column!r} (t)")
        except ValueError:
            time = _calendar(find.text(column))
            if time is None:
                if len(columns) == 1:
                    raise
                continue
        finite = int(np.isfinite(time).sum())
        if finite > count:
            best, count = time, finite
            scale = "unknown" if _plain(column) in ("t", "time", "date") else str(column)
        if finite == len(time):
            break
    if best is None:
        raise ValueError(
            f"{find.path}: none of the columns {columns} holds times as numbers or ISO dates"
        )
    return best, scale


def _calendar(text: np.ndarray) -> np.ndarray | None:
    """Julian dates of ISO dates (``2019-05-03T12:30:00``); None when they are not that."""
    from astropy.time import Time

    try:
        return np.asarray(Time(list(text), format=None, scale="utc").jd, float)
    except (ValueError, TypeError):
        return None


def _names(find: _Finder, role: str, wanted: str | int | None, default: str) -> np.ndarray | str:
    """A text column, or one name for all rows when `wanted` names no column."""
    try:
        column = find(role, wanted)
    except ValueError:
        guess = find(role, None)
        if isinstance(wanted, int) or (
            role == "star_id" and guess is not None and find.table[guess].nunique() > 1
        ):  # a mistyped column must not merge many stars into one
            raise
        return wanted
    if column is None:
        return default
    return np.array([default if v is None else v for v in find.text(column)], object)


# --- tables -----------------------------------------------------------------------------


def _read_table(path: Path, given: dict[str, Any]) -> tuple[pd.DataFrame, bool]:
    """The file as a plain table, and whether its columns have names of their own."""
    raw = path.read_bytes()
    if not raw.strip():
        raise ValueError(f"{path}: the file is empty")
    if raw[:2] == b"\x1f\x8b":
        try:
            raw = gzip.decompress(raw)
        except (OSError, EOFError) as error:
            raise ValueError(f"{path}: not a whole gzip file (truncated?): {error}") from error
    head = raw[:2000].lstrip()
    if raw[:9] == b"SIMPLE  =":
        return _fits(path, raw, given), True
    if raw[:4] == b"PAR1":
        return _parquet(path, raw), True
    if b"<VOTABLE" in head:
        return _astropy(path, raw, "votable"), True
    if head.startswith(b"# %ECSV"):
        return _astropy(path, raw, "ascii.ecsv"), True
    if b"\x00" in raw[:2000]:
        raise ValueError(
            f"{path}: unknown format. Expected text, CSV, ECSV, VOTable, a FITS table or Parquet"
        )
    return _text(path, raw.decode("utf-8-sig", errors="replace"), given)


def _parquet(path: Path, raw: bytes) -> pd.DataFrame:
    try:
        return pd.read_parquet(io.BytesIO(raw))
    except Exception as error:
        raise ValueError(f"{path}: not a whole Parquet file (truncated?): {error}") from error


def _astropy(path: Path, raw: bytes, fmt: str) -> pd.DataFrame:
    from astropy.table import Table

    if fmt == "votable" and b"</VOTABLE>" not in raw[-200:]:
        raise ValueError(f"{path}: the VOTable has no end (truncated?)")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            table = Table.read(io.BytesIO(raw), format=fmt)
    except Exception as error:
        raise ValueError(f"{path}: not a whole {fmt} table (truncated?): {error}") from error
    return _columns(path, table)


def _fits(path: Path, raw: bytes, given: dict[str, Any]) -> pd.DataFrame:
    """The first binary table with a time and a brightness."""
    from astropy.io import fits
    from astropy.table import Table

    seen = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd keywords and units
            warnings.filterwarnings("error", message=".*truncated")  # a cut file only warns
            with fits.open(io.BytesIO(raw), memmap=False) as hdus:
                for i, hdu in enumerate(hdus):
                    if not isinstance(hdu, fits.BinTableHDU | fits.TableHDU):
                        continue
                    names = {_plain(n) for n in hdu.columns.names}
                    seen.append(list(hdu.columns.names))
                    wanted = [str(v) for k, v in given.items() if k in ("t", "mag", "flux")]
                    known = names & {*NAMES["t"]} and names & {*NAMES["mag"], *NAMES["flux"]}
                    if known or any(_plain(w) in names for w in wanted):
                        return _columns(path, Table.read(hdus[i]))
    except (OSError, TypeError, EOFError, Warning, IndexError) as error:
        raise ValueError(f"{path}: not a whole FITS file (truncated?): {error}") from error
    raise ValueError(
        f"{path}: expected a binary table with a time and a magnitude or flux. "
        f"Received tables with columns: {seen or 'none'}"
    )


def _columns(path: Path, table: Any) -> pd.DataFrame:
    """A plain table from astropy's: masked to NaN, times to days, one-valued columns only."""
    from astropy import units as u
    from astropy.time import Time

    out = {}
    for name in table.colnames:
        column = table[name]
        if isinstance(column, Time):
            out[name] = np.asarray(column.jd, float)
            continue
        if getattr(column, "ndim", 1) != 1:
            continue
        unit = getattr(column, "unit", None)
        values = np.ma.asarray(getattr(column, "value", column))
        if values.dtype.kind in "iufb":
            if values.dtype.kind == "f" or np.ma.is_masked(values):
                values = values.astype(float).filled(np.nan)
            values = np.asarray(values)
            values = values.astype(values.dtype.newbyteorder("="))
            if _plain(name) in NAMES["t"] and unit in (u.s, u.min, u.h, u.yr):
                values = values * unit.to(u.d)
        else:
            mask = np.ma.getmaskarray(values)
            values = [None if m else v for v, m in zip(values.data.tolist(), mask, strict=True)]
        out[name] = values
    return pd.DataFrame(out)


def _text(path: Path, text: str, given: dict[str, Any]) -> tuple[pd.DataFrame, bool]:
    """Delimited or whitespace text, with a header line, a commented one, or none."""
    lines = [(i, s) for i, s in enumerate(text.splitlines(), 1) if s.strip()]
    comments = [(i, s.strip()) for i, s in lines if s.lstrip().startswith(("#", "\\", "%"))]
    rows = [(i, s) for i, s in lines if not s.lstrip().startswith(("#", "\\", "%"))]
    if not rows:
        raise ValueError(f"{path}: no measurements, only {len(comments)} comment lines")
    delimiter = next((d for d in (",", "\t", ";", "|") if d in rows[0][1]), None)

    def split(line: str) -> list[str]:
        if delimiter is None:
            return line.split()
        if delimiter == "|":
            return [v.strip() for v in line.strip().strip("|").split("|")]
        return [v.strip() for v in next(csv.reader([line], delimiter=delimiter))]

    fields = [split(s) for _, s in rows]
    header: list[str] | None = None
    if not any(_is_number(v) for v in fields[0]):
        header, rows, fields = fields[0], rows[1:], fields[1:]
    else:
        for _, comment in reversed(comments):  # "# HJD mag err" above the data
            names = split(comment.lstrip("#\\% "))
            if len(names) == len(fields[0]) and not any(_is_number(v) for v in names):
                header = names
                break
    n = len(header or fields[0])
    for (i, _), values in zip(rows, fields, strict=True):
        if len(values) != n:
            raise ValueError(
                f"{path}: line {i}: expected {n} fields. Received: {len(values)} "
                f"(truncated file, or not a table?)"
            )
    if header is not None:
        twice = sorted({h for h in header if header.count(h) > 1})
        if twice:
            raise ValueError(f"{path}: expected columns named once. Received twice: {twice}")
        return pd.DataFrame(fields, columns=header, dtype=object), True
    table = pd.DataFrame(fields, dtype=object)
    positions = [v for v in given.values() if isinstance(v, int)]
    if n == 2:
        table.columns = ["t", "mag"]
    elif n == 3:
        table.columns = ["t", "mag", "err"]
    elif n == 4 and not _is_number(fields[0][3]):
        table.columns = ["t", "mag", "err", "band"]
    elif not positions:
        raise ValueError(
            f"{path}: {n} columns without names: expected time, magnitude and error, or their "
            f"positions from 0, as in t=0, mag=1, err=2. First row: {fields[0]}"
        )
    if positions:
        table.columns = range(n)
    return table, False


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return value.lower() not in ("nan", "inf", "-inf")

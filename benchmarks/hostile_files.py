"""Files that nobody should have, and what must hold of a sample that is read from one.

A good file of each container is spoiled in one way. What is read from it may be refused;
if it is not, the measurements must be among those that were written (but for the last row
of a text that was cut, which nothing can tell, and for changed bytes).
"""

import bz2
import gzip
import io
import lzma
import os
import resource
import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from astropy.table import Table

from varstar.lightcurves.sample import light_curves

PACKERS = {"": lambda raw: raw, ".gz": lambda raw: gzip.compress(raw, mtime=0),
           ".bz2": bz2.compress, ".xz": lzma.compress}  # fmt: skip
NUMBERS = ("1e999", "-1e999", "nan", "inf", "---", "", "0x1F", "1_000", "٣٤", "1,5", "99.999",
           ">15.2", "1e-320", "12:34:56", "2019-04-29", "NULL", "<b>", "=1+1", "9" * 400,
           "1e", "--5", "\x00", '"', "'", "\t", ";", "#", "\\", "∞")  # fmt: skip
NAMES = ("..csv", "a b.csv", "<img src=x onerror=alert(1)>.csv", "$(reboot).csv", "-o.csv", "*.csv",
         "[1].csv", "%2e%2e.csv", "été漢字.csv", "no_ending", ".hidden", "star\nname.csv",
         "x" * 240 + ".csv", "a.csv.gz", "nan.csv", "~.csv", "{}.csv", "q'uote\".csv")  # fmt: skip
ODD_PATHS = ("\x00", "nul\x00.csv", "x" * 5000, "", ".", "/dev/null", "../" * 40 + "nothing",
             "http://localhost/star.csv", "loop", "pipe", "dangling", "unreadable/")  # fmt: skip
ODD_OPTIONS: tuple[dict[str, Any], ...] = (
    {"t": "nothing"}, {"mag": 99}, {"t": -7}, {"mag": "HJD"}, {"period": np.nan}, {"period": -1.0},
    {"period": 1e300}, {"band": "V"}, {"band": 2}, {"band": ""}, {"star_id": "../x"},
    {"star_id": ""}, {"err": "mag"}, {"flux": "mag"}, {"zero_point": np.inf}, {"time_unit": "eon"},
    {"time_unit": "s"}, {"time_unit": "unix"}, {"mag_unit": "mmag"}, {"flux_unit": "Jy"},
    {"t": "mag", "mag": "t"}, {"flux_err": "err"}, {"t": ""},
)  # fmt: skip


def stars(n: int = 60) -> pd.DataFrame:
    """What every good file holds: one star, or a part of it."""
    rng = np.random.default_rng(0)
    t = np.sort(np.round(2455000 + rng.uniform(0, 400, n), 5))
    mag = np.round(15 + 0.4 * np.sin(2 * np.pi * t / 0.5634), 4)
    return pd.DataFrame({"hjd": t, "mag": mag, "mag_err": np.round(rng.uniform(0.01, 0.05, n), 4)})


def _astropy(frame: pd.DataFrame, form: str, **options: Any) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "table")
        Table.from_pandas(frame).write(path, format=form, **options)
        return path.read_bytes()


def _parquet(frame: pd.DataFrame) -> bytes:
    held = io.BytesIO()
    frame.to_parquet(held, index=False)
    return held.getvalue()


#: container -> the bytes of a good file; text ones end their rows by a line feed
CONTAINERS: dict[str, Callable[[pd.DataFrame], bytes]] = {
    "csv": lambda f: f.to_csv(index=False).encode(),
    "tsv": lambda f: f.to_csv(index=False, sep="\t").encode(),
    "dat": lambda f: f.to_csv(index=False, sep=" ", header=False).encode(),
    "txt": lambda f: (
        f"# {' '.join(f.columns)}\n".encode()
        + f.to_csv(index=False, sep=" ", header=False).encode()
    ),
    "ecsv": lambda f: _astropy(f, "ascii.ecsv"),
    "tbl": lambda f: _astropy(f, "ascii.ipac"),
    "vot": lambda f: _astropy(f, "votable"),
    "xml": lambda f: _astropy(f, "votable", tabledata_format="binary2"),
    "fits": lambda f: _astropy(f, "fits"),
    "parquet": _parquet,
}
#: What changes nothing of what is written.
EXACT = ("none", "odd name", "swapped columns", "unsorted rows", "no line end",
         "Windows line ends", "blank lines")  # fmt: skip
TEXT = ("csv", "tsv", "dat", "txt", "ecsv", "tbl")


class Files:
    """Hostile files in a temporary folder, the k-th from the seed and its number alone."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.frame = stars()
        self.good = {name: write(self.frame) for name, write in CONTAINERS.items()}
        self.lossless = False
        self.most_memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def __enter__(self) -> "Files":
        self._held = tempfile.TemporaryDirectory()
        self.folder = Path(self._held.name)
        os.symlink(self.folder / "loop", self.folder / "loop")
        os.symlink(self.folder / "gone", self.folder / "dangling")
        os.mkfifo(self.folder / "pipe")
        return self

    def __exit__(self, *_: object) -> None:
        self._held.cleanup()

    def make(self, k: int) -> tuple[Path, str, dict[str, Any]]:
        """The k-th file, what is wrong with it, and the options to read it with."""
        rng = np.random.default_rng([self.seed, 77, k])
        name = list(CONTAINERS)[rng.integers(len(CONTAINERS))]
        packed = list(PACKERS)[rng.choice(4, p=[0.7, 0.1, 0.1, 0.1])]
        wrong = list(WRONGS)[rng.integers(len(WRONGS))]
        self.name, self.packed, self.wrong = name, packed, wrong
        options: dict[str, Any] = {}
        path = self.folder / f"{k}.{name}{packed}"
        if wrong == "odd path":
            return Path(self.folder, ODD_PATHS[k % len(ODD_PATHS)]), wrong, options
        raw = self.good[name]
        if wrong == "odd name":
            path = self.folder / NAMES[k % len(NAMES)]
        elif wrong == "odd options":
            options = ODD_OPTIONS[k % len(ODD_OPTIONS)]
        elif wrong == "cut when packed":
            raw = PACKERS[packed](raw)
            # at every length, one after the other
            raw, packed = raw[: k * 7919 % len(raw)], ""
        elif wrong in RAW:
            raw, packed = RAW[wrong](rng), ""
        else:
            raw = WRONGS[wrong](raw, rng, name)
        path.write_bytes(PACKERS[packed](raw))
        return path, f"{wrong}, {name}{self.packed}", options

    def complaints(self, sample: pd.DataFrame) -> list[str]:
        """What cannot be of a sample that was read from the file made last."""
        said = []
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        if memory > self.most_memory + 500_000:
            said.append(f"{(memory - self.most_memory) / 1e6:.1f} GB more memory")
        self.most_memory = max(memory, self.most_memory)
        if not sample.index.is_unique or sample.index.name != "star_id":
            said.append("stars without names of their own")
        curves = light_curves(sample)
        if not np.isfinite(curves.t).any():
            said.append("a sample without measurements")
        exact = self.wrong in EXACT
        cut = self.wrong in ("cut", "cut when packed")
        if exact or cut:
            t = curves.t + (2400000.5 if len(curves.t) and curves.t[0] < 1e5 else 0)
            pairs = set(zip(self.frame["hjd"], self.frame["mag"], strict=True))
            read = list(zip(t.tolist(), curves.mag.tolist(), strict=True))
            unknown = sum(p not in pairs for p in read)
            packed = self.wrong == "cut when packed" and self.packed
            text = cut and self.name in TEXT and not packed  # its end is not told
            if unknown > text:
                said.append(f"{unknown} of {len(read)} measurements were never written")
            if not text and len(read) != len(self.frame):
                said.append(f"{len(read)} of {len(self.frame)} measurements, and no word")
        return said


# --- what can be wrong --------------------------------------------------------------------


def _lines(raw: bytes, change: Callable[[list[bytes]], list[bytes]]) -> bytes:
    return b"\n".join(change(raw.split(b"\n")))


def _flip(raw: bytes, rng: np.random.Generator, name: str) -> bytes:
    held = np.frombuffer(raw, np.uint8).copy()
    place = rng.integers(0, len(held), rng.integers(1, 12))
    held[place] = rng.integers(0, 256, len(place))
    return held.tobytes()


def _swap(raw: bytes, rng: np.random.Generator, name: str) -> bytes:
    frame = stars()
    if name == "dat":  # no names: what column is which is by its place
        return raw
    return CONTAINERS[name](frame[rng.permutation(frame.columns)])


def _shuffle(raw: bytes, rng: np.random.Generator, name: str) -> bytes:
    return CONTAINERS[name](stars().sample(frac=1, random_state=int(rng.integers(1000))))


def _field(raw: bytes, rng: np.random.Generator, name: str) -> bytes:
    """One of the odd numbers in place of a field or two."""
    pieces = raw.split(b"," if name == "csv" else b" ")
    for i in rng.integers(0, len(pieces), rng.integers(1, 4)):
        pieces[i] = NUMBERS[rng.integers(len(NUMBERS))].encode()
    return (b"," if name == "csv" else b" ").join(pieces)


def _garbage(raw: bytes, rng: np.random.Generator, name: str) -> bytes:
    at = int(rng.integers(len(raw)))
    return raw[:at] + rng.bytes(int(rng.integers(1, 500))) + raw[at:]


def _columns(raw: bytes, rng: np.random.Generator, name: str) -> bytes:
    """Columns of constants, of text, twice the same, of markup, of lists."""
    frame = stars()
    for odd in rng.choice(["mag2", "<b>", "JD", "flux", "band", "P", "", "err"], 3, replace=False):
        value = rng.choice(["x", "1", "nan", "<script>", "2455000.5", "-1", "1e300"])
        frame[str(odd)] = value if rng.random() < 0.5 else pd.to_numeric(value, errors="coerce")
    try:
        return CONTAINERS[name](frame)
    except Exception:  # the container refuses such a name
        return raw


def _values(raw: bytes, rng: np.random.Generator, name: str) -> bytes:
    """Whole columns that cannot be."""
    frame = stars()
    column = rng.choice(frame.columns)
    frame[column] = rng.choice([np.nan, 0.0, -1.0, 1e300, 1e9, 2019.3, 20190429, 99.999, 5e-324])
    return CONTAINERS[name](frame)


def _header(raw: bytes, rng: np.random.Generator, name: str) -> bytes:
    """Claims of a FITS or XML head that are not true."""
    claims = ((b"NAXIS2  =                   60", b"NAXIS2  =         999999999999"),
              (b"NAXIS2  =                   60", b"NAXIS2  =                   -1"),
              (b"NAXIS1  =                   24", b"NAXIS1  =           1999999999"),
              (b"TFIELDS =                    3", b"TFIELDS =                  999"),
              (b"PCOUNT  =                    0", b"PCOUNT  =       88888888888888"),
              (b"TFORM1  = 'D", b"TFORM1  = 'X"), (b"'D       '", b"'99999999D'"),
              (b"<TABLE", b"<TABLE nrows='99999999999'"), (b"<FIELD", b"<FIELD arraysize='9x9x9*'"),
              (b'datatype="double"', b'datatype="nothing"'), (b"<TD>", b"<TD><TD>"),
              (b"datatype: float64", b"datatype: object"), (b"- {name", b"- !!python/object {name"),
              (b"|", b"||"), (b"hjd", b"mag"), (b"mag", b"hjd"), (b"hjd", b""))  # fmt: skip
    told = [c for c in claims if c[0] in raw]
    if not told:
        return raw
    old, new = told[rng.integers(len(told))]
    return raw.replace(old, new, 1 if rng.random() < 0.5 else -1)


WRONGS: dict[str, Callable[[bytes, np.random.Generator, str], bytes]] = {
    "none": lambda raw, rng, name: raw,
    "cut": lambda raw, rng, name: raw[: int(rng.integers(len(raw)))],
    "cut when packed": lambda raw, rng, name: raw,
    "changed bytes": _flip,
    "garbage inside": _garbage,
    "garbage behind": lambda raw, rng, name: raw + rng.bytes(int(rng.integers(1, 5000))),
    "odd fields": _field,
    "odd columns": _columns,
    "odd values": _values,
    "false claims": _header,
    "swapped columns": _swap,
    "unsorted rows": _shuffle,
    "twice": lambda raw, rng, name: raw + raw,
    "no line end": lambda raw, rng, name: raw.rstrip(b"\n") if name in TEXT else raw,
    "Windows line ends": lambda raw, rng, name: raw.replace(b"\n", b"\r\n")
    if name in TEXT and name != "tbl" else raw,
    "blank lines": lambda raw, rng, name: raw + b"\n\n \n" * (name in ("csv", "dat", "txt")),
    "lines lost": lambda raw, rng, name: _lines(
        raw, lambda lines: [s for s in lines if rng.random() < 0.7]),
    "lines mixed": lambda raw, rng, name: _lines(
        raw, lambda lines: [lines[i] for i in rng.permutation(len(lines))]),
    "odd name": lambda raw, rng, name: raw,
    "odd path": lambda raw, rng, name: raw,
    "odd options": lambda raw, rng, name: raw,
    "made of nothing": lambda raw, rng, name: raw,
    "random bytes": lambda raw, rng, name: raw,
    "bomb": lambda raw, rng, name: raw,
}  # fmt: skip

_ENTITIES = b"".join(b'<!ENTITY l%d "%s">' % (i + 1, b"&l%d;" % i * 10) for i in range(9))


@lru_cache
def _bomb(which: int) -> bytes:
    """Few bytes that want to become many."""
    if which == 0:
        return gzip.compress(bytes(100_000_000), 1, mtime=0)
    if which == 1:
        return bz2.compress(bytes(100_000_000))
    if which == 2:
        return lzma.compress(bytes(100_000_000), preset=0)
    if which == 3:
        return gzip.compress(gzip.compress(bytes(10_000_000)))
    if which == 4:
        return (
            b'<?xml version="1.0"?><!DOCTYPE v [<!ENTITY l0 "lol">'
            + _ENTITIES
            + b"]><VOTABLE><RESOURCE><TABLE><FIELD name='&l9;'/></TABLE></RESOURCE></VOTABLE>"
        )
    if which == 5:
        import pyarrow as pa
        import pyarrow.parquet as pq

        held = io.BytesIO()
        zeros = pa.array(np.zeros(500_000))
        pq.write_table(pa.table({"hjd": zeros, "mag": zeros}), held, compression="zstd")
        return held.getvalue()
    return b"hjd,mag\n" + b"1" * 3_000_000 + b",2\n" + b"," * 1_000_000


def _nothing(rng: np.random.Generator) -> bytes:
    parts = (b"", b"\n", b"\x00", b"#", b"hjd,mag\n", b"SIMPLE  =", b"PAR1", b"PAR1PAR1",
             b"<VOTABLE>", b"<VOTABLE/>", b"<html>", b"# %ECSV 1.0\n", b"\xff\xfe", b"\xfe\xff",
             b"\xef\xbb\xbf", b"\x1f\x8b", b"BZh9", b"\xfd7zXZ\x00", b"|", b"\\", b",", b";",
             b"1 2", b"1 2 3\n", b"t,mag\n1,2\n", b"t,t\n1,2\n", b"{}", b"%PDF-1.7",
             b"PK\x03\x04", b"\x89HDF\r\n")  # fmt: skip
    return b"".join(parts[i] for i in rng.integers(0, len(parts), rng.integers(1, 4)))


#: what is wrong -> a file that was never a good one
RAW: dict[str, Callable[[np.random.Generator], bytes]] = {
    "made of nothing": _nothing,
    "random bytes": lambda rng: rng.bytes(int(rng.integers(0, 6000))),
    "bomb": lambda rng: _bomb(int(rng.integers(7))) if rng.random() < 0.3 else _nothing(rng),
}

"""Files to tables: compressed or not, FITS, VOTable, ECSV, Parquet, text.

What a file claims of its size is checked before memory is taken for it.
"""

import bz2
import csv
import io
import lzma
import re
import warnings
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from varstar.datasets import json_table, text
from varstar.datasets.columns import named, values_of
from varstar.datasets.layouts import match, plain
from varstar.datasets.values import MAX_ROWS, Table, array

#: Largest file, and largest that a compressed one becomes [bytes].
LARGEST = 2_000_000_000
#: Most that a compressed file grows to: so many times its size, but at least so many bytes.
GROWTH, AT_LEAST = 30, 64_000_000
#: How a packed file begins -> what unpacks one stream of it, so many bytes at a time.
_PACKED: dict[bytes, Callable[[], Any]] = {
    b"\x1f\x8b": lambda: zlib.decompressobj(31),
    b"BZh": bz2.BZ2Decompressor,
    b"\xfd7zXZ\x00": lambda: lzma.LZMADecompressor(memlimit=LARGEST),
}
#: How files begin that are tables, or are not, of a kind that is not read.
_OTHERS = {b"\x89HDF": "HDF5", b"ARROW1": "Arrow's IPC (Feather)", b"\x89PNG": "a picture (PNG)",
           b"\xff\xd8\xff": "a picture (JPEG)", b"%PDF": "PDF", b"\x93NUMPY": "NumPy's npy",
           b"\xd0\xcf\x11\xe0": "an old spreadsheet (XLS)", b"SQLite": "SQLite",
           b"7z\xbc\xaf": "a 7z archive", b"Rar!": "a RAR archive"}  # fmt: skip
_PIECE = 65536
_HEADER = ("BJDREFI", "BJDREFF", "TIMESYS", "TELESCOP", "OBJECT")


def read(path: Path, asked: Mapping[str, Any]) -> Table:
    """The table with a light curve that a file holds.

    Parameters
    ----------
    path : path
    asked : mapping
        Columns that the caller names.

    Raises
    ------
    ValueError
        Empty, cut short, larger than it may be, or of an unknown format.
    """
    if path.stat().st_size > LARGEST:
        raise ValueError(f"{path}: expected at most {LARGEST} bytes")
    raw = unpacked(path.read_bytes(), str(path))
    where, head = str(path), raw[:3000].lstrip()
    if not raw.strip(b" \t\r\n\x00"):
        raise ValueError(f"{path}: the file is empty")
    if raw[:9] == b"SIMPLE  =":
        return _fits(raw, where, asked)
    if raw[:4] == b"PAR1":
        return _parquet(raw, where)
    if b"<VOTABLE" in raw[:20000] and head[:1] == b"<":
        return _votable(raw, where)
    if head.startswith(b"# %ECSV"):
        return astropy_table(io.BytesIO(raw), "ascii.ecsv", where)
    if json_table.looks_like(raw[:3000]):
        return json_table.parse(text.decode(raw, where), where)
    other = next((name for start, name in _OTHERS.items() if raw.startswith(start)), None)
    if other:
        raise ValueError(f"{where}: {other} is not read; save the table as CSV, Parquet or FITS")
    if raw[:2] == b"PK":
        raise ValueError(f"{where}: a spreadsheet or an archive; save the table as CSV")
    try:
        return text.parse(text.decode(raw, where), where, asked)
    except csv.Error as error:
        raise ValueError(f"{where}: not a table: {error}") from error


def unpacked(raw: bytes, where: str) -> bytes:
    """The content of gzip, bzip2 and xz files; others as they are. Bombs are refused."""
    most = min(LARGEST, max(AT_LEAST, GROWTH * len(raw)))
    magic = next((m for m in _PACKED if raw.startswith(m)), None)
    if magic is None:
        return raw
    try:
        data = _streams(raw, magic, _PACKED[magic], most)
    except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError) as error:
        raise ValueError(f"{where}: not a whole compressed file (truncated?): {error}") from error
    if len(data) > most:
        raise ValueError(f"{where}: expected at most {most} bytes unpacked (a bomb?)")
    return data


def _streams(raw: bytes, magic: bytes, decompressor: Callable[[], Any], most: int) -> bytes:
    """All streams of a packed file, one after the other; a little more than `most` at most."""
    out, size, at = [], 0, 0
    while raw.startswith(magic, at) and size <= most:
        part = decompressor()
        while not part.eof and at < len(raw) and size <= most:
            piece = raw[at : at + _PIECE]
            out.append(part.decompress(piece, most + 1 - size))
            size += len(out[-1])
            at += len(piece) - len(part.unused_data)
        if not part.eof and size <= most:
            raise EOFError("it ends too early")
    return b"".join(out)


# --- astropy's tables -----------------------------------------------------------------------


def astropy_table(source: Any, form: str, where: str) -> Table:
    """A table through astropy's readers."""
    from astropy.table import Table as AstropyTable

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            table = AstropyTable.read(source, format=form)
    except Exception as error:
        raise ValueError(f"{where}: not a whole {form} table (truncated?): {error}") from error
    return from_astropy(table)


def _votable(raw: bytes, where: str) -> Table:
    if b"</VOTABLE>" not in raw[-300:]:
        raise ValueError(f"{where}: the VOTable has no end (truncated?)")
    if re.search(rb"<!(ENTITY|DOCTYPE)", raw[:100_000]):
        raise ValueError(f"{where}: a VOTable with entities of its own is not read")
    claims = re.findall(rb"(?:nrows|arraysize)\s*=\s*[\"']([\dx]+)\*?[\"']", raw[:2_000_000])
    sizes = [int(np.prod([float(v or 1) for v in c.split(b"x")])) for c in claims if len(c) < 60]
    if any(s > max(len(raw) // 20, 256) for s in sizes) or any(len(c) >= 60 for c in claims):
        raise ValueError(f"{where}: the VOTable claims more values than the file has bytes")
    from astropy.io.votable import parse

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tables = [
                t.to_table(use_names_over_ids=True) for t in parse(io.BytesIO(raw)).iter_tables()
            ]
    except Exception as error:
        raise ValueError(f"{where}: not a whole votable table (truncated?): {error}") from error
    if not tables:
        raise ValueError(f"{where}: no table in the VOTable")
    best = next((t for t in tables if is_light_curve(t.colnames)), tables[0])
    return from_astropy(best)


def _fits(raw: bytes, where: str, asked: Mapping[str, Any]) -> Table:
    """The first binary table with a time and a brightness."""
    from astropy.io import fits
    from astropy.table import Table as AstropyTable

    seen = []
    wanted = {
        plain(v) for k, v in asked.items() if k in ("t", "mag", "flux") and isinstance(v, str)
    }
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd keywords and units
            warnings.filterwarnings("error", message=".*truncated")  # a cut file only warns
            with fits.open(io.BytesIO(raw), memmap=False) as hdus:
                for i, hdu in enumerate(hdus):
                    if not isinstance(hdu, fits.BinTableHDU | fits.TableHDU):
                        continue
                    rows, width = hdu.header["NAXIS2"], hdu.header["NAXIS1"]
                    if rows * max(width, 1) + hdu.header.get("PCOUNT", 0) > len(raw) or rows < 0:
                        raise ValueError("a table claims more bytes than the file has: truncated?")
                    names = list(hdu.columns.names)
                    seen.append(names)
                    if is_light_curve(names) or wanted & {plain(n) for n in names}:
                        table = AstropyTable.read(hdus[i])
                        meta = {k: hdu.header[k] for k in _HEADER if k in hdu.header}
                        found = from_astropy(table)
                        units = {c.name: c.unit for c in hdu.columns if c.unit}
                        return found.replace(meta=meta, units={**found.units, **units})
    except Exception as error:  # astropy raises many kinds on broken files
        raise ValueError(f"{where}: not a whole FITS file (truncated?): {error}") from error
    raise ValueError(
        f"{where}: expected a binary table with a time and a magnitude or flux. "
        f"Received tables with columns: {seen or 'none'}"
    )


def is_light_curve(names: list[str]) -> bool:
    """Whether columns with these names hold times and brightnesses."""
    known = {plain(n): n for n in names}
    return match(known) is not None or bool(named("t", known) and values_of(known, True)[0])


def from_astropy(table: Any) -> Table:
    """Columns of an astropy table, TimeSeries among them: masked to None, times to JD."""
    from astropy.time import Time, TimeDelta

    columns, units = {}, {}
    names = list(table.colnames)
    scalar = {plain(n): n for n in names if getattr(table[n], "ndim", 1) == 1}
    for name in names:
        column = table[name]
        if isinstance(column, Time):
            columns[name] = np.asarray(np.ma.filled(np.ma.asarray(column.jd, float), np.nan), float)
            units[name] = f"JD({column.scale.upper()})"
            continue
        if isinstance(column, TimeDelta):
            columns[name], units[name] = np.asarray(column.jd, float), "d"
            continue
        ndim = getattr(column, "ndim", None)
        if ndim is None or ndim > 2 or (ndim == 2 and named("t", scalar)):
            continue
        unit = getattr(column, "unit", None)
        if unit is not None and str(unit):
            units[name] = str(unit)
        mask = getattr(column, "mask", None)
        values = np.asarray(getattr(column, "value", column))
        if mask is not None and np.any(mask):
            values = np.ma.MaskedArray(values, mask)
        columns[name] = array(list(values) if ndim == 2 else values)
    return Table(columns, units)


# --- Parquet --------------------------------------------------------------------------------


def _parquet(raw: bytes, where: str) -> Table:
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(io.BytesIO(raw))
        data = file.metadata
        size = sum(data.row_group(i).total_byte_size for i in range(data.num_row_groups))
        if data.num_rows > MAX_ROWS or size > LARGEST:
            raise ValueError(f"expected at most {MAX_ROWS} rows. Received: {data.num_rows}")
        table = file.read()
    except Exception as error:
        raise ValueError(f"{where}: not a whole Parquet file (truncated?): {error}") from error
    return from_arrow(table)


def from_arrow(table: Any) -> Table:
    """Columns of an Arrow table; structures in cells become columns ``name.field``."""
    import pyarrow as pa

    while any(pa.types.is_struct(f.type) or _list_of_structs(f.type) for f in table.schema):
        for i, field in enumerate(table.schema):
            if _list_of_structs(field.type):
                column = table.column(i).combine_chunks()
                parts = column.flatten().flatten()
                offsets = column.offsets
                offsets = pa.compute.subtract(offsets, offsets[0])
                fields = [column.type.value_type.field(k).name for k in range(len(parts))]
                cells = pa.StructArray.from_arrays(
                    [type(column).from_arrays(offsets, p) for p in parts], fields
                )
                table = table.set_column(i, field.name, cells)
        table = table.flatten()
    frame = table.to_pandas(ignore_metadata=True)
    return Table({str(c): array(frame[c]) for c in frame.columns})


def _list_of_structs(kind: Any) -> bool:
    import pyarrow as pa

    lists = pa.types.is_list(kind) or pa.types.is_large_list(kind)
    return lists and pa.types.is_struct(kind.value_type)

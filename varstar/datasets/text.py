"""Text tables: delimited or by blanks, with a header line, a commented one, or none.

Rows of units, rules of dashes, titles above the table, remarks behind the values, decimal
commas and UTF-16 are understood. IPAC and CDS tables go through `astropy.io.ascii`.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from varstar.datasets.columns import named, part
from varstar.datasets.layouts import headless, is_number, plain
from varstar.datasets.times import calendar, unit_seconds
from varstar.datasets.values import Table, array, missing

#: Longest line, and most columns, of a table.
LONGEST, MOST_COLUMNS = 1_000_000, 2_000
_COMMENT = ("#", "\\", "%", "!", "//")
_DECIMAL_COMMA = re.compile(r"^[<>]?[+-]?\d+,\d+(?:[eE][+-]?\d+)?$")
_AAVSO = ["NAME", "DATE", "MAG", "MERR", "FILT", "TRANS", "MTYPE", "CNAME", "CMAG", "KNAME", "KMAG",
          "AMASS", "GROUP", "CHART", "NOTES"]  # fmt: skip
_VISUAL = ["NAME", "DATE", "MAG", "COMMENTCODE", "COMP1", "COMP2", "CHART", "NOTES"]
_UNIT_WORDS = {
    "mag", "mmag", "deg", "jy", "mjy", "ujy", "njy", "e-/s", "adu", "ppm", "arcsec", "pix", "ct",
    "counts", "char", "double", "int", "long", "float", "str", "string", "mag(ab)", "abmag",
    "vegamag",
    "electron/s", "e/s", "pixel", "text", "h:m:s", "d:m:s", "none", "null", "-", "--", "---", "utc",
    "ut", "erg/s/cm2", "%", "date", "yyyy-mm-dd", "unitless", "object", "bool",
}  # fmt: skip


def decode(raw: bytes, where: str) -> str:
    """Bytes as text: UTF-8, UTF-16 with or without its mark, else Latin-1."""
    for mark, name in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if raw.startswith(mark):
            return raw.decode(name, errors="replace")
    head = raw[:2000]
    for start, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(head) > 20 and head[start::2].count(0) > 0.45 * len(head):
            return raw.decode(name, errors="replace")
    if b"\x00" in head:
        raise ValueError(
            f"{where}: unknown format. Expected text, CSV, ECSV, VOTable, a FITS table or Parquet"
        )
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def parse(content: str, where: str, asked: Mapping[str, Any]) -> Table:
    """A text table.

    Parameters
    ----------
    content : str
    where : str
        Begins the message of errors.
    asked : mapping
        Columns that the caller names; positions stand for files without a header.

    Raises
    ------
    ValueError
        No measurements, rows of different lengths, columns without names.
    """
    lines = content.splitlines()
    if re.match(r"\s*<(!doctype\s+html|html|head|body)", content[:500], re.I):
        raise ValueError(f"{where}: expected a table. Received: a web page (HTML)")
    if any(len(s) > LONGEST for s in lines):
        raise ValueError(f"{where}: expected lines of at most {LONGEST} characters")
    special = _special(content, lines)
    if special:
        try:
            return _by_astropy(content, special, where)
        except ValueError:  # a table between bars is not always IPAC's
            if special != "ascii.ipac" or content.startswith("\\"):
                raise
    body = [i for i, s in enumerate(lines) if s.strip() and not s.lstrip().startswith(_COMMENT)]
    comments = [s.strip() for s in lines if s.lstrip().startswith(_COMMENT)]
    if not body:
        raise ValueError(f"{where}: no measurements, only {len(comments)} comment lines")
    meta = _aavso_meta(comments)
    delimiter = _delimiter([lines[i] for i in body[:200]], meta.get("DELIM"))
    head = list(_split([lines[i] for i in body[:300]], delimiter))
    n = _width([f for _, f in head])
    if n > MOST_COLUMNS:
        raise ValueError(f"{where}: expected at most {MOST_COLUMNS} columns. Received: {n}")
    start = next((k for k, (_, f) in enumerate(head) if _is_data(f, n)), None)
    above = [f for _, f in head[: len(head) if start is None else start]]
    first = body[head[start - 1][0]] if start else body[0] if start == 0 else len(lines)
    header, units = _header(above, comments, delimiter, n, meta)
    if header is None and start is None and head:
        header, n = head[0][1], len(head[0][1])
    if header is not None:
        _named_once(header, where)
    rows = _columns(lines, first, delimiter, n, header, where) if start is not None else []
    columns, named_, meta = _name(rows, header, n, asked, where, meta)
    units = {h: u for h, u in zip(header or [], units, strict=False) if u}
    return Table(columns, units, named_, meta)


def _special(content: str, lines: list[str]) -> str | None:
    """The astropy.io.ascii format of IPAC and CDS tables."""
    rows = [s for s in lines[:500] if s.strip() and not s.startswith("\\")]
    if (
        len(rows) > 1
        and rows[0].startswith("|")
        and (rows[1].startswith("|") or content.startswith("\\"))
    ):
        return "ascii.ipac"
    if any(s.startswith("Byte-by-byte Description") for s in lines[:300]):
        return "ascii.cds"
    return None


def _by_astropy(content: str, form: str, where: str) -> Table:
    from varstar.datasets.containers import astropy_table

    return astropy_table(io.BytesIO(content.encode()), form, where)


def _aavso_meta(comments: list[str]) -> dict[str, str]:
    """``#TYPE=EXTENDED``, ``#DELIM=,``, ``#DATE=HJD`` above AAVSO's formats."""
    found = (re.match(r"#\s*(TYPE|DELIM|DATE|OBSTYPE)\s*=\s*(.+)$", c, re.I) for c in comments[:50])
    return {m[1].upper(): m[2].strip() for m in found if m}


def _delimiter(lines: list[str], told: str | None) -> str | None:
    """Tab, semicolon, bar or comma where most lines have as many of it; None for blanks."""
    words = {"comma": ",", "tab": "\t", "space": None, "semicolon": ";"}
    if told and told.lower() in words:
        return words[told.lower()]
    if told and len(told) == 1:
        return told
    for d in ("\t", ";", "|", ","):
        counts = Counter(s.strip("|").count(d) for s in lines)
        counts.pop(0, None)
        if not counts or sum(counts.values()) < 0.6 * len(lines):
            continue
        if d == "," and _decimal_commas(lines):
            return None
        return d
    return None


def _decimal_commas(lines: list[str]) -> bool:
    fields = [s.split() for s in lines]
    good = [f for f in fields if len(f) > 1 and all(_DECIMAL_COMMA.match(v) for v in f[:2])]
    return len(good) > 0.6 * len(lines)


def _split(lines: list[str], delimiter: str | None) -> Iterator[tuple[int, list[str]]]:
    """The fields of each row, and the number of lines read so far (quotes may span lines)."""
    if delimiter is None:
        for i, line in enumerate(lines, 1):
            line = re.sub(r"\s+#.*$", "", line)
            found = re.findall(r'"[^"]*"|\S+', line) if '"' in line else line.split()
            yield i, [v.strip('"') for v in found]
        return
    if delimiter == "|":
        lines = [s.strip().strip("|") for s in lines]
    reader = csv.reader((s + "\n" for s in lines), delimiter=delimiter, skipinitialspace=True)
    for fields in reader:
        yield reader.line_num, [v.strip() for v in fields]


def _width(rows: list[list[str]]) -> int:
    """How many fields a row has: what most rows have, empty ones at the end counted off."""
    counts = Counter(len(r) for r in rows)
    n = max(counts, key=lambda k: (counts[k], k))
    full = [r for r in rows if len(r) == n]
    while n > 1 and len(full) > 1 and all(not r[n - 1] for r in full):
        n -= 1
    return n


def _is_data(fields: list[str], n: int) -> bool:
    """Whether a row holds values: some number, in as many fields as rows have."""
    if len(fields) < min(n, 2):
        return False
    filled = [v for v in fields[:n] if v]
    numeric = [v for v in filled if is_number(v.strip("<>:").replace(",", ".") or "x")]
    return bool(numeric) and (len(fields) == n or is_number(fields[0]) or len(numeric) > 1)


def _header(
    above: list[list[str]], comments: list[str], delimiter: str | None, n: int, meta: dict[str, str]
) -> tuple[list[str] | None, list[str]]:
    """Names and units of the columns, from rows above the data or from comments."""
    rows = [r[:n] if all(not v for v in r[n:]) else r for r in above]
    rows = [r for r in rows if not all(set(v) <= set("-=+") for v in r)]
    found = [r for r in rows if len(r) == n and not any(is_number(v) for v in r)]
    joined = [_glue(r) for r in rows if len(r) > n] if delimiter is None else []
    found += [r for r in joined if len(r) == n]
    if found:
        best = max(found, key=lambda r: (_score(r), -found.index(r)))
        rest = [r for r in found if r is not best and all(_is_unit(v) for v in r)]
        return best, (rest[0] if rest else [])
    candidates = []
    for comment in comments:
        comment = re.sub(
            r"^(columns?|fields?|cols?)\s*[:=]\s*", "", comment.lstrip("#\\%!/ "), flags=re.I
        )
        for d in dict.fromkeys((delimiter, None, ",", "\t")):
            names = next(iter(_split([comment], d)), (0, []))[1]
            names = _glue(names) if d is None and len(names) > n else names
            if len(names) == n and not any(is_number(v) for v in names):
                candidates.append(names)
    if candidates and _score(max(candidates, key=_score)) >= min(2, n):
        best = max(reversed(candidates), key=_score)
        rest = [r for r in candidates if r is not best and all(_is_unit(v) for v in r)]
        return best, (rest[0] if rest else [])
    usual = {"EXTENDED": _AAVSO, "VISUAL": _VISUAL}.get(meta.get("TYPE", "").upper())
    if usual and n <= len(usual) + 1:
        return [*usual, "MORE"][:n], []
    return (candidates[-1], []) if candidates and n > 1 else (None, [])


def _glue(words: list[str]) -> list[str]:
    """Words of a header with units and offsets put back: ``time (s)``, ``HJD - 2450000``."""
    line = re.sub(r"\s+(?=[\[(])", "", " ".join(words))
    line = re.sub(r"\s*[-+]\s*(?=2[34]\d{5})", "-", line)
    return re.findall(r"(?:[^\s\[(]|[\[(][^\])]*[\])])+", line)


def _score(names: list[str]) -> int:
    """How many names of a row are known: times, brightnesses, bands."""
    known = {plain(v): v for v in names if v}
    usual = {n for role in ("t", "band", "star_id", "ra", "dec") for n in named(role, known)}
    return sum(n in usual or part(n) is not None for n in known)


def _is_unit(word: str) -> bool:
    word = word.strip().strip("\"'[]()").lower()
    return (
        not word or word in _UNIT_WORDS or unit_seconds(word) is not None
        or bool(re.fullmatch(r"[hbr]?m?jd\b.*", word))
    )  # fmt: skip


def _named_once(header: list[str], where: str) -> None:
    twice = sorted({h for h in header if h and header.count(h) > 1})
    if twice:
        raise ValueError(f"{where}: expected columns named once. Received twice: {twice}")


def _columns(
    lines: list[str], first: int, delimiter: str | None, n: int, header: Any, where: str
) -> list[np.ndarray]:
    """The columns from line `first` on."""
    rest = lines[first:]
    quick = _quick(rest, delimiter, n)
    if quick is not None:
        return quick
    kept = [(i, s) for i, s in enumerate(rest, first + 1)
            if s.strip() and not s.lstrip().startswith(_COMMENT)]  # fmt: skip
    rows: list[list[str]] = []
    for k, fields in _split([s for _, s in kept], delimiter):
        if header is not None and fields[:n] == header:  # files joined end to end
            continue
        if delimiter is None and len(fields) > n and not is_number(fields[n]):
            fields = fields[:n]  # a remark
        if len(fields) > n and not any(fields[n:]):
            fields = fields[:n]
        if len(fields) != n:
            raise ValueError(
                f"{where}: line {kept[k - 1][0]}: expected {n} fields. Received: {len(fields)} "
                f"(truncated file, or not a table?)"
            )
        rows.append(fields)
    columns = [np.array(c, object) for c in zip(*rows, strict=True)]
    return _points(columns) if delimiter != "," else columns


def _quick(lines: list[str], delimiter: str | None, n: int) -> list[np.ndarray] | None:
    """Many plain rows through pyarrow; None where anything is unusual."""
    if len(lines) < 2000:
        return None
    body = "\n".join(lines)
    if any(c in body for c in '"#\\%!/') or (delimiter != "," and "," in body):
        return None
    total = sum(map(bool, map(str.strip, lines)))
    count = len(body.split()) if delimiter is None else body.count(delimiter)
    if count != (n * total if delimiter is None else (n - 1) * total):
        return None
    import pyarrow as pa
    from pyarrow import csv as arrow

    if delimiter is None:
        body = "\n".join(" ".join(s.split()) for s in lines)
    try:
        table = arrow.read_csv(
            pa.BufferReader(body.encode()),
            arrow.ReadOptions(column_names=[str(i) for i in range(n)]),
            arrow.ParseOptions(delimiter=delimiter or " "),
            arrow.ConvertOptions(null_values=["", "nan", "NaN", "null"], strings_can_be_null=True),
        )
    except pa.ArrowException:
        return None
    plain_types = (pa.types.is_floating, pa.types.is_integer, pa.types.is_string)
    if table.num_rows != total or not all(
        any(f(t) for f in plain_types) for t in table.schema.types
    ):
        return None
    return [array(c.to_pandas()) for c in table.columns]


def _points(columns: list[np.ndarray]) -> list[np.ndarray]:
    """Decimal commas to points, where most values of a column have them."""
    out = []
    for values in columns:
        filled = [v for v in values[:200] if not missing(v)]
        commas = sum(bool(_DECIMAL_COMMA.match(v)) for v in filled)
        if filled and commas > 0.5 * len(filled):
            values = np.array([v.replace(",", ".") for v in values], object)
        out.append(values)
    return out


def _name(
    columns: list[np.ndarray],
    header: list[str] | None,
    n: int,
    asked: Mapping[str, Any],
    where: str,
    meta: dict[str, Any],
) -> tuple[dict[str, np.ndarray], bool, dict[str, Any]]:
    """The columns by name: the header's, a known layout's, or time, magnitude, error."""
    if header is not None:
        columns = columns or [np.array([], object)] * n
        return dict(zip(header, columns, strict=True)), True, meta
    first = [[_written(c[k]) for c in columns] for k in range(min(20, len(columns[0])))]
    if any(isinstance(v, int) and not isinstance(v, bool) for v in asked.values()):
        return {str(i): c for i, c in enumerate(columns)}, False, meta
    if found := headless(first):
        return dict(zip(found[1], columns, strict=True)), True, {**meta, "layout": found[0]}
    usual = ["t", "mag", "err"]
    if n == 2 or (n == 3 and (is_number(first[0][2]) or missing(first[0][2]))):
        return dict(zip(usual, columns, strict=False)), False, meta
    if n == 3 or (n == 4 and not is_number(first[0][3])):
        names = ["t", "mag", "band"] if n == 3 else [*usual, "band"]
        clock = calendar(np.array([first[0][0]], object)) is not None and ":" in first[0][1]
        if not clock:
            return dict(zip(names, columns, strict=True)), False, meta
    if n == 4 and ":" in first[0][1]:
        return dict(zip(["date", "time", "mag", "err"], columns, strict=True)), True, meta
    raise ValueError(
        f"{where}: {n} columns without names: expected time, magnitude and error, or their "
        f"positions from 0, as in t=0, mag=1, err=2. First row: {first[0]}"
    )


def _written(value: Any) -> str:
    return "" if value is None or value != value else str(value)

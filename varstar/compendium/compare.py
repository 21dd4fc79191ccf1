"""What a run made against what the clone came with: the same, within errors, or outside.

Tables are compared cell by cell (`compare_tables`), figures by what they were drawn from:
the record beside them (data, parameters, seed), not their pixels. Run times depend on the
machine; they are counted apart and never judged.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from varstar import paths
from varstar.compendium import record as records
from varstar.compendium.reproduce import record_folder
from varstar.compendium.run import check_profile, find, notebooks

#: Numbers without an error beside them agree to three digits.
RELATIVE = 1e-3
#: Numbers with standard errors agree within so many of their difference's.
SIGMAS = 2.0

_ERRORS = ("sem", "std", "sd", "se", "err", "error")
_TIMES = re.compile(
    r"^(milli)?seconds|seconds(_per_\w+)?$|minutes$|hours$|^times?$|_time$|run_times?|^ms_"
)
_DERIVED = ("difference",)  # of columns that are compared themselves


def is_time(name: str) -> bool:
    """Whether a column or a table of this name holds run times."""
    return bool(_TIMES.search(name))


@dataclass
class Agreement:
    """How a notebook's products compare with those of the clone: counts of numbers and of
    figures, and what lies outside, a line each."""

    notebook: str
    exact: int = 0
    within: int = 0
    times: int = 0
    figures: int = 0
    pixels: int = 0
    outside: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)


def compare(profile: str = "laptop", only: Sequence[str] = ()) -> list[Agreement]:
    """Compare the last run's products of a profile with the committed ones.

    Returns
    -------
    list of Agreement
        One of each notebook, in their order.
    """
    check_profile(profile)
    theirs = committed(profile)
    found = []
    for notebook in [find(name) for name in only] or notebooks():
        record = records.read(record_folder(profile) / f"{notebook.stem}.json") or {}
        made = {place(paths.project() / name): name for name in record.get("products", {})}
        known = {p: path for p, path in theirs.items() if number(p) == notebook.stem[:2]}
        agreement = Agreement(notebook.stem)
        agreement.missing = sorted(set(known) - set(made))
        agreement.new = sorted(set(made) - set(known))
        for where in sorted(set(made) & set(known)):
            _compare_product(paths.project() / made[where], known[where], agreement)
        found.append(agreement)
    return found


def report(found: Sequence[Agreement], maximum: int = 12) -> str:
    """The comparison as text: a line for each notebook, then what lies outside."""
    lines = []
    for a in found:
        lines.append(
            f"{a.notebook}: {a.exact} numbers reproduced exactly, {a.within} within their error, "
            f"{len(a.outside)} outside; {a.figures} figures from the same data and parameters "
            f"({a.pixels} to the pixel); {a.times} run times not judged"
        )
        for what in ("outside", "missing", "new"):
            entries = getattr(a, what)
            lines += [f"  {what}: {text}" for text in entries[:maximum]]
            if len(entries) > maximum:
                lines.append(f"  {what}: and {len(entries) - maximum} more")
    return "\n".join(lines)


def save(found: Sequence[Agreement], profile: str) -> Path:
    """Write the whole list, nothing left out, beside the run's records."""
    path = record_folder(profile) / "compared.json"
    records.write_json(path, [vars(a) for a in found])
    return path


def committed(profile: str) -> dict[str, Path]:
    """Place in the folder of figures -> product, of the clone's products of a profile."""
    found = {}
    for path in sorted(paths.committed_figures().rglob("*.json")):
        record = records.read(path) or {}
        if record.get("profile") == profile and "product" in record:
            product = path.with_name(record["product"])
            found[product.relative_to(paths.committed_figures()).as_posix()] = product
    return found


def place(product: Path) -> str:
    """``"simulated/01_s20/fig01.png"``."""
    return "/".join(product.parts[-3:])


def number(where: str) -> str:
    """The notebook's number in a product's place."""
    return where.split("/")[1][:2]


def _compare_product(made: Path, known: Path, into: Agreement) -> None:
    name = place(made)
    if not made.is_file():
        into.missing.append(name)
    elif made.suffix == ".csv":
        agreement = compare_tables(_table(made), _table(known), timing=is_time(made.stem))
        into.exact += agreement.exact
        into.within += agreement.within
        into.times += agreement.times
        into.outside += [f"{name}: {text}" for text in agreement.outside]
    else:
        different = _provenance_differs(made.with_suffix(".json"), known.with_suffix(".json"))
        into.figures += not different
        into.pixels += paths.sha256(made) == paths.sha256(known)
        into.outside += [f"{name}: other {text}" for text in different]


def _table(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def _provenance_differs(made: Path, known: Path) -> list[str]:
    one, two = (records.read(path) or {} for path in (made, known))
    names = ("data", "kind", "seed", "profile", "parameters", "caption")
    return [name for name in names if one.get(name) != two.get(name)]


# --- tables -------------------------------------------------------------------------------


def compare_tables(made: pd.DataFrame, known: pd.DataFrame, timing: bool = False) -> Agreement:
    """Compare two tables of strings, cell by cell.

    Rows belong together by the first columns that tell them apart. A number agrees when
    it differs by no more than its error allows: `SIGMAS` standard errors of the difference
    where a column ``<name>_sem`` (``std``, ``err``, ``error``), or a plain ``sem`` to the
    right, stands beside it; the half widths, added in quadrature, of intervals
    ``<name>_low`` and ``<name>_high``. Without either, by a part in a thousand. Columns of
    errors are judged with the column that they belong to.

    Parameters
    ----------
    made, known : DataFrame of str
    timing : bool
        The table holds run times: its numbers are counted, not judged.
    """
    found = Agreement("")
    lost = [c for c in known.columns if c not in made.columns]
    extra = [c for c in made.columns if c not in known.columns]
    found.outside += [f"column {c} is missing" for c in lost]
    found.outside += [f"column {c} is new" for c in extra]
    shared = [c for c in known.columns if c in made.columns]
    errors = _errors(shared)
    of_errors = {c for names in errors.values() for c in names}
    for label, ours, theirs in _pairs(made, known, shared, found):
        time = timing or is_time(theirs.get("quantity", "").split(".")[-1])
        for column in shared:
            if column in of_errors or column in _DERIVED:
                continue
            if (time or is_time(column)) and _number_of(theirs[column]) is not None:
                found.times += 1
                continue
            verdict = _cell(ours, theirs, column, errors.get(column, ()))
            if verdict == "exact":
                found.exact += 1
            elif verdict == "within":
                found.within += 1
            elif verdict:
                found.outside.append(f"{label}, {column}: {verdict}")
    return found


def _pairs(made: pd.DataFrame, known: pd.DataFrame, shared: list[str], found: Agreement) -> list:
    """Rows of both that belong together, each with what to call it."""
    ours, theirs = made.to_dict("records"), known.to_dict("records")
    for n in range(1, len(shared) + 1):
        key = shared[:n]
        a, b = ([tuple(row[c] for c in key) for row in rows] for rows in (ours, theirs))
        if len(set(a)) == len(a) and len(set(b)) == len(b) and len(set(a) & set(b)) > len(b) / 2:
            here = dict(zip(a, ours, strict=True))
            there = dict(zip(b, theirs, strict=True))
            found.outside += [f"row {' '.join(k)} is missing" for k in b if k not in here]
            found.outside += [f"row {' '.join(k)} is new" for k in a if k not in there]
            return [(" ".join(k), here[k], there[k]) for k in b if k in here]
    if len(ours) != len(theirs):
        found.outside.append(f"rows: {len(theirs)} -> {len(ours)}")
        return []
    return [(f"row {i + 1}", *pair) for i, pair in enumerate(zip(ours, theirs, strict=True))]


def _errors(columns: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Column -> the column of its standard error, or the two of its interval."""
    found: dict[str, tuple[str, ...]] = {}
    known = set(columns)
    for i, column in enumerate(columns):
        following = columns[i + 1 : i + 3]
        prefix = column.rpartition("_")[0]
        beside = [f"{column}_{e}" for e in _ERRORS] + [f"{e}_{column}" for e in _ERRORS]
        if following and following[0] in (*_ERRORS, *(f"{prefix}_{e}" for e in _ERRORS if prefix)):
            beside.append(following[0])
        interval = [(f"{column}_low", f"{column}_high")]
        if list(following) == ["low", "high"]:
            interval.append(("low", "high"))
        for pair in interval:
            if known.issuperset(pair):
                found[column] = pair
        for name in beside:
            if name in known:
                found[column] = (name,)
    of_errors = {c for names in found.values() for c in names}
    return {column: names for column, names in found.items() if column not in of_errors}


def _cell(
    ours: Mapping[str, str], theirs: Mapping[str, str], column: str, errors: Sequence[str]
) -> str:
    """``"exact"``, ``"within"``, what is wrong, or nothing where both are empty."""
    a, b = _number_of(ours[column]), _number_of(theirs[column])
    if ours[column] == theirs[column] or (a is not None and a == b):
        return "exact" if ours[column] else ""
    change = f"{theirs[column] or 'empty'} -> {ours[column] or 'empty'}"
    if a is None or b is None:
        return change
    allowed = RELATIVE * max(abs(a), abs(b))
    half = [_half_width(row, column, errors) for row in (ours, theirs)]
    if errors and None not in half:
        allowed = max(allowed, math.hypot(*half))
    return "within" if abs(a - b) <= allowed * (1 + 1e-9) else f"{change} (allowed {allowed:.2g})"


def _half_width(row: Mapping[str, str], column: str, errors: Sequence[str]) -> float | None:
    values = [_number_of(row[name]) for name in errors]
    if not values or None in values:
        return None
    return SIGMAS * values[0] if len(values) == 1 else (values[1] - values[0]) / 2


def _number_of(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None

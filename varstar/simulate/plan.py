"""Which class each star of a simulated survey has: proportions, rare classes first."""

from collections.abc import Mapping, Sequence

import numpy as np

from varstar.simulate.star_model import Array


def members(spec: Mapping, classes: Sequence[str] | str | None) -> list[dict]:
    """The rows of the survey's table of classes that are asked for."""
    rows = spec["classes"]
    if classes is None:
        classes = spec.get("default")
    if isinstance(classes, str) and classes in spec.get("choices", {}):
        classes = spec["choices"][classes]
    if classes is None:
        return list(rows)
    wanted = [classes] if isinstance(classes, str) else list(classes)
    known = {r["superclass"] for r in rows} | {r["label"] for r in rows}
    unknown = [c for c in wanted if c not in known]
    if unknown or not wanted:
        raise ValueError(
            f"classes: expected some of {sorted(known)} or a choice of "
            f"{sorted(spec.get('choices', {}))}. Received: {classes!r}"
        )
    return [r for r in rows if r["label"] in wanted or r["superclass"] in wanted]


def _unit(spec: Mapping, balance: str | Mapping[str, float] | None) -> str:
    """Whether a balance is between labels or superclasses."""
    if balance == "labels":
        return "label"
    if isinstance(balance, Mapping) and set(balance) <= {r["label"] for r in spec["classes"]}:
        return "label"
    return spec["balance_by"]


def _fractions(spec: Mapping, rows: list[dict], balance: str | Mapping[str, float] | None) -> Array:
    """Part of each row of the table of classes; they sum to 1."""
    unit = [r[_unit(spec, balance)] for r in rows]
    count = np.array([r["count"] for r in rows], float)
    if balance is None or balance == "natural":
        return count / count.sum()
    if isinstance(balance, str) and balance not in ("equal", "labels"):
        raise ValueError(
            f"balance: expected 'natural', 'equal', 'labels' or a dict. Received: {balance!r}"
        )
    units = sorted(set(unit))
    if isinstance(balance, str):
        balance = dict.fromkeys(units, 1.0)
    unknown = [c for c in balance if c not in units]
    share = np.array(list(balance.values()), float)
    fine = len(share) and (np.isfinite(share) & (share >= 0)).all() and share.sum() > 0
    if unknown or not fine:
        raise ValueError(
            f"balance: expected parts >= 0 of {units}, not all zero. Received: {dict(balance)}"
        )
    total = {c: sum(n for u, n in zip(unit, count, strict=True) if u == c) for c in units}
    parts = np.array([balance.get(u, 0) * n / total[u] for u, n in zip(unit, count, strict=True)])
    return parts / parts.sum()


def plan(
    spec: Mapping,
    size: int,
    balance: str | Mapping[str, float] | None = None,
    classes: Sequence[str] | str | None = None,
    minimum: int | None = None,
) -> tuple[list[dict], Array, Array]:
    """Which class each star of the endless survey has.

    The first stars are `minimum` of each class in turn, so that even a small natural
    sample has some of the rare ones (not for ``balance="equal"``, or a dict); then
    star i takes the class that the i-th point of the golden-ratio sequence falls on,
    which keeps every class within about one star of its part at any size.

    Returns
    -------
    rows : list of dict
        The rows of the survey's table of classes that may occur.
    row : ndarray of int, shape (size,)
        For each star, its row.
    number : ndarray of int, shape (size,)
        How many of the same row came before it.
    """
    rows = members(spec, classes)
    parts = _fractions(spec, rows, balance)
    unit_of = _unit(spec, balance)
    order = np.argsort([str(r[unit_of]) for r in rows], kind="stable")
    edges = np.cumsum(parts[order])
    natural = balance is None or balance == "natural"
    minimum = (spec["minimum"] if natural else 0) if minimum is None else int(minimum)
    units = list(dict.fromkeys(str(rows[j][unit_of]) for j in order if parts[j] > 0))
    row = np.empty(size, np.int64)
    first = min(minimum * len(units), size)
    golden = 0.6180339887498949
    for i in range(first):
        unit = units[i % len(units)]
        mine = [j for j in order if rows[j][unit_of] == unit]
        share = np.cumsum(parts[mine]) / parts[mine].sum()
        at = np.searchsorted(share, np.mod((i // len(units) + 0.5) * golden, 1.0))
        row[i] = mine[min(int(at), len(mine) - 1)]
    u = np.mod((np.arange(first, size) + 0.5) * golden, 1.0)
    at = np.minimum(np.searchsorted(edges, u * edges[-1], side="right"), len(rows) - 1)
    row[first:] = order[at]
    number = np.empty(size, np.int64)
    for j in range(len(rows)):
        mine = row == j
        number[mine] = np.arange(mine.sum())
    return rows, row, number

"""Raw files to ``stars.parquet`` and ``observations.parquet``, star by star.

Measurements go through in portions, so that memory stays flat however many there are;
both files appear only when they are whole.
"""

import json
import os
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from varstar import __version__
from varstar.datasets.download import sha256

STARS, OBSERVATIONS, PROVENANCE = "stars.parquet", "observations.parquet", "provenance.json"
#: Measurements held in memory before they are written.
PORTION = 500_000
_SCHEMA = pa.schema(
    [
        ("star_id", pa.string()),
        ("band", pa.string()),
        ("time", pa.float64()),
        ("mag", pa.float32()),
        ("mag_err", pa.float32()),
    ]
)


class Curve(NamedTuple):
    """One star's measurements in one band; a star's bands follow each other.

    Attributes
    ----------
    star_id, band : str
    t, mag, err : ndarray of float64, shape (n_points,)
        Time [d] in the scale that the stars' ``time_scale`` names, magnitude, error [mag].
    """

    star_id: str
    band: str
    t: np.ndarray
    mag: np.ndarray
    err: np.ndarray


def write_survey(
    folder: str | Path,
    stars: pd.DataFrame,
    curves: Iterable[Curve],
    provenance: dict[str, Any] | None = None,
    portion: int = PORTION,
) -> dict[str, Any]:
    """Write a survey in the form that `varstar.load` reads.

    Parameters
    ----------
    folder : path
        Made where it is not there; files of an earlier conversion are replaced.
    stars : DataFrame
        One row a star, with ``star_id`` and ``label``.
    curves : iterable of Curve
        Taken one at a time. Curves of stars that `stars` lacks are left out and counted;
        points without a finite time or magnitude are left out.
    provenance : dict, optional
        Written beside, with counts and SHA-256 of the two files.
    portion : int
        Measurements held in memory.

    Returns
    -------
    dict
        What was written: numbers of stars, stars without a measurement, observations.

    Raises
    ------
    ValueError
        Stars without ``star_id`` or ``label``, or a star twice; a star or band that comes
        back after another star.
    """
    folder = Path(folder)
    missing = [c for c in ("star_id", "label") if c not in stars.columns]
    if missing:
        raise ValueError(f"stars: missing columns {missing}. Received: {list(stars.columns)}")
    stars = stars.assign(star_id=stars["star_id"].astype(str)).reset_index(drop=True)
    if stars["star_id"].duplicated().any():
        twice = stars.loc[stars["star_id"].duplicated(), "star_id"].head(3).tolist()
        raise ValueError(f"stars: expected star_id once. Received twice: {twice}")
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / ".converting"  # what a killed conversion left is thrown away
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    try:
        counts, strangers = _write_observations(
            temporary / OBSERVATIONS, curves, set(stars["star_id"]), portion
        )
        bands = sorted({band for _, band in counts})
        for band in bands:
            n = [counts.get((s, band), 0) for s in stars["star_id"]]
            stars[f"n_obs_{band}"] = np.array(n, np.int32)
        n_obs = stars[[f"n_obs_{b}" for b in bands]].sum(axis=1) if bands else 0
        stars["n_obs"] = np.asarray(n_obs, np.int32) if bands else np.int32(0)
        stars.to_parquet(temporary / STARS, index=False)
        summary = {
            "stars": len(stars),
            "stars_without_observations": int((stars["n_obs"] == 0).sum()),
            "observations": int(sum(counts.values())),
            "bands": bands,
            "curves_of_unknown_stars": strangers,
        }
        record = {
            **(provenance or {}),
            **summary,
            "sha256": {name: sha256(temporary / name) for name in (STARS, OBSERVATIONS)},
            "converted": datetime.now(UTC).isoformat(timespec="seconds"),
            "varstar": __version__,
        }
        text = json.dumps(record, indent=1, ensure_ascii=False)
        (temporary / PROVENANCE).write_text(text + "\n", encoding="utf-8")
        for name in (OBSERVATIONS, STARS, PROVENANCE):
            os.replace(temporary / name, folder / name)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return summary


def _write_observations(
    path: Path, curves: Iterable[Curve], known: set[str], portion: int
) -> tuple[dict[tuple[str, str], int], int]:
    counts: dict[tuple[str, str], int] = {}
    strangers, held = 0, 0
    buffer: list[Curve] = []
    current: dict[str, Curve] = {}
    star, done = None, set()

    with pq.ParquetWriter(path, _SCHEMA, compression="zstd") as writer:

        def close_star() -> int:
            """The star's bands, in order, to the buffer."""
            n = 0
            for band in sorted(current):
                curve = current[band]
                keep = np.isfinite(curve.t) & np.isfinite(curve.mag)
                order = np.flatnonzero(keep)[np.argsort(curve.t[keep], kind="stable")]
                if len(order):
                    flat = (np.asarray(a)[order] for a in (curve.t, curve.mag, curve.err))
                    buffer.append(Curve(curve.star_id, band, *flat))
                    counts[curve.star_id, band] = len(order)
                    n += len(order)
            current.clear()
            return n

        for curve in curves:
            if curve.star_id not in known:
                strangers += 1
                continue
            if curve.star_id != star:
                if curve.star_id in done:
                    raise ValueError(
                        f"the curves of star {curve.star_id!r} do not follow each other"
                    )
                held += close_star()
                star = curve.star_id
                done.add(star)
                if held >= portion:
                    writer.write_table(_table(buffer))
                    buffer, held = [], 0
            if curve.band in current:  # several files or fields of one star and band
                old = current[curve.band]
                flat = [np.concatenate([a, b]) for a, b in zip(old[2:], curve[2:], strict=True)]
                curve = Curve(curve.star_id, curve.band, *flat)
            current[curve.band] = curve
        close_star()
        writer.write_table(_table(buffer))
    return counts, strangers


def _table(curves: list[Curve]) -> pa.Table:
    if not curves:
        return _SCHEMA.empty_table()
    row = pa.array(np.repeat(np.arange(len(curves)), [len(c.t) for c in curves]))
    names = [pa.array([c[k] for c in curves], pa.string()).take(row) for k in (0, 1)]
    flat = [np.concatenate([np.asarray(c[k], float) for c in curves]) for k in (2, 3, 4)]
    values = [pa.array(flat[0]), *(pa.array(v.astype(np.float32)) for v in flat[1:])]
    return pa.table([*names, *values], schema=_SCHEMA)


def check_survey(folder: str | Path) -> list[str]:
    """What is wrong with a survey on disk: files, columns, counts, hashes; [] when all is well."""
    folder = Path(folder)
    problems = []
    for name in (STARS, OBSERVATIONS):
        if not (folder / name).is_file():
            problems.append(f"{name}: not there")
    if problems:
        return problems
    try:
        stars = pq.read_schema(folder / STARS)
        file = pq.ParquetFile(folder / OBSERVATIONS)
    except (pa.ArrowException, OSError) as error:
        return [f"not a whole Parquet file: {error}"]
    for name, schema, wanted in (
        (STARS, stars, ["star_id", "label"]),
        (OBSERVATIONS, file.schema_arrow, _SCHEMA.names),
    ):
        missing = [c for c in wanted if c not in schema.names]
        if missing:
            problems.append(f"{name}: missing columns {missing}")
    if problems:
        return problems
    known = set(pq.read_table(folder / STARS, columns=["star_id"])["star_id"].to_pylist())
    seen, rows, blocks = _stars_of(file)
    if seen - known:
        example = sorted(map(str, seen - known))[:3]
        problems.append(
            f"{OBSERVATIONS}: {len(seen - known)} stars that {STARS} lacks, for example {example}"
        )
    if blocks > len(seen):
        problems.append(f"{OBSERVATIONS}: not sorted by star")
    record = folder / PROVENANCE
    return problems + (_differences(record, len(known), rows) if record.is_file() else [])


def _stars_of(file: pq.ParquetFile) -> tuple[set[str], int, int]:
    """The stars in the observations, the number of rows, and of runs of one star."""
    seen, rows, blocks, last = set(), 0, 0, None
    for batch in file.iter_batches(columns=["star_id", "time"]):
        ids = batch["star_id"].dictionary_encode()
        names, changes = ids.dictionary.to_pylist(), ids.indices.to_numpy()
        seen |= set(names)
        rows += len(batch)
        for i in np.flatnonzero(np.diff(changes, prepend=-1)):
            if names[changes[i]] != last:
                blocks += 1
                last = names[changes[i]]
    return seen, rows, blocks


def _differences(record: Path, n_stars: int, n_rows: int) -> list[str]:
    """How a survey on disk differs from what was written when it was converted."""
    saved = json.loads(record.read_text(encoding="utf-8"))
    problems = []
    if saved.get("stars") not in (None, n_stars):
        problems.append(f"{STARS}: {n_stars} stars, {saved['stars']} when converted")
    if saved.get("observations") not in (None, n_rows):
        problems.append(
            f"{OBSERVATIONS}: {n_rows} observations, {saved['observations']} when converted"
        )
    for name, value in saved.get("sha256", {}).items():
        if sha256(record.parent / name) != value:
            problems.append(f"{name}: not the file that was converted (SHA-256 differs)")
    return problems

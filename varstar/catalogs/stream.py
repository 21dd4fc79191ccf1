"""Folders of Parquet larger than memory, classified piece by piece: `classify_folder`.

Each piece (some rows of a row group of a file) becomes one Parquet file of answers, written
under a temporary name and renamed, whose name holds a hash of what it depends on: the
file's content, the model and the options. A run that was killed goes on with what is
missing; a file that changed is done again.
"""

import hashlib
import json
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import lru_cache
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from varstar import paths
from varstar.progress import tqdm

#: Stars of a piece.
ROWS = 1000
#: Files of a HATS catalogue that hold no stars.
_NO_DATA = ("_metadata", "_common_metadata", "partition_info", "data_thumbnail")


class Task(NamedTuple):
    """A row group of a file, and what is done with it."""

    folder: str
    file: str
    group: int
    output: str
    model: str
    options: dict[str, Any]
    rows: int


def is_catalogue(path: str | Path) -> bool:
    """Whether a folder is a HATS catalogue, or holds Parquet files with nested light curves."""
    path = Path(path)
    if not path.is_dir():
        return False
    if any((path / name).is_file() for name in ("collection.properties", "hats.properties")):
        return True
    for file in data_files(path)[:3]:
        try:
            schema = pq.read_schema(file)
        except (OSError, pa.ArrowException):
            continue
        if any(_holds_lists(kind) for kind in schema.types):
            return True
    return False


def _holds_lists(kind: pa.DataType) -> bool:
    if pa.types.is_struct(kind):
        return any(_holds_lists(field.type) for field in kind)
    return pa.types.is_list(kind) or pa.types.is_large_list(kind)


def data_files(folder: str | Path) -> list[Path]:
    """The Parquet files with stars of a folder, or of the main catalogue of a HATS collection."""
    folder = Path(folder)
    collection = folder / "collection.properties"
    if collection.is_file():
        lines = (line.partition("=") for line in collection.read_text().splitlines())
        known = {key.strip(): value.strip() for key, _, value in lines}
        folder = folder / known.get("hats_primary_table_url", "")
    if (folder / "dataset").is_dir():
        folder = folder / "dataset"
    found = sorted(folder.rglob("*.parquet"))
    return [p for p in found if p.stem not in _NO_DATA and not p.name.startswith(("_", "."))]


def classify_folder(
    folder: str | Path,
    output: str | Path,
    model: str,
    *,
    workers: int = 1,
    rows: int = ROWS,
    **options: Any,
) -> pd.DataFrame:
    """Classify the stars of all Parquet files of a folder.

    Parameters
    ----------
    folder : path
        A HATS catalogue or collection, or any folder of Parquet files, with one row a star
        and its light curve nested (`varstar.catalogs.read_partition`).
    output : path
        A folder. The answers of ``<file>.parquet`` go to ``<file>/*.parquet`` in it, of the
        columns of `varstar.classify`, behind those that name and place the stars; the
        whole is read by ``pandas.read_parquet(output)``. ``_summary.csv`` says what became
        of each file.
    model : str
    workers : int
        Processes, each of one thread.
    rows : int
        Stars of a piece.
    **options
        Of `varstar.classify`: ``bands``, ``layout``, ``keep``.

    Returns
    -------
    DataFrame
        One row a file: ``file``, ``stars``, ``classified``, ``error``.

    Raises
    ------
    ValueError
        A folder without Parquet files, or an `output` that holds other answers.
    """
    folder, output = Path(folder), Path(output)
    files = data_files(folder)
    if not files:
        raise ValueError(f"{folder}: expected Parquet files with stars. Received: none")
    _begin(output, {"model": model, "rows": rows, **options})
    tasks, table = [], {}
    for path in files:
        name = str(path.relative_to(folder))
        table[name] = {"file": name, "stars": 0, "classified": 0, "error": ""}
        try:
            groups = pq.read_metadata(path)
        except (OSError, pa.ArrowException) as error:
            table[name]["error"] = f"unreadable: {error}"
            continue
        for k in range(groups.num_row_groups):
            task = Task(str(folder), name, k, str(output), model, options, rows)
            tasks.append((task, groups.row_group(k).num_rows))
    total = sum(n for _, n in tasks)
    with tqdm(total=total, desc="stars", unit="star", smoothing=0.05) as bar:
        for task, count, ok, error in _run([task for task, _ in tasks], workers):
            row = table[task.file]
            row["stars"] += count
            row["classified"] += ok
            row["error"] = row["error"] or error
            bar.update(count)
    summary = pd.DataFrame(table.values())
    with paths.atomic(output / "_summary.csv") as temporary:
        summary.to_csv(temporary, index=False)
    return summary


def _begin(output: Path, options: Mapping[str, Any]) -> None:
    """Make the folder, or see that what it holds are answers to the same question."""
    from varstar.models import store

    sha = paths.sha256(store.find(options["model"]) / "card.json")
    settings = json.loads(json.dumps({**options, "card": sha}, default=str))
    known = output / "_run.json"
    if known.is_file():
        before = json.loads(known.read_text())
        if before != settings:
            raise ValueError(
                f"{output} holds the answers of another run ({before}); this one is {settings}. "
                "Give another --output, or remove that folder"
            )
        for old in output.rglob("*.tmp.*"):  # of a run that was killed
            old.unlink(missing_ok=True)
        return
    if output.is_dir() and any(output.iterdir()):
        raise ValueError(f"expected a new or empty folder. Received: {output}, which is not empty")
    with paths.atomic(known) as temporary:
        temporary.write_text(json.dumps(settings, indent=1) + "\n")


def _run(tasks: Sequence[Task], workers: int) -> Iterator[tuple[Task, int, int, str]]:
    """What became of each piece: task, stars, classified ones, error."""
    if workers <= 1:
        for task in tasks:
            for piece in _pieces(task):
                yield task, *piece
        return
    one = {"OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
    before = {name: os.environ.get(name) for name in one}
    os.environ.update(one)  # what the workers are born with
    try:
        context = get_context("spawn")
        with ProcessPoolExecutor(workers, context, initializer=_end_with_the_parent) as pool:
            waiting = {pool.submit(_whole, task): task for task in tasks}
            for done in as_completed(waiting):
                yield waiting[done], *done.result()
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _end_with_the_parent() -> None:
    """A worker does not go on when the process that started it was killed."""

    def wait() -> None:
        parent_process().join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def _whole(task: Task) -> tuple[int, int, str]:
    pieces = list(_pieces(task))
    return sum(n for n, *_ in pieces), sum(n for _, n, _ in pieces), "".join(e for *_, e in pieces)


def _pieces(task: Task) -> Iterator[tuple[int, int, str]]:
    """Stars and classified ones of each piece, done now or before; an error ends them."""
    try:
        yield from _answers(task)
    except (ValueError, OSError, pa.ArrowException) as error:
        yield 0, 0, f"{type(error).__name__}: {error}"


def _answers(task: Task) -> Iterator[tuple[int, int, str]]:
    source = Path(task.folder) / task.file
    target = Path(task.output) / Path(task.file).with_suffix("")
    stat = source.stat()
    content = _content(source, stat.st_mtime_ns, stat.st_size)
    settings = json.loads((Path(task.output) / "_run.json").read_text())
    key = hashlib.sha256(json.dumps([content, settings]).encode()).hexdigest()[:16]
    for old in target.glob("*.parquet"):  # of other content
        if not old.stem.endswith(f"-{key}"):
            old.unlink(missing_ok=True)
    with pq.ParquetFile(source) as file:
        batches = file.iter_batches(task.rows, row_groups=[task.group], use_threads=False)
        for k, batch in enumerate(batches):
            name = f"group{task.group:04}_piece{k:05}"
            path = target / f"{name}-{key}.parquet"
            if not path.is_file():
                table = _classified(pa.Table.from_batches([batch]), task)
                with paths.atomic(path) as temporary:
                    table.to_parquet(temporary)
            status = pq.read_table(path, columns=["status"], partitioning=None)["status"]
            yield len(status), status.to_pylist().count("ok"), ""


@lru_cache(maxsize=4)
def _content(path: Path, changed: int, size: int) -> str:
    return paths.sha256(path)


def _classified(table: pa.Table, task: Task) -> pd.DataFrame:
    """The answers of one piece."""
    from nested_pandas.nestedframe.io import from_pyarrow

    import varstar as vs

    frame = from_pyarrow(table)
    for index in ("_healpix_29", "_hipscat_index"):
        if index in frame:
            frame = frame.set_index(index)
    return vs.classify(frame, model=task.model, **task.options)

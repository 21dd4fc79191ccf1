"""varstar's functions on catalogues of any size: a partition in, a table out.

What `varstar.classify` and the other functions of the front door do beyond those of the
rooms: they take a partition of a survey's catalogue as LSDB (or Dask, or Spark) hands it
over, so that one line classifies a survey::

    catalog.map_partitions(vs.classify, model="k21-lmc").write_catalog("classes")

The measurements are recognised by their names (`varstar.catalogs.nested.read_partition`), the
stars' names and positions come back with the partition's own index, every column has the
same dtype in an empty partition, and no star's answer depends on its neighbours.
"""

import functools
import inspect
import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from varstar.catalogs.columns import is_plain
from varstar.catalogs.nested import read_partition
from varstar.catalogs.worker import settle

__all__ = ["is_partition", "of_partitions", "read_partition"]

#: Measurements that are worked on at once, which bounds the memory.
POINTS = 2_000_000
#: Columns that come back: names and positions of the stars.
_IDS = re.compile(
    r"(.*_)?(star|object|source|obj|dia_?object|ss_?object)_?id|(.*_)?oid|id|name|(coord_|obj)?(ra|dec)",
    re.IGNORECASE,
)


def is_partition(sample: Any) -> bool:
    """Whether a table is a part of a survey's catalogue and not a sample of varstar's."""
    if not isinstance(sample, pd.DataFrame):
        return False
    if str(sample.index.name).startswith(("_healpix", "_hipscat")):
        return True
    if "lc" in sample.columns:
        return not {"t", "mag"} <= set(getattr(sample["lc"].array, "field_names", ("t", "mag")))
    return not all(is_plain(sample[c]) for c in sample.columns)


def of_partitions(function: Callable) -> Callable:
    """A function of a sample that takes partitions of catalogues too.

    It has two options more, `layout` and `keep` (see the module). What is no partition goes
    to the function as it is.
    """
    make = _images if function.__name__ == "fold_images" else _table
    signature = inspect.signature(function)

    @functools.wraps(function)
    def front(
        sample: Any,
        *args: Any,
        layout: str | Mapping[str, Any] | None = None,
        keep: Sequence[str] | None = None,
        **options: Any,
    ) -> Any:
        if layout is None and keep is None and not is_partition(sample):
            return function(sample, *args, **options)
        settle()
        bands = signature.bind(sample, *args, **options).arguments.get("bands")
        tables = [
            make(function, read_partition(part, layout, bands), *args, **options)
            for part in _parts(sample)
        ]
        table = pd.concat(tables) if len(tables) > 1 else tables[0]
        return _with_ids(table, sample, keep)

    own = list(inspect.signature(front, follow_wrapped=False).parameters.values())[2:4]
    given = list(signature.parameters.values())
    end = next((i for i, p in enumerate(given) if p.kind is p.VAR_KEYWORD), len(given))
    front.__signature__ = signature.replace(parameters=[*given[:end], *own, *given[end:]])
    own_doc = inspect.cleandoc(function.__doc__)
    front.__doc__ = own_doc + ("" if "\nNotes\n-----" in own_doc else "\n\nNotes\n-----") + _DOC
    return front


_DOC = """
A partition of LSDB's, with a nested column of any name, is taken as it is: its measurements
are recognised by their names, or told by `layout` (see `varstar.catalogs.read_partition`). The
answer then begins with the columns that name and place the stars, or with those of `keep`,
and has the partition's index.
"""


def _parts(partition: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Pieces of a partition of about `POINTS` measurements."""
    counts = np.zeros(len(partition), np.int64)
    for column in partition.columns:
        lengths = getattr(partition[column].array, "list_lengths", None)
        if lengths is None and "list" in str(partition[column].dtype):
            lengths = partition[column].list.len().fillna(0).to_numpy(np.int64)
        if lengths is not None:
            counts = np.maximum(counts, lengths)
    part = np.cumsum(counts) // POINTS
    edges = [0, *(np.flatnonzero(np.diff(part)) + 1), len(partition)]
    for first, end in itertools.pairwise(edges):
        yield partition.iloc[first:end]


def _table(function: Callable, sample: pd.DataFrame, *args, **options) -> pd.DataFrame:
    """A function's table with the dtypes that it has for any number of stars."""
    table = function(sample, *args, **options)
    loose = [c for c in table.columns if table[c].dtype == object]
    return table.astype({c: "str" if c in _TEXTS else "float64" for c in loose})


#: Columns of text, whatever their dtype is when they are empty.
_TEXTS = ("label", "status", "period_source", "alias_of", "runner_up_alias_of", "bands_used")


def _images(function: Callable, sample: pd.DataFrame, *args, **options) -> pd.DataFrame:
    """Images as rows of a table: ``image``, a list of pixels row by row, and ``status``."""
    images, status = function(sample, *args, **{**options, "return_status": True})
    values = pa.array(images.reshape(-1).astype(np.uint8))
    size = int(np.prod(images.shape[1:]))
    lists = pa.ListArray.from_arrays(np.arange(len(images) + 1, dtype=np.int32) * size, values)
    dtype = pd.ArrowDtype(lists.type)
    table = pd.DataFrame({"image": pd.Series(lists, dtype=dtype, index=sample.index)})
    return table.assign(status=pd.array(np.asarray(status, object), dtype="str"))


def _with_ids(
    table: pd.DataFrame, partition: pd.DataFrame, keep: Sequence[str] | None
) -> pd.DataFrame:
    """The table under the partition's index, behind what names and places its stars."""
    if keep is None:
        keep = [c for c in partition.columns if _IDS.fullmatch(str(c)) and c not in table]
    missing = [c for c in keep if c not in partition.columns]
    if missing:
        raise ValueError(
            f"keep: no columns {missing} in this partition. Columns: {list(partition.columns)}"
        )
    table = table.set_axis(partition.index)
    own = pd.DataFrame(partition[list(keep)])
    return pd.concat([own, table.drop(columns=[c for c in keep if c in table])], axis=1)

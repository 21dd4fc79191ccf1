"""The measurements of a partition as flat Arrow arrays, found without a copy."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from nested_pandas import NestedDtype

from varstar.datasets import layouts


class Columns(NamedTuple):
    """The measurements of a partition: Arrow arrays end to end, by plain name."""

    arrays: dict[str, Any]
    counts: np.ndarray

    @property
    def own(self) -> list[str]:
        """Names of what the measurements have themselves, not their star."""
        return [name for name, a in self.arrays.items() if not isinstance(a, Repeated)]

    @property
    def star(self) -> np.ndarray:
        """For each measurement, the row of its star."""
        return np.repeat(np.arange(len(self.counts)), self.counts)


def is_nested(column: pd.Series) -> bool:
    return isinstance(column.dtype, NestedDtype)


def is_list(column: pd.Series) -> bool:
    """Whether a column holds lists of plain values."""
    kind = _list_type(column)
    return kind is not None and not pa.types.is_struct(kind.value_type)


def is_list_of_structs(column: pd.Series) -> bool:
    """Whether a column is nested but not known as such, as plain Parquet writes it."""
    kind = _list_type(column)
    return kind is not None and pa.types.is_struct(kind.value_type)


def is_plain(column: pd.Series) -> bool:
    """Whether a column holds one value a star."""
    return not is_nested(column) and _list_type(column) is None


def _list_type(column: pd.Series) -> pa.DataType | None:
    kind = getattr(column.dtype, "pyarrow_dtype", None)
    known = kind is not None and (pa.types.is_list(kind) or pa.types.is_large_list(kind))
    return kind if known else None


def _chunks(column: pd.Series) -> list[pa.Array]:
    values = pa.array(column.array)
    return values.chunks if isinstance(values, pa.ChunkedArray) else [values]


def _struct_of_lists(lists: pa.Array) -> pa.StructArray:
    if lists.null_count:
        lists = pa.array(lists.fill_null([]))
    names = [field.name for field in lists.type.value_type]
    kind = pa.LargeListArray if pa.types.is_large_list(lists.type) else pa.ListArray
    arrays = [kind.from_arrays(lists.offsets, lists.values.field(f)) for f in names]
    return pa.StructArray.from_arrays(arrays, names)


def tables(partition: pd.DataFrame, name: str | None) -> Iterator[tuple[str, Columns]]:
    """Each nested column, then all columns of lists together, with the row's own columns."""
    if name is not None and name not in partition.columns:
        raise ValueError(
            f"layout: no column {name!r} in this partition. Columns: {list(partition.columns)}"
        )
    nested = [c for c in partition.columns if is_nested(partition[c])]
    nested += [c for c in partition.columns if is_list_of_structs(partition[c])]
    lists = [c for c in partition.columns if is_list(partition[c])]
    for column in [name] if name is not None else nested:
        if is_nested(partition[column]):
            names = partition[column].array.field_names
            chunks = pa.chunked_array(partition[column].array.struct_array).chunks
        else:
            names = [f.name for f in partition[column].dtype.pyarrow_dtype.value_type]
            chunks = [_struct_of_lists(c) for c in _chunks(partition[column])]
        fields = {f: [chunk.field(f) for chunk in chunks] for f in names}
        yield column, columns_of(fields, partition)
    if lists and name is None:
        fields = {c: _chunks(partition[c]) for c in lists}
        yield "columns of lists", columns_of(fields, partition)


def columns_of(fields: Mapping[str, list[pa.Array]], partition: pd.DataFrame) -> Columns:
    flat, counts = {}, {}
    for field, chunks in fields.items():
        parts = [_flat(chunk) for chunk in chunks]
        name = layouts.plain(field)
        counts[name] = np.concatenate([np.empty(0, np.int64), *(n for n, _ in parts)])
        values = [v for _, v in parts] or [pa.array([], pa.float64())]
        flat[name] = values[0] if len(values) == 1 else pa.concat_arrays(values)
    # Lists that are no measurements, an embedding for example, have other lengths.
    lengths = [len(values) for values in flat.values()]
    usual = max(lengths, key=lengths.count)
    flat = {name: values for name, values in flat.items() if len(values) == usual}
    counts = next(counts[name] for name in flat)
    star = np.repeat(np.arange(len(counts)), counts)
    for column in partition.columns:
        name = layouts.plain(column)
        if name not in flat and is_plain(partition[column]):
            flat[name] = Repeated(partition[column], star)
    return Columns(flat, counts)


def _flat(lists: pa.ListArray) -> tuple[np.ndarray, pa.Array]:
    """Lengths and values of lists; a missing list is an empty one."""
    if lists.null_count:
        return lists.value_lengths().fill_null(0).to_numpy(zero_copy_only=False), lists.flatten()
    offsets = lists.offsets.to_numpy()
    return np.diff(offsets), lists.values.slice(offsets[0], offsets[-1] - offsets[0])


class Repeated:
    """A star's own column, repeated for its measurements when it is asked for."""

    def __init__(self, column: pd.Series, star: np.ndarray) -> None:
        self.column, self.star = column, star

    def array(self) -> pa.Array:
        values = pa.array(self.column.reset_index(drop=True))
        if isinstance(values, pa.ChunkedArray):
            values = values.combine_chunks()
        return values.take(pa.array(self.star))


def array(columns: Columns, name: str) -> pa.Array:
    values = columns.arrays[name]
    return values.array() if isinstance(values, Repeated) else values


def numbers(columns: Columns, spec: str | None) -> np.ndarray | None:
    """The first column of ``"a|b"`` as float64, NaN where missing; None without one."""
    name = layouts.one_of(spec, columns.arrays)
    if name is None:
        return None
    return floats(array(columns, name), name)


def floats(values: pa.Array, name: str) -> np.ndarray:
    if pa.types.is_boolean(values.type):
        values = values.cast(pa.int8())
    try:
        return values.cast(pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowException as error:
        raise ValueError(f"expected numbers in {name!r}. {error}") from error

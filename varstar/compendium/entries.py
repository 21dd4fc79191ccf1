"""A step's result on disk: a folder that one can read, without pickles.

``result.json`` holds the plain values, arrays lie beside it as ``.npy``, tables as
``.parquet``, Keras models as weights or ``.keras``.
"""

import json
import re
import zipfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from varstar.compendium.record import write_json


def write(folder: Path, result: Any, build: Callable | None = None) -> list[str]:
    """Write the result into `folder`; returns the names of its files.

    Raises
    ------
    TypeError
        When the result holds what cannot be written.
    """
    writer = _Writer(folder, build)
    write_json(folder / "result.json", writer.encode(result))
    return writer.files


def read(folder: Path, build: Callable | None = None) -> Any:
    """The result that `write` wrote."""
    content = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    return _decode(content, folder, build)


class _Writer:
    """The value as JSON; what JSON cannot hold goes to a file, and ``{"_": kind}`` stands in
    its place."""

    def __init__(self, folder: Path, build: Callable | None) -> None:
        self.folder = folder
        self.build = build
        self.files: list[str] = []

    def file(self, suffix: str) -> str:
        self.files.append(f"{len(self.files):03d}{suffix}")
        return self.files[-1]

    def all(self, values: Any) -> list[Any]:
        return [self.encode(value) for value in values]

    def encode(self, value: Any) -> Any:
        if value is None or type(value) in (bool, int, float, str):
            return value
        if isinstance(value, np.generic):
            return {"_": "scalar", "dtype": value.dtype.str, "value": value.item()}
        if isinstance(value, np.ndarray):
            return self.array(value)
        if isinstance(value, dict):
            if not all(isinstance(k, str) for k in value):
                raise TypeError(f"expected string keys. Received: {list(value)[:5]}")
            return {"_": "dict", "items": {k: self.encode(v) for k, v in value.items()}}
        if isinstance(value, list):
            return self.all(value)
        if isinstance(value, tuple):
            return self.tuple(value)
        kind = f"{type(value).__module__}.{type(value).__qualname__}"
        if kind.startswith(("pandas.", "nested_pandas.")):
            return self.pandas(value, kind)
        if hasattr(value, "get_weights") and hasattr(value, "save_weights"):
            name = self.file(".weights.h5" if self.build else ".keras")
            (value.save_weights if self.build else value.save)(self.folder / name)
            return {"_": "weights" if self.build else "model", "file": name}
        raise _unknown(kind)

    def array(self, value: np.ndarray) -> dict[str, Any]:
        if value.dtype == object:
            return {"_": "objects", "shape": value.shape, "items": self.all(value.flat)}
        name = self.file(".npy")
        np.save(self.folder / name, value, allow_pickle=False)
        return {"_": "array", "file": name}

    def tuple(self, value: tuple) -> dict[str, Any]:
        kind = type(value)
        if kind is tuple:
            return {"_": "tuple", "items": self.all(value)}
        if hasattr(value, "_fields") and kind.__module__.startswith("varstar."):
            name = f"{kind.__module__}:{kind.__qualname__}"
            return {"_": "namedtuple", "type": name, "items": self.all(value)}
        raise _unknown(f"{kind.__module__}.{kind.__qualname__}")

    def pandas(self, value: Any, kind: str) -> dict[str, Any]:
        import pandas as pd

        if isinstance(value, pd.DataFrame) and hasattr(value, "nested_columns"):
            return self.sample(value)
        if isinstance(value, pd.DataFrame):
            return {"_": "table", "file": self.parquet(value)}
        if isinstance(value, pd.Series):
            name = self.parquet(value.to_frame("values"))
            return {"_": "series", "file": name, "name": self.encode(value.name)}
        if isinstance(value, pd.Index):
            levels = [value.get_level_values(i) for i in range(value.nlevels)]
            file = self.parquet(pd.DataFrame({str(i): x for i, x in enumerate(levels)}))
            several = isinstance(value, pd.MultiIndex)
            names = self.all(value.names)
            return {"_": "index", "file": file, "names": names, "several": several}
        raise _unknown(kind)

    def parquet(self, table: Any) -> str:
        name = self.file(".parquet")
        table.to_parquet(self.folder / name)
        return name

    def sample(self, value: Any) -> dict[str, Any]:
        """Columns on stars and light curves, apart."""
        import pandas as pd

        nested = list(value.nested_columns)
        lists = self.parquet(value[nested].reset_index(drop=True)) if nested else None
        plain = [name for name in value.columns if name not in nested]
        stars = self.encode(pd.DataFrame(value)[plain])
        return {"_": "sample", "stars": stars, "file": lists, "order": list(value.columns)}


def _unknown(kind: str) -> TypeError:
    return TypeError(
        "expected a result of numbers, strings, lists, dicts, arrays, tables or Keras models. "
        f"Received: {kind}"
    )


def _decode(value: Any, folder: Path, build: Callable | None) -> Any:
    if isinstance(value, list):
        return [_decode(v, folder, build) for v in value]
    if not isinstance(value, dict):
        return value
    return _DECODERS[value["_"]](value, folder, build)


def _objects(v: dict, folder: Path, build: Callable | None) -> np.ndarray:
    flat = np.empty(len(v["items"]), dtype=object)
    flat[:] = [_decode(x, folder, build) for x in v["items"]]
    return flat.reshape(v["shape"])


def _table(v: dict, folder: Path, build: Callable | None) -> Any:
    import pandas as pd

    return pd.read_parquet(folder / v["file"])


def _sample(v: dict, folder: Path, build: Callable | None) -> Any:
    from nested_pandas import NestedFrame, read_parquet

    sample = NestedFrame(_decode(v["stars"], folder, build))
    if v["file"] is None:
        return sample[v["order"]]
    lists = read_parquet(folder / v["file"]).set_axis(sample.index)
    for name in lists.columns:
        sample[name] = lists[name]
    return sample[v["order"]]


def _series(v: dict, folder: Path, build: Callable | None) -> Any:
    return _table(v, folder, build)["values"].rename(_decode(v["name"], folder, build))


def _index(v: dict, folder: Path, build: Callable | None) -> Any:
    import pandas as pd

    levels = _table(v, folder, build)
    names = _decode(v["names"], folder, build)
    if v["several"]:
        return pd.MultiIndex.from_frame(levels, names=names)
    return pd.Index(levels.iloc[:, 0]).rename(names[0])


def _namedtuple(v: dict, folder: Path, build: Callable | None) -> Any:
    module, name = v["type"].split(":")
    return getattr(import_module(module), name)(*_decode(v["items"], folder, build))


def _weights(v: dict, folder: Path, build: Callable | None) -> Any:
    if build is None:
        raise ValueError("weights without the function that builds their model")
    model = build()
    model.load_weights(folder / v["file"])
    return model


def _model(v: dict, folder: Path, build: Callable | None) -> Any:
    from varstar.optional import keras

    # Layers of the package are known to Keras once their module is imported.
    with zipfile.ZipFile(folder / v["file"]) as file:
        config = file.read("config.json").decode()
    for module in sorted(set(re.findall(r'"module": "(varstar\.[\w.]+)"', config))):
        import_module(module)
    return keras.saving.load_model(folder / v["file"], compile=False)


_DECODERS: dict[str, Callable] = {
    "scalar": lambda v, folder, build: np.dtype(v["dtype"]).type(v["value"]),
    "array": lambda v, folder, build: np.load(folder / v["file"], allow_pickle=False),
    "objects": _objects,
    "dict": lambda v, folder, build: {k: _decode(x, folder, build) for k, x in v["items"].items()},
    "tuple": lambda v, folder, build: tuple(_decode(v["items"], folder, build)),
    "namedtuple": _namedtuple,
    "table": _table,
    "sample": _sample,
    "series": _series,
    "index": _index,
    "weights": _weights,
    "model": _model,
}

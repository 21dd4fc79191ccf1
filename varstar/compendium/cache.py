"""Results of long steps, kept by what they depend on.

::

    fit = cached("s20_cnn", train, images, labels, epochs=30, seed=7)

calls ``train(images, labels, epochs=30, seed=7)`` once, and afterwards reads its result
back, as long as the function's code (its module and all of the package that this one
imports) and the content of every argument are the same. It says so, and where it has to
compute, which ingredient changed. Everything that matters must therefore be an argument.

An entry is a folder ``<cache>/<step>/<key>/`` that one can read: ``entry.json`` with the
ingredients, ``result.json`` with the result's plain values, arrays as ``.npy``, tables as
``.parquet``, Keras models as weights or ``.keras``. It appears by one rename, so that an
interrupted step leaves nothing that looks finished. Nothing is pickled.
"""

import json
import re
import shutil
import time
import zipfile
from collections.abc import Callable, Mapping
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np

from varstar import paths, progress
from varstar.compendium.fingerprint import digest, fingerprint, function_hash, function_parts
from varstar.compendium.provenance import write_json

__all__ = ["cached"]


def cached(
    step: str,
    function: Callable,
    *args: Any,
    build: Callable | None = None,
    scratch: str | None = None,
    quiet: bool = False,
    **kwargs: Any,
) -> Any:
    """``function(*args, **kwargs)``, computed once.

    Parameters
    ----------
    step : str
        Name of the step, and of its folder in the cache.
    function : callable
        Of the package, or of the notebook (then name the package's functions that it
        calls among the arguments, or only its own code is watched).
    *args, **kwargs
        Its arguments; see `varstar.compendium.fingerprint.fingerprint` for what they can be.
    build : callable, optional
        Makes the untrained Keras model (``build()``); then only weights are kept of the
        models in the result. Without it, models are kept whole as ``.keras``.
    scratch : str, optional
        Name of an argument of the function that takes a folder for its intermediate
        state, such as a training's checkpoints. The folder outlives an interruption, and
        the next call gets the same one, as long as the ingredients are the same.
    quiet : bool
        Say nothing.

    Returns
    -------
    The function's result as read back from the cache: numbers, strings, lists, tuples,
    dicts with string keys, arrays, pandas tables, samples, Keras models, and named
    tuples of the package.

    Raises
    ------
    TypeError
        When an argument cannot be hashed or the result cannot be kept.
    """
    if not step or Path(step).name != step:
        raise ValueError(f"step: expected a plain name. Received: {step!r}")
    ingredients = _ingredients(function, args, kwargs, build)
    key = digest(json.dumps(ingredients, sort_keys=True))
    folder = paths.cache() / step / key

    def say(text: str) -> None:  # no output of the cell: those are the same on hit and miss
        if not quiet:
            progress.say(f"{step}: {text}")

    if (folder / "entry.json").is_file():
        try:
            result = _read(folder, build)
            say(f"read from the cache ({key})")
            return result
        except Exception as error:
            say(f"cache entry {key} is damaged ({error}); computing again")
            shutil.rmtree(folder, ignore_errors=True)
    else:
        say(f"computing ({_reason(folder.parent, ingredients)})")

    work = folder.with_name(f"{key}.scratch")
    if scratch is not None:
        work.mkdir(parents=True, exist_ok=True)
        kwargs[scratch] = str(work)
    start = time.perf_counter()
    result = function(*args, **kwargs)
    entry = {
        "step": step,
        "key": key,
        "seconds": round(time.perf_counter() - start, 2),
        "ingredients": ingredients,
    }
    _write(folder, result, entry, build)
    shutil.rmtree(work, ignore_errors=True)
    return _read(folder, build)


def _ingredients(
    function: Callable, args: tuple, kwargs: dict, build: Callable | None
) -> dict[str, str]:
    """Name of each ingredient -> what it is: short values as they are, others hashed."""
    try:
        bound = signature(function).bind_partial(*args, **kwargs).arguments
    except (TypeError, ValueError):
        bound = {**{f"argument {i}": a for i, a in enumerate(args)}, **kwargs}
    named = dict(bound)
    for parameter in getattr(signature(function), "parameters", {}).values():
        if parameter.kind is parameter.VAR_KEYWORD:
            named.update(named.pop(parameter.name, {}))
    found = {f"{name}": _show(value) for name, value in named.items()}
    found |= {f"code of {name}": sha for name, sha in function_parts(function).items()}
    if build is not None:
        found["code of build"] = function_hash(build)
    return found


def _show(value: Any) -> str:
    if value is None or isinstance(value, bool | int | float | str):
        text = repr(value)
        if len(text) <= 60:
            return text
    return f"#{fingerprint(value)}"


def _reason(step: Path, ingredients: Mapping[str, str]) -> str:
    """Which ingredients differ from the nearest entry of the step."""
    nearest: list[str] | None = None
    for path in sorted(step.glob("*/entry.json"), key=lambda p: -p.stat().st_mtime):
        try:
            before = json.loads(path.read_text(encoding="utf-8"))["ingredients"]
        except (OSError, ValueError, KeyError):
            continue
        changed = [
            _change(name, before.get(name, "absent"), ingredients.get(name, "absent"))
            for name in {**before, **ingredients}
            if before.get(name) != ingredients.get(name)
        ]
        if nearest is None or len(changed) < len(nearest):
            nearest = changed
    if nearest is None:
        return "the first time"
    more = [f"and {len(nearest) - 5} more"] if len(nearest) > 5 else []
    return "changed: " + ", ".join([*nearest[:5], *more])


def _change(name: str, before: str, now: str) -> str:
    """``epochs 3 -> 5``; of what is hashed the name only."""
    hashed = name.startswith("code of ") or now.startswith("#")
    return name if hashed else f"{name} {before} -> {now}"


# --- entries on disk --------------------------------------------------------------------


def _write(folder: Path, result: Any, entry: dict, build: Callable | None) -> None:
    with paths.atomic(folder, overwrite=False) as temporary:
        temporary.mkdir()
        files: list[str] = []
        write_json(temporary / "result.json", _encode(result, temporary, files, build))
        write_json(temporary / "entry.json", {**entry, "files": files})


def _read(folder: Path, build: Callable | None) -> Any:
    content = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    return _decode(content, folder, build)


def _encode(value: Any, folder: Path, files: list[str], build: Callable | None) -> Any:
    """The value as JSON; what JSON cannot hold goes to a file, and ``{"_": kind}`` stands
    in its place."""

    def file(suffix: str) -> str:
        files.append(f"{len(files):03d}{suffix}")
        return files[-1]

    def inner(item: Any) -> Any:
        return _encode(item, folder, files, build)

    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, np.generic):
        return {"_": "scalar", "dtype": value.dtype.str, "value": value.item()}
    if isinstance(value, np.ndarray):
        if value.dtype == object:
            return {"_": "objects", "shape": value.shape, "items": [inner(v) for v in value.flat]}
        name = file(".npy")
        np.save(folder / name, value, allow_pickle=False)
        return {"_": "array", "file": name}
    if isinstance(value, dict):
        if not all(isinstance(k, str) for k in value):
            raise TypeError(f"cached: expected string keys. Received: {list(value)[:5]}")
        return {"_": "dict", "items": {k: inner(v) for k, v in value.items()}}
    if isinstance(value, list):
        return [inner(v) for v in value]
    if isinstance(value, tuple):
        kind = type(value)
        if kind is tuple:
            return {"_": "tuple", "items": [inner(v) for v in value]}
        if hasattr(value, "_fields") and kind.__module__.startswith("varstar."):
            name = f"{kind.__module__}:{kind.__qualname__}"
            return {"_": "namedtuple", "type": name, "items": [inner(v) for v in value]}
    kind = f"{type(value).__module__}.{type(value).__qualname__}"
    if kind.startswith(("pandas.", "nested_pandas.")) and hasattr(value, "columns"):
        if hasattr(value, "nested_columns"):  # columns on stars and light curves, apart
            import pandas as pd

            nested = list(value.nested_columns)
            lists = file(".parquet")
            value[nested].reset_index(drop=True).to_parquet(folder / lists)
            plain = [name for name in value.columns if name not in nested]
            stars = inner(pd.DataFrame(value)[plain])
            return {"_": "sample", "stars": stars, "file": lists, "order": list(value.columns)}
        name = file(".parquet")
        value.to_parquet(folder / name)
        return {"_": "table", "file": name}
    if kind.startswith(("pandas.", "nested_pandas.")) and hasattr(value, "to_frame"):
        name = file(".parquet")
        value.to_frame("values").to_parquet(folder / name)
        return {"_": "series", "file": name, "name": inner(value.name)}
    if hasattr(value, "get_weights") and hasattr(value, "save_weights"):
        name = file(".weights.h5" if build else ".keras")
        (value.save_weights if build else value.save)(folder / name)
        return {"_": "weights" if build else "model", "file": name}
    raise TypeError(
        "cached: expected a result of numbers, strings, lists, dicts, arrays, tables or Keras "
        f"models. Received: {kind}"
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
    lists = read_parquet(folder / v["file"]).set_axis(sample.index)
    for name in lists.columns:
        sample[name] = lists[name]
    return sample[v["order"]]


def _series(v: dict, folder: Path, build: Callable | None) -> Any:
    return _table(v, folder, build)["values"].rename(_decode(v["name"], folder, build))


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
    "weights": _weights,
    "model": _model,
}

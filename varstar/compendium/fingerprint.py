"""Hashes of values: two values with one hash are the same to every function.

What a function can see of a value is in its hash: types, shapes, order, names of columns
and indices, content of files. A value whose state cannot be seen is refused.
"""

import datetime
import dis
import functools
import inspect
import json
import re
import sys
import sysconfig
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import CodeType, MethodType, ModuleType
from typing import Any

import numpy as np

from varstar import paths
from varstar.compendium.digest import digest
from varstar.compendium.source import code_hash, code_hashes

_PLAIN = (bool, int, float, complex, str, bytes)
_TIMES = (datetime.date, datetime.time, datetime.timedelta)


def fingerprint(value: Any) -> str:
    """A hash of a value's content.

    Numbers, strings, dates, containers, numpy arrays, pandas tables and samples, files and
    folders (`pathlib.Path`), modules, functions (`function_parts`), Keras models
    (architecture and weights), and objects of classes of the package or of a notebook, by
    their attributes.

    Raises
    ------
    TypeError
        For anything else: a result must not depend on what cannot be seen.
    FileNotFoundError
        A path where there is nothing.
    """
    return _hash(value, ())


def _hash(value: Any, inside: tuple[int, ...]) -> str:
    """`inside`: the values that hold this one, which may hold themselves."""
    if id(value) in inside:
        return digest("loop", str(len(inside) - inside.index(id(value))))
    return digest(*_parts(value, (*inside, id(value))))


def _parts(value: Any, inside: tuple[int, ...]) -> Iterable[bytes | str]:
    kind = f"{type(value).__module__}.{type(value).__qualname__}"
    if value is None or type(value) in _PLAIN or isinstance(value, _TIMES):
        return [kind, repr(value)]
    if isinstance(value, np.ndarray | np.generic):
        return [kind, *_array_parts(np.asanyarray(value), inside)]
    if isinstance(value, np.dtype | inspect.Signature):
        return [kind, repr(value)]
    if isinstance(value, Path):
        return ["path", *_path_parts(value)]
    if isinstance(value, Mapping):
        items = [_hash(x, inside) for item in value.items() for x in item]
        return ["mapping", kind, *items]
    if isinstance(value, set | frozenset):
        return [kind, *sorted(_hash(x, inside) for x in value)]
    if isinstance(value, list | tuple):
        return [kind, *(_hash(x, inside) for x in value)]
    if isinstance(value, _PLAIN):  # a subclass: an Enum, a string with more to it
        return [kind, repr(value)]
    if isinstance(value, ModuleType):
        return ["module", value.__name__, code_hash([value.__name__])]
    if kind.startswith(("pandas.", "nested_pandas.")):
        return [kind, *_pandas_parts(value, inside)]
    if hasattr(value, "get_weights") and hasattr(value, "get_config"):
        config = json.dumps(value.get_config(), sort_keys=True, default=repr)
        return ["model", config, *(_hash(w, inside) for w in value.get_weights())]
    if _has_visible_state(value):
        code = [code_hash([kind]), *_methods(type(value))]
        return ["object", kind, *code, _hash(vars(value), inside)]
    if isinstance(value, Callable):
        return ["function", function_hash(value, inside)]
    raise TypeError(
        "expected numbers, strings, containers, arrays, tables, paths, functions, modules or "
        f"Keras models. Received: {kind}, whose state cannot be seen"
    )


def _has_visible_state(value: Any) -> bool:
    """An object of a class of the package or of a notebook, all in its attributes."""
    if isinstance(value, type | functools.partial | MethodType) or inspect.isroutine(value):
        return False
    mro = [c for c in type(value).__mro__ if c is not object]
    return hasattr(value, "__dict__") and not any(
        _of_library(c.__module__) or "__slots__" in vars(c) for c in mro
    )


@functools.cache
def _of_library(module: str) -> bool:
    """Whether a module is Python's own or an installed one, of which versions count only."""
    top = module.split(".")[0]
    if top in ("varstar", "__main__"):
        return False
    file = getattr(sys.modules.get(top), "__file__", None)
    places = [sysconfig.get_path(name) for name in ("purelib", "platlib")]
    return top in sys.stdlib_module_names or (
        file is not None and any(Path(file).is_relative_to(place) for place in places)
    )


def _methods(kind: type) -> list[str]:
    """The code of a class's methods, where no module's hash says what it is."""
    if kind.__module__.split(".")[0] == "varstar" or _of_library(kind.__module__):
        return []
    methods = [m for m in vars(kind).values() if inspect.isfunction(m)]
    return [digest(*_code_parts(m.__code__)) for m in methods]


# --- arrays, tables, files ----------------------------------------------------------------


def _array_parts(array: np.ndarray, inside: tuple[int, ...]) -> Iterable[bytes | str]:
    yield repr(array.shape)
    if isinstance(array, np.ma.MaskedArray):
        yield _hash(array.mask, inside)
        array = array.filled()
    if array.dtype.hasobject or array.dtype.kind == "T":
        values = array.ravel().tolist()
        if all(type(v) is str for v in values):
            yield json.dumps(values)
        else:
            yield from (_hash(v, inside) for v in values)
        return
    yield repr(array.dtype.descr)
    yield np.ascontiguousarray(array).reshape(-1).view(np.uint8)


def _pandas_parts(value: Any, inside: tuple[int, ...]) -> Iterable[str]:
    import pandas as pd

    if isinstance(value, pd.DataFrame):
        yield _hash(value.index, inside)
        yield _hash(value.columns, inside)
        for i in range(value.shape[1]):
            yield from _values(value.iloc[:, i].array, inside)
    elif isinstance(value, pd.Series):
        yield _hash(value.index, inside)
        yield _hash(value.name, inside)
        yield from _values(value.array, inside)
    elif isinstance(value, pd.MultiIndex):
        yield _hash(list(value.names), inside)
        for level in range(value.nlevels):
            yield from _values(value.get_level_values(level).array, inside)
    elif isinstance(value, pd.Index):
        yield _hash(value.name, inside)
        yield from _values(value.array, inside)
    elif isinstance(value, pd.api.extensions.ExtensionArray):
        yield from _values(value, inside)
    elif value is pd.NA or value is pd.NaT or isinstance(value, pd.Timestamp | pd.Timedelta):
        yield repr(value)
    else:
        raise TypeError(
            f"expected a table, series or index of pandas. Received: {type(value).__qualname__}"
        )


def _values(array: Any, inside: tuple[int, ...]) -> Iterable[str]:
    """A column: its type, then its values."""
    import pandas as pd

    yield str(array.dtype)
    if hasattr(array, "field_names"):  # light curves: flat arrays, offsets, missing ones
        yield _hash(np.diff(np.asarray(array.list_offsets)), inside)
        yield _hash(np.asarray(array.isna()), inside)
        for field in array.field_names:
            yield str(field)
            yield _hash(np.asarray(pd.Series(array).nest[field]), inside)
    elif hasattr(array, "categories"):
        yield _hash(np.asarray(array.codes), inside)
        yield _hash(array.categories, inside)
    else:
        yield _hash(np.asarray(array), inside)


def _path_parts(path: Path) -> Iterable[str]:
    if path.is_dir():
        for inner in sorted(path.rglob("*")):
            if inner.is_file():
                yield inner.relative_to(path).as_posix()
                yield _file_hash(inner)
    else:
        yield path.name
        yield _file_hash(path)


def _file_hash(path: Path) -> str:
    stat = path.stat()
    return _hash_of_file(path.resolve(), stat.st_size, stat.st_mtime_ns)


@functools.lru_cache(maxsize=4096)
def _hash_of_file(path: Path, size: int, modified: int) -> str:
    return paths.sha256(path)


# --- functions ----------------------------------------------------------------------------


def function_hash(function: Callable, inside: tuple[int, ...] = ()) -> str:
    """One hash of `function_parts`."""
    parts = function_parts(function, inside)
    return digest(*(f"{name} {sha}" for name, sha in sorted(parts.items())))


def function_parts(function: Callable, inside: tuple[int, ...] = ()) -> dict[str, str]:
    """What a function's result depends on besides its arguments, name -> hash.

    Of a function of the package: its module and all that this one imports
    (`varstar.compendium.source`). Of a notebook's or script's: its own code and the global
    names that it uses. Of both: default values, and what they close over. Of a
    `functools.partial` also the arguments bound to it, of a method its object.

    Raises
    ------
    TypeError
        For a callable object, or a value that the function uses, whose state cannot be seen.
    """
    inside = (*inside, id(function))
    if isinstance(function, functools.partial):
        bound = _hash((function.args, function.keywords), inside)
        return {"bound arguments": bound, **function_parts(function.func, inside)}
    if isinstance(function, MethodType):
        state = _hash(function.__self__, inside)
        return {"object": state, **function_parts(function.__func__, inside)}
    module = getattr(function, "__module__", None) or ""
    name = getattr(function, "__qualname__", None) or getattr(function, "__name__", "")
    found = {"function": f"{module}.{name}"}
    library = _of_library(module)
    if library and getattr(sys.modules.get(module), name, None) is function:
        return found  # its version is known
    if hasattr(function, "__wrapped__"):
        found["function wrapped"] = function_hash(function.__wrapped__, inside)
    of_package = module.split(".")[0] == "varstar"
    if of_package:
        found |= code_hashes([f"{module}.{name.split('.')[0]}"])
    code = getattr(function, "__code__", None)
    if code is None:
        return {**found, **_without_code(function, inside)}
    if of_package and not function.__closure__ and "<locals>" not in name:
        return found
    closed_over = [cell.cell_contents for cell in function.__closure__ or ()]
    values = (function.__defaults__, function.__kwdefaults__, closed_over)
    found["function"] = digest(*_code_parts(code), _hash(values, inside))
    return found if of_package or library else found | _globals(function, inside)


def _without_code(function: Any, inside: tuple[int, ...]) -> dict[str, str]:
    """Classes, compiled functions, callable objects."""
    owner = getattr(function, "__self__", None)
    if isinstance(function, type):
        return {"class": digest(*_methods(function))}
    if inspect.isroutine(function) or isinstance(function, np.ufunc):
        if owner is None or isinstance(owner, ModuleType):
            return {}
        return {"object": _hash(owner, inside)}  # of "abc".join
    if hasattr(function, "__wrapped__"):
        return {}
    if _has_visible_state(function):
        return {"object": _hash(function, inside[:-1])}
    raise TypeError(
        f"expected a function, or a callable whose state can be seen. Received: {function!r}"
    )


def _globals(function: Callable, inside: tuple[int, ...]) -> dict[str, str]:
    """Hashes of the global names that a notebook's function uses, inner functions' too."""
    names: set[str] = set()
    attributes: set[str] = set()
    codes = [function.__code__]
    while codes:
        code = codes.pop()
        names |= {i.argval for i in dis.get_instructions(code) if i.opname == "LOAD_GLOBAL"}
        attributes |= set(code.co_names)
        codes += [c for c in code.co_consts if isinstance(c, CodeType)]
    found = {}
    for name in sorted(names & set(function.__globals__)):
        value = function.__globals__[name]
        try:
            if isinstance(value, ModuleType):  # only what is taken from it
                found |= code_hashes(f"{value.__name__}.{a}" for a in attributes)
            else:
                found[f"global {name}"] = _hash(value, inside)
        except TypeError as error:
            raise TypeError(
                f"{function.__qualname__} uses the global name {name!r}; pass it as an "
                f"argument: {error}"
            ) from None
    return found


def _code_parts(code: CodeType) -> Iterable[str]:
    yield code.co_code.hex()
    yield " ".join(code.co_names + code.co_varnames)
    for i, constant in enumerate(code.co_consts):
        if isinstance(constant, CodeType):
            yield from _code_parts(constant)
        elif i or not isinstance(constant, str | None):  # the first one is the docstring
            yield _constant(constant)


def _constant(value: Any) -> str:
    """A constant of compiled code; the order in a set depends on the process."""
    if isinstance(value, frozenset):
        return f"{{{', '.join(sorted(map(_constant, value)))}}}"
    if isinstance(value, tuple):
        return f"({', '.join(map(_constant, value))})"
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))

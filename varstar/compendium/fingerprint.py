"""Hashes of what a result depends on: values, functions, the package's own source.

Code is hashed by its syntax tree without docstrings: edited comments, docstrings and
layout change nothing, changed code does.
"""

import ast
import hashlib
import inspect
import json
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import numpy as np

from varstar import paths

#: Files of the package that are not code and yet decide results.
_RESOURCES = (".yaml", ".json", ".csv", ".npz", ".h5", ".mplstyle")


def digest(*parts: bytes | str) -> str:
    """Sixteen hexadecimal digits of the SHA-256 of the parts."""
    sha = hashlib.sha256()
    for part in parts:
        part = part.encode() if isinstance(part, str) else part
        sha.update(len(part).to_bytes(8, "little"))
        sha.update(part)
    return sha.hexdigest()[:16]


def fingerprint(value: Any) -> str:
    """A hash of a value's content.

    Numbers, strings, containers, numpy arrays, pandas tables and samples, functions,
    modules and Keras models (architecture and weights).

    Raises
    ------
    TypeError
        For anything else: a result must not depend on what cannot be seen.
    """
    return digest(*_parts(value))


def _parts(value: Any) -> Iterable[bytes | str]:
    if value is None or isinstance(value, bool | int | float | complex | str | bytes):
        return [type(value).__name__, repr(value)]
    if isinstance(value, np.generic):
        return _parts(value.item())
    if isinstance(value, np.ndarray):
        if value.dtype == object:
            return ["objects", repr(value.shape), *map(fingerprint, value.ravel().tolist())]
        return ["array", value.dtype.str, repr(value.shape), _bytes(value)]
    if isinstance(value, Path):
        return ["path", value.name]
    if isinstance(value, Mapping):
        items = sorted((str(k), fingerprint(v)) for k, v in value.items())
        return ["mapping", *(x for item in items for x in item)]
    if isinstance(value, set | frozenset):
        return ["set", *sorted(map(fingerprint, value))]
    if isinstance(value, list | tuple):
        return ["list", *map(fingerprint, value)]
    if isinstance(value, ModuleType):
        return ["module", code_hash([value.__name__])]
    if _is_pandas(value):
        return ["pandas", *_table_parts(value)]
    if hasattr(value, "get_weights") and hasattr(value, "get_config"):
        config = json.dumps(value.get_config(), sort_keys=True, default=repr)
        return ["model", config, *map(fingerprint, value.get_weights())]
    if isinstance(value, Callable):
        return ["function", function_hash(value)]
    raise TypeError(
        "expected numbers, strings, containers, arrays, tables, functions, modules or Keras "
        f"models. Received: {type(value).__module__}.{type(value).__qualname__}"
    )


def _bytes(array: np.ndarray) -> bytes:
    sha = hashlib.blake2b(digest_size=16)
    sha.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8))
    return sha.digest()


def _is_pandas(value: Any) -> bool:
    return type(value).__module__.split(".")[0] in ("pandas", "nested_pandas") and hasattr(
        value, "index"
    )


def _table_parts(value: Any) -> Iterable[str]:
    import pandas as pd

    if isinstance(value, pd.Series):
        value = value.to_frame()
    yield fingerprint(np.asarray(value.index))
    for name in value.columns:
        column = value[name]
        yield str(name)
        if hasattr(column.array, "field_names"):  # nested: its flat arrays and offsets
            yield fingerprint(np.asarray(column.array.list_offsets))
            for field in column.array.field_names:
                yield str(field)
                yield fingerprint(np.asarray(value[f"{name}.{field}"]))
        else:
            yield fingerprint(np.asarray(column))


def function_hash(function: Callable) -> str:
    """One hash of `function_parts`."""
    return digest(*(f"{name} {sha}" for name, sha in sorted(function_parts(function).items())))


def function_parts(function: Callable) -> dict[str, str]:
    """What a function's result depends on besides its arguments, name -> hash: of the
    package, its module and each that this one imports; of a notebook or script, its own
    code, default values and what it closes over."""
    function = inspect.unwrap(function)
    module = getattr(function, "__module__", None) or ""
    name = getattr(function, "__qualname__", type(function).__qualname__)
    if module == "varstar" or module.startswith("varstar."):
        return {"function": name, **code_hashes([module])}
    inner = getattr(function, "__code__", None)
    if inner is None:
        return {"function": f"{module}.{name}"}
    closed = [cell.cell_contents for cell in function.__closure__ or ()]
    defaults = [function.__defaults__, function.__kwdefaults__ or {}]
    return {"function": digest(*_code_parts(inner), fingerprint(closed), fingerprint(defaults))}


def _code_parts(code: CodeType) -> Iterable[str]:
    yield code.co_code.hex()
    yield " ".join(code.co_names + code.co_varnames)
    for i, constant in enumerate(code.co_consts):
        if isinstance(constant, CodeType):
            yield from _code_parts(constant)
        elif not (i == 0 and isinstance(constant, str)):  # the docstring
            yield repr(constant)


# --- the package's source -------------------------------------------------------------


def code_hash(modules: Iterable[str]) -> str:
    """Hash of modules of the package and of every module of it that they import."""
    return digest(*(f"{name} {sha}" for name, sha in sorted(code_hashes(modules).items())))


def code_hashes(modules: Iterable[str]) -> dict[str, str]:
    """For each of the `modules` and of those that they import, the hash of its source.

    An imported sub-package counts with all its modules, because registries load them by
    name; ``varstar/__init__.py``, which only forwards names, does not count.
    """
    found: dict[str, str] = {}
    queue = list(modules)
    while queue:
        name = queue.pop()
        if name in found or name in ("varstar", ""):
            continue
        path = _source(name)
        if path is None:
            continue
        found[name] = _file_hash(path, path.stat().st_mtime_ns)
        if path.name == "__init__.py":
            for file in sorted(path.parent.rglob("*")):
                if file.suffix == ".py" and file != path:
                    queue.append(_module_name(file))
                elif file.suffix in _RESOURCES:
                    relative = file.relative_to(paths.PACKAGE).as_posix()
                    found[relative] = _file_hash(file, file.stat().st_mtime_ns)
        queue += imports(path.read_text(encoding="utf-8"), name, path.name == "__init__.py")
    return found


def imports(source: str, module: str = "", is_package: bool = False) -> set[str]:
    """Modules of the package that a source imports, at the top or inside functions, and
    those behind the names it takes from the front door (``import varstar as vs``)."""
    from varstar import _MODULES, _PUBLIC

    front = {**_PUBLIC, **_MODULES}
    tree = ast.parse(source)
    found: set[str] = set()
    doors: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name == "varstar":
                    doors.add(alias.asname or "varstar")
                elif alias.name.startswith("varstar."):
                    found.add(alias.name)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = module.split(".")
                parts = parts[: len(parts) - node.level + bool(is_package)]
                base = ".".join([*parts, base]) if base else ".".join(parts)
            if base == "varstar" or base.startswith("varstar."):
                found.add(base)
                for alias in node.names:
                    inner = f"{base}.{alias.name}"
                    if base == "varstar" and alias.name in front:
                        found.add(front[alias.name])
                    elif _source(inner):
                        found.add(inner)
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in doors
        ):
            found.add(front.get(node.attr, f"varstar.{node.attr}"))
    return found - {"varstar"}


def source_hash(source: str) -> str:
    """Hash of Python source by its syntax tree, docstrings left out."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            first = node.body[0] if node.body else None
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                node.body = node.body[1:]
    return digest(ast.dump(tree))


@lru_cache(maxsize=4096)
def _file_hash(path: Path, modified: int) -> str:
    if path.suffix == ".py":
        return source_hash(path.read_text(encoding="utf-8"))
    return digest(path.read_bytes())


def _source(module: str) -> Path | None:
    if module.split(".")[0] != "varstar":
        return None
    base = paths.PACKAGE.joinpath(*module.split(".")[1:])
    for path in (base / "__init__.py", base.with_suffix(".py")):
        if path.is_file():
            return path
    return None


def _module_name(path: Path) -> str:
    parts = ["varstar", *path.relative_to(paths.PACKAGE).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

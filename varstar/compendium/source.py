"""What code of the package a result depends on, found by reading the source.

`code_hashes` follows, from a module or a name on, everything that can be reached:

- **imports**, at the top of a module and inside functions, and names taken from the front
  door (``vs.load`` leads to ``varstar.datasets``);
- **names in strings**: ``"varstar.papers.s20.network"`` is followed like an import, and an
  f-string (``f"varstar.datasets.archives.{name}"``) leads to every module
  that fits. A registry that loads modules by name is seen this way; one that puts names
  together in another manner lists them in a constant;
- **packages**: of the packages that a module lies in, the source of the ``__init__``
  counts, not what this one imports or names, and not the module's neighbours. A name taken
  from a package leads to where the ``__init__`` has it from; a function or constant that is
  defined there brings what it refers to, not what its neighbours do;
- **data files** of the package: those whose name, pattern (``"*.yaml"``) or folder of data
  stands in a string of the module. The file lies in the module's folder or below it, or
  the module builds its path from ``paths.PACKAGE``.

Code is hashed by its syntax tree without docstrings: an edited comment, docstring or
layout changes nothing. The machinery that keeps results (`varstar.compendium`, but for
`provenance` and `published`, which write into products) does not count.
"""

import ast
import os
import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from varstar import paths
from varstar.compendium.digest import digest

#: Modules of the compendium whose code shows in products.
_PRODUCTS = ("varstar.compendium.provenance", "varstar.compendium.published")
_NOT_DATA = (".py", ".pyc", ".pyi", ".md")
_MODULE_NAME = re.compile(r"varstar(\.[\w*]+)+(:\w+)?")


def code_hash(names: Iterable[str]) -> str:
    """One hash of `code_hashes`."""
    return digest(*(f"{name} {sha}" for name, sha in sorted(code_hashes(names).items())))


def code_hashes(names: Iterable[str]) -> dict[str, str]:
    """Hashes of the code and the package data that some names depend on.

    Parameters
    ----------
    names : iterable of str
        Modules (``"varstar.periods"``) or names in them (``"varstar.periods.find_periods"``).

    Returns
    -------
    dict
        Module, or path of a data file in the package -> hash.
    """
    tree = _tree()
    found: dict[str, str] = {}
    names = [name for name in names if name.split(".")[0] == "varstar"]
    queue = [f"{name}.*" if name in tree.modules else name for name in names]
    seen = set()
    while queue:
        dotted = queue.pop()
        if dotted in seen:
            continue
        seen.add(dotted)
        module, name = _resolve(dotted, tree)
        if module == "varstar":
            queue += _front_door(dotted)
            continue
        for above in _with_packages(module):
            if _counts(above):
                found[above] = _parsed(tree.modules[above]).sha
        if not _counts(module):
            continue
        parsed = _parsed(tree.modules[module])
        if parsed.is_package and name in parsed.bound:  # what it only passes on
            queue.append(parsed.bound[name])
        elif name is not None or not parsed.is_package:
            whole = name == "*" or not parsed.is_package
            part = parsed.everything if whole else parsed.reached(name)
            queue += [*part.used, *(parsed.bound.values() if whole else ())]
            queue += _named_in(part.strings, tree)
            data = _data_of(part, parsed.uses_package, _folder(module, parsed), tree)
            found |= {file: _hash(tree.data[file]) for file in data}
    return found


def imports(source: str) -> set[str]:
    """Names of the package that a notebook's or script's source uses: what `code_hashes`
    takes."""
    parsed = parse(source)
    return {name for name in {*parsed.bound.values(), *parsed.everything.used} if name != "varstar"}


def source_hash(source: str) -> str:
    """Hash of Python source by its syntax tree, docstrings left out."""
    return digest(ast.dump(_without_docstrings(ast.parse(source))))


# --- the package's files ------------------------------------------------------------------


class _Tree(NamedTuple):
    modules: dict[str, Path]
    data: dict[str, Path]  # by its path in the package
    folders: dict[str, set[str]]  # data file -> names of the folders above without code


def _tree() -> _Tree:
    modules, data = {}, {}
    for folder, inner, files in os.walk(paths.PACKAGE):
        inner[:] = [name for name in inner if name != "__pycache__"]
        top = Path(folder)
        parts = ("varstar", *top.relative_to(paths.PACKAGE).parts)
        for name in files:
            if name.endswith(".py"):
                stem = () if name == "__init__.py" else (name.removesuffix(".py"),)
                modules[".".join((*parts, *stem))] = top / name
            elif not name.endswith(_NOT_DATA) and ".tmp." not in name:
                data["/".join((*parts[1:], name))] = top / name
    code = {path.parent for path in modules.values()}
    folders = {
        file: {p.name for p in path.parents if p not in code and paths.PACKAGE in p.parents}
        for file, path in data.items()
    }
    return _Tree(modules, data, folders)


def _resolve(dotted: str, tree: _Tree) -> tuple[str, str | None]:
    """The module that a dotted name begins with, and the name taken from it."""
    parts = dotted.split(".")
    for n in range(len(parts), 0, -1):
        module = ".".join(parts[:n])
        if module in tree.modules:
            return module, parts[n] if n < len(parts) else None
    return "varstar", None


def _front_door(dotted: str) -> list[str]:
    """Where a name of ``varstar/__init__.py``, which only forwards names, leads."""
    from varstar import _MODULES, _PUBLIC

    _, _, rest = dotted.partition(".")
    first, _, more = rest.partition(".")
    if first == "*":
        return [*_PUBLIC.values(), *_MODULES.values()]
    if first in _PUBLIC:
        return [f"{_PUBLIC[first]}.{first}"]
    return [f"{_MODULES[first]}.{more or '*'}"] if first in _MODULES else []


def _with_packages(module: str) -> list[str]:
    parts = module.split(".")
    return [".".join(parts[:n]) for n in range(2, len(parts) + 1)]


def _counts(module: str) -> bool:
    return not module.startswith("varstar.compendium.") or module in _PRODUCTS


def _named_in(strings: Iterable[str], tree: _Tree) -> list[str]:
    """Modules whose names, or patterns of names, are among the strings."""
    found = []
    for text in filter(_MODULE_NAME.fullmatch, strings):
        name = text.partition(":")[0]
        if "*" not in name:
            found.append(f"{name}.*" if name in tree.modules else name)
            continue
        parts = name.split(".")
        found += [
            f"{module}.*"
            for module in tree.modules
            if len(at := module.split(".")) == len(parts) and all(map(fnmatchcase, at, parts))
        ]
    return found


def _folder(module: str, parsed: "_Module") -> str:
    folder = module if parsed.is_package else module.rpartition(".")[0]
    return "/".join(folder.split(".")[1:])


@lru_cache(maxsize=4096)
def _file_names(strings: frozenset[str]) -> tuple[set[str], list[str]]:
    """The last parts of strings that may be names of files, and the patterns among them."""
    names = {PurePosixPath(text).name for text in strings if "\n" not in text}
    return names, [name for name in names if "*" in name and name.strip("*.")]


def _data_of(part: "_Part", anywhere: bool, inside: str, tree: _Tree) -> list[str]:
    """Data files that a module or a definition in it names."""
    names, patterns = _file_names(part.strings)
    found = []
    for file in tree.data:
        place, _, name = file.rpartition("/")
        beside = place == inside or (inside and place.startswith(f"{inside}/"))
        if (beside or anywhere) and (
            names & {name, *tree.folders[file]} or any(fnmatchcase(name, p) for p in patterns)
        ):
            found.append(file)
    return found


# --- one module ---------------------------------------------------------------------------


class _Part(NamedTuple):
    """What some code refers to."""

    used: frozenset[str] = frozenset()  # dotted names of the package
    strings: frozenset[str] = frozenset()  # its strings; fields of f-strings as "*"
    names: frozenset[str] = frozenset()  # plain names

    def __add__(self, other: "_Part") -> "_Part":  # type: ignore[override]
        return _Part(*(a | b for a, b in zip(self, other, strict=True)))


class _Module(NamedTuple):
    sha: str
    is_package: bool
    bound: dict[str, str]  # name in the module -> dotted name that it imports
    parts: dict[str, _Part]  # by name of each definition; "" is what always runs
    everything: _Part
    uses_package: bool  # builds paths from paths.PACKAGE

    def reached(self, name: str) -> _Part:
        """What a definition refers to, with those of its module that it uses."""
        found, queue, seen = self.parts.get("", _Part()), [name], set()
        while queue:
            at = queue.pop()
            if at in self.parts and at not in seen:
                found += self.parts[at]
                queue += self.parts[at].names
            seen.add(at)
        return found


def _parsed(path: Path) -> _Module:
    stat = path.stat()
    return _read(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=4096)
def _read(path: Path, modified: int, size: int) -> _Module:
    parts = ("varstar", *path.relative_to(paths.PACKAGE).with_suffix("").parts)
    return parse(path.read_text(encoding="utf-8"), parts[:-1], path.name == "__init__.py")


def _hash(path: Path) -> str:
    stat = path.stat()
    return _hash_of_file(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=4096)
def _hash_of_file(path: Path, modified: int, size: int) -> str:
    return digest(path.read_bytes())


def parse(source: str, package: tuple[str, ...] = (), is_package: bool = False) -> _Module:
    """What a module's source imports, refers to and names; `package` is where it lies."""
    tree = _without_docstrings(ast.parse(source))
    bound: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname:
                    bound[alias.asname] = alias.name
                elif alias.name.startswith("varstar."):
                    bound |= {alias.name: alias.name, "varstar": "varstar"}
                elif alias.name == "varstar":
                    bound["varstar"] = "varstar"
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            base = ".".join(filter(None, [base, node.module]))
            for alias in node.names:
                bound[alias.asname or alias.name] = f"{base}.{alias.name}"
    bound = {k: v for k, v in bound.items() if v == "varstar" or v.startswith("varstar.")}
    parts: dict[str, _Part] = {}
    uses_package = False
    for node in tree.body:
        visitor = _Visitor(bound)
        visitor.visit(node)
        uses_package |= "PACKAGE" in visitor.names
        part = _Part(*map(frozenset, (visitor.used, visitor.strings, visitor.names)))
        for name in _defines(node):
            parts[name] = parts.get(name, _Part()) + part
    everything = sum(parts.values(), _Part())
    return _Module(digest(ast.dump(tree)), is_package, bound, parts, everything, uses_package)


def _defines(node: ast.stmt) -> list[str]:
    """Names that a statement at the top of a module defines; ``""``: it does more."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    names = [t.id for t in targets if isinstance(t, ast.Name)]
    return names if len(names) == len(targets) else [""]


class _Visitor(ast.NodeVisitor):
    """Collects the dotted names of the package that code refers to, and its strings."""

    def __init__(self, bound: dict[str, str]) -> None:
        self.bound = bound
        self.used: set[str] = set()
        self.strings: set[str] = set()
        self.names: set[str] = set()

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.names.add(node.attr)
        names = [node.attr]
        inner = node.value
        while isinstance(inner, ast.Attribute):
            names.append(inner.attr)
            inner = inner.value
        if isinstance(inner, ast.Name) and inner.id in self.bound:
            self.names.add(inner.id)
            self.used.add(".".join([self.bound[inner.id], *reversed(names)]))
        else:
            self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        self.names.add(node.id)
        if node.id in self.bound:
            self.used.add(f"{self.bound[node.id]}.*")

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self.strings.add(node.value)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        pieces = [v.value if isinstance(v, ast.Constant) else "*" for v in node.values]
        self.strings.add("".join(map(str, pieces)))
        for value in node.values:
            if isinstance(value, ast.FormattedValue):
                self.visit(value)


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            first = node.body[0] if node.body else None
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                node.body = node.body[1:]
    return tree

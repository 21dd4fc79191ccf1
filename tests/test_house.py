"""How the house is built: which rooms import which, and how long a file or a body may be."""

import ast
from pathlib import Path

import pytest

from varstar import paths

MAX_LINES, MAX_BODY = 400, 50

BASE = {"hints", "paths", "optional", "progress"}
MEASURED = BASE | {"lightcurves", "periods"}
SEEN = MEASURED | {"features", "taxonomy"}
#: Room -> the rooms that it may import, beside itself.
MAY_IMPORT = {
    "hints": set(),
    "paths": set(),
    "optional": set(),
    "progress": {"optional"},
    "lightcurves": BASE,
    "periods": BASE | {"lightcurves"},
    "features": MEASURED,
    "taxonomy": BASE,
    "simulate": MEASURED | {"taxonomy"},
    "datasets": MEASURED | {"taxonomy", "simulate"},
    "learning": SEEN,
    "models": SEEN | {"learning"},
    "compendium": BASE | {"taxonomy", "datasets", "models"},
    "results": BASE | {"models"},
    "plots": SEEN | {"compendium", "results"},
    "papers": SEEN | {"learning", "models", "datasets", "simulate", "plots", "compendium"},
}
#: The front door and what serves it import any room.
ANY_ROOM = {
    "__main__", "brokers", "cache", "catalogs", "citations", "classification", "commands",
    "explorer", "front_door", "sample", "views",
}  # fmt: skip
#: What breaks a rule today: the name of the test's case -> why. An entry that breaks none
#: fails too.
NOT_YET: dict[str, str] = {}


def modules() -> dict[str, Path]:
    """Name within the package -> file."""
    found = {}
    for path in sorted(paths.PACKAGE.rglob("*.py")):
        parts = path.relative_to(paths.PACKAGE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def tree(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


def imported(nodes: list[ast.AST]) -> set[str]:
    """Modules of the package that these statements import, without ``varstar.``."""
    names = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "a relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    names = {n.removeprefix("varstar.") for n in names if n.startswith("varstar.")}
    return {n if n in MODULES else n.rpartition(".")[0] for n in names} - {""}


def room(module: str) -> str:
    return module.split(".")[0]


def wing(module: str) -> str | None:
    """The paper that a module belongs to."""
    parts = module.split(".")
    is_wing = parts[0] == "papers" and len(parts) > 1 and f"papers.{parts[1]}" in MODULES
    return parts[1] if is_wing and MODULES[f"papers.{parts[1]}"].name == "__init__.py" else None


def wrong_imports(module: str) -> list[str]:
    here, names = room(module), imported(list(ast.walk(tree(module))))
    wrong = []
    if here not in ANY_ROOM:
        assert here in MAY_IMPORT, f"{here} is a new room: add it to MAY_IMPORT"
        rooms = {room(n) for n in names} - {here} - MAY_IMPORT[here]
        wrong += [f"{module} imports from {other}" for other in sorted(rooms)]
    if wing(module):
        wings = {wing(n) for n in names} - {None, wing(module)}
        wrong += [f"{module} imports from the wing {other}" for other in sorted(wings)]
    return wrong


def too_long(module: str) -> list[str]:
    lines = MODULES[module].read_text(encoding="utf-8").splitlines()
    wrong = [f"{module}: {len(lines)} lines > {MAX_LINES}"] if len(lines) > MAX_LINES else []
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.FunctionDef):
            first = node.body[0]
            text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            body = lines[first.end_lineno if text else first.lineno - 1 : node.end_lineno]
            n = sum(bool(x.strip()) and not x.strip().startswith("#") for x in body)
            if n > MAX_BODY:
                wrong.append(f"{module}.{node.name}: {n} lines of code > {MAX_BODY}")
    return wrong


def report(case: str, wrong: list[str]) -> None:
    if case in NOT_YET:
        assert wrong, f"{case} is mended: take it out of NOT_YET"
        pytest.xfail(NOT_YET[case])
    assert not wrong, "; ".join(wrong)


@pytest.mark.parametrize("module", [m for m in MODULES if m])
def test_imports_run_one_way(module: str) -> None:
    report(f"imports {module}", wrong_imports(module))


@pytest.mark.parametrize("module", MODULES)
def test_nothing_is_too_long(module: str) -> None:
    report(f"length {module}", too_long(module))


def test_no_circle() -> None:
    """Importing no module needs that module."""
    graph = {m: imported(tree(m).body) - {m} for m in MODULES}
    done: set[str] = set()

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, " -> ".join([*trail[trail.index(module) :], module])
        if module not in done:
            for other in sorted(graph[module]):
                visit(other, (*trail, module))
            done.add(module)

    for module in MODULES:
        visit(module, ())


def test_importing_varstar_loads_no_room() -> None:
    assert not imported(tree("").body)


def test_not_yet_names_modules() -> None:
    known = {f"{rule} {m}" for rule in ("imports", "length") for m in MODULES}
    assert set(NOT_YET) <= known

"""The strict notebook runner.

papermill only warns of an unknown parameter, takes values of the wrong type, and leaves a
complete-looking file behind a failed run. Here all three are errors: names and types are
checked against the notebook's parameters cell first, the run goes to a temporary name,
and only a finished one gets its own. Notebooks run in their own folder, as they do in
JupyterLab.
"""

import ast
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import yaml

from varstar import paths
from varstar.compendium.provenance import PROFILES

#: A kernel may take so long to begin [s]; on a busy machine a minute is not enough.
KERNEL_START = 300


class NotebookError(RuntimeError):
    """A notebook's cell failed; the message says which and why."""


# --- notebooks and their parameters -----------------------------------------------------


def notebooks() -> list[Path]:
    """The project's notebooks, ``NN_name.ipynb`` (and ``SN_name.ipynb``), by number."""
    found = paths.notebooks().glob("[0-9S][0-9]_*.ipynb")
    return sorted(p for p in found if not p.stem.endswith((".tmp", ".failed")))


def find(name: str | Path) -> Path:
    """A notebook by path, name or number (``"01"``)."""
    path = Path(name)
    if path.is_file() and path.suffix == ".ipynb":
        return path.resolve()
    known = notebooks()
    number = path.name.zfill(2) if len(path.name) < 3 else None
    for notebook in known:
        if path.stem == notebook.stem or number == notebook.name[:2]:
            return notebook
    raise ValueError(f"unknown notebook {str(name)!r}. Known: {[n.stem for n in known]}")


def read(notebook: Path) -> dict[str, Any]:
    """The notebook's JSON."""
    try:
        content = json.loads(Path(notebook).read_text(encoding="utf-8"))
        content["cells"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{notebook} is not a notebook: {error}") from error
    return content


def source(cell: Mapping[str, Any]) -> str:
    """A cell's text."""
    text = cell["source"]
    return text if isinstance(text, str) else "".join(text)


def defaults(notebook: Path) -> dict[str, Any]:
    """Name -> value of the notebook's one cell tagged ``parameters``.

    Those that a reader meets first may stand in cells above it, tagged ``first-parameters``.

    Raises
    ------
    ValueError
        When there is not exactly one, or it holds anything but ``name = literal``: what
        is derived there goes stale when a parameter is passed.
    """
    name = Path(notebook).name
    cells: dict[str, list[str]] = {"first-parameters": [], "parameters": []}
    for cell in read(notebook)["cells"]:
        for tag in cells.keys() & set(cell.get("metadata", {}).get("tags", [])):
            cells[tag].append(source(cell))
    n = len(cells["parameters"])
    if n != 1:
        raise ValueError(f"{name}: expected one cell tagged 'parameters'. Received: {n}")
    found: dict[str, Any] = {}
    for node in ast.parse("\n".join(text for tag in cells.values() for text in tag)).body:
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        if not isinstance(target, ast.Name) or len(node.targets) != 1:
            raise ValueError(
                f"{name}: expected 'name = literal' lines in the parameters cell. "
                f"Received: {ast.unparse(node)!r}"
            )
        try:
            found[target.id] = ast.literal_eval(node.value)
        except ValueError:
            raise ValueError(
                f"{name}: expected a literal for {target.id!r} in the parameters cell. "
                f"Received: {ast.unparse(node.value)!r}"
            ) from None
    return found


def check_profile(profile: str) -> None:
    """Raise when there is no such profile."""
    if profile not in PROFILES:
        raise ValueError(f"unknown profile {profile!r}. Known: {list(PROFILES)}")


def has_profile(notebook: Path, profile: str) -> bool:
    """Whether there are parameters of the profile; only ``real`` may be without."""
    path = notebook.parent / "params" / profile / f"{notebook.name[:2]}.yaml"
    return profile != "real" or path.is_file()


def profile_parameters(notebook: Path, profile: str) -> dict[str, Any]:
    """What ``params/<profile>/NN.yaml`` says for the notebook, checked."""
    check_profile(profile)
    path = notebook.parent / "params" / profile / f"{notebook.name[:2]}.yaml"
    if not path.is_file():
        raise ValueError(f"{notebook.name}: no parameters for the profile {profile!r}: {path}")
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        raise ValueError(f"{path} is not YAML: {error}") from error
    if not isinstance(given, dict):
        raise ValueError(f"{path}: expected 'name: value' lines. Received: {type(given).__name__}")
    known = defaults(notebook)
    if given.get("profile", profile) != profile:
        raise ValueError(f"{path}: profile is {given['profile']!r} in the folder of {profile!r}")
    if "profile" in known:
        given["profile"] = profile
    return check(given, known, f"{path.parent.name}/{path.name}")


def check(given: Mapping[str, Any], known: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The `given` parameters when each is `known` and of its default's type."""
    unknown = [name for name in given if name not in known]
    if unknown:
        raise ValueError(f"{where}: unknown parameters {unknown}. Known: {sorted(known)}")
    checked = {}
    for name, value in given.items():
        default = known[name]
        if isinstance(default, float) and isinstance(value, str):
            with suppress(ValueError):  # YAML reads 1e-6 as a string: it wants 1.0e-6
                value = float(value)
        if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if isinstance(default, tuple) and isinstance(value, list):
            value = tuple(value)
        if default is not None and value is not None and type(value) is not type(default):
            raise ValueError(
                f"{where}: expected {type(default).__name__} for {name!r} (default {default!r}). "
                f"Received: {value!r}"
            )
        checked[name] = value
    return checked


# --- running ----------------------------------------------------------------------------


def run(
    notebook: str | Path,
    output: Path,
    parameters: Mapping[str, Any] | None = None,
    products: Path | None = None,
) -> Path:
    """Run a notebook from top to bottom in its own folder.

    Parameters
    ----------
    notebook : path, name or number
    output : path
        The executed notebook. It appears only when every cell has run; a failed run
        leaves ``<name>.failed.ipynb``, to read, and takes away an older `output`.
    parameters : mapping, optional
        Name -> value, replacing values of the parameters cell.
    products : path, optional
        File to which the paths of figures and tables are written, one a line.

    Raises
    ------
    ValueError
        Unknown notebook or parameter, or a value of the wrong type.
    NotebookError
        A cell failed.
    """
    import papermill

    notebook = find(notebook)
    known = defaults(notebook)
    given = check(parameters or {}, known, notebook.name)
    changed = {name: value for name, value in given.items() if value != known[name]}
    output = Path(output).resolve()
    output.parent.mkdir(parents=True, exist_ok=True)
    temporary = output.with_suffix(".tmp.ipynb")
    failed = output.with_suffix(".failed.ipynb")
    log = output.with_suffix(".log")
    for stale in (temporary, failed, log):
        stale.unlink(missing_ok=True)
    if output == notebook:
        raise ValueError(f"{notebook.name}: the executed notebook would replace the notebook")
    told = {"VARSTAR_PRODUCTS": None if products is None else str(products), "TQDM_DISABLE": "1"}
    with _environment(**kernel_environment(), **told), _kernel_messages(log):
        try:
            papermill.execute_notebook(
                str(notebook),
                str(temporary),
                parameters=changed,
                cwd=str(notebook.parent),
                kernel_name="python3",
                progress_bar=sys.stderr.isatty(),
                log_output=False,
                start_timeout=KERNEL_START,
                extra_arguments=["--IPKernelApp.log_level=40"],  # no advice about transports
            )
        except Exception as error:  # a cell's, or the kernel has died
            output.unlink(missing_ok=True)
            so_far = ""
            if temporary.is_file():
                os.replace(temporary, failed)
                so_far = f"What ran so far: {failed}; "
            raise NotebookError(
                f"{notebook.name}{_what_failed(error)}\n{so_far}what libraries had to say: {log}"
            ) from None
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    os.replace(temporary, output)
    log.unlink(missing_ok=True)
    return output


def _what_failed(error: Exception) -> str:
    if hasattr(error, "ename"):
        return f", cell {error.exec_count}: {error.ename}: {error.evalue}"
    hint = " (out of memory?)" if "died" in str(error).lower() else ""
    return f": {type(error).__name__}: {error}{hint}"


def kernel_environment() -> dict[str, str]:
    """Environment of a process that trains, but for what the user has set.

    Training frees and takes the same tensors at every step: with both thresholds of the
    allocator at 4 GiB they stay with the process (half the time of an epoch, a tenth of
    the page faults). Threads of OpenMP sleep while they wait instead of spinning.
    """
    wanted = {
        "MALLOC_TRIM_THRESHOLD_": str(4 * 2**30),
        "MALLOC_MMAP_THRESHOLD_": str(4 * 2**30),
        "OMP_WAIT_POLICY": "PASSIVE",
    }
    return {name: os.environ.get(name, value) for name, value in wanted.items()}


@contextmanager
def _kernel_messages(log: Path) -> Iterator[None]:
    """What compiled libraries write straight to the kernel's stderr goes to a file; Python's
    own stderr, the progress bar among it, stays where it is."""
    shown = os.dup(2)
    python = sys.stderr
    try:
        direct = python.fileno() == 2
    except (OSError, ValueError, AttributeError):  # captured, as in tests
        direct = False
    with open(log, "wb") as file, os.fdopen(os.dup(2), "w", buffering=1) as terminal:
        os.dup2(file.fileno(), 2)
        if direct:
            sys.stderr = terminal
        try:
            yield
        finally:
            sys.stderr = python
            os.dup2(shown, 2)
            os.close(shown)


@contextmanager
def _environment(**values: str | None) -> Iterator[None]:
    """Environment variables set (None: taken away) for a while."""
    before = {name: os.environ.get(name) for name in values}

    def put(pairs: Mapping[str, str | None]) -> None:
        for name, value in pairs.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

    put(values)
    try:
        yield
    finally:
        put(before)

"""Results of long steps, kept by what they depend on.

::

    fit = cached("s20_cnn", train, images, labels, epochs=30, seed=7)

calls ``train(images, labels, epochs=30, seed=7)`` once, and afterwards reads its result
back, as long as the function's code (its module and all that this one imports of the
package), the content of every argument, and the versions of the packages that decide
numbers are the same. It says so, and where it has to compute, which ingredient changed.
Everything that matters must therefore be an argument.

An entry is a folder ``<cache>/<step>/<key>/`` that one can read: ``entry.json`` with the
ingredients, the result beside it (`varstar.compendium.entries`). It appears by one rename,
so that an interrupted step leaves nothing that looks finished. Processes that want one
step at the same time wait for the first to finish it.
"""

import json
import os
import shutil
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from inspect import Parameter, signature
from pathlib import Path
from typing import Any

from varstar import paths, progress
from varstar.compendium import entries, record
from varstar.compendium.digest import digest
from varstar.compendium.fingerprint import fingerprint, function_hash, function_parts
from varstar.compendium.provenance import versions

__all__ = ["adopt", "cached"]


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
        Of the package or of the notebook; see
        `varstar.compendium.fingerprint.function_parts` for what counts of it.
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
    dicts with string keys, arrays, pandas tables and indices, samples, Keras models, and
    named tuples of the package. A result that cannot be kept is returned with a warning,
    and computed again by the next call.

    Raises
    ------
    TypeError
        When an argument cannot be hashed.

    Examples
    --------
    A recipe whose state must not outlive its code, data or parameters gives each long part
    to `cached`, with a folder for its checkpoints: ::

        def train_fold(images, labels, fold, seed, folder=None):
            model = build_s20(n_classes=5)
            fit(model, images, labels, seed=seed, state=folder)  # goes on from `folder`
            return {"model": model, "best": ...}

        folds = [
            cached("recipe_s20", train_fold, images, labels, k, seed, scratch="folder",
                   build=partial(build_s20, n_classes=5))
            for k in range(4)
        ]

    Killed in the third fold and started again, the recipe reads two folds back and goes on
    in the third; after a change of the survey, an option or the code, all four start anew.
    """
    if not step or Path(step).name != step:
        raise ValueError(f"step: expected a plain name. Received: {step!r}")
    ingredients = _ingredients(function, args, kwargs, build)
    key = digest(json.dumps(ingredients, sort_keys=True))
    folder = paths.cache() / step / key

    def log(text: str) -> None:  # no output of the cell: those are the same on hit and miss
        if not quiet:
            progress.say(f"{step}: {text}")

    found, result = _kept(folder, build, log)
    if found:
        return result
    with _file_lock(folder, log):
        found, result = _kept(folder, build, log)  # made while we waited
        if found:
            return result
        log(f"computing ({_reason(folder.parent, ingredients)})")
        work = folder.with_name(f"{key}.scratch")
        if scratch is not None:
            work.mkdir(exist_ok=True)
            kwargs[scratch] = str(work)
        start = time.perf_counter()
        result = function(*args, **kwargs)
        seconds = round(time.perf_counter() - start, 2)
        entry = {"step": step, "key": key, "seconds": seconds, "ingredients": ingredients}
        result = _keep(folder, result, entry, build)
        shutil.rmtree(work, ignore_errors=True)
    return result


def adopt(
    step: str, function: Callable, result: Any, *args: Any, made_with: dict[str, str], **kwargs: Any
) -> None:
    """Keep the result that ``function(*args, **kwargs)`` gave on another machine.

    Parameters
    ----------
    step, function, *args, **kwargs
        As for `cached`, which then reads the result back; an entry that is there stays.
    result
        What the function returned there.
    made_with : dict
        Which machine and which libraries; kept in ``entry.json``.
    """
    ingredients = _ingredients(function, args, kwargs, None)
    key = digest(json.dumps(ingredients, sort_keys=True))
    folder = paths.cache() / step / key
    if not (folder / "entry.json").is_file():
        entry = {"step": step, "key": key, "ingredients": ingredients, "made_with": made_with}
        folder.parent.mkdir(parents=True, exist_ok=True)
        _keep(folder, result, entry, None)


def _kept(folder: Path, build: Callable | None, log: Callable) -> tuple[bool, Any]:
    """Whether there is an entry, and its result."""
    if not (folder / "entry.json").is_file():
        return False, None
    try:
        result = entries.read(folder, build)
    except Exception as error:  # whatever a damaged file can raise
        log(f"cache entry {folder.name} is damaged ({error}); computing again")
        shutil.rmtree(folder, ignore_errors=True)
        return False, None
    log(f"read from the cache ({folder.name})")
    return True, result


def _keep(folder: Path, result: Any, entry: dict, build: Callable | None) -> Any:
    """Write the entry and read it back; hours of work are not lost when that fails."""
    try:
        with paths.atomic(folder, overwrite=False) as temporary:
            temporary.mkdir()
            files = entries.write(temporary, result, build)
            record.write_json(temporary / "entry.json", {**entry, "files": files})
        return entries.read(folder, build)
    except Exception as error:  # whatever the writers of arrays, tables and models raise
        shutil.rmtree(folder, ignore_errors=True)
        text = f"{entry['step']}: the result cannot be kept, and will be computed again ({error})"
        warnings.warn(text, stacklevel=3)
        return result


@contextmanager
def _file_lock(folder: Path, log: Callable) -> Iterator[None]:
    """Hold the step's lock; wait while another process or thread does."""
    path = folder.with_name(f"{folder.name}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        import fcntl
    except ImportError:  # not on this platform
        yield
        return
    while True:
        with open(path, "w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                log("another process computes it; waiting")
                fcntl.flock(lock, fcntl.LOCK_EX)
            if not _is(lock.fileno(), path):  # whoever held it has taken it away
                continue
            try:
                yield
            finally:
                path.unlink(missing_ok=True)
            return


def _is(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False


def _ingredients(
    function: Callable, args: tuple, kwargs: dict, build: Callable | None
) -> dict[str, str]:
    """Name of each ingredient -> what it is: short values as they are, others hashed."""
    found = {name: _show(value) for name, value in _arguments(function, args, kwargs).items()}
    found |= {f"code of {name}": f"#{sha}" for name, sha in function_parts(function).items()}
    if build is not None:
        found["code of build"] = f"#{function_hash(build)}"
    return found | {f"version of {name}": version for name, version in _versions().items()}


def _arguments(function: Callable, args: tuple, kwargs: dict) -> dict[str, Any]:
    try:
        parameters = signature(function)
        bound = parameters.bind_partial(*args, **kwargs).arguments
    except (TypeError, ValueError):  # compiled functions may have no signature
        return {**{f"argument {i}": a for i, a in enumerate(args)}, **kwargs}
    named = dict(bound)
    for parameter in parameters.parameters.values():
        if parameter.kind is Parameter.VAR_KEYWORD:
            named.update(named.pop(parameter.name, {}))
    return named


def _show(value: Any) -> str:
    return record.show(value) or f"#{fingerprint(value)}"


@cache
def _versions() -> dict[str, str]:
    found = versions()
    return {name: version for name, version in found.items() if name != "varstar"}


def _reason(step: Path, ingredients: dict[str, str]) -> str:
    """Which ingredients differ from the nearest entry of the step."""
    kept = [record.read(path) for path in step.glob("*/entry.json")]
    if not kept:
        return "the first time"
    reasons = [record.changes(entry, ingredients, maximum=10**6) for entry in kept]
    nearest = min(reasons, key=len)
    more = [f"and {len(nearest) - 5} more"] if len(nearest) > 5 else []
    return "changed: " + ", ".join([*nearest[:5], *more])

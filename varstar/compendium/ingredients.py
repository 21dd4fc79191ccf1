"""What a notebook's results depend on: cells, parameters, code of the package, surveys, lock."""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from varstar import paths
from varstar.compendium import record
from varstar.compendium.digest import digest
from varstar.compendium.run import defaults, read, source
from varstar.compendium.source import code_hashes, imports


class MissingData(RuntimeError):
    """Surveys that a profile needs are not on disk; the message says how to get them."""


def ingredients(
    notebook: Path, parameters: Mapping[str, Any], surveys: Sequence[str]
) -> dict[str, str]:
    """Name -> value, or hash with a ``#`` before, of all that the notebook's products depend
    on; the folder that they go to is among it."""
    cells = [source(c) for c in read(notebook)["cells"] if c["cell_type"] == "code"]
    values = {**defaults(notebook), **parameters}
    lock = paths.project() / "requirements.lock"
    smoke = values.get("profile") == "smoke"
    found = {"cells": f"#{digest(*cells)}"}
    for name, value in values.items():
        found[f"parameter {name}"] = record.show(value) or f"#{digest(repr(value))}"
    hashes = code_hashes(imports("\n".join(map(_python, cells))))
    found |= {f"code of {name}": f"#{sha}" for name, sha in hashes.items()}
    found |= {f"data {name}": f"#{survey_hash(name)}" for name in surveys}
    found["requirements.lock"] = f"#{digest(lock.read_bytes())}" if lock.is_file() else "none"
    found["python"] = ".".join(map(str, sys.version_info[:2]))
    found["folder of figures"] = relative(paths.build() / "smoke" if smoke else paths.figures())
    return found


def relative(path: Path) -> str:
    """The path as records hold it: from the project's folder on."""
    return os.path.relpath(path, paths.project())


def surveys_of(parameters: Mapping[str, Any]) -> list[str]:
    """Names of real surveys among the parameters' values, inside lists too."""
    from varstar.datasets import SURVEYS, is_on_disk

    found = dict.fromkeys(_strings(dict(parameters)))
    return [s for s in found if s in SURVEYS or (_is_plain(s) and is_on_disk(s))]


def survey_hash(name: str) -> str:
    """Hash of a survey's files; remembered while their size and date stay."""
    remembered_path = paths.build() / "data-hashes.json"
    remembered = record.read(remembered_path) or {}
    hashes = []
    for path in sorted((paths.data() / name).glob("*.parquet")):
        stat = path.stat()
        stamp = f"{path.resolve()} {stat.st_size} {stat.st_mtime_ns}"
        if stamp not in remembered:
            remembered[stamp] = paths.sha256(path)
            record.write_json(remembered_path, remembered)
        hashes.append(f"{path.name} {remembered[stamp]}")
    return digest(*hashes)


def check_data(surveys: Iterable[Sequence[str]]) -> None:
    """Raise `MissingData` when any of the surveys is not on disk."""
    from varstar.datasets import SURVEYS, is_on_disk

    missing = [s for s in dict.fromkeys(x for many in surveys for x in many) if not is_on_disk(s)]
    if missing:
        lines = [
            f"These surveys are needed and are not in {paths.data()} "
            "(set VARSTAR_DATA to the folder that holds them):"
        ]
        lines += [f"  {name}/: {SURVEYS[name].get('how', '')}".rstrip() for name in missing]
        raise MissingData("\n".join(lines))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _strings(list(value.values()))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _strings(item)


def _is_plain(name: str) -> bool:
    return bool(name) and len(name) < 80 and all(c.isalnum() or c in "_-" for c in name)


def _python(text: str) -> str:
    """A cell as Python: IPython's own lines (``%magic``, ``!command``, ``%%bash``) become
    calls, as they do when the cell runs."""
    import ast

    from IPython.core.inputtransformer2 import TransformerManager

    try:
        python = TransformerManager().transform_cell(text)
        ast.parse(python)
    except SyntaxError:  # the run itself will say so
        return ""
    return python

"""Trained models on disk: weights and a card each, no pickles.

A model is a folder with ``card.json`` and the files that the card lists with their
sha256. The card says what the model is (paper, network and options, classes, inputs),
what it was trained on, and how well it does on which data. The models that ship lie in
``varstar/models/shipped/<name>/``; `save` writes others wherever its caller says.

Functions take a model's name, if it ships, or its folder. What is read is kept for the
process and read anew when the card changes.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from varstar import paths
from varstar.hints import meant
from varstar.models import forward

#: What a card must say.
REQUIRED = ("name", "paper", "classes", "inputs", "training", "scores", "files")


def folder(name: str) -> Path:
    """Where the shipped model `name` lies."""
    return paths.PACKAGE / "models" / "shipped" / name


def available() -> list[str]:
    """Names of the trained models that ship, ``"<paper>-<survey>"``."""
    return sorted(p.parent.name for p in folder("").glob("*/card.json"))


def find(model: str | Path) -> Path:
    """The folder of a model.

    Raises
    ------
    ValueError
        No shipped model has that name, and it is no folder of a saved one.
    """
    if isinstance(model, str) and model in available():
        return folder(model)
    if isinstance(model, str | Path) and str(model):
        path = Path(model).expanduser()
        if (path / "card.json").is_file():
            return path.resolve()
    raise ValueError(
        f"unknown model {model!r}.{meant(model, available())} Known: {available()}, or the folder "
        "of a saved classifier"
    )


def card(model: str | Path) -> dict[str, Any]:
    """What a model is, was trained on, and scores.

    Raises
    ------
    ValueError
        Unknown model, or a card that lacks something.
    """
    path = find(model) / "card.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is not a card: {error}") from error
    missing = [key for key in REQUIRED if key not in content]
    if missing:
        raise ValueError(f"{path}: the card lacks {missing}")
    return content


def file(model: str | Path, part: str) -> Path:
    """A file of the model, its hash checked against the card."""
    return _file(find(model), card(model), part)


def _file(where: Path, content: Mapping[str, Any], part: str) -> Path:
    name = where.name
    if part not in content["files"]:
        raise ValueError(f"model {name!r} has no file {part!r}. Files: {sorted(content['files'])}")
    path = (where.parent / content["shares"] if "shares" in content else where) / part
    if not path.is_file():
        raise FileNotFoundError(f"model {name!r}: {path} is missing")
    expected, found = content["files"][part], paths.sha256(path)
    if found != expected:
        raise ValueError(
            f"model {name!r}: {part} is not the file of its card "
            f"(sha256 expected {expected[:12]}..., received {found[:12]}...)"
        )
    return path


def _stamp(where: Path) -> int:
    return (where / "card.json").stat().st_mtime_ns


def load(model: str | Path) -> tuple:
    """The networks of a model (several where it is an ensemble), ready to predict.

    Returns
    -------
    tuple of keras.Model
        The same ones at each call: do not train them.
    """
    where = find(model)
    return _load(where, _stamp(where))


@lru_cache(maxsize=32)
def _load(where: Path, stamp: int) -> tuple:
    from varstar import models

    content = card(where)
    networks = []
    for part in sorted(p for p in content["files"] if p.endswith(".weights.h5")):
        described = content["network"]
        network = models.build(described["name"], **described["options"])
        network.load_weights(_file(where, content, part))
        if "head" in described:
            network = models.head(described["name"], network, described["head"])
        networks.append(network)
    return tuple(networks)


def predictors(model: str | Path) -> tuple:
    """The networks of a model for predicting only, without TensorFlow where a wing's
    ``FORWARD`` names a forward pass in NumPy.

    Returns
    -------
    tuple of keras.Model or of varstar.models.forward.Network
        Each with ``predict_on_batch``.
    """
    where = find(model)
    return _predictors(where, _stamp(where))


@lru_cache(maxsize=32)
def _predictors(where: Path, stamp: int) -> tuple:
    from varstar import models

    content = card(where)
    described = content.get("network", {})
    function = models.forward_pass(described)
    if function is None:
        return load(where)
    parts = sorted(p for p in content["files"] if p.endswith(".weights.h5"))
    paths = [_file(where, content, part) for part in parts]
    options = {**described["options"], "head": described.get("head")}
    return tuple(forward.Network(function, forward.weights(path), options) for path in paths)


def arrays(model: str | Path, part: str) -> dict[str, np.ndarray]:
    """The arrays of a part that was saved as ``<part>.npz``; they cannot be written to."""
    where = find(model)
    return dict(_arrays(where, part, _stamp(where)))


def derived(model: str | Path, part: str, prepare: Callable[[dict], dict]) -> dict[str, Any]:
    """What `prepare` makes of the arrays of a part; made once a process."""
    where = find(model)
    return dict(_derived(where, part, prepare, _stamp(where)))


@lru_cache(maxsize=16)
def _derived(where: Path, part: str, prepare: Callable, stamp: int) -> dict[str, Any]:
    return prepare(_arrays(where, part, stamp))


@lru_cache(maxsize=64)
def _arrays(where: Path, part: str, stamp: int) -> dict[str, np.ndarray]:
    with np.load(_file(where, card(where), f"{part}.npz"), allow_pickle=False) as content:
        found = {key: content[key] for key in content}
    for values in found.values():
        values.setflags(write=False)
    return found


def _save_weights(network: Any, path: Path) -> None:
    """Weights with matrices in half precision, which halves the file.

    Probabilities change by some 1e-4; `load` gives single precision again.
    """
    import h5py

    whole = path.with_name(f"whole_{path.name}")
    network.save_weights(whole)
    with h5py.File(whole) as source, h5py.File(path, "w", libver="latest") as target:
        target.attrs.update(source.attrs)

        def copy(name: str, item: Any) -> None:
            if isinstance(item, h5py.Group):
                new = target.require_group(name)
            else:
                values = item[()]
                if values.dtype == np.float32 and values.ndim > 1:
                    half = values.astype(np.float16)
                    values = half if np.isfinite(half).all() else values
                packed = {"compression": "gzip"} if values.size > 256 else {}
                new = target.create_dataset(name, data=values, **packed)
            new.attrs.update(item.attrs)

        source.visititems(copy)
    whole.unlink()


def save(
    where: str | Path,
    content: Mapping[str, Any],
    networks: Sequence[Any] = (),
    parts: Mapping[str, Mapping[str, np.ndarray]] | None = None,
    *,
    shares: str | None = None,
    half: bool = True,
) -> Path:
    """Write a trained model as a whole: an old one stays until the new one is complete.

    Parameters
    ----------
    where : path
        The model's folder; its last part is the model's name.
    content : mapping
        The card without ``name`` and ``files``.
    networks : sequence of keras.Model
        All of the architecture of the card's ``network``: ``network0.weights.h5``, ...
    parts : mapping of mapping of ndarray, optional
        Other arrays, each mapping written as ``<part>.npz``.
    shares : str, optional
        A model beside this one whose files this one uses too (another head of the same
        networks); then only a card is written.
    half : bool
        Write matrices in half precision.
    """
    where = Path(where).expanduser()
    content = {k: v for k, v in content.items() if k not in ("name", "files", "shares")}
    missing = [key for key in REQUIRED if key not in {"name": 0, "files": 0, **content}]
    if missing:
        raise ValueError(f"the card lacks {missing}")
    if networks and "network" not in content:
        raise ValueError("the card lacks ['network']: name and options for varstar.models.build")
    if shares and (networks or parts):
        raise ValueError(f"{where.name!r} shares the files of {shares!r}: it has none of its own")
    if where.exists() and any(where.iterdir()) and not (where / "card.json").is_file():
        raise ValueError(f"expected a new folder or that of a model. Received: {where}")
    writers: dict[str, Callable[[Path], None]] = {}
    for k, network in enumerate(networks):
        save_one = _save_weights if half else lambda n, path: n.save_weights(path)
        writers[f"network{k}.weights.h5"] = lambda path, n=network, s=save_one: s(n, path)
    for part, values in (parts or {}).items():
        writers[f"{part}.npz"] = lambda path, v=values: np.savez_compressed(path, **v)
    with paths.atomic(where) as temporary:
        temporary.mkdir(parents=True)
        files = dict(card(where.parent / shares)["files"]) if shares else {}
        for part, write in writers.items():
            write(temporary / part)
            files[part] = paths.sha256(temporary / part)
        whole = {"name": where.name, **content, **({"shares": shares} if shares else {}),
                 "files": files}  # fmt: skip
        text = json.dumps(whole, indent=1, ensure_ascii=False)
        (temporary / "card.json").write_text(text + "\n", encoding="utf-8")
    return where

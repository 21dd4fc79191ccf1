"""The trained models that ship with varstar: weights and a card each, no pickles.

A model is a folder ``shipped/<name>/`` with ``card.json`` and the files that the card
lists with their sha256. The card says what the model is (`kind`, network and options,
classes, inputs), what it was trained on, and how well it does on which data.
"""

import hashlib
import json
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from varstar import paths

#: What a card must say.
REQUIRED = ("name", "paper", "kind", "classes", "inputs", "training", "scores", "files")


def folder(name: str) -> Path:
    """Where the model `name` lies."""
    return paths.PACKAGE / "models" / "shipped" / name


def available() -> list[str]:
    """Names of the trained models, ``"<paper>-<survey>"``."""
    return sorted(p.parent.name for p in folder("").glob("*/card.json"))


def card(name: str) -> dict[str, Any]:
    """What the model `name` is, was trained on, and scores.

    Raises
    ------
    ValueError
        Unknown name, or a card that lacks something.
    """
    path = folder(str(name)) / "card.json"
    if name not in available():
        raise ValueError(f"unknown model {name!r}. Known: {available()}")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is not a card: {error}") from error
    missing = [key for key in REQUIRED if key not in content]
    if missing:
        raise ValueError(f"{path}: the card lacks {missing}")
    return content


def file(name: str, part: str) -> Path:
    """A file of the model, its hash checked against the card."""
    known = card(name)["files"]
    if part not in known:
        raise ValueError(f"model {name!r} has no file {part!r}. Files: {sorted(known)}")
    path = folder(card(name).get("shares", name)) / part
    if not path.is_file():
        raise FileNotFoundError(f"model {name!r}: {path} is missing")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != known[part]:
        raise ValueError(
            f"model {name!r}: {part} is not the file of its card "
            f"(sha256 expected {known[part][:12]}..., received {found[:12]}...)"
        )
    return path


@lru_cache(maxsize=8)
def load(name: str) -> tuple:
    """The networks of a model (several where it is an ensemble), ready to predict.

    Returns
    -------
    tuple of keras.Model
    """
    from varstar.models import build
    from varstar.papers.s20.network import head

    content = card(name)
    networks = []
    for part in sorted(p for p in content["files"] if p.endswith(".weights.h5")):
        network = build(content["network"]["name"], **content["network"]["options"])
        network.load_weights(file(name, part))
        if "head" in content["network"]:
            network = head(network, content["network"]["head"])
        networks.append(network)
    return tuple(networks)


def arrays(name: str, part: str) -> dict[str, np.ndarray]:
    """The arrays of a part that was saved as ``<part>.npz``."""
    with np.load(file(name, f"{part}.npz"), allow_pickle=False) as content:
        return {key: content[key] for key in content}


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
    name: str,
    content: dict[str, Any],
    networks: list | tuple = (),
    parts: dict[str, dict[str, np.ndarray]] | None = None,
    shares: str | None = None,
) -> Path:
    """Write a trained model; the card, written last, makes it visible.

    Parameters
    ----------
    name : str
    content : dict
        The card without ``name`` and ``files``.
    networks : sequence of keras.Model
        All of the architecture of the card's ``network``: ``network0.weights.h5``, ...
    parts : dict of dict of ndarray, optional
        Other arrays, each dict written as ``<part>.npz``.
    shares : str, optional
        A model whose files this one uses too (another head of the same networks); then
        only a card is written.
    """
    missing = [key for key in REQUIRED if key not in {"name": 0, "files": 0, **content}]
    if missing:
        raise ValueError(f"the card lacks {missing}")
    if networks and "network" not in content:
        raise ValueError("the card lacks ['network']: name and options for varstar.models.build")
    if shares and (networks or parts):
        raise ValueError(f"{name!r} shares the files of {shares!r}: it has none of its own")
    where = folder(name)
    where.mkdir(parents=True, exist_ok=True)
    (where / "card.json").unlink(missing_ok=True)  # first: half a model must not be visible
    for old in where.iterdir():
        old.unlink()
    writers = {
        f"network{k}.weights.h5": lambda path, n=n: _save_weights(n, path)
        for k, n in enumerate(networks)
    }
    for part, values in (parts or {}).items():
        writers[f"{part}.npz"] = lambda path, values=values: np.savez_compressed(path, **values)
    files = dict(card(shares)["files"]) if shares else {}
    for part, write in writers.items():
        temporary = where / f"tmp_{part}"
        write(temporary)
        files[part] = hashlib.sha256(temporary.read_bytes()).hexdigest()
        os.replace(temporary, where / part)
    temporary = where / "tmp_card.json"
    whole = {"name": name, **content, **({"shares": shares} if shares else {}), "files": files}
    text = json.dumps(whole, indent=1, ensure_ascii=False)
    temporary.write_text(text + "\n")
    os.replace(temporary, where / "card.json")
    load.cache_clear()
    return where

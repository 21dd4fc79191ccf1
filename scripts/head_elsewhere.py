"""Let another machine train the networks of notebook 06.

Trained on all folds with three seeds they take some hours of two cores, and ten minutes of one
large graphics card. The predictions come back; scores, intervals and figures are made here.

    python scripts/head_elsewhere.py pack FOLDER                    # here: stars, periods, columns
    KERAS_BACKEND=jax python scripts/head_elsewhere.py train FOLDER # there, beside the package
    python scripts/head_elsewhere.py adopt FOLDER                   # here: into the cache

Several processes may train in one folder; each takes what nobody has begun. There TensorFlow is
not needed. What took how long there is not kept: costs are measured here, on what is left out
(``--leave``, by default the first fold of the first seed).
"""

import argparse
import itertools
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

TOP = Path(__file__).resolve().parents[1]


def parameters(profile: str) -> dict[str, Any]:
    """Of the notebook at a profile: surveys, bands, networks, folds, seeds, ..."""
    book = json.loads((TOP / "notebooks" / "06_head_to_head.ipynb").read_text("utf-8"))
    cell = next(c for c in book["cells"] if "parameters" in c["metadata"].get("tags", []))
    found: dict[str, Any] = {}
    exec("".join(cell["source"]), found)  # literals only, as a test holds
    text = (TOP / "notebooks" / "params" / profile / "06.yaml").read_text("utf-8")
    return found | yaml.safe_load(text)


def surveys(chosen: dict[str, Any], names: list[str] | None = None) -> dict[tuple[str, str], Any]:
    """(survey, kind of period) -> the survey as the notebook has it, without its timings."""
    from varstar.papers.head import survey

    options = {k: chosen[k] for k in ("size", "most", "minimum", "seed")}
    return {
        (name, period): survey.prepared(name, band, period == "catalogue", options)._replace(ms={})
        for name, band in zip(chosen["surveys"], chosen["bands"], strict=True)
        for period in chosen["network_periods"]
        if not names or name in names
    }


def pack(folder: Path, profile: str) -> None:
    """Everything that the networks learn from, and what is to be done."""
    from varstar.papers.head import tracks

    chosen = parameters(profile)
    folder.mkdir(parents=True, exist_ok=True)
    for (name, period), s in surveys(chosen).items():
        stem = folder / f"{name}.{period}"
        keep = [c for c in ("lc", "label", "period", "ra", "dec") if c in s.sample.columns]
        s.sample[keep].to_parquet(f"{stem}.sample.parquet", compression="zstd")
        s.search.to_parquet(f"{stem}.search.parquet")
        s.table.to_parquet(f"{stem}.table.parquet")
        np.savez_compressed(f"{stem}.npz", labels=s.labels.astype(str),
                            families=s.families.astype(str),
                            fold=tracks.fold_of(s, chosen["folds"], 0))  # fmt: skip
    todo = itertools.product(chosen["network_seeds"], chosen["networks"],
                             chosen["network_periods"], range(chosen["network_folds"]),
                             chosen["surveys"])  # fmt: skip
    (folder / "todo.json").write_text(json.dumps([list(t) for t in todo]))


def unpacked(folder: Path, name: str, period: str) -> tuple[Any, np.ndarray]:
    """A survey that `pack` wrote, and the fold of each star."""
    from nested_pandas import read_parquet

    from varstar.papers.head.survey import Survey

    stem = folder / f"{name}.{period}"
    known = np.load(f"{stem}.npz")
    search = pd.read_parquet(f"{stem}.search.parquet")
    sample = read_parquet(f"{stem}.sample.parquet")
    sample.index = search.index
    table = pd.read_parquet(f"{stem}.table.parquet")
    given = period == "catalogue"
    survey = Survey(name, sample, known["labels"], known["families"], search, given, table, {})
    return survey, known["fold"]


def train(folder: Path) -> None:
    """Whatever of the work nobody has begun, one network after the other."""
    from varstar.papers.head import methods, tracks

    entries, known = methods.entries(), {}
    for seed, entrant, period, k, name in json.loads((folder / "todo.json").read_text()):
        path = folder / f"{entrant}.{name}.{period}.{k}.{seed}.npz"
        try:
            path.with_suffix(".begun").mkdir()
        except FileExistsError:
            continue
        if (name, period) not in known:
            known[name, period] = unpacked(folder, name, period)
        survey, fold = known[name, period]
        one = tracks.one_fold(survey, fold, k, entries[entrant], seed)
        half = path.with_suffix(".half.npz")
        np.savez(half, **{n: one[n] for n in ("probability", "mb", "error")})
        os.rename(half, path)
        print(path.stem, one["error"] or "done", flush=True)


def adopt(folder: Path, profile: str, made_with: dict[str, str], leave: list[str]) -> None:
    """Put the predictions where the notebook looks for them."""
    from varstar.compendium import cache
    from varstar.papers.head import methods, tracks

    chosen, entries, n = parameters(profile), methods.entries(), 0
    for (name, period), s in surveys(chosen).items():
        fold = tracks.fold_of(s, chosen["folds"], 0)
        for path in sorted(folder.glob(f"*.{name}.{period}.*.*.npz")):
            entrant, _, _, k, seed = path.stem.split(".")
            if f"{k}.{seed}" in leave:
                continue
            with np.load(path) as one:
                if str(one["error"]):
                    continue
                result = {"probability": one["probability"], "train_seconds": np.nan,
                          "test_ms": np.nan, "mb": float(one["mb"]), "error": ""}  # fmt: skip
            cache.adopt("head_fold", tracks.one_fold, result, s, fold, int(k),
                        dict(entries[entrant]), int(seed), made_with=made_with)  # fmt: skip
            n += 1
    print(n, "folds adopted")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("verb", choices=["pack", "train", "adopt"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--profile", default="real")
    parser.add_argument("--made-with", default="{}", help="JSON: machine and libraries there")
    parser.add_argument("--leave", nargs="*", default=["0.0"], help="FOLD.SEED that stay here's")
    args = parser.parse_args()
    if args.verb == "pack":
        pack(args.folder, args.profile)
    elif args.verb == "train":
        train(args.folder)
    else:
        adopt(args.folder, args.profile, json.loads(args.made_with), args.leave)


if __name__ == "__main__":
    main()

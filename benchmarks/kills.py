"""Kill a run at random moments, start it again, and compare what comes out.

    python benchmarks/kills.py --kills 20 --seed 1            # a cached step with checkpoints
    python benchmarks/kills.py --kills 20 --notebooks 00 S1   # varstar reproduce, smoke
    python benchmarks/kills.py --kills 20 --catalogue         # varstar classify CATALOGUE
    python benchmarks/kills.py --kills 20 --training          # networks with checkpoints
    python benchmarks/kills.py --kills 20 --fetch             # varstar data fetch, a local server

The run is killed (SIGKILL, with everything that it started) after a random time up to that
of an uninterrupted run, and started again until it ends. Its tables, run times apart, must
be the bytes of the uninterrupted run. Then the folder is emptied and the next round begins.
Exits 1 when anything differs.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from varstar.compendium.compare import compare_tables

#: A training in small: its state is written at every epoch, as `varstar.learning` does.
STEP = """
import json, sys, time
from pathlib import Path
import numpy as np
import pandas as pd
from varstar import paths
from varstar.compendium.cache import cached

def train(epochs, seed, folder):
    state = Path(folder, "state.json")
    kept = json.loads(state.read_text()) if state.exists() else {"epoch": 0, "weights": [0.0] * 50}
    weights = np.array(kept["weights"])
    for epoch in range(kept["epoch"], epochs):
        weights = np.tanh(weights + np.random.default_rng([seed, epoch]).normal(size=50))
        with paths.atomic(state) as temporary:
            temporary.write_text(json.dumps({"epoch": epoch + 1, "weights": weights.tolist()}))
        time.sleep(0.02)
    return pd.DataFrame({"weights": weights})

tables = [cached("killed_step", train, epochs=40, seed=s, scratch="folder") for s in range(3)]
for seed, table in enumerate(tables):
    with paths.atomic(Path(sys.argv[1], f"step{seed}.csv")) as temporary:
        table.to_csv(temporary)
"""

#: Two small networks with dropout, each epoch kept; what they say is compared.
TRAINING = """
import sys
from pathlib import Path
import numpy as np
import pandas as pd
import varstar as vs
from varstar import paths
from varstar.compendium.cache import cached
from varstar.learning.training import array_batches, seeded, train

def learn(epochs, seed, folder):
    import keras
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(600, 16)).astype("float32")
    y = np.eye(3, dtype="float32")[(x[:, 0] + x[:, 1] > 0).astype(int) + (x[:, 2] > 1)]
    with seeded(seed):
        model = vs.models.build("sm", n_inputs=16, n_classes=3, units=[32, 16], dropout=0.3)
    model.compile(keras.optimizers.Adam(3e-3), "categorical_crossentropy")
    train(model, lambda epoch: array_batches(x[:450], y[:450], 32, seed=seed + epoch),
          array_batches(x[450:], y[450:], 150), epochs=epochs, patience=None, seed=seed,
          folder=folder)
    return pd.DataFrame(np.asarray(model.predict(x[450:], verbose=0)), columns=list("abc"))

for seed in range(2):
    table = cached("killed_training", learn, epochs=12, seed=seed, scratch="folder")
    with paths.atomic(Path(sys.argv[1], f"network{seed}.csv")) as temporary:
        table.to_csv(temporary)
"""


def start(folder: Path, what: list[str]) -> subprocess.Popen:
    """Begin the run, with all its folders in `folder`; `what` are the arguments of python."""
    names = ("build", "cache", "figures")
    here = {f"VARSTAR_{name.upper()}": str(folder / name) for name in names}
    command = [word.replace("BUILD", str(folder / "build")) for word in what]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(
        [sys.executable, *command], env={**os.environ, **here}, start_new_session=True, **quiet
    )


def what_to_run(options: argparse.Namespace, top: Path) -> list[str]:
    """The arguments of python; BUILD stands for the run's own folder."""
    if options.notebooks:
        return ["-m", "varstar", "reproduce", "--profile", "smoke", *options.notebooks]
    if options.training:
        return ["-c", TRAINING, "BUILD"]
    if options.fetch:
        return ["-m", "varstar", "data", "fetch", "ogle4-lmc", "--types", "rrlyr,ecl", "--root",
                "BUILD", "--mirror", options.fetch, "--pause", "0.3"]  # fmt: skip
    if not options.catalogue:
        return ["-c", STEP, "BUILD"]
    import varstar as vs

    (top / "survey").mkdir()
    for k in range(6):
        sample = vs.load("sim-asas", size=20, seed=k)
        sample.index = pd.Index([f"{k}-{name}" for name in sample.index], name="star_id")
        sample.to_parquet(top / "survey" / f"part{k}.parquet")
    return ["-m", "varstar", "classify", str(top / "survey"), "-o", "BUILD", "--model", "sm-asas"]


def tables(folder: Path) -> dict[str, bytes]:
    """The tables that a run has made, by name."""
    found = sorted(p for p in (folder / "build").rglob("*") if p.suffix in (".csv", ".parquet"))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def differs(made: dict[str, bytes], known: dict[str, bytes]) -> list[str]:
    """Names of tables that are not the same, run times apart."""
    found = sorted(set(made) ^ set(known))
    for name in set(made) & set(known):
        if made[name] != known[name] and name.endswith(".parquet"):
            found.append(name)
        elif made[name] != known[name]:
            both = [_table(content) for content in (made[name], known[name])]
            judged = compare_tables(*both)
            if judged.within or judged.outside:
                found.append(name)
    return found


def _table(content: bytes) -> pd.DataFrame:
    from io import BytesIO

    return pd.read_csv(BytesIO(content), dtype=str, keep_default_na=False)


def main() -> int:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=300.0, help="kill no more after so long")
    parser.add_argument("--notebooks", nargs="*", default=[], help="numbers; a cached step if none")
    parser.add_argument("--catalogue", action="store_true", help="a folder of Parquet classified")
    parser.add_argument("--training", action="store_true", help="networks with checkpoints")
    parser.add_argument("--fetch", action="store_true", help="a survey from a server of our own")
    options = parser.parse_args()
    if not options.fetch:
        return run(options)
    os.environ["NO_PROXY"] = "127.0.0.1"
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from archive_server import serving
    from datasets.test_command import serve_ogle

    with serving() as site, tempfile.TemporaryDirectory() as folder:
        serve_ogle(site, Path(folder))
        options.fetch = site.url
        return run(options)


def run(options: argparse.Namespace) -> int:
    """Kill and compare; returns the exit status."""
    moments = random.Random(options.seed)
    top = Path(tempfile.mkdtemp(prefix="varstar-kills-"))
    what = what_to_run(options, top)
    begin = time.monotonic()
    if start(top / "whole", what).wait():
        print("the uninterrupted run fails")
        return 1
    took = time.monotonic() - begin
    known = tables(top / "whole")
    print(f"uninterrupted: {took:.0f} s, {len(known)} tables")
    kills = rounds = 0
    wrong: list[str] = []
    deadline = time.monotonic() + options.seconds
    while kills < options.kills and time.monotonic() < deadline:
        folder = top / f"round{rounds}"
        ended = False
        while not ended:
            process = start(folder, what)
            killing = kills < options.kills and time.monotonic() < deadline
            try:
                status = process.wait(moments.uniform(0, took) if killing else None)
                ended = True
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                kills += 1
        wrong += [f"round {rounds}: exit status {status}"] if status else []
        wrong += [f"round {rounds}: {name}" for name in differs(tables(folder), known)]
        left = list((folder / "cache").rglob("*.scratch")) + list(folder.rglob("*.lock"))
        wrong += [f"round {rounds}: left {path.name}" for path in left if path.name != ".lock"]
        rounds += 1
        shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(top)
    print(f"{kills} kills in {rounds} runs of {len(known)} tables: {len(wrong)} differences")
    print("\n".join(wrong))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())

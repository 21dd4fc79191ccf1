"""Hostile light curves and files: what breaks, hangs, or answers what cannot be.

    python benchmarks/fuzz.py --seed 1 --light-curves 10000 --files 10000
    python benchmarks/fuzz.py --seed 1 --only-curve 4711           # one again, told in full

Every case is made from the seed and its number alone. The period search, the features, the
images and the classifiers must answer every sample, whatever is in it, with a row or a
reason; the readers may refuse a file with ValueError or FileNotFoundError and nothing else.
Nothing may take more than `LIMIT` seconds of processor time (`LIMIT_LARGE` with 10^6 points),
and no finite answer with status "ok" may be one that an independent check contradicts. Exits 1
when something does.
"""

import argparse
import os
import signal
import sys
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Sequence

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from hostile_curves import (  # noqa: E402
    complaints_of_class,
    complaints_of_features,
    complaints_of_image,
    complaints_of_period,
    sample_of,
)

import varstar as vs  # noqa: E402
from varstar.lightcurves.sample import (  # noqa: E402
    clean,
    is_valid,
    light_curves,
    one_band,
    several_bands,
)

#: Most processor time of one call on one star or file, and on one star of 10^6 points [s].
LIMIT, LIMIT_LARGE = 2.0, 10.0
#: Stars that are classified in one call.
TOGETHER = 50
#: Models without TensorFlow, tried on all light curves in turn; the others on one group in ten.
QUICK = ("k21-asas", "k21-lmc", "sm-asas", "k21-sim", "k21-hipparcos", "any")
DEEP = ("ts19-catalina", "s20-catalina", "s20p-catalina", "s26-eros2")


class Campaign:
    """What was tried and what went wrong."""

    def __init__(self, tell: bool = True) -> None:
        self.tried: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.slowest: dict[str, tuple[float, str]] = {}
        self.tell = tell
        self.limit = LIMIT

    def complain(self, what: str, case: str, sentences: list[str]) -> None:
        for sentence in sentences:
            self.wrong.append(f"{what}, {case}: {sentence}")
            if self.tell:
                print(self.wrong[-1], flush=True)

    def call(self, what: str, case: str, function, *args, allowed=(), stars=1, **options):
        """The answer of a call; None where it raised, which is a complaint unless `allowed`."""
        self.tried[what] += stars
        begin = time.process_time()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)
                warnings.simplefilter("error", RuntimeWarning)
                answer = function(*args, **options)
        except allowed as error:
            answer = None
            if not str(error).strip():
                self.complain(what, case, ["an error without words"])
        except Exception as error:
            answer = None
            where = traceback.extract_tb(error.__traceback__)
            place = next((f for f in reversed(where) if "varstar" in f.filename), where[-1])
            place = f"{place.filename.rsplit('varstar/', 1)[-1]}:{place.lineno}"
            self.complain(what, case, [f"{type(error).__name__} at {place}: {str(error)[:150]}"])
        seconds = time.process_time() - begin
        if seconds > self.slowest.get(what, (0.0, ""))[0]:
            self.slowest[what] = (seconds, case)
        if seconds > self.limit:
            self.complain(what, case, [f"{seconds:.1f} s"])
        return answer


def try_group(
    campaign: Campaign, seed: int, numbers: list[int], models: Sequence[str], n: int | None = None
) -> None:
    """All functions on a sample of these light curves, and what is wrong with the answers."""
    turn = numbers[0] // TOGETHER
    sample, cases = sample_of(seed, numbers, n, period=turn % 3 == 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        main, _ = clean(one_band(light_curves(sample)))
    curves, _ = clean(light_curves(sample))
    several = several_bands(curves)

    def ask(what, function, *args, **options):
        return _ask(campaign, what, cases, sample, function, *args, **options)

    found = ask("find_periods", vs.find_periods)
    for i, row in found.items():
        said = complaints_of_period(row, *curves.one(i), bool(several[i]))
        campaign.complain("find_periods", cases[i], said)
    # the period is the search's, the sample's own column, or looked for again
    given = {}
    if turn % 3 == 0:
        given["periods"] = np.array([found[i]["period"] if i in found else 1.0
                                     for i in range(len(sample))])  # fmt: skip
    for i, row in ask("variability_features", vs.variability_features, **given).items():
        said = complaints_of_features(row, main.one(i)[1])
        campaign.complain("variability_features", cases[i], said)
    options = {
        "scale": ("unit", "star", "bulk", "bulk-2mag")[turn % 4], "size": (128, 28)[turn % 2],
        "epochs": ("max", 0.0)[turn // 4 % 2], "return_status": True,
    }  # fmt: skip
    for i, (image, status) in ask("fold_images", vs.fold_images, **given, **options).items():
        said = complaints_of_image(image, status, int(main.counts[i]))
        campaign.complain("fold_images", cases[i], said)
    valid = light_curves(sample)
    valid = np.bincount(valid.star[is_valid(valid)], minlength=len(sample))
    for model in models:
        classes = list(vs.models.card(model)["classes"])
        for i, row in ask(f"classify {model}", vs.classify, model).items():
            said = complaints_of_class(row, classes, int(valid[i]))
            campaign.complain(f"classify {model}", cases[i], said)


def _ask(
    campaign: Campaign,
    what: str,
    cases: list[str],
    sample: pd.DataFrame,
    function,
    *args,
    **options,
) -> dict:
    """The answer about each star of a sample: of all at once, else of each alone."""
    trial = Campaign(tell=False)
    trial.limit = campaign.limit
    answer = trial.call(what, "together", function, sample, *args, **options)
    answers = {}
    if not trial.wrong:
        campaign.tried[what] += len(sample)
        campaign.slowest[what] = max(
            campaign.slowest.get(what, (0.0, "")), (trial.slowest[what][0] / len(sample), "mean")
        )
        answers = dict(enumerate(_rows(answer)))
    else:
        for i, case in enumerate(cases):
            own = options
            if "periods" in options:
                own = {**options, "periods": options["periods"][i : i + 1]}
            answer = campaign.call(what, case, function, sample.iloc[i : i + 1], *args, **own)
            if answer is not None:
                answers[i] = _rows(answer)[0]
    for row in answers.values():
        campaign.answered[what] += (row["status"] if isinstance(row, pd.Series) else row[1]) == "ok"
    return answers


def _rows(answer) -> list:
    if isinstance(answer, tuple):
        return list(zip(*answer, strict=True))
    return [row for _, row in answer.iterrows()]


def fuzz_curves(
    campaign: Campaign, seed: int, number: int, deadline: float, deep: bool = True
) -> int:
    """Light curves 0 ... number - 1 of the seed; how many were tried in time."""
    if not number:
        return 0
    for model in QUICK + DEEP * deep:  # loaded before they are timed
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            vs.classify(sample_of(0, [0])[0], model)
    begin = time.process_time()
    for first in range(0, number, TOGETHER):
        if time.process_time() - begin > deadline:
            return first
        turn = first // TOGETHER
        models = [QUICK[turn % len(QUICK)]]
        if deep and turn % 10 == 0:
            models.append(DEEP[turn // 10 % len(DEEP)])
        try_group(campaign, seed, list(range(first, min(first + TOGETHER, number))), models)
    return number


def fuzz_large(campaign: Campaign, seed: int) -> None:
    """A few light curves of 10^5 and 10^6 points."""
    campaign.limit = LIMIT_LARGE
    for k, n in enumerate((100_000, 1_000_000, 1_000_000)):
        try_group(campaign, seed, [10_000_000 + k], [QUICK[0]], n)
    campaign.limit = LIMIT


def fuzz_files(campaign: Campaign, seed: int, number: int, deadline: float) -> int:
    """Files 0 ... number - 1 of the seed; how many were tried in time."""
    from hostile_files import Files

    begin = time.process_time()
    with Files(seed) as files:
        for k in range(number):
            if time.process_time() - begin > deadline:
                return k
            path, wrong, options = files.make(k)
            allowed = (ValueError, FileNotFoundError)
            case = f"file {k} ({wrong})"
            sample = campaign.call(
                "read_light_curve", case, vs.read_light_curve, path, allowed=allowed, **options
            )
            if sample is not None:
                campaign.answered["read_light_curve"] += 1
                campaign.complain("read_light_curve", case, files.complaints(sample))
    return number


def report(campaign: Campaign) -> str:
    """A table of what was tried, in Markdown."""
    lines = ["| what | tried | answered | refused, or a reason | most time [s] |",
             "|---|---|---|---|---|"]  # fmt: skip
    for what, n in campaign.tried.items():
        ok, (seconds, _) = campaign.answered[what], campaign.slowest.get(what, (0.0, ""))
        lines.append(f"| `{what}` | {n} | {ok} | {n - ok} | {seconds:.2f} |")
    kinds = Counter(w.split(", ", 1)[0] for w in campaign.wrong)
    return "\n".join([*lines, "", f"{len(campaign.wrong)} complaints {dict(kinds)}"])


def main() -> int:
    """Run the campaign; 1 when something went wrong."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--light-curves", type=int, default=200)
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--large", action="store_true", help="also 10^5 and 10^6 points")
    parser.add_argument("--seconds", type=float, default=3600.0, help="processor time of each part")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only-curve", type=int)
    parser.add_argument("--only-file", type=int)
    options = parser.parse_args()
    os.environ.setdefault("TQDM_DISABLE", "1")
    campaign = Campaign()
    if options.only_curve is not None:
        try_group(campaign, options.seed, [options.only_curve], QUICK)
    elif options.only_file is not None:
        from hostile_files import Files

        with Files(options.seed) as files:
            path, wrong, given = files.make(options.only_file)
            print(wrong, given)
            print(vs.read_light_curve(path, **given))
    else:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        begin = time.process_time()
        try:
            fuzz_curves(campaign, options.seed, options.light_curves, options.seconds)
            if options.large:
                fuzz_large(campaign, options.seed)
            fuzz_files(campaign, options.seed, options.files, options.seconds)
        except (KeyboardInterrupt, SystemExit):
            print("stopped early")  # what was tried until then counts
        print(f"seed {options.seed}, {time.process_time() - begin:.0f} s\n")
    print(report(campaign))
    return int(bool(campaign.wrong))


if __name__ == "__main__":
    sys.exit(main())

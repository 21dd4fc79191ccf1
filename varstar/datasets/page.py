"""The page "The surveys" (docs/surveys.md), made from the registry."""

from varstar.datasets.download import size_text
from varstar.datasets.registry import SURVEYS

#: paper -> title, notebook, surveys of the paper's own data, and the parameters of the
#: notebook that put it on them
PAPERS = {
    "s20": {
        "title": "Szklenár et al. 2020",
        "notebook": "01",
        "surveys": ["ogle3-lmc", "ogle4-lmc"],
        "parameters": {
            "train_survey": "ogle3-lmc",
            "test_survey": "ogle4-lmc",
            "train_stars": "null",
            "test_stars": "null",
            "train_balance": "{}",
        },
    },
    "sm": {
        "title": "Santomena & Mufti",
        "notebook": "02",
        "surveys": ["asassn"],
        "parameters": {"survey": "asassn"},
    },
    "k21": {
        "title": "Kim et al. 2021",
        "notebook": "03",
        "surveys": ["ogle3-lmc", "eros2-lmc", "asas_acvs", "hipparcos", "asassn"],
        "parameters": {
            "source_surveys": "[ogle3-lmc, eros2-lmc]",
            "source_sizes": "[null, null]",
            "asas_survey": "asas_acvs",
            "asas_size": "null",
            "hipparcos_survey": "hipparcos",
            "hipparcos_size": "null",
            "large_survey": "asassn",
            "large_size": "null",
        },
    },
    "ts19": {
        "title": "Tsang & Schultz 2019",
        "notebook": "04",
        "surveys": ["asassn"],
        "parameters": {"survey": "asassn", "stars": "null", "photometry": "false"},
    },
    "s26": {
        "title": "Szklenár et al. 2026",
        "notebook": "05",
        "surveys": ["ogle4-blg", "ogle4-gd", "ztf"],
        "parameters": {},
    },
}

_HEAD = """# The surveys

<!-- Made by `python -m varstar data page`; edit varstar/datasets, not this file. -->

Real light curves are not part of this project: they belong to their surveys, which give them
to everybody. One command fetches a survey from its archive and converts it to the two files that
`varstar.load` reads, `stars.parquet` and `observations.parquet`:

    make data SURVEY=ogle3-lmc                            # or:
    python -m varstar data fetch ogle3-lmc
    python -m varstar data fetch ogle3-lmc --dry-run      # what and how much, nothing fetched
    python -m varstar data fetch ogle3-lmc --stars 200    # a few of each class, to begin with
    python -m varstar data fetch ogle3-lmc --types rrlyr,acep
    python -m varstar data convert ogle3-lmc --raw DIR    # raw files that are here already
    python -m varstar data check ogle3-lmc                # hashes, counts, columns

A download that was cut goes on where it stopped. Everything goes to `data/`, or where
`VARSTAR_DATA` points. None of the archives publishes hashes of its files: the SHA-256 of each
file is written down when it is fetched, and checked from then on.

Sizes that the archives do not say are estimated from numbers of stars. The time to fetch is the
size at 5 MB/s, or the polite pause that is kept
between two requests times the number of files.
"""


def surveys_page() -> str:
    """The whole page, as Markdown."""
    parts = [_HEAD, _papers(), "## To fetch from an archive\n"]
    parts += [_section(n, r) for n, r in SURVEYS.items() if "archive" in r]
    parts.append("## Without an archive of their own\n")
    parts.append(
        "Sets that were put together for a paper, or hold a catalogue only. `varstar.load` reads "
        "them when their folder is there.\n"
    )
    parts += [_section(n, r) for n, r in SURVEYS.items() if "archive" not in r]
    return "\n".join(parts)


def run_command(paper: str) -> str:
    """The command that runs a paper's notebook at the paper's size on its own survey."""
    entry = PAPERS[paper]
    if not entry["parameters"]:
        return f"make reproduce-{entry['notebook']} PROFILE=paper"
    options = " ".join(f"-p '{k}={v}'" for k, v in entry["parameters"].items())
    return f"python -m varstar run {entry['notebook']} --profile paper {options}"


def _papers() -> str:
    lines = ["## Each paper on its own survey\n"]
    for paper, entry in PAPERS.items():
        fetch = [f"    make data SURVEY={name}" for name in entry["surveys"]]
        lines += [f"{entry['title']}:\n", *fetch, f"    {run_command(paper)}\n"]
    return "\n".join(lines)


def _section(name: str, row: dict) -> str:
    facts = {
        "What": row["title"],
        "Holds": row["holds"] + (f" in {', '.join(row['bands'])}" if row["bands"] else ""),
        "Stars": row.get("stars"),
        "Classes": row["classes"],
        "Times": row.get("time_scale"),
        "Used by": ", ".join(PAPERS[p]["title"] for p in row["papers"]),
        "Size, time": _cost(row),
        "Terms": row["terms"],
        "Cite": "; ".join(row["citation"]),
        "Not verified": row.get("unverified"),
        "How": row["how"],
    }
    lines = [f"### {name}\n"] + [f"- **{k}**: {v}" for k, v in facts.items() if v]
    return "\n".join(lines) + "\n"


def _cost(row: dict) -> str | None:
    """How much there is to fetch, and how long that takes, as far as it is known."""
    if "archive" not in row:
        return None
    files = row["files"] + row["bulk"]
    known = sum(f.get("size") or 0 for f in files)
    unknown = sum(f.get("size") is None for f in files)
    parts = []
    if estimate := row.get("estimate"):
        parts.append(f"about {size_text(estimate)} (our estimate; {_duration(estimate / 5e6)})")
    elif known:
        parts.append(f"{size_text(known)} in files of known size ({_duration(known / 5e6)})")
    elif unknown:
        parts.append(f"{unknown} files whose size the archive does not say beforehand")
    if row["star_files"] and not row["bulk"]:
        hours = 10_000 * len(row["star_files"]) * row["pause"]
        parts.append(
            f"one request a star, {row['pause']:g} s apart: {_duration(hours)} for 10 000 stars"
        )
    return "; ".join(parts) or None


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"about {seconds:.0f} s"
    if seconds < 7200:
        return f"about {seconds / 60:.0f} min"
    return f"about {seconds / 3600:.1f} h"

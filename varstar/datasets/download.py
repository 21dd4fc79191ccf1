"""Downloads that end whole or not at all.

`fetch` gets a list of files: each into a ``.part`` beside its place, resumed where it
stopped, retried with growing pauses, at a polite rate; then pooch compares its hash and
renames it. What was fetched, when, and with which SHA-256 is written down line by line in
``fetched.jsonl``, which `verify` reads.
"""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

LOG = "fetched.jsonl"
#: Statuses worth another try: the server is busy or ill, not the request wrong.
TRANSIENT = {408, 425, 429, 500, 502, 503, 504}
_LISTED = 60  # files that a dry run names one by one
_AGENT = "varstar (reproducible light-curve classification; python-requests)"


class File(NamedTuple):
    """One file of an archive.

    Attributes
    ----------
    url : str
    path : str
        Where it belongs, relative to the folder of raw files.
    size : int, optional
        About how many bytes, for the dry run; archives grow, so it is not enforced.
    hash : str, optional
        ``"sha256:..."`` or ``"md5:..."`` where the archive gives or freezes one: enforced.
    optional : bool
        The archive may not have it (a star without a V-band light curve): then a 404 is
        written down and not asked for again.
    web_page : bool
        HTML is what is wanted. Otherwise a web page is taken for the error that it is.
    """

    url: str
    path: str
    size: int | None = None
    hash: str | None = None
    optional: bool = False
    web_page: bool = False


class DownloadError(RuntimeError):
    """A file could not be had; the message says which, from where, and why."""


class Absent(DownloadError):
    """The archive has no such file (404 or 410)."""


def fetch(
    files: Iterable[File],
    folder: str | Path,
    *,
    dry_run: bool = False,
    attempts: int = 5,
    timeout: float = 60.0,
    pause: float = 0.0,
    backoff: float = 2.0,
    progress: bool = True,
    say: Callable[[str], None] = print,
) -> dict[str, int]:
    """Get `files` into `folder`; those that are there already are left alone.

    Parameters
    ----------
    files : iterable of File
        Taken one at a time, so a generator may look at what came before.
    folder : path
    dry_run : bool
        Only say what would be fetched, and how much where the registry knows.
    attempts : int
        Tries a file, for troubles that may pass (`TRANSIENT`, a cut or stalled line).
    timeout : float
        Longest silence of the server [s].
    pause : float
        At least so long between two requests to one host [s].
    backoff : float
        The n-th retry waits ``backoff * 2**(n-1)`` seconds, or what the server asks for
        (Retry-After, at most ten minutes).
    progress : bool
        A bar on a terminal; quiet otherwise.
    say : callable
        Takes one line of text.

    Returns
    -------
    dict
        Numbers of files: ``fetched``, ``there``, ``absent``, and ``bytes`` fetched.

    Raises
    ------
    DownloadError
        After the last attempt, or at once when trying again is of no use. What had
        arrived stays in a ``.part``, from which the next call goes on.
    """
    folder = Path(folder)
    count = {"fetched": 0, "there": 0, "absent": 0, "bytes": 0}
    absent = {row["path"] for row in log(folder) if row.get("absent")}
    last: dict[str, float] = {}  # host -> when we last asked it
    known, unknown = 0, 0
    for file in _bar(files, progress and not dry_run):
        target = _inside(folder, file.path)
        if target.is_file() and (file.hash is None or _matches(target, file.hash)):
            count["there"] += 1
        elif file.path in absent:
            count["absent"] += 1
        elif dry_run:
            count["fetched"] += 1
            known, unknown = known + (file.size or 0), unknown + (file.size is None)
            if count["fetched"] <= _LISTED:
                say(f"would fetch {file.url} -> {file.path} ({size_text(file.size)})")
        else:
            try:
                row = _fetch_one(file, target, last, attempts, timeout, pause, backoff)
            except Absent:
                if not file.optional:
                    raise
                count["absent"] += 1
                row = {"path": file.path, "url": file.url, "absent": True}
            else:
                count["fetched"] += 1
                count["bytes"] += row["bytes"]
            _write_line(folder / LOG, row)
    if dry_run:
        if count["fetched"] > _LISTED:
            say(f"... and {count['fetched'] - _LISTED} more")
        extra = f" and {unknown} files of unknown size" if unknown else ""
        say(f"in all: {count['fetched']} files, {size_text(known)}{extra}; {count['there']} there")
    return count


def log(folder: str | Path) -> list[dict[str, Any]]:
    """What was fetched into `folder`, the newest line of each path."""
    path = Path(folder) / LOG
    if not path.is_file():
        return []
    rows = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            row = json.loads(line)
        except json.JSONDecodeError:  # a line cut by a kill: its file is fetched anew
            continue
        rows[row["path"]] = row
    return list(rows.values())


def verify(folder: str | Path) -> list[str]:
    """What is wrong with the fetched files of `folder`: missing, or other than written down."""
    problems = []
    for row in log(folder):
        if row.get("absent"):
            continue
        path = Path(folder) / row["path"]
        if not path.is_file():
            problems.append(f"{row['path']}: fetched once, not there now")
        elif path.stat().st_size != row["bytes"] or sha256(path) != row["sha256"]:
            problems.append(f"{row['path']}: not the file that was fetched (SHA-256 differs)")
    return problems


def sha256(path: str | Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def size_text(size: float | None) -> str:
    """``"188 MB"``; ``"size unknown"`` for None."""
    if size is None:
        return "size unknown"
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


# --- one file -----------------------------------------------------------------------------


def _fetch_one(
    file: File,
    target: Path,
    last: dict[str, float],
    attempts: int,
    timeout: float,
    pause: float,
    backoff: float,
) -> dict[str, Any]:
    import pooch

    pooch.get_logger().setLevel("WARNING")
    target.parent.mkdir(parents=True, exist_ok=True)

    def downloader(url: str, output: str, _: Any) -> None:
        part = _download(file, target, last, attempts, timeout, pause, backoff)
        shutil.move(part, output)

    try:
        pooch.retrieve(
            file.url, file.hash, fname=target.name, path=target.parent, downloader=downloader
        )
    except ValueError as error:  # pooch: the hash differs; it has removed the file
        raise DownloadError(
            f"{file.url}: arrived whole but is not the file expected. {error}"
        ) from (error)
    return {
        "path": file.path,
        "url": file.url,
        "bytes": target.stat().st_size,
        "sha256": sha256(target),
        "fetched": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _download(
    file: File,
    target: Path,
    last: dict[str, float],
    attempts: int,
    timeout: float,
    pause: float,
    backoff: float,
) -> Path:
    """The whole file in its ``.part``."""
    import requests

    part = target.with_name(target.name + ".part")
    host = urlsplit(file.url).netloc
    reason = ""
    for attempt in range(1, attempts + 1):
        wait = last.get(host, -pause) + pause - time.monotonic()
        if host in last and wait > 0:
            time.sleep(wait)
        asked: float | None = None
        try:
            asked = _attempt(file, part, timeout)
            if asked is None:
                return part
            reason = f"the server is busy ({file.url})"
        except (requests.ConnectionError, requests.Timeout, _Cut) as error:
            reason = f"{type(error).__name__}: {error}"
        except requests.exceptions.ChunkedEncodingError as error:
            reason = f"the line was cut: {error}"
        except requests.RequestException as error:  # a bad address, too many redirects
            raise DownloadError(f"{file.url}: {error}") from error
        finally:
            last[host] = time.monotonic()
        if attempt < attempts:
            time.sleep(max(backoff * 2 ** (attempt - 1), min(asked or 0.0, 600.0)))
    kept = part.stat().st_size if part.is_file() else 0
    raise DownloadError(
        f"{file.url}: given up after {attempts} attempts; the last: {reason}. "
        f"{size_text(kept)} kept; the same command goes on from there."
    )


class _Cut(Exception):
    """Fewer bytes than the server had announced, or a status that may pass."""


def _attempt(file: File, part: Path, timeout: float) -> float | None:
    """One request. None when the file is whole; else the pause [s] that the server asks for."""
    import requests

    note = part.with_name(part.name + ".json")
    have = part.stat().st_size if part.is_file() else 0
    tag = json.loads(note.read_text()).get("tag") if note.is_file() and have else None
    headers = {"Accept-Encoding": "identity", "User-Agent": _AGENT}
    if tag:  # only a file that can be told to be the same one is gone on with
        headers |= {"Range": f"bytes={have}-", "If-Range": tag}
    with requests.get(
        file.url, headers=headers, stream=True, timeout=(min(timeout, 30.0), timeout)
    ) as answer:
        status = answer.status_code
        if status in (404, 410):
            raise Absent(f"{file.url}: the archive has no such file ({status})")
        if status == 416:  # our part is no beginning of theirs
            part.unlink(missing_ok=True)
            raise _Cut(f"status 416 for a rest from byte {have}")
        if status in TRANSIENT:
            if (asked := _retry_after(answer.headers.get("Retry-After"))) is not None:
                return asked
            raise _Cut(f"status {status}")
        if status not in (200, 206):
            raise DownloadError(f"{file.url}: status {status} {answer.reason}")
        if status == 206:
            start = answer.headers.get("Content-Range", "").partition(" ")[2].partition("-")[0]
            if start != str(have):
                part.unlink(missing_ok=True)
                raise _Cut(f"asked for the rest from byte {have}, got it from {start!r}")
        else:
            have = 0
        length = answer.headers.get("Content-Length")
        total = have + int(length) if length and length.isdigit() else None
        _note_tag(note, answer.headers, file.url)
        with open(part, "ab" if have else "wb") as f, _bytes_bar(file, have, total) as bar:
            for chunk in answer.iter_content(1 << 16):
                if not f.tell() and not file.web_page and _is_web_page(chunk):
                    raise DownloadError(
                        f"{file.url}: expected a data file. Received: a web page "
                        f"(moved, or refused?): {chunk[:80]!r}"
                    )
                f.write(chunk)
                bar.update(len(chunk))
    size = part.stat().st_size
    if total is not None and size != total:
        raise _Cut(f"{size} of {total} bytes arrived")
    note.unlink(missing_ok=True)
    return None


def _note_tag(note: Path, headers: Mapping[str, str], url: str) -> None:
    """Keep what tells whether the file is still the same when its rest is asked for."""
    tag = headers.get("ETag")
    if tag is None or tag.startswith("W/"):  # a weak one promises no equal bytes
        tag = headers.get("Last-Modified")
    if tag:
        note.write_text(json.dumps({"tag": tag, "url": url}))
    else:
        note.unlink(missing_ok=True)


def _retry_after(value: str | None) -> float | None:
    """Seconds of a Retry-After header, which may be a number or a date."""
    if not value:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None


def _is_web_page(start: bytes) -> bool:
    return start[:200].lstrip().lower().startswith((b"<!doctype html", b"<html"))


def _matches(path: Path, known: str) -> bool:
    import pooch

    kind, _, value = known.rpartition(":")
    return pooch.file_hash(str(path), alg=kind or "sha256").lower() == value.lower()


def _inside(folder: Path, path: str) -> Path:
    """The place of `path` under `folder`; one that would leave it is an error."""
    target = (folder / path).resolve()
    if not target.is_relative_to(folder.resolve()) or target == folder.resolve():
        raise ValueError(f"expected a path inside {folder}. Received: {path!r}")
    return target


def _write_line(path: Path, row: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a", encoding="utf-8") as f:
        f.write(json.dumps(row) + "\n")
        f.flush()
        os.fsync(f.fileno())


def _bar(files: Iterable[File], progress: bool) -> Iterable[File]:
    from varstar.progress import tqdm

    return tqdm(files, desc="fetch", unit="file", disable=None if progress else True)


def _bytes_bar(file: File, have: int, total: int | None) -> Any:
    from varstar.progress import tqdm

    small = total is not None and total < 5_000_000
    return tqdm(
        desc=file.path, initial=have, total=total, unit="B", unit_scale=True, leave=False,
        disable=True if small else None,
    )  # fmt: skip

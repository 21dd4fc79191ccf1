"""Tar archives of light curves, unpacked without trusting them."""

import bz2
import gzip
import lzma
import os
import shutil
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import BinaryIO

#: No light curve is larger: a member that is, is no light curve.
LARGEST = 64_000_000


def unpack(
    archive: str | Path,
    folder: str | Path,
    place: Callable[[PurePosixPath], str | None],
    largest: int = LARGEST,
) -> int:
    """Unpack the wanted members of a tar archive into `folder`, all of them or none.

    Where a member goes is decided by `place`, never by its own name. A member with an
    absolute name or one that climbs (``..``), a link, or a device makes the whole archive
    suspect: nothing of it is kept.

    Parameters
    ----------
    archive : path
        ``.tar``, ``.tar.gz``, ``.tar.bz2`` or ``.tar.xz``, read as a stream.
    folder : path
        Made anew under a temporary name and renamed when the archive is read to its end.
    place : callable
        A member's path -> its place under `folder`, or None for one that is not wanted.
    largest : int
        Most bytes of a member.

    Returns
    -------
    int
        Number of files.

    Raises
    ------
    ValueError
        A truncated or hostile archive, or one without a wanted member.
    """
    archive, folder = Path(archive), Path(folder)
    temporary = folder.with_name(f".{folder.name}.unpacking")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    count = 0
    try:
        # tarfile takes an archive cut between two members for a whole one: so the packed
        # stream is read to its own end, and the tar's end mark (zeros) is looked for.
        with _Open(archive) as packed, tarfile.open(fileobj=packed, mode="r|") as tar:
            for member in tar:
                name = PurePosixPath(member.name)
                if name.is_absolute() or ".." in name.parts or "\\" in member.name:
                    raise ValueError(f"{archive}: hostile member name {member.name!r}")
                if member.isdir():
                    continue
                if not member.isreg():
                    raise ValueError(f"{archive}: {member.name!r} is no plain file")
                if (to := place(name)) is None:
                    continue
                if member.size > largest:
                    raise ValueError(
                        f"{archive}: {member.name!r} of {member.size} bytes; "
                        f"expected at most {largest}"
                    )
                target = (temporary / to).resolve()
                if not target.is_relative_to(temporary.resolve()):
                    raise ValueError(f"{archive}: {member.name!r} would leave the folder")
                target.parent.mkdir(parents=True, exist_ok=True)
                with open(target, "wb") as f:
                    shutil.copyfileobj(tar.extractfile(member), f)
                count += 1
            while packed.read(1 << 20):
                pass
            if packed.tail.strip(b"\0") or len(packed.tail) < 512:
                raise EOFError("no end mark")
        if count == 0:
            raise ValueError(f"{archive}: no light curve in it")
        shutil.rmtree(folder, ignore_errors=True)
        os.replace(temporary, folder)
    except (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, OSError) as error:
        raise ValueError(f"{archive}: not a whole tar archive (truncated?): {error}") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return count


_OPENERS = {b"\x1f\x8b": gzip.open, b"BZ": bz2.open, b"\xfd7": lzma.open}


class _Open:
    """An archive's bytes, unpacked, which remembers the last of them (``tail``)."""

    def __init__(self, path: Path) -> None:
        with open(path, "rb") as f:
            magic = f.read(2)
        self.file: BinaryIO = _OPENERS.get(magic, open)(path, "rb")
        self.tail = b""

    def read(self, size: int) -> bytes:
        data = self.file.read(size)
        self.tail = (self.tail + data)[-512:]
        return data

    def __enter__(self) -> "_Open":
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

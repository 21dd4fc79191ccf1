"""What a worker of Dask's needs to be as quick as any other process."""

import contextlib
import ctypes
import os
import sys

#: glibc's numbers (malloc.h) of the options that say from which size memory is taken from
#: the system and given back to it, and the size [bytes] for both.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _KEPT = -1, -3, 2**28


def settle() -> None:
    """In a worker of Dask's: one thread, and memory that is used again.

    Dask starts its workers with ``MALLOC_TRIM_THRESHOLD_=65536``, so that every array of
    more than 128 kB is taken from the system and given back; a period search makes dozens of
    these a star and was three times slower for it. Here up to 256 MB are kept instead. Elsewhere,
    and with an allocator that is not glibc's, nothing is done.
    """
    worker = sys.modules.get("distributed.worker")
    if worker is None:
        return
    try:
        worker.get_worker()
    except ValueError:
        return
    if "tensorflow" not in sys.modules:
        for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"):
            os.environ.setdefault(name, "1")
    if os.environ.get("MALLOC_TRIM_THRESHOLD_"):
        with contextlib.suppress(OSError, AttributeError):
            keep = ctypes.CDLL(None).mallopt
            keep(_TRIM_THRESHOLD, _KEPT)
            keep(_MMAP_THRESHOLD, _KEPT)

"""A worker of Dask's keeps its memory; nothing is changed elsewhere."""

import ctypes
import sys
from types import SimpleNamespace

import pytest

from varstar.catalogs import worker


@pytest.fixture
def calls(monkeypatch):
    found = []
    library = SimpleNamespace(mallopt=lambda option, size: found.append((option, size)))
    monkeypatch.setattr(ctypes, "CDLL", lambda name: library)
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "65536")
    return found


def in_a_worker(monkeypatch, get_worker):
    monkeypatch.setitem(sys.modules, "distributed.worker", SimpleNamespace(get_worker=get_worker))


def outside():
    raise ValueError("no worker")


def test_in_a_worker_memory_is_kept(monkeypatch, calls):
    in_a_worker(monkeypatch, object)
    worker.settle()
    assert calls == [(-1, 2**28), (-3, 2**28)]


def test_elsewhere_nothing_is_done(monkeypatch, calls):
    monkeypatch.delitem(sys.modules, "distributed.worker", raising=False)
    worker.settle()
    in_a_worker(monkeypatch, outside)  # Dask is imported, but this is the user's process
    worker.settle()
    in_a_worker(monkeypatch, object)
    monkeypatch.delenv("MALLOC_TRIM_THRESHOLD_")  # a worker that Dask left alone
    worker.settle()
    assert calls == []


def test_an_allocator_without_the_option(monkeypatch, calls):
    in_a_worker(monkeypatch, object)
    monkeypatch.setattr(ctypes, "CDLL", lambda name: SimpleNamespace())
    worker.settle()
    assert calls == []

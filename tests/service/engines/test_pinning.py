"""Memory is locked page by page, once, and unlocked when nothing needs it any more."""

from __future__ import annotations

import ctypes
import mmap
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from service.engines.pinning import PORTABLE, CudaRuntime, cuda_runtime, pages


class Fake:
    """A CUDA runtime that writes down what it is asked; `refusal` is what it answers to locking.

    Attributes:
        locked: Bytes by address, as they are locked now.
        calls: Names of all calls.
    """

    def __init__(self, refusal: int = 0) -> None:
        self.refusal = refusal
        self.locked: dict[int, int] = {}
        self.calls: list[str] = []
        self.runtime = CudaRuntime(self._register, self._unregister, self._last_error)

    def _register(self, address: ctypes.c_void_p, size: ctypes.c_size_t, flags: ctypes.c_uint) -> int:
        self.calls.append("register")
        assert flags.value == PORTABLE
        assert address.value is not None
        if not self.refusal:
            self.locked[address.value] = size.value
        return self.refusal

    def _unregister(self, address: ctypes.c_void_p) -> int:
        self.calls.append("unregister")
        assert address.value is not None
        return 0 if self.locked.pop(address.value, None) else 1

    def _last_error(self) -> int:
        self.calls.append("last_error")
        return self.refusal


@pytest.mark.parametrize("size", [1, mmap.PAGESIZE, mmap.PAGESIZE + 1, 50_000])
def test_whole_pages_are_locked_and_unlocked(size: int) -> None:
    """What is locked is whole pages, holds what was asked for, and is unlocked with the last array on it."""
    fake = Fake()
    array = pages(size, fake.runtime)
    assert fake.locked == {array.ctypes.data: array.nbytes}
    assert array.nbytes >= size
    assert array.nbytes % mmap.PAGESIZE == array.ctypes.data % mmap.PAGESIZE == 0
    view = np.ndarray((1,), np.uint8, array.data)
    del array
    assert fake.calls == ["register"], "a view keeps the memory"
    view[0] = 1
    del view
    assert fake.calls == ["register", "unregister"]
    assert fake.locked == {}


def test_no_page_is_locked_twice() -> None:
    """Pieces of memory that live at the same time share no page, so that none is refused for its neighbour."""
    fake = Fake()
    arrays = [pages(100, fake.runtime) for _ in range(20)]
    ends = sorted((address, address + size) for address, size in fake.locked.items())
    assert len(ends) == len(arrays)
    assert all(before[1] <= after[0] for before, after in pairwise(ends))


def test_refused_locking_leaves_ordinary_memory() -> None:
    """Where locking fails, the memory is there all the same, the error is taken back, and nothing is unlocked."""
    fake = Fake(refusal=2)
    array = pages(100, fake.runtime)
    array[:] = 7
    del array
    assert fake.calls == ["register", "last_error"]


def test_without_a_runtime_memory_is_ordinary() -> None:
    """On a CPU the memory is the same, aligned alike."""
    array = pages(10, None)
    assert array.ctypes.data % mmap.PAGESIZE == 0


LINE = "7f0000000000-7f0000001000 r-xp 00000000 08:01 42                         "


def test_the_library_is_the_one_that_is_loaded(tmp_path: Path) -> None:
    """Of all that is mapped into the process, the CUDA runtime is taken, once, also from a folder with a blank."""
    path = "/opt/some where/libcudart.so.12"
    (tmp_path / "maps").write_text(f"{LINE}/lib/libc.so.6\n{LINE}{path}\n{LINE}{path}\n{LINE[:-20]}\n")
    asked: list[str] = []

    def load(name: str) -> Any:
        asked.append(name)
        return SimpleNamespace(cudaHostRegister=abs, cudaHostUnregister=abs, cudaGetLastError=int)

    assert cuda_runtime(tmp_path / "maps", load) == CudaRuntime(abs, abs, int)
    assert asked == [path]


def test_a_process_without_the_library_has_none(tmp_path: Path) -> None:
    """No library, one that does not load, one without the calls, and no list at all: there is nothing to lock with."""

    def fail(name: str) -> Any:
        raise OSError(name)

    maps = tmp_path / "maps"
    assert cuda_runtime(maps, fail) is None
    maps.write_text(f"{LINE}/lib/libc.so.6\n")
    assert cuda_runtime(maps, fail) is None
    maps.write_text(f"{LINE}/lib/libcudart.so.12\n")
    assert cuda_runtime(maps, fail) is None
    assert cuda_runtime(maps, lambda name: SimpleNamespace()) is None

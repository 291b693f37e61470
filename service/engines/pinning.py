"""Page-locked memory: host memory that a GPU reads by itself, without a copy by the driver in between.

Ordinary memory may be moved or swapped out at any time, so that the driver first copies from it into memory of its own,
while the caller waits. Pages that are locked can be read by the device at any time, in the background.

References:
    NVIDIA, "CUDA Runtime API", section "Memory Management": cudaHostRegister, cudaHostUnregister.
"""

from __future__ import annotations

import ctypes
import logging
import mmap
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

log = logging.getLogger(__name__)

MAPS = Path("/proc/self/maps")
PORTABLE = 1
"""cudaHostRegisterPortable: locked for every context of the process, thus for TensorFlow's too."""


@dataclass(frozen=True, slots=True)
class CudaRuntime:
    """What is used of the CUDA runtime library. Each call returns 0 for success, else the error's number.

    Attributes:
        register: ``cudaHostRegister(address, size, flags)`` locks pages.
        unregister: ``cudaHostUnregister(address)`` unlocks them.
        last_error: ``cudaGetLastError()`` returns the thread's last error, and forgets it.
    """

    register: Callable[[ctypes.c_void_p, ctypes.c_size_t, ctypes.c_uint], int]
    unregister: Callable[[ctypes.c_void_p], int]
    last_error: Callable[[], int]


def cuda_runtime(maps: Path = MAPS, load: Callable[[str], Any] = ctypes.CDLL) -> CudaRuntime | None:
    """The CUDA runtime library that this process, thus TensorFlow, has loaded already; None if there is none.

    No other is looked for: a second one beside TensorFlow's may be of another version.

    Args:
        maps: The kernel's list of what is mapped into this process.
        load: Gives the library of a path.
    """
    try:
        lines = maps.read_text().splitlines()
    except OSError:  # no Linux
        return None
    for path in sorted({line.split(maxsplit=5)[-1] for line in lines if "/libcudart." in line}):
        try:
            library = load(path)
            return CudaRuntime(library.cudaHostRegister, library.cudaHostUnregister, library.cudaGetLastError)
        except (OSError, AttributeError) as error:
            log.debug("the CUDA runtime cannot be used", extra={"library": path, "detail": str(error)})
    return None


def pages(size_bytes: int, runtime: CudaRuntime | None) -> np.ndarray:
    """Memory of whole pages, page-locked if a CUDA runtime is given and agrees.

    It is unlocked when the last array on it goes. What the process still has locked when it ends, the driver unlocks.

    Args:
        size_bytes: At least this many bytes.
        runtime: What locks; None for ordinary memory.

    Returns:
        An array, UINT8 [bytes], that begins at a page and shares no page with anything else.
    """
    size_bytes = -(-size_bytes // mmap.PAGESIZE) * mmap.PAGESIZE
    whole = np.empty(size_bytes + mmap.PAGESIZE, np.uint8)
    start = -whole.ctypes.data % mmap.PAGESIZE
    inner = whole[start : start + size_bytes]
    if runtime is not None:
        _lock(whole, inner, runtime)
    return inner


def _lock(whole: np.ndarray, inner: np.ndarray, runtime: CudaRuntime) -> None:
    """Lock ``inner`` until ``whole``, which owns the memory and which every view of it keeps alive, goes."""
    address = inner.ctypes.data
    refused = runtime.register(ctypes.c_void_p(address), ctypes.c_size_t(inner.nbytes), ctypes.c_uint(PORTABLE))
    if refused:
        # the error stays with the thread, and TensorFlow would take it for that of its own next call
        runtime.last_error()
        log.debug("memory was not page-locked", extra={"bytes": inner.nbytes, "cuda_error": refused})
        return
    # not at the interpreter's end: a copy of an engine's thread may be on its way
    weakref.finalize(whole, _unlock, runtime, address).atexit = False


def _unlock(runtime: CudaRuntime, address: int) -> None:
    if refused := runtime.unregister(ctypes.c_void_p(address)):
        runtime.last_error()
        log.debug("memory was not unlocked", extra={"cuda_error": refused})

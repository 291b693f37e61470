"""Staging: batches are copied once, into reused memory that TensorFlow reads where it is.

``tf.constant`` and ``tf.convert_to_tensor`` copy a NumPy array into new memory each time, whose pages cannot be
locked. A DLPack capsule is taken over as it is. TensorFlow takes its memory for its own while a tensor on it lives, and
its kernels presume that it begins at a multiple of 64 bytes, which an array of a caller need not. Hence these buffers:
aligned, page-locked for a GPU, and only used again once TensorFlow has let go of them.

Known from TensorFlow 2.21 on a CPU: ``tf.constant`` copies, DLPack does not (5 µs and 0.7 µs for one row of 3 KB, 34 µs
and 0.8 µs for 256). Known from its source (gpu_util.cc): memory that it has not allocated itself is copied to the
device straight from its place, by a stream beside the one that computes. Not measured on a GPU: what this gains there.

References:
    DLPack, "Python Specification for DLPack". TensorFlow, ``tf.experimental.dlpack.from_dlpack``.
"""

from __future__ import annotations

import math
import weakref
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from service.engines.pinning import CudaRuntime, pages

ALIGNMENT_BYTES = 64

Arrays = dict[str, np.ndarray]
Layout = tuple[tuple[str, tuple[int, ...], str], ...]
Lent = tuple[np.ndarray, list[weakref.ref[np.ndarray]]]
"""A buffer, and the copies that were last made in it."""


class Staging:
    """Buffers for batches, one for each layout and batch under way. Any number of threads may use it at a time.

    Args:
        runtime: What page-locks the buffers; None for ordinary memory.
    """

    def __init__(self, runtime: CudaRuntime | None = None) -> None:
        self._runtime = runtime
        self._buffers: defaultdict[Layout, deque[Lent]] = defaultdict(deque)

    @contextmanager
    def copies(self, inputs: Arrays) -> Iterator[Arrays]:
        """A block in which there are copies of a batch, aligned and contiguous, to be read by one engine call.

        After the block the memory is used again, as soon as nothing refers to the copies any more.

        Args:
            inputs: Arrays by name, shape [rows, …], of any layout in memory.
        """
        buffers = self._buffers[tuple((name, array.shape, array.dtype.str) for name, array in inputs.items())]
        buffer = _unused(buffers)
        if buffer is None:
            buffer = pages(sum(_padded(array.nbytes) for array in inputs.values()), self._runtime)
        copies = _views(buffer, inputs)
        for name, array in inputs.items():
            np.copyto(copies[name], array, casting="no")
        held = [weakref.ref(copy) for copy in copies.values()]
        try:
            yield copies
        finally:
            copies.clear()
            buffers.append((buffer, held))


def _unused(buffers: deque[Lent]) -> np.ndarray | None:
    """Take a buffer to whose copies nobody refers; each step is atomic, for other threads do the same."""
    for _ in range(len(buffers)):
        try:
            buffer, held = buffers.popleft()
        except IndexError:  # another thread took the last
            break
        if all(reference() is None for reference in held):
            return buffer
        buffers.append((buffer, held))
    return None


def _views(buffer: np.ndarray, inputs: Arrays) -> Arrays:
    views, start = {}, 0
    for name, array in inputs.items():
        views[name] = np.ndarray(array.shape, array.dtype, buffer.data, start)
        start += _padded(array.nbytes)
    return views


def _padded(size_bytes: int) -> int:
    return math.ceil(size_bytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES

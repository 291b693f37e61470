"""Gives memory back to the system when a version has been unloaded."""

from __future__ import annotations

import ctypes
import gc
import sys
from functools import cache
from typing import Any

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""Glibc's numbers, from its malloc.h."""
YOUNG_OBJECTS = 20_000
"""New objects at which the collector looks: a thousand calls in flight are no garbage, and hardly any is cyclic."""
RETAINED_BYTES = 32 * 1024 * 1024
"""The most that it takes as a threshold, and more than any body that is allowed by default."""


def freeze() -> None:
    """Take all that lives now out of the collector's sight: it lives until the end.

    Called before the models are loaded, so that those of a version that ends can be collected, and quickly.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)


def retain() -> None:
    """Let the C library keep what one large request frees for the next.

    A body of a hundred kilobytes takes a megabyte to be parsed; asked back from the system each time, page by page,
    that costs twice the time of parsing.
    """
    library = _library()
    if library is not None:
        library.mallopt(M_MMAP_THRESHOLD, RETAINED_BYTES)
        library.mallopt(M_TRIM_THRESHOLD, RETAINED_BYTES)


def give_back() -> None:
    """Collect what is unreachable and hand free pages to the system, which the C library keeps otherwise."""
    gc.collect()
    library = _library()
    if library is not None:
        library.malloc_trim(0)


@cache
def _library() -> Any:
    """Glibc; None with another C library."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "malloc_trim") and hasattr(library, "mallopt") else None

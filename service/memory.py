"""Gives memory back to the system when a version has been unloaded."""

from __future__ import annotations

import ctypes
import gc
import sys
from functools import cache
from typing import Any


def freeze() -> None:
    """Take all that lives now out of the collector's sight: it lives until the end.

    Called before the models are loaded, so that those of a version that ends can be collected, and quickly.
    """
    gc.collect()
    gc.freeze()


def give_back() -> None:
    """Collect what is unreachable and hand free pages to the system, which the C library keeps otherwise."""
    gc.collect()
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Any:
    """Glibc's ``malloc_trim``; None with another C library."""
    if not sys.platform.startswith("linux"):
        return None
    return getattr(ctypes.CDLL(None), "malloc_trim", None)

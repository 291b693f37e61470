"""What a version leaves behind is collected and given back."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from service import memory


class Node:
    """Holds itself, so that only the collector can end it."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture
def uncollected() -> Iterator[None]:
    """The collector does nothing by itself; all is as before when the test has ended."""
    gc.disable()
    yield
    gc.enable()
    gc.unfreeze()


def test_what_lives_at_the_start_is_frozen(uncollected: None) -> None:
    """Freezing ends what is unreachable and takes the rest out of the collector's sight."""
    gone = weakref.ref(Node())
    gc.unfreeze()
    memory.freeze()
    assert gone() is None
    assert gc.get_freeze_count() > 0


def test_giving_back_ends_what_is_unreachable(uncollected: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cycles are collected first, then the C library is told to trim."""
    seen: list[tuple[int, bool]] = []
    gone = weakref.ref(Node())
    library = SimpleNamespace(malloc_trim=lambda pad: seen.append((pad, gone() is None)))
    monkeypatch.setattr(memory, "_library", lambda: library)
    memory.give_back()
    assert seen == [(0, True)]


def test_what_a_large_request_frees_is_kept_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both of the C library's thresholds are set: from which size it asks the system, and what it gives back."""
    seen: dict[int, int] = {}
    library = SimpleNamespace(mallopt=seen.__setitem__)
    monkeypatch.setattr(memory, "_library", lambda: library)
    memory.retain()
    assert seen == dict.fromkeys((memory.M_TRIM_THRESHOLD, memory.M_MMAP_THRESHOLD), memory.RETAINED_BYTES)


def test_without_the_c_librarys_call_memory_is_collected_all_the_same(
    uncollected: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is no trimming nothing fails."""
    memory._library.cache_clear()
    monkeypatch.setattr(sys, "platform", "darwin")
    gone = weakref.ref(Node())
    memory.retain()
    memory.give_back()
    memory._library.cache_clear()
    assert gone() is None


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the C library's call is glibc's")
def test_the_c_library_is_found_here() -> None:
    """On Linux with glibc the calls exist and can be made, with thresholds that it takes."""
    library = memory._library()
    if library is None:
        pytest.skip("another C library")
    assert library.malloc_trim(0) in (0, 1)
    for option in (memory.M_MMAP_THRESHOLD, memory.M_TRIM_THRESHOLD):
        assert library.mallopt(option, memory.RETAINED_BYTES) == 1

"""What a version leaves behind is collected and given back."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Iterator

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
    monkeypatch.setattr(memory, "_trim", lambda: lambda pad: seen.append((pad, gone() is None)))
    memory.give_back()
    assert seen == [(0, True)]


def test_without_the_c_librarys_call_memory_is_collected_all_the_same(
    uncollected: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is no trimming nothing fails."""
    memory._trim.cache_clear()
    monkeypatch.setattr(sys, "platform", "darwin")
    gone = weakref.ref(Node())
    memory.give_back()
    memory._trim.cache_clear()
    assert gone() is None


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the C library's call is glibc's")
def test_the_c_library_is_found_here() -> None:
    """On Linux with glibc the call exists and can be made."""
    trim = memory._trim()
    assert trim is None or trim(0) in (0, 1)

"""One timer for all deadlines: a wheel of slots, each a few milliseconds wide.

A timer of its own for every request would outlive most of them by seconds. Here a deadline is one entry in a set,
and taking it back removes it; the loop is woken only while anything waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

SLOT_S = 0.005


class DeadlineWheel:
    """Calls back what has not been taken back in time, at most two slots late and never early.

    Args:
        loop: Whose clock counts; monotonic, so that a step of the wall clock changes nothing.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._slots: dict[int, dict[object, Callable[[], Any]]] = {}
        self._running = False
        self._next = 0

    def add(self, when: float, key: object, callback: Callable[[], Any]) -> int:
        """Call ``callback`` once at loop time ``when``, unless ``discard`` comes first.

        Returns:
            The slot, which ``discard`` needs.
        """
        if not self._running:
            self._running = True
            self._next = int(self._loop.time() / SLOT_S)
            self._loop.call_later(SLOT_S, self._turn)
        slot = max(int(when / SLOT_S) + 1, self._next)
        self._slots.setdefault(slot, {})[key] = callback
        return slot

    def discard(self, slot: int, key: object) -> None:
        """Take an entry back; harmless if it has been called."""
        entries = self._slots.get(slot)
        if entries is not None:
            entries.pop(key, None)
            if not entries:
                del self._slots[slot]

    def _turn(self) -> None:
        now = int(self._loop.time() / SLOT_S)
        due = range(self._next, now + 1)
        # after a long stall of the loop, or with few slots in use, walking the slots is shorter than the range
        slots = sorted(slot for slot in self._slots if slot <= now) if len(due) > len(self._slots) else due
        self._next = now + 1
        for slot in slots:
            entries = self._slots.get(slot)
            while entries:  # a callback may take back what stands behind it
                self._call(entries.pop(next(iter(entries))))
            self._slots.pop(slot, None)
        if self._slots:
            self._loop.call_later(SLOT_S, self._turn)
        else:
            self._running = False

    def _call(self, callback: Callable[[], Any]) -> None:
        try:
            callback()
        except Exception as error:  # one defect must not stop the deadlines of all others
            self._loop.call_exception_handler({"message": "a deadline's callback failed", "exception": error})

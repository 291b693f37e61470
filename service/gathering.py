"""A call whose body comes in several packets, until it is whole.

A body of tens of kilobytes rarely arrives at once, but in a moment. So a connection waits for it a moment; what takes
longer is left to ASGI, which has rules for slow clients.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from service.direct import DirectCall

MOST_BODY_BYTES = 1024 * 1024
"""Longest body that is waited for: as many connections as there may be requests in flight can each hold one back."""
PATIENCE_S = 0.05
"""As long as a body may take from its first packet to its last."""


class Gathering:
    """What has come of one call.

    Args:
        call: Answers it; has its place already.
        length: Bytes of its body.
        head: Bytes of its head, and the empty line behind them.
        body: The first bytes of the body.
        patience_s: Time until it must be whole.
        late: Called once, if it is not.

    Attributes:
        call: Answers it.
        missing: Bytes of the body that have not come; below zero if more has come than belongs to it.
    """

    __slots__ = ("_clock", "_head", "_parts", "call", "missing")

    def __init__(
        self, call: DirectCall, length: int, head: bytes, body: bytes, patience_s: float, late: Callable[[], None]
    ) -> None:
        self.call = call
        self.missing = length - len(body)
        self._head = head
        self._parts = [body]
        self._clock = asyncio.get_running_loop().call_later(patience_s, late)

    def add(self, part: bytes) -> None:
        """Take what has come next."""
        self._parts.append(part)
        self.missing -= len(part)

    def body(self) -> bytes:
        """What has come of the body. Nothing is waited for any more."""
        self._clock.cancel()
        return b"".join(self._parts)

    def everything(self) -> bytes:
        """Head and body as they came, for whoever goes on with them. Nothing is waited for any more."""
        return self._head + self.body()

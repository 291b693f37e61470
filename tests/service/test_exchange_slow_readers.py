"""A client that does not take its answer is cut off."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from service.deadlines import DeadlineWheel
from service.exchange import Exchange
from service.settings import Settings


class Cycle:
    """What uvicorn hands out as ``send``: it waits for a reader, until the connection is cut."""

    def __init__(self) -> None:
        self.cut = asyncio.Event()
        self.transport = SimpleNamespace(abort=self.cut.set)

    async def send(self, message: Any) -> None:
        """Nobody takes the message."""
        await self.cut.wait()


async def test_an_answer_that_is_not_taken_ends_with_the_connection() -> None:
    """Sending returns once the time is over and the connection is cut, so that the place in flight is free."""
    runtime: Any = SimpleNamespace(
        settings=Settings(send_timeout_ms=20), wheel=DeadlineWheel(asyncio.get_running_loop()), draining=False
    )
    cycle = Cycle()
    scope = {"method": "POST", "path": "/", "headers": []}
    exchange = Exchange(scope, cycle.send, cycle.send, runtime)
    await asyncio.wait_for(exchange.respond(200, b"answer"), 60)
    assert cycle.cut.is_set()

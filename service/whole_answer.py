"""Head and body of an answer in one write.

ASGI sends them as two messages, and uvicorn writes each at once: two system calls, and two packets, of which the second
may wait for the client's delayed acknowledgement of the first. Here the head is held back until the body comes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]


class HoldingTransport:
    """A transport that keeps its first write for the second; all else goes straight on.

    Args:
        transport: The connection's own.
    """

    __slots__ = ("_head", "_transport")

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self._head: bytes | None = None

    def write(self, data: bytes) -> None:
        """Keep a head; write it with the body."""
        if self._head is None:
            self._head = data
        else:
            head, self._head = self._head, b""
            self._transport.write(head + data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


async def send_whole(send: Send, head: Message, body: Message) -> None:
    """Send an answer's two messages, in one write where the server is uvicorn.

    Args:
        send: The ASGI server's.
        head: ``http.response.start``.
        body: The one ``http.response.body``; not empty, or the head would never leave.
    """
    cycle = getattr(send, "__self__", None)
    transport = getattr(cycle, "transport", None)
    if cycle is None or transport is None:  # another server, or a layer between it and us
        await send(head)
        await send(body)
        return
    cycle.transport = HoldingTransport(transport)
    try:
        await send(head)
        await send(body)
    finally:
        cycle.transport = transport


def abort(send: Send) -> None:
    """Cut the connection behind an ASGI server's ``send``, where the server is uvicorn."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is not None:
        transport.abort()

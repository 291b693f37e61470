"""Going away without losing anybody: not ready first, then no new connections, then the last answers, then the end."""

from __future__ import annotations

import asyncio
import ctypes
import logging
import os
import signal
import socket
import struct
import sys
import threading
from collections.abc import Awaitable, Callable
from types import FrameType
from typing import NoReturn

import psutil

from service.runtime import Runtime

log = logging.getLogger(__name__)

LAST_ANSWERS_S = 12.0
"""Longest wait for requests in flight. With the longest delay before and uvicorn's 2 s behind it, an end takes 20 s."""
LAST_ACCEPTS_S = 0.2
"""Time for connections that have begun to be accepted."""
POLL_S = 0.01
SUPERVISOR = "SUPERVISOR_OF_KERAS_SERVE"
"""Variable that tells workers the process number of a supervisor that is not BentoML's command."""

SO_ATTACH_FILTER = 26
DROP_OPENING = (
    (0x30, 0, 0, 13),  # load the byte of TCP flags
    (0x45, 0, 1, 0x02),  # SYN: go on, else skip one step
    (0x06, 0, 0, 0),  # drop the packet
    (0x06, 0, 0, 0xFFFFFFFF),  # keep it
)
"""A classic socket filter, one (code, jump if true, jump if false, operand) a step; see Linux' filter.rst."""


class Drain:
    """Turns SIGTERM into an orderly end.

    Uvicorn would close idle connections at once and BentoML's supervisor keeps the listening socket open, so that new
    clients would hang. Here ``/readyz`` turns 503 and answers carry ``Connection: close`` for a while, so that load
    balancers and clients leave by themselves; then the socket stops listening, for the supervisor as well; then what
    is in flight is answered; then uvicorn's own handler ends the process.

    Attributes:
        leaving: Called first, by what else listens.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._task: asyncio.Task[None] | None = None
        self.leaving: list[Callable[[], Awaitable[None]]] = []

    def install(self) -> None:
        """Stand in front of uvicorn's handler. Does nothing outside the main thread, where there is none."""
        if threading.current_thread() is not threading.main_thread():
            return
        loop = asyncio.get_running_loop()
        behind = signal.getsignal(signal.SIGTERM)

        def handle(number: int, frame: FrameType | None) -> None:
            if self._runtime.draining or not callable(behind):
                _call(behind, number, frame)
                return
            self._runtime.draining = True
            loop.call_soon_threadsafe(self._begin, lambda: _call(behind, number, None))

        signal.signal(signal.SIGTERM, handle)

    def _begin(self, end: Callable[[], None]) -> None:
        self._task = asyncio.create_task(self._run(end))

    async def _run(self, end: Callable[[], None]) -> None:
        log.info("draining", extra={"inflight": self._runtime.inflight})
        try:
            await self._leave()
        except Exception:  # such as a sandbox that shows no sockets: the end must come all the same
            log.exception("draining failed")
        finally:
            log.info("drained", extra={"inflight": self._runtime.inflight})
            end()

    async def _leave(self) -> None:
        for leave in self.leaving:
            await leave()
        await asyncio.sleep(self._runtime.settings.drain_delay_ms / 1000)
        # the socket is shared: if only this worker was told to end, the service must end with it, or stay deaf
        stop_supervisor(signal.SIGTERM)
        refuse_new()
        await asyncio.sleep(LAST_ACCEPTS_S)
        stop_listening()
        for _ in range(int(LAST_ANSWERS_S / POLL_S)):
            if not self._runtime.inflight:
                break
            await asyncio.sleep(POLL_S)


def _call(
    handler: Callable[[int, FrameType | None], object] | int | None, number: int, frame: FrameType | None
) -> None:
    if callable(handler):
        handler(number, frame)
    else:
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)


def give_up() -> NoReturn:
    """End this worker at once and with a failure, and BentoML's supervisor, which would start it again and again.

    In a container the supervisor is the first process, cannot be killed from inside, and ends by itself.
    """
    stop_supervisor(signal.SIGKILL)
    os._exit(1)


def stop_supervisor(number: signal.Signals) -> None:
    """Signal BentoML's supervisor, if this process has one."""
    parent = psutil.Process().parent()
    if parent is None:
        return
    if os.environ.get(SUPERVISOR) == str(parent.pid) or any("bentoml" in word for word in parent.cmdline()):
        parent.send_signal(number)


def refuse_new() -> None:
    """Let no new connection begin on the listening sockets; those that wait to be accepted stay.

    Shutting a listening socket resets every connection in its queue, whose client may have sent a request already.
    So the kernel first drops packets that open a connection, the queue empties, and then the socket is shut. Linux
    only; elsewhere a connection that arrives at that very moment is reset.
    """
    if not sys.platform.startswith("linux"):
        return
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in DROP_OPENING))
    filtered = struct.pack("HL", len(DROP_OPENING), ctypes.addressof(program))
    for shared in _listening():
        with shared:
            try:
                shared.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, filtered)
            except OSError as error:  # a sandbox that has no filters
                log.debug("no filter on the listening socket: %s", error)


def stop_listening() -> None:
    """Shut every listening socket of this process down, in all processes that share it."""
    for shared in _listening():
        with shared:
            try:
                shared.shutdown(socket.SHUT_RDWR)
            except OSError as error:  # another worker was first
                log.debug("listening socket was shut already: %s", error)


def _listening() -> list[socket.socket]:
    """Handles of this process's listening sockets; closing a handle leaves the socket as it is."""
    return [
        socket.socket(fileno=os.dup(connection.fd))
        for connection in psutil.Process().net_connections(kind="tcp")
        if connection.status == psutil.CONN_LISTEN and connection.fd >= 0
    ]

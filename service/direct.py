"""Answers calls of inference without ASGI: no task, no scope, no future, and nearly never a timer of its own.

Nearly every call is a small body that arrives at once with a head that is known. It is decoded, queued and, when
its batch comes back, answered in one write, by the same functions that the ASGI path uses. Everything else is left to
that path, so that each of its rules stands in one place.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from time import perf_counter

from service import calls
from service.compression import COMPRESSED_FROM_BYTES, chosen_encoding, compressed
from service.errors import InternalError, ServiceError
from service.exchange import CLIENT_GONE, JSON
from service.heads import Head, Heads
from service.lookup import find
from service.request import Answer, InferRequest
from service.runtime import Runtime
from service.version import Version
from service.work import Dropped, Outcome, Work

log = logging.getLogger(__name__)

Reply = Callable[[int, bytes, bytes], None]
"""Takes an answer: its status, its header lines, its body."""
Headers = Sequence[tuple[bytes, bytes]]


class Direct:
    """What connections need to answer calls themselves.

    Args:
        runtime: What answers.
    """

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.heads = Heads(runtime.settings)
        self._tasks: set[asyncio.Task[None]] = set()

    def later(self, reply: asyncio.Task[None]) -> None:
        """Keep a task until it is done."""
        self._tasks.add(reply)
        reply.add_done_callback(self._tasks.discard)


class DirectCall:
    """One call, from its body to its answer.

    Args:
        direct: What all calls share.
        head: What the call's head says.
        reply: Takes the answer, once, in the turn of ``begin`` or later.
    """

    __slots__ = (
        "_direct",
        "_ended",
        "_head",
        "_id",
        "_reply",
        "_request",
        "_runtime",
        "_started",
        "_until",
        "_version",
        "_work",
    )

    def __init__(self, direct: Direct, head: Head, reply: Reply) -> None:
        self._direct = direct
        self._runtime = direct.runtime
        self._head = head
        self._reply = reply
        self._id = calls.request_id(head.headers)
        self._version: Version | None = None
        self._work: Work | None = None
        self._ended = False
        self._until = 0.0
        self._started = perf_counter()

    def reserve(self) -> bool:
        """Take a place before the body has come; false if the call would be refused without it."""
        try:
            self._enter()
        except Exception:  # whoever goes on meets it again
            self.release()
            return False
        return True

    def release(self) -> None:
        """Give the place back: another goes on with this call."""
        self._runtime.inflight -= 1
        if self._version is not None:
            self._version.__exit__(None, None, None)

    def begin(self, body: bytes) -> None:
        """Decode and queue; what is wrong is answered at once."""
        runtime, head = self._runtime, self._head
        try:
            version = self._version or self._enter()
            self._request: InferRequest = calls.decode(runtime, head.route, version, body, head.headers, self._until)
            self._work = runtime.submit(version, self._request, self._computed)
        except Exception as error:
            self._fail(error)

    def _enter(self) -> Version:
        runtime, head = self._runtime, self._head
        runtime.inflight += 1
        runtime.admit()
        version = find(runtime, head.route)
        version.__enter__()
        self._version = version
        self._until = calls.deadline(runtime, head.headers)
        return version

    def gone(self) -> None:
        """The client has closed the connection."""
        self._reply = _nobody
        if self._version is not None and self._work is not None:
            self._version.scheduler.drop(self._work)

    def _computed(self, work: Work) -> None:
        """Answer. Raises nothing: the scheduler has the neighbours' answers to give behind this one."""
        assert work.outcome is not None
        try:
            self._answer(work.outcome)
        except Exception as error:
            self._fail(error)

    def _answer(self, outcome: Outcome) -> None:
        if not isinstance(outcome, dict):
            self._fail(outcome)
            return
        assert self._version is not None
        answer = calls.encode(self._head.route, self._version, self._request, outcome)
        accepted = self._head.headers.get(b"accept-encoding")
        encoding = None
        if accepted is not None and len(answer.body) >= COMPRESSED_FROM_BYTES:
            encoding = chosen_encoding(accepted)
        if encoding is None:
            self._end("ok", 200, answer.body, answer.content_type, answer.headers)
        else:
            self._direct.later(asyncio.create_task(self._compress(answer, encoding)))

    async def _compress(self, answer: Answer, encoding: bytes) -> None:
        added = ((b"content-encoding", encoding), (b"vary", b"accept-encoding"))
        try:
            body = await compressed(answer.body, encoding)
        except Exception as error:
            self._fail(error)
        else:
            self._end("ok", 200, body, answer.content_type, (*added, *answer.headers))

    def _fail(self, error: Exception) -> None:
        if isinstance(error, ServiceError):
            self._end(error.code, error.status, error.body(), JSON, error.headers())
        elif isinstance(error, Dropped):
            self._end(CLIENT_GONE, 0, b"", JSON, ())
        else:
            log.error("request failed", exc_info=error, extra={"request_id": self._id.decode()})
            fault = InternalError("The service failed on this request.")
            self._end(fault.code, fault.status, fault.body(), JSON, ())

    def _end(self, code: str, status: int, body: bytes, content_type: bytes, headers: Headers) -> None:
        """Send the answer and count the call, once."""
        if self._ended:
            return
        self._ended = True
        runtime, route, version = self._runtime, self._head.route, self._version
        runtime.inflight -= 1
        if version is not None:
            version.__exit__(None, None, None)
        lines = b"".join([b"%b: %b\r\n" % pair for pair in headers])
        basic = (content_type, len(body), lines, self._id)
        try:
            self._reply(status, b"content-type: %b\r\ncontent-length: %d\r\n%bx-request-id: %b\r\n" % basic, body)
        except Exception:
            log.exception("an answer could not be sent", extra={"request_id": self._id.decode()})
        elapsed_s = perf_counter() - self._started
        if version is not None:
            version.statistics.request(code == "ok", elapsed_s)
        model = route.model if runtime.repository.serves(route.model) else ""
        runtime.metrics.request(route.dialect, model, code, elapsed_s)


def _nobody(status: int, lines: bytes, body: bytes) -> None:
    """Takes the answer to a client that has gone."""

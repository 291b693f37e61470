"""Streams: CSV and JSON lines of any length, answered line by line while they come.

A few chunks of rows are on their way at a time, and answers leave in order. While the client does not take its
answers, or the engine has enough to do, nothing more is read from it: that bounds the memory, whatever the length.
"""

from __future__ import annotations

import asyncio
from collections import deque
from time import perf_counter

from service.columns import columns_of
from service.errors import BodyTimeout, InferenceFailed, NotReady, ServiceError, Unsupported
from service.exchange import Exchange
from service.protocols.csv_rows import CsvRows
from service.protocols.lines import Block
from service.protocols.media_types import MediaType, answer_type, check_charset, media_type
from service.protocols.ndjson_rows import NdjsonRows
from service.protocols.row_answers import RowAnswers
from service.row_queue import Queued, RowQueue
from service.runtime import Runtime
from service.upload import Upload
from service.version import Version

__all__ = ["StreamCut", "media_type", "predict"]

CHUNKS = 3
"""Chunks on their way at a time: one in the engine, one behind it, one whose answers leave."""
CHUNK_CELLS = 16_384
"""Most cells of a chunk, so that wide rows are read in slices as short as narrow ones."""
SLICE_S = 0.002
"""Longest time that rows are read in one go; then all other requests have their turn."""
MOST_FAILED = 256
"""Rows in a row that the engine may fail on; then it is not the rows' fault."""
DRAIN_S = 8.0
"""Time that a stream may go on once the service is told to end; less than it waits for what is in flight."""


class StreamCut(Exception):
    """A stream ended early, and its last line says why; the connection must end so that it does not look whole.

    Args:
        code: The code word of the reason.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


async def predict(runtime: Runtime, version: Version, exchange: Exchange) -> None:
    """Answer a request whose ``media_type`` is not None.

    Raises:
        ServiceError: Before anything was sent.
        StreamCut: After that.
        ClientGone: The client has closed the connection.
    """
    given = media_type(exchange.headers)
    assert given is not None
    check_charset(exchange.headers[b"content-type"])
    model = version.interface
    if model.records is None and any(tensor.dtype == "FP16" for tensor in model.inputs.values()):
        raise Unsupported("Half precision has no text form; send it as binary data.")
    await _Stream(runtime, version, exchange, given).run()


class _Stream:
    """One stream, from its head to its end."""

    def __init__(self, runtime: Runtime, version: Version, exchange: Exchange, given: MediaType) -> None:
        settings, model = runtime.settings, version.interface
        self._runtime = runtime
        self._version = version
        self._exchange = exchange
        decoder = CsvRows if given is MediaType.CSV else NdjsonRows
        self._rows = decoder(model, settings.max_line_bytes)
        self._media = answer_type(exchange.headers, given)
        self._answers = RowAnswers(model, self._media)
        self._chunk_rows = max(1, min(settings.stream_chunk_rows, CHUNK_CELLS // len(columns_of(model).columns)))
        self._sent: deque[Queued] = deque()
        self._line = 1
        self._all_read = False
        self._drain_until = 0.0
        self._loop = asyncio.get_running_loop()
        self._upload = Upload(exchange, settings)
        self._lines = self._upload.lines
        self._queue = RowQueue(runtime, version, exchange, self._upload.check)

    async def run(self) -> None:
        """Read, compute, answer."""
        try:
            await self._begin()
            await self._go_on()
            if self._upload.fault is not None:
                raise self._upload.fault
            await self._send(b"", last=True)
        except ServiceError as error:
            if self._exchange.begun:
                await self._break_off(error)
            self._exchange.closing = isinstance(error, BodyTimeout)
            raise
        finally:
            self._upload.close()
            self._queue.close()

    async def _begin(self) -> None:
        """Wait for the head."""
        while not self._rows.begin(self._lines):
            self._upload.check()
            if self._upload.at_hand:
                self._upload.advance()
                await asyncio.sleep(0)  # a small packet may inflate to a large one
            else:
                await self._wait()
            if self._upload.fault is not None:
                raise self._upload.fault

    async def _go_on(self) -> None:
        """All rows, until the body ends or is broken off."""
        while self._sent or not self._all_read:
            self._upload.check()
            room = len(self._sent) < CHUNKS and not self._all_read
            if room and self._upload.at_hand and len(self._lines) < self._chunk_rows:
                self._upload.advance()
                await asyncio.sleep(0)
            elif self._sent and self._sent[0].done:
                await self._answer(self._sent.popleft())
            elif room and self._out_of_time():
                self._upload.break_off(NotReady("The service is going away; send the rest again."))
                self._all_read = True
            elif room and (len(self._lines) or self._lines.ended):
                await self._submit(self._lines.take(self._chunk_rows))
            else:
                await self._wait()

    def _out_of_time(self) -> bool:
        """Whether the service has been draining for as long as a stream may go on."""
        if not self._runtime.draining:
            return False
        self._drain_until = self._drain_until or self._loop.time() + DRAIN_S
        return self._loop.time() > self._drain_until

    async def _wait(self) -> None:
        """Until something has come, or something is done."""
        awaited: set[asyncio.Future[object]] = set()
        if not self._upload.arriving.done():
            awaited.add(self._upload.arriving)  # type: ignore[arg-type]
        if self._sent and self._sent[0].work is not None:
            awaited.add(self._sent[0].work.future)  # type: ignore[arg-type]
        await asyncio.wait(
            awaited,
            timeout=None if self._sent else self._upload.patience_s(),
            return_when=asyncio.FIRST_COMPLETED,
        )
        if not self._sent:
            self._upload.expire()

    async def _submit(self, block: Block) -> None:
        """Decode lines and queue their rows."""
        self._all_read = block.last
        chunk = self._rows.decode(block)
        started = perf_counter()
        for row in chunk.doubtful:
            chunk.settle(row)
            if perf_counter() - started > SLICE_S:
                await asyncio.sleep(0)
                started = perf_counter()
        if chunk.lines:
            self._sent.append(await self._queue.put(chunk))
        await asyncio.sleep(0)

    async def _answer(self, sent: Queued) -> None:
        """Send a chunk's answers, and what is wrong with its rows."""
        chunk, outputs = sent.chunk, await self._queue.outputs(sent)
        good = len(chunk.lines) - len(chunk.faults)
        lines = self._answers.rows(outputs, good) if good else []
        if chunk.faults:
            sound = iter(lines)
            lines = [
                self._answers.fault(chunk.faults[row], line) if row in chunk.faults else next(sound)
                for row, line in enumerate(chunk.lines)
            ]
        self._count(good, len(chunk.faults))
        self._line = chunk.lines[-1] + 1
        await self._send(b"\n".join(lines) + b"\n")
        if self._queue.failed >= MOST_FAILED:
            raise InferenceFailed(f"The model failed on each of the last {self._queue.failed} rows.")

    def _count(self, good: int, failed: int) -> None:
        counter = self._runtime.metrics["keras_serve_stream_lines_total"]
        for outcome, lines in (("ok", good), ("failed", failed)):
            if lines:
                counter.labels(self._version.interface.name, outcome).inc(lines)

    async def _send(self, body: bytes, *, last: bool = False) -> None:
        if not self._exchange.begun:
            headers = [
                (b"content-type", self._media.value),
                (b"x-model-version", b"%d" % self._version.number),
            ]
            await self._exchange.forward({"type": "http.response.start", "status": 200, "headers": headers})
            body = self._answers.head + body
        await self._exchange.forward({"type": "http.response.body", "body": body, "more_body": not last})
        self._upload.answered()

    async def _break_off(self, error: ServiceError) -> None:
        """Say why the stream ends here, and end so that it does not look whole."""
        told = error.reworded(f"The stream ends before line {self._line}. {error.sentence}")
        await self._send(self._answers.fault(told, self._line) + b"\n")
        await self._upload.discard()
        raise StreamCut(error.code) from error

"""The outermost ASGI layer: every request meets it first, and most never see BentoML.

It knows routes, limits, admission and what is counted. Inference, models, health and metrics are answered here;
the docs page and the typed routes go on to BentoML's app; all other paths end in a 404 of our own.
"""

from __future__ import annotations

import logging
from time import perf_counter
from typing import TYPE_CHECKING, Any

from service import calls, changes, pages, streaming
from service.drain import Drain
from service.errors import (
    RETRY_LATER,
    InternalError,
    MalformedRequest,
    MethodNotAllowed,
    NotFound,
    ServiceError,
    SettingsError,
    UnsupportedMediaType,
)
from service.exchange import CLIENT_GONE, ClientGone, Exchange, Receive, Scope
from service.lookup import find
from service.routing import CALLS, Route, route
from service.runtime import Runtime
from service.typed import TypedApis
from service.version import Version
from service.whole_answer import Send

if TYPE_CHECKING:
    from service.rpc.server import RpcServer

log = logging.getLogger(__name__)

CANCELLED = "cancelled"


class Front:
    """An ASGI app around BentoML's.

    Args:
        runtime: What answers.
        typed: BentoML's app and the few paths that are its own.
    """

    def __init__(self, runtime: Runtime, typed: TypedApis) -> None:
        self._runtime = runtime
        self._typed = typed
        runtime.typed_routes = typed.models
        self._drain = Drain(runtime)
        self._rpc: RpcServer | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection's scope."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1003})

    async def _lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        """BentoML's lifespan, with ours around it."""

        async def receive_around() -> Any:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self._start()
            elif message["type"] == "lifespan.shutdown":
                await self._stop()
            return message

        await self._typed.app(scope, receive_around, send)

    async def _start(self) -> None:
        await self._runtime.start()
        self._drain.install()
        if self._runtime.settings.grpc_port is None:
            return
        from service.rpc.server import RpcServer  # gRPC costs memory and time, which those without it do not pay

        self._rpc = RpcServer(self._runtime)
        self._drain.leaving.append(self._rpc.drain)
        try:
            await self._rpc.start()
        except SettingsError as error:
            log.critical("%s", error)
            self._runtime.give_up()

    async def _stop(self) -> None:
        if self._rpc is not None:
            await self._rpc.stop(grace_s=0)
        await self._runtime.stop()

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = perf_counter()
        exchange = Exchange(scope, receive, send, self._runtime)
        found = route(exchange.path)
        asked = found.model if found else self._typed.model(exchange.path)
        dialect = found.dialect if found else "typed" if asked else "service"
        code = CANCELLED
        self._runtime.inflight += 1
        try:
            await self._dispatch(found, exchange, scope)
            code = "ok"
        except ServiceError as error:
            code = error.code
            await exchange.respond(error.status, error.body(), extra=error.headers())
        except ClientGone:
            code = CLIENT_GONE
        except streaming.StreamCut as cut:  # the server closes the connection of an answer that is not whole
            code = cut.code
        except Exception:
            code = InternalError.code
            log.exception("request failed", extra={"request_id": exchange.id.decode()})
            if exchange.begun:  # the server closes the connection: a broken answer must not look whole
                raise
            await exchange.respond(500, InternalError("The service failed on this request.").body())
        finally:
            self._runtime.inflight -= 1
            model = asked if self._runtime.repository.serves(asked) else ""
            self._runtime.metrics.request(dialect, model, code, perf_counter() - started)

    async def _dispatch(self, found: Route | None, exchange: Exchange, scope: Scope) -> None:
        exchange.check_headers()
        if found is None:
            await self._elsewhere(exchange, scope)
        elif found.action in CALLS and exchange.method == "POST":
            await self._infer(found, exchange)
        elif found.action == "unknown":
            raise _malformed(exchange)
        elif found.method == "POST" == exchange.method:
            self._runtime.admit()
            await exchange.respond(*await changes.call(self._runtime, found, exchange.headers, exchange.read_body))
        elif exchange.method == found.method or (exchange.method == "HEAD" and found.method == "GET"):
            status, page, content_type = pages.page(self._runtime, found)
            extra = list(RETRY_LATER) if status == 503 else None
            await exchange.respond(status, page, content_type, extra, compress=found.dialect == "service")
        elif found.dialect == "tfserving":
            raise _malformed(exchange)
        else:
            raise _wrong_method(exchange, "POST" if found.method == "POST" else "GET, HEAD")

    async def _elsewhere(self, exchange: Exchange, scope: Scope) -> None:
        """The paths that are BentoML's, and those that are nobody's."""
        methods = self._typed.methods(exchange.path)
        if not methods:
            raise NotFound("Not Found: there is nothing at this path.")
        if exchange.method not in methods:
            raise _wrong_method(exchange, ", ".join(methods))
        if exchange.path == "/" and b"text/html" not in exchange.headers.get(b"accept", b""):
            await exchange.respond(200, b'{"status":"alive"}')
            return
        if exchange.method == "POST":
            self._runtime.admit()
        await self._typed.answer(exchange, scope)

    async def _infer(self, found: Route, exchange: Exchange) -> None:
        self._runtime.admit()
        with find(self._runtime, found).held() as version:
            if found.action == "predict" and streaming.media_type(exchange.headers) is not None:
                await streaming.predict(self._runtime, version, exchange)
                return
            with version.statistics.call():
                await self._answer(found, exchange, version)

    async def _answer(self, found: Route, exchange: Exchange, version: Version) -> None:
        """One call, from its body to its answer."""
        until = exchange.deadline
        try:
            body = await exchange.read_body()
        except UnsupportedMediaType as error:
            raise error.reworded(error.sentence, status=501 if found.dialect == "openinference" else None) from None
        request = calls.decode(self._runtime, found, version, body, exchange.headers, until)
        outputs = await exchange.compute(version, self._runtime.submit(version, request))
        answer = calls.encode(found, version, request, outputs)
        await exchange.respond(200, answer.body, answer.content_type, list(answer.headers), compress=True)


def _malformed(exchange: Exchange) -> ServiceError:
    """TensorFlow Serving's answer to any method and path under /v1/ that it does not know."""
    return MalformedRequest(f"Malformed request: {exchange.method} {exchange.path[:256]}")


def _wrong_method(exchange: Exchange, methods: str) -> ServiceError:
    return MethodNotAllowed(
        f"Method Not Allowed. Expected {methods}. Received {exchange.method[:20]}.", expected=methods
    )

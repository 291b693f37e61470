"""The part of BentoML's app that is served: its docs page, its schemas and the typed routes.

A typed call is checked here, as one record, before BentoML sees it: its messages are then those of every other
dialect, and BentoML never parses a body that is not sound JSON of the right fields. What fails behind that is
carried past BentoML, which would hide it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

import simdjson

from service.errors import InternalError, MalformedRequest, NotFound, ServiceError, UnsupportedMediaType
from service.exchange import Exchange, Receive, Scope
from service.json_faults import describe
from service.json_tensor import parse
from service.runtime import Runtime
from service.whole_answer import Message

FAULT: ContextVar[list[ServiceError]] = ContextVar("fault")
"""Where a typed API leaves the fault that ended it; a list, because BentoML runs the API in a copied context."""

DEADLINE: ContextVar[float] = ContextVar("deadline")
"""Loop time at which the answer of a typed API is late, counted from the request's head as for every other."""

DOCS = ("/", "/docs.json", "/schema.json")
ASSETS = "/static_content/"
OWN_CONTENT_ONLY = b"default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"
"""BentoML's page would load a tracker and badges from elsewhere; a browser that is told this does not."""

App = Any


class TypedApis:
    """BentoML's app behind an allow-list.

    Args:
        app: BentoML's ASGI app.
        runtime: What answers.
        models: Route of each typed API to the model that it asks.
    """

    def __init__(self, app: App, runtime: Runtime, models: Mapping[str, str]) -> None:
        self.app = app
        self._runtime = runtime
        self.models = models

    def model(self, path: str) -> str:
        """The model behind a typed route; empty for any other path."""
        return self.models.get(path, "")

    def methods(self, path: str) -> tuple[str, ...]:
        """The methods that a path takes; none if it is not BentoML's to answer."""
        if path in self.models:
            return ("POST",)
        if path in DOCS or (path.startswith(ASSETS) and ".." not in path):
            return ("GET", "HEAD")
        return ()

    async def answer(self, exchange: Exchange, scope: Scope) -> None:
        """Pass one request on, and its answer back.

        Raises:
            ServiceError: The body does not fit, or the API failed.
        """
        DEADLINE.set(exchange.deadline)
        body = await exchange.read_body()
        if exchange.path in self.models:
            _check_media_type(exchange)
            self._check(body, self.models[exchange.path])
        faults: list[ServiceError] = []
        FAULT.set(faults)

        async def send(message: Message) -> None:
            if message.get("status", 200) >= 400 and not faults:
                faults.append(
                    InternalError("The service failed on this request.")
                    if exchange.path in self.models
                    else NotFound("Not Found: there is nothing at this path.")
                )
            if exchange.path == "/" and message["type"] == "http.response.start":
                message["headers"].append((b"content-security-policy", OWN_CONTENT_ONLY))
            if not faults:
                await exchange.forward(message)

        await self.app(_plain(scope, len(body)), _replay(body, exchange.receive), send)
        if faults:
            raise faults[0]

    def _check(self, body: bytes, name: str) -> None:
        document = parse(body)
        if not isinstance(document.root, simdjson.Object):
            raise MalformedRequest(f"Expected an object of fields. Received {describe(document.root)}.")
        pairs = list(document.root.items())
        given = dict(pairs)
        if len(given) != len(pairs):
            raise MalformedRequest("Expected each field once. Received a field twice.")
        codec = self._runtime.version(name).interface.records
        if codec is None:
            raise NotFound(f"Model {name} takes no records.")
        # clients generated from a schema send null for what they leave out
        codec.decode([{name: value for name, value in given.items() if value is not None}], place="body")


def _check_media_type(exchange: Exchange) -> None:
    """JSON only: BentoML would take multipart forms and pickles as well."""
    given = exchange.headers.get(b"content-type", b"application/json").split(b";")[0].strip().lower()
    if given != b"application/json":
        received = given[:60].decode("latin-1")
        raise UnsupportedMediaType(f"Expected Content-Type application/json. Received {received!r}.")


def _plain(scope: Scope, length: int) -> Scope:
    """The scope of the same request with its body inflated."""
    skipped = (b"content-encoding", b"content-length", b"transfer-encoding")
    headers = [(name, value) for name, value in scope["headers"] if name not in skipped]
    return {**scope, "headers": [*headers, (b"content-length", b"%d" % length)]}


def _replay(body: bytes, rest: Receive) -> Receive:
    """The body again, then what the connection says."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return messages.pop() if messages else await rest()

    return receive

"""Every error of the service, as one tree.

    ServiceError
    ├── ClientFault                      the request is at fault
    │   ├── BadInput                400
    │   │   ├── MalformedJson           malformed_json
    │   │   ├── MalformedRequest        malformed_request
    │   │   ├── MissingInput            missing_input
    │   │   ├── UnknownInput            unknown_input
    │   │   ├── MissingField            missing_field
    │   │   ├── UnknownField            unknown_field
    │   │   ├── UnknownCategory         unknown_category
    │   │   ├── WrongShape              wrong_shape
    │   │   ├── RaggedRows              ragged_rows
    │   │   ├── WrongType               wrong_type
    │   │   ├── OutOfRange              out_of_range
    │   │   └── NotFinite               not_finite
    │   ├── NotFound                404 not_found
    │   ├── MethodNotAllowed        405 method_not_allowed
    │   ├── BodyTimeout             408 body_timeout
    │   ├── TooLarge                413 too_large
    │   ├── UnsupportedMediaType    415 unsupported_media_type
    │   └── HeadersTooLarge         431 headers_too_large
    └── ServerFault                      the service is at fault, or too busy
        ├── InferenceFailed         500 inference_failed
        ├── InternalError           500 internal_error
        ├── Unsupported             501 unsupported
        ├── Overloaded              503 overloaded
        ├── NotReady                503 not_ready
        └── DeadlineExceeded        504 deadline_exceeded
    ArtifactError                        a stored model that is refused at load; no client sees it
    SettingsError                        a setting that is refused at start; no client sees it

A leaf has one code word, which body, log and metric share, and a default status. A dialect may fix
another status or text for the same fault; the code word stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Self

import orjson

RETRY_LATER = ((b"retry-after", b"1"),)
"""Seconds after which it is worth trying again (RFC 9110, section 10.2.3); every 503 carries it."""


class ServiceError(Exception):
    """A fault with a sentence for people, a status for clients and a code word for both.

    Args:
        sentence: What was expected and what came. Never a path, version or traceback of the server.
        status: HTTP status, where a dialect fixes another than the leaf's own.
        expected: What the rule asks for, so that a dialect can put it in its own words.
        received: What came instead.
        place: Where in the request, such as ``instances[3][0]``.
    """

    status: int = 500
    code: ClassVar[str] = "internal_error"

    def __init_subclass__(cls, status: int | None = None, code: str | None = None) -> None:
        """Give a branch its status and a leaf its code word, in the line that names it."""
        cls.status = status or cls.status
        cls.code = code or cls.code

    def __init__(
        self, sentence: str, *, status: int | None = None, expected: Any = None, received: Any = None, place: str = ""
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.expected = expected
        self.received = received
        self.place = place
        if status is not None:
            self.status = status

    @classmethod
    def at(cls, place: str, expected: Any, received: Any) -> Self:
        """The usual message: the rule, what came, and where."""
        where = f" at {place}" if place else ""
        return cls(
            f"Expected {expected}. Received {received}{where}.", expected=expected, received=received, place=place
        )

    def reworded(self, sentence: str, status: int | None = None) -> Self:
        """The same fault in a dialect's own words."""
        return type(self)(
            sentence, status=status or self.status, expected=self.expected, received=self.received, place=self.place
        )

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Extra response headers that this fault calls for."""
        return []

    def body(self) -> bytes:
        """The JSON body of every error answer."""
        return orjson.dumps({"error": self.sentence, "code": self.code})


class ClientFault(ServiceError, status=400):
    """The request is at fault; sending it again changes nothing."""


class BadInput(ClientFault):
    """What the body says does not fit the model."""


class MalformedJson(BadInput, code="malformed_json"):
    """The body is not one JSON value."""


class MalformedRequest(BadInput, code="malformed_request"):
    """The JSON is sound but is not a request of this dialect."""


class MissingInput(BadInput, code="missing_input"):
    """A tensor that the model needs is absent."""


class UnknownInput(BadInput, code="unknown_input"):
    """A tensor that the model does not have."""


class MissingField(BadInput, code="missing_field"):
    """A record lacks a field without default."""


class UnknownField(BadInput, code="unknown_field"):
    """A record has a field that the model does not have."""


class UnknownCategory(BadInput, code="unknown_category"):
    """A category outside its vocabulary."""


class WrongShape(BadInput, code="wrong_shape"):
    """Sound numbers in the wrong shape."""


class RaggedRows(BadInput, code="ragged_rows"):
    """Rows of one tensor that differ in shape."""


class WrongType(BadInput, code="wrong_type"):
    """A value of another JSON type or datatype than the model takes."""


class OutOfRange(BadInput, code="out_of_range"):
    """A number outside the range that the model declares."""


class NotFinite(BadInput, code="not_finite"):
    """NaN or an infinity."""


class NotFound(ClientFault, status=404, code="not_found"):
    """No such path, model or version."""


class MethodNotAllowed(ClientFault, status=405, code="method_not_allowed"):
    """The path exists, for other methods."""

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Names the methods that the path takes (RFC 9110, section 15.5.6)."""
        return [(b"allow", str(self.expected).encode())]


class BodyTimeout(ClientFault, status=408, code="body_timeout"):
    """The body did not arrive in time."""


class TooLarge(ClientFault, status=413, code="too_large"):
    """More bytes or rows than a request may have."""


class UnsupportedMediaType(ClientFault, status=415, code="unsupported_media_type"):
    """A content encoding or media type that is not served."""

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Names the content encodings that are read (RFC 9110, section 15.5.16)."""
        return [(b"accept-encoding", b"gzip, deflate")]


class HeadersTooLarge(ClientFault, status=431, code="headers_too_large"):
    """Too many headers, or too many bytes of them."""


class ServerFault(ServiceError):
    """The service is at fault, or too busy; the request may be sound."""


class InferenceFailed(ServerFault, code="inference_failed"):
    """The engine failed on this request's rows, or its answer is not usable."""


class InternalError(ServerFault):
    """A defect of the service itself."""


class Unsupported(ServerFault, status=501, code="unsupported"):
    """A part of a dialect that is not served."""


class Overloaded(ServerFault, status=503, code="overloaded"):
    """A bound is reached, or the wait would exceed the deadline."""

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Says when to come again."""
        return list(RETRY_LATER)


class NotReady(Overloaded, code="not_ready"):
    """Models are loading, or the service is draining."""


class DeadlineExceeded(ServerFault, status=504, code="deadline_exceeded"):
    """The answer was not there in time."""


class ArtifactError(Exception):
    """A stored model that is refused; the message is the reason."""


class SettingsError(Exception):
    """A setting that is refused; the message names it."""


def codes() -> dict[str, int]:
    """Every code word with its default status, for the docs and their test."""

    def leaves(kind: type[ServiceError]) -> Iterator[type[ServiceError]]:
        yield kind
        for child in kind.__subclasses__():
            yield from leaves(child)

    return {leaf.code: leaf.status for leaf in leaves(ServiceError)}

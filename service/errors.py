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
    │   │   ├── NotFinite               not_finite
    │   │   └── LoadFailed              load_failed
    │   ├── Unauthorized            401 unauthorized
    │   ├── Forbidden               403 forbidden
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
    ConfigurationError                   a configuration file that is refused; the old one stays in force
    SettingsError                        a setting that is refused at start; no client sees it

A leaf has one code word, which body, log and metric share, and a default status. A dialect may fix
another status or text for the same fault; the code word stays.
"""

from __future__ import annotations

from collections.abc import Iterator

from service.fault import RETRY_LATER as RETRY_LATER
from service.fault import ServiceError as ServiceError


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


class LoadFailed(BadInput, code="load_failed"):
    """A model could not be loaded or unloaded as ordered; what served goes on serving."""


class Unauthorized(ClientFault, status=401, code="unauthorized"):
    """A call that needs a key came without it, or with another."""

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Names how to send the key (RFC 6750)."""
        return [(b"www-authenticate", b"Bearer")]


class Forbidden(ClientFault, status=403, code="forbidden"):
    """A call that changes state, which is off here."""


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


class ConfigurationError(Exception):
    """A configuration file that is refused; the message is the reason."""


class SettingsError(Exception):
    """A setting that is refused; the message names it."""


def codes() -> dict[str, int]:
    """Every code word with its default status, for the docs and their test."""

    def leaves(kind: type[ServiceError]) -> Iterator[type[ServiceError]]:
        yield kind
        for child in kind.__subclasses__():
            yield from leaves(child)

    return {leaf.code: leaf.status for leaf in leaves(ServiceError)}

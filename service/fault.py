"""What every error of the service is made of; the tree itself is in ``errors``."""

from __future__ import annotations

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

"""One golden case: a request as data, and what must come back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ABSENT = object()
"""Stands for a body, or a header, that there must not be."""


@dataclass(frozen=True, slots=True)
class Case:
    """A request and its answer. ``$XOR`` in a path or an expected text is the version of ``xor`` that serves.

    Attributes:
        name: What must hold, in a few words.
        path: As it goes onto the wire, percent-encoded.
        body: Bytes as they are; text in UTF-8; anything else as JSON; ``ABSENT`` for none.
        method: POST where there is a body, else GET, unless given.
        headers: Besides Host and Content-Length; no content type is added.
        model: The model that the server must have for the case to make sense.
        needs: What the server must allow besides, a word of ``Target.can``.
        status: Of the answer.
        answer: The JSON of the answer, compared as ``expectation.mismatch`` does; ``ABSENT`` to leave it open.
        error: Text that the error's sentence contains.
        code: The error's code word.
        head: Response headers by lower-case name; ``ABSENT`` for one that must not be there.
        lines: The answer as JSON lines.
        table: The answer as CSV: header line, then rows; a row's cells are compared as JSON values.
        tensors: Outputs of a binary answer by name, as nested lists.
        text: What the body contains, for answers that are no JSON.
    """

    name: str
    path: str
    body: Any = ABSENT
    method: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    model: str = ""
    needs: str = ""
    status: int = 200
    answer: Any = ABSENT
    error: str = ""
    code: str = ""
    head: Mapping[str, Any] = field(default_factory=dict)
    lines: Any = ABSENT
    table: Any = ABSENT
    tensors: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""

    @property
    def verb(self) -> str:
        """The HTTP method."""
        return self.method or ("GET" if self.body is ABSENT else "POST")

    @property
    def content(self) -> bytes | None:
        """The body as bytes; None if there is none."""
        if self.body is ABSENT:
            return None
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered.

    Attributes:
        status: HTTP status.
        headers: By lower-case name.
        body: As it came, not inflated.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON, strictly: no NaN, no infinity."""
        return strict_json(self.body)


def strict_json(text: bytes | str) -> Any:
    """Parse JSON as most languages do, which have no NaN and no infinity in it.

    Raises:
        ValueError: It is not JSON.
    """

    def refuse(token: str) -> Any:
        raise ValueError(f"{token} is no JSON")

    return json.loads(text, parse_constant=refuse)

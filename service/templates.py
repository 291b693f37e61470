"""What a client's requests in the V2 protocol have in common, read once and remembered.

A client names inputs, datatypes, shapes and outputs in every request, in the same letters, and only the numbers differ.
So the letters around the numbers are kept with what they mean, and the numbers alone are read: those behind the JSON of
a binary request, or the one list ``"data"`` inside the JSON. Whatever is not this plain is read as a whole each time.

That a remembered text means the same again is a matter of grammar: the text before the list ends where a value is
expected, the list is parsed as one whole value, and the text behind it begins after a value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from service.signature import Tensor

MOST = 256
MOST_BYTES = 1024
"""Longest text that is remembered."""
DATA = b'"data":'
LIST = re.compile(rb"\s*\[[\[\]0-9.,+\-eE\s]*")


@dataclass(frozen=True, slots=True)
class Template:
    """What the text around the numbers of a request means.

    Attributes:
        parts: Each input in the order of the request: its tensor, its bytes behind the JSON (0 for a list inside it),
            and its rows.
        outputs: Names of the outputs that are asked for.
        binary: Those that are wanted as raw bytes.
        classes: How many best classes are wanted instead of an output's numbers, by its name.
        id: The client's id of the request.
        timeout_s: Time in seconds that the answer may take; None if the request does not say.
        tail: The text behind the list of numbers; empty for a binary request.
    """

    parts: Sequence[tuple[Tensor, int, int]]
    outputs: tuple[str, ...]
    binary: frozenset[str]
    classes: Mapping[str, int]
    id: str
    timeout_s: float | None
    tail: bytes = b""


class Templates:
    """The templates of one model, by the text before the numbers."""

    def __init__(self) -> None:
        self._known: dict[bytes, Template] = {}

    def of_bytes(self, head: bytes) -> Template | None:
        """The template of a binary request whose JSON is ``head``."""
        return self._known.get(head)

    def of_list(self, body: bytes) -> tuple[Template, int, int] | None:
        """The template of a JSON request, and where in it the list of numbers begins and ends."""
        start = body.find(DATA, 0, MOST_BYTES) + len(DATA)
        template = self._known.get(body[:start])
        if template is None or not template.tail or not body.endswith(template.tail):
            return None
        stop = len(body) - len(template.tail)
        return (template, start, stop) if start < stop else None

    def learn_bytes(self, head: bytes, template: Template) -> None:
        """Remember a binary request that was read as a whole and found sound."""
        if len(head) <= MOST_BYTES:
            self._keep(head, template)

    def learn_list(self, body: bytes, template: Template) -> None:
        """Remember a JSON request that was read as a whole and found sound, with one input as a list of numbers."""
        start = body.find(DATA, 0, MOST_BYTES) + len(DATA)
        found = LIST.match(body, start) if start >= len(DATA) else None
        if found is None:
            return
        stop = start + len(found[0].rstrip(b", \t\r\n"))
        if body[stop - 1] != ord("]"):  # a list of something else, such as true and false: only its beginning was found
            return
        head, tail = body[:start], body[stop:]
        plain = len(tail) <= MOST_BYTES and b"\\" not in head + tail and (head + tail).count(b'"data"') == 1
        if plain:  # with one such word and no escapes, it is the key whose value was read
            self._keep(head, replace(template, tail=tail))

    def _keep(self, head: bytes, template: Template) -> None:
        if len(self._known) >= MOST:  # clients whose texts are never the same, such as those that send ids
            self._known.clear()
        self._known[head] = template

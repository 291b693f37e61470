"""One request and one answer, the same for all dialects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

NO_CLASSES: Mapping[str, int] = MappingProxyType({})


@dataclass(slots=True)
class InferRequest:
    """What a protocol module makes of a request's bytes: checked, and ready for the engine.

    Attributes:
        inputs: Every input of the model, by name, in the signature's dtype, shape [rows, …].
        rows: Length of the batch axis.
        outputs: Names of the outputs that the client wants, in the order it wants them.
        form: How the dialect writes the answer, such as ``row`` or ``columnar``.
        id: The dialect's own request id, echoed where it has one.
        deadline: Event-loop time in seconds at which the answer is no longer wanted.
        timeout_s: What a parameter of the body allows; the front shortens the deadline to it.
        binary: Names of the outputs that the client wants as raw bytes.
        classes: How many best classes the client wants instead of an output's numbers, by output name.
    """

    inputs: dict[str, np.ndarray]
    rows: int
    outputs: tuple[str, ...]
    form: str = ""
    id: str = ""
    deadline: float = float("inf")
    timeout_s: float | None = None
    binary: frozenset[str] = frozenset()
    classes: Mapping[str, int] = field(default_factory=lambda: NO_CLASSES)


@dataclass(slots=True)
class InferResult:
    """The engine's answer to one request.

    Attributes:
        model: Name of the model.
        version: The version that answered.
        outputs: Every output by name, shape [rows, …].
    """

    model: str
    version: int
    outputs: dict[str, np.ndarray]


@dataclass(slots=True)
class Answer:
    """What a protocol module makes of a result.

    Attributes:
        body: The bytes.
        content_type: Their media type.
        headers: Further response headers, names in lower case.
    """

    body: bytes
    content_type: bytes = b"application/json"
    headers: Sequence[tuple[bytes, bytes]] = ()

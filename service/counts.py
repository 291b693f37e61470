"""The true counters of one model version, as plain whole numbers.

References:
    NVIDIA, *Triton statistics extension*,
    https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_statistics.md (2020), for what
    each number counts.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Self

import orjson


@dataclass(slots=True)
class Counts:
    """What a version has done since it was loaded. Names that end in ``_ns`` are sums of nanoseconds.

    Attributes:
        inference_count: Rows of requests that were computed to the end.
        execution_count: Engine calls, those of halving and those that failed included.
        success_count: Calls that were answered.
        success_ns: Their time, from head to answer.
        fail_count: Calls that were answered with an error.
        fail_ns: Their time.
        computed_count: Requests that were computed to the end: as a rule one a call, many for a stream, and those
            of a shadow besides.
        queue_ns: Time that these waited for the engine.
        input_ns: Time of joining and padding the batches in which they rode.
        infer_ns: Time of the engine in these batches.
        output_ns: Time of checking and splitting its answers.
        last_inference_ms: Milliseconds from 1970 to the end of the last batch; 0 before the first.
        sizes: By the rows that rode in an engine call: calls, and their ``input_ns``, ``infer_ns``, ``output_ns``.
    """

    inference_count: int = 0
    execution_count: int = 0
    success_count: int = 0
    success_ns: int = 0
    fail_count: int = 0
    fail_ns: int = 0
    computed_count: int = 0
    queue_ns: int = 0
    input_ns: int = 0
    infer_ns: int = 0
    output_ns: int = 0
    last_inference_ms: int = 0
    sizes: dict[int, list[int]] = field(default_factory=dict)

    def add(self, other: Counts) -> None:
        """Add another process's counts of the same version."""
        for name in SUMMED:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.last_inference_ms = max(self.last_inference_ms, other.last_inference_ms)
        for rows, size in other.sizes.items():
            mine = self.sizes.get(rows, [0] * len(size))
            self.sizes[rows] = [one + more for one, more in zip(mine, size, strict=True)]

    def encode(self) -> bytes:
        """The counts as JSON."""
        return orjson.dumps(asdict(self), option=orjson.OPT_NON_STR_KEYS)

    @classmethod
    def decode(cls, text: bytes) -> Self:
        """Counts that were encoded."""
        plain = orjson.loads(text)
        plain["sizes"] = {int(rows): size for rows, size in plain["sizes"].items()}
        return cls(**plain)


SUMMED = [name for name in Counts.__slots__ if name not in ("last_inference_ms", "sizes")]

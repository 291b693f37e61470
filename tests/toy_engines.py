"""Engines whose answers are obvious, and some that misbehave on purpose; the toy in plain NumPy."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np

from service.execution import Executor, Outcome
from service.request import InferRequest
from service.signature import Signature
from tests import toy

SIGNATURE = Signature.model_validate(toy.signature())
MARK = np.float32(-99.0)
"""First number of a row that a misbehaving engine stumbles over."""
PATIENCE_S = 30.0
"""Longest wait of one thread for another; reached only when a test is about to fail."""

Arrays = dict[str, np.ndarray]


def rows(*firsts: float) -> np.ndarray:
    """Rows of the toy's input `x`, FP32 [rows, 2], with these first numbers and 1 as the second."""
    return np.array([[first, 1.0] for first in firsts], dtype=np.float32)


def request(x: np.ndarray, deadline: float = 1e9) -> InferRequest:
    """A request for the toy."""
    return InferRequest({"x": x}, len(x), ("double", "total"), deadline=deadline)


def answers(x: np.ndarray) -> Arrays:
    """What the toy answers to `x`."""
    return {"double": x + x, "total": x.sum(axis=1, keepdims=True)}


def same(one: Any, other: Arrays) -> bool:
    """Whether two answers agree bit for bit."""
    return list(one) == list(other) and all(one[name].tobytes() == other[name].tobytes() for name in other)


class Doubling:
    """Answers as the toy does; `calls` holds the first numbers of the rows of every call."""

    name = "toy"
    device = "CPU"
    in_flight = 1
    mixed_precision = False

    def __init__(self) -> None:
        self.calls: list[list[float]] = []

    def run(self, inputs: Arrays) -> Arrays:
        self.calls.append(inputs["x"][:, 0].tolist())
        return answers(inputs["x"])

    def sizes(self, max_batch_rows: int) -> list[int]:
        return list(range(1, max_batch_rows + 1))

    @property
    def seen(self) -> list[float]:
        """First numbers of all rows that were ever computed."""
        return [first for call in self.calls for first in call]


class Poisoned(Doubling):
    """Fails on any batch that holds a marked row."""

    def run(self, inputs: Arrays) -> Arrays:
        outputs = super().run(inputs)
        if (inputs["x"][:, 0] == MARK).any():
            raise RuntimeError("kernel failed at /opt/secret/model.onnx " + "x" * 10_000)
        return outputs


class Bent(Doubling):
    """Answers what `bend` makes of the right answer, in batches that hold a marked row."""

    def __init__(self, bend: Callable[[Arrays], Any]) -> None:
        super().__init__()
        self._bend = bend

    def run(self, inputs: Arrays) -> Arrays:
        outputs = super().run(inputs)
        if (inputs["x"][:, 0] == MARK).any():
            return self._bend(outputs)
        return outputs


class NotFinite(Doubling):
    """Answers marked rows with `value`, the others rightly."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self._value = np.float32(value)

    def run(self, inputs: Arrays) -> Arrays:
        outputs = super().run(inputs)
        outputs["total"][inputs["x"][:, 0] == MARK] = self._value
        return outputs


class SizeBound(Doubling):
    """Adds one part in a million to every answer in batches of the sizes given: another path through the machine."""

    def __init__(self, *odd_sizes: int) -> None:
        super().__init__()
        self._odd = odd_sizes

    def run(self, inputs: Arrays) -> Arrays:
        outputs = super().run(inputs)
        if len(inputs["x"]) in self._odd:
            outputs["double"] *= np.float32(1.0000001)
        return outputs


class PlaceBound(Doubling):
    """Answers the last row of batches of the sizes given a little differently from the others."""

    def __init__(self, *odd_sizes: int) -> None:
        super().__init__()
        self._odd = odd_sizes

    def run(self, inputs: Arrays) -> Arrays:
        outputs = super().run(inputs)
        if len(inputs["x"]) in self._odd:
            outputs["double"][-1] *= np.float32(1.0000001)
        return outputs


class Gate:
    """An executor that computes a batch only when the test says so, which takes the place of time.

    Attributes:
        batches: First numbers of the rows of every batch, one list a slice.
        entered: Released once a batch has come to the engine's thread.
        made: Every gate of the running test, all of which are opened at its end.
    """

    made: ClassVar[list[Gate]] = []

    def __init__(self, executor: Executor) -> None:
        self.made.append(self)
        self._executor = executor
        self.max_rows, self.in_flight, self.plan = executor.max_rows, executor.in_flight, executor.plan
        self.batches: list[list[list[float]]] = []
        self.entered = threading.Semaphore(0)
        self._open = threading.Semaphore(0)
        self._wide = False

    def execute(self, slices: Sequence[Any]) -> list[Outcome]:
        """Wait at the gate, then compute."""
        self.batches.append([part.inputs["x"][part.start : part.stop, 0].tolist() for part in slices])
        self.entered.release()
        if not self._wide and not self._open.acquire(timeout=PATIENCE_S):
            raise TimeoutError("the test never opened the gate")
        return self._executor.execute(slices)

    def let_one_pass(self) -> None:
        """Let the batch at the gate, or the next to come, be computed."""
        self._open.release()

    def open(self) -> None:
        """Let every batch pass from now on."""
        self._wide = True
        self._open.release(self.in_flight)  # as many threads may be waiting

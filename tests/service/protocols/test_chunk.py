"""A chunk's doubtful rows are settled one by one."""

from __future__ import annotations

import gc
import weakref

import numpy as np

from service.errors import TooLarge, WrongType
from service.protocols.chunk import Arrays, Chunk


def chunk_of(rows: int, doubtful: list[int]) -> tuple[Chunk, list[int]]:
    """Rows of zeros, whose exact value is their number; the third is wrong. And which were asked for."""
    asked: list[int] = []

    def exact(row: int) -> Arrays:
        asked.append(row)
        if row == 2:
            raise WrongType("Expected another.")
        return {"x": np.array([[row]], dtype=np.float32)}

    return Chunk(range(5, 5 + rows), {"x": np.zeros((rows, 1), dtype=np.float32)}, doubtful, {}, exact), asked


def test_a_doubtful_row_becomes_exact_or_a_fault() -> None:
    """What the exact way makes of a row takes its place; a row that it refuses leaves the inputs."""
    chunk, _ = chunk_of(4, [1, 2])
    for row in chunk.doubtful:
        chunk.settle(row)
    assert {row: error.code for row, error in chunk.faults.items()} == {2: "wrong_type"}
    rows, inputs = chunk.sound()
    assert (rows, inputs["x"].tolist()) == ([0, 1, 3], [[0], [1], [0]])


def test_a_row_at_fault_is_not_asked_for_again() -> None:
    """What was wrong before stays what is wrong."""
    chunk, asked = chunk_of(2, [0])
    chunk.faults[0] = TooLarge("Expected less.")
    chunk.settle(0)
    assert (asked, chunk.faults[0].code) == ([], "too_large")


def test_without_faults_nothing_is_copied() -> None:
    """The usual chunk goes on as it is."""
    chunk, _ = chunk_of(3, [])
    assert chunk.sound() == ([0, 1, 2], chunk.inputs)
    assert chunk.sound()[1] is chunk.inputs


def test_a_chunk_with_faults_needs_no_collector() -> None:
    """A fault holds nothing of where it was found: many bad rows leave no circles, whose end stalls everybody."""
    gc.disable()
    try:
        chunk, _ = chunk_of(4, [2])
        chunk.settle(2)
        gone, fault = weakref.ref(chunk.inputs["x"]), chunk.faults[2]
        del chunk
        assert gone() is None
        assert (fault.__traceback__, fault.__context__) == (None, None)
    finally:
        gc.enable()

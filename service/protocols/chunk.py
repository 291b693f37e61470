"""Rows of a stream that go to the engine together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from service.errors import BadInput, ServiceError

Arrays = dict[str, np.ndarray]


@dataclass(slots=True)
class Chunk:
    """Rows that were decoded together.

    Attributes:
        lines: Number of each row's line.
        inputs: Every input by name, shape [rows, …]; of rows that are doubtful or at fault, the numbers mean nothing.
        doubtful: Rows that ``settle`` must look at.
        faults: What is wrong with rows, by row.
        exact: Decodes one row by the exact way.
    """

    lines: Sequence[int]
    inputs: Arrays
    doubtful: list[int]
    faults: dict[int, ServiceError]
    exact: Callable[[int], Arrays] = field(repr=False)

    def settle(self, row: int) -> None:
        """Decode a doubtful row by the exact way, or note what is wrong with it."""
        if row in self.faults:
            return
        try:
            exact = self.exact(row)
        except BadInput as error:
            # its frames hold this chunk: a circle each, which only the collector would find, and stall all for it
            error.__traceback__ = error.__context__ = None
            self.faults[row] = error
            return
        for name, array in exact.items():
            self.inputs[name][row] = array[0]

    def sound(self) -> tuple[list[int], Arrays]:
        """Once all are settled: the rows that are not at fault, and their inputs."""
        if not self.faults:
            return list(range(len(self.lines))), self.inputs
        rows = [row for row in range(len(self.lines)) if row not in self.faults]
        return rows, {name: array[rows] for name, array in self.inputs.items()}

"""Which batch sizes give the same bits, found on the machine at hand.

A matrix product may take another path through the processor for one row than for two, and the last bit of an
answer with it. So before a version is ready, its examples run in every size that the engine would use, at many
positions each; sizes whose rows agree bit for bit form a class; the class with the largest size is used, and a
batch is padded to its next member. The answer to a row is then the same whichever batch it rides in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from time import perf_counter

import numpy as np

from service.artifact import Artifact
from service.engines.engine import Engine
from service.errors import ArtifactError

RUN = 2
"""Steps from which a row of sizes is written by its ends."""
MOVED = 8
"""Examples that are tried at every place of a batch; trying all would take most of the time until a model is ready."""

MIXED_TOLERANCE = 8 * 2.0**-10
"""Tolerance of mixed precision, relative to an answer and to the largest answer of the output: 8 times the spacing of
float16 numbers at 1. In bfloat16, whose spacing is 8 times as wide, the dense and the convolutional model of digits
came to differences of 0.4 and 0.6 times the spacing (measured on a CPU with the same optimiser); so this is an error of
another kind than rounding: an overflow, or a sum that cancels."""


class Timed:
    """An engine whose calls are timed.

    Args:
        engine: What computes.

    Attributes:
        fastest_s: By batch size, seconds of the fastest call so far: noise only ever adds.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.name, self.device = engine.name, engine.device
        self.in_flight, self.mixed_precision = engine.in_flight, engine.mixed_precision
        self.sizes = engine.sizes
        self.fastest_s: dict[int, float] = {}

    def run(self, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """See ``Engine``."""
        started = perf_counter()
        outputs = self._engine.run(inputs)
        elapsed_s = perf_counter() - started
        rows = len(next(iter(inputs.values())))
        self.fastest_s[rows] = min(elapsed_s, self.fastest_s.get(rows, elapsed_s))
        return outputs


def agreeing_sizes(engine: Engine, artifact: Artifact, max_batch_rows: int) -> list[int]:
    """The ascending batch sizes that agree with each other bit for bit.

    Raises:
        ArtifactError: An answer in one of them is not finite or lies outside the signature's tolerances.
    """
    classes: dict[bytes, list[int]] = defaultdict(list)
    for size in engine.sizes(max_batch_rows):
        answers = _answers(engine, artifact, size)
        if answers is not None:
            classes[b"".join(array.tobytes() for array in answers.values())].append(size)
            compare(artifact, answers, size, mixed_precision=engine.mixed_precision)
    best = [sizes for sizes in classes.values() if max_batch_rows in sizes]
    if not best:
        raise ArtifactError(f"Answers differ with the position in a batch of {max_batch_rows} rows.")
    return best[0]


def _answers(engine: Engine, artifact: Artifact, size: int) -> dict[str, np.ndarray] | None:
    """Every example's answer in batches of ``size``; None if it depends on the place in the batch."""
    count = len(next(iter(artifact.inputs.values())))
    rows = np.arange(-(-count // size) * size) % count
    answers = _run(engine, artifact, rows, size)
    found = {name: answer[:count] for name, answer in answers.items()}
    if any(found[name][rows].tobytes() != answer.tobytes() for name, answer in answers.items()):
        return None
    moved = min(MOVED, count)
    for start in range(min(size, moved)):  # every one of them at every place: the rows repeat themselves behind that
        rows = np.arange(start, start + -(-moved // size) * size) % moved
        answers = _run(engine, artifact, rows, size)
        if any(found[name][rows].tobytes() != answer.tobytes() for name, answer in answers.items()):
            return None
    return found


def _run(engine: Engine, artifact: Artifact, rows: np.ndarray, size: int) -> dict[str, np.ndarray]:
    """The answers to examples, in batches of ``size`` rows, of which their number is a multiple."""
    parts = [
        engine.run({name: array[rows[at : at + size]] for name, array in artifact.inputs.items()})
        for at in range(0, len(rows), size)
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def compare(artifact: Artifact, answers: dict[str, np.ndarray], size: int, *, mixed_precision: bool = False) -> None:
    """Hold answers to all examples against the stored ones.

    Raises:
        ArtifactError: Names the output and the largest difference.
    """
    for tensor in artifact.signature.outputs:
        stored, answer = artifact.outputs[tensor.name], answers[tensor.name]
        rtol, atol = tensor.rtol, tensor.atol
        if mixed_precision and stored.dtype.kind == "f":
            rtol = max(rtol, MIXED_TOLERANCE)
            largest = np.nan_to_num(np.abs(stored), nan=0.0, posinf=0.0).max()  # an infinity must not allow everything
            atol = max(atol, MIXED_TOLERANCE * float(largest))
        if answer.shape != stored.shape or not np.allclose(answer, stored, rtol=rtol, atol=atol):
            apart = _apart(answer, stored) if answer.shape == stored.shape else float("nan")
            raise ArtifactError(
                f"Expected the stored answers of {tensor.name} within rtol {rtol:g}, atol {atol:g}. "
                f"Received answers {apart:g} apart in batches of {size}."
            )


def losses(engine: Engine, artifact: Artifact, size: int) -> dict[str, float]:
    """How far the answers to the examples are from the stored ones: the largest difference of each output.

    Args:
        engine: What answers.
        artifact: Examples and stored answers.
        size: Rows of a batch, one of those that ``agreeing_sizes`` found.
    """
    answers = _answers(engine, artifact, size) or {}
    return {name: _apart(answer, artifact.outputs[name]) for name, answer in answers.items()}


def _apart(answer: np.ndarray, stored: np.ndarray) -> float:
    return float(np.abs(answer - stored.astype(float)).max())


def summary(sizes: Sequence[int]) -> str:
    """Batch sizes for people: ``1-64``, ``1,2,4-64 by 4``."""
    parts, at = [], 0
    while at < len(sizes):
        step = sizes[at + 1] - sizes[at] if at + 1 < len(sizes) else 0
        end = at
        while end + 1 < len(sizes) and sizes[end + 1] - sizes[end] == step:
            end += 1
        if end - at >= RUN:
            parts.append(f"{sizes[at]}-{sizes[end]}" + (f" by {step}" if step > 1 else ""))
        else:
            parts.append(str(sizes[at]))
            end = at
        at = end + 1
    return ",".join(parts)

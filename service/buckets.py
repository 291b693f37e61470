"""Which batch sizes give the same bits, found on the machine at hand.

A matrix product may take another path through the processor for one row than for two, and the last bit of an
answer with it. So before a version is ready, its examples run in every size that the engine would use, at many
positions each; sizes whose rows agree bit for bit form a class; the class with the largest size is used, and a
batch is padded to its next member. The answer to a row is then the same whichever batch it rides in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from service.artifact import Artifact
from service.engines.engine import Engine
from service.errors import ArtifactError

RUN = 2
"""Steps from which a row of sizes is written by its ends."""
POSITIONS = 16
"""Places in a batch at which each example is tried: more than the rows of any kernel's tile."""


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
            compare(artifact, answers, size)
    best = [sizes for sizes in classes.values() if max_batch_rows in sizes]
    if not best:
        raise ArtifactError(f"Answers differ with the position in a batch of {max_batch_rows} rows.")
    return best[0]


def _answers(engine: Engine, artifact: Artifact, size: int) -> dict[str, np.ndarray] | None:
    """Every example's answer in batches of ``size``; None if it depends on the place in the batch."""
    count = len(next(iter(artifact.inputs.values())))
    found: dict[str, np.ndarray] = {}
    for start in range(min(size, count, POSITIONS)):
        rows = np.arange(start, start + -(-count // size) * size) % count
        parts = [
            engine.run({name: array[rows[at : at + size]] for name, array in artifact.inputs.items()})
            for at in range(0, len(rows), size)
        ]
        for name in parts[0]:
            answer = np.concatenate([part[name] for part in parts])
            if name not in found:
                found[name] = answer[:count]
            if found[name][rows].tobytes() != answer.tobytes():  # wherever an example stands, the last rows too
                return None
    return found


def compare(artifact: Artifact, answers: dict[str, np.ndarray], size: int) -> None:
    """Hold answers to all examples against the stored ones.

    Raises:
        ArtifactError: Names the output and the largest difference.
    """
    for tensor in artifact.signature.outputs:
        stored, answer = artifact.outputs[tensor.name], answers[tensor.name]
        if answer.shape != stored.shape or not np.allclose(answer, stored, rtol=tensor.rtol, atol=tensor.atol):
            apart = np.abs(answer - stored.astype(float)).max() if answer.shape == stored.shape else float("nan")
            raise ArtifactError(
                f"Expected the stored answers of {tensor.name} within rtol {tensor.rtol:g}, atol {tensor.atol:g}. "
                f"Received answers {apart:g} apart in batches of {size}."
            )


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

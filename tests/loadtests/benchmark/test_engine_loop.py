"""The loop of the engine alone."""

from __future__ import annotations

import numpy as np
import pytest

from loadtests.benchmark.contender import Subject
from loadtests.benchmark.engine_loop import loop


def test_figures_fit_together(subject: Subject) -> None:
    """Whole batches were run, for about as long as asked."""
    found = loop(subject.folder, 16, 0.05)
    assert found["rows"] % 16 == 0
    assert found["duration_s"] >= 0.05
    assert 0 < found["p50_ms"] <= found["p95_ms"] <= found["p99_ms"]


def test_wrong_answers_are_found(subject: Subject) -> None:
    """A loop over another model than the stored answers are of says nothing."""
    with np.load(subject.folder / "examples.npz") as stored:
        arrays = {**stored, "outputs/total": stored["outputs/total"] + 1}
    np.savez(subject.folder / "examples.npz", **arrays)
    with pytest.raises(ValueError, match="Expected"):
        loop(subject.folder, 16, 0.01)

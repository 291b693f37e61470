"""A process alone."""

from __future__ import annotations

from loadtests.measurements import Measurements
from loadtests.part import Part


def test_alone_needs_nobody() -> None:
    """Alone a process waits for none, has one effort, reports to none, and judges."""
    measured = Measurements()
    measured.add("toy infer", 1.0)
    part, data = Part(measured), dict[str, object]()
    part.wait(9, 0)
    part.start(lambda: None)
    part.send(data)
    assert measured.total().requests == 0
    assert len(part.collect()) == 1
    assert data == {}
    assert part.judges

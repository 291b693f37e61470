"""The shape for limits."""

from __future__ import annotations

from loadtests.shapes import step


def test_shape_is_what_its_docstring_says() -> None:
    """8, 16, 32 and 64 users, a minute each."""
    assert [stage.users for stage in step.Step.stages] == [8, 16, 32, 64]
    assert {stage.duration_s for stage in step.Step.stages} == {60}
    assert step.__doc__ is not None
    assert "8, 16, 32 and 64 users, a minute each" in step.__doc__

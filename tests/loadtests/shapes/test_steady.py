"""The shape for leaks."""

from __future__ import annotations

from loadtests.shapes import steady
from loadtests.shapes.stages import Stage


def test_shape_is_what_its_docstring_says() -> None:
    """16 users for 300 s."""
    assert steady.Steady.stages == (Stage(300, 16),)
    assert steady.__doc__ is not None
    assert "16 users" in steady.__doc__

"""The shape for every change."""

from __future__ import annotations

from loadtests.shapes import smoke
from loadtests.shapes.stages import Stage


def test_shape_is_what_its_docstring_says() -> None:
    """8 users for 30 s."""
    assert smoke.Smoke.stages == (Stage(30, 8),)
    assert smoke.__doc__ is not None
    assert "8 users" in smoke.__doc__

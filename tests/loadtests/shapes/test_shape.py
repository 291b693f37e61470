"""What all shapes share."""

from __future__ import annotations

from loadtests.shapes.shape import Shape


class Always(Shape):
    """500 users for ever."""

    def fit(self, users: int | None, duration_s: float | None) -> None:
        """Take nothing."""

    def users_now(self) -> int | None:
        """Always the same."""
        return 500


def test_tick_starts_users_at_once_within_what_locust_recommends() -> None:
    """All users begin together, but no more than a hundred a second."""
    assert Always().tick() == (500, 100.0)


def test_end_comes_before_the_end() -> None:
    """A shape that is told to end does so at the next question."""
    shape = Always()
    shape.end()
    assert shape.tick() is None


def test_thresholds_judge_unless_a_shape_searches() -> None:
    """A shape has no verdict of its own."""
    assert Always().verdict is None

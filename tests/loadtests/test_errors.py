"""Messages and the tree of errors."""

from __future__ import annotations

from loadtests.errors import LoadTestError, WrongAnswer


def test_message_states_the_rule_then_what_came() -> None:
    """A message says what was expected, then what came instead."""
    assert str(WrongAnswer.at("3 rows", 4)) == "Expected 3 rows. Received 4."


def test_long_answers_are_cut() -> None:
    """However long an answer is, its message fits a screen."""
    assert len(str(WrongAnswer.at("3 rows", "x" * 10_000))) < 300


def test_one_tree() -> None:
    """Whoever catches the root catches every error of the load tests."""
    assert issubclass(WrongAnswer, LoadTestError)

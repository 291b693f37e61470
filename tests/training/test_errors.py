"""`training.errors`."""

import inspect

from training import errors


def test_one_tree_drawn_at_the_head() -> None:
    """Every error is a TrainingError, so that the command line prints it as one line, and is in the drawing."""
    found = [item for _, item in inspect.getmembers(errors, inspect.isclass)]
    assert len(found) > 1
    for error in found:
        assert issubclass(error, errors.TrainingError)
        assert error.__name__ in (errors.__doc__ or "")

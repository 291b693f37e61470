"""`training.evaluation.findings`."""

import numpy as np

from training.evaluation.findings import Estimate


def test_the_first_value_is_the_estimate_and_the_others_its_interval() -> None:
    """Of 0 to 1,000 as resamples, 95 % lie between 25 and 975; the value itself does not count."""
    estimate = Estimate.of(np.array([-7.0, *range(1001)]))
    assert estimate == Estimate(-7, (25, 975))


def test_nothing_drawn_no_interval() -> None:
    """A single value is a value without an interval."""
    assert Estimate.of(np.array([0.5])) == Estimate(0.5, None)


def test_resamples_without_a_value_count_for_none() -> None:
    """What is no number in a resample leaves the interval to the others."""
    assert Estimate.of(np.array([1.0, np.nan, 3.0, np.nan])) == Estimate(1, (3, 3))
    assert Estimate.of(np.array([1.0, np.nan])).interval is None

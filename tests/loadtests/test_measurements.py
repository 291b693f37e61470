"""Figures of what was measured."""

from __future__ import annotations

from loadtests.measurements import MOST_MESSAGES, Measurements


def measured() -> Measurements:
    """A hundred right answers of 0.1 to 10 ms, and a slow wrong one."""
    measurements = Measurements()
    for time_ms in range(1, 101):
        measurements.add("toy infer", time_ms / 10)
    measurements.add("toy inputs", 500.25, "wrong")
    measurements.stop()
    return measurements


def test_percentiles_are_measured_times() -> None:
    """A percentile is a time that a request took, to the fraction of a millisecond."""
    infer = measured().lines()[0]
    assert (infer.p50_ms, infer.p95_ms, infer.p99_ms) == (5.1, 9.6, 10.0)


def test_total_is_all_lines_together() -> None:
    """Nothing is lost or counted twice between the lines and their total."""
    lines, total = measured().lines(), measured().total()
    assert sum(line.requests for line in lines) == total.requests == 101
    assert sum(line.failures for line in lines) == total.failures == 1
    assert max(line.p99_ms for line in lines) == 500.25


def test_nothing_measured_is_zero() -> None:
    """An empty run has zeros, no division by zero."""
    total = Measurements().total()
    assert (total.requests, total.failures, total.p99_ms) == (0, 0, 0.0)


def test_start_forgets_the_run_before() -> None:
    """A second run in the same process begins at nothing."""
    measurements = measured()
    measurements.start()
    assert measurements.total().requests == 0
    assert not measurements.messages


def test_messages_are_bounded() -> None:
    """Failures that all differ are all counted, and few are kept; they take no room from another form's."""
    measurements = Measurements()
    for number in range(MOST_MESSAGES + 50):
        measurements.add("toy infer", 1.0, f"wrong {number}")
    measurements.add("toy inputs", 1.0, "wrong too")
    assert len(measurements.messages["toy infer"]) == MOST_MESSAGES
    assert measurements.messages["toy inputs"] == {"wrong too": 1}
    assert measurements.total().failures == MOST_MESSAGES + 51

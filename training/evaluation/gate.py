"""What a model must reach to be stored, and what it should."""

from collections.abc import Iterable

from training.config import Bound
from training.evaluation.findings import Metrics


def failures_of(bounds: Iterable[Bound], metrics: Metrics) -> list[str]:
    """One sentence for every condition that the metrics do not meet; empty if all are met."""
    return [sentence for bound in bounds if (sentence := _failure(bound, metrics))]


def _failure(bound: Bound, metrics: Metrics) -> str | None:
    value = metrics[bound.metric]
    expected = f"Expected {bound.metric} of"
    # Written as "not good", so that a metric which is not a number fails.
    if bound.at_least is not None and not value >= bound.at_least:
        return f"{expected} at least {bound.at_least}. Received {value:.6g}."
    if bound.at_most is not None and not value <= bound.at_most:
        return f"{expected} at most {bound.at_most}. Received {value:.6g}."
    if bound.at_most_metric is not None and not value <= metrics[bound.at_most_metric]:
        limit = metrics[bound.at_most_metric]
        return f"{expected} at most {limit:.6g} ({bound.at_most_metric}). Received {value:.6g}."
    return None

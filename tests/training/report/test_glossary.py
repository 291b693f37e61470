"""`training.report.glossary`."""

import pytest

from training.presets import NAMES
from training.report.glossary import MEANINGS, meanings_of
from training.report.run import Run


@pytest.mark.parametrize("name", NAMES)
def test_every_metric_has_one_meaning(runs: dict[str, Run], name: str) -> None:
    """Whatever an evaluation measures is explained, and by one entry only."""
    for metric in runs[name].evaluation.metrics:
        assert len(meanings_of([metric])) == 1, metric


def test_no_meaning_without_a_metric(runs: dict[str, Run]) -> None:
    """Every entry explains something that some model is measured by."""
    metrics = [metric for run in runs.values() for metric in run.evaluation.metrics]
    metrics.append("probabilities_largest_difference")  # of a quantized model, which none of these is
    assert meanings_of(metrics) == MEANINGS

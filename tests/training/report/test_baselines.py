"""`training.report.baselines`."""

import pytest

from tests.training.report.conftest import CONTENDERS, Written
from training.report.baselines import MODEL, metric_of
from training.report.style import BLUE, GREY

SHOWN = {"mnist": ["accuracy", "log_loss"], "flights": ["arrival_delay_mae_min", "air_time_mae_min"]}


@pytest.mark.parametrize("name", SHOWN)
def test_dots_are_metrics_and_bars_their_intervals(reports: dict[str, Written], name: str) -> None:
    """Per panel a dot and a bar for the model, on top and in its own colour, and for each contender."""
    evaluation = reports[name].run.evaluation
    axes = reports[name].figures["baselines.png"].axes
    for axis, column in zip(axes, SHOWN[name], strict=True):
        assert [label.get_text() for label in axes[0].get_yticklabels()][-1] == MODEL
        bars, dots = axis.lines[::2], axis.lines[1::2]
        for place, contender in enumerate(reversed([MODEL, *CONTENDERS])):
            key = metric_of(evaluation, contender, column)
            assert list(dots[place].get_xdata()) == [evaluation.metrics[key]]
            assert list(bars[place].get_xdata()) == list(evaluation.intervals[key])
            assert dots[place].get_color() == (BLUE if contender == MODEL else GREY)

"""`training.report.curves`."""

from dataclasses import replace
from pathlib import Path

from matplotlib.figure import Figure

from training.presets import find_preset
from training.report.curves import draw_curves, kept_epoch, metric_keys
from training.report.style import BLUE, ROSE

CONFIG = replace(find_preset("mnist", None), keep_best=True)
HISTORY = {"loss": [3.0, 2.0, 1.0], "accuracy": [0.5, 0.6, 0.7], "val_loss": [3.0, 2.5, 2.7], "val_accuracy": [0.4] * 3}


def test_one_metric_per_output() -> None:
    """Every output has its panel; losses and validation values have none of their own."""
    config = find_preset("flights", None)
    keys = ["loss", "air_time_loss", "b_mean_absolute_error", "a_mean_absolute_error", "val_a_mean_absolute_error"]
    history = {key: [1.0] for key in keys}
    assert metric_keys(config, history) == ["a_mean_absolute_error", "b_mean_absolute_error"]


def test_lines_are_the_history(figures: dict[str, Figure], tmp_path: Path) -> None:
    """Every panel has the training line and the dashed one of the rows watched; the step size has one line."""
    draw_curves(tmp_path / "c.png", "title", CONFIG, HISTORY | {"learning_rate": [0.3, 0.2, 0.1]})
    loss, accuracy, rate = figures["c.png"].axes
    for axis, key in ((loss, "loss"), (accuracy, "accuracy")):
        training, watched = axis.lines[:2]
        assert list(training.get_ydata()) == HISTORY[key]
        assert list(watched.get_ydata()) == HISTORY[f"val_{key}"]
        assert (training.get_color(), watched.get_color()) == (BLUE, ROSE)
        assert (training.get_linestyle(), watched.get_linestyle()) == ("-", "--")
        assert axis.get_ylabel() == (CONFIG.loss_label if key == "loss" else CONFIG.metric_label)
    assert [list(line.get_ydata()) for line in rate.lines] == [[0.3, 0.2, 0.1]]


def test_a_constant_step_size_needs_no_panel(figures: dict[str, Figure], tmp_path: Path) -> None:
    """It stands among the settings already."""
    draw_curves(tmp_path / "c.png", "title", CONFIG, HISTORY | {"learning_rate": [0.1, 0.1, 0.1]})
    assert len(figures["c.png"].axes) == 2


def test_the_epoch_kept_is_marked(figures: dict[str, Figure], tmp_path: Path) -> None:
    """The best epoch is marked where its weights are kept, and nowhere else."""
    assert kept_epoch(CONFIG, HISTORY) == 2
    draw_curves(tmp_path / "best.png", "title", CONFIG, HISTORY)
    assert list(figures["best.png"].axes[0].lines[2].get_xdata()) == [2, 2]
    last = replace(CONFIG, keep_best=False)
    assert kept_epoch(last, HISTORY) == 3
    draw_curves(tmp_path / "last.png", "title", last, HISTORY)
    assert len(figures["last.png"].axes[0].lines) == 2

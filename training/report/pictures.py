"""All pictures of one run. Which there are depends on what the model answers and on what was evaluated."""

from pathlib import Path

from training.datasets.dataset import INTERVAL
from training.evaluation.regression import INTERVAL_SHARE
from training.report.baselines import draw_baselines
from training.report.confusion import draw_confusion
from training.report.curves import draw_curves
from training.report.groups import draw_groups
from training.report.intervals import draw_intervals
from training.report.reliability import draw_reliability
from training.report.residuals import draw_residuals
from training.report.run import Run
from training.report.samples import draw_samples
from training.signature import Image

GROUPS = "by_"
"""A table of the evaluation whose name begins so tells the errors by the field named after it."""


def draw_pictures(folder: Path, run: Run) -> None:
    """Draw what there is to draw of a run into `folder`."""
    name = run.signature.name
    draw_curves(folder / "curves.png", f"{name}: learning curves", run.config, run.history)
    if run.dataset.judged_by_training_rows:
        return  # what there is to see stands in the card, row by row
    draw_baselines(folder / "baselines.png", f"{name}: baselines, 95 % intervals", run.evaluation)
    if run.signature.task == "classification":
        _draw_classifier(folder, run)
    else:
        _draw_regressor(folder, run)


def _draw_classifier(folder: Path, run: Run) -> None:
    name, tables = run.signature.name, run.evaluation.tables
    draw_confusion(folder / "confusion.png", f"{name}: labels and answers", tables["confusion"])
    draw_reliability(folder / "reliability.png", f"{name}: calibration", tables["reliability"])
    if run.labels and isinstance(run.signature.fields[0], Image):
        (probabilities,) = run.answers.values()
        draw_samples(folder / "samples.png", f"{name}: test images", run.dataset.test, probabilities, run.labels)


def _draw_regressor(folder: Path, run: Run) -> None:
    name, tables = run.signature.name, run.evaluation.tables
    pairs = {target: (run.dataset.test.targets[target], run.answers[target][:, 0]) for target in run.units}
    draw_residuals(folder / "residuals.png", f"{name}: answers and errors", pairs, run.units)
    groups = {key.removeprefix(GROUPS): table for key, table in tables.items() if key.startswith(GROUPS)}
    if groups:
        draw_groups(folder / "groups.png", f"{name}: errors by group", groups)
    ends = {
        target: (*pair, run.answers[f"{target}{INTERVAL}"])
        for target, pair in pairs.items()
        if f"{target}{INTERVAL}" in run.answers
    }
    if ends:
        draw_intervals(folder / "intervals.png", f"{name}: prediction intervals", ends, run.units, INTERVAL_SHARE)

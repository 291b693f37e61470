"""What a model reached, as sections of a card: numbers beside those of the baselines, pictures with reading aids."""

from collections.abc import Collection, Iterable

from training.config import Bound
from training.evaluation.findings import Metrics
from training.evaluation.gate import failures_of
from training.report.baselines import MODEL, metric_of
from training.report.glossary import meanings_of
from training.report.markdown import Cell, bullets, code, number, picture, table
from training.report.run import Run

READING_AIDS = {
    "baselines.png": "Each dot is a contender, each bar its 95 % interval; some are narrower than their dot.",
    "confusion.png": "Each row is a true label, each column an answer. What lies off the diagonal is a mistake.",
    "samples.png": "Real test images. The mistakes come first, those made with the highest probability at the start.",
    "reliability.png": "On the dashed line, of the answers given with 80 % just 80 % are right. Below it the model is "
    "too sure of itself, above it not sure enough. The bars count the rows behind each point.",
    "residuals.png": "On the left, answers against truths: on the dashed line they are equal. On the right, how often "
    "an answer is off by how much. The rarest rows at either end are not shown.",
    "groups.png": "Groups with few rows, in the grey panels, say little.",
    "intervals.png": "On the left, how many truths the prediction intervals hold; on the right, how wide they are.",
}
"""How to read each picture."""


def results_sections(run: Run, pictures: Collection[str]) -> dict[str, str]:
    """Sections by title.

    Args:
        run: The training run.
        pictures: Names of the files beside the card.
    """

    def shown(*names: str) -> list[str]:
        return [f"{READING_AIDS[name]}\n\n{picture(name, _alternative(name))}" for name in names if name in pictures]

    sections = {
        "Results": [_introduction(run), _results(run), _glossary(run), *shown("baselines.png")],
        "Every row": [_every_row(run)] if run.dataset.judged_by_training_rows else [],
        "Results by label": [_classes(run), *shown("confusion.png", "samples.png")],
        "Calibration": shown("reliability.png"),
        "Errors": shown("residuals.png", "groups.png"),
        "Prediction intervals": shown("intervals.png"),
    }
    return {title: "\n\n".join(filter(None, parts)) for title, parts in sections.items()}


def in_short(run: Run) -> str:
    """The metrics that the gate judges, in one sentence."""
    keys = dict.fromkeys(bound.metric for bound in run.config.gate)
    found = [f"{code(key)} {number(run.evaluation.metrics[key])}{_in_brackets(_interval(run, key))}" for key in keys]
    return f"In short: {', '.join(found)}."


def _in_brackets(interval: str | None) -> str:
    return f" (95 % interval {interval})" if interval else ""


def _alternative(name: str) -> str:
    return name.removesuffix(".png").capitalize()


def _introduction(run: Run) -> str:
    if run.dataset.judged_by_training_rows:
        return "The rows that judge the model are those that it was trained on, and all there are."
    return (
        f"Measured on {len(run.dataset.test):,} test rows, which trained nothing and chose nothing. The 95 % interval "
        "tells how far a number might be off because other rows could have been held out: it comes from drawing the "
        "test rows again and again (bootstrap), whole days at a time where rows have a date."
    )


def _results(run: Run) -> str:
    """A line per metric of the model, a column per contender."""
    evaluation = run.evaluation
    others = [row["contender"] for row in evaluation.tables["baselines"] if row["contender"] != MODEL]
    rows: list[tuple[Cell, ...]] = []
    for key in _own_metrics(run):
        column = key.removeprefix("test_")
        compared = [evaluation.metrics.get(metric_of(evaluation, other, column)) for other in others]
        interval = [_interval(run, key)] if evaluation.intervals else []
        rows.append((code(key), evaluation.metrics[key], *interval, *compared))
    interval_head = ["95 % interval"] if evaluation.intervals else []
    return table(("metric", "this model", *interval_head, *(other.replace("_", " ") for other in others)), rows)


def _interval(run: Run, key: str) -> str | None:
    ends = run.evaluation.intervals.get(key)
    return " to ".join(map(number, ends)) if ends else None


def _own_metrics(run: Run) -> list[str]:
    """Those of the model, without those of its contenders."""
    others = tuple(f"{row['contender']}_" for row in run.evaluation.tables["baselines"])
    return [key for key in run.evaluation.metrics if not key.startswith(others)]


def _glossary(run: Run) -> str:
    return bullets([f"{code(end)}: {meaning}" for end, meaning in meanings_of(_own_metrics(run)).items()])


def _classes(run: Run) -> str:
    """Precision, recall and their mean for each label of a classifier that was tested on unseen rows."""
    classes = run.evaluation.tables.get("classes")
    if not classes or run.dataset.judged_by_training_rows:
        return ""
    aid = (
        "Precision: of the rows that got this label, the share that has it. Recall: of the rows that have it, the "
        "share that got it. F1: their harmonic mean."
    )
    return f"{aid}\n\n{table(list(classes[0]), [list(row.values()) for row in classes])}"


def _every_row(run: Run) -> str:
    """Each row of a truth table with its truth and its answer, as a record would carry it."""
    ((name, truth),) = run.dataset.test.targets.items()
    answers = run.answers[name][:, 0]
    fields = list(run.dataset.records[0])
    rows: list[tuple[Cell, ...]] = [
        (*map(str, record.values()), f"{truth[place]:g}", f"{answers[place]:.4f}")
        for place, record in enumerate(run.dataset.records)
    ]
    return table((*map(code, fields), f"true {name}", f"answered {name}"), rows)


def conditions_section(run: Run) -> str:
    """What the model had to reach to be stored, and what is aimed for; each with what it did reach."""
    metrics = run.evaluation.metrics
    lines = [*_conditions("gate", run.config.gate, metrics), *_conditions("target", run.config.target, metrics)]
    aid = "A model that misses its gate is not stored, unless it is asked for. The target is what we aim for."
    return f"{aid}\n\n{table(('', 'metric', 'condition', 'reached', 'met'), lines)}"


def _conditions(kind: str, bounds: Iterable[Bound], metrics: Metrics) -> list[tuple[Cell, ...]]:
    return [
        (kind, code(bound.metric), _wanted(bound, metrics), metrics[bound.metric], _met(bound, metrics))
        for bound in bounds
    ]


def _met(bound: Bound, metrics: Metrics) -> str:
    return "**no**" if failures_of([bound], metrics) else "yes"


def _wanted(bound: Bound, metrics: Metrics) -> str:
    parts = []
    if bound.at_least is not None:
        parts.append(f"at least {bound.at_least:g}")
    if bound.at_most is not None:
        parts.append(f"at most {bound.at_most:g}")
    if bound.at_most_metric is not None:
        parts.append(f"at most {number(metrics[bound.at_most_metric])}, {code(bound.at_most_metric)}")
    return " and ".join(parts)

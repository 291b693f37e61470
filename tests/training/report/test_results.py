"""`training.report.results`."""

from dataclasses import replace

import pytest

from tests.training.report.conftest import CONTENDERS
from training.config import Bound
from training.presets import NAMES
from training.report.markdown import number
from training.report.results import READING_AIDS, conditions_section, in_short, results_sections
from training.report.run import Run


def _cells(text: str) -> dict[str, list[str]]:
    """The last table's rows by their first cell."""
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    return {first.strip("`"): rest for first, *rest in lines}


@pytest.mark.parametrize("name", NAMES)
def test_model_and_contenders_in_one_table(runs: dict[str, Run], name: str) -> None:
    """A row per metric of the model, with its interval; a column per contender, with its own value."""
    evaluation = runs[name].evaluation
    cells = _cells(results_sections(runs[name], ())["Results"])
    interval_head = ["95 % interval"] if evaluation.intervals else []
    assert cells["metric"] == ["this model", *interval_head, "linear regression", "boosted trees"]
    own = {key for key in evaluation.metrics if not key.startswith(CONTENDERS)}
    assert cells.keys() - {"metric", "---"} == own
    for key in own:
        ends = evaluation.intervals.get(key)
        interval = [f"{number(ends[0])} to {number(ends[1])}" if ends else ""] if evaluation.intervals else []
        column = key.removeprefix("test_")
        others = [evaluation.metrics.get(f"{contender}_{column}") for contender in CONTENDERS]
        shown = ["" if value is None else number(value) for value in others]
        assert cells[key] == [number(evaluation.metrics[key]), *interval, *shown]


def test_by_label(runs: dict[str, Run]) -> None:
    """A classifier's labels have a line each; a truth table has its rows instead."""
    cells = _cells(results_sections(runs["fashion"], ())["Results by label"])
    table = runs["fashion"].evaluation.tables["classes"]
    assert cells["Ankle boot"] == [number(value) for value in list(table[-1].values())[1:]]
    sections = results_sections(runs["xor"], ())
    assert sections["Results by label"] == ""
    assert sections["Every row"].splitlines()[-1] == "| 1 | 1 | 0 | 0.1000 |"
    assert "trained on, and all there are" in sections["Results"]


def test_pictures_have_their_reading_aid(runs: dict[str, Run]) -> None:
    """A picture stands below the words that say how to read it; what was not drawn is not shown."""
    text = "\n".join(results_sections(runs["flights"], READING_AIDS).values())
    for name, aid in READING_AIDS.items():
        assert f"{aid}\n\n![" in text
        assert f"]({name})" in text
    assert "![" not in "\n".join(results_sections(runs["flights"], ()).values())


def test_conditions(runs: dict[str, Run]) -> None:
    """Gate and target stand with what they ask for, what was reached, and whether that is enough."""
    run = runs["mnist"]
    reached = run.evaluation.metrics["test_accuracy"]
    config = replace(
        run.config,
        gate=(Bound(metric="test_accuracy", at_least=0.5, at_most=1),),
        target=(
            Bound(metric="test_log_loss", at_most_metric="boosted_trees_log_loss"),
            Bound(metric="test_rows", at_least=1e9),
        ),
    )
    lines = conditions_section(replace(run, config=config)).splitlines()[-3:]
    limit = number(run.evaluation.metrics["boosted_trees_log_loss"])
    assert lines[0] == f"| gate | `test_accuracy` | at least 0.5 and at most 1 | {number(reached)} | yes |"
    assert f"| at most {limit}, `boosted_trees_log_loss` |" in lines[1]
    assert lines[2] == "| target | `test_rows` | at least 1e+09 | 400 | **no** |"


def test_in_short(runs: dict[str, Run]) -> None:
    """What the gate judges, with its interval where there is one."""
    low, high = runs["mnist"].evaluation.intervals["test_accuracy"]
    assert f"(95 % interval {number(low)} to {number(high)})" in in_short(runs["mnist"])
    assert in_short(runs["xor"]) == "In short: `test_accuracy` 1."

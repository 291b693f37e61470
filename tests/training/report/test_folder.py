"""`training.report.folder`."""

import csv
import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from tests.training.record_reader import read_records
from tests.training.report.conftest import LAYERS, Written
from training.presets import NAMES
from training.report import Run, write_bare_report, write_report


def _read(path: Path) -> object:
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_metrics_and_tables_read_back(reports: dict[str, Written], name: str) -> None:
    """The numbers in the files are those of the run."""
    report, run = reports[name].folder / "report", reports[name].run
    assert _read(report / "metrics.json") == run.evaluation.metrics
    evaluation = asdict(run.evaluation)
    evaluation["intervals"] = {key: list(ends) for key, ends in run.evaluation.intervals.items()}
    assert _read(report / "evaluation.json") == evaluation


def test_history_reads_back(reports: dict[str, Written]) -> None:
    """A line per epoch, counted from 1."""
    with (reports["mnist"].folder / "report" / "history.csv").open() as file:
        lines = list(csv.DictReader(file))
    assert [int(line["epoch"]) for line in lines] == [1, 2, 3]
    history = reports["mnist"].run.history
    assert {key: [float(line[key]) for line in lines] for key in history} == history


@pytest.mark.parametrize("name", NAMES)
def test_examples_read_back_by_the_signature(reports: dict[str, Written], name: str) -> None:
    """The two files together give the example tensors."""
    folder = reports[name].folder
    records = [json.loads(line) for line in (folder / "examples.jsonl").read_text(encoding="utf-8").splitlines()]
    read = read_records(_read(folder / "signature.json"), records)
    for tensor, array in reports[name].run.dataset.examples.inputs.items():
        assert (read[tensor] == array).all()


def test_no_metric_is_nan(runs: dict[str, Run], tmp_path: Path) -> None:
    """`metrics.json` is JSON that any reader takes: a NaN is refused rather than written."""
    evaluation = replace(runs["xor"].evaluation, metrics={"a": float("nan")})
    with pytest.raises(ValueError, match="JSON"):
        write_report(tmp_path, replace(runs["xor"], evaluation=evaluation))


def test_a_bare_report_is_a_card(runs: dict[str, Run], tmp_path: Path) -> None:
    """Of a model trained elsewhere there is nothing but its card."""
    write_bare_report(tmp_path, runs["mnist"].signature, LAYERS, "It was read from a file.")
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")] == ["report/card.md"]
    assert "It was read from a file." in (tmp_path / "report" / "card.md").read_text(encoding="utf-8")

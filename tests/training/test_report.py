"""`training.report`."""

import csv
import json
from pathlib import Path

import pytest

from tests.training.record_reader import read_records
from training.datasets.dataset import Dataset
from training.presets import find_preset
from training.report import write_report

HISTORY = {"loss": [3.0, 2.5], "accuracy": [0.5, 0.6], "val_loss": [3.0, 2.5], "val_accuracy": [0.4, 0.5]}


@pytest.fixture
def folder(tmp_path: Path, small_datasets: dict[str, Dataset]) -> Path:
    """A report on a model called `digits`."""
    dataset = small_datasets["mnist"]
    signature = dataset.signature.named("digits")
    write_report(tmp_path, find_preset("mnist", None), signature, dataset, HISTORY, {"test_accuracy": 0.1}, [])
    return tmp_path


def test_all_files_are_there(folder: Path) -> None:
    """The files are those that the head of the module lists."""
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    report = {f"report/{name}" for name in ("metrics.json", "history.csv", "curves.png", "card.md")}
    assert found == {"signature.json", "examples.jsonl"} | report


def test_files_read_back(folder: Path, small_datasets: dict[str, Dataset]) -> None:
    """Metrics and history read back as given; the name is the one in the store."""
    assert json.loads((folder / "report" / "metrics.json").read_text()) == {"test_accuracy": 0.1}
    with (folder / "report" / "history.csv").open() as file:
        lines = list(csv.DictReader(file))
    assert [int(line["epoch"]) for line in lines] == [1, 2]
    assert {key: [float(line[key]) for line in lines] for key in HISTORY} == HISTORY
    assert json.loads((folder / "signature.json").read_text())["name"] == "digits"


def test_examples_read_back_by_the_signature(folder: Path, small_datasets: dict[str, Dataset]) -> None:
    """The two files together give the example tensors."""
    signature = json.loads((folder / "signature.json").read_text())
    records = [json.loads(line) for line in (folder / "examples.jsonl").read_text().splitlines()]
    read = read_records(signature, records)
    assert (read["image"] == small_datasets["mnist"].examples.inputs["image"]).all()


def test_no_metric_is_nan(tmp_path: Path, small_datasets: dict[str, Dataset]) -> None:
    """`metrics.json` is JSON that any reader takes: a NaN is refused rather than written."""
    dataset, config = small_datasets["mnist"], find_preset("mnist", None)
    with pytest.raises(ValueError, match="JSON"):
        write_report(tmp_path, config, dataset.signature, dataset, HISTORY, {"a": float("nan")}, [])

"""`training.datasets.dataset`, and what holds for every data set."""

import numpy as np
import pytest

from tests.training.record_reader import DTYPES, read_records
from training.datasets.dataset import EXAMPLE_ROWS, INTERVAL, Dataset, Rows, example_positions
from training.presets import NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_example_record_is_its_tensors(datasets: dict[str, Dataset], name: str) -> None:
    """Read by the page and not by the code, every record gives the very tensors of its row."""
    dataset = datasets[name]
    read = read_records(dataset.signature.as_dict(), dataset.records)
    assert read.keys() == dataset.examples.inputs.keys()
    for tensor, array in dataset.examples.inputs.items():
        assert np.array_equal(read[tensor], array), tensor


@pytest.mark.parametrize("name", NAMES)
def test_examples_are_test_rows(datasets: dict[str, Dataset], name: str) -> None:
    """Examples are held-out rows, as many as promised, and none is there twice."""
    dataset = datasets[name]
    positions = example_positions(len(dataset.test))
    assert len(positions) == len(set(positions)) == min(EXAMPLE_ROWS, len(dataset.test)) == len(dataset.examples)
    for tensor, array in dataset.test.take(positions).inputs.items():
        assert np.array_equal(dataset.examples.inputs[tensor], array)


@pytest.mark.parametrize("name", NAMES)
def test_tensors_are_those_of_the_signature(datasets: dict[str, Dataset], name: str) -> None:
    """Names, order, dtypes and shapes of the arrays are those that the signature promises."""
    dataset = datasets[name]
    for rows in (dataset.train, dataset.validation, dataset.test):
        assert list(rows.inputs) == [tensor.name for tensor in dataset.signature.inputs]
        named = [output.name for output in dataset.signature.outputs]
        assert list(rows.targets) == [name for name in named if not name.endswith(INTERVAL)]
        for tensor in dataset.signature.inputs:
            assert rows.inputs[tensor.name].shape == (len(rows), *tensor.shape)
            assert rows.inputs[tensor.name].dtype == DTYPES[tensor.dtype]


def test_take_and_join_are_inverse() -> None:
    """Rows cut in two and joined are the rows."""
    rows = Rows({"a": np.arange(10)}, {"b": np.arange(10) * 2})
    joined = rows.take(slice(3)).join(rows.take(slice(3, None)))
    assert np.array_equal(joined.inputs["a"], rows.inputs["a"])
    assert np.array_equal(joined.targets["b"], rows.targets["b"])
    assert len(joined) == 10


def test_without_validation_watches_the_test_rows(datasets: dict[str, Dataset]) -> None:
    """Nothing is lost: the validation rows train, and the test rows are watched."""
    before, after = datasets["fashion"], datasets["fashion"].without_validation()
    assert len(after.train) == len(before.train) + len(before.validation)
    assert after.validation is before.test


def test_select_keeps_what_belongs_together(small_datasets: dict[str, Dataset]) -> None:
    """Some inputs and outputs: tensors, targets, fields and answers of these, the rows themselves untouched."""
    whole = small_datasets["flights"]
    some = whole.select(("wide",), ("air_time", "air_time_interval"))
    assert [tensor.name for tensor in some.signature.inputs] == ["wide"]
    assert [output.name for output in some.signature.outputs] == ["air_time", "air_time_interval"]
    assert {item.output for item in some.signature.result} == {"air_time", "air_time_interval"}
    names = {field.name for field in some.signature.fields}
    assert "wind_speed" not in names
    assert all(set(record) == names for record in some.records)
    for part, rows in some.parts.items():
        assert list(rows.inputs) == ["wide"]
        assert list(rows.targets) == ["air_time"]
        assert rows.inputs["wide"] is whole.parts[part].inputs["wide"]


def test_an_interval_is_trained_on_its_answer_s_target(small_datasets: dict[str, Dataset]) -> None:
    """`NAME` and `NAME_interval` are held against the same truth."""
    rows = small_datasets["flights"].train
    assert rows.target("air_time_interval") is rows.target("air_time") is rows.targets["air_time"]


@pytest.mark.parametrize("name", NAMES)
def test_only_the_truth_table_is_judged_by_its_training_rows(datasets: dict[str, Dataset], name: str) -> None:
    """Of xor the test rows are the training rows, with validation rows set aside or not; of no other."""
    for dataset in (datasets[name], datasets[name].without_validation()):
        assert dataset.judged_by_training_rows is (name == "xor")

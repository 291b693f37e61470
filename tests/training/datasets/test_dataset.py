"""`training.datasets.dataset`, and what holds for every data set."""

import numpy as np
import pytest

from tests.training.record_reader import DTYPES, read_records
from training.datasets.dataset import EXAMPLE_ROWS, Dataset, Rows, example_positions
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
        assert list(rows.targets) == [output.name for output in dataset.signature.outputs]
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

"""`training.datasets.columns`."""

import numpy as np

from tests.training.record_reader import read_records
from training.datasets.columns import record, tensors
from training.datasets.flights_signature import SIGNATURE
from training.signature import Category


def test_record_and_tensors_stand_for_the_same_row() -> None:
    """For random values of every kind, the record of a row reads back as its tensors."""
    columns = _random_columns(50)
    made = tensors(SIGNATURE, columns)
    read = read_records(SIGNATURE.as_dict(), [record(SIGNATURE, columns, row) for row in range(50)])
    for name, array in made.items():
        assert np.array_equal(read[name], array)


def test_no_place_is_left_empty() -> None:
    """Every element of every input is written: two runs over dirty memory agree."""
    columns = _random_columns(5)
    first, second = tensors(SIGNATURE, columns), tensors(SIGNATURE, columns)
    for name in first:
        assert np.isfinite(first[name]).all()
        assert np.array_equal(first[name], second[name])


def _random_columns(rows: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    columns = {}
    for field in SIGNATURE.fields:
        if isinstance(field, Category):
            columns[field.name] = random.integers(0, len(field.vocabulary), rows).astype(float)
        elif field.kind == "date":
            columns[field.name] = random.integers(11_000, 40_000, rows).astype(float)
        elif field.kind == "time":
            columns[field.name] = random.integers(0, 1440, rows).astype(float)
        else:
            columns[field.name] = random.uniform(field.minimum, field.maximum, rows).round(5)
    return columns

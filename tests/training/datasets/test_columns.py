"""`training.datasets.columns`."""

import numpy as np

from tests.training.record_reader import read_records
from training.datasets.columns import columns_of, record, tensors
from training.datasets.flights_signature import SIGNATURE
from training.signature import Category, Image, Number, Place, Signature, Tensor


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


def test_columns_are_the_inverse_of_tensors() -> None:
    """What was placed is read back, field by field."""
    columns = _random_columns(20)
    read = columns_of(SIGNATURE, tensors(SIGNATURE, columns))
    assert all(np.array_equal(read[name], columns[name].astype(np.float32)) for name in columns)


def test_tensors_of_any_shape_and_datatype() -> None:
    """A number deep in an integer input, and an image with a channel, are placed, read back, and written as records."""
    numbers = [
        Number(name=f"n{at}", description="", fills=(Place("x", at),), unit="", minimum=0, maximum=9e9, whole=True)
        for at in range(4)
    ]
    picture = Image(name="picture", description="", fills=(Place("p", None),), height=2, width=3)
    x = Tensor(name="x", dtype="UINT8", shape=(2, 2), description="")
    p = Tensor(name="p", dtype="UINT8", shape=(2, 3, 1), description="")
    signature = Signature(name="s", task="regression", inputs=(x, p), outputs=(), fields=(*numbers, picture), result=())
    columns = {f"n{at}": np.array([at, at + 10]) for at in range(4)} | {"picture": np.arange(12).reshape(2, 2, 3)}
    made = tensors(signature, columns)
    assert made["x"].tolist() == [[[0, 1], [2, 3]], [[10, 11], [12, 13]]]
    assert (made["x"].dtype, made["p"].dtype, made["p"].shape) == (np.uint8, np.uint8, (2, 2, 3, 1))
    read = columns_of(signature, made)
    assert all(np.array_equal(read[name], columns[name]) for name in columns)
    records = [record(signature, read, row) for row in range(2)]
    assert records[1] | {"picture": ""} == {"n0": 10, "n1": 11, "n2": 12, "n3": 13, "picture": ""}
    again = read_records(signature.as_dict(), records)
    assert all(np.array_equal(again[name], made[name]) for name in made)


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

"""Values as lists of numbers: every datatype in its own field, and nothing that it cannot hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from service.errors import ServiceError
from service.rpc import inference_pb2 as pb
from service.rpc.contents import FIELDS, from_numbers
from service.signature import DTYPES
from tests.toy_signatures import every_kind, interface, tensor


def read(dtype: str, rows: int = 1, shape: tuple[int, ...] = (2,), **fields: Any) -> np.ndarray:
    """What a model with one input of that datatype reads."""
    model = interface(inputs=[tensor("x", dtype, shape)])
    return from_numbers(pb.InferTensorContents(**fields), model.inputs["x"], rows, model)


def refused(dtype: str, rows: int = 1, **fields: Any) -> ServiceError:
    """The fault of numbers that are refused."""
    with pytest.raises(ServiceError) as caught:
        read(dtype, rows, **fields)
    return caught.value


tables = st.sampled_from(sorted(FIELDS)).flatmap(
    lambda dtype: st.tuples(
        st.just(dtype),
        st.integers(1, 4).flatmap(
            lambda rows: arrays.arrays(
                DTYPES[dtype],
                (rows, 2, 3),
                elements={"allow_nan": False, "allow_infinity": False} if dtype.startswith("FP") else None,
            )
        ),
    )
)


@given(tables)
def test_numbers_come_back_as_they_were(case: tuple[str, np.ndarray]) -> None:
    """Any array of any datatype, sent as numbers, is read bit for bit in its own dtype and shape."""
    dtype, array = case
    found = read(dtype, len(array), (2, 3), **{FIELDS[dtype]: array.reshape(-1).tolist()})
    assert found.dtype == DTYPES[dtype]
    assert found.shape == array.shape
    assert found.tobytes() == array.tobytes()


def test_every_datatype_but_half_precision_has_a_field() -> None:
    """FP16 alone has no list of numbers, and is refused with the way that it has."""
    assert DTYPES.keys() - FIELDS.keys() == {"FP16"}
    error = refused("FP16", fp32_contents=[1, 2])
    assert (error.status, error.code) == (400, "unsupported")
    assert "raw_input_contents" in error.sentence


@pytest.mark.parametrize("dtype", sorted(FIELDS))
def test_the_field_must_be_that_of_the_datatype(dtype: str) -> None:
    """Numbers in any other field, or in another one besides, are refused by the name of the field."""
    for field in sorted(set(FIELDS.values()) - {FIELDS[dtype]}):
        error = refused(dtype, **{field: [1, 0]})
        assert error.code == "wrong_type"
        assert f"in {field}, expected {FIELDS[dtype]}" in error.sentence
        assert refused(dtype, **{field: [1, 0], FIELDS[dtype]: [1, 0]}).code == "wrong_type"
    assert refused(dtype, bytes_contents=[b"1", b"0"]).code == "wrong_type"


def test_there_must_be_numbers() -> None:
    """An input without values is missing, in Triton's words."""
    error = refused("FP32")
    assert error.code == "missing_input"
    assert error.sentence == "unable to find data for input tensor 'x' for model 'xor' in request."


@pytest.mark.parametrize("count", [1, 3, 4, 5])
def test_there_must_be_as_many_as_the_shape_says(count: int) -> None:
    """Fewer or more numbers than the rows need are refused, with both counts."""
    rows = 1 if count != 4 else 3
    error = refused("FP32", rows, fp32_contents=[0.0] * count)
    assert error.code == "wrong_shape"
    assert f"Expected {rows * 2} numbers" in error.sentence
    assert f"Received {count}." in error.sentence


@pytest.mark.parametrize(
    ("dtype", "value"),
    [("INT8", 128), ("INT8", -129), ("INT16", 2**15), ("INT16", -(2**15) - 1), ("UINT8", 256), ("UINT16", 2**16)],
)
def test_a_number_must_fit_its_datatype(dtype: str, value: int) -> None:
    """A number that only the wider field can hold is refused instead of cut, with its place."""
    error = refused(dtype, 2, **{FIELDS[dtype]: [0, 1, value, 2]})
    assert error.code == "out_of_range"
    assert error.place == "inputs.x[1], element 0"
    assert error.received == value


def test_numbers_meet_the_same_checks_as_bytes() -> None:
    """Not finite, and outside what the model's fields allow, are refused with their place."""
    assert refused("FP32", fp32_contents=[0.0, float("nan")]).code == "not_finite"
    model = every_kind()
    numbers = pb.InferTensorContents(fp32_contents=[0, 0, 3, 0, 15800])
    with pytest.raises(ServiceError, match=r"colour. Received 3.0 at inputs.x\[0\]\[2\]"):
        from_numbers(numbers, model.inputs["x"], 1, model)

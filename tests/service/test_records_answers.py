"""Answers to records: how outputs become what a person reads."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from service.records import RecordCodec
from service.signature import DTYPES
from tests.toy_signatures import every_kind, field, output, result, signature, tensor

CODEC = RecordCodec(every_kind().signature)
finite = st.floats(-1e6, 1e6, width=32)
outputs = st.integers(1, 5).flatmap(lambda rows: arrays.arrays(np.float32, (rows, 3), elements=finite))


def codec(entry: dict[str, Any], shape: tuple[int, ...] = (3,), dtype: str = "FP32") -> RecordCodec:
    """The codec of a model whose answer has this one key."""
    inputs, fields = [tensor("x", shape=(1,))], [field("number", "n")]
    return RecordCodec(signature(inputs=inputs, outputs=[output("y", shape, dtype)], fields=fields, result=[entry]))


@given(outputs)
def test_every_key_says_what_the_output_holds(values: np.ndarray) -> None:
    """Label, values, number and threshold are those of the row's own elements."""
    for row, answer in zip(values, CODEC.encode({"y": values}, len(values)), strict=True):
        assert list(answer) == ["winner", "all", "second", "large"]
        assert answer["winner"] == "abc"[row.tolist().index(max(row.tolist()))]
        assert np.array_equal(answer["all"], row)
        assert answer["second"] == row[1]
        assert answer["large"] is bool(row[2] >= 0.5)


@given(outputs)
def test_an_answer_alone_is_the_answer_among_others(values: np.ndarray) -> None:
    """Every row is answered as if it had come alone."""

    def written(rows: np.ndarray) -> list[bytes]:
        """The answers to these rows as they go out."""
        answers = CODEC.encode({"y": rows}, len(rows))
        return [orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY) for answer in answers]

    assert written(values) == [written(values[at : at + 1])[0] for at in range(len(values))]


@pytest.mark.parametrize("labels", [["a", "b", "c"], [7, 8, 9]])
def test_of_equal_elements_the_first_wins(labels: list[Any]) -> None:
    """The label of a tie is decided, and is a word or a whole number as the signature has it."""
    answer = codec(result("label", "r", labels=labels)).encode({"y": np.float32([[1, 2, 2]])}, 1)
    assert answer == [{"r": labels[1]}]


def test_a_threshold_is_reached_by_itself() -> None:
    """An element equal to the threshold counts as reached, the next smaller number does not."""
    below = np.nextafter(np.float32(0.5), np.float32(0))
    answers = codec(result("threshold", "r", index=0, threshold=0.5)).encode({"y": np.float32([[0.5], [below]])}, 2)
    assert answers == [{"r": True}, {"r": False}]


def test_elements_are_counted_in_the_flattened_row() -> None:
    """The index of an output of several axes is that of its flattened row."""
    values = np.arange(12, dtype=np.float32).reshape(2, 2, 3)
    answers = codec(result("number", "r", index=4, unit=""), (2, 3)).encode({"y": values}, 2)
    assert answers == [{"r": 4}, {"r": 10}]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", ["values", "number"])
def test_answers_of_every_datatype_can_be_written(dtype: str, kind: str) -> None:
    """What a key holds is JSON for every datatype that an output may have."""
    keys = {"index": 1, "unit": ""} if kind == "number" else {}
    values = np.array([[0, 1, 1]], DTYPES[dtype])
    answer = codec(result(kind, "r", **keys), dtype=dtype).encode({"y": values}, 1)[0]
    read = orjson.loads(orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY))
    assert read == {"r": values[0].tolist() if kind == "values" else values[0, 1].item()}

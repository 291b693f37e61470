"""Open Inference Protocol V2: answers in JSON, in bytes and as classes."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from service.protocols.openinference_answer import best_classes, encode, pack
from service.request import Answer, InferRequest, InferResult
from service.signature import DTYPES
from tests.service.protocols.infer_bodies import LENGTH, read_answer, unpacked
from tests.toy_signatures import every_kind, interface, output, tensor, wide_deep

WIDE_DEEP, LABELLED = wide_deep(), every_kind()
SCORES = np.float32([[0.1, 0.7, 0.2], [0.5, 0.25, 0.5]])
tables = st.tuples(st.integers(1, 4), st.integers(1, 6)).flatmap(
    lambda shape: arrays.arrays(np.float32, shape, elements=st.sampled_from([-1.5, -0.0, 0.0, 0.1, 1e-9, 3.0]))
)


def asked(model: Any, outputs: dict[str, np.ndarray], **keys: Any) -> Answer:
    """The answer to a request for some outputs."""
    request = InferRequest({}, len(next(iter(outputs.values()))), tuple(outputs), **keys)
    return encode(request, InferResult(model.name, 3, outputs), model)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (2,), (3, 2)])
def test_every_datatype_goes_out_as_bytes(dtype: str, shape: tuple[int, ...]) -> None:
    """Bytes are the output's elements to the bit, with their number and the length of the JSON beside them."""
    model = interface(inputs=[tensor()], outputs=[output("y", shape, dtype)])
    values = np.arange(2 * int(np.prod(shape))).reshape(2, *shape).astype(DTYPES[dtype])
    answer = asked(model, {"y": values[::-1]}, binary=frozenset({"y"}), id="r-1")
    document, found = read_answer(answer, model)
    assert np.asarray(found["y"]).tobytes() == np.ascontiguousarray(values[::-1]).tobytes()
    assert answer.content_type == b"application/octet-stream"
    parameters = {"binary_data_size": values.nbytes}
    entry = {"name": "y", "datatype": dtype, "shape": list(values.shape), "parameters": parameters}
    assert document == {"id": "r-1", "model_name": "xor", "model_version": "3", "outputs": [entry]}


@pytest.mark.parametrize("binary", [set(), {"main"}, {"aux"}, {"main", "aux"}])
@pytest.mark.parametrize("names", [("main", "aux"), ("aux", "main"), ("aux",)])
def test_json_and_bytes_mix(binary: set[str], names: tuple[str, ...]) -> None:
    """Outputs in JSON stand in it, those in bytes follow in its order, and the headers say which answer has any."""
    values = {"main": np.float32([[0.1], [2]]), "aux": np.float32([[-1], [4]])}
    answer = asked(WIDE_DEEP, {name: values[name] for name in names}, binary=frozenset(binary & set(names)))
    document, found = read_answer(answer, WIDE_DEEP)
    assert tuple(found) == names
    for name in names:
        assert np.asarray(found[name]).tobytes() == values[name].tobytes()
    assert [("data" in one) != (one["name"] in binary) for one in document["outputs"]] == [True] * len(names)
    has_bytes = bool(binary & set(names))
    assert answer.content_type == (b"application/octet-stream" if has_bytes else b"application/json")
    assert [name for name, _ in answer.headers] == ([LENGTH] if has_bytes else [])


CLASSES: list[tuple[int, list[str]]] = [
    (1, ["0.7:1:b", "0.5:0:a"]),
    (2, ["0.7:1:b", "0.2:2:c", "0.5:0:a", "0.5:2:c"]),
    (3, ["0.7:1:b", "0.2:2:c", "0.1:0:a", "0.5:0:a", "0.5:2:c", "0.25:1:b"]),
]


@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize(("count", "texts"), CLASSES)
def test_classes_stand_for_numbers(count: int, texts: list[str], binary: bool) -> None:
    """An output asked for as classes is BYTES of score, index and label, best first, in JSON as in bytes."""
    wanted = frozenset({"y"}) if binary else frozenset()
    answer = asked(LABELLED, {"y": SCORES}, classes={"y": count}, binary=wanted)
    document, found = read_answer(answer, LABELLED)
    assert found["y"] == texts
    assert (document["outputs"][0]["datatype"], document["outputs"][0]["shape"]) == ("BYTES", [2, count])
    assert ("data" in document["outputs"][0]) is not binary


def test_more_classes_than_there_are_is_all_of_them() -> None:
    """The answer's shape says how many came; a model without labels leaves them out."""
    model = interface(outputs=[output("y", (2,))])
    document, found = read_answer(asked(model, {"y": SCORES[:, :2]}, classes={"y": 2**64 - 1}), model)
    assert found["y"] == ["0.7:1", "0.1:0", "0.5:0", "0.25:1"]
    assert document["outputs"][0]["shape"] == [2, 2]


def test_labels_are_those_of_the_output() -> None:
    """Of two outputs with as many classes, only the one that the labels are for has them."""
    base = every_kind().signature.model_dump(mode="json")
    model = interface(**{**base, "outputs": [output("y", (3,)), output("z", (3,))]})
    _, found = read_answer(asked(model, {"y": SCORES[:1], "z": SCORES[:1]}, classes={"y": 1, "z": 1}), model)
    assert found == {"y": ["0.7:1:b"], "z": ["0.7:1"]}


@given(tables, st.integers(1, 6))
def test_the_best_are_the_best(scores: np.ndarray, count: int) -> None:
    """Classes come with their own scores, falling, equal ones by index, none better left out."""
    count = min(count, scores.shape[1])
    texts = best_classes(scores, count, [])
    assert len(texts) == len(scores) * count
    for row, values in enumerate(scores):
        parts = [text.split(":") for text in texts[row * count : (row + 1) * count]]
        indices = [int(index) for _, index in parts]
        assert indices == sorted(range(len(values)), key=lambda index: (-values[index], index))[:count]
        assert [np.float32(score) for score, _ in parts] == [values[index] for index in indices]


@pytest.mark.parametrize("dtype", [name for name in DTYPES if name != "BOOL"])
def test_every_number_has_a_class(dtype: str) -> None:
    """Unsigned numbers and half precision are sorted like any others, at the ends of their range too."""
    limits = np.finfo(DTYPES[dtype]) if DTYPES[dtype].kind == "f" else np.iinfo(DTYPES[dtype])
    scores = np.array([[limits.min, 1, limits.max]], DTYPES[dtype])
    assert [text.split(":")[1:] for text in best_classes(scores, 3, [7, 8, 9])] == [["2", "9"], ["1", "8"], ["0", "7"]]


@given(st.lists(st.text(max_size=5)))
def test_texts_are_read_back(texts: list[str]) -> None:
    """Packed texts, empty ones and those of many bytes a letter among them, come apart as they were."""
    assert unpacked(pack(texts)) == texts


def test_an_answer_in_json_is_json_alone() -> None:
    """Without bytes there is no header about them, and the body is JSON to its end."""
    answer = asked(WIDE_DEEP, {"main": np.float32([[1]])})
    assert (answer.content_type, list(answer.headers)) == (b"application/json", [])
    assert orjson.loads(answer.body)["outputs"][0]["data"] == [1.0]

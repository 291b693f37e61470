"""`signature.json`: what is accepted, and what is refused before a model is loaded."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from service.signature import DTYPES, Signature, Tensor
from tests.toy_signatures import document, every_kind, field, one_tensor, output, result, signature, tensor

COMPLETE: dict[str, Any] = json.loads(every_kind().signature.model_dump_json(exclude_unset=True))
DOCS = Path(__file__).parents[2] / "docs" / "artifact.md"
FIELD = field("number", "n", ("x", 0), ("x", 1))
CATEGORY = field("category", "n", ("x", 0), ("x", 1))
DATE = field("date", "n", ("x", 0), ("x", 1))
RESULT = result("values", "all")


def read(value: Any) -> Signature:
    """As it is read from the file."""
    return Signature.model_validate_json(json.dumps(value))


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every object in a JSON value."""
    found = [path] if isinstance(value, dict) else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return found + [place for key, item in items for place in places(item, (*path, key))]


def at(value: Any, path: tuple[Any, ...]) -> Any:
    """The value at a path."""
    for key in path:
        value = value[key]
    return value


KEYS = [(path, key) for path in places(COMPLETE) for key in at(COMPLETE, path)]


def test_the_documented_example_is_accepted() -> None:
    """The block in the docs is a signature."""
    block = re.findall(r"```json\n(.*?)```", DOCS.read_text(), re.DOTALL)[0]
    assert Signature.model_validate_json(block).name == "mnist"


def test_reading_is_the_inverse_of_writing() -> None:
    """A signature of every kind of field and result comes back as it went."""
    assert read(COMPLETE) == every_kind().signature


@pytest.mark.parametrize(("path", "key"), KEYS)
def test_every_key_is_required(path: tuple[Any, ...], key: str) -> None:
    """A signature that lacks any key at any level is refused."""
    value = copy.deepcopy(COMPLETE)
    del at(value, path)[key]
    with pytest.raises(ValidationError):
        read(value)


@pytest.mark.parametrize("bounds", [{}, {"minimum": 0}, {"minimum": None, "maximum": 2.5}])
def test_an_input_may_have_a_range(bounds: dict[str, Any]) -> None:
    """The two keys that may be left out: what is left out is open."""
    read_back = read(document(inputs=[tensor() | bounds])).inputs[0]
    assert (read_back.minimum, read_back.maximum) == (bounds.get("minimum"), bounds.get("maximum"))
    with pytest.raises(ValidationError, match="minimum"):
        read(document(outputs=[output() | {"minimum": 0}]))


@pytest.mark.parametrize("path", places(COMPLETE))
def test_no_key_may_be_added(path: tuple[Any, ...]) -> None:
    """A key that the format does not have is refused at every level."""
    value = copy.deepcopy(COMPLETE)
    at(value, path)["surplus"] = 1
    with pytest.raises(ValidationError, match="surplus"):
        read(value)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "another format": ({"format": 2}, "format"),
    "a format as text": ({"format": "1"}, "format"),
    "another task": ({"task": "ranking"}, "task"),
    "no inputs": ({"inputs": []}, "inputs"),
    "no outputs": ({"outputs": []}, "outputs"),
    "a nameless input": ({"inputs": [tensor("")]}, "name"),
    "two inputs of one name": ({"inputs": [tensor(), tensor()]}, "names must differ"),
    "two outputs of one name": ({"outputs": [output(), output()]}, "names must differ"),
    "a dtype of text": ({"inputs": [tensor(dtype="BYTES")]}, "dtype"),
    "a free length": ({"inputs": [tensor(shape=(-1,))]}, "shape"),
    "an empty length": ({"inputs": [tensor(shape=(0,))]}, "shape"),
    "a negative tolerance": ({"outputs": [output() | {"rtol": -1e-9}]}, "rtol"),
    "an open tolerance": ({"outputs": [output() | {"atol": float("inf")}]}, "atol"),
    "a tolerance that is no number": ({"outputs": [output() | {"rtol": float("nan")}]}, "rtol"),
    "fields without result": ({"fields": [FIELD]}, "both be given or both be empty"),
    "result without fields": ({"result": [RESULT]}, "both be given or both be empty"),
    "a length as text": ({"inputs": [tensor() | {"shape": ["2"]}]}, "shape"),
    "a length with a fraction": ({"inputs": [tensor() | {"shape": [2.0]}]}, "shape"),
}
FIELDS_REFUSED: dict[str, tuple[list[dict[str, Any]], str]] = {
    "a place left free": ([field("number", "n", ("x", 0))], "no field fills x"),
    "a place filled twice": ([FIELD, field("number", "m", ("x", 1))], "is taken or does not exist"),
    "a place filled twice by one": ([field("number", "n", ("x", 0), ("x", 1), ("x", 1))], "is taken"),
    "a place beyond the end": ([field("number", "n", ("x", 0), ("x", 2))], "does not exist"),
    "a place before the start": ([field("number", "n", ("x", 0), ("x", -1))], "index"),
    "an unknown input": ([FIELD, field("number", "m", ("z", 0))], "which is no input"),
    "a whole input by a number": ([field("number", "n", ("x", None))], "is taken or does not exist"),
    "two fields of one name": ([field("number", "n", ("x", 0)), field("number", "n", ("x", 1))], "names must differ"),
    "no place": ([FIELD | {"fills": []}], "fills"),
    "an unknown kind": ([FIELD | {"kind": "text"}], "kind"),
    "an open bound": ([FIELD | {"maximum": float("inf")}], "maximum"),
    "an empty vocabulary": ([CATEGORY | {"vocabulary": []}], "vocabulary"),
    "a vocabulary of numbers": ([CATEGORY | {"vocabulary": [1, 2]}], "vocabulary"),
    "a word twice": ([CATEGORY | {"vocabulary": ["a", "b", "a"]}], "distinct words"),
    "a date as a number": ([DATE | {"minimum": 0}], "minimum"),
    "a date that is none": ([DATE | {"minimum": "2013-02-30"}], "minimum"),
    "an image of another size": ([field("image", "n", ("x", None), height=1, width=3)], "its own height and width"),
    "an image at an index": ([field("image", "n", ("x", 0), height=1, width=2)], "its own height and width"),
}
RESULTS_REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown output": (RESULT | {"output": "z"}, "which is no output"),
    "too few labels": (result("label", "r", labels=["a"]), "2 distinct labels"),
    "a label twice": (result("label", "r", labels=["a", "a"]), "2 distinct labels"),
    "labels of two types": (result("label", "r", labels=["a", 1]), "labels"),
    "labels that are booleans": (result("label", "r", labels=[True, False]), "labels"),
    "an element beyond the end": (result("number", "r", index=2, unit=""), "element 2 of 2"),
    "a threshold beyond the end": (result("threshold", "r", index=2, threshold=0.5), "element 2 of 2"),
    "an open threshold": (result("threshold", "r", index=0, threshold=float("inf")), "threshold"),
    "an unknown kind": (RESULT | {"kind": "text"}, "kind"),
}


@pytest.mark.parametrize(("changes", "reason"), REFUSED.values(), ids=REFUSED)
def test_an_inconsistent_signature_is_refused(changes: dict[str, Any], reason: str) -> None:
    """What the format excludes is refused, and the reason says which part."""
    with pytest.raises(ValidationError, match=reason):
        signature(**changes)


@pytest.mark.parametrize(("fields", "reason"), FIELDS_REFUSED.values(), ids=FIELDS_REFUSED)
def test_fields_that_do_not_fill_each_place_once_are_refused(fields: list[dict[str, Any]], reason: str) -> None:
    """Every element of every input is filled by exactly one field of a sound kind."""
    with pytest.raises(ValidationError, match=reason):
        signature(fields=fields, result=[RESULT])


@pytest.mark.parametrize(("entry", "reason"), RESULTS_REFUSED.values(), ids=RESULTS_REFUSED)
def test_results_that_read_no_place_are_refused(entry: dict[str, Any], reason: str) -> None:
    """Every key of an answer reads a place that exists, with labels that tell its elements apart."""
    with pytest.raises(ValidationError, match=reason):
        signature(outputs=[output(shape=(2,))], fields=[FIELD], result=[entry])


@given(st.permutations(range(4)), st.integers(1, 4))
def test_fields_may_share_places_out_in_any_way(order: list[int], first: int) -> None:
    """Any division of the places among fields is accepted, and any that lacks one place is refused."""
    groups = [group for group in (order[:first], order[first:]) if group]
    fields = [field("number", f"n{at}", *(("x", index) for index in group)) for at, group in enumerate(groups)]
    changes = {"inputs": [tensor(shape=(2, 2))], "result": [RESULT]}
    assert len(signature(fields=fields, **changes).fields) == len(groups)
    fields[0]["fills"].pop()
    with pytest.raises(ValidationError):
        signature(fields=fields, **changes)


@pytest.mark.parametrize("shape", [(3, 4), (3, 4, 1)])
def test_an_image_may_have_a_channel_axis(shape: tuple[int, ...]) -> None:
    """An image fills an input of its height and width, with or without an axis for its one channel."""
    image = field("image", "picture", ("x", None))
    assert signature(inputs=[tensor("x", "UINT8", shape)], fields=[image], result=[RESULT]).inputs[0].shape == shape


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_tensor_knows_its_numpy_type_and_size(dtype: str) -> None:
    """The NumPy type has the kind and the bits of the name, and the size is the product of the shape."""
    kind, bits = re.fullmatch(r"([A-Z]+)(\d*)", dtype).groups()  # type: ignore[union-attr]
    one = one_tensor(dtype, (2, 3))
    assert one.numpy.kind == {"BOOL": "b", "UINT": "u", "INT": "i", "FP": "f"}[kind]
    assert one.numpy.itemsize == int(bits or 8) // 8
    assert one.size == np.zeros(one.shape).size == 6
    assert one_tensor(dtype, ()).size == 1


def test_every_datatype_that_a_tensor_may_have_is_known_to_numpy() -> None:
    """The format's list of datatypes and the table behind it are the same."""
    assert set(get_args(Tensor.model_fields["dtype"].annotation)) == set(DTYPES)


def test_a_signature_is_frozen() -> None:
    """What was checked at load cannot change later."""
    with pytest.raises(ValidationError, match="frozen"):
        read(document()).name = "other"  # type: ignore[misc]

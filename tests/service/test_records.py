"""Records: the human's view of rows, and of answers."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
import simdjson
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import ArtifactError, BadInput
from service.json_faults import describe
from service.records import RecordCodec
from service.signature import DTYPES, EPOCH
from tests.nested import JSON
from tests.toy_signatures import every_kind, field, output, result, signature, tensor

CODEC = RecordCodec(every_kind().signature)
COLOURS = ["red", "green", "blue"]
GOOD: dict[str, Any] = {
    "size": 1.5,
    "count": 2,
    "colour": "blue",
    "start": "05:15",
    "day": "2013-05-31",
    "picture": [[0, 1, 2, 3]] * 3,
}
records = st.fixed_dictionaries(
    {
        "size": st.floats(-10, 10, width=32),
        "count": st.integers(0, 2**24),
        "start": st.integers(0, 1439).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}"),
        "day": st.dates(date(2013, 1, 1), date(2013, 12, 31)).map(date.isoformat),
        "picture": st.lists(st.lists(st.integers(0, 255), min_size=4, max_size=4), min_size=3, max_size=3),
    },
    optional={"colour": st.sampled_from(COLOURS)},
)


def parsed(value: Any) -> Any:
    """As the request parser gives it."""
    return simdjson.Parser().parse(json.dumps(value).encode())


def outcome(rows: list[Any]) -> dict[str, np.ndarray] | BadInput:
    """The inputs of records of every kind, or their fault; anything else that is raised fails the test."""
    try:
        return CODEC.decode(parsed(rows))
    except BadInput as error:
        return error


def one_field(kind: str = "number", dtype: str = "FP32", name: str = "n", **keys: Any) -> RecordCodec:
    """The codec of a model with one field, which fills one element."""
    inputs, values = [tensor("x", dtype, (1,))], [result("values", "all")]
    fields = [field(kind, name, ("x", 0), **keys)]
    return RecordCodec(signature(inputs=inputs, outputs=[output()], fields=fields, result=values))


def written(inputs: dict[str, np.ndarray], row: int) -> dict[str, Any]:
    """A record of every kind, from the tensors that it became."""
    size, count, colour, start, day = inputs["x"][row].tolist()
    return {
        "size": size,
        "count": int(count),
        "colour": COLOURS[int(colour)],
        "start": f"{int(start) // 60:02}:{int(start) % 60:02}",
        "day": (EPOCH + timedelta(days=day)).isoformat(),
        "picture": inputs["picture"][row].tolist(),
    }


@given(st.lists(records, min_size=1, max_size=5))
def test_decoding_is_the_inverse_of_writing(rows: list[dict[str, Any]]) -> None:
    """Records of every kind of field can be read back from the tensors; what was left out is the default."""
    inputs = CODEC.decode(parsed(rows))
    assert [written(inputs, row) for row in range(len(rows))] == [{"colour": "green", **row} for row in rows]


@given(st.lists(records, min_size=1, max_size=5))
def test_a_record_alone_is_the_record_among_others(rows: list[dict[str, Any]]) -> None:
    """Every record becomes the same row whichever others stand beside it."""
    together = CODEC.decode(parsed(rows))
    for number, row in enumerate(rows):
        alone = CODEC.decode([row])
        assert all(array[number].tobytes() == alone[name][0].tobytes() for name, array in together.items())


def test_inputs_have_the_signatures_types_and_shapes() -> None:
    """The arrays are what the engine takes, in the signature's order."""
    inputs = CODEC.decode([GOOD, GOOD, GOOD])
    assert {name: (array.dtype.name, array.shape) for name, array in inputs.items()} == {
        "x": ("float32", (3, 5)),
        "picture": ("uint8", (3, 3, 4)),
    }
    assert list(inputs) == ["x", "picture"]


BAD: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "missing": ({"start": ...}, "missing_field", "start", "Expected the field start. Received none"),
    "unknown": ({"shoe": 1}, "unknown_field", "shoe", "Expected only the fields size, count, colour, start, day,"),
    "below": ({"size": -11}, "out_of_range", "size", "Expected a number from -10 to 10. Received -11"),
    "not whole": ({"count": 1.5}, "wrong_type", "count", "Expected a whole number from 0. Received 1.5"),
    "text for a number": ({"size": "1"}, "wrong_type", "size", 'Received the string "1"'),
    "true for a number": ({"size": True}, "wrong_type", "size", "Received true"),
    "null for a number": ({"size": None}, "wrong_type", "size", "Received null"),
    "list for a number": ({"size": [1]}, "wrong_type", "size", "Received a list"),
    "unknown word": ({"colour": "pink"}, "unknown_category", "colour", 'red, green, blue. Received "pink"'),
    "number for a word": ({"colour": 1}, "wrong_type", "colour", "Expected a string. Received 1"),
    "null for a default": ({"colour": None}, "wrong_type", "colour", "Received null"),
    "no time": ({"start": "25:00"}, "wrong_type", "start", 'a time such as "05:15". Received the string "25:00"'),
    "no date": ({"day": "today"}, "wrong_type", "day", 'a date such as "2013-05-31". Received the string "today"'),
    "another year": ({"day": "2014-01-01"}, "out_of_range", "day", "2013-12-31. Received 2014-01-01"),
    "narrow image": ({"picture": [[1, 2]] * 3}, "wrong_shape", "picture", "Expected shape [3, 4]. Received [3, 2]"),
    "bright pixel": ({"picture": [[0, 1, 2, 256]] * 3}, "out_of_range", "picture[0][3]", "to 255. Received 256"),
    "no picture": ({"picture": "hello"}, "wrong_type", "picture", "4 x 3 pixels. Received something else"),
}


@pytest.mark.parametrize(("change", "code", "where", "words"), BAD.values(), ids=BAD)
@pytest.mark.parametrize("row", [0, 3])
def test_a_bad_field_is_named(change: dict[str, Any], code: str, where: str, words: str, row: int) -> None:
    """The one bad record among good ones is refused with its number, its field, the rule and what came."""
    rows = [GOOD] * 5
    rows[row] = {key: value for key, value in {**GOOD, **change}.items() if value is not ...}
    for form in (rows, parsed(rows)):
        with pytest.raises(BadInput) as caught:
            CODEC.decode(form)
        assert (caught.value.code, caught.value.status) == (code, 400)
        assert words in caught.value.sentence
        assert caught.value.sentence.endswith(f" at records[{row}].{where}.")


@pytest.mark.parametrize("value", [None, 1, True, "a", [], [1]])
def test_a_record_is_an_object(value: Any) -> None:
    """What is no object of fields is refused where it stands."""
    with pytest.raises(BadInput, match=r"^Expected an object of fields\. Received .* at records\[1\]\.$") as caught:
        CODEC.decode(parsed([GOOD, value]))
    assert caught.value.code == "wrong_type"
    assert describe(value) in caught.value.sentence


def test_a_field_twice_is_refused() -> None:
    """Which of two values is meant is not for us to say."""
    rows = simdjson.Parser().parse(b'[{"n":1,"n":2}]')
    with pytest.raises(
        BadInput, match=r"^Expected each field once\. Received a field twice at records\[0\]\.$"
    ) as caught:
        one_field().decode(rows)
    assert caught.value.code == "malformed_request"


@pytest.mark.parametrize("name", ["\\u0000", "size\\u0000", "size\\u0000x"])
def test_a_name_does_not_end_at_a_zero(name: str) -> None:
    """A field name with a NUL in it is another name than the part before it."""
    row = json.dumps(GOOD)[:-1] + f', "{name}": 9}}'
    with pytest.raises(BadInput, match="Expected only the fields") as caught:
        CODEC.decode(simdjson.Parser().parse(f"[{row}]".encode()))
    assert caught.value.code == "unknown_field"


@given(st.lists(JSON, min_size=1, max_size=3) | st.lists(st.dictionaries(st.sampled_from([*GOOD, "z"]), JSON)))
def test_any_json_is_decoded_or_refused(rows: list[Any]) -> None:
    """Whatever stands in the place of records, nothing but `BadInput` comes of it."""
    found = outcome(rows)
    if isinstance(found, BadInput):
        assert found.place.startswith("records[")
    else:
        assert all(len(array) == len(rows) for array in found.values())


@given(st.sampled_from(sorted(GOOD)), JSON)
def test_any_value_of_a_field_is_taken_or_refused(name: str, value: Any) -> None:
    """A value that a field takes is finite in the tensor; any other is `BadInput`, named by the field."""
    found = outcome([{**GOOD, name: value}])
    if isinstance(found, BadInput):
        assert found.place.startswith(f"records[0].{name}")
    else:
        assert all(np.isfinite(array).all() for array in found.values())


@pytest.mark.parametrize("dtype", DTYPES)
@settings(max_examples=50)
@given(number=st.integers(-300, 300) | st.integers(-(2**63), 2**64 - 1) | st.floats(-1e5, 1e5) | st.floats(1e37, 1e308))
def test_a_number_is_stored_as_it_is_or_refused(dtype: str, number: float) -> None:
    """No datatype cuts a number off, wraps it round or makes it infinite: what it cannot hold is refused."""
    codec = one_field(dtype=dtype, whole=isinstance(number, int))
    kind = DTYPES[dtype]
    if dtype.startswith("FP"):
        held = abs(number) <= float(np.finfo(kind).max)
    else:
        held = number in (0, 1) if dtype == "BOOL" else np.iinfo(kind).min <= number <= np.iinfo(kind).max
        held = held and number == int(number)
    if held:
        stored = codec.decode([{"n": number}])["x"][0, 0]
        assert stored == (np.float64(number).astype(kind) if dtype.startswith("FP") else number)
    else:
        with pytest.raises(BadInput, match=r"at records\[0\]\.n\.$") as caught:
            codec.decode([{"n": number}])
        assert caught.value.code in ("out_of_range", "not_finite", "wrong_type")


@pytest.mark.parametrize(("dtype", "number"), [("FP32", 1e39), ("FP16", 70000), ("UINT8", 256), ("UINT8", -1)])
def test_a_number_beyond_its_datatype_is_refused(dtype: str, number: float) -> None:
    """A field without a range has that of its tensor."""
    with pytest.raises(BadInput, match=r"^Expected a number from .* Received .* at records\[0\]\.n\.$"):
        one_field(dtype=dtype).decode([{"n": number}])


@pytest.mark.parametrize("name", ["_id", "json", "copy", "schema", "model_config", "model_x", "class", "a b", "é", "0"])
def test_a_field_may_have_any_name(name: str) -> None:
    """Names that mean something to Python or Pydantic are names like all others."""
    codec = one_field(name=name)
    assert codec.decode([{name: 2}])["x"].tolist() == [[2]]
    assert list(codec.record.model_json_schema()["properties"]) == [name]
    with pytest.raises(BadInput, match="Expected only the fields"):
        codec.decode([{name: 2, "field_0": 3}])


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        ("number", {"default": "1"}),
        ("number", {"default": 11, "maximum": 10}),
        ("number", {"default": 1.5, "whole": True}),
        ("number", {"default": 1e39}),
        ("category", {"default": "pink"}),
        ("time", {"default": 315}),
        ("date", {"default": "2014-01-01"}),
    ],
)
def test_a_default_that_the_field_does_not_take_is_found_at_load(kind: str, keys: dict[str, Any]) -> None:
    """A wrong default is the artifact's fault, not that of the client who leaves the field out."""
    with pytest.raises(ArtifactError, match="the default of field n is none of its values"):
        one_field(kind, **keys)

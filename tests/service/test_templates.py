"""A request whose text is remembered means what it means to a service that has never seen it."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from service.errors import ServiceError
from service.interface import Interface
from service.protocols.openinference import decode
from service.protocols.openinference_binary import JSON_LENGTH
from service.templates import MOST, MOST_BYTES, Template, Templates
from tests.toy_signatures import interface, output, tensor, wide_deep

Headers = dict[bytes, bytes]
KINDS: dict[str, tuple[str, tuple[int, ...], st.SearchStrategy[Any]]] = {
    "table": ("FP32", (2,), st.sampled_from([1, -2.5, 1e3, 0, 1e39])),
    "scalar": ("INT64", (), st.integers(-3, 300)),
    "truth": ("BOOL", (2,), st.booleans()),
    "picture": ("UINT8", (2, 3), st.integers(-1, 257)),
}
BLANKS = st.sampled_from(["", "", "", " ", "\n", " \t"])
NOTES = st.sampled_from([1, [1, 2], '"data":[1,2]', "]}", "data", {"data": [3]}, None, ","])
ELEMENT = re.compile(r"(?<=[\[,])[-+.\w]+")
EXTRAS = ("id", "outputs", "parameters", "note", "data")


def model_of(kind: str) -> Interface:
    """A model that has seen nothing, of one input of a kind."""
    dtype, shape, _ = KINDS[kind]
    return interface(inputs=[tensor("x", dtype, shape)], outputs=[output("y", (3,)), output("z", ())])


def outcome(body: bytes, model: Interface, headers: Headers) -> object:
    """All that becomes of a body: the request with the bits of its arrays, or the fault with its words."""
    try:
        request = decode(body, model, headers)
    except ServiceError as error:
        return type(error), error.status, error.code, error.sentence, error.place
    arrays = {name: (a.dtype, a.shape, a.tobytes()) for name, a in request.inputs.items()}
    asked = (request.outputs, request.binary, dict(request.classes), request.id, request.timeout_s)
    return request.rows, list(arrays), arrays, *asked


def written(draw: st.DrawFn, value: Any) -> str:
    """A value as JSON with blanks, keys in any order, and letters that may be escaped."""
    if isinstance(value, dict):
        pairs = draw(st.permutations(list(value.items())))
        parts = [f"{written(draw, key)}{draw(BLANKS)}:{draw(BLANKS)}{written(draw, item)}" for key, item in pairs]
        return "{" + ",".join(draw(BLANKS) + part + draw(BLANKS) for part in parts) + "}"
    if isinstance(value, list):
        return "[" + ",".join(draw(BLANKS) + written(draw, item) + draw(BLANKS) for item in value) + "]"
    if isinstance(value, str) and value and draw(st.integers(0, 30)) == 0:
        return '"' + "".join(f"\\u{ord(letter):04x}" for letter in value) + '"'
    return json.dumps(value)


@st.composite
def texts(draw: st.DrawFn, kind: str) -> str:
    """The JSON of a request for a model of that kind; most are sound."""
    dtype, shape, elements = KINDS[kind]
    values = np.array(draw(st.lists(elements, min_size=6, max_size=6)), dtype=object)
    rows = draw(st.integers(1, 2)) if shape != (2, 3) else 1
    values = np.resize(values, (rows, *shape))
    data = (values if draw(st.booleans()) else values.reshape(-1)).tolist()
    entry = {"name": "x", "datatype": dtype, "shape": [rows, *shape], "data": data}
    if draw(st.booleans()):
        entry |= {draw(st.sampled_from(["parameters", "note"])): draw(NOTES)}
    whole: dict[str, Any] = {"inputs": [entry]}
    choices = {
        "id": st.sampled_from(["r-17", "", 17, "data"]),
        "outputs": st.sampled_from([[], [{"name": "z"}], [{"name": "y", "parameters": {"classification": 2}}]]),
        "parameters": st.sampled_from(
            [{"timeout": 5000}, {"binary_data_output": True}, {"data": [1]}, {"timeout": -1}]
        ),
        "note": NOTES,
        "data": NOTES,
    }
    whole |= {key: draw(choices[key]) for key in draw(st.sets(st.sampled_from(EXTRAS), max_size=2))}
    return written(draw, whole)


INSERTS = [
    ",",
    "[",
    "]",
    "]]",
    "{",
    "}",
    "null",
    '"1"',
    "1",
    " ",
    "true",
    ',"data":[1,2]',
    ',"x":256',
    '"',
    "\\",
    "é",
    "e",
]


@st.composite
def mutated(draw: st.DrawFn, text: str) -> str:
    """The text with a place cut out, doubled, or replaced by something; mostly near its numbers, or one wrapped."""
    near = text.find('"data"')
    numbers = [found.span() for found in ELEMENT.finditer(text, max(near, 0))]
    if numbers and draw(st.integers(0, 2)) == 0:
        start, stop = draw(st.sampled_from(numbers))
        return f"{text[:start]}[{text[start:stop]}]{text[stop:]}"
    for _ in range(draw(st.integers(1, 2))):
        start = draw(st.integers(0, len(text)) | st.integers(max(near, 0), max(near, 0) + 30))
        stop = start + draw(st.sampled_from([0, 0, 1, 2, 5]))
        text = text[:start] + draw(st.sampled_from(["", text[start:stop] * 2, *INSERTS])) + text[stop:]
    return text


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60)
@given(data=st.data())
def test_the_second_time_means_what_the_first_meant(kind: str, data: st.DataObject) -> None:
    """A request read twice, and others between, is to the bit the request of a model that has seen nothing."""
    model = model_of(kind)
    bodies = [data.draw(texts(kind)).encode() for _ in range(2)]
    for body in (*bodies, *bodies):
        assert outcome(body, model, {}) == outcome(body, model_of(kind), {})


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=100)
@given(data=st.data())
def test_what_is_remembered_lets_nothing_pass(kind: str, data: st.DataObject) -> None:
    """A body much like one that was read is taken or refused, in the same words, as if nothing were known."""
    model, text = model_of(kind), data.draw(texts(kind))
    outcome(text.encode(), model, {})
    for _ in range(3):
        body = data.draw(mutated(text)).encode()
        assert outcome(body, model, {}) == outcome(body, model_of(kind), {})


def binary(draw: st.DrawFn) -> tuple[str, bytes]:
    """JSON and the bytes behind it of a request with two inputs, in any order; one may be part of the JSON."""
    rows, entries, blobs = draw(st.integers(1, 2)), [], b""
    for name in draw(st.permutations(["wide", "deep"])):
        values = np.float32(draw(st.lists(st.integers(-9, 9), min_size=2 * rows, max_size=2 * rows)))
        entry: dict[str, Any] = {"name": name, "datatype": "FP32", "shape": [rows, 2]}
        if draw(st.integers(0, 4)):
            entry["parameters"] = {"binary_data_size": values.nbytes}
            blobs += values.tobytes()
        else:
            entry["data"] = values.tolist()
        entries.append(entry)
    extra = draw(st.sampled_from([{}, {"id": "r-17"}, {"outputs": [{"name": "aux"}]}]))
    return written(draw, {"inputs": entries, **extra}), blobs


@settings(max_examples=80)
@given(data=st.data())
def test_bytes_behind_json_are_read_as_by_a_stranger(data: st.DataObject) -> None:
    """Several inputs in any order; other bytes, too few, too many, another JSON, or another length of it."""
    model = wide_deep()
    head, blobs = binary(data.draw)  # type: ignore[arg-type]
    other = data.draw(st.binary(min_size=len(blobs), max_size=len(blobs)))
    changed = data.draw(mutated(head))
    for text, tail in ((head, blobs), (head, other), (head, blobs[:-1]), (head, blobs + b"1"), (changed, blobs)):
        for length in (len(text.encode()), len(text.encode()) - 1):
            sent, headers = text.encode() + tail, {JSON_LENGTH: b"%d" % length}
            assert outcome(sent, model, headers) == outcome(sent, wide_deep(), headers)


@example(b'{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":', b"}]}")
@example(b'{"id":"a","inputs":[{"data": ', b' , "name":"x","shape":[1,2],"datatype":"FP32"}]}')
@given(st.just(b'{"inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"data":'), st.sampled_from([b"}]}", b" }]\n}"]))
def test_a_plain_request_is_remembered(head: bytes, tail: bytes) -> None:
    """After one request the text around its list is known, also with other numbers in the list, and nothing else is."""
    model = model_of("table")
    head = head.rstrip()
    assert model.templates.of_list(head + b"[1,2]" + tail) is None
    decode(head + b"[1,2]" + tail, model)
    for numbers in (b"[3,4]", b"[[-5.5, 6e3]]", b"[1]"):
        found = model.templates.of_list(head + numbers + tail)
        assert found is not None
        template, start, stop = found
        assert (head + numbers + tail)[start:stop].strip() == numbers
        assert (template.outputs, template.parts[0][2]) == (("y", "z"), 1)
    assert model.templates.of_list(head + b"[3,4]" + tail + b" ") is None
    assert model.templates.of_list(b" " + head + b"[3,4]" + tail) is None


@pytest.mark.parametrize(
    "text",
    [
        '{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}],"id":"\\u0041"}',
        '{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}],"parameters":{"data":[1,2]}}',
        '{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}],"note":"' + "a" * MOST_BYTES + '"}',
        '{"note":"' + "a" * MOST_BYTES + '","inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}]}',
    ],
    ids=["escapes", "data twice", "long behind", "long before"],
)
def test_what_is_not_plain_is_not_remembered(text: str) -> None:
    """Escapes, a second key of that name, and long texts: such requests are sound, and read as a whole each time."""
    model = model_of("table")
    for _ in range(2):
        assert decode(text.encode(), model).inputs["x"].tolist() == [[1, 2]]
    assert model.templates.of_list(text.encode()) is None


def test_a_list_of_true_and_false_is_not_remembered() -> None:
    """Only lists of numbers are found again, and no template is kept for the beginning of another list."""
    model = model_of("truth")
    body = b'{"inputs":[{"name":"x","shape":[1,2],"datatype":"BOOL","data":[%b]}]}'
    for numbers in (b"true,false", b"false,false"):
        assert decode(body % numbers, model).inputs["x"].tolist() == [[numbers[0] == ord("t"), False]]
        assert model.templates.of_list(body % numbers) is None


def test_clients_cannot_fill_the_memory() -> None:
    """Of texts that are never the same only so many are kept, and none that is long."""
    templates = Templates()
    template = Template([], (), frozenset(), {}, "", None)
    templates.learn_bytes(b"a" * (MOST_BYTES + 1), template)
    assert templates.of_bytes(b"a" * (MOST_BYTES + 1)) is None
    for number in range(3 * MOST):
        templates.learn_bytes(b"%d" % number, template)
        assert templates.of_bytes(b"%d" % number) is template
    assert sum(templates.of_bytes(b"%d" % number) is not None for number in range(3 * MOST)) <= MOST

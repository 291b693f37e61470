"""Bodies that are made to hurt a parser."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import BadInput, MalformedJson
from service.json_tensor import BYTE_ORDER_MARK, EXPLAINED_BYTES, count_brackets, parse, read_rows
from tests.json_bombs import BROKEN, DEPTHS, HUGE, PARSED, nested
from tests.toy_signatures import one_tensor

MAX_DEPTH = 1024


def read(text: str) -> np.ndarray:
    """Rows of two numbers out of a text."""
    document = parse(text.encode())
    rows = read_rows(document, document.root, one_tensor(), "rows[{row}]")
    document.settle()
    return rows


@pytest.mark.parametrize("text", PARSED.values(), ids=PARSED)
def test_what_is_not_rows_of_numbers_is_refused(text: str) -> None:
    """Sound JSON of another form, even of as many numbers, is `BadInput` with the place named."""
    with pytest.raises(BadInput, match=r"at rows\[\d\]") as caught:
        read(text)
    assert caught.value.status == 400
    assert caught.value.code in ("wrong_type", "wrong_shape", "ragged_rows")


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_what_is_no_json_is_refused(text: str) -> None:
    """What the standard does not allow, and numbers that are not finite in 64 bits, never parse."""
    with pytest.raises(MalformedJson, match=r"^JSON Parse error: Invalid value\.") as caught:
        read(text)
    assert (caught.value.status, caught.value.code) == (400, "malformed_json")


@pytest.mark.parametrize("text", HUGE.values(), ids=HUGE)
def test_what_is_huge_is_refused(text: str) -> None:
    """Keys, text and numbers without end are refused, in a short message."""
    with pytest.raises(BadInput) as caught:
        read(text)
    assert caught.value.status == 400
    assert len(caught.value.sentence) < 400


@pytest.mark.parametrize("depth", DEPTHS)
def test_depth_is_refused(depth: int) -> None:
    """Lists in lists are the wrong shape up to the depth that the parser takes, and malformed beyond."""
    with pytest.raises(BadInput) as caught:
        read(nested(depth))
    assert caught.value.code == ("wrong_shape" if depth < MAX_DEPTH else "malformed_json")


@pytest.mark.parametrize("text", ["[[1,2]]", ""])
def test_a_byte_order_mark_is_refused(text: str) -> None:
    """RFC 8259 lets a parser ignore it; here it is named at offset 0."""
    with pytest.raises(MalformedJson, match="at offset: 0"):
        parse(BYTE_ORDER_MARK + text.encode())


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16", "utf-32"])
def test_other_encodings_are_refused(encoding: str) -> None:
    """JSON on the wire is UTF-8."""
    with pytest.raises(MalformedJson):
        parse('{"a":[[1,2]]}'.encode(encoding))


@pytest.mark.parametrize("body", [b"\xff", b'["\xc3"]', b'["\xed\xa0\x80"]', b'["\xf5\x80\x80\x80"]', b'["\xc0\xaf"]'])
def test_bytes_that_are_no_text_are_refused(body: bytes) -> None:
    """Broken, overlong and surrogate UTF-8 never parses."""
    with pytest.raises(MalformedJson):
        parse(body)


@pytest.mark.parametrize("body", [b"{} {}", b"{}\x00", b"[1] x", b"1,", b"[1]]"])
def test_one_body_is_one_value(body: bytes) -> None:
    """Bytes behind the value are refused."""
    with pytest.raises(MalformedJson):
        parse(body)


@pytest.mark.parametrize(
    ("body", "offset"), [(b'{"instances": [1, }', 18), (b"{", 1), (b"[1 2]", 3), (b'{"a" 1}', 5), (b"nul", 0)]
)
def test_the_place_where_json_breaks_is_named(body: bytes, offset: int) -> None:
    """The message says at which offset the body stops being JSON, in TensorFlow Serving's words."""
    with pytest.raises(MalformedJson, match=rf"^JSON Parse error: Invalid value\. at offset: {offset}$"):
        parse(body)


def test_a_long_body_is_not_parsed_a_second_time() -> None:
    """Beyond a bound the place is not looked for, and the message says what was expected."""
    with pytest.raises(MalformedJson, match="Expected one JSON value of finite 64-bit numbers"):
        parse(b"[" + b"1," * EXPLAINED_BYTES + b"]")


@given(st.binary(max_size=60))
def test_any_bytes_parse_or_are_malformed(body: bytes) -> None:
    """Nothing but `MalformedJson` comes of bytes, and what parses is JSON to Python as well."""
    try:
        document = parse(body)
    except MalformedJson:
        return
    assert count_brackets(document.body) == body.count(b"[")
    json.loads(body)


@given(st.text('[]{},:1-.e" tfn\\u0', max_size=30))
def test_what_parses_is_what_python_parses(text: str) -> None:
    """On the alphabet of JSON, the strict parser accepts nothing that Python's refuses."""
    try:
        parse(text.encode())
    except MalformedJson:
        return
    json.loads(text)

"""One row by the exact way, with its line in what is said."""

from __future__ import annotations

import pytest

from service.errors import BadInput
from service.protocols.exact_rows import exact_json, exact_record
from tests.streamed import NUMBERS, TENSORS

GOOD = b'{"m":[[1,2],[3,4]],"k":[7],"t":[true,false]}'


def test_a_line_is_a_row() -> None:
    """A record, or the inputs of a model without fields, become one row of every input."""
    assert exact_json(b'{"one":1,"three":3}', NUMBERS, 1)["x"].tolist() == [[1, 2.5, 3]]
    assert exact_record({"one": 1, "three": 3}, NUMBERS, 1)["x"].tolist() == [[1, 2.5, 3]]
    arrays = exact_json(GOOD, TENSORS, 1)
    assert {name: array.tolist() for name, array in arrays.items()} == {
        "m": [[[1, 2], [3, 4]]],
        "k": [[7]],
        "t": [[True, False]],
    }


BAD = {
    "no JSON": (b"{", "malformed_json", "in line 17"),
    "no object": (b"[1]", "wrong_type", "Expected an object of inputs. Received a list at line 17."),
    "missing": (
        b'{"m":[[1,2],[3,4]],"k":[7]}',
        "missing_input",
        "the inputs m, k, t. Received none named t at line 17.",
    ),
    "unknown": (GOOD[:-1] + b',"z":1}', "unknown_input", "only the inputs m, k, t. Received z at line 17."),
    "twice": (GOOD[:-1] + b',"k":[7]}', "malformed_request", "each input once. Received an input twice at line 17."),
    "shape": (GOOD.replace(b"[1,2]", b"[1]"), "ragged_rows", " at line 17: m."),
    "type": (GOOD.replace(b"[7]", b'["7"]'), "wrong_type", 'Received the string "7" at line 17: k[0].'),
    "range": (GOOD.replace(b"[7]", b"[256]"), "out_of_range", "Received 256 at line 17: k[0]."),
    "finite": (GOOD.replace(b"[3,4]", b"[3,1e39]"), "not_finite", "Received inf at line 17: m[1][1]."),
    "nested": (GOOD.replace(b"[1,2]", b"[[1],[2]]"), "ragged_rows", "at line 17: m"),
}


@pytest.mark.parametrize(("line", "code", "words"), BAD.values(), ids=BAD)
def test_what_is_wrong_with_raw_tensors_is_told_with_its_line(line: bytes, code: str, words: str) -> None:
    """The message names line, input and element."""
    with pytest.raises(BadInput) as caught:
        exact_json(line, TENSORS, 17)
    assert caught.value.code == code
    assert words in caught.value.sentence


def test_what_is_wrong_with_a_record_is_told_with_its_line() -> None:
    """The message names line and field; one of the whole record names the line."""
    with pytest.raises(BadInput, match=r"Received 9 at line 17: one\.$"):
        exact_record({"one": 9, "three": 3}, NUMBERS, 17)
    with pytest.raises(BadInput, match=r"Expected an object of fields\. Received a list at line 17\.$"):
        exact_json(b"[]", NUMBERS, 17)

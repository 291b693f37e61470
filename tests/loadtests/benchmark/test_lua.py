"""The client's script."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadtests.benchmark.lua import Expectation, expectation, quote, script

EXPECTED = Expectation(b'{"predictions":[[', 20, 80)


def test_every_path_meets_every_body() -> None:
    """Paths and bodies are sent in turn until each pair has had its turn."""
    text = script(["/a", "/b", "/c"], [Path("0"), Path("1")], {"X-Y": "z"}, EXPECTED)
    assert "turn = {}, 6, 0" in text
    assert 'local paths = {"/a", "/b", "/c"}' in text
    assert '["X-Y"] = "z"' in text
    assert "shortest, longest = " in text


@pytest.mark.parametrize(
    ("answers", "prefix"),
    [
        ([b'{"p":[[0.25,1]]}', b'{"p":[[0.27,1]]}'], b'{"p":[['),
        ([b'{"p":[[-1.5e-3]]}', b'{"p":[[-1.5e-3]]}'], b'{"p":[[-1.5e-3]]}'),
        ([b'{"id":"a7","p":1}', b'{"id":"b7","p":1}'], b'{"id":"'),
        ([b"0.5", b"0.7"], b""),
    ],
)
def test_beginning_ends_before_numbers(answers: list[bytes], prefix: bytes) -> None:
    """What may differ from batch to batch is not expected: numbers, ids."""
    assert expectation(answers).prefix == prefix


def test_lengths_may_vary_by_two() -> None:
    """Shorter numbers are right as well; a lost row is not."""
    found = expectation([b"{" + b"x" * 99, b"{" + b"x" * 119])
    assert (found.shortest, found.longest) == (50, 240)


def test_any_bytes_can_be_quoted() -> None:
    """Quotes, backslashes, line ends and bytes beyond ASCII cannot leave a literal."""
    assert quote(b'a"b\\c\n\xff') == r'"a\034b\092c\010\255"'

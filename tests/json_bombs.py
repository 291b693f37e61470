"""JSON that is made to hurt a decoder, as text to put where two numbers a row are expected."""

from __future__ import annotations

DEPTHS = (10, 100, 1000, 1023, 1025, 10_000, 100_000, 1_000_000)


def nested(depth: int) -> str:
    """One number in so many lists."""
    return "[" * depth + "1" + "]" * depth


PARSED: dict[str, str] = {
    "null": "[[null,1]]",
    "true": "[[true,1]]",
    "false": "[[1,false]]",
    "string": '[["1",1]]',
    "number as text": '[[1,"NaN"]]',
    "object": "[[{},1]]",
    "list in place of a number": "[[[1],1]]",
    "empty list beside": "[[[],1,2]]",
    "two numbers in one place": "[[1,[2]]]",
    "all in the first row": "[[1,2,3,4],[]]",
    "ragged rows of the right total": "[[1],[2,3,4]]",
    "hidden in the last row": "[[1,2],[3,[4]]]",
    "transposed": "[[1,2,3],[4,5,6]]",
    "flat": "[1,2]",
    "too deep by one": "[[[1,2]]]",
    "a row that is null": "[[1,2],null]",
    "a row that is text": '[[1,2],"12"]',
    "brackets in text": '[["[1]",1]]',
    "empty rows": "[[],[]]",
    "empty list of an empty list": "[[[]]]",
}
"""Sound JSON that is not rows of two numbers."""

BROKEN: dict[str, str] = {
    "NaN": "[[NaN,1]]",
    "nan": "[[nan,1]]",
    "Infinity": "[[Infinity,1]]",
    "minus Infinity": "[[1,-Infinity]]",
    "1e400": "[[1e400,1]]",
    "5,000 digits": f"[[{'9' * 5000},1]]",
    "minus 5,000 digits": f"[[1,-{'9' * 5000}]]",
    "65 bits": "[[36893488147419103232,1]]",
    "leading zero": "[[01,1]]",
    "plus": "[[+1,1]]",
    "hexadecimal": "[[0x10,1]]",
    "bare fraction": "[[.5,1]]",
    "trailing comma": "[[1,2,],]",
    "comment": "[[1,2]/*two*/]",
    "single quotes": "[['1',1]]",
    "lone high surrogate": '[["\\ud800",1]]',
    "lone low surrogate": '[["\\udc00",1]]',
    "control character": '[["\x01",1]]',
    "unclosed": "[[1,2]",
    "closed twice": "[[1,2]]]",
    "open lists": "[" * 1_000_000,
    "open objects": '{"a":' * 100_000,
}
"""What is no JSON, or none of finite 64-bit numbers."""

HUGE: dict[str, str] = {
    "100,000 keys": "[{" + ",".join(f'"k{number}":1' for number in range(100_000)) + "}]",
    "one key 100,000 times": "[{" + ",".join('"x":[1,2]' for _ in range(100_000)) + "}]",
    "the same key twice": '[{"x":[1,2],"x":[1,2]}]',
    "a long text": '["' + "a" * 1_000_000 + '"]',
    "a million numbers": "[[" + "1," * 1_000_000 + "1]]",
}
"""Sound JSON, large in another way than depth."""

"""`training.foreign.fields_check`."""

from typing import Any

import pytest

from training.datasets import fashion, flights, mnist, xor
from training.errors import ForeignModelError
from training.foreign.fields_check import check_fields, check_result
from training.signature import (
    Bounded,
    Category,
    Date,
    Element,
    Field,
    Image,
    Label,
    Number,
    Output,
    Place,
    Result,
    Signature,
    Tensor,
    Threshold,
    Time,
    Values,
)


def _input(dtype: str = "FP32", shape: tuple[int, ...] = (2,)) -> Tensor:
    return Tensor(name="x", dtype=dtype, shape=shape, description="")


def _common(*indexes: int | None, **keys: Any) -> dict[str, Any]:
    fills = tuple(Place("x", index) for index in indexes)
    return {"name": "n", "description": "", "fills": fills, **keys}


def _number(*indexes: int | None, **keys: Any) -> Number:
    return Number(**{"unit": "", "minimum": None, "maximum": None, **_common(*indexes, **keys)})


def _category(*words: str, **keys: Any) -> Category:
    return Category(vocabulary=words, **_common(0, 1, **keys))


@pytest.mark.parametrize("signature", [module.SIGNATURE for module in (mnist, fashion, xor, flights)])
def test_signatures_of_our_own_pass(signature: Signature) -> None:
    """What the service serves is what the check lets through."""
    check_fields(signature.fields, signature.inputs)
    check_result(signature.result, signature.outputs)


PASSING: dict[str, tuple[list[Field], Tensor]] = {
    "an integer by whole numbers": ([_number(0, 1, whole=True)], _input("INT32")),
    "a truth by 0 and 1": ([_number(0, 1, whole=True, minimum=0, maximum=1)], _input("BOOL")),
    "an image with a channel": ([Image(**_common(None), height=3, width=4)], _input("FP32", (3, 4, 1))),
    "places of a table": (
        [_number(0, 1, whole=True, minimum=0, maximum=8)],
        Bounded(name="x", dtype="INT32", shape=(2,), description="", minimum=0, maximum=8),
    ),
    "defaults of every kind": (
        [
            _number(0, default=1.5),
            Category(**_common(1, name="c", default="b"), vocabulary=("a", "b")),
            Time(**_common(2, name="t", default="05:15")),
            Date(**_common(3, name="d", default="2013-05-31"), minimum="2013-01-01", maximum=None),
        ],
        _input(shape=(2, 2)),
    ),
}


@pytest.mark.parametrize(("fields", "tensor"), PASSING.values(), ids=PASSING)
def test_fields_that_fit_pass(fields: list[Field], tensor: Tensor) -> None:
    """Each element once, with numbers that the input holds."""
    check_fields(fields, [tensor])


REFUSED: dict[str, tuple[list[Field], Tensor, str]] = {
    "a free element": ([_number(0)], _input(), r"field for every element\. Received none for x\[1\]"),
    "an element twice": ([_number(0, 1, 1)], _input(), r"n: a free place, not that of n\. Received x\[1\]"),
    "an element of another": ([_number(0, 1), _number(1, name="m")], _input(), "not that of n"),
    "beyond the end": ([_number(0, 1, 2)], _input(), "index from 0 to 1 into x. Received 2"),
    "before the start": ([_number(-1)], _input(), "Received -1"),
    "a number over all": ([_number(None)], _input(), "Received None"),
    "no place": ([_number()], _input(), "at least one place"),
    "another input": ([Number(**_common(0), unit="", minimum=None, maximum=None)],
                      Tensor(name="z", dtype="FP32", shape=(1,), description=""), r"an input of the model \(z\)"),
    "one name twice": ([_number(0), _number(1)], _input(), "fields of distinct names"),
    "no name": ([_number(0, 1, name="")], _input(), "distinct names"),
    "an image of another size": ([Image(**_common(None), height=3, width=4)], _input(shape=(4, 3)), r"\[3, 4\]"),
    "an image at a place": ([Image(**_common(0), height=1, width=2)], _input(shape=(1, 2)), "null as index"),
    "an image in a small integer": ([Image(**_common(None), height=1, width=2)], _input("INT8", (1, 2)), "INT8 holds"),
    "a word twice": ([_category("a", "a")], _input(), "distinct words"),
    "no words": ([_category()], _input(), "distinct words"),
    "an empty range": ([_number(0, 1, minimum=2, maximum=1)], _input(), "minimum that is not over the maximum"),
    "a bound that is no date": ([Date(**_common(0, 1), minimum="31.5.2013", maximum=None)], _input(), "bounds such as"),
    "a default out of range": ([_number(0, 1, maximum=1, default=2.0)], _input(), "one of its values as default"),
    "a default of other words": ([_category("a", default="b")], _input(), "Received 'b'"),
    "fractions in integers": ([_number(0, 1)], _input("INT32"), '"whole": true for an input of INT32'),
    "more than a byte": ([_number(0, 1, whole=True, maximum=256)], _input("UINT8"), "numbers that UINT8 holds"),
    "minutes in a byte": ([Time(**_common(0, 1))], _input("UINT8"), "UINT8 holds"),
    "beyond the table": (
        [_number(0, 1, whole=True, minimum=0, maximum=9)],
        Bounded(name="x", dtype="INT32", shape=(2,), description="", minimum=0, maximum=8),
        "numbers from 0 to 8, which the model looks up. Received whole numbers from 0 to 9",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("fields", "tensor", "message"), REFUSED.values(), ids=REFUSED)
def test_fields_that_do_not_fit_are_refused(fields: list[Field], tensor: Tensor, message: str) -> None:
    """Each with the rule and what came."""
    with pytest.raises(ForeignModelError, match=message):
        check_fields(fields, [tensor])


OUTPUT = Output(name="y", dtype="FP32", shape=(1, 3), description="", rtol=0, atol=0)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (Values(name="a", description="", output="z"), r"a: an output of the model \(y\)\. Received z"),
        (Label(name="a", description="", output="y", labels=("p", "q")), r"3 distinct labels,.* Received \['p', 'q'\]"),
        (Label(name="a", description="", output="y", labels=(1, 2, 2)), "3 distinct labels"),
        (Element(name="a", description="", output="y", index=3, unit=""), r"index from 0 to 2\. Received 3"),
        (Threshold(name="a", description="", output="y", index=-1, threshold=0.5), r"Received -1"),
    ],
)
def test_answers_that_do_not_fit_are_refused(entry: Result, message: str) -> None:
    """An answer is taken from an output that exists, at a place that exists, with a label for each element."""
    with pytest.raises(ForeignModelError, match=message):
        check_result([entry], [OUTPUT])


def test_answers_have_names_of_their_own() -> None:
    """Two keys of one answer cannot be the same."""
    entry = Values(name="a", description="", output="y")
    check_result([entry], [OUTPUT])
    with pytest.raises(ForeignModelError, match="answers of distinct names"):
        check_result([entry, entry], [OUTPUT])

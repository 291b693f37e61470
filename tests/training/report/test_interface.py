"""`training.report.interface`."""

from dataclasses import replace

import pytest

from training.datasets.dataset import Dataset
from training.presets import NAMES
from training.report.interface import answers_table, inputs_table
from training.signature import Bounded, Number, Output, Place, Signature, Tensor

RAW = Signature(
    name="raw",
    task="regression",
    inputs=(
        Tensor(name="a", dtype="FP32", shape=(2, 3), description="One."),
        Bounded(name="b", dtype="INT32", shape=(4,), description="Two.", minimum=0, maximum=99),
    ),
    outputs=(Output(name="y", dtype="FP64", shape=(1,), description="Three.", rtol=0, atol=0),),
    fields=(),
    result=(),
)


@pytest.mark.parametrize("name", NAMES)
def test_every_field_and_key(datasets: dict[str, Dataset], name: str) -> None:
    """A line for each, with its sentence."""
    signature = datasets[name].signature
    for text, entries in ((inputs_table(signature), signature.fields), (answers_table(signature), signature.result)):
        lines = text.splitlines()[2:]
        for line, entry in zip(lines, entries, strict=True):
            assert line.startswith(f"| `{entry.name}` |")
            assert line.endswith(f"| {entry.description} |")


def test_values_and_defaults(datasets: dict[str, Dataset]) -> None:
    """Ranges carry their unit, few words are listed, many are counted; what has no default is required."""
    text = inputs_table(datasets["flights"].signature)
    assert "| EWR, JFK, LGA | required |" in text
    assert "| one of 104, ABQ to XNA | required |" in text
    assert "| -60 to 130 °F | 57.02 |" in text
    assert "| 2000-01-01 to 2099-12-31 | required |" in text
    assert "| 28 x 28 grey levels |" in inputs_table(datasets["mnist"].signature)
    assert "| true or false |" in answers_table(datasets["xor"].signature)


@pytest.mark.parametrize(
    ("bounds", "text"),
    [((None, None), "any m"), ((1, None), "at least 1 m"), ((None, 2.5), "at most 2.5 m"), ((0, 1), "0 to 1 m")],
)
def test_open_ranges(bounds: tuple[float | None, float | None], text: str) -> None:
    """A range without an end says so."""
    low, high = bounds
    field = Number(name="n", description="N.", fills=(Place("a", 0),), unit="m", minimum=low, maximum=high)
    assert f"| {text} |" in inputs_table(replace(RAW, fields=(field,)))


def test_raw_tensors() -> None:
    """A model without fields and answers of its own tells its tensors."""
    assert "| `a` | FP32 | [2, 3] |  | One. |" in inputs_table(RAW)
    assert "| `b` | INT32 | [4] | 0 to 99 | Two. |" in inputs_table(RAW)
    assert "| `y` | FP64 | [1] |  | Three. |" in answers_table(RAW)

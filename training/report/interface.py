"""What goes into a model and what comes out of it, as tables for a card."""

from collections.abc import Sequence

from training.report.markdown import Cell, code, table
from training.signature import (
    Bounded,
    Category,
    Date,
    Element,
    Field,
    Image,
    Label,
    Number,
    Result,
    Signature,
    Tensor,
    Threshold,
)

_LISTED_WORDS = 20
"""A longer vocabulary is told by its number and its ends."""


def inputs_table(signature: Signature) -> str:
    """The keys of a record; the tensors of a model that has no fields."""
    if not signature.fields:
        return _tensors(signature.inputs)
    rows = [
        (code(field.name), field.kind, _values(field), _default(field), field.description) for field in signature.fields
    ]
    return table(("field", "kind", "values", "default", "meaning"), rows)


def answers_table(signature: Signature) -> str:
    """The keys of an answer; the tensors of a model that answers raw."""
    if not signature.result:
        return _tensors(signature.outputs)
    rows = [(code(entry.name), _answer(entry), entry.description) for entry in signature.result]
    return table(("key", "values", "meaning"), rows)


def _tensors(tensors: Sequence[Tensor]) -> str:
    rows: list[tuple[Cell, ...]] = []
    for tensor in tensors:
        span = f"{tensor.minimum:g} to {tensor.maximum:g}" if isinstance(tensor, Bounded) else ""
        rows.append((code(tensor.name), tensor.dtype, str(list(tensor.shape)), span, tensor.description))
    return table(("tensor", "datatype", "shape of a row", "values", "meaning"), rows)


def _values(field: Field) -> str:
    match field:
        case Number():
            whole = "whole, " if field.whole else ""
            return f"{whole}{_span(field.minimum, field.maximum)} {field.unit}".strip()
        case Category():
            return _one_of(field.vocabulary)
        case Date():
            return _span(field.minimum, field.maximum)
        case Image():
            return f"{field.height} x {field.width} grey levels"
        case _:
            return "00:00 to 23:59"


def _span(minimum: float | str | None, maximum: float | str | None) -> str:
    lowest, highest = (f"{bound:g}" if isinstance(bound, float | int) else bound for bound in (minimum, maximum))
    if lowest is not None and highest is not None:
        return f"{lowest} to {highest}"
    if lowest is None and highest is None:
        return "any"
    return f"at most {highest}" if lowest is None else f"at least {lowest}"


def _default(field: Field) -> str:
    if field.default is None:
        return "required"
    return f"{field.default:g}" if isinstance(field.default, float | int) else field.default


def _answer(entry: Result) -> str:
    match entry:
        case Label():
            return _one_of(entry.labels)
        case Element():
            return f"number ({entry.unit})" if entry.unit else "number"
        case Threshold():
            return "true or false"
        case _:
            return "list of numbers"


def _one_of(words: Sequence[str | int]) -> str:
    if len(words) <= _LISTED_WORDS:
        return ", ".join(map(str, words))
    return f"one of {len(words)}, {words[0]} to {words[-1]}"

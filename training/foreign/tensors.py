"""The inputs, outputs and task of a Keras model, in the words of a signature."""

from typing import Any, Literal

import keras
import numpy as np
from numpy.typing import NDArray

from training.errors import ForeignModelError
from training.export.interface import Arrays, input_names, inputs_of, output_names, outputs_of
from training.foreign.lookups import Table, tables
from training.signature import DTYPES, Bounded, Output, Tensor

Task = Literal["classification", "regression"]

_DTYPES = {theirs: ours for ours, theirs in DTYPES.items()}

_RTOL, _ATOL = 1e-4, 1e-5
_HALF_RTOL, _HALF_ATOL = 1e-2, 1e-3
"""Where numbers have 11 bits: an answer is the end of a chain of roundings of one part in 2,000 each."""


def input_tensors(model: keras.Model) -> tuple[Tensor, ...]:
    """The inputs; one whose numbers are all places in a table gets the range of its places.

    Raises:
        ForeignModelError: If a datatype or a shape is none that can be served.
    """
    return tuple(
        _input(name, tensor, found)
        for name, (_, tensor), found in zip(input_names(model), inputs_of(model), tables(model), strict=True)
    )


def output_tensors(model: keras.Model, answers: Arrays) -> tuple[Output, ...]:
    """The outputs, with tolerances that fit their datatype and their size.

    Args:
        model: The model.
        answers: Its answers to the examples, by output name.

    Raises:
        ForeignModelError: If a datatype or a shape is none that can be served, or an answer is not finite.
    """
    half = any(layer.compute_dtype in ("float16", "bfloat16") for layer in model._flatten_layers())
    return tuple(
        _output(name, tensor, answers[name], half=half)
        for name, (_, tensor) in zip(output_names(model), outputs_of(model), strict=True)
    )


def unbounded(tensor: Tensor) -> Tensor:
    """The input without a range of its own, for a model whose fields have theirs."""
    return Tensor(name=tensor.name, dtype=tensor.dtype, shape=tensor.shape, description=tensor.description)


def notes(model: keras.Model) -> list[str]:
    """A sentence for each thing that a person who serves the model should know."""
    labels = [label for label, _ in (*inputs_of(model), *outputs_of(model))]
    names = [*input_names(model), *output_names(model)]
    said = [f"{label!r} is served as {name}." for label, name in zip(labels, names, strict=True) if label != name]
    for name, (_, tensor), found in zip(names, inputs_of(model), tables(model), strict=False):
        if tensor.dtype == "float16":
            said.append(f"Input {name} is FP16, which has no JSON form: the service takes no request for it yet.")
        said += [
            f"Some numbers of input {name} are places in the table of layer {table.layer}, 0 to {table.length - 1}; "
            "a fields file makes the service refuse others before they reach the model."
            for table in found
            if not table.whole
        ]
    return said


def task_of(model: keras.Model) -> Task:
    """`classification` if all outputs leave a softmax or a sigmoid."""
    last = [tensor._keras_history.operation for _, tensor in outputs_of(model)]
    return "classification" if all(_is_probability(operation) for operation in last) else "regression"


def _is_probability(operation: Any) -> bool:
    if isinstance(operation, keras.Model):
        return task_of(operation) == "classification"
    activation = getattr(operation, "activation", None)
    name = getattr(activation, "__name__", "") or type(operation).__name__
    return name.lower() in ("softmax", "sigmoid")


def _input(name: str, tensor: Any, found: list[Table]) -> Tensor:
    if tensor.dtype == "string":
        raise ForeignModelError(
            f"Expected numbers as input {name}. Received text; let the model begin with whole-number ids (an INT32 "
            "input into an Embedding) and make them from the text before the request."
        )
    if tensor.sparse or tensor.ragged:
        raise ForeignModelError(f"Expected a dense tensor as input {name}. Received a sparse or ragged one.")
    dtype, shape = _dtype(f"input {name}", tensor.dtype), _shape(f"input {name}", tensor.shape)
    about = f"Input {name} of the Keras model."
    whole = [table for table in found if table.whole]
    if not whole:
        return Tensor(name=name, dtype=dtype, shape=shape, description=about)
    least = min(whole, key=lambda table: table.length)
    about = f"Whole numbers that layer {least.layer} looks up in its table of {least.length}."
    return Bounded(name=name, dtype=dtype, shape=shape, description=about, minimum=0, maximum=least.length - 1)


def _output(name: str, tensor: Any, answers: NDArray[Any], *, half: bool) -> Output:
    dtype, shape = _dtype(f"output {name}", answers.dtype.name), _shape(f"output {name}", tensor.shape)
    if not np.isfinite(answers).all():
        raise ForeignModelError(
            f"Expected finite answers to the examples. Received NaN or an infinity as output {name}; examples of "
            "your own are given by --examples."
        )
    rtol, atol = _tolerances(answers, half=half)
    about = f"Output {name} of the Keras model."
    return Output(name=name, dtype=dtype, shape=shape, description=about, rtol=rtol, atol=atol)


def _tolerances(answers: NDArray[Any], *, half: bool) -> tuple[float, float]:
    """Relative and absolute tolerance of an output.

    The absolute one grows with the largest answer if that is over 1, because a small answer may be the difference of
    large numbers, and is at most a thousandth of it, so that it still tells answers apart that are all small. Whole
    numbers must be equal.
    """
    if answers.dtype.kind != "f":
        return 0.0, 0.0
    rtol, atol = (_HALF_RTOL, _HALF_ATOL) if half or answers.dtype == np.float16 else (_RTOL, _ATOL)
    largest = float(np.abs(answers).max())
    return rtol, min(atol * max(1.0, largest), largest / 1000) or atol


def _dtype(what: str, dtype: str) -> str:
    if dtype not in _DTYPES:
        raise ForeignModelError(f"Expected one of the datatypes {', '.join(_DTYPES)} as {what}. Received {dtype}.")
    return _DTYPES[dtype]


def _shape(what: str, shape: tuple[int | None, ...]) -> tuple[int, ...]:
    """The shape without the batch axis."""
    if not shape or shape[0] is not None:
        raise ForeignModelError(f"Expected a free batch axis in front of {what}. Received shape {list(shape)}.")
    fixed = tuple(length for length in shape[1:] if length)
    if len(fixed) != len(shape) - 1:
        received = [length if length is not None else "free" for length in shape[1:]]
        raise ForeignModelError(
            f"Expected fixed lengths behind the batch axis of {what}. Received {received}; "
            "keras.Input(shape=…) with numbers in it fixes them."
        )
    return fixed

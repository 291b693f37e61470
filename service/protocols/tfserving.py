"""TensorFlow Serving's REST predict: rows (``instances``), columns (``inputs``), and our ``records``.

References:
    TensorFlow Serving, *RESTful API*, https://www.tensorflow.org/tfx/serving/api_rest (2024).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import orjson
import simdjson

from service.errors import (
    BadInput,
    MalformedRequest,
    MissingInput,
    NotFinite,
    UnknownInput,
    Unsupported,
    WrongShape,
    WrongType,
)
from service.interface import Interface
from service.json_faults import describe
from service.json_tensor import NUMERIC, Document, parse, read_row, read_rows
from service.protocols.tfserving_faults import (
    check_signature,
    is_base64,
    keys_of,
    lossy,
    mistyped,
    quote,
    reworded,
    signature_name,
    unconvertible,
)
from service.request import Answer, InferRequest, InferResult
from service.signature import Tensor
from service.tensors import check

FORMS = ("records", "instances", "inputs")
AROUND = {form: (b'{"%b":' % form.encode().translate(None, NUMERIC), b"}") for form in ("instances", "inputs")}
"""The text around the one tensor of a body in a form that takes it plain."""


def decode(body: bytes, model: Interface, headers: Mapping[bytes, bytes] = {}) -> InferRequest:
    """Read the body of a predict call, whatever its headers say of it.

    Raises:
        BadInput: In TensorFlow Serving's words, where it has any, naming the place.
        TooLarge: More rows than allowed.
        Unsupported: Half precision, which has no JSON form.
    """
    document = parse(body)
    document.reword = reworded
    form = _form(document)
    value = document.root[form]
    try:
        if form == "instances":
            inputs = _rows(document, value, model)
        elif form == "inputs":
            inputs = _columns(document, value, model)
        else:
            inputs = _records(document, value, model)
    except Unsupported as error:
        raise unconvertible(error, value) from None
    document.settle()
    return InferRequest(inputs, len(next(iter(inputs.values()))), model.output_names, form=form)


def _form(document: Document) -> str:
    """Which of the forms a body has."""
    root = document.root
    keys = keys_of(root)
    if len(keys) == 1 and keys[0] in FORMS:  # nearly every body
        document.around = AROUND.get(keys[0])
        return keys[0]
    if "signature_name" in keys:
        check_signature(signature_name(root))
    forms = [form for form in FORMS if form in keys]
    if len(forms) > 1:
        raise MalformedRequest("Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist")
    if not forms:
        raise MalformedRequest("Missing 'inputs' or 'instances' key, or 'records'")
    return forms[0]


def _rows(document: Document, value: Any, model: Interface) -> dict[str, np.ndarray]:
    if not isinstance(value, simdjson.Array):
        raise WrongType("Expecting 'instances' to be an list/array")
    if not len(value):
        raise MalformedRequest("No values in 'instances' array")
    model.check_rows(len(value))
    if _is_named(value[0]):
        return named_rows(document, value, model, "instances")
    if len(model.inputs) > 1:
        raise MalformedRequest(
            "instances is a plain list, but expecting list of objects as multiple input tensors required as per "
            "tensorinfo_map"
        )
    name, tensor = next(iter(model.inputs.items()))
    try:
        return {name: _read(document, value, tensor, model, "instances[{row}]")}
    except BadInput:
        _check_not_mixed(value)
        raise


def _is_named(row: Any) -> bool:
    """Whether a row is an object of inputs by name."""
    return isinstance(row, simdjson.Object) and not is_base64(row)


def _check_not_mixed(value: Any) -> None:
    for item, row in enumerate(value):
        if _is_named(row):
            raise WrongType(f"Expecting value/list but got object at item {item} of input list")


def _read(document: Document, value: Any, tensor: Tensor, model: Interface, place: str) -> np.ndarray:
    """A list of rows of one input, checked."""
    array = read_rows(document, value, tensor, place)
    try:
        check(array, tensor, model.bounds.get(tensor.name), place)
    except NotFinite as error:
        raise lossy(error, array, tensor, value.__getitem__) from None
    return array


def named_rows(document: Document, value: Any, model: Interface, list_name: str) -> dict[str, np.ndarray]:
    """Rows as objects of all inputs by name."""
    document.brackets -= 1
    rows = len(value)
    arrays = {t.name: np.empty((rows, *t.shape), dtype=t.numpy) for t in model.inputs.values()}
    for row, entry in enumerate(value):
        _check_keys(entry, model, row, list_name)
        for name, tensor in model.inputs.items():
            arrays[name][row] = read_row(document, entry[name], tensor, f"{list_name}[{row}].{name}")
    for name, tensor in model.inputs.items():
        try:
            check(arrays[name], tensor, model.bounds.get(name), f"{list_name}[{{row}}].{name}")
        except NotFinite as error:
            raise lossy(error, arrays[name], tensor, lambda row: value[row][name]) from None  # noqa: B023 - called at once
    return arrays


def _check_keys(entry: Any, model: Interface, row: int, list_name: str) -> None:
    if not _is_named(entry):
        raise WrongType(f"Expecting object but got list at item {row} of input list: {quote(entry)}")
    keys = list(entry.keys())
    if len(keys) == len(model.inputs) and all(name in keys for name in model.inputs):
        return
    unknown = next((key for key in keys if key not in model.inputs), None)
    missing = any(name not in keys for name in model.inputs)
    raise (MissingInput if missing else UnknownInput)(
        f"Failed to process element: {row} of '{list_name}' list. Error: "
        + ("" if unknown is None else f"JSON object: does not have named input: {unknown[:40]}. ")
        + f"JSON object: {quote(entry)} keys must be equal to: {','.join(sorted(model.inputs))}"
    )


def _columns(document: Document, value: Any, model: Interface) -> dict[str, np.ndarray]:
    if not _is_named(value):
        if len(model.inputs) > 1:
            raise MalformedRequest(
                "inputs is a plain value/list, but expecting an object as multiple input tensors required as per "
                "tensorinfo_map"
            )
        return {name: _column(document, value, t, model, "inputs[{row}]") for name, t in model.inputs.items()}
    keys = list(value.keys())
    for name in model.inputs:
        if keys.count(name) != 1:
            raise MissingInput(f"Missing named input: {name} in 'inputs' object.")
    arrays = {
        name: _column(document, value[name], tensor, model, f"inputs.{name}[{{row}}]")
        for name, tensor in model.inputs.items()
    }
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        raise WrongShape(f"Expected inputs of the same first dimension. Received {lengths}.")
    return arrays


def _column(document: Document, value: Any, tensor: Tensor, model: Interface, place: str) -> np.ndarray:
    whole = place.removesuffix("[{row}]")
    if isinstance(value, simdjson.Array) and len(value):
        model.check_rows(len(value))
        return _read(document, value, tensor, model, place)
    rows = f"a list of rows of shape {list(tensor.shape)}"
    if isinstance(value, simdjson.Array):
        raise WrongShape.at(whole, rows, "an empty list")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise WrongType(f"{mistyped(describe(value), tensor)}, {rows} at {whole}")
    raise WrongShape.at(whole, rows, describe(value))


def _records(document: Document, value: Any, model: Interface) -> dict[str, np.ndarray]:
    if not isinstance(value, simdjson.Array):
        raise WrongType.at("records", "a list of records", describe(value))
    if not len(value):
        raise MalformedRequest("Expected at least one record. Received an empty list at records.")
    model.check_rows(len(value))
    if model.records is None:
        return named_rows(document, value, model, "records")
    return model.records.decode(value)


def encode(request: InferRequest, result: InferResult, model: Interface) -> Answer:
    """Write the answer in the form of the request. Numbers in their shortest form, whole ones with ``.0``."""
    outputs = result.outputs
    answer: Any
    if request.form == "records" and model.records is not None:
        answer = {"predictions": model.records.encode(outputs, request.rows)}
    elif len(outputs) == 1:
        key = "outputs" if request.form == "inputs" else "predictions"
        answer = {key: next(iter(outputs.values()))}
    elif request.form == "inputs":
        answer = {"outputs": outputs}
    else:
        answer = {"predictions": list(_split(outputs))}
    return Answer(orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY, default=_contiguous))


def _split(outputs: dict[str, np.ndarray]) -> Iterator[dict[str, np.ndarray]]:
    """Columns to one object a row."""
    for values in zip(*outputs.values(), strict=True):
        yield dict(zip(outputs, values, strict=True))


def _contiguous(value: Any) -> Any:
    """Arrays that are no single block of memory, which orjson does not take as they are."""
    if isinstance(value, np.ndarray):
        return np.ascontiguousarray(value)
    raise TypeError(type(value).__name__)

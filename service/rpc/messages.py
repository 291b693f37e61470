"""The messages of ModelInfer: to a request, from a result. Pure: no I/O, no queue.

References:
    *Open Inference Protocol*, https://github.com/kserve/open-inference-protocol (2024).
    NVIDIA, *Triton Inference Server*, https://github.com/triton-inference-server (2025), for the texts of its errors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from service.errors import MalformedRequest, Unsupported
from service.interface import Interface
from service.protocols.openinference_answer import best_classes, labels_of, pack
from service.protocols.openinference_binary import from_bytes
from service.protocols.openinference_parameters import SEQUENCES
from service.protocols.openinference_tensors import (
    check_classes,
    check_datatype,
    check_once,
    compact,
    complete,
    input_named,
    refuse_shared_memory,
    rows_of,
    unknown_output,
)
from service.request import InferRequest, InferResult
from service.rpc import inference_pb2 as pb
from service.rpc.contents import from_numbers

SHOWN_SIZES = 16
Parameters = Mapping[str, pb.InferParameter]

RESERVED = "triton_"
ASKS_FOR_END = "triton_enable_empty_final_response"
"""The one reserved parameter that clients send by themselves; only a stream has an end that it could ask for."""


def decode(message: pb.ModelInferRequest, model: Interface) -> InferRequest:
    """Read an infer call.

    Args:
        message: What the client sent.
        model: The version that it asks.

    Raises:
        BadInput: In Triton's words, where it has any, naming the input.
        TooLarge: More rows than allowed, status 400 as Triton answers it.
        Unsupported: Sequences, shared memory, or half precision as numbers (status 400).
    """
    timeout_s = _timeout_s(message.parameters) if message.parameters else None
    inputs = _inputs(message, model)
    wanted, classes = _wanted(message.outputs, model)
    rows = len(next(iter(inputs.values())))
    return InferRequest(inputs, rows, wanted, id=message.id, timeout_s=timeout_s, classes=classes)


def _timeout_s(parameters: Parameters) -> float | None:
    """The time that the parameters allow; None if they set none."""
    for key in parameters:
        if key.startswith(RESERVED) and key != ASKS_FOR_END:
            raise MalformedRequest(f"Expected no parameter that begins with '{RESERVED}', which are reserved.")
        if key in SEQUENCES and _value(parameters[key]):  # 0, "" and false say that there is no sequence
            raise Unsupported("Sequences are not served: every request stands alone.")
    return _whole(parameters, "timeout") / 1e6 or None


def _value(parameter: pb.InferParameter) -> bool | int | float | str | None:
    choice = parameter.WhichOneof("parameter_choice")
    value: bool | int | float | str | None = getattr(parameter, choice) if choice else None
    return value


def _whole(parameters: Parameters, key: str) -> int:
    """A parameter that counts something; 0 where it is not given."""
    if key not in parameters:
        return 0
    value = _value(parameters[key])
    if type(value) is not int or value < 0:
        raise MalformedRequest(f"invalid value for '{key}' parameter, expected int64_param from 0.")
    return value


def _inputs(message: pb.ModelInferRequest, model: Interface) -> dict[str, np.ndarray]:
    """Every input of the model, in its order."""
    raw = message.raw_input_contents
    if raw and len(raw) != len(message.inputs):
        raise MalformedRequest(
            f"the number of inputs ({len(message.inputs)}) does not match the expected number of "
            f"raw input contents ({len(raw)}) for model '{model.name}'."
        )
    arrays: dict[str, np.ndarray] = {}
    for index, entry in enumerate(message.inputs):
        check_once(entry.name, arrays)
        arrays[entry.name] = _input(entry, raw[index] if raw else None, model)
    return complete(arrays, model)


def _input(entry: pb.ModelInferRequest.InferInputTensor, raw: bytes | None, model: Interface) -> np.ndarray:
    tensor = input_named(entry.name, model)
    check_datatype(entry.datatype, tensor, model)
    refuse_shared_memory(entry.parameters, f"input '{tensor.name}'")
    rows = rows_of(entry.shape, tensor, model, lambda: compact(entry.shape[:SHOWN_SIZES]))
    if raw is None:
        return from_numbers(entry.contents, tensor, rows, model)
    if entry.HasField("contents"):
        raise MalformedRequest(
            "contents field must not be specified when using raw_input_contents "
            f"for '{tensor.name}' for model '{model.name}'"
        )
    return from_bytes(raw, 0, len(raw), tensor, rows, model)


def _wanted(
    outputs: Sequence[pb.ModelInferRequest.InferRequestedOutputTensor], model: Interface
) -> tuple[tuple[str, ...], dict[str, int]]:
    """Names of the outputs that are asked for, all if none are named; how many best classes of which."""
    found: dict[str, int] = {}
    for entry in outputs:
        if entry.name not in model.outputs:
            raise unknown_output(entry.name, model)
        found.setdefault(entry.name, _classes(entry, model) if entry.parameters else 0)
    return tuple(found) or model.output_names, {name: count for name, count in found.items() if count}


def _classes(entry: pb.ModelInferRequest.InferRequestedOutputTensor, model: Interface) -> int:
    """As how many classes an output is wanted; 0 for its numbers."""
    refuse_shared_memory(entry.parameters, f"output '{entry.name}'")
    count = _whole(entry.parameters, "classification")
    if count:
        check_classes(entry.name, model)
    return count


def encode(request: InferRequest, result: InferResult, model: Interface) -> pb.ModelInferResponse:
    """Write the answer; values always as raw bytes, which is what clients read."""
    answer = pb.ModelInferResponse(model_name=result.model, model_version=str(result.version), id=request.id)
    for name in request.outputs:
        array, datatype = result.outputs[name], model.outputs[name].dtype
        if name in request.classes:
            count = min(request.classes[name], array.shape[1])
            answer.outputs.add(name=name, datatype="BYTES", shape=(len(array), count))
            answer.raw_output_contents.append(pack(best_classes(array, count, labels_of(model, name))))
        else:
            answer.outputs.add(name=name, datatype=datatype, shape=array.shape)
            answer.raw_output_contents.append(array.tobytes())
    return answer

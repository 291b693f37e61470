"""Open Inference Protocol V2: the rules of its tensors, in Triton's words; the same for JSON, bytes and messages.

References:
    NVIDIA, *Triton Inference Server*, https://github.com/triton-inference-server (2025), for the texts of its errors.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from typing import Any

import numpy as np

from service.errors import MalformedRequest, MissingInput, TooLarge, UnknownInput, Unsupported, WrongShape, WrongType
from service.interface import Interface
from service.signature import Tensor

SHARED_MEMORY = "shared_memory_region"
SHOWN = 256
"""Most letters of a client's own words in a message."""


def input_named(name: str, model: Interface) -> Tensor:
    """The input of that name.

    Raises:
        UnknownInput: The model has none.
    """
    tensor = model.inputs.get(name)
    if tensor is None:
        raise UnknownInput(f"unexpected inference input '{name[:SHOWN]}' for model '{model.name}'")
    return tensor


def check_datatype(received: str, tensor: Tensor, model: Interface) -> None:
    """Refuse another datatype than the input's.

    Raises:
        WrongType: It is one.
    """
    if received != tensor.dtype:
        raise WrongType(
            f"inference input '{tensor.name}' data-type is '{received[:40]}', "
            f"but model '{model.name}' expects '{tensor.dtype}'"
        )


def rows_of(sizes: Sequence[Any], tensor: Tensor, model: Interface, shown: Callable[[], str]) -> int:
    """The batch length that a shape declares; it may hold whatever a client wrote, and ``shown`` says what.

    Raises:
        WrongShape: It is not the input's.
        TooLarge: More rows than allowed, status 400 as Triton answers it.
    """
    sound = all(type(size) is int for size in sizes) and tuple(sizes[1:]) == tensor.shape and list(sizes[:1]) > [0]
    if not sound:
        raise WrongShape(
            f"unexpected shape for input '{tensor.name}' for model '{model.name}'. "
            f"Expected {compact((-1, *tensor.shape))}, got {shown()}."
        )
    check_rows(sizes[0], model)
    return int(sizes[0])


def compact(sizes: Sequence[int]) -> str:
    """A shape as Triton writes it."""
    return f"[{','.join(map(str, sizes))}]"


def check_rows(rows: int, model: Interface) -> None:
    """Refuse a request with more rows than allowed.

    Raises:
        TooLarge: It has, status 400 as Triton answers it.
    """
    if rows > model.max_rows:
        raise TooLarge(f"inference request batch-size must be <= {model.max_rows} for '{model.name}'", status=400)


def complete(arrays: dict[str, np.ndarray], model: Interface) -> dict[str, np.ndarray]:
    """Every input of the model, in its order, all of the same rows.

    Raises:
        MissingInput: One is not among those given.
        WrongShape: They differ in rows.
    """
    missing = [name for name in model.inputs if name not in arrays]
    if missing:
        got = ",".join(f"'{name}'" for name in arrays)
        lacking = ",".join(f"'{name}'" for name in missing)
        raise MissingInput(
            f"expected {len(model.inputs)} inputs but got {len(arrays)} inputs for model '{model.name}'. "
            f"Got input(s) [{got}], but missing required input(s) [{lacking}]. Please provide all required input(s)."
        )
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        raise WrongShape(f"Expected inputs of the same batch size. Received {lengths}.")
    return {name: arrays[name] for name in model.inputs}


def check_once(name: str, arrays: Container[str]) -> None:
    """Refuse an input that came before.

    Raises:
        MalformedRequest: It did.
    """
    if name in arrays:
        raise MalformedRequest(f"Expected each input once. Received '{name}' twice.")


def check_classes(name: str, model: Interface) -> None:
    """Refuse to tell the best classes of an output that has none.

    Raises:
        WrongType: Its numbers cannot be ordered.
        WrongShape: It has not one number a class.
    """
    tensor = model.outputs[name]
    if tensor.dtype == "BOOL":
        raise WrongType("class result not available for output due to unsupported type 'BOOL'")
    if len(tensor.shape) != 1:
        raise WrongShape(
            "Expected 'classification' of an output with one number a class. "
            f"Received it for output '{name}' of shape {[-1, *tensor.shape]}."
        )


def unknown_output(shown: str, model: Interface) -> UnknownInput:
    """What is wrong with a request for an output that the model does not have."""
    return UnknownInput(f"unexpected inference output '{shown[:SHOWN]}' for model '{model.name}'")


def refuse_shared_memory(parameters: Container[str], owner: str) -> None:
    """Refuse a tensor that lies in shared memory, or should.

    Raises:
        Unsupported: It does.
    """
    if SHARED_MEMORY in parameters:
        raise Unsupported(f"Shared memory is not served. Received '{SHARED_MEMORY}' in the parameters of {owner}.")

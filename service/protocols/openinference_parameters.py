"""Open Inference Protocol V2: what a request asks for beside its tensors, its parameters and its outputs.

References:
    NVIDIA, *Triton Inference Server protocol extensions*, binary data, classification, parameters, sequence and
    schedule policy, https://github.com/triton-inference-server/server/tree/main/docs/protocol (2025).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import simdjson

from service.errors import MalformedRequest, Unsupported
from service.interface import Interface
from service.json_faults import describe
from service.json_tensor import Document
from service.protocols.openinference_tensors import check_classes, refuse_shared_memory, unknown_output

SEQUENCES = ("sequence_id", "sequence_start", "sequence_end")
NONE: frozenset[str] = frozenset()


class Wanted(NamedTuple):
    """The outputs that a request asks for.

    Attributes:
        names: Each once, in the order of the answer.
        binary: Those that are sent as raw bytes.
        classes: How many best classes stand for an output's numbers, by name.
    """

    names: tuple[str, ...]
    binary: frozenset[str]
    classes: dict[str, int]


class Members:
    """The members of a JSON object, by key.

    Args:
        value: The parser's view of it.
        what: Its name in messages.

    Raises:
        MalformedRequest: It is no object, or has a key twice.
    """

    __slots__ = ("_value", "keys")

    def __init__(self, value: Any, what: str) -> None:
        if not isinstance(value, simdjson.Object):
            raise MalformedRequest(f"Expected {what} as a JSON object. Received {describe(value)}.")
        keys = list(value.keys())
        self._value = value
        self.keys = frozenset(keys)
        if len(self.keys) != len(keys):
            raise MalformedRequest(f"Expected each key of {what} once. Received a key twice.")

    def get(self, key: str) -> Any:
        """The value of a key; None without it, which costs the parser's own ``get`` forty times a hit."""
        return self._value[key] if key in self.keys else None


def read_parameters(parameters: Any) -> tuple[bool, float | None]:
    """Read the parameters of the whole request.

    Returns:
        Whether outputs are binary where they do not say, and the time in seconds that the answer may take.

    Raises:
        MalformedRequest: A reserved key, or a value of another type than its key has.
        Unsupported: The request belongs to a sequence.
    """
    if parameters is None:
        return False, None
    given = Members(parameters, "'parameters'")
    if any(key.startswith("triton_") for key in given.keys):
        raise MalformedRequest("Expected no parameter that begins with 'triton_', which are reserved.")
    if any(given.get(key) for key in SEQUENCES):  # 0, "" and false say that there is no sequence
        raise Unsupported("Sequences are not served: every request stands alone.")
    microseconds = whole_number(given, "timeout", "'parameters'")
    return bool(_flag(given, "binary_data_output", "'parameters'")), microseconds / 1e6 if microseconds else None


def _flag(parameters: Members, key: str, where: str) -> bool | None:
    value = parameters.get(key)
    if value is None or isinstance(value, bool):
        return value
    raise MalformedRequest(f"Unable to parse '{key}' in {where}. Expected true or false. Received {describe(value)}.")


def whole_number(parameters: Members, key: str, where: str) -> int | None:
    """A parameter that counts something, from 0; None where it is not given.

    Raises:
        MalformedRequest: It is no such number.
    """
    value = parameters.get(key)
    if value is None or (type(value) is int and value >= 0):
        return value
    raise MalformedRequest(
        f"Unable to parse '{key}' in {where}. Expected a whole number from 0. Received {describe(value)}."
    )


def read_outputs(document: Document, outputs: Any, binary: bool, model: Interface) -> Wanted:
    """Read the list of outputs that are asked for; without one, or with an empty one, it is all of them.

    Args:
        document: The body that the list belongs to.
        outputs: The list.
        binary: Whether outputs are binary where they do not say.
        model: Whose outputs they are.

    Raises:
        BadInput: In Triton's words, where it has any, naming the output.
        Unsupported: Half precision by JSON (status 400), or shared memory.
    """
    wanted = None if outputs is None else _named(document, outputs, binary, model)
    if wanted is None or not wanted.names:
        wanted = everything(model, binary)
    for name in wanted.names:
        if model.outputs[name].dtype == "FP16" and name not in wanted.binary and name not in wanted.classes:
            raise Unsupported(
                f"sending FP16 data via JSON is not supported. Ask for output '{name}' as binary data.", status=400
            )
    return wanted


def everything(model: Interface, binary: bool) -> Wanted:
    """All outputs of a model, in its order, all of them binary or none."""
    return Wanted(model.output_names, frozenset(model.output_names) if binary else NONE, {})


def _named(document: Document, outputs: Any, default: bool, model: Interface) -> Wanted:
    if not isinstance(outputs, simdjson.Array):
        raise MalformedRequest(f"Expected 'outputs' as a list. Received {describe(outputs)}.")
    document.brackets -= 1
    found: dict[str, tuple[bool, int]] = {}
    for entry in outputs:
        output = Members(entry, "an output")
        name = output.get("name")
        if not isinstance(name, str) or name not in model.outputs:
            raise unknown_output(name if isinstance(name, str) else describe(name), model)
        found.setdefault(name, _form(output.get("parameters"), name, default, model))
    binary = frozenset(name for name, (flag, _) in found.items() if flag)
    return Wanted(tuple(found), binary, {name: classes for name, (_, classes) in found.items() if classes})


def _form(parameters: Any, name: str, default: bool, model: Interface) -> tuple[bool, int]:
    """How one output is wanted: whether binary, and as how many classes, 0 for its numbers."""
    if parameters is None:
        return default, 0
    owner = f"output '{name}'"
    given = Members(parameters, f"'parameters' of {owner}")
    refuse_shared_memory(given.keys, owner)
    binary = _flag(given, "binary_data", owner)
    classes = whole_number(given, "classification", owner) or 0
    if classes:
        check_classes(name, model)
    return default if binary is None else binary, classes

"""Which stored versions may serve by themselves, and which wait: a change of the interface is the operator's.

A client that names no version must not meet other tensors overnight. So the interface of a name is that of the highest
version that an operator has named, or of the lowest stored one; a version with another waits until it is named: in the
configuration file, or by a label. The rule looks at the store only, so that every start comes to the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable

from service.artifact import read_signature
from service.errors import ArtifactError
from service.signature import InputTensor, Signature
from service.store import Stored

Tensors = tuple[tuple[object, ...], ...]
WAITS = (
    "Its tensors differ from those of version {number}: {difference}. "
    "It waits until the configuration or a label names it."
)


class Acceptance:
    """Compares the interfaces of stored versions; each signature is read once."""

    def __init__(self) -> None:
        self._known: dict[Stored, tuple[tuple[int, int], Tensors | None]] = {}

    def waiting(self, versions: Iterable[Stored], named: frozenset[int], accepted: frozenset[int]) -> dict[int, str]:
        """The versions that wait, and why.

        Args:
            versions: Those of one model that are sound as far as is known.
            named: Those that an operator has named, which never wait.
            accepted: Those of them whose interface is accepted for the name: named to serve, not only to be tried.
        """
        interfaces = {s.version: found for s in versions if (found := self._tensors(s)) is not None}
        if not interfaces:
            return {}
        base = max(interfaces.keys() & accepted, default=min(interfaces))
        return {
            number: WAITS.format(number=base, difference=_difference(interfaces[base], tensors))
            for number, tensors in interfaces.items()
            if tensors != interfaces[base] and number not in named
        }

    def forget(self, stored: Iterable[Stored]) -> None:
        """Forget all versions but these."""
        kept = set(stored)
        self._known = {one: known for one, known in self._known.items() if one in kept}

    def _tensors(self, stored: Stored) -> Tensors | None:
        """The interface of a version; None if it cannot be read, which its load will report."""
        state = stored.state
        known = self._known.get(stored)
        if known is None or known[0] != state:
            try:
                known = state, tensors(read_signature(stored.folder))
            except ArtifactError:
                known = state, None
            self._known[stored] = known
        return known[1]


def tensors(signature: Signature) -> Tensors:
    """What clients send and receive: names, datatypes and shapes in order."""
    return tuple(
        ("input" if isinstance(tensor, InputTensor) else "output", tensor.name, tensor.dtype, tensor.shape)
        for tensor in (*signature.inputs, *signature.outputs)
    )


def _difference(base: Tensors, other: Tensors) -> str:
    """The first tensor that differs, for people."""
    for before, after in zip(base, other, strict=False):
        if before != after:
            return f"{_text(after)} instead of {_text(before)}"
    longer = base if len(base) > len(other) else other
    return f"{'lacks' if longer is base else 'has'} {_text(longer[min(len(base), len(other))])}"


def _text(tensor: tuple[object, ...]) -> str:
    side, name, dtype, shape = tensor
    return f"{side} {name} {dtype} {list(shape)}"  # type: ignore[call-overload]  # a shape is a tuple

"""A version whose tensors differ from the accepted ones waits until an operator names it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from service import acceptance
from service.acceptance import Acceptance, tensors
from service.artifact import read_signature
from service.signature import Signature
from service.store import Stored
from tests.toy_signatures import document, output, signature, tensor

WIDE: dict[str, Any] = {"inputs": [tensor(shape=(3,))]}
NOBODY: frozenset[int] = frozenset()


def store(folder: Path, version: int, **changes: Any) -> Stored:
    """A version of which only the signature is there."""
    place = folder / str(version)
    place.mkdir(exist_ok=True)
    (place / "signature.json").write_text(json.dumps(document(**changes)))
    (place / "manifest.json").write_text(json.dumps(changes))
    return Stored("xor", version, place)


def test_the_same_tensors_never_wait(tmp_path: Path) -> None:
    """Whatever else differs, versions with the same tensors serve by themselves."""
    versions = [store(tmp_path, 1), store(tmp_path, 2, task="regression"), store(tmp_path, 3)]
    assert Acceptance().waiting(versions, NOBODY, NOBODY) == {}
    assert Acceptance().waiting([], NOBODY, NOBODY) == {}


DIFFERENCES: list[tuple[dict[str, Any], str]] = [
    (WIDE, "input x FP32 [3] instead of input x FP32 [2]"),
    ({"inputs": [tensor("z")]}, "input z FP32 [2] instead of input x FP32 [2]"),
    ({"inputs": [tensor(dtype="FP64")]}, "input x FP64 [2] instead of input x FP32 [2]"),
    ({"outputs": [output(shape=(2,))]}, "output y FP32 [2] instead of output y FP32 [1]"),
    ({"inputs": [tensor(), tensor("z")]}, "input z FP32 [2] instead of output y FP32 [1]"),
    ({"outputs": [output(), output("z", ())]}, "has output z FP32 []"),
]


@pytest.mark.parametrize(("changes", "difference"), DIFFERENCES)
def test_the_first_difference_is_named(tmp_path: Path, changes: dict[str, Any], difference: str) -> None:
    """The reason has the version that was accepted and the first tensor that differs."""
    waiting = Acceptance().waiting([store(tmp_path, 2, **changes), store(tmp_path, 1)], NOBODY, NOBODY)
    assert list(waiting) == [2]
    assert f"differ from those of version 1: {difference}." in waiting[2]


def test_a_tensor_less_is_named(tmp_path: Path) -> None:
    """A version that lacks the last tensor says so."""
    two = {"outputs": [output(), output("z")]}
    waiting = Acceptance().waiting([store(tmp_path, 1, **two), store(tmp_path, 2)], NOBODY, NOBODY)
    assert "lacks output z FP32 [1]" in waiting[2]


def test_the_lowest_version_sets_the_tensors(tmp_path: Path) -> None:
    """With nobody named, all that differ from the lowest stored version wait, those of a third kind too."""
    versions = [store(tmp_path, 4, **WIDE), store(tmp_path, 3), store(tmp_path, 2, inputs=[tensor("z")])]
    assert sorted(Acceptance().waiting(versions, NOBODY, NOBODY)) == [3, 4]


@pytest.mark.parametrize(
    ("named", "waits"), [([], [3, 4]), ([1], [3, 4]), ([3], [1, 2]), ([1, 4], [2]), ([3, 1], [2]), ([99], [3, 4])]
)
def test_the_highest_named_version_sets_the_tensors(tmp_path: Path, named: list[int], waits: list[int]) -> None:
    """Named versions never wait; the others follow the highest of those that are stored."""
    versions = [store(tmp_path, n, **WIDE) if n > 2 else store(tmp_path, n) for n in (1, 2, 3, 4)]
    assert sorted(Acceptance().waiting(versions, frozenset(named), frozenset(named))) == waits


@pytest.mark.parametrize(("named", "accepted", "waits"), [([4], [], [3]), ([4, 1], [1], [3]), ([2, 3], [3], [1])])
def test_a_trial_does_not_accept_other_tensors(
    tmp_path: Path, named: list[int], accepted: list[int], waits: list[int]
) -> None:
    """A version that is named to be tried only does not wait, and the others do not follow it."""
    versions = [store(tmp_path, n, **WIDE) if n > 2 else store(tmp_path, n) for n in (1, 2, 3, 4)]
    assert sorted(Acceptance().waiting(versions, frozenset(named), frozenset(accepted))) == waits


def test_a_version_that_cannot_be_read_does_not_count(tmp_path: Path) -> None:
    """It neither waits nor sets the tensors: its load will report what is wrong with it."""
    versions = [store(tmp_path, 1), store(tmp_path, 2, **WIDE), store(tmp_path, 3, **WIDE)]
    (tmp_path / "1" / "signature.json").write_text("{")
    assert Acceptance().waiting(versions, NOBODY, NOBODY) == {}
    assert Acceptance().waiting(versions[:1], NOBODY, NOBODY) == {}


def test_a_signature_is_read_once_and_again_when_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as its manifest is the same, a version is not read again; what is forgotten is."""
    reads: list[str] = []

    def read(folder: Path) -> Signature:
        reads.append(folder.name)
        return read_signature(folder)

    monkeypatch.setattr(acceptance, "read_signature", read)
    subject = Acceptance()
    versions = [store(tmp_path, 1), store(tmp_path, 2, **WIDE)]
    for _ in range(3):
        assert list(subject.waiting(versions, NOBODY, NOBODY)) == [2]
        subject.forget(versions)
    assert reads == ["1", "2"]
    store(tmp_path, 2)
    assert subject.waiting(versions, NOBODY, NOBODY) == {}
    assert reads == ["1", "2", "2"]
    subject.forget(versions[:1])
    subject.waiting(versions, NOBODY, NOBODY)
    assert reads == ["1", "2", "2", "2"]


def test_what_clients_do_not_see_is_no_tensor() -> None:
    """Descriptions, ranges and tolerances may change from version to version."""
    one = signature()
    ranged = {**tensor(), "minimum": 0.0, "maximum": 1.0, "description": "Others."}
    loose = {**output(), "rtol": 0.5, "atol": 0.5, "description": "Others."}
    assert tensors(one) == tensors(signature(inputs=[ranged], outputs=[loose], name="xor", task="regression"))
    assert tensors(one) != tensors(signature(inputs=[tensor(), tensor("z")]))

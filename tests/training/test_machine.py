"""`training.machine`."""

import json

import pytest

from training.errors import MachineError
from training.machine import Machine

WORKERS = {"worker": ["127.0.0.1:1", "127.0.0.1:2"]}


def _cluster(index: int, workers: dict[str, list[str]] | None = None) -> str:
    return json.dumps({"cluster": workers or WORKERS, "task": {"type": "worker", "index": index}})


def test_the_first_worker_is_the_chief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of several workers the first stores what is trained; a process of its own does, whatever TF_CONFIG says."""
    monkeypatch.setenv("TF_CONFIG", _cluster(1))
    assert Machine().is_chief
    assert not Machine(distribute="workers").is_chief
    monkeypatch.setenv("TF_CONFIG", _cluster(0))
    assert Machine(distribute="workers").is_chief


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "{}",
        "[]",
        _cluster(2),
        _cluster(0, {"chief": ["a:1"], "worker": ["b:1"]}),
        _cluster(0, {"ps": ["a:1"]}),
    ],
)
def test_workers_must_be_listed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """A TF_CONFIG without workers, or without this one among them, is refused with the form that is expected."""
    monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(MachineError, match=r'^Expected TF_CONFIG to be \{"cluster": .* Received '):
        Machine(distribute="workers")


def test_one_place_at_a_time() -> None:
    """A device and a distribution exclude each other."""
    with pytest.raises(MachineError, match=r"^Expected either one device or mirrored\. Received both\."):
        Machine(device="cpu", distribute="mirrored")

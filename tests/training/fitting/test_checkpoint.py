"""`training.fitting.checkpoint`."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest

from training.errors import MachineError
from training.fitting import checkpoint as module
from training.fitting.checkpoint import Checkpoint
from training.fitting.state import State


class _State:
    """Stands for a state: all that is asked of it are its bytes."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def to_bytes(self) -> bytes:
        return self._content


def _state(content: bytes) -> State:
    return cast(State, _State(content))


def _interrupt(checkpoint: Checkpoint) -> None:
    with checkpoint:
        checkpoint.keep(_state(b"first"))
        checkpoint.keep(_state(b"second"))
        raise KeyboardInterrupt


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the state goes; the folder is not there yet."""
    return tmp_path / "state" / "run.npz"


def test_an_interrupted_run_leaves_its_last_state(path: Path) -> None:
    """However recent the last state is, it is on the disk after Ctrl-C, alone."""
    assert Checkpoint(path).read() == b""
    with pytest.raises(KeyboardInterrupt):
        _interrupt(Checkpoint(path))
    assert Checkpoint(path).read() == b"second"
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_run_that_ended_leaves_nothing(path: Path) -> None:
    """At the end the file is gone, whether this run or the one before it wrote it."""
    path.parent.mkdir()
    path.write_bytes(b"former")
    with Checkpoint(path) as checkpoint:
        assert checkpoint.read() == b"former"
        checkpoint.keep(_state(b"new"))
    assert list(path.parent.iterdir()) == []


def test_states_are_written_now_and_then(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With three seconds an epoch every other state is written."""
    clock = iter(range(0, 100, 3))
    monkeypatch.setattr(module.time, "monotonic", lambda: float(next(clock)))
    written: list[bytes] = []
    monkeypatch.setattr(module, "_replace", lambda _, content: written.append(content))
    with Checkpoint(path) as checkpoint:
        for number in range(5):
            checkpoint.keep(_state(str(number).encode()))
    assert written == [b"1", b"3"]


def test_nothing_is_kept_unless_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a path nothing is written, interrupted or not."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        _interrupt(Checkpoint(None))
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    """A folder that cannot be made is told with its reason."""
    (tmp_path / "file").touch()
    with pytest.raises(MachineError, match=r"^Expected to write the state .* Received .*file"):
        _interrupt(Checkpoint(tmp_path / "file" / "run.npz"))


KILLED = """
import os, signal, sys
from pathlib import Path
from training.fitting import checkpoint
os.fsync = lambda handle: os.kill(os.getpid(), signal.SIGKILL)
checkpoint._replace(Path(sys.argv[1]), b"new" * 1_000_000)
"""


def test_a_kill_within_writing_leaves_the_former_state(path: Path) -> None:
    """A process that is killed before the new content counts leaves the former one."""
    path.parent.mkdir()
    path.write_bytes(b"former")
    command = [sys.executable, "-c", KILLED, path]
    done = subprocess.run(command, cwd=Path(__file__).parents[3], timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    assert path.read_bytes() == b"former"

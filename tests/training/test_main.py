"""`python -m training`: the command line, in processes of their own where the process matters."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.training.conftest import DATA_DIR
from training.__main__ import main
from training.presets import NAMES

ROOT = Path(__file__).parents[2]
SLOW = {"tensorflow", "keras", "bentoml", "onnx", "pandas", "matplotlib", "sklearn", "scipy"}
"""What takes seconds to import, and is needed for training only."""


def _start(home: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "training", *arguments],
        cwd=ROOT,
        env={**os.environ, "BENTOML_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _run(home: Path, *arguments: str) -> tuple[int, str, str]:
    process = _start(home, *arguments)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def _imported(home: Path, *arguments: str) -> set[str]:
    """The top-level packages that a command line imports, as the interpreter itself lists them."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "training", *arguments],
        cwd=ROOT,
        env={**os.environ, "BENTOML_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rsplit("|", 1)[1].strip().split(".")[0] for line in lines}


def _put(home: Path, name: str) -> None:
    (home / "models" / name / "1").mkdir(parents=True)
    (home / "models" / name / "1" / "manifest.json").write_text("{}")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--help"], 0),
        (["mnist", "--help"], 0),
        (["list"], 0),
        (["models"], 0),
        (["nonsense"], 2),
        (["all", "--preset", "x"], 2),
        (["all", "--as", "x"], 2),
        ([], 2),
    ],
)
def test_help_lists_and_mistakes_are_fast(tmp_path: Path, arguments: list[str], expected: int) -> None:
    """Without anything to train, neither TensorFlow nor what else is slow is waited for."""
    status, out, err = _run(tmp_path, *arguments)
    assert status == expected
    assert "Traceback" not in out + err
    assert not _imported(tmp_path, *arguments) & SLOW


def test_nothing_missing_is_fast(tmp_path: Path) -> None:
    """`all --missing` with a full store says so at once and trains nothing."""
    for name in NAMES:
        _put(tmp_path, name)
    status, out, _ = _run(tmp_path, "all", "--missing")
    assert status == 0
    assert all(f"{name}:1" in out for name in NAMES)
    imported = _imported(tmp_path, "all", "--missing")
    assert "training" in imported
    assert not imported & SLOW


def test_damaged_data_is_one_line(tmp_path: Path) -> None:
    """A damaged file: one line that names it, status 1, and not a word of TensorFlow's."""
    data = tmp_path / "data"
    shutil.copytree(DATA_DIR / "fashion-mnist", data / "fashion-mnist")
    shutil.copy(DATA_DIR / "SHA256SUMS", data)
    with (data / "fashion-mnist" / "t10k-images-idx3-ubyte.gz").open("r+b") as file:
        file.write(b"x")
    status, out, err = _run(tmp_path / "home", "fashion", "--data", str(data))
    assert status == 1
    assert out == "fashion: training mlp-sigmoid-tanh, 40 epochs, seed 0\n"
    assert err.count("\n") == 1
    assert "t10k-images-idx3-ubyte.gz" in err
    assert not (tmp_path / "home" / "models").exists()


def _interrupt(process: subprocess.Popen[str]) -> str:
    """Press Ctrl-C, as often as it takes: Python drops one that comes while a finalizer or a callback of C runs."""
    for _ in range(4):
        process.send_signal(signal.SIGINT)
        try:
            return process.communicate(timeout=20)[1]
        except subprocess.TimeoutExpired:
            continue
    process.kill()
    raise AssertionError("Ctrl-C did not end it")


def test_ctrl_c_can_be_gone_on_from(tmp_path: Path) -> None:
    """Ctrl-C in the middle of training: status 130, the store as it was, and a state to go on from."""
    process = _start(tmp_path, "xor", "--epochs", "100000")
    assert process.stdout is not None
    while "epoch 1/" not in (line := process.stdout.readline()):
        assert line, "ended before the first epoch"
    err = _interrupt(process)
    assert process.returncode == 130
    assert err == (
        "xor: --resume goes on after the last epoch that was done.\n"
        "Interrupted. What was not finished is not in the store.\n"
    )
    assert not (tmp_path / "models").exists()
    assert {path.name for path in (tmp_path / "staging" / "xor").iterdir()} == {"lock"}
    process = _start(tmp_path, "xor", "--epochs", "100000", "--resume")
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(2)]
    _interrupt(process)
    assert re.fullmatch(r"xor: going on after epoch [1-9]\d*\n", lines[1]), lines


@pytest.mark.parametrize(
    "arguments",
    [["xor", "--preset", "nope"], ["xor", "--epochs", "0"], ["xor", "--seed", "-1"], ["xor", "--as", "A/b"]],
)
def test_refusals_are_one_line(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the command line cannot do is told in one line with rule and value, status 1."""
    monkeypatch.setenv("BENTOML_HOME", str(tmp_path))
    assert main(arguments) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert err.startswith("Expected")
    assert "Received" in err

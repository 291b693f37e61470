"""`training.fitting.distribution`: several devices and several processes do what one device does."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from tests.training.distributed_run import write
from tests.training.small_run import CONFIG, dataset, interrupted, trained
from training.errors import MachineError
from training.fitting.distribution import check_shares, lost_workers, strategy_of
from training.machine import Machine

ROOT = Path(__file__).parents[3]

Run = dict[str, np.ndarray]


def _start(kind: str, folder: Path, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.training.distributed_run", kind, folder],
        cwd=ROOT,
        env={**os.environ, **environment},
        stderr=subprocess.PIPE,
        text=True,
    )


def _read(path: Path) -> Run:
    with np.load(path) as arrays:
        return dict(arrays)


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """What one device makes of the small run."""
    path = tmp_path_factory.mktemp("single") / "single.npz"
    write(path, trained(plain=True))
    return _read(path)


def _same_but_for_rounding(run: Run, single: Run) -> bool:
    return run.keys() == single.keys() and all(np.allclose(run[key], single[key], rtol=0, atol=1e-5) for key in single)


def test_two_devices_do_what_one_does(tmp_path: Path, single: Run) -> None:
    """Weights, losses and metrics of two mirrored devices are those of one, though batches do not divide by two."""
    process = _start("mirrored", tmp_path)
    _, err = process.communicate(timeout=150)
    assert process.returncode == 0, err
    assert _same_but_for_rounding(_read(tmp_path / "mirrored.npz"), single)
    assert {folder.name for folder in (tmp_path / "logs").iterdir()} == {"train", "validation"}


def _free_ports() -> list[int]:
    with socket.socket() as first, socket.socket() as second:
        for each in (first, second):
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in (first, second)]


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, list[subprocess.Popen[str]]]]:
    """Two worker processes and the folder that they write to; the state of an interrupted run lies ready in it."""
    folder = tmp_path_factory.mktemp("workers")
    interrupted(Machine(state=folder / "state"), plain=True)
    cluster = {"worker": [f"127.0.0.1:{port}" for port in _free_ports()]}
    configs = [json.dumps({"cluster": cluster, "task": {"type": "worker", "index": index}}) for index in (0, 1)]
    processes = [_start("workers", folder, TF_CONFIG=config) for config in configs]
    yield folder, processes
    for process in processes:
        process.kill()
        process.communicate()


def _wait_for(path: Path, processes: list[subprocess.Popen[str]]) -> Run:
    until_s = time.monotonic() + 150
    while not path.exists():
        assert all(process.poll() is None for process in processes), "a worker has ended"
        assert time.monotonic() < until_s, f"no {path.name}"
        time.sleep(0.05)
    return _read(path)


@pytest.mark.parametrize("what", ["worker", "resumed"])
def test_two_workers_do_what_one_process_does(
    workers: tuple[Path, list[subprocess.Popen[str]]], single: Run, what: str
) -> None:
    """Both have the same weights, bit for bit, and but for rounding those of one process.

    So it is too if they go on from a state that the chief alone can read.
    """
    folder, processes = workers
    first, second = (_wait_for(folder / f"{what}-{number}.npz", processes) for number in (0, 1))
    assert all(np.array_equal(first[key], second[key]) for key in first)
    assert _same_but_for_rounding(first, single)


def test_a_lost_worker_ends_the_other(workers: tuple[Path, list[subprocess.Popen[str]]]) -> None:
    """When one worker is killed, the other does not wait for ever: it ends with a sentence."""
    folder, (chief, other) = workers
    _wait_for(folder / "resumed-1.npz", [chief, other])
    chief.send_signal(signal.SIGKILL)
    _, err = other.communicate(timeout=150)
    assert other.returncode == 1
    assert "Expected all workers to stay. Received" in err


def test_device() -> None:
    """A device of this machine gives what is found by itself, bit for bit; one that is not there is refused."""
    found, asked = trained()[0], trained(machine=Machine(device="cpu"))[0]
    assert all(np.array_equal(a, b) for a, b in zip(found.get_weights(), asked.get_weights(), strict=True))
    with pytest.raises(MachineError, match=r"^Expected a device of this machine: cpu:0.*\. Received 'gpu:7'\."):
        strategy_of(Machine(device="gpu:7"))


@pytest.mark.parametrize(("batch_rows", "rows", "fewest"), [(3, 45, 3), (8, 43, 3), (8, 41, 1), (8, 2, 2)])
def test_every_device_needs_a_row(batch_rows: int, rows: int, fewest: int) -> None:
    """Batches smaller than the number of devices are refused, the last of an epoch included."""
    four = SimpleNamespace(num_replicas_in_sync=4)
    check_shares(four, CONFIG, dataset(44))
    with pytest.raises(MachineError, match=rf"^Expected at least 4 rows in every batch, .* Received {fewest}\.$"):
        check_shares(four, replace(CONFIG, batch_rows=batch_rows), dataset(rows))


def test_errors_of_one_process_are_its_own() -> None:
    """Without other workers TensorFlow's error is not taken for a lost one."""
    with pytest.raises(tf.errors.UnavailableError), lost_workers(Machine()):
        raise tf.errors.UnavailableError(None, None, "x")

"""The choice between the engines, and the interface that both have."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from service.engines import engine
from service.engines.engine import Engine, choose, load
from service.engines.onnxruntime import OnnxRuntimeEngine
from service.errors import ArtifactError, SettingsError
from tests.toy_engines import SIGNATURE, answers, rows, same

TENSORFLOW = "service.engines.tensorflow"


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Machine:
    """A machine that is as the test says."""
    return Machine(monkeypatch, tmp_path)


class Machine:
    """What is installed and what is plugged in."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self._patch = monkeypatch
        self._driver = folder / "version"
        self.asked = 0

    def has(self, *, tensorflow: bool, driver: bool, gpu: bool) -> None:
        """Pretend."""
        real = importlib.util.find_spec
        hidden = {"tensorflow": object() if tensorflow else None}
        self._patch.setattr(importlib.util, "find_spec", lambda name, *more: hidden.get(name) or real("json"))
        if not tensorflow:
            self._patch.setattr(importlib.util, "find_spec", lambda name, *more: None)
        if driver:
            self._driver.touch()
        self._patch.setattr(engine, "NVIDIA_DRIVER", self._driver)
        module = ModuleType(TENSORFLOW)
        module.has_gpu = lambda: self._count(gpu)  # type: ignore[attr-defined]
        self._patch.setitem(sys.modules, TENSORFLOW, module)

    def _count(self, gpu: bool) -> bool:
        self.asked += 1
        return gpu


@pytest.mark.parametrize(
    ("tensorflow", "driver", "gpu", "chosen"),
    [
        (True, True, True, "tensorflow"),
        (True, True, False, "onnxruntime"),
        (True, False, True, "onnxruntime"),
        (False, True, True, "onnxruntime"),
        (False, False, False, "onnxruntime"),
    ],
)
def test_auto_takes_tensorflow_where_it_sees_a_gpu(
    machine: Machine, tensorflow: bool, driver: bool, gpu: bool, chosen: str
) -> None:
    """TensorFlow is chosen only if it is installed and sees a GPU; else ONNX Runtime."""
    machine.has(tensorflow=tensorflow, driver=driver, gpu=gpu)
    assert choose("auto") == chosen
    assert machine.asked == (tensorflow and driver), "TensorFlow is not imported without need"


def test_a_set_engine_is_taken(machine: Machine) -> None:
    """A setting other than auto is followed whatever the machine has, and imports nothing."""
    machine.has(tensorflow=True, driver=True, gpu=True)
    assert choose("onnxruntime") == "onnxruntime"
    machine.has(tensorflow=True, driver=False, gpu=False)
    assert choose("tensorflow") == "tensorflow"
    assert machine.asked == 0


def test_an_engine_that_is_not_installed_is_refused(machine: Machine) -> None:
    """Asking for TensorFlow where it is not installed is a faulty setting, and the sentence says what to add."""
    machine.has(tensorflow=False, driver=True, gpu=True)
    with pytest.raises(SettingsError, match=r"KERAS_SERVE_ENGINE is tensorflow, which is not installed.*extra gpu"):
        choose("tensorflow")


def test_load_gives_an_engine(toy_home: Path) -> None:
    """What is loaded has the interface of an engine and answers in the signature's order."""
    subject: Engine = load("onnxruntime", toy_home / "models" / "toy" / "1", SIGNATURE, 1)
    assert isinstance(subject, OnnxRuntimeEngine)
    assert (subject.name, subject.device) == ("onnxruntime", "CPU")
    assert same(subject.run({"x": rows(1, 2)}), answers(rows(1, 2)))


def test_load_refuses_a_folder_without_a_model(tmp_path: Path) -> None:
    """A folder in which the engine's file is missing is no artifact."""
    with pytest.raises(ArtifactError):
        load("onnxruntime", tmp_path, SIGNATURE, 1)

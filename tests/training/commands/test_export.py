"""`training.commands.export`."""

import argparse
import subprocess
import sys
from pathlib import Path

import keras
import pytest

from training.commands import export
from training.errors import ForeignModelError, StoreError, TrainingError


def _parsed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    export.add(parser.add_subparsers())
    return parser.parse_args(["export", *arguments])


def test_what_is_stored_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Tag, inputs with datatype, shape and range, and outputs: what a client has to know."""
    monkeypatch.setenv("BENTOML_HOME", str(tmp_path))
    x = keras.Input((6,), dtype="int32", name="words")
    layer = keras.layers.Embedding(50, 4)
    keras.Model(x, {"score": keras.layers.Flatten()(layer(x))}).save(tmp_path / "some.keras")
    assert export.run(_parsed(str(tmp_path / "some.keras"), "--name", "some", "--seed", "5")) == 0
    drawn, stored = capsys.readouterr().out.splitlines()
    assert drawn == "64 example rows were drawn with seed 5."
    assert stored.startswith("some:1 is stored: words INT32 [6] from 0 to 49 to score FP32 [24] (")
    assert (tmp_path / "models" / "some" / "1" / "manifest.json").is_file()


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (("nowhere.keras", "--name", "A/b"), StoreError),
        (("sound.keras", "--name", "mnist"), StoreError),
        (("sound.keras", "--name", "some", "--seed", "-1"), ForeignModelError),
        (("nowhere.keras", "--name", "some"), ForeignModelError),
        (("empty.keras", "--name", "some"), ForeignModelError),
        (("sound.keras", "--name", "some", "--fields", "nowhere.json"), ForeignModelError),
    ],
)
def test_mistakes_are_told_before_a_framework_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], fault: type[TrainingError]
) -> None:
    """Name, file and fields are looked at first; the model is never loaded."""
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).save(tmp_path / "sound.keras")
    (tmp_path / "empty.keras").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("training.foreign.bring.bring", lambda *_, **__: pytest.fail("the model was loaded"))
    with pytest.raises(fault):
        export.run(_parsed(*arguments))


def test_looking_needs_no_framework() -> None:
    """What the command imports before it has looked at its arguments is there at once."""
    slow = ("tensorflow", "keras", "bentoml", "onnx", "pandas", "matplotlib", "sklearn")
    command = f"import sys, training.commands.export; print([m for m in {slow} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

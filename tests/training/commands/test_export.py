"""`training.commands.export`."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.training.export.exporting import run_onnx
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
        (("sound.keras", "--name", "some", "--precision", "int8"), ForeignModelError),
        (("sound.keras", "--name", "some", "--precision", "int8", "--calibration", "rows.npz"), ForeignModelError),
        (("sound.keras", "--name", "some", "--precision", "int8", "--examples", "rows.npz"), ForeignModelError),
        (("sound.keras", "--name", "some", "--calibration", "rows.npz"), ForeignModelError),
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


def test_int8_from_rows_of_a_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With rows to take scales from and others to measure by, the card tells differences, and claims no quality."""
    monkeypatch.setenv("BENTOML_HOME", str(tmp_path))
    x = keras.Input((6,), name="x")
    keras.Model(x, {"y": keras.layers.Dense(1)(keras.layers.Dense(9, "relu")(x))}).save(tmp_path / "some.keras")
    rows = np.random.default_rng(0).normal(size=(120, 6)).astype(np.float32)
    files = {"calibration": rows[:80], "examples": rows[80:]}
    for name, part in files.items():
        np.savez(tmp_path / f"{name}.npz", x=part)
    given = [word for name in files for word in (f"--{name}", str(tmp_path / f"{name}.npz"))]
    arguments = [str(tmp_path / "some.keras"), "--name", "some", "--precision", "int8", *given]
    assert export.run(_parsed(*arguments)) == 0
    folder = tmp_path / "models" / "some" / "1"
    card = (folder / "report" / "card.md").read_text(encoding="utf-8")
    assert "by the ranges that each layer had on the 80 rows that were given for this" in card
    assert "measured on the 40 example rows" in card
    assert "How much quality was lost is not known here" in card
    with np.load(folder / "examples.npz") as arrays:
        apart = np.abs(run_onnx(folder, [arrays["inputs/x"]])[0] - arrays["outputs/y"]).max()
    atol = json.loads((folder / "signature.json").read_text())["outputs"][0]["atol"]
    assert 1.5 * apart <= atol < 1.7 * apart


def test_looking_needs_no_framework() -> None:
    """What the command imports before it has looked at its arguments is there at once."""
    slow = ("tensorflow", "keras", "bentoml", "onnx", "pandas", "matplotlib", "sklearn")
    command = f"import sys, training.commands.export; print([m for m in {slow} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

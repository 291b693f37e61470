"""`training.commands.train`, the training itself replaced."""

from pathlib import Path

import pytest

from training.__main__ import main
from training.config import TrainingConfig
from training.evaluation.comparison import Difference
from training.machine import Machine
from training.presets import NAMES
from training.run import Outcome


def _put(home: Path, name: str) -> None:
    (home / "models" / name / "1").mkdir(parents=True)
    (home / "models" / name / "1" / "manifest.json").write_text("{}")


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[str, str, int, int]]:
    """Replaces the training: notes (stored name, preset, epochs, seed) and stores an empty artifact."""
    calls = []

    def note(config: TrainingConfig, name: str, *_: object, **__: object) -> Outcome:
        calls.append((name, config.preset, config.epochs, config.seed))
        return Outcome(f"{name}:1", {bound.metric: 1.0 for bound in config.gate}, None, 1.0)

    monkeypatch.setattr("training.run.run", note)
    monkeypatch.setenv("BENTOML_HOME", str(tmp_path))
    return calls


def test_options_reach_the_training(trained: list[tuple[str, str, int, int]]) -> None:
    """Name, epochs and seed of the command line are those trained with."""
    assert main(["xor", "--as", "customers", "--epochs", "7", "--seed", "3"]) == 0
    assert trained == [("customers", "hidden-16", 7, 3)]


def test_all_means_every_model(trained: list[tuple[str, str, int, int]]) -> None:
    """`all` trains the default preset of every model under its name."""
    assert main(["all"]) == 0
    assert [call[0] for call in trained] == list(NAMES)


def test_only_the_missing(trained: list[tuple[str, str, int, int]], tmp_path: Path) -> None:
    """What has a version is not trained again."""
    _put(tmp_path, "mnist")
    assert main(["all", "--missing"]) == 0
    assert [call[0] for call in trained] == [name for name in NAMES if name != "mnist"]


def test_the_machine_is_what_was_asked_for(
    trained: list[tuple[str, str, int, int]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Device, logs and resuming reach the training; each model has a folder of its own for logs and state."""
    machines = []
    monkeypatch.setattr("training.run.run", lambda *arguments, **_: machines.append(arguments[4]))
    assert main(["xor", "--device", "cpu", "--tensorboard", str(tmp_path / "logs"), "--resume"]) == 0
    assert machines == [
        Machine(
            device="cpu",
            tensorboard=tmp_path / "logs" / "xor",
            state=tmp_path / "interrupted" / "xor",
            resume=True,
        )
    ]


def test_two_places_are_refused(trained: list[tuple[str, str, int, int]], capsys: pytest.CaptureFixture[str]) -> None:
    """One device and several at once: one line, and nothing is trained."""
    assert main(["xor", "--device", "cpu", "--distribute", "mirrored"]) == 1
    assert capsys.readouterr().err.startswith("Expected either one device or mirrored.")
    assert trained == []


def test_mixed_precision_is_part_of_the_configuration(
    monkeypatch: pytest.MonkeyPatch, trained: list[tuple[str, str, int, int]]
) -> None:
    """It changes the weights, so the manifest must know of it."""
    configs = []
    monkeypatch.setattr("training.run.run", lambda config, *_, **__: configs.append(config))
    for words in ([], ["--mixed-precision"]):
        assert main(["xor", *words]) == 0
    assert [config.mixed_precision for config in configs] == [False, True]


def test_int8_is_part_of_the_configuration(
    monkeypatch: pytest.MonkeyPatch, trained: list[tuple[str, str, int, int]], capsys: pytest.CaptureFixture[str]
) -> None:
    """It has a name of its own unless one is given, and the summary tells both precisions."""
    asked = []

    def note(config: TrainingConfig, name: str, *_: object, **__: object) -> Outcome:
        asked.append((name, config.precision))
        return Outcome(f"{name}:1", {"test_accuracy": 0.75, "fp32_accuracy": 0.875}, None, 1.0)

    monkeypatch.setattr("training.run.run", note)
    for words in ([], ["--as", "xor"], ["--preset", "hidden-32"]):
        assert main(["xor", "--precision", "int8", *words]) == 0
    assert asked == [("xor-int8", "int8"), ("xor", "int8"), ("xor-hidden-32-int8", "int8")]
    out = capsys.readouterr().out
    assert "xor-int8:1 is stored: test_accuracy 0.7500" in out
    assert "The same weights in fp32: test_accuracy 0.8750" in out


def test_a_difference_is_told(
    monkeypatch: pytest.MonkeyPatch, trained: list[tuple[str, str, int, int]], capsys: pytest.CaptureFixture[str]
) -> None:
    """If there was a version before, the summary says how the new one differs."""
    difference = Difference("test_accuracy", 0.75, 0.5, 0.25, 0.125, 0.375)
    monkeypatch.setattr("training.run.run", lambda *_, **__: Outcome("xor:2", {"test_accuracy": 0.75}, difference, 1.0))
    assert main(["xor"]) == 0
    out = capsys.readouterr().out
    assert "xor:2 is stored: test_accuracy 0.7500" in out
    assert str(difference) in out


@pytest.mark.parametrize(
    "arguments",
    [
        ["flights", "--preset", "mlp-5-4-3", "--as", "flights"],
        ["fashion", "--as", "mnist"],
        ["xor", "--as", "flights"],
    ],
)
def test_a_shared_name_keeps_its_tensors(
    trained: list[tuple[str, str, int, int]], capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    """A model with other tensors, or of other data, is no version of a model that others are versions of."""
    assert main(arguments) == 1
    assert capsys.readouterr().err.startswith("Expected a name of its own")
    assert trained == []


def test_another_preset_of_the_same_tensors_may_bear_the_name(trained: list[tuple[str, str, int, int]]) -> None:
    """A preset with the interface of the default can become its next version."""
    assert main(["mnist", "--preset", "functional-64-64", "--as", "mnist"]) == 0
    assert trained[0][:2] == ("mnist", "functional-64-64")


def test_patience_is_part_of_the_configuration(
    monkeypatch: pytest.MonkeyPatch, trained: list[tuple[str, str, int, int]], capsys: pytest.CaptureFixture[str]
) -> None:
    """It reaches the configuration; without validation rows it is refused, since nothing may be chosen by test rows."""
    configs = []
    monkeypatch.setattr("training.run.run", lambda config, *_, **__: configs.append(config))
    assert main(["mnist", "--patience", "3"]) == 0
    assert configs[0].patience == 3
    assert main(["xor", "--patience", "3"]) == 1
    assert capsys.readouterr().err.startswith("Expected validation rows")


def test_a_folder_for_logs_that_cannot_be(
    trained: list[tuple[str, str, int, int]], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A place where no folder can be made: one line, before anything is trained."""
    (tmp_path / "file").write_text("")
    assert main(["xor", "--tensorboard", str(tmp_path / "file")]) == 1
    assert capsys.readouterr().err.startswith("Expected a folder for logs.")
    assert trained == []

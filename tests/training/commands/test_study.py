"""`training.commands.study`, the training itself replaced."""

import csv
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from tests.training.commands.conftest import call
from training.commands import study
from training.datasets.dataset import Dataset
from training.errors import TrainingError
from training.presets import presets_of
from training.study.convergence import Convergence
from training.study.xor import SEEN, Study


@pytest.fixture(autouse=True)
def _untrained(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every net is right in epoch 7, whatever its seed."""

    def instead(dataset: Dataset, seeds: int, console: Console) -> Study:
        assert len(dataset.train) == 4
        sevens = Convergence(np.full(seeds, 7.0), np.full(seeds, 7.0))
        return Study(dict.fromkeys(SEEN, sevens), dict.fromkeys(presets_of("xor"), sevens))

    monkeypatch.setattr("training.study.xor.study", instead)


def test_writes_what_it_prints(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Tables, data and picture are in the folder, which is made; the numbers are also on the screen."""
    out = tmp_path / "a" / "b"
    assert call(study, "study", "xor", "--seeds", "5", "--out", str(out)) == 0
    assert {path.name for path in out.iterdir()} == {"xor-study.md", "xor-study.csv", "xor-study.png"}
    with (out / "xor-study.csv").open() as file:
        assert [row["2-16-1 first"] for row in csv.DictReader(file)] == ["7"] * 5
    printed = capsys.readouterr().out
    for cell in ("5 of 5", "2-16-16-1 before 2-32-1", "hidden-16"):
        assert cell in printed
        assert cell in (out / "xor-study.md").read_text()


def test_refusals(tmp_path: Path) -> None:
    """No seed, or no folder to write to: said before anything is trained."""
    with pytest.raises(TrainingError, match=r"^Expected at least 1 seed\. Received 0\.$"):
        call(study, "study", "xor", "--seeds", "0", "--out", str(tmp_path))
    (tmp_path / "file").touch()
    with pytest.raises(TrainingError, match=r"^Expected a folder to write to\. Received .*/file: "):
        call(study, "study", "xor", "--out", str(tmp_path / "file"))

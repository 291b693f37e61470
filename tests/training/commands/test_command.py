"""`training.commands.command`."""

from pathlib import Path

import pytest

from training.commands.command import DATA_DIR, open_store, store_home


def test_data_travels_with_the_code() -> None:
    """The default folder of the data files is the project's own."""
    assert (DATA_DIR / "SHA256SUMS").is_file()


def test_home_of_the_store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The store is BentoML's: `BENTOML_HOME`, or `~/bentoml`."""
    monkeypatch.setenv("BENTOML_HOME", str(tmp_path))
    assert store_home() == tmp_path
    assert open_store().versions("mnist") == []
    monkeypatch.delenv("BENTOML_HOME")
    assert store_home() == Path.home() / "bentoml"

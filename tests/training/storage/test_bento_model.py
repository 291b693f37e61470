"""`training.storage.bento_model`."""

from pathlib import Path

import bentoml
import pytest
from bentoml._internal.models.model import ModelStore

from training.errors import StoreError
from training.storage.bento_model import read_back, write_model_yaml


def _put(models: Path, name: str, version: int) -> None:
    folder = models / name / str(version)
    folder.mkdir(parents=True)
    write_model_yaml(folder, name, version)


def test_bentoml_reads_what_was_written(tmp_path: Path) -> None:
    """BentoML itself finds the model under its tag, and lists it."""
    _put(tmp_path, "a", 3)
    assert bentoml.models.get("a:3", _model_store=ModelStore(tmp_path)).tag == bentoml.Tag("a", "3")
    assert len(bentoml.models.list(_model_store=ModelStore(tmp_path))) == 1
    read_back(tmp_path, "a", 3)


def test_a_longer_number_is_another_model(tmp_path: Path) -> None:
    """BentoML answers `a:1` with `a:10`; that is not taken for an answer."""
    _put(tmp_path, "a", 10)
    with pytest.raises(StoreError, match=r"Expected a:1 from the store.*Received a:10"):
        read_back(tmp_path, "a", 1)


def test_nothing_there(tmp_path: Path) -> None:
    """A tag that BentoML does not find is an error of the store."""
    with pytest.raises(StoreError, match="Expected a:1 in the store"):
        read_back(tmp_path, "a", 1)

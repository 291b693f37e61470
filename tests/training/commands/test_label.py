"""`training.commands.label`."""

import pytest

from tests.training.commands.conftest import call
from tests.training.stored import put
from training.commands import label
from training.errors import StoreError
from training.storage.labels import read_labels
from training.storage.store import Store


def test_set_moved_and_removed(home: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """Each is done, and said in a line."""
    put(home)
    put(home)
    for arguments, labels, told in (
        (["xor:1", "stable"], {"xor": {"stable": 1}}, "xor:1 is stable.\n"),
        (["xor:2", "stable"], {"xor": {"stable": 2}}, "xor:2 is stable, which was version 1.\n"),
        (["xor:2", "stable", "--remove"], {}, "xor:2 is no longer stable.\n"),
    ):
        assert call(label, "label", *arguments) == 0
        assert read_labels(home) == labels
        assert capsys.readouterr().out == told


@pytest.mark.parametrize("arguments", [["xor:1", "stable"], ["xor:1", "stable", "--remove"], ["xor:1", "latest"]])
def test_refusals(home: Store, arguments: list[str]) -> None:
    """What is not stored gets no label, and has none to take off; no file is left behind."""
    put(home, "other")
    with pytest.raises(StoreError, match=r"^Expected .* Received"):
        call(label, "label", *arguments)
    assert not (home.home / "labels.json").exists()
    assert not (home.home / "staging" / "xor").exists()

"""`training.storage.inventory`."""

import json
import shutil

import pytest

from tests.training.stored import TRAINED, put, seal
from training.errors import StoreError
from training.storage.inventory import Item, inventory
from training.storage.store import Store


def _items(store: Store) -> list[Item]:
    return inventory(store, "xor", {"xor": {"stable": 1, "best": 1}, "other": {"new": 2}}, {"xor:2": ["service:aaa"]})


def test_what_is_told_of_a_version(store: Store) -> None:
    """Labels and bentos by their tags, sizes of all files, the highest number is the latest."""
    put(store, size=1000)
    put(store, size=9000)
    first, second = _items(store)
    assert (first.tag, first.latest, first.labels, first.bentos) == ("xor:1", False, ["best", "stable"], ())
    assert (second.tag, second.latest, second.labels, second.bentos) == ("xor:2", True, [], ["service:aaa"])
    assert second.size_bytes - first.size_bytes == 8000
    assert first.manifest is not None
    assert first.manifest.version == 1


def test_numbers_are_ordered_as_numbers(store: Store) -> None:
    """Nine comes before ten, and what is no number at the end."""
    for version in ("10", "9", "abc"):
        (store.home / "models" / "xor" / version).mkdir(parents=True)
    assert [item.tag for item in _items(store)] == ["xor:9", "xor:10", "xor:abc"]
    assert [item.latest for item in _items(store)] == [False, True, False]


def test_quality_is_what_the_gate_judges(store: Store) -> None:
    """The metrics of the gate, and a sentence for what was missed of it."""
    put(store, accuracy=1.0)
    put(store, accuracy=0.5)
    good, bad = _items(store)
    assert (good.quality, list(good.missed)) == ({"test_accuracy": 1.0}, [])
    assert bad.quality == {"test_accuracy": 0.5}
    assert len(bad.missed) == 1
    assert "Received 0.5" in bad.missed[0]


@pytest.mark.parametrize("training", [None, {}, TRAINED | {"gate": [{"kind": "another"}]}, TRAINED | {"gate": "none"}])
def test_whose_gate_is_not_known(store: Store, training: dict[str, object] | None) -> None:
    """A model trained elsewhere, or by another version of the project, is whole; nothing is said of its quality."""
    put(store, training=training)
    (item,) = _items(store)
    assert (item.quality, list(item.missed), item.fault) == ({}, [], None)


def test_whose_gate_is_known(store: Store) -> None:
    """Other words of another version of the project do not hide the quality."""
    put(store, training=TRAINED | {"unheard_of": 1}, accuracy=0.5)
    (item,) = _items(store)
    assert (item.quality, len(item.missed)) == ({"test_accuracy": 0.5}, 1)


def test_faults_are_told(store: Store) -> None:
    """No manifest, a damaged one, another's, or metrics without the gate's: each is listed with its reason."""
    for _ in range(4):
        put(store)
    folders = store.folders("xor")
    (folders[0] / "manifest.json").unlink()
    (folders[1] / "manifest.json").write_text("{")
    seal(folders[2], "xor", 7)
    (folders[3] / "report" / "metrics.json").write_text(json.dumps({"loss": 1}))
    items = _items(store)
    assert all(item.manifest is None and item.fault and item.fault.endswith(".") for item in items)
    told = ["cannot be read", "Invalid JSON", "Received that of xor:7", "metrics"]
    assert [part in (item.fault or "") for part, item in zip(told, items, strict=True)] == [True] * 4


def test_an_unknown_name(store: Store) -> None:
    """The refusal names those that there are."""
    put(store, "other")
    with pytest.raises(StoreError, match=r"Expected a name in the store: other\. Received 'xor'"):
        _items(store)
    shutil.rmtree(store.home)
    with pytest.raises(StoreError, match="there is none"):
        _items(store)

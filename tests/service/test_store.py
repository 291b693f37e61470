"""Finding artifacts in a BentoML store."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import store
from service.errors import ConfigurationError


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A store's folder of models."""
    for tag in ("mnist/1", "mnist/2", "mnist/10", "xor/3", "mnist-wide/1"):
        (tmp_path / tag).mkdir(parents=True)
    (tmp_path / "mnist" / "latest").write_text("10")
    return tmp_path


def test_the_latest_version_is_the_highest_number(models: Path) -> None:
    """Versions are ordered as numbers, not as text, the highest first."""
    found = store.find(models)
    assert [one.version for one in found["mnist"]] == [10, 2, 1]
    assert sorted(found) == ["mnist", "mnist-wide", "xor"]


@given(st.sets(st.integers(1, 10**18 - 1), min_size=1, max_size=8))
def test_any_numbers_are_ordered_as_numbers(tmp_path_factory: pytest.TempPathFactory, numbers: set[int]) -> None:
    """Whatever whole numbers a store holds come out descending, each once."""
    models = tmp_path_factory.mktemp("models")
    for number in numbers:
        (models / "m" / str(number)).mkdir(parents=True)
    assert [one.version for one in store.find(models)["m"]] == sorted(numbers, reverse=True)


def test_a_tag_and_a_folder_belong_together(models: Path) -> None:
    """Each artifact knows the folder whose path its tag is."""
    for versions in store.find(models).values():
        for one in versions:
            assert one.folder == models / one.name / str(one.version)
            assert one.tag == f"{one.name}:{one.version}"


def test_only_wanted_names_are_found(models: Path) -> None:
    """A name is taken in full: `mnist` does not bring `mnist-wide`."""
    assert set(store.find(models, frozenset({"mnist", "absent"}))) == {"mnist"}


@pytest.mark.parametrize("version", ["0", "01", "-1", "1.0", "v1", "1a", "abcdef", "1\u0663", "9" * 19, ".1", "1 "])
def test_a_version_that_is_no_whole_number_is_passed_over(tmp_path: Path, version: str) -> None:
    """Folders that another program wrote are not taken for versions."""
    (tmp_path / "m" / version).mkdir(parents=True)
    assert store.find(tmp_path) == {}


def test_a_file_is_no_version(tmp_path: Path) -> None:
    """Only folders are artifacts."""
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "1").write_text("")
    assert store.find(tmp_path) == {}


def test_a_store_that_does_not_exist_holds_nothing(tmp_path: Path) -> None:
    """A missing folder is an empty store, and finding does not make it."""
    assert store.find(tmp_path / "absent" / "models") == {}
    assert not (tmp_path / "absent").exists()


def test_the_home_is_the_setting_then_the_variable_then_the_users(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The setting goes before BentoML's variable, and that before BentoML's folder in the user's home."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("BENTOML_HOME", "/srv/bentoml")
    assert store.home(tmp_path / "mine") == tmp_path / "mine"
    assert store.home(None) == Path("/srv/bentoml")
    monkeypatch.setenv("BENTOML_HOME", "")
    assert store.home(None) == tmp_path / "bentoml"
    monkeypatch.delenv("BENTOML_HOME")
    assert store.home(None) == tmp_path / "bentoml"


def test_a_home_is_read_at_every_look(models: Path, tmp_path: Path) -> None:
    """What a home holds now is found, under the wanted names only."""
    home = tmp_path / "home"
    home.mkdir()
    shutil.copytree(models / "mnist", home / "models" / "mnist")
    assert [one.version for one in store.Home(home).find()["mnist"]] == [10, 2, 1]
    (home / "models" / "mnist" / "11").mkdir()
    assert store.Home(home).find()["mnist"][0].version == 11
    assert store.Home(home, frozenset({"xor"})).find() == {}


def test_a_home_that_is_gone_is_an_error(tmp_path: Path) -> None:
    """A store that cannot be read is told apart from an empty one, which would end every model."""
    with pytest.raises(OSError, match="models"):
        store.Home(tmp_path).find()
    (tmp_path / "models").mkdir()
    assert store.Home(tmp_path).find() == {}


def test_labels_of_a_home(tmp_path: Path) -> None:
    """Labels are read by model and word; a home without the file has none."""
    assert store.Home(tmp_path).labels() == {}
    (tmp_path / "labels.json").write_text('{"mnist": {"stable": 2, "next": 10}, "xor": {}}')
    assert store.Home(tmp_path).labels() == {"mnist": {"stable": 2, "next": 10}, "xor": {}}


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"m": 1}', '{"m": {"stable": "2"}}', '{"m": {"stable": 0}}', '{"m": {"stable": 1.5}}', "\udcff"],
)
def test_labels_of_another_form_are_refused(tmp_path: Path, text: str) -> None:
    """The reason names the file and its form, and not where it lies."""
    (tmp_path / "labels.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigurationError, match=r'^Expected \{"NAME": \{"LABEL": VERSION\}\} in labels\.json\.$'):
        store.Home(tmp_path).labels()


def test_labels_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    """A folder in place of the file is no home without labels."""
    (tmp_path / "labels.json").mkdir()
    with pytest.raises(ConfigurationError, match=r"labels\.json cannot be read"):
        store.Home(tmp_path).labels()


def test_pinned_versions_never_change(tmp_path: Path) -> None:
    """What was pinned is found as it was given, and has no labels."""
    given = {"toy": [store.Stored("toy", 2, tmp_path), store.Stored("toy", 1, tmp_path)]}
    assert store.Pinned(given).find() == given
    assert store.Pinned(given).labels() == {}


def test_a_state_changes_with_the_manifest(tmp_path: Path) -> None:
    """A version whose manifest is written, written again or taken away has another state; other files do not count."""
    stored = store.Stored("toy", 1, tmp_path)
    states = [stored.state]
    for text in ("{}", '{"more": 1}'):
        (tmp_path / "manifest.json").write_text(text)
        states.append(stored.state)
        (tmp_path / "model.onnx").write_text(text)
        assert stored.state == states[-1]
    assert len(set(states)) == 3
    (tmp_path / "manifest.json").unlink()
    assert stored.state == states[0]
    (tmp_path / "manifest.json").write_text("{}")
    os.utime(tmp_path / "manifest.json", ns=(1, 1))
    before = stored.state
    os.utime(tmp_path / "manifest.json", ns=(1, 2))
    assert stored.state != before

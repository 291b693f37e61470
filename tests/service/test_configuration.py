"""The configuration file says what is wanted, or is refused as a whole with the place that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.configuration import MAX_BYTES, Canary, Configuration, Latest, ModelConfiguration, read_configuration
from service.errors import ConfigurationError

WHOLE = """
[models.mnist]
versions = { latest = 2 }
labels = { stable = 1, "next.one-2" = 2 }
canary = { version = 2, percent = 5 }
shadow = { version = 3, rtol = 0.05, atol = 1 }

[models."any name"]
versions = [3, 1]
"""


def read(folder: Path, text: str | bytes) -> Configuration:
    """What a file of this text says."""
    path = folder / "serve.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_configuration(path)


def refused(folder: Path, text: str | bytes) -> str:
    """Why a file of this text is refused."""
    with pytest.raises(ConfigurationError) as caught:
        read(folder, text)
    assert str(folder) not in str(caught.value)
    return str(caught.value)


def test_a_whole_file(tmp_path: Path) -> None:
    """Every key of the form is read, whole numbers where decimals are taken too."""
    found = read(tmp_path, WHOLE)
    mnist = found.of("mnist")
    assert mnist.versions == Latest(latest=2)
    assert mnist.labels == {"stable": 1, "next.one-2": 2}
    assert mnist.canary == Canary(version=2, percent=5)
    assert mnist.shadow is not None
    assert (mnist.shadow.version, mnist.shadow.percent, mnist.shadow.rtol, mnist.shadow.atol) == (3, 100, 0.05, 1)
    assert found.of("any name").versions == [3, 1]


def test_what_the_file_does_not_name_follows_the_defaults(tmp_path: Path) -> None:
    """An empty file, an empty table and a name that is not there mean the latest version and nothing else."""
    assert read(tmp_path, "").of("mnist") == ModelConfiguration()
    assert read(tmp_path, "[models.xor]").of("xor") == ModelConfiguration()
    assert ModelConfiguration().versions == "latest"
    assert ModelConfiguration().named == frozenset()


def test_every_version_that_stands_in_the_file_is_named(tmp_path: Path) -> None:
    """Those of a list and of labels to serve, those of the canary and the shadow to be tried; a count names none."""
    mnist, other = (read(tmp_path, WHOLE).of(name) for name in ("mnist", "any name"))
    assert (mnist.named, mnist.accepted) == ({1, 2, 3}, {1, 2})
    assert other.named == other.accepted == {1, 3}
    assert read(tmp_path, '[models.m]\nversions = "all"').of("m").named == frozenset()


FAULTS = [
    ("[models.m]\nversions = [nought]", "is no TOML"),
    ("[models.m]\nversions = [1]\nversions = [2]", "is no TOML"),
    (b'[models.m]\nversions = "\xff"', "in UTF-8"),
    ("nothing = 1", "at nothing"),
    ("models = 1", "at models"),
    ("[models]\nm = 1", "at models.m"),
    ("[models.m]\nversion = [1]", "at models.m.version"),
    ("[models.m]\nversions = [1, 2, 1]", "expected each version once at models.m.versions."),
    ("[models.m]\nversions = [1, 0]", "greater than 0 at models.m.versions.1."),
    ("[models.m]\nversions = [1, 2.0]", "a valid integer at models.m.versions.1."),
    ("[models.m]\nversions = { latest = 0 }", "greater than 0 at models.m.versions.latest."),
    ("[models.m]\nversions = { last = 2 }", "not permitted at models.m.versions.last."),
    ('[models.m]\nversions = "newest"', "'latest' or 'all' at models.m.versions."),
    ("[models.m]\nlabels = { 1st = 1 }", "at models.m.labels.1st"),
    ("[models.m]\nlabels = { 7 = 1 }", "at models.m.labels.7"),
    ('[models.m]\nlabels = { "a/b" = 1 }', "at models.m.labels.a/b"),
    ('[models.m]\nlabels = { "" = 1 }', "at models.m.labels"),
    ('[models.m]\nlabels = { stable = "1" }', "at models.m.labels.stable"),
    ("[models.m]\nlabels = { stable = true }", "at models.m.labels.stable"),
    ("[models.m]\nlabels = { stable = 0 }", "at models.m.labels.stable"),
    ("[models.m]\ncanary = { version = 2 }", "at models.m.canary.percent"),
    ("[models.m]\ncanary = { percent = 5 }", "at models.m.canary.version"),
    ("[models.m]\ncanary = { version = 2, percent = 101 }", "at models.m.canary.percent"),
    ("[models.m]\ncanary = { version = 2, percent = -0.1 }", "at models.m.canary.percent"),
    ("[models.m]\ncanary = { version = 2, percent = nan }", "at models.m.canary.percent"),
    ('[models.m]\ncanary = { version = 2, percent = "5" }', "at models.m.canary.percent"),
    ("[models.m]\ncanary = { version = 2, percent = 5, rtol = 1 }", "at models.m.canary.rtol"),
    ("[models.m]\nshadow = { version = 2, atol = -1 }", "at models.m.shadow.atol"),
    ("[models.m]\nshadow = { version = 2, rtol = inf }", "at models.m.shadow.rtol"),
]


@pytest.mark.parametrize(("text", "place"), FAULTS)
def test_a_fault_names_its_place(tmp_path: Path, text: str | bytes, place: str) -> None:
    """One thing that is wrong refuses the whole file, and the sentence says where it stands."""
    reason = refused(tmp_path, text)
    assert place in reason
    assert "\n" not in reason


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """No file, and a folder in its place, are refused with the system's reason."""
    with pytest.raises(ConfigurationError, match=r"cannot be read: No such file or directory\."):
        read_configuration(tmp_path / "absent.toml")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_configuration(tmp_path)


def test_a_file_without_end_is_refused(tmp_path: Path) -> None:
    """A file up to the limit is read, one byte more is not."""
    text = WHOLE.encode()
    read(tmp_path, text + b"#" * (MAX_BYTES - len(text)))
    assert f"at most {MAX_BYTES} bytes" in refused(tmp_path, text + b"#" * (MAX_BYTES - len(text) + 1))

"""`training.datasets.checksum`."""

import hashlib
import shutil
from pathlib import Path

import pytest

from tests.training.conftest import DATA_DIR
from training.datasets.checksum import expected_sums, read_verified
from training.errors import DataError


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A folder with one listed file."""
    (tmp_path / "a.bin").write_bytes(b"content")
    (tmp_path / "SHA256SUMS").write_text(f"{hashlib.sha256(b'content').hexdigest()}  a.bin\n")
    return tmp_path


def test_returns_the_bytes_and_notes_their_sum(data_dir: Path) -> None:
    """What is returned is what was checked, and its sum is noted for the manifest."""
    files: dict[str, str] = {}
    assert read_verified(data_dir, "a.bin", files) == b"content"
    assert files == {"a.bin": hashlib.sha256(b"content").hexdigest()}


@pytest.mark.parametrize("position", [0, 3, 6])
def test_one_changed_byte_is_found(data_dir: Path, position: int) -> None:
    """A file that differs in a single byte is refused in one line that names it and the cure."""
    damaged = bytearray(b"content")
    damaged[position] ^= 1
    (data_dir / "a.bin").write_bytes(damaged)
    with pytest.raises(DataError, match=r"a\.bin.*damaged.*git checkout") as refusal:
        read_verified(data_dir, "a.bin", {})
    assert "\n" not in str(refusal.value)


def test_missing_file(data_dir: Path) -> None:
    """A missing file is refused in one line that names it."""
    (data_dir / "a.bin").unlink()
    with pytest.raises(DataError, match=r"^Expected the data file .*a\.bin\. Received none"):
        read_verified(data_dir, "a.bin", {})


def test_unlisted_file(data_dir: Path) -> None:
    """A file that the list does not vouch for is not read."""
    (data_dir / "b.bin").write_bytes(b"")
    with pytest.raises(DataError, match="listed"):
        read_verified(data_dir, "b.bin", {})


def test_missing_or_broken_list(data_dir: Path) -> None:
    """Without a readable list nothing is believed."""
    (data_dir / "SHA256SUMS").write_text("nonsense\n")
    with pytest.raises(DataError, match="nonsense"):
        expected_sums(data_dir)
    (data_dir / "SHA256SUMS").unlink()
    with pytest.raises(DataError, match="no file"):
        expected_sums(data_dir)


def test_every_data_file_is_listed_and_whole() -> None:
    """The project's own list names exactly the gzipped files under data/, each with its sum."""
    present = {path.relative_to(DATA_DIR).as_posix() for path in DATA_DIR.rglob("*.gz")}
    assert set(expected_sums(DATA_DIR)) == present
    for path in present:
        read_verified(DATA_DIR, path, {})


def test_readme_shows_every_sum_and_licence() -> None:
    """The provenance table of data/README.md covers every folder that holds data."""
    text = (DATA_DIR / "README.md").read_text(encoding="utf-8")
    for path in expected_sums(DATA_DIR):
        assert f"`{path.split('/')[0]}/" in text
    assert {"CC BY-SA 3.0", "MIT", "CC0"} == {licence for licence in ("CC BY-SA 3.0", "MIT", "CC0") if licence in text}


def test_a_copy_of_the_data_works_as_well(tmp_path: Path) -> None:
    """Paths in the list are relative to the folder of the list."""
    shutil.copytree(DATA_DIR / "fashion-mnist", tmp_path / "fashion-mnist")
    shutil.copy(DATA_DIR / "SHA256SUMS", tmp_path)
    assert read_verified(tmp_path, "fashion-mnist/t10k-labels-idx1-ubyte.gz", {})

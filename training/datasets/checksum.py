"""Data files are believed only if their sha256 is the one in `data/SHA256SUMS`."""

import hashlib
from pathlib import Path

from training.errors import DataError

SUMS_NAME = "SHA256SUMS"


def expected_sums(data_dir: Path) -> dict[str, str]:
    """Read `SHA256SUMS` (the format of the sha256sum tool): path under `data/` to hex digest.

    Raises:
        DataError: If the list is missing or a line is not `digest  path`.
    """
    try:
        lines = (data_dir / SUMS_NAME).read_text(encoding="utf-8").splitlines()
    except OSError:
        raise DataError(f"Expected the list of data files at {data_dir / SUMS_NAME}. Received no file.") from None
    sums = {}
    for line in filter(None, lines):
        digest, _, path = line.partition("  ")
        if len(digest) != 64 or not path:
            raise DataError(f"Expected 'sha256  path' in {data_dir / SUMS_NAME}. Received {line!r}.")
        sums[path] = digest
    return sums


def read_verified(data_dir: Path, path: str, files: dict[str, str]) -> bytes:
    """Read a data file whole, check it, and note its sha256 in `files`.

    What is checked are the very bytes returned, so nothing can change in between.

    Args:
        data_dir: The folder that holds `SHA256SUMS`.
        path: Path of the file under it, with `/`.
        files: Receives path and sha256.

    Raises:
        DataError: If the file is missing, not listed, or not the file that is listed.
    """
    expected = expected_sums(data_dir).get(path)
    if expected is None:
        raise DataError(f"Expected {path} to be listed in {data_dir / SUMS_NAME}. Received no such line.")
    try:
        content = (data_dir / path).read_bytes()
    except OSError:
        raise DataError(f"Expected the data file {data_dir / path}. Received none. {_CURE}") from None
    received = hashlib.sha256(content).hexdigest()
    if received != expected:
        raise DataError(
            f"Expected sha256 {expected[:12]}… of {data_dir / path}. Received {received[:12]}…: "
            f"the file is damaged. {_CURE}"
        )
    files[path] = received
    return content


_CURE = "`git checkout -- data` brings it back."

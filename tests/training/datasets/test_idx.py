"""`training.datasets.idx`."""

import gzip

import numpy as np
import pytest

from training.datasets.idx import parse_idx
from training.errors import DataError


def _packed(array: np.ndarray, header: bytes = b"\0\0\x08") -> bytes:
    lengths = b"".join(length.to_bytes(4, "big") for length in array.shape)
    return gzip.compress(header + bytes([array.ndim]) + lengths + array.tobytes())


@pytest.mark.parametrize("shape", [(0,), (7,), (3, 4), (2, 3, 5)])
def test_inverse_of_packing(shape: tuple[int, ...]) -> None:
    """Unpacking gives the array that was packed, whatever its shape."""
    array = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    assert np.array_equal(parse_idx(_packed(array), "a.gz"), array)
    assert parse_idx(_packed(array), "a.gz").shape == shape


def test_what_is_no_gzip_is_refused() -> None:
    """Bytes that are not gzip, or end early, are refused by name."""
    whole = _packed(np.zeros((100, 100), np.uint8))
    for content in (b"", b"not gzip", whole[:-9]):
        with pytest.raises(DataError, match=r"a\.gz"):
            parse_idx(content, "a.gz")


def test_other_types_are_refused() -> None:
    """An IDX file of floats is not read as bytes."""
    with pytest.raises(DataError, match="00000d01"):
        parse_idx(_packed(np.zeros(4, np.uint8), header=b"\0\0\x0d"), "a.gz")


def test_length_must_match_the_header() -> None:
    """A file with fewer or more elements than its header says is refused."""
    raw = gzip.decompress(_packed(np.zeros((2, 3), np.uint8)))
    for content in (raw[:-1], raw + b"\0"):
        with pytest.raises(DataError, match="Expected 6 elements"):
            parse_idx(gzip.compress(content), "a.gz")

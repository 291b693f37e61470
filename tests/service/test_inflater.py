"""A compressed body comes out whole, piece by piece, and never in a piece larger than the bound."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import MalformedRequest
from service.inflater import PIECE_BYTES, Inflater

COMPRESS = {b"gzip": gzip.compress, b"deflate": zlib.compress, None: bytes}


def inflated(encoding: bytes | None, body: bytes, size: int) -> list[bytes]:
    """The pieces of a body that arrives in parts of a size."""
    inflater, pieces = Inflater(encoding), []
    for at in range(0, len(body), size):
        inflater.feed(body[at : at + size])
        while inflater.pending:
            pieces.append(inflater.piece())
    inflater.end()
    return pieces


@given(st.sampled_from(list(COMPRESS)), st.binary(max_size=200), st.integers(1, 50))
def test_a_body_comes_out_as_it_went_in(encoding: bytes | None, body: bytes, size: int) -> None:
    """In parts of any size, in every encoding."""
    assert b"".join(inflated(encoding, COMPRESS[encoding](body), size)) == body


def test_a_bomb_is_a_piece_long() -> None:
    """A hundred megabytes in a hundred kilobytes come out in pieces of the bound, of which one is held at a time."""
    bomb = zlib.compress(bytes(100_000_000))
    inflater, size, pieces = Inflater(b"deflate"), 0, 0
    inflater.feed(bomb)
    while inflater.pending:
        piece = inflater.piece()
        assert len(piece) <= PIECE_BYTES
        size, pieces = size + len(piece), pieces + 1
    inflater.end()
    assert (size, pieces) == (100_000_000, -(-100_000_000 // PIECE_BYTES))


@pytest.mark.parametrize("size", [7, 1000])
def test_files_behind_each_other_are_one(size: int) -> None:
    """What `cat a.gz b.gz` makes is a sound gzip file."""
    body = gzip.compress(b"a" * 100) + gzip.compress(b"") + gzip.compress(b"b")
    assert b"".join(inflated(b"gzip", body, size)) == b"a" * 100 + b"b"


@pytest.mark.parametrize("body", [b"plain text", gzip.compress(b"a", mtime=0) + b"more", b""])
def test_what_is_not_in_the_encoding_is_refused(body: bytes) -> None:
    """Other bytes, bytes behind the end, and nothing at all."""
    with pytest.raises(MalformedRequest, match=r"Expected (one whole|a) body in gzip"):
        inflated(b"gzip", body, 1000)


@pytest.mark.parametrize("encoding", [b"gzip", b"deflate"])
def test_a_part_is_no_body(encoding: bytes) -> None:
    """Whatever is missing at the end is missed."""
    whole = COMPRESS[encoding](b"some text")
    for size in range(len(whole)):
        with pytest.raises(MalformedRequest, match="Received a part"):
            inflated(encoding, whole[:size], 1000)

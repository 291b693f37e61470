"""What is compressed comes back, and is compressed only for who asks."""

from __future__ import annotations

import gzip
import threading
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import compression
from service.compression import INLINE_BYTES, WINDOW, chosen_encoding, compressed, encoding_of, inflate
from service.errors import MalformedRequest, TooLarge, UnsupportedMediaType

WORDS = st.sampled_from([b"gzip", b";", b"q=", b"0", b".5", b",", b"*"])
TOO_LARGE = TooLarge("Expected less.")
OPEN = {b"gzip": gzip.decompress, b"deflate": zlib.decompress}

ACCEPTED: list[tuple[bytes, bytes | None]] = [
    (b"gzip", b"gzip"),
    (b"deflate", b"deflate"),
    (b"gzip, deflate", b"gzip"),
    (b"deflate, gzip", b"gzip"),
    (b"gzip, deflate, br, zstd", b"gzip"),
    (b" GZip ; Q=0.5 ", b"gzip"),
    (b"gzip;q=0.4, deflate;q=0.8", b"deflate"),
    (b"gzip;q=0", None),
    (b"gzip;q=0.000", None),
    (b"gzip;q=0, deflate", b"deflate"),
    (b"gzip;q=0, *", b"deflate"),
    (b"*", b"gzip"),
    (b"*;q=0", None),
    (b"*;q=0, gzip", b"gzip"),
    (b"identity", None),
    (b"identity, gzip;q=0.5", None),
    (b"identity;q=0.5, gzip", b"gzip"),
    (b"identity;q=0, gzip;q=0.1", b"gzip"),
    (b"br", None),
    (b"", None),
    (b",;,", None),
    (b"gzip;q=", None),
    (b"gzip;q=often", None),
    (b"gzip;q=2", None),
    (b"gzip;q=-1", None),
    (b"gzip;q=nan", None),
    (b"gzip;level=1", None),
]


@pytest.mark.parametrize(("accepted", "encoding"), ACCEPTED)
def test_the_client_chooses(accepted: bytes, encoding: bytes | None) -> None:
    """The coding of the highest weight is used, gzip of two equal ones, none of weight 0 or of no known weight."""
    assert chosen_encoding(accepted) == encoding


@given(
    st.binary(max_size=40) | st.lists(st.sampled_from([b"gzip", b";", b"q=", b"0", b".5", b",", b"*"])).map(b"".join)
)
def test_any_header_is_read(accepted: bytes) -> None:
    """Whatever the header says, the answer is one of our codings or none."""
    assert chosen_encoding(accepted) in (None, *WINDOW)


@pytest.mark.parametrize("encoding", WINDOW)
@pytest.mark.parametrize("size", [0, 1, INLINE_BYTES, INLINE_BYTES + 1, 3 * INLINE_BYTES])
async def test_every_client_gets_it_back(encoding: bytes, size: int) -> None:
    """Other people's decompressors give back what was compressed, and ours does, whatever the size."""
    body = b"0.25," * (size // 5 + 1)
    packed = await compressed(body[:size], encoding)
    assert OPEN[encoding](packed) == body[:size]
    assert inflate(packed, encoding, size, TOO_LARGE) == body[:size]
    assert size < 100 or len(packed) < size / 10


@pytest.mark.parametrize(("size", "elsewhere"), [(INLINE_BYTES, False), (INLINE_BYTES + 1, True)])
async def test_long_answers_leave_the_loop_alone(monkeypatch: pytest.MonkeyPatch, size: int, elsewhere: bool) -> None:
    """A long answer is compressed in another thread, so that other requests are served meanwhile."""
    threads = []

    def note(body: bytes, encoding: bytes) -> bytes:
        threads.append(threading.current_thread())
        return b""

    monkeypatch.setattr(compression, "_compress", note)
    await compressed(bytes(size), b"gzip")
    assert [thread is not threading.current_thread() for thread in threads] == [elsewhere]


@given(st.binary(max_size=200), st.integers(0, 250), st.sampled_from(sorted(WINDOW)))
def test_the_limit_is_of_what_comes_out(body: bytes, limit: int, encoding: bytes) -> None:
    """A body up to the limit is inflated, a longer one refused."""
    packed = gzip.compress(body) if encoding == b"gzip" else zlib.compress(body)
    if len(body) <= limit:
        assert inflate(packed, encoding, limit, TOO_LARGE) == body
    else:
        with pytest.raises(TooLarge):
            inflate(packed, encoding, limit, TOO_LARGE)


@given(st.binary(max_size=60), st.sampled_from(sorted(WINDOW)))
def test_other_bytes_are_refused(body: bytes, encoding: bytes) -> None:
    """What is not one whole stream is malformed, and nothing else is raised."""
    with pytest.raises(MalformedRequest):
        inflate(b"x" + body, encoding, 1000, TOO_LARGE)
    packed = gzip.compress(body) if encoding == b"gzip" else zlib.compress(body)
    for broken in (packed[:-1], packed + b"x"):
        with pytest.raises(MalformedRequest):
            inflate(broken, encoding, 1000, TOO_LARGE)


@pytest.mark.parametrize(("given", "encoding"), [(b"", None), (b"identity", None), (b" GZIP ", b"gzip")])
def test_the_coding_of_a_body(given: bytes, encoding: bytes | None) -> None:
    """None for a body as it is, whatever case and blanks a coding is written with."""
    assert encoding_of({b"content-encoding": given}) == encoding
    assert encoding_of({}) is None


@pytest.mark.parametrize("given", [b"br", b"gzip, gzip", b"x-gzip"])
def test_another_coding_is_refused(given: bytes) -> None:
    """A coding that is not read is refused before anything is."""
    with pytest.raises(UnsupportedMediaType, match="gzip, deflate or none"):
        encoding_of({b"content-encoding": given})

"""What a request's headers say about a stream's form."""

from __future__ import annotations

import pytest

from service.errors import UnsupportedMediaType
from service.protocols.media_types import MediaType, answer_type, check_charset, media_type

CSV, NDJSON = MediaType.CSV, MediaType.NDJSON


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (b"text/csv", CSV),
        (b"Text/CSV; charset=UTF-8; header=present", CSV),
        (b"application/x-ndjson", NDJSON),
        (b"application/ndjson", NDJSON),
        (b"application/jsonl ;charset=utf-8", NDJSON),
        (b"application/json", None),
        (b"application/json; charset=utf-8", None),
        (b"application/x-www-form-urlencoded", None),
        (b"text/csvx", None),
        (b"", None),
    ],
)
def test_content_types(given: bytes, expected: MediaType | None) -> None:
    """Only the media type counts, in any case, whatever its parameters; all others are no streams."""
    assert media_type({b"content-type": given}) is expected


def test_without_a_content_type_there_is_no_stream() -> None:
    """A client that says nothing sends no stream."""
    assert media_type({b"accept": b"text/csv"}) is None


@pytest.mark.parametrize(
    "charset", [b"", b"; charset=utf-8", b'; header=present;charset="UTF-8"', b"; charset=us-ascii"]
)
def test_utf_8_is_read(charset: bytes) -> None:
    """Text is UTF-8, said or not."""
    check_charset(b"text/csv" + charset)


@pytest.mark.parametrize("charset", [b"windows-1252", b"UTF-16", b'"latin-1"'])
def test_other_charsets_are_refused(charset: bytes) -> None:
    """Text that says it is something else is refused instead of misread."""
    with pytest.raises(UnsupportedMediaType):
        check_charset(b"text/csv; header=present; charset=" + charset)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, CSV),
        (b"*/*", CSV),
        (b"application/json", CSV),
        (b"application/x-ndjson", NDJSON),
        (b"application/json, application/jsonl", NDJSON),
        (b"application/x-ndjson, text/csv", NDJSON),
        (b"application/x-ndjson; q=0.5, text/csv;charset=utf-8;q=0.9", CSV),
        (b"application/x-ndjson;q=0, */*", CSV),
        (b"text/csv;q=0.1, application/NDJSON;q=x", NDJSON),
    ],
)
def test_answers_come_as_the_client_likes_best(accept: bytes | None, expected: MediaType) -> None:
    """Of what is served, the form of the highest quality; as the client asked, where it likes none of it."""
    headers = {} if accept is None else {b"accept": accept}
    assert answer_type(headers, CSV) is expected

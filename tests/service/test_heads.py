"""Heads mean what the parser reads in them, the first time and every time after."""

from __future__ import annotations

import httptools
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.heads import END, MOST_BYTES, MOST_DIGITS, MOST_HEADS, Head, Heads
from service.routing import CALLS, Route, route
from service.settings import Settings

PATH = b"/v1/models/toy:predict"
PLAIN = b"POST /v1/models/toy:predict HTTP/1.1\r\nHost: a\r\nContent-Length: 3"
KNOWN = Heads(Settings())
"""Has read what all tests of a run have given it."""

LINES = st.sampled_from(
    [
        b"Content-Length: 3",
        b"content-length: 03",
        b"Content-Length: 4",
        b"Content-Length: 0",
        b"Content-Length: -3",
        b"Content-Length : 3",
        b"Content-Length: 3 ",
        b"Content-Length:\t3",
        b"Transfer-Encoding: chunked",
        b"Transfer-Encoding: identity",
        b"Content-Encoding: gzip",
        b"Connection: close",
        b"Connection: keep-alive, upgrade",
        b"Upgrade: h2c",
        b"Expect: 100-continue",
        b"Content-Type: application/json",
        b"Content-Type: text/csv",
        b" folded: 1",
        b"Empty:",
        b": 1",
        b"",
        b"X-Request-Id: a",
        b"Host: a",
    ]
)
NAMES = st.text("abcdefXYZ-_09 \t:\0", min_size=1, max_size=8).map(str.encode)
VALUES = st.binary(max_size=8)
LINE = st.one_of(LINES, LINES, st.tuples(NAMES, VALUES).map(b": ".join))
FIRST = st.builds(
    b"%b %b %b".__mod__,
    st.tuples(
        st.sampled_from([b"POST", b"POST", b"POST", b"GET", b"post"]),
        st.sampled_from(
            [PATH, b"/v2/models/toy/infer", b"/v2/models/t%6fy/infer", PATH + b"?a", b"/v2", b"v1", b"/v1 "]
        ),
        st.sampled_from([b"HTTP/1.1", b"HTTP/1.1", b"HTTP/1.0", b"HTTP/2.0", b""]),
    ),
)
BREAK = st.sampled_from([b"\r\n"] * 40 + [b"\n", b"\r", b"\n\n"])


@st.composite
def heads(draw: st.DrawFn) -> bytes:
    """Heads of all kinds, up to the empty line; some are plain calls."""
    found = draw(FIRST)
    for line in draw(st.lists(LINE, max_size=4)):
        found += draw(BREAK) + line
    if draw(st.booleans()):
        found = PLAIN + b"\r\n" + found.partition(b"\r\n")[2]
    return found.partition(END)[0].rstrip(b"\r\n")


class Whole:
    """Everything that the parser tells about a request."""

    def __init__(self, text: bytes) -> None:
        self.url, self.body, self.pairs, self.ends = b"", b"", list[tuple[bytes, bytes]](), 0
        self.parser = httptools.HttpRequestParser(self)
        self.parser.feed_data(text)

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.pairs.append((name.lower(), value))

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.ends += 1


@given(heads())
def test_a_head_means_what_the_parser_reads(head: bytes) -> None:
    """A head that is taken has the parser's headers, path and length, and its body is the body to the parser, too."""
    found = Heads(Settings()).read(head)
    if found is None:
        return
    body = b"GET /livez HTTP/1.1"[: found.length]
    whole = Whole(head + END + body)
    assert (whole.body, whole.ends, whole.parser.get_method()) == (body, 1, b"POST")
    assert found.headers == dict(whole.pairs)
    assert found.route == route(httptools.parse_url(whole.url).path.decode())
    assert found.route.action in CALLS
    assert whole.parser.should_keep_alive()
    assert whole.parser.get_http_version() == "1.1"
    assert not {b"transfer-encoding", b"content-encoding", b"upgrade", b"expect"} & found.headers.keys()


@given(heads())
def test_a_remembered_head_means_the_same(head: bytes) -> None:
    """Whether it was read before or not, a head has one meaning."""
    assert Heads(Settings()).read(head) == KNOWN.read(head) == KNOWN.read(head)


@given(st.lists(st.sampled_from([b"X-Request-Id: a", b"Accept: */*", b"Empty:", b"X: \xff\t b"]), max_size=5))
def test_plain_heads_are_taken(lines: list[bytes]) -> None:
    """A plain call is taken, whatever harmless headers it has."""
    found = KNOWN.read(b"\r\n".join([PLAIN, *lines]))
    assert found is not None
    assert (found.route, found.length) == (Route("tfserving", "predict", "toy"), 3)


def test_a_remembered_head_is_not_read_again() -> None:
    """The second time, the very same object comes back."""
    known = Heads(Settings())
    assert isinstance(known.read(PLAIN), Head)
    assert known.read(PLAIN) is known.read(bytes(bytearray(PLAIN)))


def test_memory_is_bounded() -> None:
    """However many heads come, and however long they are, few and short ones are kept; pages take no room."""
    known = Heads(Settings())
    for number in range(MOST_HEADS + 50):
        assert known.read(PLAIN + b"\r\nX-Request-Id: %d" % number) is not None
        assert len(known._known) <= MOST_HEADS
    kept = len(known._known)
    assert known.read(PLAIN + b"\r\nX: " + b"a" * MOST_BYTES) is not None
    assert known.read(b"GET /livez HTTP/1.1\r\nHost: a") is None
    assert len(known._known) == kept


def with_length(length: bytes) -> bytes:
    """A plain head whose body is that long."""
    return PLAIN.removesuffix(b"3") + length


@pytest.mark.parametrize(
    ("head", "taken"),
    [
        (with_length(b"2048"), True),
        (with_length(b"2049"), False),
        (with_length(b"3".zfill(MOST_DIGITS)), True),
        (with_length(b"3".zfill(MOST_DIGITS + 1)), False),
        (with_length(b"3".zfill(5000)), False),
        (PLAIN + b"\r\nX: a" * 6, True),
        (PLAIN + b"\r\nX: a" * 7, False),
        (PLAIN + b"\r\nX: " + b"a" * (2000 - len(PLAIN) - 5), True),
        (PLAIN + b"\r\nX: " + b"a" * (2001 - len(PLAIN) - 5), False),
    ],
)
def test_limits(head: bytes, taken: bool) -> None:
    """What is over a limit of the settings is left to the front, which refuses it in its own words."""
    settings = Settings(max_headers=8, max_headers_bytes=2000, max_body_bytes=2048)
    assert (Heads(settings).read(head) is not None) == taken

"""The table of models is asked of a running service, and a service that is none is told so in one line."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from service.catalogue import Unanswered, fetch, table
from tests.toy_engines import PATIENCE_S

READY = {"name": "toy", "labels": [], "state": "AVAILABLE", "reason": "", "engine": "onnxruntime", "device": "CPU"}
PAGE = {
    "models": [
        {"name": "another", "version": 10, "labels": [], "state": "LOADING", "reason": "", "default": False},
        {**READY, "version": 4, "default": True, "rows": 1200},
        {**READY, "version": 3, "labels": ["next", "one"], "default": False, "rows": 7, "canary_percent": 12.5},
        {
            **READY,
            "version": 2,
            "default": False,
            "rows": 0,
            "shadow": {"agree": 2, "disagree": 1, "failed": 5, "skipped": 5},
        },
        {"name": "toy", "version": 1, "labels": [], "state": "END", "reason": "It is broken.", "default": False},
    ],
    "complaints": ["toy: label stable: version 9 is not ready"],
}
TABLE = """
model    version  labels    state      engine           rows  traffic                        reason
another  10                 LOADING
toy      4                  AVAILABLE  onnxruntime CPU  1200  default
toy      3        next,one  AVAILABLE  onnxruntime CPU  7     canary 12.5 %
toy      2                  AVAILABLE  onnxruntime CPU  0     shadow, 33.33 % of 3 disagree
toy      1                  END                                                              It is broken.
! toy: label stable: version 9 is not ready
""".strip()


def test_a_page_as_a_table() -> None:
    """Each version has a line in columns, and what the operator cannot have stands below."""
    assert table(PAGE) == TABLE


def test_an_empty_page() -> None:
    """A service without models has the head alone."""
    assert table({"models": []}).split() == TABLE.splitlines()[0].split()


def test_a_shadow_that_has_compared_nothing() -> None:
    """Without a row there is no rate."""
    entry = {**READY, "version": 2, "rows": 0, "shadow": {"agree": 0, "disagree": 0, "failed": 3, "skipped": 0}}
    assert table({"models": [entry]}).endswith("shadow")


class Listener:
    """Somebody who hears one request and says the same whatever it is.

    Attributes:
        url: Where.
        heard: The request.
    """

    def __init__(self, said: bytes) -> None:
        self._said = said
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(PATIENCE_S)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.heard = b""
        self._thread = threading.Thread(target=self._answer)
        self._thread.start()

    def _answer(self) -> None:
        connection, _ = self._socket.accept()
        with connection:
            self.heard = connection.recv(65536)
            connection.sendall(self._said)

    def close(self) -> None:
        """See the thread end."""
        self._thread.join(PATIENCE_S)
        self._socket.close()


@pytest.fixture
def listen() -> Iterator[Callable[[bytes], Listener]]:
    """Listeners by what they say."""
    made: list[Listener] = []

    def make(said: bytes) -> Listener:
        made.append(Listener(said))
        return made[-1]

    yield make
    for one in made:
        one.close()


def http(status: str, body: bytes) -> bytes:
    """A whole answer."""
    return b"HTTP/1.1 %s\r\ncontent-length: %d\r\n\r\n%s" % (status.encode(), len(body), body)


@pytest.mark.parametrize("end", ["", "/"])
def test_a_service_is_asked(listen: Callable[[bytes], Listener], end: str) -> None:
    """The page comes as it is, whether the address ends in a slash or not."""
    service = listen(http("200 OK", b'{"models": [], "complaints": ["x"]}'))
    assert fetch(service.url + end) == {"models": [], "complaints": ["x"]}
    assert service.heard.startswith(b"GET /models HTTP/1.1\r\n")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (http("404 Not Found", b"{}"), "Received: Not Found."),
        (http("503 Service Unavailable", b"{}"), "Received: Service Unavailable."),
        (http("200 OK", b"<html>"), "Expected a service at "),
        (http("200 OK", b"[]"), "Received something else."),
        (http("200 OK", b'{"models": {}}'), "Received something else."),
        (http("200 OK", b"{}"), "Received something else."),
        (http("200 OK", b'{"models": []}')[:-1], "Received: IncompleteRead"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "Received: SSH-2.0-OpenSSH_9.6."),
        (b"", "Received: "),
    ],
)
def test_who_is_no_such_service_is_told(listen: Callable[[bytes], Listener], said: bytes, reason: str) -> None:
    """Whatever is no page of models, or no HTTP, is one sentence with the address."""
    service = listen(said)
    with pytest.raises(Unanswered) as caught:
        fetch(service.url)
    assert service.url in str(caught.value)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["nowhere", "http://127.0.0.1:x", "ftp:///", "http://127.0.0.1:70000", "http://a b", ""]
)
def test_what_is_no_address_is_told(url: str) -> None:
    """An address that cannot be asked is one sentence too."""
    with pytest.raises(Unanswered, match="Expected a service at"):
        fetch(url)


def test_a_port_where_nobody_listens() -> None:
    """The system's reason is in the sentence."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(Unanswered, match=f"Expected a service at {url}, or another --url. Received: .*refused"):
            fetch(url)

"""Which address may be loaded, and how it is asked."""

from __future__ import annotations

import pytest

from loadtests.errors import BadTarget, ServerGone
from loadtests.server import free_port
from loadtests.target import Target
from tests.loadtests.double import Double


@pytest.mark.parametrize("url", ["http://127.0.0.1:3000", "http://localhost:3000/", "https://[::1]:3000/prefix"])
def test_this_machine_may_be_loaded(url: str) -> None:
    """Addresses of this machine need no leave."""
    assert Target.checked(url, remote=False).url == url.rstrip("/")


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1:3000", "http://example.org", "http://0.0.0.0:1", "http://localhost.x"]
)
def test_other_machines_need_leave(url: str) -> None:
    """Nobody loads another machine by a slip."""
    with pytest.raises(BadTarget, match="--remote"):
        Target.checked(url, remote=False)
    assert Target.checked(url, remote=True).url == url


@pytest.mark.parametrize("url", ["", "127.0.0.1:3000", "ftp://127.0.0.1", "http://", "http://[::1"])
def test_other_texts_are_no_address(url: str) -> None:
    """What is no HTTP address is refused with an example of one."""
    with pytest.raises(BadTarget, match=r"http://127\.0\.0\.1:3000"):
        Target.checked(url, remote=True)


def test_refusals_are_answers(double: Double) -> None:
    """A status other than 200 is returned with its body."""
    double.status = 400
    assert Target(double.url).ask("/v1/models/toy:predict", b'{"inputs": [[1, 2]]}')[0] == 400


def test_proxies_are_passed_by(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    """Questions go straight to the server, as the load does."""
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("no_proxy", "")
    assert Target(double.url).ask("/v1/models") == (200, {"models": ["toy"]})


def test_silence_is_said() -> None:
    """Where nobody listens, the error names the address."""
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(ServerGone, match=url):
        Target(url).ask("/v1/models")

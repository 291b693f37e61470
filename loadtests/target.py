"""The target: which address may be loaded, and how it is asked a question outside the load."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

import orjson

from loadtests.errors import BadTarget, ServerGone

ASK_TIMEOUT_S = 15


@dataclass(frozen=True, slots=True)
class Target:
    """A server's address.

    Attributes:
        url: Without a slash at its end.
    """

    url: str

    @classmethod
    def checked(cls, url: str, *, remote: bool) -> Target:
        """The target at an address.

        Args:
            url: Starts with ``http://`` or ``https://``.
            remote: Whether another machine may be loaded; a load test is an attack on a server that expects none.

        Raises:
            BadTarget: No such address, or another machine without leave.
        """
        try:
            parts = urlsplit(url)
            host = parts.hostname
        except ValueError:
            parts, host = urlsplit(""), None
        if parts.scheme not in ("http", "https") or not host:
            raise BadTarget(f"Expected a URL such as http://127.0.0.1:3000. Received {url}.")
        if not remote and not is_loopback(host):
            raise BadTarget(f"Expected a server on this machine, or --remote for one elsewhere. Received {url}.")
        return cls(url.rstrip("/"))

    def ask(self, path: str, body: bytes | None = None) -> tuple[int, Any]:
        """Send one request, a POST if it has a body.

        Returns:
            Status and parsed JSON; None in its place where the answer is no JSON.

        Raises:
            ServerGone: No answer came.
        """
        # straight there, as the load goes, whatever proxy the environment names
        opener = build_opener(ProxyHandler({}))
        try:
            try:
                with opener.open(Request(self.url + path, data=body), timeout=ASK_TIMEOUT_S) as answer:
                    return answer.status, _parsed(answer.read())
            except HTTPError as error:
                with error:
                    return error.code, _parsed(error.read())
        except (OSError, HTTPException) as error:
            raise ServerGone(f"Expected an answer from {self.url}{path}. Received {error}.") from None


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None

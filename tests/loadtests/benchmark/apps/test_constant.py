"""The floor."""

from __future__ import annotations

import json
from typing import Any

from loadtests.benchmark.apps.constant import app


async def test_whole_body_is_read_before_the_constant_is_sent() -> None:
    """Every part of the body is taken; the answer has the form of a real one, and says its length."""
    parts = [{"body": b"a", "more_body": True}, {"body": b"b", "more_body": True}, {"body": b"c"}]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        assert not sent
        return parts.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app({"type": "http"}, receive, send)
    assert not parts
    assert dict(sent[0]["headers"])[b"content-length"] == str(len(sent[1]["body"])).encode()
    (row,) = json.loads(sent[1]["body"])["predictions"]
    assert len(row) == 10

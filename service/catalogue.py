"""``python -m service models``: what a running service serves, as a table."""

from __future__ import annotations

import urllib.request
from collections.abc import Mapping, Sequence
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError

import orjson

TIMEOUT_S = 10
HEAD = ("model", "version", "labels", "state", "engine", "rows", "traffic", "reason")


class Unanswered(Exception):
    """The service cannot be asked; the message says why."""


def fetch(url: str) -> Mapping[str, Any]:
    """Ask a service for its page ``/models``.

    Raises:
        Unanswered: Nobody answers there, or nothing of that kind.
    """
    try:
        with urllib.request.urlopen(f"{url.rstrip('/')}/models", timeout=TIMEOUT_S) as answer:
            page = orjson.loads(answer.read())
    except (OSError, ValueError, HTTPException) as error:
        if isinstance(error, HTTPError):  # it is the answer as well
            error.close()
        reason = " ".join(str(getattr(error, "reason", error)).split())
        raise Unanswered(f"Expected a service at {url}, or another --url. Received: {reason}.") from None
    if not isinstance(page, dict) or not isinstance(page.get("models"), list):
        raise Unanswered(f"Expected the models of a service at {url}/models. Received something else.")
    return page


def table(page: Mapping[str, Any]) -> str:
    """The page for people: one line a version, then what is not as the operator wants it."""
    rows = [HEAD, *(_row(entry) for entry in page["models"])]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([*lines, *(f"! {complaint}" for complaint in page.get("complaints", ()))])


def _row(entry: Mapping[str, Any]) -> Sequence[str]:
    engine = f"{entry['engine']} {entry['device']}" if "engine" in entry else ""
    return (
        entry["name"],
        str(entry["version"]),
        ",".join(entry["labels"]),
        entry["state"],
        engine,
        str(entry.get("rows", "")),
        _traffic(entry),
        entry["reason"],
    )


def _traffic(entry: Mapping[str, Any]) -> str:
    """Which requests without a version it gets."""
    if entry.get("default"):
        return "default"
    if "canary_percent" in entry:
        return f"canary {entry['canary_percent']:g} %"
    if "shadow" in entry:
        compared = entry["shadow"]["agree"] + entry["shadow"]["disagree"]
        share = f", {100 * entry['shadow']['disagree'] / compared:.2f} % of {compared} disagree" if compared else ""
        return f"shadow{share}"
    return ""

"""Which path means what. Pure: a path to a route."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Dialect = Literal["tfserving", "openinference", "typed", "service"]

V1 = re.compile(
    r"/v1/models/(?P<model>[^/:]+)"
    r"(?:/versions/(?P<version>\d+)|/labels/(?P<label>[^/:]+))?"
    r"(?::(?P<verb>predict|classify|regress)|/(?P<page>metadata))?",
    re.IGNORECASE | re.ASCII,
)
V2 = re.compile(r"/v2/models/(?P<model>[^/]+)(?:/versions/(?P<version>[^/]+))?(?:/(?P<page>infer|ready|config|stats))?")
V2_REPOSITORY = re.compile(r"/v2/repository/models/(?P<model>[^/]+)/(?P<action>load|unload)")

SERVICE_PAGES = {
    "/livez": "livez",
    "/healthz": "livez",
    "/readyz": "readyz",
    "/metrics": "metrics",
    "/monitoring/prometheus/metrics": "metrics",
    "/models": "models",
    "/openapi.json": "openapi",
    "/docs": "docs",
    "/docs/init.js": "docs_script",
}
V2_PAGES = {
    "/v2": "server",
    "/v2/": "server",
    "/v2/health/live": "live",
    "/v2/health/ready": "ready",
    "/v2/models": "models",
    "/v2/models/stats": "stats",
    "/v2/repository/index": "index",
}
CALLS = frozenset({"predict", "classify", "regress", "infer"})
"""Actions that compute."""
POSTED = CALLS | {"index", "load", "unload"}


@dataclass(frozen=True, slots=True)
class Route:
    """What a path asks for.

    Attributes:
        action: A call (``predict``, ``classify``, ``regress``, ``infer``), a change of the repository (``load``,
            ``unload``), a page (``status``, ``metadata``, ``models``, ``model``, ``ready``, ``config``, ``stats``,
            ``index``, ``server``, ``live``, ``livez``, ``readyz``, ``metrics``, ``openapi``,
            ``docs``, ``docs_script``), or ``unknown``.
        model: Name, where the path has one.
        version: As written in the path; empty if it names none.
        label: As written in the path, or where the path's version is no number.
    """

    dialect: Dialect
    action: str
    model: str = ""
    version: str = ""
    label: str = ""

    @property
    def method(self) -> str:
        """The method that the route takes; GET routes take HEAD as well."""
        return "POST" if self.action in POSTED else "GET"


def route(path: str) -> Route | None:
    """The route of a path that is URL-decoded once already; None if it is none of ours."""
    if path in SERVICE_PAGES:
        return Route("service", SERVICE_PAGES[path])
    if path in V2_PAGES:
        return Route("openinference", V2_PAGES[path])
    if path[:4].lower() == "/v1/":
        return _v1(path)
    return _v2(path) if path.startswith("/v2/") else None


def _v1(path: str) -> Route:
    if path.rstrip("/").lower() == "/v1/models":
        return Route("tfserving", "models")
    match = V1.fullmatch(path)
    if match is None:
        return Route("tfserving", "unknown")
    action = (match["verb"] or match["page"] or "status").lower()
    return Route("tfserving", action, match["model"], match["version"] or "", match["label"] or "")


def _v2(path: str) -> Route | None:
    changed = V2_REPOSITORY.fullmatch(path)
    if changed is not None:
        return Route("openinference", changed["action"], changed["model"])
    match = V2.fullmatch(path)
    if match is None:
        return None
    return v2_route(match["page"] or "model", match["model"], match["version"] or "")


def v2_route(action: str, model: str, version: str) -> Route:
    """The route of a V2 call or page; a version that is no number is a label."""
    digits = version.removeprefix("-")
    number = not version or (digits.isascii() and digits.isdigit())
    return Route("openinference", action, model, version if number else "", "" if number else version)

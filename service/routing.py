"""Which path means what. Pure: a path to a route."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Dialect = Literal["tfserving", "openinference", "typed", "service"]

V1 = re.compile(
    r"/v1/models/(?P<model>[^/:]+)"
    r"(?:/versions/(?P<version>[^/:]+)|/labels/(?P<label>[^/:]+))?"
    r"(?::(?P<verb>predict|classify|regress)|/(?P<page>metadata))?",
    re.IGNORECASE,
)
V2 = re.compile(r"/v2/models/(?P<model>[^/]+)(?:/versions/(?P<version>[^/]+))?(?:/(?P<page>infer|ready))?")

SERVICE_PAGES = {
    "/livez": "livez",
    "/healthz": "livez",
    "/readyz": "readyz",
    "/metrics": "metrics",
    "/monitoring/prometheus/metrics": "metrics",
}
V2_PAGES = {"/v2": "server", "/v2/": "server", "/v2/health/live": "live", "/v2/health/ready": "ready"}


@dataclass(frozen=True, slots=True)
class Route:
    """What a path asks for.

    Attributes:
        action: ``predict``, ``classify``, ``regress``, ``infer``, ``status``, ``metadata``, ``models``, ``ready``,
            ``model``, ``server``, ``live``, ``livez``, ``readyz``, ``metrics``, ``unknown``.
        model: Name, where the path has one.
        version: As written in the path; empty for the latest.
        label: As written in the path.
    """

    dialect: Dialect
    action: str
    model: str = ""
    version: str = ""
    label: str = ""

    @property
    def method(self) -> str:
        """The method that the route takes; GET routes take HEAD as well."""
        return "POST" if self.action in ("predict", "classify", "regress", "infer") else "GET"


def route(path: str) -> Route | None:
    """The route of a path; None if it is none of ours."""
    if path in SERVICE_PAGES:
        return Route("service", SERVICE_PAGES[path])
    if path in V2_PAGES:
        return Route("openinference", V2_PAGES[path])
    if path[:4].lower() == "/v1/":
        return _v1(path)
    if path.startswith("/v2/"):
        match = V2.fullmatch(path)
        if match is None:
            return None
        return Route("openinference", match["page"] or "model", match["model"], match["version"] or "")
    return None


def _v1(path: str) -> Route:
    if path.rstrip("/").lower() == "/v1/models":
        return Route("tfserving", "models")
    match = V1.fullmatch(path)
    if match is None:
        return Route("tfserving", "unknown")
    action = (match["verb"] or match["page"] or "status").lower()
    return Route("tfserving", action, match["model"], match["version"] or "", match["label"] or "")

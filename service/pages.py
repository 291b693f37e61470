"""The pages that are read: health, metrics, what is served. Each is a function of the runtime and the route."""

from __future__ import annotations

import orjson

from service import listing
from service.errors import NotFound, NotReady
from service.lookup import find, number_of, unknown
from service.openapi import page as docs_page
from service.openapi.rendered import render
from service.pages_v2 import JSON, Page, Pages
from service.pages_v2 import PAGES as V2_PAGES
from service.protocols import tfserving_pages
from service.routing import Route
from service.runtime import Runtime


def livez(runtime: Runtime, route: Route) -> Page:
    """200 while the process can answer; 503 when an engine hangs."""
    if not runtime.alive:
        raise NotReady("An engine has not come back from its batch; this process needs a restart.")
    return 200, b'{"live":true}', JSON


def readyz(runtime: Runtime, route: Route) -> Page:
    """200 while new requests are welcome."""
    if not runtime.ready:
        raise NotReady("The service is draining." if runtime.draining else "The models are not ready.")
    refused = sorted(runtime.repository.refused)
    return 200, orjson.dumps({"ready": True, "models": runtime.repository.names(), "refused": refused}), JSON


def metrics(runtime: Runtime, route: Route) -> Page:
    """Prometheus' text format."""
    runtime.set_gauges()
    return 200, runtime.metrics.exposition(), b"text/plain; version=0.0.4; charset=utf-8"


def models(runtime: Runtime, route: Route) -> Page:
    """Every version that is known, and what waits for the operator."""
    return 200, orjson.dumps({"models": listing.entries(runtime), "complaints": listing.complaints(runtime)}), JSON


def openapi(runtime: Runtime, route: Route) -> Page:
    """All of the service as an OpenAPI document, with the models that are loaded now."""
    return 200, render(runtime, runtime.typed_routes), JSON


def docs(runtime: Runtime, route: Route) -> Page:
    """The same for people."""
    return 200, docs_page.html(), b"text/html; charset=utf-8"


def docs_script(runtime: Runtime, route: Route) -> Page:
    """What starts that page."""
    return 200, docs_page.script(), b"text/javascript; charset=utf-8"


def v1_models(runtime: Runtime, route: Route) -> Page:
    """The names, as KServe V1 lists them."""
    return 200, tfserving_pages.model_list(runtime.repository.names()), JSON


def v1_status(runtime: Runtime, route: Route) -> Page:
    """TensorFlow Serving's status of a model or of one version; 503 while none is available, as KServe reads it."""
    states = runtime.repository.states(route.model)
    number = find(runtime, route).number if route.label else number_of(route)
    if number is not None:
        states = {number: states[number]} if number in states else {}
    if not states:
        raise NotFound(unknown(route, known=bool(runtime.repository.states(route.model))))
    ready = any(one.state == "AVAILABLE" for one in states.values()) and runtime.serving
    named = {version: one.state for version, one in states.items()}
    reasons = {version: one.reason for version, one in states.items()}
    return 200 if ready else 503, tfserving_pages.status(route.model, named, ready, reasons), JSON


def v1_metadata(runtime: Runtime, route: Route) -> Page:
    """TensorFlow Serving's metadata."""
    return 200, tfserving_pages.metadata(find(runtime, route).interface), JSON


PAGES: Pages = {
    ("service", "livez"): livez,
    ("service", "readyz"): readyz,
    ("service", "metrics"): metrics,
    ("service", "models"): models,
    ("service", "openapi"): openapi,
    ("service", "docs"): docs,
    ("service", "docs_script"): docs_script,
    ("tfserving", "models"): v1_models,
    ("tfserving", "status"): v1_status,
    ("tfserving", "metadata"): v1_metadata,
    **V2_PAGES,
}


def page(runtime: Runtime, route: Route) -> Page:
    """The page of a GET route.

    Raises:
        ServiceError: In the dialect's words.
    """
    found = PAGES.get((route.dialect, route.action))
    if found is None:
        raise NotFound("Not Found: there is nothing at this path.")
    return found(runtime, route)

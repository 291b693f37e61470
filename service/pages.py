"""The pages that are read: health, metrics, what is served. Each is a function of the runtime and the route."""

from __future__ import annotations

from collections.abc import Callable

import orjson

from service import __version__
from service.errors import MalformedRequest, NotFound, NotReady
from service.protocols import openinference_pages, tfserving_pages
from service.repository import Version, summary
from service.routing import Route
from service.runtime import Runtime

Page = tuple[int, bytes, bytes]
JSON = b"application/json"
INT64_MAX = 2**63 - 1


def find(runtime: Runtime, route: Route) -> Version:
    """The version that a route names.

    Raises:
        NotFound: There is none, in the dialect's words.
        NotReady: It is loading.
        MalformedRequest: The version is no number of 64 bits, or the label is unknown, as TensorFlow Serving has it.
    """
    if route.label:
        raise MalformedRequest(f"Unrecognized servable version label: {route.label[:256]}")
    number = _number(route)
    version = runtime.repository.find(route.model, number)
    if version is not None:
        return version
    raise NotFound(_unknown(route, known=bool(runtime.repository.states(route.model))))


def _number(route: Route) -> int | None:
    if not route.version:
        return None
    digits = route.version.removeprefix("-")
    if digits.isascii() and digits.isdigit() and len(digits) < 20 and int(digits) <= INT64_MAX:
        return int(route.version)
    if route.dialect == "tfserving":
        raise MalformedRequest(f"Failed to convert version: {route.version[:256]} to numeric.")
    raise NotFound(_unknown(route, known=False))


def _unknown(route: Route, known: bool) -> str:
    name, version = route.model[:256], route.version[:256]
    if route.dialect == "openinference":
        which = f" version {version}" if version else ""
        return f"Request for unknown model: '{name}'{which} is not found"
    if route.action == "status":
        if version and known:
            return f"Could not find version {version} of model {name}"
        return f"Could not find any versions of model {name}"
    specifier = f"Specific({name}, {version})" if version else f"Latest({name})"
    return f"Servable not found for request: {specifier}"


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


def v1_models(runtime: Runtime, route: Route) -> Page:
    """The names, as KServe V1 lists them."""
    return 200, tfserving_pages.model_list(runtime.repository.names()), JSON


def v1_status(runtime: Runtime, route: Route) -> Page:
    """TensorFlow Serving's status of a model or of one version; 503 while none is available, as KServe reads it."""
    if route.label:
        find(runtime, route)
    states = runtime.repository.states(route.model)
    number = _number(route)
    if number is not None:
        states = {number: states[number]} if number in states else {}
    if not states:
        raise NotFound(_unknown(route, known=bool(runtime.repository.states(route.model))))
    ready = "AVAILABLE" in states.values() and runtime.serving
    refused = runtime.repository.refused
    reasons = {version: refused.get(f"{route.model}:{version}", "") for version in states}
    return 200 if ready else 503, tfserving_pages.status(route.model, states, ready, reasons), JSON


def v1_metadata(runtime: Runtime, route: Route) -> Page:
    """TensorFlow Serving's metadata."""
    return 200, tfserving_pages.metadata(find(runtime, route).interface), JSON


def v2_server(runtime: Runtime, route: Route) -> Page:
    """Server metadata."""
    return 200, openinference_pages.server(__version__), JSON


def v2_live(runtime: Runtime, route: Route) -> Page:
    """Liveness."""
    return 200 if runtime.alive else 503, openinference_pages.live(runtime.alive), JSON


def v2_ready(runtime: Runtime, route: Route) -> Page:
    """Readiness of the whole service."""
    return 200 if runtime.ready else 503, openinference_pages.ready(runtime.ready, runtime.alive), JSON


def v2_model_ready(runtime: Runtime, route: Route) -> Page:
    """Readiness of one model; 404 if it is unknown, 503 while it loads."""
    find(runtime, route)
    ready = runtime.serving
    return 200 if ready else 503, openinference_pages.model_ready(route.model, ready), JSON


def v2_model(runtime: Runtime, route: Route) -> Page:
    """Model metadata."""
    version = find(runtime, route)
    platform = "onnxruntime_onnx" if version.engine == "onnxruntime" else "tensorflow_savedmodel"
    facts = {
        "engine": version.engine,
        "device": version.device,
        "bit_equal_batch_sizes": summary(version.sizes),
        "ranges": {name: bounds.published() for name, bounds in version.interface.bounds.items()},
    }
    return 200, openinference_pages.model(version.interface, [version.number], platform, facts), JSON


PAGES: dict[tuple[str, str], Callable[[Runtime, Route], Page]] = {
    ("service", "livez"): livez,
    ("service", "readyz"): readyz,
    ("service", "metrics"): metrics,
    ("tfserving", "models"): v1_models,
    ("tfserving", "status"): v1_status,
    ("tfserving", "metadata"): v1_metadata,
    ("openinference", "server"): v2_server,
    ("openinference", "live"): v2_live,
    ("openinference", "ready"): v2_ready,
    ("openinference", "model"): v2_model,
}


def page(runtime: Runtime, route: Route) -> Page:
    """The page of a GET route.

    Raises:
        ServiceError: In the dialect's words.
    """
    if route.action == "ready" and route.model:
        return v2_model_ready(runtime, route)
    found = PAGES.get((route.dialect, route.action))
    if found is None:
        raise NotFound("Not Found: there is nothing at this path.")
    return found(runtime, route)

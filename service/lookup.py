"""Finds what a route names, in the dialect's words where it is not there."""

from __future__ import annotations

from service.errors import MalformedRequest, NotFound
from service.routing import CALLS, Route
from service.runtime import Runtime
from service.version import Version

INT64_MAX = 2**63 - 1


def find(runtime: Runtime, route: Route) -> Version:
    """The version that a route names; of one that names none, the canary gets its share of the calls only.

    Raises:
        NotFound: There is none, in the dialect's words.
        NotReady: It is loading.
        MalformedRequest: The version is no number of 64 bits, or the label is unknown, as TensorFlow Serving has it.
    """
    number = number_of(route)
    version = runtime.repository.find(route.model, number, route.label, draw=route.action in CALLS)
    if version is not None:
        return version
    if route.label and route.dialect == "tfserving":
        raise MalformedRequest(f"Unrecognized servable version label: {route.label[:256]}")
    raise NotFound(unknown(route, known=bool(runtime.repository.states(route.model))))


def number_of(route: Route) -> int | None:
    """The version that a route names by its number; None if it names none so.

    Raises:
        MalformedRequest: It is no number of 64 bits, as TensorFlow Serving has it.
        NotFound: The same, in the V2 protocol.
    """
    if not route.version:
        return None
    digits = route.version.removeprefix("-")
    if digits.isascii() and digits.isdigit() and len(digits) < 20 and int(digits) <= INT64_MAX:
        return int(route.version)
    if route.dialect == "tfserving":
        raise MalformedRequest(f"Failed to convert version: {route.version[:256]} to numeric.")
    raise NotFound(unknown(route, known=False))


def unknown(route: Route, known: bool) -> str:
    """The dialect's sentence for what is not there; ``known`` says whether the model is, in whatever state."""
    name, version = route.model[:256], (route.version or route.label)[:256]
    if route.dialect == "openinference":
        if known and not version:
            return f"Request for unknown model: '{name}' has no available versions"
        which = f" version {version}" if version else ""
        return f"Request for unknown model: '{name}'{which} is not found"
    if route.action == "status":
        if version and known:
            return f"Could not find version {version} of model {name}"
        return f"Could not find any versions of model {name}"
    specifier = f"Specific({name}, {version})" if version else f"Latest({name})"
    return f"Servable not found for request: {specifier}"

"""The paths under ``/v2`` that are about models and health: the Open Inference Protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from service.openapi import examples, infer_schemas, openinference_schemas
from service.openapi.operation import CALLED, IDENTITY, answer, media, operation
from service.openapi.place import Place, own, templated
from service.openapi.predict_schemas import takes_json
from service.openapi.subject import JSON, Paths, Schema, Subject, ref

TAG = "Open Inference Protocol V2"
CALL = (400, 404, 405, 408, 413, 431, 500, 501, 503, 504)
PAGE = (404, 405, 431, 500, 503)
SERVER_PAGE = (405, 431, 500)
BYTES = "application/octet-stream"
RAW = (
    "Tensors may also travel as raw bytes, little-endian and row-major: a JSON head whose inputs have "
    "`parameters.binary_data_size` in the place of `data`, the bytes of these inputs behind it in that order, and the "
    "head's length in the header `Inference-Header-Content-Length`. Outputs come back so where `binary_data` or "
    "`binary_data_output` asks for it."
)
PAGES = {
    "": ("model", "Tensors of {}", "V2Model"),
    "/config": ("config", "Configuration of {}", "V2Config"),
    "/stats": ("stats", "Statistics of {}", "V2Statistics"),
}
ANSWERED = {
    "X-Model-Version": "ModelVersion",
    "Content-Encoding": "ContentEncoding",
    "Inference-Header-Content-Length": "InferenceHeaderContentLength",
}
LATER = {"Retry-After": "RetryAfter"}


def paths(subjects: Sequence[Subject]) -> Paths:
    """Every path of every subject, the templated ones for versions and labels, and the server's own."""
    found = _server()
    for subject in subjects:
        pairs = examples.infer(subject)
        given = media(subject.ref("InferRequest"), {name: body for name, (body, _) in pairs.items()})
        got = media(subject.ref("InferAnswer"), {name: body for name, (_, body) in pairs.items()})
        found |= _paths(own(subject), {JSON: given} if takes_json(subject) else {}, got)
    place = templated(subjects).get("version")
    if place is not None:
        given, got = media(ref("schemas", "InferRequest")), media(ref("schemas", "InferAnswer"))
        found |= _paths(place, {JSON: given}, got)
    return found


def components(subjects: Sequence[Subject]) -> dict[str, Schema]:
    """The schemas that these paths refer to."""
    found = {**infer_schemas.generic(), **openinference_schemas.components()}
    for subject in subjects:
        found |= infer_schemas.components(subject)
    return found


def _server() -> Paths:
    ready = answer("Welcome.", ref("schemas", "V2Ready"))
    not_ready = answer("Loading, draining, or an engine hangs.", ref("schemas", "V2Ready"), LATER)
    live = answer("Alive.", ref("schemas", "V2Live"))
    dead = answer("An engine hangs; only a restart helps.", ref("schemas", "V2Live"), LATER)
    every = answer("Counted since the start of the service.", ref("schemas", "V2Statistics"))
    return {
        "/v2": _page("v2_server", "Name, version and extensions", answer("The server.", ref("schemas", "V2Server"))),
        "/v2/health/live": _page("v2_live", "Whether the process answers", live, dead),
        "/v2/health/ready": _page("v2_ready", "Whether requests are welcome", ready, not_ready),
        "/v2/models": _page("v2_models", "Names of the models", answer("The names.", ref("schemas", "V2Models"))),
        "/v2/models/stats": _page("v2_models_stats", "Statistics of all models", every),
    }


def _page(identity: str, summary: str, good: Mapping[str, Any], bad: Mapping[str, Any] | None = None) -> dict[str, Any]:
    answers = {"200": good, **({"503": bad} if bad else {})}
    return {"get": operation(TAG, identity, summary, answers, SERVER_PAGE)}


def _paths(place: Place, given: Mapping[str, Any], got: Mapping[str, Any]) -> Paths:
    base, where = f"/v2/models/{place.path}", [*place.given, IDENTITY]
    found: Paths = {f"{base}/infer": {"post": _infer(place, given, got)}}
    for end, (action, summary, schema) in PAGES.items():
        page = answer("The version that answers.", ref("schemas", schema))
        identity = place.identity("v2", action)
        found[base + end] = {
            "get": operation(TAG, identity, summary.format(place.title), {"200": page}, PAGE, given=where)
        }
    found[f"{base}/ready"] = {"get": _ready(place)}
    return found


def _ready(place: Place) -> dict[str, Any]:
    schema = ref("schemas", "V2ModelReady")
    late = {"anyOf": [schema, ref("schemas", "Error")]}
    answers = {"200": answer("Welcome.", schema), "503": answer("Loading or draining.", late, LATER)}
    summary = f"Whether requests are welcome at {place.title}"
    given = [*place.given, IDENTITY]
    return operation(TAG, place.identity("v2", "ready"), summary, answers, PAGE, given=given)


def _infer(place: Place, given: Mapping[str, Any], got: Mapping[str, Any]) -> dict[str, Any]:
    raw = media({"contentMediaType": BYTES, "description": "JSON, and raw bytes behind it."})
    return operation(
        TAG,
        place.identity("v2", "infer"),
        f"Infer with {place.title}",
        {"200": answer("The outputs, the rows in the order of the request's.", {JSON: got, BYTES: raw}, ANSWERED)},
        CALL,
        description=" ".join(filter(None, (RAW, place.note))),
        given=[*place.given, *CALLED, ref("parameters", "InferenceHeaderContentLength")],
        body={**given, BYTES: raw},
    )

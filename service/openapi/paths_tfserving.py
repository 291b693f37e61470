"""The paths under ``/v1``: TensorFlow Serving's and KServe V1's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from service.openapi import example_schemas, examples, predict_schemas, stream_schemas, tfserving_schemas
from service.openapi.operation import CALLED, IDENTITY, answer, media, operation
from service.openapi.place import Place, own, templated
from service.openapi.subject import JSON, Paths, Schema, Subject, ref
from service.protocols import tfserving_pages

TAG = "TensorFlow Serving and KServe V1"
CALL = (400, 404, 408, 413, 415, 431, 500, 501, 503, 504)
PAGE = (400, 404, 431, 500, 503)
ANSWERED = {"X-Model-Version": "ModelVersion", "Content-Encoding": "ContentEncoding"}
SUMMARIES = {
    "predict": "Predict with {}",
    "classify": "Classes of examples, with scores, by {}",
    "regress": "A number for each example, by {}",
    "status": "State of {}",
    "metadata": "Tensors of {}",
}


def paths(subjects: Sequence[Subject]) -> Paths:
    """Every path of every subject, and the templated ones for versions and labels."""
    names = answer("The names.", ref("schemas", "V1Models"))
    listing = operation(TAG, "v1_models", "Names of the models", {"200": names}, (400, 431, 500))
    found: Paths = {"/v1/models": {"get": listing}}
    for subject in subjects:
        found |= _own(subject)
    for place in templated(subjects).values():
        found |= _templated(place, subjects[0])
    return found


def components(subjects: Sequence[Subject]) -> dict[str, Schema]:
    """The schemas that these paths refer to."""
    found = {**predict_schemas.generic(), **example_schemas.generic(), **tfserving_schemas.components()}
    for subject in subjects:
        found |= predict_schemas.components(subject) | example_schemas.components(subject)
    return found


def _own(subject: Subject) -> Paths:
    place, base = own(subject), f"/v1/models/{subject.path}"
    shown = {"metadata": orjson.loads(tfserving_pages.metadata(subject.interface))}
    found: Paths = {}
    if predict_schemas.takes_json(subject):
        found[f"{base}:predict"] = _predict(place, subject, subject.ref("PredictRequest"), subject.ref("PredictAnswer"))
    for verb in example_schemas.verbs(subject):
        pairs = examples.with_examples(subject, verb)
        bodies, answers = _examples(pairs, subject.ref("ExamplesRequest"), subject.ref("ExamplesAnswer"))
        found[f"{base}:{verb}"] = _call(place, verb, bodies, answers)
    return {**found, base: _status(place), f"{base}/metadata": _metadata(place, shown)}


def _templated(place: Place, first: Subject) -> Paths:
    """The calls and pages of whatever model, with the examples of one."""
    base = f"/v1/models/{place.path}"
    predict = _predict(place, first, ref("schemas", "PredictRequest"), ref("schemas", "PredictAnswer"))
    found: Paths = {f"{base}:predict": predict}
    for verb in ("classify", "regress"):
        pairs = examples.with_examples(first, verb) if verb in example_schemas.verbs(first) else {}
        answered = ref("schemas", f"{verb.capitalize()}Answer")
        found[f"{base}:{verb}"] = _call(place, verb, *_examples(pairs, ref("schemas", "ExamplesRequest"), answered))
    return {**found, base: _status(place), f"{base}/metadata": _metadata(place)}


def _predict(place: Place, subject: Subject, request: Schema, answered: Schema) -> dict[str, Any]:
    """Predict by JSON, CSV and JSON lines."""
    bodies, answers = _examples(examples.predict(subject), request, answered)
    for kind, (given, got) in stream_schemas.streams(subject).items():
        bodies[kind], answers[kind] = given, got
    return _call(place, "predict", bodies, answers, stream_schemas.DESCRIPTION)


def _examples(pairs: examples.Pairs, request: Schema, answered: Schema) -> tuple[dict[str, Any], dict[str, Any]]:
    """The JSON bodies of a call: what is sent and what is answered."""
    given = media(request, {name: body for name, (body, _) in pairs.items()})
    got = media(answered, {name: body for name, (_, body) in pairs.items()})
    return {JSON: given}, {JSON: got}


def _call(
    place: Place, verb: str, bodies: Mapping[str, Any], answers: Mapping[str, Any], description: str = ""
) -> dict[str, Any]:
    return {
        "post": operation(
            TAG,
            place.identity("v1", verb),
            SUMMARIES[verb].format(place.title),
            {"200": answer("The answers, in the order of the rows.", answers, ANSWERED)},
            CALL,
            description=" ".join(filter(None, (description, place.note))),
            given=[*place.given, *CALLED],
            body=bodies,
        )
    }


def _status(place: Place) -> dict[str, Any]:
    schema = ref("schemas", "V1Status")
    late = {"Retry-After": "RetryAfter"}
    answers = {
        "200": answer("A version is available.", schema),
        "503": answer("None is available.", {"anyOf": [schema, ref("schemas", "Error")]}, late),
    }
    return _page(place, "status", answers)


def _metadata(place: Place, shown: Mapping[str, Any] | None = None) -> dict[str, Any]:
    content = {JSON: media(ref("schemas", "V1Metadata"), shown)}
    return _page(place, "metadata", {"200": answer("The signature of the version that answers.", content)})


def _page(place: Place, action: str, answers: Mapping[str, Any]) -> dict[str, Any]:
    summary = SUMMARIES[action].format(place.title)
    identity = place.identity("v1", action)
    return {"get": operation(TAG, identity, summary, answers, PAGE, given=[*place.given, IDENTITY])}

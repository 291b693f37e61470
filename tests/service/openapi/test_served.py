"""What the document shows works: its examples are sent to a running front, and what comes back is as it says."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from service import store
from service.front import Front
from service.runtime import Runtime
from service.settings import Settings
from service.typed import TypedApis
from tests import toy
from tests.raw_asgi import Answer, ask
from tests.service.conftest import AppDouble
from tests.service.openapi.described import operations, validator

KEY = "0123456789abcdef"
ROUTES = {"/ask_toy": "toy"}
BENTOML = {"/", "/docs.json", "/schema.json", *ROUTES}
"""Answered by the double of BentoML's app here."""


@pytest.fixture
async def front(tmp_path: Path) -> AsyncIterator[Front]:
    """A front on the toy with fields, in two versions, and without, with a label."""
    toy.write(tmp_path, version=1)
    toy.write(tmp_path, version=2, scale=2.0)
    toy.write(tmp_path, "plain", fields=False)
    labels = "[models.plain]\nlabels = { stable = 1 }"
    (tmp_path / "serve.toml").write_text(f'{labels}\n[models.toy]\nversions = "all"\n')
    runtime = Runtime(Settings(repository_key=KEY, config=tmp_path / "serve.toml"), store.Home(tmp_path))
    runtime.typed_routes = ROUTES
    served = Front(runtime, TypedApis(AppDouble(), runtime, ROUTES))
    await runtime.start()
    assert runtime.loading is not None
    await runtime.loading
    yield served
    await runtime.stop()


async def published(front: Front) -> Any:
    """The document as the service publishes it."""
    answer = await ask(front, "GET", "/openapi.json")
    assert (answer.status, answer.header("content-type")) == (200, b"application/json")
    return json.loads(answer.body)


def filled(path: str, one: dict[str, Any]) -> str:
    """A path with its parameters' examples in it; the label is the one of the fixture."""
    for parameter in one["parameters"]:
        if parameter.get("in") == "path":
            example = parameter.get("example", "stable" if parameter["name"] == "label" else "toy")
            path = path.replace(f"{{{parameter['name']}}}", str(example))
    return path


def requests(one: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Media type and body of every example; no body at all if there is none to send."""
    for kind, body in one.get("requestBody", {}).get("content", {}).items():
        for example in body.get("examples", {}).values():
            yield kind, example["value"]
    if "requestBody" not in one or not one["requestBody"]["required"]:
        yield "", None


def holds(answer: Answer, one: dict[str, Any], components: dict[str, Any]) -> str:
    """Hold an answer against what its operation says of it, and return its media type."""
    described = one["responses"][str(answer.status)]
    described = components["responses"][described["$ref"].rsplit("/", 1)[1]] if "$ref" in described else described
    kind = (answer.header("content-type") or b"").split(b";")[0].decode()
    headers = {name.decode() for name, _ in answer.pairs} - {"content-type", "content-length", "vary", "connection"}
    assert headers <= {name.lower() for name in described["headers"]}
    if "content" not in described:
        assert answer.body == b""
        return kind
    assert kind in described["content"]
    value = answer.json if kind == "application/json" else answer.body.decode()
    validator(described["content"][kind]["schema"], components).validate(value)
    return kind


async def test_every_example_gets_the_answer_that_is_documented(front: Front) -> None:
    """Each page is read and each example sent: 200, in a documented form, valid by its schema."""
    parsed = await published(front)
    sent = 0
    for path, method, one in operations(parsed):
        if path in BENTOML or path.endswith("/unload"):
            continue
        for kind, body in requests(one):
            text = body if isinstance(body, str) else json.dumps(body) if body is not None else ""
            headers = [(b"content-type", kind.encode()), (b"authorization", f"Bearer {KEY}".encode())]
            answer = await ask(front, method.upper(), filled(path, one), text.encode(), headers)
            assert answer.status == 200, (path, kind, answer.body)
            got = holds(answer, one, parsed["components"])
            assert got == kind or not kind or "openapi" in path, (path, kind, got)
            sent += 1
    assert sent > 50


async def test_answers_shown_are_the_answers_given(front: Front) -> None:
    """For a model whose stored answers are exact, what is shown is what comes, number by number."""
    parsed = await published(front)
    for path in ("/v1/models/plain:predict", "/v1/models/plain:regress", "/v2/models/plain/infer"):
        one = parsed["paths"][path]["post"]
        shown = one["responses"]["200"]["content"]["application/json"]["examples"]
        for name, example in one["requestBody"]["content"]["application/json"]["examples"].items():
            answer = await ask(front, "POST", path, json.dumps(example["value"]).encode())
            assert answer.json == shown[name]["value"], (path, name)


REFUSED: list[tuple[str, str, bytes, dict[str, str], int]] = [
    ("post", "/v1/models/toy:predict", b"{", {}, 400),
    ("post", "/v1/models/toy:predict", b'{"instances": [[1e9, 0]]}', {}, 400),
    ("post", "/v1/models/toy:predict", b'{"instances": [%s[1, 1]]}' % (b"[1, 1]," * 1024), {}, 413),
    ("post", "/v1/models/toy:predict", b"{}", {"content-encoding": "br"}, 415),
    ("post", "/v2/models/toy/infer", b"{}", {"content-encoding": "br"}, 501),
    ("post", "/v2/models/toy/infer", b'{"inputs": []}', {}, 400),
    ("post", "/v2/repository/models/{model}/load", b"", {"authorization": "Bearer another"}, 401),
    ("get", "/v1/models/{model}/versions/{version}", b"", {}, 404),
    ("get", "/v2/models/{model}/versions/{version}", b"", {}, 404),
    ("get", "/v1/models/{model}/labels/{label}", b"", {}, 400),
    ("get", "/v2/health/live", b"", {"x": "y" * 20000}, 431),
]


@pytest.mark.parametrize(("method", "path", "body", "headers", "status"), REFUSED)
async def test_refusals_are_documented(
    front: Front, method: str, path: str, body: bytes, headers: dict[str, str], status: int
) -> None:
    """A refused request gets a status that its operation lists, an error body, and the headers that go with it."""
    parsed = await published(front)
    one = parsed["paths"][path][method]
    asked = path.replace("{model}", "toy").replace("{version}", "9").replace("{label}", "nowhere")
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    answer = await ask(front, method.upper(), asked, body, pairs)
    assert answer.status == status
    holds(answer, one, parsed["components"])
    assert answer.code


async def test_pages_are_not_ready_in_a_documented_way(front: Front) -> None:
    """While the service drains, each page that says so answers 503 as its operation has it."""
    parsed = await published(front)
    front._runtime.draining = True
    for path in ("/readyz", "/v1/models/toy", "/v2/models/toy/ready", "/v2/health/ready"):
        answer = await ask(front, "GET", path)
        assert answer.status == 503
        holds(answer, parsed["paths"][path]["get"], parsed["components"])

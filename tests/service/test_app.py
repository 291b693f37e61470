"""The whole app in one process: BentoML behind the front, with the toy as the model `xor`."""

from __future__ import annotations

import json
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bentoml
import httpx
import numpy as np
import pytest
import pytest_asyncio
from asgi_lifespan import LifespanManager

from service import app as app_module
from service.app import MODELS, KerasServe, source
from service.settings import Settings
from service.store import Stored
from tests import toy

pytestmark = pytest.mark.asyncio(loop_scope="module")

FIELDS = [
    {
        "name": name,
        "kind": "number",
        "description": f"Is it {name}?",
        "fills": [{"input": "x", "index": index}],
        "default": None,
        "unit": "",
        "minimum": 0.0,
        "maximum": 1.0,
        "whole": True,
    }
    for index, name in enumerate(("young", "high_income"))
]
RESULT = [
    {"name": "loyal", "kind": "threshold", "description": "", "output": "total", "index": 0, "threshold": 1.5},
    {"name": "probability", "kind": "number", "description": "", "output": "total", "index": 0, "unit": ""},
]


def write_xor(home: Path) -> None:
    """The toy under the name and the fields of `xor`: its probability is the sum of its two numbers."""
    folder = toy.write(home, "xor")
    signature = toy.signature("xor") | {"fields": FIELDS, "result": RESULT}
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
    (folder / "signature.json").write_text(json.dumps(signature))
    np.savez(
        folder / "examples.npz", **{"inputs/x": x, "outputs/double": 2 * x, "outputs/total": x.sum(1, keepdims=True)}
    )
    records = [{"young": int(young), "high_income": int(high)} for young, high in x]
    (folder / "examples.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    toy.seal(folder, "xor")


@pytest.fixture(scope="module")
def whole_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The ASGI app as a server would get it; made once, with loggers and signals put back."""
    home = tmp_path_factory.mktemp("app_home")
    write_xor(home)
    handler = signal.getsignal(signal.SIGTERM)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MODEL_STORE", str(home))
        patch.setenv("BENTOML_DO_NOT_TRACK", "true")
        patch.setattr(app_module, "configure", lambda level: None)
        app = KerasServe.to_asgi()
    yield app
    signal.signal(signal.SIGTERM, handler)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def client(whole_app: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the running app, whose models are loaded."""
    async with LifespanManager(whole_app) as manager:
        await KerasServe.runtime.loading
        transport = httpx.ASGITransport(manager.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://toy") as found:
            yield found


@pytest.mark.parametrize(
    ("young", "high_income", "answer"),
    [
        (0, 0, {"loyal": False, "probability": 0.0}),
        (1, 0, {"loyal": False, "probability": 1.0}),
        (1, 1, {"loyal": True, "probability": 2.0}),
    ],
)
async def test_a_typed_call(client: httpx.AsyncClient, young: int, high_income: int, answer: dict[str, Any]) -> None:
    """A typed route answers one record as the model does, with an id and as plain JSON."""
    got = await client.post("/loyal_customer", json={"young": young, "high_income": high_income})
    assert (got.status_code, got.json()) == (200, answer)
    assert got.headers["content-type"] == "application/json"
    assert got.headers["x-request-id"]


@pytest.mark.parametrize(
    ("body", "code", "sentence"),
    [
        ({"young": 2, "high_income": 0}, "out_of_range", "a whole number from 0 to 1"),
        ({"young": 0.5, "high_income": 0}, "wrong_type", "at body.young"),
        ({"young": True, "high_income": 0}, "wrong_type", "at body.young"),
        ({"young": 1}, "missing_field", "high_income"),
        ({"young": 1, "high_income": 0, "old": 1}, "unknown_field", "old"),
        ([1, 0], "malformed_request", "an object of fields"),
    ],
)
async def test_typed_errors_are_ours(client: httpx.AsyncClient, body: Any, code: str, sentence: str) -> None:
    """What does not fit is 400 in the form of all errors, not in BentoML's."""
    got = await client.post("/loyal_customer", json=body)
    assert got.status_code == 400
    assert sorted(got.json()) == ["code", "error"]
    assert got.json()["code"] == code
    assert sentence in got.json()["error"]
    assert got.headers["content-type"] == "application/json"


async def test_faults_behind_bentoml_keep_their_status(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A queue that is full is 503 with Retry-After through a typed route too."""
    scheduler = KerasServe.runtime.repository.ready["xor"].scheduler
    monkeypatch.setattr(scheduler, "_max_queue_rows", -1)
    monkeypatch.setattr(scheduler, "_queued_rows", 1)
    monkeypatch.setattr(scheduler, "_queue", {None: None})
    got = await client.post("/loyal_customer", json={"young": 1, "high_income": 1})
    assert (got.status_code, got.json()["code"], got.headers["retry-after"]) == (503, "overloaded", "1")


@pytest.mark.parametrize("route", sorted(set(MODELS) - {"/loyal_customer"}))
async def test_typed_routes_without_their_model(client: httpx.AsyncClient, route: str) -> None:
    """A route whose model is not stored is 404 and names the command that makes it."""
    got = await client.post(route, json={})
    assert (got.status_code, got.json()["code"]) == (404, "not_found")
    assert f"make train NAME={MODELS[route]}" in got.json()["error"]


async def test_the_docs_page(client: httpx.AsyncClient) -> None:
    """A browser gets the docs page with its assets; other clients are told that the service is alive."""
    page = await client.get("/", headers={"accept": "text/html"})
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assets = [part.split('"')[0] for part in page.text.split('="./static_content/')[1:]]
    for asset in assets:
        assert (await client.get(f"/static_content/{asset}")).status_code == 200
    assert assets
    assert (await client.get("/")).json() == {"status": "alive"}


async def test_the_schemas_name_every_typed_route(client: httpx.AsyncClient) -> None:
    """OpenAPI and BentoML's own schema list exactly the typed routes, with their fields."""
    document = (await client.get("/docs.json")).json()
    typed = {path for path, entry in document["paths"].items() if "post" in entry and path.count("/") == 1}
    assert set(MODELS) <= typed
    schema = (await client.get("/schema.json")).json()
    assert {route["route"] for route in schema["routes"]} == set(MODELS)
    loyal = next(route for route in schema["routes"] if route["route"] == "/loyal_customer")
    assert set(loyal["input"]["properties"]) == {"young", "high_income"}
    assert set(loyal["output"]["properties"]) == {"loyal", "probability"}


async def test_the_other_dialects_reach_the_same_model(client: httpx.AsyncClient) -> None:
    """What a typed route answers, TensorFlow Serving's and the Open Inference Protocol answer too."""
    rows = await client.post("/v1/models/xor:predict", json={"records": [{"young": 1, "high_income": 1}]})
    assert rows.json() == {"predictions": [{"loyal": True, "probability": 2.0}]}
    tensor = {"name": "x", "shape": [1, 2], "datatype": "FP32", "data": [1, 1]}
    v2 = await client.post("/v2/models/xor/infer", json={"inputs": [tensor]})
    assert v2.json()["outputs"][1]["data"] == [2.0]


async def test_what_bentoml_has_besides_is_not_served(client: httpx.AsyncClient) -> None:
    """BentoML's own health, metrics and internal paths are ours or nobody's, and its series are not exposed."""
    assert (await client.get("/readyz")).json() == {"ready": True, "models": ["xor"], "refused": []}
    text = (await client.get("/metrics")).text
    assert "keras_serve_requests_total" in text
    assert "bentoml" not in text
    for path in ("/__is_ready", "/redoc", "/static_content/../app.py"):
        assert (await client.get(path)).status_code == 404


async def test_pickles_are_refused(client: httpx.AsyncClient) -> None:
    """BentoML's pickle media type is 415, and nothing is unpickled."""
    headers = {"content-type": "application/vnd.bentoml+pickle"}
    got = await client.post("/loyal_customer", content=b"\x80\x04N.", headers=headers)
    assert (got.status_code, got.json()["code"]) == (415, "unsupported_media_type")


async def test_the_set_store_wins(toy_home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The store that is set is served, else what a bento pins, else the store at hand."""
    tag = bentoml.Tag("toy", "1")
    pinned = SimpleNamespace(bento=SimpleNamespace(info=SimpleNamespace(all_models=[SimpleNamespace(tag=tag)])))
    loose: Any = SimpleNamespace(bento=None)
    models = SimpleNamespace(get=lambda tag: SimpleNamespace(path=str(tmp_path / tag.name)))
    monkeypatch.setattr(app_module, "bentoml", SimpleNamespace(models=models))
    monkeypatch.setenv("BENTOML_HOME", str(toy_home))
    (tmp_path / "models").mkdir()
    assert source(pinned, Settings()).find() == {"toy": [Stored("toy", 1, tmp_path / "toy")]}  # type: ignore[arg-type]
    assert source(pinned, Settings(models="other")).find() == {}  # type: ignore[arg-type]
    assert list(source(loose, Settings()).find()) == ["toy"]
    assert source(loose, Settings(models="other")).find() == {}
    assert source(pinned, Settings(model_store=tmp_path)).find() == {}  # type: ignore[arg-type]


async def test_a_bad_setting_ends_the_start(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Under `bentoml serve` too a bad setting ends the service with one line."""

    def give_up() -> None:
        raise SystemExit(1)

    monkeypatch.setattr(app_module, "give_up", give_up)
    monkeypatch.setenv("KERAS_SERVE_WORKERS", "0")
    with pytest.raises(SystemExit):
        KerasServe.to_asgi()
    assert capsys.readouterr().err.startswith("keras-serve: KERAS_SERVE_WORKERS")


async def test_routes_and_apis_agree() -> None:
    """Every typed route has an API of its name, and every API is a typed route."""
    assert {f"/{name}" for name in KerasServe.apis} == set(MODELS)

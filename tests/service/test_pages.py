"""The pages that are read, as functions of a runtime and a route; on the toy, in every state of its life."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from service import pages, store
from service.errors import MalformedRequest, NotFound, NotReady, ServiceError
from service.model import Model, State
from service.routing import Route, route
from service.runtime import Runtime
from service.settings import Settings
from tests import toy

UNKNOWN_V1 = "Could not find any versions of model nope"
LARGEST = 2**63 - 1
LABEL = "Unrecognized servable version label: canary"


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a sound version 2 and a broken version 10 of the toy, and a model of which nothing is sound."""
    home = tmp_path_factory.mktemp("several")
    toy.write(home, version=2)
    (toy.write(home, version=10) / "model.onnx").write_bytes(b"")
    (toy.write(home, "lost", 1) / "model.onnx").write_bytes(b"")
    return home


@pytest.fixture
async def runtime(several: Path) -> AsyncIterator[Runtime]:
    """A runtime that has loaded what can be loaded."""
    made = Runtime(Settings(engine="onnxruntime"), store.Home(several))
    await made.start()
    assert made.loading is not None
    await made.loading
    yield made
    await made.stop()


@pytest.fixture
def unread(several: Path) -> Runtime:
    """A runtime that has not looked at its store yet."""
    return Runtime(Settings(engine="onnxruntime"), store.Home(several))


@pytest.fixture
def loading(unread: Runtime) -> Runtime:
    """A runtime that knows the toy and loads its first version."""
    unread.repository.models["toy"] = Model("toy")
    unread.repository.models["toy"].mark(10, State("LOADING"))
    return unread


def read(runtime: Runtime, path: str) -> tuple[int, Any]:
    """Status and JSON of a page."""
    found = route(path)
    assert found is not None
    status, body, content_type = pages.page(runtime, found)
    assert content_type == b"application/json"
    return status, orjson.loads(body)


def refused(runtime: Runtime, path: str) -> ServiceError:
    """The fault of a page that is refused."""
    with pytest.raises(ServiceError) as caught:
        read(runtime, path)
    return caught.value


FAULTS: list[tuple[str, int, str, str]] = [
    ("/v1/models/nope", 404, "not_found", UNKNOWN_V1),
    ("/v1/models/nope/versions/3", 404, "not_found", UNKNOWN_V1),
    ("/v1/models/toy/versions/9", 404, "not_found", "Could not find version 9 of model toy"),
    (f"/v1/models/toy/versions/{LARGEST}", 404, "not_found", f"Could not find version {LARGEST} of model toy"),
    ("/v1/models/toy/labels/canary", 400, "malformed_request", LABEL),
    ("/v1/models/toy/labels/canary/metadata", 400, "malformed_request", LABEL),
    ("/v1/models/nope/metadata", 404, "not_found", "Servable not found for request: Latest(nope)"),
    ("/v1/models/toy/versions/9/metadata", 404, "not_found", "Servable not found for request: Specific(toy, 9)"),
    ("/v1/models/toy/versions/10/metadata", 404, "not_found", "Servable not found for request: Specific(toy, 10)"),
    ("/v2/models/nope", 404, "not_found", "Request for unknown model: 'nope' is not found"),
    ("/v2/models/nope/ready", 404, "not_found", "Request for unknown model: 'nope' is not found"),
    ("/v2/models/toy/versions/9", 404, "not_found", "Request for unknown model: 'toy' version 9 is not found"),
    ("/v2/models/toy/versions/9/ready", 404, "not_found", "Request for unknown model: 'toy' version 9 is not found"),
    (
        "/v2/models/toy/versions/stable",
        404,
        "not_found",
        "Request for unknown model: 'toy' version stable is not found",
    ),
]
TOO_LONG = ["9223372036854775808", "9" * 5000]
NO_NUMBERS = ["abc", "1.0", *TOO_LONG, "--1", "-", "+1", "\u0663", "\u00b2", "1 ", "0x1", "1_0"]


@pytest.mark.parametrize(("path", "status", "code", "text"), FAULTS)
async def test_what_is_not_there_is_told_in_the_dialects_words(
    runtime: Runtime, path: str, status: int, code: str, text: str
) -> None:
    """Unknown models, versions and labels have the texts and statuses that clients match."""
    fault = refused(runtime, path)
    assert (fault.status, fault.code, fault.sentence) == (status, code, text)


@pytest.mark.parametrize("version", TOO_LONG)
@pytest.mark.parametrize("end", ["", "/metadata"])
async def test_a_version_is_a_number_of_64_bits(runtime: Runtime, version: str, end: str) -> None:
    """TensorFlow Serving converts the version; what cannot be converted is 400 there."""
    fault = refused(runtime, f"/v1/models/toy/versions/{version}{end}")
    assert isinstance(fault, MalformedRequest)
    assert fault.sentence == f"Failed to convert version: {version[:256]} to numeric."


@pytest.mark.parametrize("version", NO_NUMBERS)
async def test_what_is_no_version_is_unknown_to_v2(runtime: Runtime, version: str) -> None:
    """Whatever stands where V2 has the version, it is a version, a label, or unknown."""
    other = refused(runtime, f"/v2/models/toy/versions/{version}")
    assert isinstance(other, NotFound)
    assert len(other.sentence) < 400


async def test_names_in_messages_are_cut(runtime: Runtime) -> None:
    """A long name or label is not repeated whole."""
    paths = ["/v1/models/{}", "/v1/models/{}/metadata", "/v1/models/toy/labels/{}", "/v2/models/{}"]
    assert all(len(refused(runtime, path.format("n" * 5000)).sentence) < 400 for path in paths)


async def test_the_status_tells_what_serves_and_what_was_refused(runtime: Runtime) -> None:
    """The sound version is available, the refused one at its end, the highest first; each can be asked for alone."""
    ok = {"error_code": "OK", "error_message": ""}
    reason = {"error_code": "FAILED_PRECONDITION", "error_message": runtime.repository.refused["toy:10"]}
    refused_one = {"version": "10", "state": "END", "status": reason}
    sound = {"version": "2", "state": "AVAILABLE", "status": ok}
    whole = {"name": "toy", "ready": True, "model_version_status": [refused_one, sound]}
    assert read(runtime, "/v1/models/toy") == (200, whole)
    assert read(runtime, "/v1/models/toy/versions/2") == (200, {**whole, "model_version_status": [sound]})
    status, alone = read(runtime, "/v1/models/toy/versions/10")
    assert (status, alone) == (503, {"name": "toy", "ready": False, "model_version_status": [refused_one]})


async def test_a_model_without_a_sound_version_is_not_ready(runtime: Runtime) -> None:
    """Its status is 503, as KServe reads it, and no page describes it."""
    status, body = read(runtime, "/v1/models/lost")
    assert (status, body["ready"], body["model_version_status"][0]["state"]) == (503, False, "END")
    assert refused(runtime, "/v1/models/lost/metadata").status == 404
    assert refused(runtime, "/v2/models/lost/ready").status == 404


async def test_a_version_that_is_named_is_the_one_that_serves(runtime: Runtime) -> None:
    """The pages of the latest and of its number are the same."""
    for path, end in (("/v1/models/toy", "/metadata"), ("/v2/models/toy", ""), ("/v2/models/toy", "/ready")):
        assert read(runtime, path + end) == read(runtime, f"{path}/versions/2{end}")


async def test_pages_describe_the_version_that_answers(runtime: Runtime) -> None:
    """Both dialects name the same model, version and tensors; V2 tells engine and batch sizes as well."""
    v1 = read(runtime, "/v1/models/toy/metadata")[1]
    v2 = read(runtime, "/v2/models/toy")[1]
    assert (v1["model_spec"]["name"], v1["model_spec"]["version"]) == (v2["name"], v2["versions"][0]) == ("toy", "2")
    definition = v1["metadata"]["signature_def"]["signature_def"]["serving_default"]
    assert list(definition["inputs"]) == [one["name"] for one in v2["inputs"]] == ["x"]
    assert list(definition["outputs"]) == [one["name"] for one in v2["outputs"]] == ["double", "total"]
    assert (v2["platform"], v2["parameters"]["engine"], v2["parameters"]["device"]) == (
        "onnxruntime_onnx",
        "onnxruntime",
        "CPU",
    )
    assert v2["parameters"]["bit_equal_batch_sizes"].startswith("1,2,4-64")


async def test_a_ready_service_says_so_everywhere(runtime: Runtime) -> None:
    """Every health page is 200 once one model answers; what was refused is told."""
    assert read(runtime, "/livez") == read(runtime, "/healthz") == (200, {"live": True})
    assert read(runtime, "/readyz") == (200, {"ready": True, "models": ["toy"], "refused": ["lost:1", "toy:10"]})
    assert read(runtime, "/v2/health/live") == (200, {"live": True})
    assert read(runtime, "/v2/health/ready") == (200, {"ready": True, "live": True})
    assert read(runtime, "/v2/models/toy/ready") == (200, {"name": "toy", "ready": True})
    assert read(runtime, "/v1/models") == (200, {"models": ["toy"]})
    assert read(runtime, "/v2") == read(runtime, "/v2/")


def test_a_loading_service_is_alive_and_not_ready(loading: Runtime) -> None:
    """While models load, health is told apart from readiness, and their pages say to come again."""
    assert read(loading, "/livez")[0] == read(loading, "/v2/health/live")[0] == 200
    assert read(loading, "/v2/health/ready") == (503, {"ready": False, "live": True})
    status, body = read(loading, "/v1/models/toy")
    assert (status, body["ready"], body["model_version_status"][0]["state"]) == (503, False, "LOADING")
    label = "/v1/models/toy/labels/stable"
    for path in ("/readyz", label, "/v1/models/toy/metadata", "/v2/models/toy", "/v2/models/toy/ready"):
        fault = refused(loading, path)
        assert (fault.status, fault.code) == (503, "not_ready")
        assert fault.headers() == [(b"retry-after", b"1")]
    assert refused(loading, "/v1/models/nope").status == refused(loading, "/v2/models/nope").status == 404


def test_before_the_store_is_read_nothing_is_unknown(unread: Runtime) -> None:
    """In the first moments a client is told to come again, and not that its model does not exist."""
    toy = "/v1/models/toy"
    for path in ("/readyz", toy, f"{toy}/labels/stable", f"{toy}/metadata", f"{toy}/versions/1", "/v2/models/toy"):
        fault = refused(unread, path)
        assert (fault.status, fault.code) == (503, "not_ready")
    assert read(unread, "/livez")[0] == 200
    assert read(unread, "/models") == (200, {"models": [], "complaints": []})


async def test_a_draining_service_is_alive_and_not_ready(runtime: Runtime) -> None:
    """While it drains, no load balancer sends more, and liveness does not have it killed."""
    runtime.draining = True
    assert refused(runtime, "/readyz").sentence == "The service is draining."
    assert read(runtime, "/v2/health/ready")[0] == read(runtime, "/v2/models/toy/ready")[0] == 503
    assert read(runtime, "/livez")[0] == read(runtime, "/v2/health/live")[0] == 200
    assert read(runtime, "/v1/models/toy/metadata")[0] == 200


async def test_a_hanging_engine_is_told_to_whoever_restarts(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that has not come back for longer than the limit fails liveness and readiness."""
    limit_s = runtime.settings.hang_timeout_ms / 1000
    monkeypatch.setattr(runtime.repository, "busy_s", lambda: limit_s * 0.99)
    assert read(runtime, "/livez")[0] == 200
    monkeypatch.setattr(runtime.repository, "busy_s", lambda: limit_s)
    assert isinstance(refused(runtime, "/livez"), NotReady)
    assert isinstance(refused(runtime, "/readyz"), NotReady)
    assert read(runtime, "/v2/health/live") == (503, {"live": False})
    assert read(runtime, "/v2/health/ready")[0] == 503


async def test_metrics_are_of_this_moment(runtime: Runtime) -> None:
    """Gauges are set when they are read, in Prometheus' text format."""
    runtime.inflight = 7
    status, body, content_type = pages.page(runtime, Route("service", "metrics"))
    lines = body.decode().splitlines()
    assert (status, content_type) == (200, b"text/plain; version=0.0.4; charset=utf-8")
    assert {"keras_serve_inflight_requests 7.0", "keras_serve_models_ready 1.0"} <= set(lines)
    assert 'keras_serve_queue_rows{model="toy",version="2"} 0.0' in lines
    assert pages.page(runtime, Route("service", "metrics"))[1] == body


@pytest.mark.parametrize(
    "asked", [Route("tfserving", "unknown"), Route("typed", "status"), Route("openinference", "x")]
)
def test_a_route_without_a_page_is_not_found(loading: Runtime, asked: Route) -> None:
    """What no page belongs to is 404, whatever the state of the service."""
    with pytest.raises(NotFound):
        pages.page(loading, asked)

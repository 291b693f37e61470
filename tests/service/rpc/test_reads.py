"""What is read and ordered besides inference: the same facts as over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import grpc
import pytest
from tritonclient.grpc import service_pb2
from tritonclient.utils import InferenceServerException

from service.errors import NotReady
from service.model import State
from service.protocols.openinference_pages import EXTENSIONS, SERVER
from service.rpc import reads
from tests.service.conftest import until
from tests.service.rpc.conftest import Called, asking, refusal, sending

KEY = "a key of some length"


async def test_live_and_ready(called: Called) -> None:
    """A service that is up is live and ready, and so is its model by name and number."""
    client = called.client
    assert await client.is_server_live()
    assert await client.is_server_ready()
    assert await client.is_model_ready("toy")
    assert await client.is_model_ready("toy", "1")


async def test_a_draining_service_is_live_but_not_ready(called: Called) -> None:
    """Draining takes readiness from the service and its models, not life."""
    called.runtime.draining = True
    client = called.client
    assert await client.is_server_live()
    assert not await client.is_server_ready()
    assert not await client.is_model_ready("toy")


async def test_a_model_that_is_unknown_or_loading_is_not_ready(called: Called, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in Triton, that is an answer and no error."""
    client = called.client
    assert not await client.is_model_ready("nope")
    assert not await client.is_model_ready("toy", "9")

    def find(*_: Any) -> None:
        raise NotReady("Model toy is loading; try again.")

    monkeypatch.setattr(reads, "find", find)
    assert not await client.is_model_ready("toy")


async def test_a_hanging_engine_is_not_live(make_called: Callable[..., Any]) -> None:
    """When an engine does not come back, the process is not live."""
    called: Called = await make_called(hang_timeout_ms=100)
    gate = called.served.put_gate()
    waiting = asyncio.ensure_future(called.stub.ModelInfer(asking()))
    await until(lambda: not called.runtime.alive)
    assert not await called.client.is_server_live()
    gate.open()
    await waiting
    assert await called.client.is_server_live()


async def test_server_metadata(called: Called) -> None:
    """Name, version and extensions are HTTP's."""
    found = await called.client.get_server_metadata()
    assert found.name == SERVER
    assert found.version
    assert set(EXTENSIONS) <= set(found.extensions)


async def test_model_metadata(called: Called) -> None:
    """Versions, and every tensor with the free batch axis first."""
    found = await called.client.get_model_metadata("toy", as_json=True)
    assert (found["name"], found["versions"], found["platform"]) == ("toy", ["1"], "onnxruntime_onnx")
    assert found["inputs"] == [{"name": "x", "datatype": "FP32", "shape": ["-1", "2"]}]
    assert [one["name"] for one in found["outputs"]] == ["double", "total"]


async def test_model_config(called: Called) -> None:
    """The limit of rows, and the tensors without the batch axis."""
    config = (await called.client.get_model_config("toy")).config
    assert (config.name, config.max_batch_size) == ("toy", called.runtime.settings.max_request_rows)
    assert [(one.name, list(one.dims)) for one in config.input] == [("x", [2])]
    assert [(one.name, list(one.dims)) for one in config.output] == [("double", [2]), ("total", [1])]
    assert not config.model_transaction_policy.decoupled


async def test_statistics_of_one_model_and_of_all(called: Called) -> None:
    """What was asked is counted, and told by name or for all."""
    await called.client.infer("toy", sending(1, 2, 3))
    for arguments in ((), ("toy",), ("toy", "1")):
        found = await called.client.get_inference_statistics(*arguments)
        (one,) = found.model_stats
        assert (one.name, one.version, one.inference_count, one.inference_stats.success.count) == ("toy", "1", 3, 1)
        assert [(batch.batch_size, batch.compute_infer.count) for batch in one.batch_stats] == [(3, 1)]


@pytest.mark.parametrize("method", ["ModelMetadata", "ModelConfig", "ModelStatistics"])
async def test_pages_of_a_stranger_are_not_found(called: Called, method: str) -> None:
    """Each page that names a model is NOT_FOUND for one that does not exist, in Triton's words."""
    sent = getattr(service_pb2, f"{method}Request")(name="nope")
    code, details, trailing = await refusal(getattr(called.stub, method)(sent))
    assert (code, trailing["code"]) == (grpc.StatusCode.NOT_FOUND, "not_found")
    assert details == "Request for unknown model: 'nope' is not found"


async def test_the_index(called: Called) -> None:
    """Every version with its state; only those that are ready if asked so."""
    called.runtime.repository.models["toy"].mark(2, State("END", "refused for a reason"))
    found = await called.stub.RepositoryIndex(service_pb2.RepositoryIndexRequest())
    assert [(one.name, one.version, one.state, one.reason) for one in found.models] == [
        ("toy", "2", "UNAVAILABLE", "refused for a reason"),
        ("toy", "1", "READY", ""),
    ]
    ready = await called.stub.RepositoryIndex(service_pb2.RepositoryIndexRequest(ready=True))
    assert [one.version for one in ready.models] == ["1"]


@pytest.mark.parametrize(
    ("settings", "headers", "status", "word"),
    [
        ({}, None, grpc.StatusCode.PERMISSION_DENIED, "forbidden"),
        ({"repository_key": KEY}, None, grpc.StatusCode.UNAUTHENTICATED, "unauthorized"),
        ({"repository_key": KEY}, {"authorization": "Bearer wrong"}, grpc.StatusCode.UNAUTHENTICATED, "unauthorized"),
    ],
)
@pytest.mark.parametrize("method", ["RepositoryModelLoad", "RepositoryModelUnload"])
async def test_loading_needs_the_key(
    make_called: Callable[..., Any],
    method: str,
    settings: dict[str, Any],
    headers: dict[str, str] | None,
    status: grpc.StatusCode,
    word: str,
) -> None:
    """Without a key these calls are off; with one, they need it."""
    called: Called = await make_called(**settings)
    sent = getattr(service_pb2, f"{method}Request")(model_name="toy")
    metadata = tuple((headers or {}).items())
    code, _, trailing = await refusal(getattr(called.stub, method)(sent, metadata=metadata))
    assert (code, trailing["code"]) == (status, word)
    assert called.runtime.repository.serves("toy")


async def test_unload_and_load(make_called: Callable[..., Any]) -> None:
    """With the key a model is unloaded and loaded again by Triton's client; parameters are read as HTTP's."""
    called: Called = await make_called(repository_key=KEY)
    headers = {"authorization": f"Bearer {KEY}"}
    await called.client.unload_model("toy", headers=headers)
    assert not await called.client.is_model_ready("toy")
    await called.client.load_model("toy", headers=headers)
    assert await called.client.is_model_ready("toy")
    with pytest.raises(InferenceServerException, match="failed to load"):
        await called.client.load_model("toy", headers=headers, config="{}", files={"file:1/model.onnx": b"\xff"})

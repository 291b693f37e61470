"""Open Inference Protocol V2: health, metadata, configuration, statistics and the repository."""

from __future__ import annotations

from typing import Any

from tests.conformance.case import ABSENT, Case
from tests.conformance.expectation import COUNT, TEXT, Each, Has, Rule

WORKING = {"binary_tensor_data", "classification", "model_configuration", "parameters", "statistics"}
EXTENSIONS = Rule(
    f"at least {sorted(WORKING)}, and only what is served",
    lambda names: WORKING <= set(names) <= WORKING | {"model_repository"},
)
REPOSITORY = Rule("model_repository among them", lambda names: "model_repository" in names)
TENSORS: dict[str, Any] = {
    "inputs": [{"name": "features", "datatype": "FP32", "shape": [-1, 2]}],
    "outputs": [{"name": "probability", "datatype": "FP32", "shape": [-1, 1]}],
}
TIME = {"count": COUNT, "ns": COUNT}
NONE = {"count": 0, "ns": 0}
STATISTICS: dict[str, Any] = {
    "name": "xor",
    "version": TEXT,
    "last_inference": COUNT,
    "inference_count": COUNT,
    "execution_count": COUNT,
    "inference_stats": {
        **dict.fromkeys(("success", "fail", "queue", "compute_input", "compute_infer", "compute_output"), TIME),
        "cache_hit": NONE,
        "cache_miss": NONE,
    },
    "response_stats": {},
    "batch_stats": Each(
        {"batch_size": COUNT, **dict.fromkeys(("compute_input", "compute_infer", "compute_output"), TIME)}
    ),
    "memory_usage": [],
}
CONFIG: dict[str, Any] = {
    "name": "xor",
    "platform": TEXT,
    "backend": TEXT,
    "version_policy": Rule("one policy", lambda policy: len(policy) == 1),
    "max_batch_size": Rule("a whole number above 0", lambda size: type(size) is int and size > 0),
    "input": [Has({"name": "features", "data_type": "TYPE_FP32", "dims": [2]})],
    "output": [Has({"name": "probability", "data_type": "TYPE_FP32", "dims": [1]})],
    "dynamic_batching": Has({"preferred_batch_size": Each(COUNT), "max_queue_delay_microseconds": COUNT}),
    "model_transaction_policy": {"decoupled": False},
}
ENTRY = {"name": TEXT, "version": TEXT, "state": TEXT, "reason": Rule("a string", lambda text: type(text) is str)}


def page(name: str, path: str, answer: Any = ABSENT, **more: Any) -> Case:
    """A page of ``xor``, or of nobody."""
    return Case(name, path, model="xor" if "/xor" in path else "", answer=answer, **more)


HEALTH = [
    page("live", "/v2/health/live", {"live": True}, head={"content-type": "application/json"}),
    page("ready", "/v2/health/ready", {"ready": True, "live": True}),
    page("live by HEAD", "/v2/health/live", method="HEAD"),
    page("model ready", "/v2/models/xor/ready", {"name": "xor", "ready": True}),
    page("version ready", "/v2/models/xor/versions/$XOR/ready", {"name": "xor", "ready": True}),
    page("query string of a page is ignored", "/v2/models/xor/ready?deep=1", {"name": "xor", "ready": True}),
    page(
        "unknown model is not ready",
        "/v2/models/nobody/ready",
        status=404,
        error="Request for unknown model: 'nobody' is not found",
    ),
    page(
        "unknown version is not ready",
        "/v2/models/xor/versions/999999/ready",
        status=404,
        error="Request for unknown model: 'xor' version 999999 is not found",
    ),
]
METADATA = [
    page("server metadata", "/v2", {"name": TEXT, "version": TEXT, "extensions": EXTENSIONS}),
    page("server metadata with a slash", "/v2/", Has({"extensions": EXTENSIONS})),
    page("a repository is advertised where it works", "/v2", Has({"extensions": REPOSITORY}), needs="key"),
    page("model metadata", "/v2/models/xor", Has({"name": "xor", "versions": Each(TEXT), "platform": TEXT, **TENSORS})),
    page("model metadata of a version", "/v2/models/xor/versions/$XOR", Has({"name": "xor", **TENSORS})),
    page(
        "metadata of an unknown model",
        "/v2/models/nobody",
        status=404,
        error="Request for unknown model: 'nobody' is not found",
    ),
    page("models", "/v2/models", {"models": Each(TEXT)}),
    page("configuration", "/v2/models/xor/config", Has(CONFIG)),
    page("configuration of a version", "/v2/models/xor/versions/$XOR/config", Has(CONFIG)),
    page(
        "configuration of an unknown model",
        "/v2/models/nobody/config",
        status=404,
        error="Request for unknown model: 'nobody' is not found",
    ),
]
STATISTICS_PAGES = [
    page("statistics", "/v2/models/xor/stats", {"model_stats": Each(STATISTICS)}),
    page(
        "statistics of a version",
        "/v2/models/xor/versions/$XOR/stats",
        {"model_stats": [{**STATISTICS, "version": "$XOR"}]},
    ),
    page("statistics of all models", "/v2/models/stats", {"model_stats": Each(Has({"name": TEXT, "version": TEXT}))}),
    page(
        "statistics of an unknown model",
        "/v2/models/nobody/stats",
        status=404,
        error="Request for unknown model: 'nobody' is not found",
    ),
]
LOAD = "/v2/repository/models/xor/load"
UNLOAD = "/v2/repository/models/xor/unload"
INDEX = "/v2/repository/index"
BEARER = {"Authorization": "Bearer $KEY"}
READY = Each({**ENTRY, "state": "READY", "reason": ""})
STORE = [
    Case("index", INDEX, {}, answer=Each(ENTRY)),
    Case("index by an empty body", INDEX, b"", answer=Each(ENTRY)),
    Case("index of what is ready", INDEX, {"ready": True}, answer=READY),
    Case("index by GET", INDEX, status=405, error="Method Not Allowed", head={"allow": "POST"}),
    Case("index with a wish that is no truth value", INDEX, {"ready": "yes"}, status=400, error="ready"),
    Case("load without a key, with none set", LOAD, {}, needs="locked", status=403, code="forbidden"),
    Case("unload without a key, with none set", UNLOAD, {}, needs="locked", status=403, code="forbidden"),
    Case(
        "load without the key", LOAD, {}, needs="key", status=401, code="unauthorized", head={"www-authenticate": TEXT}
    ),
    Case("unload without the key", UNLOAD, {}, needs="key", status=401, code="unauthorized"),
    Case(
        "load with another key",
        LOAD,
        {},
        headers={"Authorization": "Bearer nonsense-nonsense"},
        needs="key",
        status=401,
        code="unauthorized",
    ),
    Case("load by GET", LOAD, status=405, error="Method Not Allowed"),
    Case(
        "load of a model that is not in the store",
        "/v2/repository/models/nobody/load",
        b"",
        headers=BEARER,
        needs="key",
        status=400,
        error="failed to load 'nobody'",
        code="load_failed",
    ),
    Case(
        "load of files that are sent along",
        LOAD,
        {"parameters": {"config": "{}", "file:1/model.onnx": "AAAA"}},
        headers=BEARER,
        model="xor",
        needs="key",
        status=400,
        error="failed to load 'xor'",
    ),
    Case(
        "load with a configuration that is no JSON",
        LOAD,
        {"parameters": {"config": "{"}},
        headers=BEARER,
        model="xor",
        needs="key",
        status=400,
        error="failed to load 'xor'",
    ),
    *(
        Case(f"what is not advertised is not there: {path}", path, status=404, error="Not Found")
        for path in ("/v2/systemsharedmemory/status", "/v2/logging", "/v2/models/xor/trace/setting")
    ),
]
CASES = [*HEALTH, *METADATA, *STATISTICS_PAGES, *STORE]

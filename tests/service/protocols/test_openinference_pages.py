"""Open Inference Protocol V2: server, health, model, configuration, statistics and repository pages."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.counts import Counts
from service.protocols import openinference_pages as pages
from service.signature import DTYPES
from tests.toy_signatures import interface, output, tensor, wide_deep

LATEST = {"latest": {"num_versions": 1}}


def config(model: Any = None, engine: str = "onnxruntime", **facts: Any) -> dict[str, Any]:
    """The configuration page of a model."""
    given = {"device": "CPU", "sizes": [1, 2], "version_policy": LATEST, **facts}
    found: dict[str, Any] = orjson.loads(pages.config(model or wide_deep(), engine, **given))
    return found


def test_the_server_lists_only_what_works() -> None:
    """Clients act on the list of extensions: it names what is served, load and unload where they are."""
    found = orjson.loads(pages.server("1.2.3"))
    assert (found.pop("name"), found.pop("version")) == ("keras-serve", "1.2.3")
    served = ["binary_tensor_data", "classification", "model_configuration", "parameters", "statistics"]
    assert found == {"extensions": served}
    everything = orjson.loads(pages.server("1.2.3", (*pages.EXTENSIONS, "model_repository")))
    assert everything["extensions"] == [*served, "model_repository"]


def test_models_are_listed_by_name() -> None:
    """The list of models is KServe's."""
    assert orjson.loads(pages.model_list(["mnist", "xor"])) == {"models": ["mnist", "xor"]}


@pytest.mark.parametrize("yes", [True, False])
def test_health_is_what_every_client_reads(yes: bool) -> None:
    """Live and ready carry the keys that the specification, Triton's and KServe's clients look for."""
    assert orjson.loads(pages.live(yes)) == {"live": yes}
    assert orjson.loads(pages.ready(yes, True)) == {"ready": yes, "live": True}
    assert orjson.loads(pages.ready(False, yes)) == {"ready": False, "live": yes}
    assert orjson.loads(pages.model_ready("xor", yes)) == {"name": "xor", "ready": yes}


def test_a_model_is_described_as_the_specification_has_it() -> None:
    """Versions are text, shapes are numbers with -1 for the batch axis, tensors stand in the signature's order."""
    found = orjson.loads(pages.model(wide_deep(), [3, 10], "onnxruntime_onnx", {"device": "CPU"}))
    assert found == {
        "name": "wide_deep",
        "versions": ["3", "10"],
        "platform": "onnxruntime_onnx",
        "inputs": [{"name": name, "datatype": "FP32", "shape": [-1, 2]} for name in ("wide", "deep")],
        "outputs": [{"name": name, "datatype": "FP32", "shape": [-1, 1]} for name in ("main", "aux")],
        "parameters": {"device": "CPU"},
    }


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (2,), (28, 28)])
def test_a_tensor_is_what_the_signature_says(dtype: str, shape: tuple[int, ...]) -> None:
    """Datatype and shape are the signature's, with the batch axis in front."""
    model = interface(inputs=[tensor("x", dtype, shape)], outputs=[output("y", shape, dtype)])
    found = orjson.loads(pages.model(model, [1], "", {}))
    assert found["inputs"] == [{"name": "x", "datatype": dtype, "shape": [-1, *shape]}]
    assert found["outputs"] == [{"name": "y", "datatype": dtype, "shape": [-1, *shape]}]


def test_labels_are_told_beside_the_versions() -> None:
    """Where labels point stands among the parameters, versions as text; without labels nothing does."""
    found = orjson.loads(pages.model(wide_deep(), [2, 3], "", {"device": "CPU"}, {"stable": 2}))
    assert found["parameters"] == {"device": "CPU", "labels": {"stable": "2"}}
    assert orjson.loads(pages.model(wide_deep(), [2], "", {}, {}))["parameters"] == {}


def test_a_configuration_is_what_triton_writes() -> None:
    """Clients find the bound of a request's rows, shapes without the batch axis, the policy, and the batching."""
    assert config(wide_deep(max_rows=8), sizes=[1, 2, 4, 8, 16]) == {
        "name": "wide_deep",
        "platform": "onnxruntime_onnx",
        "backend": "onnxruntime",
        "default_model_filename": "model.onnx",
        "version_policy": {"latest": {"num_versions": 1}},
        "max_batch_size": 8,
        "input": [{"name": name, "data_type": "TYPE_FP32", "dims": [2]} for name in ("wide", "deep")],
        "output": [{"name": name, "data_type": "TYPE_FP32", "dims": [1]} for name in ("main", "aux")],
        "instance_group": [{"name": "wide_deep", "kind": "KIND_CPU", "count": 1}],
        "dynamic_batching": {"preferred_batch_size": [1, 2, 4, 8], "max_queue_delay_microseconds": 0},
        "model_transaction_policy": {"decoupled": False},
    }


def test_a_configuration_names_what_runs() -> None:
    """Engine, device and workers show as backend, kind and count."""
    found = config(engine="tensorflow", device="GPU", instances=4)
    assert (found["platform"], found["backend"]) == ("tensorflow_savedmodel", "tensorflow")
    assert (found["instance_group"][0]["kind"], found["instance_group"][0]["count"]) == ("KIND_GPU", 4)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (2,), (28, 28)])
def test_a_configured_tensor_is_the_metadata_s(dtype: str, shape: tuple[int, ...]) -> None:
    """A tensor's dims are its shape in the metadata without the batch axis, its data type is the datatype's."""
    model = interface(inputs=[tensor("x", dtype, shape)], outputs=[output("y", shape, dtype)])
    described = orjson.loads(pages.model(model, [1], "", {}))
    found = config(model)
    for configured, metadata in zip(
        found["input"] + found["output"], described["inputs"] + described["outputs"], strict=True
    ):
        assert configured["dims"] == metadata["shape"][1:]
        assert configured["data_type"] == f"TYPE_{metadata['datatype']}"


@given(sizes=st.sets(st.integers(1, 4096), min_size=1).map(sorted))
def test_preferred_sizes_are_a_handful_of_the_prepared(sizes: list[int]) -> None:
    """The preferred sizes ascend, are prepared ones, at most five, the largest among them."""
    found = pages.preferred(sizes)
    assert found == sorted(set(found))
    assert set(found) <= set(sizes)
    assert found[-1] == sizes[-1]
    assert len(found) <= 5


def test_preferred_sizes_double() -> None:
    """Where every size is prepared, the preferred are the largest and its halves."""
    assert pages.preferred(range(1, 65)) == [4, 8, 16, 32, 64]


STATES = {
    "START": ("UNAVAILABLE", "waiting to be loaded"),
    "LOADING": ("LOADING", ""),
    "AVAILABLE": ("READY", ""),
    "UNLOADING": ("UNLOADING", ""),
    "END": ("UNAVAILABLE", "unloaded"),
}


@pytest.mark.parametrize("state", STATES)
def test_states_are_told_in_the_dialect_s_words(state: str) -> None:
    """The repository's index has a word for each state, and a reason where a version does not answer."""
    entry = {"name": "xor", "version": 3, "state": state, "reason": "", "labels": ["stable"]}
    word, reason = STATES[state]
    expected = {"name": "xor", "version": "3", "state": word, "reason": reason}
    assert orjson.loads(pages.index([entry], only_ready=False)) == [expected]
    assert orjson.loads(pages.index([entry], only_ready=True)) == ([expected] if word == "READY" else [])


@pytest.mark.parametrize("state", ["START", "END"])
def test_a_version_s_own_reason_is_told(state: str) -> None:
    """Why a version was refused, or what it waits for, is told as it is."""
    entry = {"name": "xor", "version": 3, "state": state, "reason": "another interface"}
    assert orjson.loads(pages.index([entry], only_ready=False))[0]["reason"] == "another interface"


COUNTS = Counts(
    inference_count=640,
    execution_count=41,
    success_count=320,
    success_ns=900,
    fail_count=2,
    fail_ns=7,
    computed_count=321,
    queue_ns=90,
    input_ns=10,
    infer_ns=20,
    output_ns=30,
    last_inference_ms=1767225600123,
    sizes={16: [40, 4, 5, 6], 1: [1, 1, 2, 3]},
)


def test_statistics_have_the_extension_s_shape() -> None:
    """Rows, requests and engine calls each stand where clients look for them; there is no cache."""
    none = {"count": 0, "ns": 0}
    (found,) = orjson.loads(pages.statistics([("xor", 3, COUNTS)]))["model_stats"]
    assert found == {
        "name": "xor",
        "version": "3",
        "last_inference": 1767225600123,
        "inference_count": 640,
        "execution_count": 41,
        "inference_stats": {
            "success": {"count": 320, "ns": 900},
            "fail": {"count": 2, "ns": 7},
            "queue": {"count": 321, "ns": 90},
            "compute_input": {"count": 321, "ns": 10},
            "compute_infer": {"count": 321, "ns": 20},
            "compute_output": {"count": 321, "ns": 30},
            "cache_hit": none,
            "cache_miss": none,
        },
        "response_stats": {},
        "batch_stats": [
            {
                "batch_size": size,
                "compute_input": {"count": count, "ns": ns},
                "compute_infer": {"count": count, "ns": ns + 1},
                "compute_output": {"count": count, "ns": ns + 2},
            }
            for size, count, ns in ((1, 1, 1), (16, 40, 4))
        ],
        "memory_usage": [],
    }


def test_statistics_are_whole_numbers_from_the_start() -> None:
    """A version that was never asked has every key with 0, as clients read them without looking."""
    (found,) = orjson.loads(pages.statistics([("xor", 3, Counts())]))["model_stats"]
    assert found["inference_stats"].keys() >= {"success", "fail", "queue", "compute_input", "cache_miss"}
    assert (found["inference_count"], found["last_inference"], found["batch_stats"]) == (0, 0, [])


def test_every_version_has_its_own_statistics() -> None:
    """Each version has an entry of its own, in the order given."""
    found = orjson.loads(pages.statistics([("xor", 2, Counts()), ("xor", 3, Counts())]))["model_stats"]
    assert [(entry["name"], entry["version"]) for entry in found] == [("xor", "2"), ("xor", "3")]

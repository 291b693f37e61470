"""Open Inference Protocol V2: server, health and model pages."""

from __future__ import annotations

import orjson
import pytest

from service.protocols import openinference_pages as pages
from service.signature import DTYPES
from tests.toy_signatures import interface, output, tensor, wide_deep


def test_the_server_lists_only_what_works() -> None:
    """Clients act on the list of extensions, so that it names none that is not served."""
    assert orjson.loads(pages.server("1.2.3")) == {"name": "keras-serve", "version": "1.2.3", "extensions": []}


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

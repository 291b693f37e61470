"""The paths under /v2: the server's, each model's, and the templated ones."""

from __future__ import annotations

from service.openapi import paths_openinference
from tests.service.openapi.described import SUBJECTS, the_toy

ENDS = ("", "/infer", "/ready", "/config", "/stats")
SERVER = {"/v2", "/v2/health/live", "/v2/health/ready", "/v2/models", "/v2/models/stats"}


def test_every_model_has_its_pages_and_infer() -> None:
    """A model, a version of another signature, and whatever version: each with all pages."""
    found = paths_openinference.paths([the_toy(), the_toy(number=2)])
    bases = ("toy", "toy/versions/2", "{model}/versions/{version}")
    assert found.keys() == SERVER | {f"/v2/models/{base}{end}" for base in bases for end in ENDS}
    assert [list(item) for path, item in found.items() if path.endswith("/infer")] == [["post"]] * 3


def test_without_models_there_is_the_server() -> None:
    """A service that is still loading has the server's pages only."""
    assert paths_openinference.paths([]).keys() == SERVER


def test_infer_takes_and_answers_json_and_bytes() -> None:
    """Raw tensors have a header for the length of the JSON in front of them, both ways."""
    call = paths_openinference.paths([the_toy()])["/v2/models/toy/infer"]["post"]
    kinds = ["application/json", "application/octet-stream"]
    assert list(call["requestBody"]["content"]) == list(call["responses"]["200"]["content"]) == kinds
    assert {"$ref": "#/components/parameters/InferenceHeaderContentLength"} in call["parameters"]
    assert "Inference-Header-Content-Length" in call["responses"]["200"]["headers"]
    assert "415" not in call["responses"]  # an encoding that is not read is 501 in this dialect


def test_half_precision_is_inferred_from_bytes_alone() -> None:
    """Without a JSON form of the input there is only the other body."""
    call = paths_openinference.paths([SUBJECTS["half precision"]])["/v2/models/half/infer"]["post"]
    assert list(call["requestBody"]["content"]) == ["application/octet-stream"]

"""The paths under /v1: one of each call for each model, and templated ones for versions and labels."""

from __future__ import annotations

from service.openapi import paths_tfserving
from tests.service.openapi.described import SUBJECTS, image_classes, the_toy

TEMPLATED = {
    f"/v1/models/{{model}}/{place}{end}"
    for place in ("versions/{version}", "labels/{label}")
    for end in (":predict", ":classify", ":regress", "", "/metadata")
}


def test_every_model_has_the_calls_of_its_task() -> None:
    """Predict, the call of the task, status and metadata; a version that is named has the same under its number."""
    found = paths_tfserving.paths([image_classes(), the_toy(), the_toy(number=2)])
    assert found.keys() - TEMPLATED == {
        "/v1/models",
        *(f"/v1/models/images{end}" for end in (":predict", ":classify", "", "/metadata")),
        *(f"/v1/models/toy{end}" for end in (":predict", ":regress", "", "/metadata")),
        *(f"/v1/models/toy/versions/2{end}" for end in (":predict", ":regress", "", "/metadata")),
    }
    assert found.keys() >= TEMPLATED


def test_without_models_there_is_the_list() -> None:
    """A service that is still loading has only the list."""
    assert list(paths_tfserving.paths([])) == ["/v1/models"]


def test_half_precision_is_not_predicted_from_json() -> None:
    """A call that could only be refused is not described; the pages are."""
    found = paths_tfserving.paths([SUBJECTS["half precision"]])
    assert found.keys() - TEMPLATED == {"/v1/models", "/v1/models/half", "/v1/models/half/metadata"}


def test_predict_takes_json_csv_and_json_lines() -> None:
    """All three bodies stand under one call, and all three answers."""
    call = paths_tfserving.paths([the_toy()])["/v1/models/toy:predict"]["post"]
    kinds = ["application/json", "text/csv", "application/x-ndjson"]
    assert list(call["requestBody"]["content"]) == list(call["responses"]["200"]["content"]) == kinds
    assert "any length" in call["description"]
    assert list(call["requestBody"]["content"]["application/json"]["examples"]) == ["records", "instances", "inputs"]


def test_a_status_is_told_when_nothing_is_available_too() -> None:
    """503 has the same body as 200, as KServe reads it, or an error."""
    page = paths_tfserving.paths([the_toy()])["/v1/models/toy"]["get"]["responses"]
    (one, other) = page["503"]["content"]["application/json"]["schema"]["anyOf"]
    assert page["200"]["content"]["application/json"]["schema"] == one
    assert other == {"$ref": "#/components/schemas/Error"}
    assert "Retry-After" in page["503"]["headers"]

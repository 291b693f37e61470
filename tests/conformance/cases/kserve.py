"""KServe V1, where it is not TensorFlow Serving's anyway."""

from __future__ import annotations

from tests.conformance.case import Case
from tests.conformance.cases.rows import XOR
from tests.conformance.expectation import TEXT, Each, Has, Known, Rule

JSON = {"Content-Type": "application/json"}
HTML = Rule("a page", lambda value: str(value).startswith("text/html"))

CASES = [
    Case("models", "/v1/models", answer={"models": Each(TEXT)}, head={"content-type": "application/json"}),
    Case("models with a slash", "/v1/models/", answer={"models": Each(TEXT)}),
    Case("models, path in capitals", "/V1/MODELS", answer={"models": Each(TEXT)}),
    Case(
        "model ready, beside TensorFlow Serving's status",
        "/v1/models/xor",
        model="xor",
        answer={"name": "xor", "ready": True, "model_version_status": Each(Has({"version": TEXT}))},
    ),
    Case("unknown model is not ready", "/v1/models/nobody", status=404, error="Could not find any versions of model"),
    Case(
        "predict",
        "/v1/models/xor:predict",
        {"instances": XOR},
        headers=JSON,
        model="xor",
        answer={"predictions": Known("xor", range(4))},
    ),
    Case("alive", "/", answer={"status": "alive"}, head={"content-type": "application/json"}),
    Case("alive by HEAD", "/", method="HEAD"),
    Case("alive for clients that take anything", "/", headers={"Accept": "*/*"}, answer={"status": "alive"}),
    Case(
        "a page for browsers", "/", headers={"Accept": "text/html,*/*;q=0.8"}, head={"content-type": HTML}, text="<html"
    ),
]

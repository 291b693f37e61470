"""The service's own pages: health, metrics, what is served, the OpenAPI document, the docs."""

from __future__ import annotations

from tests.conformance.case import Case
from tests.conformance.expectation import TEXT, Each, Has, Rule

TEXT_TYPE = Rule("plain text", lambda value: str(value).startswith("text/plain"))
PAGE_TYPE = Rule("a page", lambda value: str(value).startswith("text/html"))
JSON_TYPE = {"content-type": "application/json"}

CASES = [
    Case("livez", "/livez", answer={"live": True}, head=JSON_TYPE),
    Case("healthz", "/healthz", answer={"live": True}),
    Case("livez by HEAD", "/livez", method="HEAD"),
    Case("readyz", "/readyz", answer=Has({"ready": True, "models": Each(TEXT)}), head=JSON_TYPE),
    Case("livez by POST", "/livez", b"", status=405, code="method_not_allowed", head={"allow": TEXT}),
    Case("metrics", "/metrics", text="# TYPE keras_serve_", head={"content-type": TEXT_TYPE}),
    Case("versions", "/models", answer=Has({"models": Each(Has({"name": TEXT, "state": TEXT}))}), head=JSON_TYPE),
    Case(
        "OpenAPI document", "/openapi.json", answer=Has({"openapi": TEXT, "paths": Rule("paths", bool)}), head=JSON_TYPE
    ),
    Case("docs page", "/docs", text="<html", head={"content-type": PAGE_TYPE}),
    Case("a path that is none", "/nothing", status=404, error="Not Found", code="not_found"),
    Case("a path that climbs", "/..%2f..%2fetc/passwd", status=404, error="Not Found"),
    Case("a request id is made", "/livez", head={"x-request-id": TEXT}),
    Case(
        "a request id comes back", "/livez", headers={"X-Request-Id": "golden-18"}, head={"x-request-id": "golden-18"}
    ),
    Case(
        "a request id that is none is replaced",
        "/livez",
        headers={"X-Request-Id": "a b"},
        head={"x-request-id": Rule("another one", lambda value: value not in ("", "a b"))},
    ),
]

"""Which path means what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.routing import Route, route

NAME = st.text(st.characters(exclude_characters="/:", exclude_categories=["Cs"]), min_size=1, max_size=12)
VERBS = ("predict", "classify", "regress")

TABLE: dict[str, Route | None] = {
    "/livez": Route("service", "livez"),
    "/healthz": Route("service", "livez"),
    "/readyz": Route("service", "readyz"),
    "/metrics": Route("service", "metrics"),
    "/models": Route("service", "models"),
    "/openapi.json": Route("service", "openapi"),
    "/docs": Route("service", "docs"),
    "/docs/init.js": Route("service", "docs_script"),
    "/docs/": None,
    "/models/": None,
    "/monitoring/prometheus/metrics": Route("service", "metrics"),
    "/v1/models": Route("tfserving", "models"),
    "/v1/models/": Route("tfserving", "models"),
    "/v1/models/xor": Route("tfserving", "status", "xor"),
    "/v1/models/xor/versions/3": Route("tfserving", "status", "xor", "3"),
    "/v1/models/xor/labels/stable": Route("tfserving", "status", "xor", "", "stable"),
    "/v1/models/xor/metadata": Route("tfserving", "metadata", "xor"),
    "/v1/models/xor/versions/3/metadata": Route("tfserving", "metadata", "xor", "3"),
    "/v1/models/xor:predict": Route("tfserving", "predict", "xor"),
    "/v1/models/xor/versions/3:predict": Route("tfserving", "predict", "xor", "3"),
    "/v1/models/xor/labels/stable:predict": Route("tfserving", "predict", "xor", "", "stable"),
    "/v1/models/xor:classify": Route("tfserving", "classify", "xor"),
    "/v1/models/xor:regress": Route("tfserving", "regress", "xor"),
    "/v1/models/models:predict": Route("tfserving", "predict", "models"),
    "/v1/models/metadata": Route("tfserving", "status", "metadata"),
    "/v2": Route("openinference", "server"),
    "/v2/": Route("openinference", "server"),
    "/v2/health/live": Route("openinference", "live"),
    "/v2/health/ready": Route("openinference", "ready"),
    "/v2/models/xor": Route("openinference", "model", "xor"),
    "/v2/models/xor/versions/3": Route("openinference", "model", "xor", "3"),
    "/v2/models/xor/versions/stable/infer": Route("openinference", "infer", "xor", "", "stable"),
    "/v2/models/xor/versions/stable": Route("openinference", "model", "xor", "", "stable"),
    "/v2/models/xor/versions/-3/infer": Route("openinference", "infer", "xor", "-3"),
    "/v2/models/xor/versions/1.5/infer": Route("openinference", "infer", "xor", "", "1.5"),
    "/v2/models/xor/versions/\u0663/infer": Route("openinference", "infer", "xor", "", "\u0663"),
    "/v2/models/xor/config": Route("openinference", "config", "xor"),
    "/v2/models/xor/versions/3/config": Route("openinference", "config", "xor", "3"),
    "/v2/models/xor/stats": Route("openinference", "stats", "xor"),
    "/v2/models/xor/versions/stable/stats": Route("openinference", "stats", "xor", "", "stable"),
    "/v2/models/stats": Route("openinference", "stats"),
    "/v2/models/stats/stats": Route("openinference", "stats", "stats"),
    "/v2/models": Route("openinference", "models"),
    "/v2/repository/index": Route("openinference", "index"),
    "/v2/repository/models/xor/load": Route("openinference", "load", "xor"),
    "/v2/repository/models/xor/unload": Route("openinference", "unload", "xor"),
    "/v2/repository/models/xor/reload": None,
    "/v2/repository/models/xor": None,
    "/v2/repository/models//load": None,
    "/v2/repository": None,
    "/v2/models/xor/infer": Route("openinference", "infer", "xor"),
    "/v2/models/xor/ready": Route("openinference", "ready", "xor"),
    "/v2/models/xor/versions/3/ready": Route("openinference", "ready", "xor", "3"),
    "/": None,
    "": None,
    "/v1": None,
    "/v3/models/xor": None,
    "/livez/": None,
    "/metricsx": None,
    "/V2/models/xor": None,
    "/v2/models/": None,
    "/v2/models/xor/": None,
    "/v2/models/xor/infer/": None,
    "/v2/models/xor/versions//infer": None,
    "/v2/models/xor/INFER": None,
    "/classify_digit": None,
}

MALFORMED_V1 = [
    "/v1/models/xor/versions/one:predict",
    "/v1/models/xor/versions/-1",
    "/v1/models/xor/versions/\u0663",
    "/v1/",
    "/v1/x",
    "/v1/models/xor/",
    "/v1/models/xor:explain",
    "/v1/models/xor:predict/",
    "/v1/models/xor:",
    "/v1/models/:predict",
    "/v1/models/xor/versions/:predict",
    "/v1/models/xor/versions/3/labels/a:predict",
    "/v1/models/xor/metadata:predict",
    "/v1/models/a/b:predict",
]


@pytest.mark.parametrize(("path", "expected"), TABLE.items())
def test_a_path_means_what_the_dialects_say(path: str, expected: Route | None) -> None:
    """Each documented path has its route, and what is none of ours has none."""
    assert route(path) == expected


@pytest.mark.parametrize("path", MALFORMED_V1)
def test_what_v1_does_not_know_is_its_own_malformed_request(path: str) -> None:
    """Under /v1/ nothing is left to others: TensorFlow Serving answers it with 400."""
    assert route(path) == Route("tfserving", "unknown")


@given(NAME, st.sampled_from(VERBS))
def test_v1_paths_are_read_without_regard_to_case(name: str, verb: str) -> None:
    """TensorFlow Serving matches its words in any case and leaves the name as it is."""
    assert route(f"/V1/Models/{name}:{verb.upper()}") == Route("tfserving", verb, name)


@given(NAME, NAME)
def test_names_and_versions_come_out_as_they_went_in(name: str, version: str) -> None:
    """Any name without a slash or colon is found in every kind of path, whole."""
    predict = route(f"/v1/models/{name}/versions/{version}:predict")
    number = version.isascii() and version.isdigit()
    assert predict == (Route("tfserving", "predict", name, version) if number else Route("tfserving", "unknown"))
    assert route(f"/v1/models/{name}/labels/{version}") == Route("tfserving", "status", name, "", version)
    found = route(f"/v2/models/{name}/versions/{version}/infer")
    is_number = version.removeprefix("-").isdigit() and version.isascii()
    assert found == Route("openinference", "infer", name, *((version, "") if is_number else ("", version)))
    assert route(f"/v2/models/{name}/ready") == Route("openinference", "ready", name)


@given(st.text(max_size=60))
def test_any_path_has_a_route_or_none(path: str) -> None:
    """No path makes routing fail, and every path under /v1/ is TensorFlow Serving's."""
    found = route(path)
    assert found is None or path.startswith("/")
    under_v1 = route("/v1/" + path)
    assert under_v1 is not None
    assert under_v1.dialect == "tfserving"


@pytest.mark.parametrize("path", [path for path, expected in TABLE.items() if expected])
def test_calls_are_posted(path: str) -> None:
    """Calls that carry tensors, and those of the repository, take POST; pages take GET."""
    found = route(path)
    assert found is not None
    assert found.method == ("POST" if found.action in (*VERBS, "infer", "index", "load", "unload") else "GET")

"""The V2 protocol's pages describe every version that answers, its labels, its policy and its counts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from service import pages
from service.errors import ServiceError
from service.routing import route
from tests import toy
from tests.service.conftest import Served
from tests.toy_engines import request, rows

KEY = "sixteen characters at least"


@pytest.fixture
async def served(make_served: Callable[..., Any], tmp_path: Path) -> Served:
    """Versions 2 and 10 of the toy, the lower one labelled, and another model."""
    for version in (1, 2, 10):
        toy.write(tmp_path, version=version)
    toy.write(tmp_path, "another")
    (tmp_path / "serve.toml").write_text("[models.toy]\nversions = { latest = 2 }\nlabels = { stable = 2 }")
    found: Served = await make_served(tmp_path, config=tmp_path / "serve.toml", poll_interval_ms=0, max_batch_rows=2)
    return found


def read(served: Served, path: str) -> tuple[int, Any]:
    """Status and JSON of a page."""
    found = route(path)
    assert found is not None
    status, body, content_type = pages.page(served.runtime, found)
    assert content_type == b"application/json"
    return status, orjson.loads(body)


@pytest.mark.parametrize(("key", "on"), [(None, False), (KEY, True)])
async def test_the_repository_is_named_where_it_is_on(
    make_served: Callable[..., Any], key: str | None, on: bool
) -> None:
    """Clients act on the list of extensions: calls that are off are not in it."""
    status, page = read(await make_served(repository_key=key), "/v2")
    assert (status, "model_repository" in page["extensions"]) == (200, on)
    assert {"binary_tensor_data", "statistics", "model_configuration"} <= set(page["extensions"])


async def test_models_are_listed_as_kserve_does(served: Served) -> None:
    """The names of all models."""
    assert read(served, "/v2/models") == (200, {"models": ["another", "toy"]})


async def test_a_model_has_its_versions_and_labels(served: Served) -> None:
    """All versions that answer are told by every page of the model, and where the labels point."""
    for path in ("/v2/models/toy", "/v2/models/toy/versions/2", "/v2/models/toy/versions/stable"):
        status, page = read(served, path)
        assert (status, page["versions"]) == (200, ["2", "10"])
        assert page["parameters"]["labels"] == {"stable": "2"}
    assert "labels" not in read(served, "/v2/models/another")[1]["parameters"]


async def test_the_configuration_has_the_policy_in_force(served: Served, tmp_path: Path) -> None:
    """The policy is what the file and the orders say now."""
    assert read(served, "/v2/models/toy/config")[1]["version_policy"] == {"latest": {"num_versions": 2}}
    assert read(served, "/v2/models/another/config")[1]["version_policy"] == {"latest": {"num_versions": 1}}
    await served.runtime.keeper.order("toy", unload=False, versions=[10, 1])
    assert read(served, "/v2/models/toy/config")[1]["version_policy"] == {"specific": {"versions": [10, 1]}}


async def test_counts_of_all_of_a_model_or_of_one(served: Served) -> None:
    """Statistics are of every version that answers, of those of a model, or of one by number or label."""
    model = served.runtime.repository.models["toy"]
    await model.ready[2].scheduler.submit(request(rows(1, 2, 3))).future

    def counted(path: str) -> list[tuple[str, str, int]]:
        status, page = read(served, path)
        assert status == 200
        return [(one["name"], one["version"], one["inference_count"]) for one in page["model_stats"]]

    two, ten = ("toy", "2", 3), ("toy", "10", 0)
    assert counted("/v2/models/stats") == [("another", "1", 0), two, ten]
    assert counted("/v2/models/toy/stats") == [two, ten]
    assert counted("/v2/models/toy/versions/10/stats") == [ten]
    assert counted("/v2/models/toy/versions/stable/stats") == [two]


@pytest.mark.parametrize("page", ["", "/config", "/stats", "/ready"])
@pytest.mark.parametrize("model", ["nope", "toy/versions/1", "toy/versions/next"])
async def test_what_is_not_there_is_404(served: Served, model: str, page: str) -> None:
    """Every page of an unknown model, version or label is 404 in Triton's words."""
    with pytest.raises(ServiceError, match=r"^Request for unknown model: '(nope|toy)'.* is not found$") as caught:
        read(served, f"/v2/models/{model}{page}")
    assert caught.value.status == 404


async def test_a_model_that_is_ready_in_a_service_that_is_not(served: Served) -> None:
    """While the service drains, its models are not ready, and their pages are read all the same."""
    assert read(served, "/v2/models/toy/versions/stable/ready") == (200, {"name": "toy", "ready": True})
    served.runtime.draining = True
    assert read(served, "/v2/models/toy/ready") == (503, {"name": "toy", "ready": False})
    assert read(served, "/v2/models/toy")[0] == read(served, "/v2/models/toy/config")[0] == 200

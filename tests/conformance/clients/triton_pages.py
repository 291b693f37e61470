"""Triton's client asks for health, metadata, statistics and changes of the repository."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from tritonclient.utils import InferenceServerException

from tests.conformance.clients.checks import Check, Skipped, about, contains, raised, same, settled

if TYPE_CHECKING:
    from tests.conformance.clients.triton import Triton


async def refused(call: Callable[..., Any], *given: Any, **more: Any) -> InferenceServerException:
    """The client's own exception, which a call ends with."""
    return cast(InferenceServerException, await raised(InferenceServerException, call, *given, **more))


async def health(client: Any, triton: Triton) -> None:
    """Live, ready, and the model too."""
    assert await settled(client.is_server_live()) is True
    assert await settled(client.is_server_ready()) is True
    assert await settled(client.is_model_ready("xor")) is True
    assert await settled(client.is_model_ready("xor", triton.target.text("$XOR"))) is True


async def unready(client: Any, triton: Triton) -> None:
    """An unknown model and an unknown version are not ready, without an exception."""
    for name, version in (("nobody", ""), ("xor", "999999")):
        assert await settled(client.is_model_ready(name, version)) is False


async def server_metadata(client: Any, triton: Triton) -> None:
    """Server metadata names what works."""
    page = await triton.page(client.get_server_metadata)
    assert page["name"]
    assert page["version"]
    for extension in ("binary_tensor_data", "model_configuration", "statistics"):
        contains(page["extensions"], extension)


@about("flights")
async def model_metadata(client: Any, triton: Triton) -> None:
    """Model metadata names the tensors."""
    page = await triton.page(client.get_model_metadata, "flights")
    assert [one["name"] for one in page["inputs"]] == ["wide", "deep"]
    assert [int(size) for size in page["inputs"][0]["shape"]] == [-1, 7]
    assert page["inputs"][0]["datatype"] == "FP32"
    contains(page["versions"], triton.target.text("$FLIGHTS"))


async def config(client: Any, triton: Triton) -> None:
    """The configuration has the limit of rows, and dims without the batch."""
    page = await triton.page(client.get_model_config, "xor")
    page = page.get("config", page)
    assert page["max_batch_size"] > 0
    assert [int(size) for size in page["input"][0]["dims"]] == [2]
    assert page["input"][0]["data_type"] == "TYPE_FP32"


async def statistics(client: Any, triton: Triton) -> None:
    """An inference is counted."""

    async def counts() -> tuple[int, int]:
        page = await triton.page(client.get_inference_statistics, "xor", triton.target.text("$XOR"))
        (entry,) = page["model_stats"]
        return int(entry["inference_count"]), int(entry["inference_stats"]["success"]["count"])

    before = await counts()
    await settled(client.infer("xor", triton.xor()))
    after = await counts()
    assert (after[0] - before[0], after[1] - before[1]) == (4, 1), f"from {before} to {after}"


async def all_statistics(client: Any, triton: Triton) -> None:
    """Statistics of all models have all models."""
    page = await triton.page(client.get_inference_statistics)
    names = {entry["name"] for entry in page["model_stats"]}
    assert set(triton.target.models) <= names, f"received {names}"


async def index(client: Any, triton: Triton) -> None:
    """The repository index has the model, ready."""
    page = await triton.page(client.get_model_repository_index)
    entries = page if isinstance(page, list) else page["models"]
    found = {entry["name"]: entry["state"] for entry in entries if entry.get("state") == "READY"}
    assert "xor" in found, f"received {entries}"


async def unload_and_load(client: Any, triton: Triton) -> None:
    """Unload, and load again."""
    if not triton.target.key:
        raise Skipped("no --key was given")
    try:
        await settled(client.unload_model("xor", headers=triton.key))
        assert await settled(client.is_model_ready("xor")) is False
        error = await refused(client.infer, "xor", triton.xor())
        contains(error.message(), "xor")
    finally:
        await settled(client.load_model("xor", headers=triton.key))
    assert await settled(client.is_model_ready("xor")) is True
    result = await settled(client.infer("xor", triton.xor()))
    same(result.as_numpy("probability").ravel(), triton.known("xor", "probability", range(4)))


async def load_with_config(client: Any, triton: Triton) -> None:
    """Load with a configuration that names the versions."""
    if not triton.target.key:
        raise Skipped("no --key was given")
    version = triton.target.text("$XOR")
    config = f'{{"version_policy": {{"specific": {{"versions": [{version}]}}}}}}'
    await settled(client.load_model("xor", headers=triton.key, config=config))
    assert await settled(client.is_model_ready("xor", version)) is True
    await settled(client.load_model("xor", headers=triton.key))


async def refused_changes(client: Any, triton: Triton) -> None:
    """A change without the key is refused, and a model that is not stored cannot be loaded."""
    error = await refused(client.unload_model, "xor")
    expected = ("401", "403") if triton.is_http else ("UNAUTHENTICATED", "PERMISSION_DENIED")
    assert any(status in str(error.status()) for status in expected), f"received {error.status()} {error.message()}"
    if triton.target.key:
        error = await refused(client.load_model, "nobody", headers=triton.key)
        contains(error.message(), "failed to load 'nobody'")
        contains(error.status(), "400" if triton.is_http else "INVALID_ARGUMENT")


async def unknown_pages(client: Any, triton: Triton) -> None:
    """Pages of an unknown model raise, in Triton's words."""
    for call in (client.get_model_metadata, client.get_model_config, client.get_inference_statistics):
        error = await refused(call, "nobody")
        contains(error.message(), "Request for unknown model: 'nobody' is not found")
        contains(error.status(), "404" if triton.is_http else "NOT_FOUND")


CHECKS: list[Check] = [
    health,
    unready,
    server_metadata,
    model_metadata,
    config,
    statistics,
    all_statistics,
    index,
    unload_and_load,
    load_with_config,
    refused_changes,
    unknown_pages,
]

"""The repository calls of the V2 protocol: what is there, load, unload. The last two need a key."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Mapping

from service.errors import Forbidden, NotReady, Unauthorized
from service.listing import entries
from service.pages_v2 import JSON, Page
from service.protocols import openinference_pages, openinference_repository
from service.routing import Route
from service.runtime import Runtime


async def call(
    runtime: Runtime, route: Route, headers: Mapping[bytes, bytes], read: Callable[[], Awaitable[bytes]]
) -> Page:
    """Answer ``index``, ``load`` or ``unload``.

    Args:
        runtime: Whose repository.
        route: Which call, of which model.
        headers: By name in lower case; the key is looked at before the body is read.
        read: Gives the body.

    Raises:
        ServiceError: The key is missing or wrong, the body is malformed, or it could not be done.
    """
    if route.action == "index":
        only_ready = openinference_repository.parse_index(await read())
        return 200, openinference_pages.index(entries(runtime), only_ready), JSON
    _check_key(runtime, headers)
    body = await read()
    if not runtime.repository.loaded:
        raise NotReady("The models are being loaded; try again.")
    if route.action == "load":
        versions = openinference_repository.parse_load(body, route.model)
        await asyncio.shield(runtime.keeper.order(route.model, unload=False, versions=versions))
    else:
        openinference_repository.parse_unload(body)
        await asyncio.shield(runtime.keeper.order(route.model, unload=True))
    return 200, b"", JSON


def _check_key(runtime: Runtime, headers: Mapping[bytes, bytes]) -> None:
    key = runtime.settings.repository_key
    if key is None:
        raise Forbidden("Loading and unloading are off. They need KERAS_SERVE_REPOSITORY_KEY to be set.")
    scheme, _, given = headers.get(b"authorization", b"").partition(b" ")
    if scheme.lower() != b"bearer" or not hmac.compare_digest(given.strip(), key.get_secret_value().encode()):
        raise Unauthorized("Expected the header Authorization: Bearer and the key of the repository calls.")

"""The document as bytes, written once for each set of loaded versions."""

from __future__ import annotations

from collections.abc import Mapping
from weakref import WeakKeyDictionary, ref

import orjson

from service.openapi.document import document
from service.openapi.subject import subjects
from service.runtime import Runtime
from service.version import Version

Key = tuple[tuple["ref[Version]", bool], ...]

KEPT: WeakKeyDictionary[Runtime, tuple[Key, bytes]] = WeakKeyDictionary()


def render(runtime: Runtime, routes: Mapping[str, str]) -> bytes:
    """The document of what is loaded now.

    Args:
        runtime: What serves.
        routes: Route of each typed API to the model that it asks; the same at every call.
    """
    defaults = runtime.repository.ready
    # weak, so that a version that is unloaded goes; a dead reference equals none to another version
    key = tuple((ref(one), defaults.get(one.interface.name) is one) for one in runtime.repository.every())
    kept = KEPT.get(runtime)
    if kept is not None and kept[0] == key:
        return kept[1]
    body = orjson.dumps(document(subjects(runtime.repository), routes, runtime.settings))
    KEPT[runtime] = key, body
    return body

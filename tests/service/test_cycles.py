"""What a call leaves behind is freed at once, and does not wait for the collector."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator

import orjson
import pytest

from service.direct import Direct, DirectCall
from tests.raw_asgi import ask
from tests.service.conftest import Served

CALLS = 50
KINDS = ("Work", "Document", "DirectCall", "InferRequest", "Slice", "Exchange")
LISTS = orjson.dumps({"instances": [[1.0, 2.0]]})
COLUMNS = orjson.dumps({"inputs": {"x": [[1.0, 2.0]]}})
V2 = orjson.dumps({"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 2], "data": [[1.0, 2.0]]}]})
BODIES = {"lists": LISTS, "columns": COLUMNS, "v2": V2}
PATHS = {"lists": b"/v1/models/toy:predict", "columns": b"/v1/models/toy:predict", "v2": b"/v2/models/toy/infer"}


@pytest.fixture
def uncollected() -> Iterator[None]:
    """The collector does nothing by itself."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def leftovers() -> list[str]:
    """Kinds of the objects of a call that nothing reaches any more and only the collector would free."""
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        gc.collect()
        return [type(thing).__name__ for thing in gc.garbage if type(thing).__name__ in KINDS]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()


@pytest.mark.parametrize("form", BODIES)
async def test_a_direct_call_leaves_no_cycle(served: Served, form: str, uncollected: None) -> None:
    """After its answer, neither the work nor the parsed body of a call waits for the collector."""
    direct = Direct(served.runtime)
    head = direct.heads.read(b"POST %b HTTP/1.1\r\nHost: a\r\nContent-Length: %d" % (PATHS[form], len(BODIES[form])))
    assert head is not None
    for _ in range(CALLS):
        answered = asyncio.get_running_loop().create_future()
        DirectCall(direct, head, lambda status, *_, done=answered: done.set_result(status)).begin(BODIES[form])
        assert await answered == 200
    assert leftovers() == []


@pytest.mark.parametrize("form", BODIES)
async def test_a_call_through_asgi_leaves_no_cycle(served: Served, form: str, uncollected: None) -> None:
    """The same for the other way."""
    for _ in range(CALLS):
        answer = await ask(served.front, "POST", PATHS[form].decode(), BODIES[form])
        assert answer.status == 200
    assert leftovers() == []

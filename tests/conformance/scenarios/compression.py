"""Answers are compressed for clients that ask for it."""

from __future__ import annotations

import functools
import gzip
import json
import zlib
from collections.abc import Callable

from tests.conformance.cases.openinference_infer import FLAT
from tests.conformance.cases.rows import XOR
from tests.conformance.expectation import Known, mismatch
from tests.conformance.scenarios.scenario import Scenario
from tests.conformance.target import Target

ROWS = 200
DECODERS: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.decompress, "deflate": zlib.decompress}


def predict(target: Target, encoding: str) -> None:
    """A long answer to predict."""
    body = json.dumps({"instances": XOR * (ROWS // 4)}).encode()
    reply = target.ask("POST", "/v1/models/xor:predict", body, {"Accept-Encoding": encoding})
    assert reply.headers.get("content-encoding") == encoding, f"expected {encoding}, received {reply.headers}"
    received = json.loads(DECODERS[encoding](reply.body))
    assert not (fault := mismatch({"predictions": Known("xor", [*range(4)] * 50)}, received, target)), fault


def binary(target: Target, encoding: str) -> None:
    """A long binary answer to infer; the header length counts the JSON before it was compressed."""
    count = 4 * ROWS
    tensor = {**FLAT, "shape": [count, 2], "data": FLAT["data"] * ROWS}
    body = json.dumps({"inputs": [tensor], "parameters": {"binary_data_output": True}}).encode()
    reply = target.ask("POST", "/v2/models/xor/infer", body, {"Accept-Encoding": encoding})
    assert reply.headers.get("content-encoding") == encoding, f"expected {encoding}, received {reply.headers}"
    plain = DECODERS[encoding](reply.body)
    length = int(reply.headers["inference-header-content-length"])
    assert json.loads(plain[:length])["outputs"][0]["shape"] == [count, 1], "expected the JSON in front"
    assert len(plain) - length == 4 * count, f"expected {4 * count} bytes behind it, received {len(plain) - length}"


def plain(target: Target) -> None:
    """Nobody gets an encoding that was not asked for."""
    body = json.dumps({"instances": XOR * 50}).encode()
    for accepted in ({}, {"Accept-Encoding": "br"}, {"Accept-Encoding": "gzip;q=0, identity"}):
        reply = target.ask("POST", "/v1/models/xor:predict", body, accepted)
        assert "content-encoding" not in reply.headers, f"received {reply.headers} for {accepted}"
        assert len(reply.json()["predictions"]) == ROWS, "expected an answer a row"


SCENARIOS = [
    *(
        Scenario(f"{kind} answers in {encoding}", functools.partial(check, encoding=encoding))
        for kind, check in (("JSON", predict), ("binary", binary))
        for encoding in DECODERS
    ),
    Scenario("no encoding that was not asked for", plain),
]

"""curl, as tutorials and people use it.

python -m tests.conformance.clients.curl --url http://HOST:PORT
"""

from __future__ import annotations

import argparse
import gzip
import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.conformance.cases.rows import FLIGHTS, XOR
from tests.conformance.clients import checks
from tests.conformance.clients.checks import about
from tests.conformance.expectation import Known, mismatch
from tests.conformance.target import Target

TIMEOUT_S = 60
LONG = {"instances": XOR * 250, "padding": " " * 2_000_000}
"""A thousand rows in two megabytes: curl asks before it sends so much."""
MARK = "\n%{http_code} %{content_type}"


class Curl:
    """The program.

    Args:
        program: Its path.
        target: The server.
        folder: Where bodies go that it reads from files.
    """

    def __init__(self, program: str, target: Target, folder: Path) -> None:
        self._program = program
        self.target = target
        self._folder = folder

    def __call__(self, path: str, *options: str, given: bytes = b"") -> str:
        """Standard output of a call; ``given`` is its standard input."""
        command = [self._program, "-sS", *options, self.target.url + path]
        done = subprocess.run(command, input=given, capture_output=True, timeout=TIMEOUT_S, check=False)
        assert done.returncode == 0, f"curl ended with {done.returncode}: {done.stderr.decode()}"
        return done.stdout.decode()

    def file(self, content: bytes) -> str:
        """A file as curl's options name it."""
        path = self._folder / "body"
        path.write_bytes(content)
        return f"@{path}"

    def fits(self, expected: Any, text: str) -> None:
        """Hold JSON to what was expected."""
        assert not (fault := mismatch(expected, json.loads(text), self.target)), fault


PREDICT = "/v1/models/xor:predict"
BODY = json.dumps({"instances": XOR})
FOUR = {"predictions": Known("xor", range(4))}


def plain(curl: Curl) -> None:
    """-d, with the content type of a form."""
    curl.fits(FOUR, curl(PREDICT, "-d", BODY))


@about("flights")
def two_inputs(curl: Curl) -> None:
    """-X POST and -d from a file."""
    body = json.dumps({"instances": FLIGHTS}).encode()
    curl.fits(
        {"predictions": Known("flights", (0, 1))},
        curl("/v1/models/flights:predict", "-X", "POST", "-d", curl.file(body)),
    )


def as_json(curl: Curl) -> None:
    """A content type of JSON."""
    curl.fits(FOUR, curl(PREDICT, "-H", "Content-Type: application/json", "-d", BODY))


def zipped(curl: Curl) -> None:
    """A body in gzip."""
    options = ["-H", "Content-Encoding: gzip", "--data-binary", curl.file(gzip.compress(BODY.encode()))]
    curl.fits(FOUR, curl(PREDICT, *options))


def compressed(curl: Curl) -> None:
    """--compressed, for a long answer."""
    body = json.dumps({"instances": XOR * 200}).encode()
    curl.fits({"predictions": Known("xor", [*range(4)] * 200)}, curl(PREDICT, "--compressed", "-d", curl.file(body)))


def asks_first(curl: Curl) -> None:
    """A long body, for which curl waits for 100 Continue."""
    body = curl.file(json.dumps(LONG).encode())
    text = curl(PREDICT, "-H", "Expect: 100-continue", "--data-binary", body)
    curl.fits({"predictions": Known("xor", [*range(4)] * 250)}, text)


def old(curl: Curl) -> None:
    """HTTP/1.0."""
    curl.fits(FOUR, curl(PREDICT, "--http1.0", "-d", BODY))


def upgrade(curl: Curl) -> None:
    """An offer of HTTP/2, which is not taken."""
    curl.fits(FOUR, curl(PREDICT, "--http2", "-d", BODY))


def head(curl: Curl) -> None:
    """-I: the head of a page."""
    text = curl("/v1/models/xor", "-I").lower()
    checks.contains(text, "http/1.1 200")
    checks.contains(text, "content-type: application/json\r\n")
    assert text.endswith("\r\n\r\n"), "expected a head and nothing else"


def table(curl: Curl) -> None:
    """--data-binary of a CSV file."""
    body = curl.file(b"young,high_income\n" + b"0,0\n0,1\n1,0\n1,1\n" * 2500)
    text = curl(PREDICT, "-H", "Content-Type: text/csv", "-H", "Accept: application/x-ndjson", "--data-binary", body)
    received = [json.loads(line) for line in text.splitlines()]
    expected = Known("xor", [*range(4)] * 2500, "records")
    assert not (fault := mismatch(expected, received, curl.target)), fault


def pipe(curl: Curl) -> None:
    """-T -: a CSV of unknown length from a pipe, in chunks."""
    given = b"young,high_income\n" + b"0,1\n" * 10_000
    text = curl(PREDICT, "-X", "POST", "-H", "Content-Type: text/csv", "-N", "-T", "-", given=given)
    lines = text.splitlines()
    assert lines[0] == "loyal,probability,error", f"received {lines[0]!r}"
    assert len(lines) == 10_001, f"expected 10001 lines, received {len(lines)}"


def infer(curl: Curl) -> None:
    """V2 by -d."""
    tensor = {"name": "features", "shape": [4, 2], "datatype": "FP32", "data": XOR}
    answer = json.loads(curl("/v2/models/xor/infer", "-d", json.dumps({"inputs": [tensor]})))
    curl.fits(Known("xor", range(4), "tensors"), json.dumps(answer["outputs"]))


def statuses(curl: Curl) -> None:
    """The statuses and content types of what is wrong."""
    for options, expected in (
        (["/v1/models/nobody:predict", "-d", "{}"], "404 application/json"),
        (["/v1/models/xor:predict", "-d", "{"], "400 application/json"),
        (["/v1/models/xor", "-X", "PUT"], "400 application/json"),
        (["/v2/models/xor", "-X", "DELETE"], "405 application/json"),
        (["/v2/models/xor/infer", "-H", "Content-Encoding: br", "-d", "{}"], "501 application/json"),
    ):
        received = curl(options[0], "-w", MARK, *options[1:]).splitlines()[-1]
        assert received == expected, f"{options}: expected {expected}, received {received}"


def reused(curl: Curl) -> None:
    """One connection for several calls."""
    other = [curl.target.url + "/livez", curl.target.url + "/v2/health/ready"]
    text = curl("/v1/models/xor", "-o", "-", "-w", "\n%{num_connects}\n", *other)
    connects = [line for line in text.splitlines() if line.isdigit()]
    assert sorted(connects) == ["0", "0", "1"], f"expected one connection, received {connects}"


CHECKS: list[Callable[[Curl], None]] = [
    plain,
    two_inputs,
    as_json,
    zipped,
    compressed,
    asks_first,
    old,
    upgrade,
    head,
    table,
    pipe,
    infer,
    statuses,
    reused,
]


def version_of(program: str) -> str:
    """Its version."""
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    return told.split()[1]


async def main(given: argparse.Namespace, target: Target) -> None:
    """Ask with the curl of this machine."""
    program = shutil.which("curl")
    if program is None:
        checks.announce("curl", "", "it is not installed here")
        return
    checks.announce("curl", version_of(program))
    with tempfile.TemporaryDirectory() as folder:
        await checks.run(CHECKS, target, Curl(program, target, Path(folder)))


if __name__ == "__main__":
    checks.start(main)

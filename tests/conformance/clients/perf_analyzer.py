"""Triton's load generator, a C++ client: it reads metadata, configuration and statistics, and infers by binary tensors.

    python -m tests.conformance.clients.perf_analyzer --url http://HOST:PORT [--grpc HOST:PORT]

Its program is looked for beside this interpreter, where the wheels of tritonclient up to 2.50 put it.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.conformance.clients import checks
from tests.conformance.clients.checks import about
from tests.conformance.target import Target

TIMEOUT_S = 120
ZEROS = ("--input-data", "zero")
"""Its random numbers are none of the model's field values, and are refused."""
LIBRARIES = ("libcudart.so*", "libb64.so*")
SLOW_US = 20_000
"""An answer whose head and body leave apart takes 40 ms on Linux, where the client delays its acknowledgement."""


class Analyzer:
    """The program.

    Args:
        program: Its path.
        target: The server.
        protocol: ``http`` or ``grpc``.
    """

    def __init__(self, program: Path, target: Target, protocol: str) -> None:
        self._program = program
        self.target = target
        self.protocol = protocol

    def __call__(self, model: str, *options: str, concurrency: int = 1) -> dict[str, float]:
        """Measure a model; the columns of the report that it writes."""
        address = self.target.url.removeprefix("http://") if self.protocol == "http" else self.target.grpc
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "report.csv"
            command = [str(self._program), "-m", model, "-u", address, "-i", self.protocol, "-f", str(report)]
            command += ["--concurrency-range", str(concurrency), "--measurement-mode", "count_windows"]
            command += ["--measurement-request-count", "200", "-r", "10", "-s", "500", *options]
            done = subprocess.run(
                command, env=variables(), capture_output=True, text=True, timeout=TIMEOUT_S, check=False
            )
            told = " ".join((done.stdout + done.stderr).split())[-300:]
            assert report.exists(), f"perf_analyzer ended with {done.returncode}: {told}"
            with report.open() as lines:
                row = next(csv.DictReader(lines))
        return {name: float(value) for name, value in row.items() if name and value}


def alone(analyzer: Analyzer) -> None:
    """One client: its median is far from the 40 ms of an answer in two parts."""
    row = analyzer("xor", *ZEROS, "--shape", "features:2")
    assert row["Inferences/Second"] > 0
    assert row["p50 latency"] < SLOW_US, f"expected a median below {SLOW_US} µs, received {row['p50 latency']}"


def together(analyzer: Analyzer) -> None:
    """Eight clients at a time."""
    row = analyzer("xor", *ZEROS, concurrency=8)
    assert row["Inferences/Second"] > 0


def in_batches(analyzer: Analyzer) -> None:
    """Batches of eight."""
    row = analyzer("xor", *ZEROS, "-b", "8")
    assert row["Inferences/Second"] > 0


@about("mnist")
def pictures(analyzer: Analyzer) -> None:
    """Pictures of random bytes."""
    assert analyzer("mnist")["Inferences/Second"] > 0


def counters(analyzer: Analyzer) -> None:
    """It finds the server's own times, in the statistics."""
    row = analyzer("xor", *ZEROS)
    for name in ("Server Queue", "Server Compute Input", "Server Compute Infer", "Server Compute Output"):
        assert name in row, f"expected {name}, received {sorted(row)}"
    assert row["Server Compute Infer"] > 0


CHECKS: list[Callable[[Analyzer], Any]] = [alone, together, in_batches, pictures, counters]


async def main(given: argparse.Namespace, target: Target) -> None:
    """Measure over both protocols."""
    program = Path(sys.executable).parent / "perf_analyzer"
    version = checks.version_of("tritonclient")
    for protocol in ("http", "grpc"):
        name = f"perf_analyzer {protocol}"
        if not program.exists():
            checks.announce(name, version, "the wheel has no perf_analyzer for this machine")
            continue
        missing = libraries(program)
        if missing:
            checks.announce(name, version, f"it needs {missing}")
        elif protocol == "grpc" and not target.grpc:
            checks.announce(name, version, "no --grpc was given")
        else:
            checks.announce(name, version)
            await checks.run(CHECKS, target, Analyzer(program, target, protocol))


def variables() -> dict[str, str]:
    """The environment in which the program finds the libraries that lie in the environment of this interpreter."""
    found = {str(path.parent) for name in LIBRARIES for path in Path(sys.prefix).rglob(name)}
    return {**os.environ, "LD_LIBRARY_PATH": ":".join(sorted(found))}


def libraries(program: Path) -> str:
    """What the program needs and this machine does not have; empty if it runs."""
    command = [str(program), "--version"]
    done = subprocess.run(command, env=variables(), capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stderr.strip().rpartition("libraries: ")[2][:120]


if __name__ == "__main__":
    checks.start(main)

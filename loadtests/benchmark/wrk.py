"""``wrk``, the HTTP client that makes the load: one process a measurement, on one thread."""

from __future__ import annotations

import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from loadtests.benchmark.lua import RESULT
from loadtests.errors import BenchmarkError, WrongAnswer

TIMEOUT_S = 10
"""Longest wait for an answer, and for the end of ``wrk`` after its time."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What ``wrk`` saw.

    Attributes:
        requests: Answered rightly, as far as the script looks.
        refused: Answered with another status than 200, or not at all.
        duration_s: How long it sent.
        p50_ms: Half of all answers took no longer.
        p95_ms: 95 of 100 took no longer.
        p99_ms: 99 of 100 took no longer.
    """

    requests: int
    refused: int
    duration_s: float
    p50_ms: float
    p95_ms: float
    p99_ms: float


def find() -> str:
    """Path of the program.

    Raises:
        BenchmarkError: It is not installed.
    """
    found = shutil.which("wrk")
    if found is None:
        raise BenchmarkError(
            "Expected the program wrk on PATH. Received none: apt-get install wrk, or brew install wrk."
        )
    return found


def run(script: Path, url: str, clients: int, seconds: int, *, cut_s: float | None = None) -> Reading:
    """Load a server.

    Args:
        script: Of ``lua.py``.
        url: ``http://HOST:PORT``.
        clients: Connections.
        seconds: How long.
        cut_s: End after this time already: ``wrk`` itself takes whole seconds only.

    Raises:
        BenchmarkError: ``wrk`` failed.
        WrongAnswer: An answer had another beginning or length than the checked ones.
    """
    words = [find(), "--threads=1", f"--connections={clients}", f"--duration={seconds}s"]
    words += [f"--timeout={TIMEOUT_S}s", f"--script={script}", url]
    # a group of its own, so that Ctrl-C reaches this process only, which ends the client and then the servers
    process = subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    )
    try:
        if cut_s is not None:
            try:
                process.wait(cut_s)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=seconds + TIMEOUT_S)
    except subprocess.TimeoutExpired:
        raise BenchmarkError(f"Expected the end of wrk after {seconds} s. It went on.") from None
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
    text = output.decode(errors="replace")
    if process.returncode != 0:
        raise BenchmarkError(f"Expected exit code 0 from wrk. Received {process.returncode}: {text.strip()[-500:]}")
    return parse(text)


def parse(output: str) -> Reading:
    """Read what the script printed.

    Raises:
        BenchmarkError: It printed something else.
        WrongAnswer: It saw one.
    """
    lines = (line.split(" ", 2) for line in output.splitlines() if line.startswith(f"{RESULT} "))
    values = {name: value for _, name, value in lines}
    try:
        wrong, first = int(values["wrong"]), values["first_wrong"]
        numbers = {name: int(values[name]) for name in ("requests", "duration_us", "refused", "lost")}
        p50_ms, p95_ms, p99_ms = (int(values[f"p{part}_us"]) / 1000 for part in (50, 95, 99))
    except (KeyError, ValueError):
        raise BenchmarkError(f"Expected figures from wrk. Received {output.strip()[-500:]}") from None
    if wrong:
        raise WrongAnswer(f"Expected answers like the checked ones. Received {wrong} others, the first: {first}")
    answered = numbers["requests"] - numbers["refused"]
    refused = numbers["refused"] + numbers["lost"]
    return Reading(answered, refused, numbers["duration_us"] / 1e6, p50_ms, p95_ms, p99_ms)

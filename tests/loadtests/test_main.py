"""The command line as a process: real servers, doubles, interruptions."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest

from loadtests.__main__ import parse
from loadtests.server import port_is_free
from tests.loadtests.double import Double
from tests.servers import ROOT

FORMS = ("instances", "inputs", "records", "infer")


def start(home: Path, *words: str) -> subprocess.Popen[str]:
    """Start the command line on a store."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("KERAS_SERVE_")}
    # the toy has no graph for TensorFlow, which a visible GPU would choose
    variables |= {"BENTOML_HOME": str(home), "KERAS_SERVE_ENGINE": "onnxruntime", "KERAS_SERVE_DRAIN_DELAY_MS": "0"}
    command = [sys.executable, "-m", "loadtests", f"--reports={home.parent / 'reports'}", *words]
    return subprocess.Popen(
        command, cwd=ROOT, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Exit code and output."""
    output, _ = process.communicate(timeout=100)
    return process.returncode, output


def left_behind(home: Path) -> Sequence[psutil.Process]:
    """Processes that were started with this store and still live."""

    def belongs(process: psutil.Process) -> bool:
        try:
            return process.environ().get("BENTOML_HOME") == str(home) and process.status() != psutil.STATUS_ZOMBIE
        except (psutil.AccessDenied, psutil.NoSuchProcess):
            return False

    return [process for process in psutil.process_iter() if belongs(process)]


def port_of(output: str) -> int:
    """Where the server listened that the run started."""
    found = re.search(r"Started a server at http://127\.0\.0\.1:(\d+)", output)
    assert found is not None, output
    return int(found[1])


def spoil_numbers(answer: Any) -> Any:
    """Every number of an answer, one too large."""
    if isinstance(answer, dict):
        kept = ("shape", "datatype", "name")
        return {key: value if key in kept else spoil_numbers(value) for key, value in answer.items()}
    if isinstance(answer, list):
        return [spoil_numbers(value) for value in answer]
    return answer + 1 if isinstance(answer, int | float) and not isinstance(answer, bool) else answer


def test_own_server_is_loaded_judged_and_ended(home: Path) -> None:
    """Without an address: a server starts, every form is asked, a table and reports appear, nothing is left."""
    code, output = finish(start(home, "--users=4", "--duration-s=2", "--max-p95-ms=60000", "--max-p99-ms=60000"))
    assert code == 0, output
    for form in FORMS:
        assert re.search(rf"^toy\s+{form}\s+[1-9]\d*\s+0\s", output, re.MULTILINE), output
    assert "BROKEN" not in output
    reports = {path.name for path in (home.parent / "reports").iterdir()}
    assert {"smoke.html", "smoke_stats.csv", "smoke_failures.csv", "server.log"} <= reports
    assert port_is_free(port_of(output))
    assert not left_behind(home)


def test_several_processes_are_one_run(double: Double, home: Path) -> None:
    """Two workers and their master: one table, one verdict, every form, and nothing is left."""
    words = (f"--url={double.url}", "--processes=2", "--users=4", "--duration-s=1", "--max-p95-ms=60000")
    code, output = finish(start(home, *words, "--max-p99-ms=60000"))
    assert code == 0, output
    for form in FORMS:
        assert re.search(rf"^toy\s+{form}\s+[1-9]\d*\s+0\s", output, re.MULTILINE), output
    assert output.count("max_failures") == output.count("xor: left out") == 1
    log = (home.parent / "reports" / "smoke.log").read_text()
    assert "(index 1) reported as ready" in log
    assert not left_behind(home)


def test_interruption_cleans_up(home: Path) -> None:
    """Ctrl-C in the middle of a load ends Locust and the server, still prints the table, and says so by its code."""
    process = start(home, "--shape=steady", "--users=2")
    assert process.stdout is not None
    before = ""
    while "Steady:" not in before:
        line = process.stdout.readline()
        assert line, before
        before += line
    process.send_signal(signal.SIGINT)
    code, after = finish(process)
    assert code == 130, after
    assert "p95 ms" in after
    assert port_is_free(port_of(before))
    assert not left_behind(home)


def test_tight_threshold_is_named(double: Double, home: Path) -> None:
    """A limit that nothing can meet gives exit code 1, and the verdict names that limit alone."""
    words = (f"--url={double.url}", "--users=2", "--duration-s=1", "--max-p95-ms=0.001", "--max-p99-ms=60000")
    code, output = finish(start(home, *words))
    assert code == 1, output
    assert re.findall(r"BROKEN  (\w+)", output) == ["max_p95_ms"]
    assert "Expected at most 0.001 ms. Received" in output


def test_wrong_answers_are_caught(double: Double, home: Path) -> None:
    """A server that answers fast, with status 200, and wrongly does not pass."""
    double.spoil = spoil_numbers
    words = (f"--url={double.url}", "--users=2", "--duration-s=1", "--max-p95-ms=60000", "--max-p99-ms=60000")
    code, output = finish(start(home, *words))
    assert code == 1, output
    assert re.findall(r"BROKEN  (\w+)", output) == ["max_failures"]
    assert re.search(r"x toy infer: Expected double\[\d+\]\[0\] = .* for example \d\. Received", output), output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--url=http://10.0.0.1:3000",), "Expected a server on this machine, or --remote"),
        (("--url=http://127.0.0.1:1", "--processes=2"), "Expected an answer from http://127.0.0.1:1"),
        (("--examples=no/such/folder",), "Expected a folder of NAME/VERSION/"),
    ],
)
def test_what_cannot_run_says_why(home: Path, words: tuple[str, ...], message: str) -> None:
    """A run that cannot begin ends with one line and exit code 1."""
    code, output = finish(start(home, *words))
    assert code == 1
    assert message in output
    assert "Traceback" not in output


@pytest.mark.parametrize(
    "words", [("--worker=10.0.0.5",), ("--expect-workers=2",), ("--worker=a", "--expect-workers=2")]
)
def test_machines_need_the_servers_address(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """A server of its own is on loopback, where other machines do not reach it; and nobody leads and follows."""
    with pytest.raises(SystemExit):
        parse(words)
    assert re.search("--url|not allowed with", capsys.readouterr().err)

"""One run of Locust, headless, as one process or several: its command line, its end, its exit code."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from pathlib import Path

from loadtests import options
from loadtests.server import HOST, end_group, free_port
from loadtests.target import Target

HERE = Path(__file__).parent
SHARED = {"__init__", "shape", "stages"}
SHAPES = tuple(sorted(path.stem for path in (HERE / "shapes").glob("*.py") if path.stem not in SHARED))
"""Names of the load shapes, one a file."""
FINISH_S = 5
"""Time for requests that are on their way when the load ends."""
END_S = 30
"""Longest wait for Locust after it was asked to end."""


def command(target: Target, arguments: argparse.Namespace, reports: Path) -> list[str]:
    """Locust's command line.

    Args:
        target: The server.
        arguments: Of ``python -m loadtests``.
        reports: Folder that takes reports and log.
    """
    locustfile, shape = HERE / "locustfile.py", HERE / "shapes" / f"{arguments.shape}.py"
    words = [sys.executable, "-m", "locust", "-f", f"{locustfile},{shape}", "--headless", "--host", target.url]
    words += ["--only-summary", "--stop-timeout", str(FINISH_S), *_processes(arguments)]
    if arguments.worker is None:
        words += _reports(reports / arguments.shape)
    if arguments.users is not None:
        words += ["--users", str(arguments.users)]
    if arguments.duration_s is not None:
        words += ["--run-time", f"{arguments.duration_s}s"]
    return words + options.forwarded(arguments)


def _reports(prefix: Path) -> list[str]:
    words = ["--html", f"{prefix}.html", "--csv", str(prefix), "--csv-full-history"]
    # with a JSON file Locust prints no tables of its own beside ours
    return [*words, "--json-file", str(prefix), "--logfile", f"{prefix}.log"]


def _processes(arguments: argparse.Namespace) -> list[str]:
    """One process alone; a master and its workers; a master of workers elsewhere; or workers of a master elsewhere."""
    count = arguments.processes or cores()
    forked = ["--processes", str(count)]
    if arguments.worker is not None:
        words = ["--worker", "--master-host", arguments.worker, "--master-port", str(arguments.master_port)]
        return words + (forked if count > 1 else [])
    if arguments.expect_workers is not None:
        words = ["--master", "--expect-workers", str(arguments.expect_workers)]
        return [*words, "--master-bind-host", arguments.bind_host, "--master-bind-port", str(arguments.master_port)]
    if count == 1:
        return []
    # a free port, so that two runs on a machine do not take each other's workers
    port = str(free_port())
    return [*forked, "--master-bind-host", HOST, "--master-bind-port", port, "--master-port", port]


def cores() -> int:
    """How many cores this process may use."""
    # not every system can bind a process to some of them
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run(words: list[str], *, everyone: bool = False) -> int:
    """Run a command to its end; whatever interrupts this process ends that one first.

    Args:
        words: The command.
        everyone: Whether an interruption goes to all its processes; otherwise to the first, which tells the others
            and waits for what they measured.

    Returns:
        Its exit code; 1 if a signal ended it.
    """
    # a group of its own, so that Ctrl-C does not reach it twice; no terminal, since it would read keys from it
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        code = process.wait()
    except BaseException:
        # as Ctrl-C: while a shape runs, Locust has no handler for SIGTERM, and would end without a report
        if everyone:
            os.killpg(process.pid, signal.SIGINT)
        else:
            process.send_signal(signal.SIGINT)
        try:
            process.wait(END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        raise
    finally:
        end_group(process.pid)
    return code if code >= 0 else 1

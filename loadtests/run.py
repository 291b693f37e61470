"""One run of Locust, headless, as a process: its command line, its end, its exit code."""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
from pathlib import Path

from loadtests import options
from loadtests.target import Target

HERE = Path(__file__).parent
SHAPES = tuple(sorted(path.stem for path in (HERE / "shapes").glob("s*.py") if path.stem != "stages"))
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
    prefix = reports / arguments.shape
    words = [sys.executable, "-m", "locust", "-f", f"{locustfile},{shape}", "--headless", "--host", target.url]
    words += ["--only-summary", "--stop-timeout", str(FINISH_S)]
    words += ["--html", f"{prefix}.html", "--csv", str(prefix), "--csv-full-history"]
    # with a JSON file Locust prints no tables of its own beside ours
    words += ["--json-file", str(prefix), "--logfile", f"{prefix}.log"]
    if arguments.users is not None:
        words += ["--users", str(arguments.users)]
    if arguments.duration_s is not None:
        words += ["--run-time", f"{arguments.duration_s}s"]
    return words + options.forwarded(arguments)


def run(words: list[str]) -> int:
    """Run a command to its end; whatever interrupts this process ends that one first.

    Returns:
        Its exit code; 1 if a signal ended it.
    """
    # a group of its own, so that Ctrl-C does not reach it twice; no terminal, since it would read keys from it
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        code = process.wait()
    except BaseException:
        # as Ctrl-C: while a shape runs, Locust has no handler for SIGTERM, and would end without a report
        process.send_signal(signal.SIGINT)
        try:
            process.wait(END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        raise
    return code if code >= 0 else 1

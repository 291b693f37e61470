"""What the figures were taken on, and with."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from pathlib import Path

import psutil

from loadtests.benchmark import wrk


def describe() -> dict[str, str]:
    """Name of each property, and what it is here."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "CPU": cpu_model(Path("/proc/cpuinfo")),
        "cores": f"{cores}, shared by client and server",
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
        "Python": platform.python_version(),
        "client": client(),
    }


def cpu_model(path: Path) -> str:
    """The CPU's name, as Linux tells it."""
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", path.read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found[1] if found else platform.processor() or "unknown"


def client() -> str:
    """Name and version of ``wrk``: the first words of its first line."""
    done = subprocess.run([wrk.find(), "-v"], capture_output=True, text=True, timeout=10, check=False)
    return " ".join((done.stdout + done.stderr).split()[:2])

"""The processors that this service may use, and how they are shared out among its workers.

A container's limit is a quota of the control group: processor time by period of wall time, which may be a fraction. A
process that starts more threads than that is not refused; it is stopped for the rest of each period, in the middle of a
batch. So threads are counted by the quota and not by what the machine has.

References:
    The Linux kernel's documentation, "Control Group v2", section "CPU", and "CFS Bandwidth Control" (version 1).
"""

from __future__ import annotations

import math
import os
from pathlib import Path, PurePosixPath

PROCESS_GROUPS = Path("/proc/self/cgroup")
GROUPS = Path("/sys/fs/cgroup")
MOST_ENGINE_THREADS = 4
"""Most threads that are taken for one batch without being asked for. A batch of 64 rows is soon cut too thin, and many
processors are better used by more workers; more than two were not measured."""


def available(groups: Path = GROUPS, process_groups: Path = PROCESS_GROUPS) -> float:
    """Processors that this process may use at a time: those it may run on, or its quota if that is less.

    Args:
        groups: Where the control groups are mounted.
        process_groups: The kernel's list of the groups of this process.
    """
    return min(float(_allowed()), _quota(groups, process_groups))


def engine_threads(workers: int, cpus: float) -> int:
    """Threads for one batch where none are set: a worker's part of the processors, less one for its event loop.

    On two processors that is one thread, with one worker and with two. Measured there with 32 clients: a second thread
    made a lone batch of 64 rows 1.3 times (dense model) and 1.9 times (convolutional) as fast and a lone row 0.8 times,
    and the service answered 0.9 to 1.0 times as many requests, for it takes the processor that reads and writes them.
    """
    return max(1, min(math.floor(cpus / workers) - 1, MOST_ENGINE_THREADS))


def oversubscribed(workers: int, threads: int, cpus: float) -> str | None:
    """A sentence if the engines of all workers together have more threads than there are processors."""
    if workers * threads <= max(1, math.ceil(cpus)):
        return None
    return (
        f"{workers} workers with {threads} engine threads each want {workers * threads} processors. "
        f"{cpus:g} are available; fewer KERAS_SERVE_WORKERS or KERAS_SERVE_ENGINE_THREADS are faster."
    )


def _allowed() -> int:
    """Processors that the scheduler may put this process on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _quota(groups: Path, process_groups: Path) -> float:
    """The least quota of the process's group and of those above it; infinite if none is set."""
    try:
        lines = process_groups.read_text().splitlines()
    except OSError:  # no Linux
        return math.inf
    quotas = [math.inf]
    for line in lines:
        _, controllers, name = line.split(":", 2)
        if not controllers:
            quotas += [_quota_v2(folder) for folder in _upwards(groups, name)]
        elif "cpu" in controllers.split(","):
            for mounted in dict.fromkeys((controllers, "cpu", "cpu,cpuacct")):
                quotas += [_quota_v1(folder) for folder in _upwards(groups / mounted, name)]
    return min(quotas)


def _upwards(mounted: Path, name: str) -> list[Path]:
    """A group's folder and those above it; in a container the name may be that outside, and only the root be there."""
    inside = PurePosixPath(name.lstrip("/"))
    if ".." in inside.parts:  # a group beside the container's root, as seen from inside
        return [mounted]
    return [mounted / inside, *(mounted / parent for parent in inside.parents)]


def _quota_v2(folder: Path) -> float:
    words = _words(folder / "cpu.max")
    return _divided(*words) if len(words) == 2 else math.inf


def _quota_v1(folder: Path) -> float:
    words = [*_words(folder / "cpu.cfs_quota_us"), *_words(folder / "cpu.cfs_period_us")]
    return _divided(*words) if len(words) == 2 else math.inf


def _words(path: Path) -> list[str]:
    try:
        return path.read_text().split()
    except OSError:
        return []


def _divided(quota: str, period: str) -> float:
    """Processors that a quota comes to; ``max`` and -1 are none."""
    if not (quota.isdigit() and period.isdigit() and int(period) and int(quota)):
        return math.inf
    return int(quota) / int(period)

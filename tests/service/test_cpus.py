"""Processors are counted by what the process may use, and shared out so that none has two owners."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import cpus
from service.cpus import MOST_ENGINE_THREADS, available, engine_threads, oversubscribed


@pytest.fixture(autouse=True)
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with 64 processors."""
    monkeypatch.setattr(cpus, "_allowed", lambda: 64)


def groups(folder: Path, lines: str, **files: str) -> tuple[Path, Path]:
    """Control groups with these files, `__` for a slash and `_dot_` for a dot, and this list of a process's groups."""
    for name, text in files.items():
        path = folder / "groups" / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "own").write_text(lines)
    return folder / "groups", folder / "own"


@pytest.mark.parametrize(
    ("text", "found"),
    [("max 100000\n", 64), ("150000 100000\n", 1.5), ("50000 100000\n", 0.5), ("9000000 100000\n", 64), ("", 64)],
)
def test_a_quota_of_version_2_counts(tmp_path: Path, text: str, found: float) -> None:
    """Quota by period, a fraction too; none, and one above the machine's processors, change nothing."""
    assert available(*groups(tmp_path, "0::/app/web\n", app__web__cpu_dot_max=text)) == found


def test_the_narrowest_group_counts(tmp_path: Path) -> None:
    """A quota of a group above holds for those below it, whichever is less."""
    files = {"app__cpu_dot_max": "300000 100000", "app__web__cpu_dot_max": "700000 100000", "cpu_dot_max": "max 100000"}
    assert available(*groups(tmp_path, "0::/app/web\n", **files)) == 3


@pytest.mark.parametrize("name", ["/docker/0123", "/", "/../beside"])
def test_inside_a_container_the_root_counts(tmp_path: Path, name: str) -> None:
    """Where a group's name is that of outside, the quota stands at the root that the container sees."""
    assert available(*groups(tmp_path, f"0::{name}\n", cpu_dot_max="200000 100000")) == 2


@pytest.mark.parametrize("mounted", ["cpu", "cpu,cpuacct"])
@pytest.mark.parametrize(("quota", "found"), [("-1", 64), ("250000", 2.5), ("0", 64)])
def test_a_quota_of_version_1_counts(tmp_path: Path, mounted: str, quota: str, found: float) -> None:
    """The older files are read too, from wherever the controller is mounted; -1 is no quota."""
    files = {f"{mounted}__app__cpu_dot_cfs_quota_us": quota, f"{mounted}__app__cpu_dot_cfs_period_us": "100000"}
    lines = "5:cpuset:/elsewhere\n4:cpu,cpuacct:/app\n0::/\n"
    assert available(*groups(tmp_path, lines, **files)) == found


def test_a_machine_without_groups_counts_its_processors(tmp_path: Path) -> None:
    """Without the kernel's files, as on another system, what the process may run on is all there is."""
    assert available(tmp_path / "none", tmp_path / "none either") == 64


def test_this_machine_has_a_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    """On the machine at hand something above zero is found, and not more than it has."""
    monkeypatch.undo()
    assert 0 < available() <= cpus._allowed()


@given(workers=st.integers(1, 64), count=st.floats(0.1, 512))
def test_threads_never_exceed_the_processors(workers: int, count: float) -> None:
    """Threads of all workers fit beside their event loops, unless each has its least, which is one; few are taken."""
    threads = engine_threads(workers, count)
    assert 1 <= threads <= MOST_ENGINE_THREADS
    assert threads == 1 or workers * (threads + 1) <= count


@pytest.mark.parametrize(
    ("workers", "count", "threads"), [(1, 2, 1), (2, 2, 1), (1, 0.5, 1), (1, 4, 3), (2, 8, 3), (2, 3.9, 1), (1, 64, 4)]
)
def test_threads_of_a_worker(workers: int, count: float, threads: int) -> None:
    """A worker's part, less one for the event loop."""
    assert engine_threads(workers, count) == threads


@pytest.mark.parametrize(
    ("workers", "threads", "count", "warned"),
    [(1, 1, 0.5, False), (2, 1, 2, False), (2, 1, 1.5, False), (3, 1, 2, True), (2, 2, 2, True), (1, 64, 64, False)],
)
def test_too_many_threads_are_told(workers: int, threads: int, count: float, warned: bool) -> None:
    """Exactly where the engines have more threads than there are processors, begun ones counted, a sentence says so."""
    sentence = oversubscribed(workers, threads, count)
    assert (sentence is not None) == warned
    assert not sentence or f"want {workers * threads} processors. {count:g} are available" in sentence

"""How busy a process is."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from loadtests.busy import Effort, busiest


def test_part_of_the_time() -> None:
    """Three seconds of work in four are three quarters, whatever the clocks begin at."""
    assert Effort(103, 54).since(Effort(100, 50)) == 0.75
    assert Effort(1, 1).since(Effort(1, 1)) == 0.0


def test_busiest_counts() -> None:
    """One saturated process among idle ones is what matters; one that was not there before is left out."""
    before = {"a": Effort(0, 0), "b": Effort(0, 100)}
    after = {"a": Effort(1, 10), "b": Effort(9.5, 110), "c": Effort(50, 50)}
    assert busiest(before, after) == 0.95
    assert busiest({}, after) == 0.0


def test_work_is_seen(tmp_path: Path) -> None:
    """A process that computes is busy, one that sleeps is not."""
    nowhere = tmp_path / "none"
    start = Effort.now(nowhere)
    while time.process_time() - start.busy_s < 0.02:
        sum(range(1000))
    worked = Effort.now(nowhere)
    time.sleep(0.05)
    assert worked.busy_s - start.busy_s >= 0.02
    assert Effort.now(nowhere).since(worked) < 0.9


@pytest.mark.parametrize(("text", "waited_s"), [("500 3000000000 7\n", 3.0), ("", 0.0), ("what 1", 1e-9)])
def test_waiting_for_a_core_counts(tmp_path: Path, text: str, waited_s: float) -> None:
    """Where the system says how long a process waited for a core, that time is busy too."""
    page = tmp_path / "schedstat"
    page.write_text(text)
    before = time.process_time()
    assert Effort.now(page).busy_s - before == pytest.approx(waited_s, abs=0.1)

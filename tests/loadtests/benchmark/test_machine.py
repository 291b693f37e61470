"""Hardware and versions."""

from __future__ import annotations

from pathlib import Path

from loadtests.benchmark.machine import cpu_model, describe


def test_everything_has_a_name_and_a_value(fake_wrk: Path) -> None:
    """A page can say where it was taken, the client's version included."""
    found = describe()
    assert all(found.values())
    assert {"CPU", "cores", "memory", "kernel", "Python"} <= set(found)
    assert found["client"] == "wrk stand-in"


def test_cpu_is_named_where_linux_tells(tmp_path: Path) -> None:
    """The first processor's model; something else where there is no such file."""
    (tmp_path / "cpuinfo").write_text("processor\t: 0\nmodel name\t: Abacus 9\nmodel name\t: Other\n")
    assert cpu_model(tmp_path / "cpuinfo") == "Abacus 9"
    assert cpu_model(tmp_path / "none")

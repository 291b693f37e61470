"""The report counts every case, and says why each was not passed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance import report
from tests.conformance.outcome import Outcome, Result
from tests.servers import ROOT

RESULTS = [
    Result("curl", "8.1", [Outcome("a"), Outcome("b", fault="expected\n one"), Outcome("c", skipped="no key")]),
    Result("kserve", unavailable="no network"),
]


def test_the_table_counts() -> None:
    """Cases, passed, failed and skipped of each client and of all together."""
    text = report.markdown(RESULTS)
    assert "| curl | 8.1 | 3 | 1 | 1 | 1 |" in text
    assert "| **together** | | **3** | **1** | **1** | **1** |" in text


def test_many_cases_with_one_reason_are_one_line() -> None:
    """Where a server lacks something that many cases need, the reason is told once."""
    outcomes = [Outcome(str(number), skipped="no model") for number in range(40)]
    assert "* curl: 40 cases: no model" in report.markdown([Result("curl", outcomes=outcomes)]).splitlines()


@pytest.mark.parametrize("line", ["* curl: b: expected one", "* curl: c: no key", "* kserve : no network"])
def test_reasons_are_told(line: str) -> None:
    """What failed, what was skipped and who could not be run each have their line, in both forms."""
    assert line in report.markdown(RESULTS).splitlines()
    assert line in report.terminal(RESULTS).splitlines()


def test_a_page_keeps_what_is_around_the_marks(tmp_path: Path) -> None:
    """Only what lies between the marks is replaced, each time anew."""
    page = tmp_path / "page.md"
    page.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
    report.write(page, RESULTS)
    report.write(page, RESULTS)
    text = page.read_text()
    assert text.startswith(f"before\n{report.BEGIN}\n")
    assert text.endswith(f"{report.END}\nafter\n")
    assert text.count("| curl |") == 1
    assert "old" not in text


def test_a_page_without_marks_is_refused(tmp_path: Path) -> None:
    """A page that does not say where the report goes is left as it is."""
    page = tmp_path / "page.md"
    page.write_text("nothing")
    with pytest.raises(ValueError, match="expected the marks"):
        report.write(page, RESULTS)
    assert page.read_text() == "nothing"


def test_the_docs_hold_a_report_without_failures() -> None:
    """The page in the docs has the table of a run in which nothing failed."""
    text = (ROOT / "docs/conformance.md").read_text()
    table = text.partition(report.BEGIN)[2].partition(report.END)[0]
    assert "| client | version | cases |" in table
    assert "Failed:" not in table

"""What came of one case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case against one server.

    Attributes:
        case: Its name.
        fault: What was wrong; empty if nothing was.
        skipped: Why it was not asked; empty if it was.
    """

    case: str
    fault: str = ""
    skipped: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """All cases of one client, a row of the report.

    Attributes:
        client: Who asked.
        version: Its version; empty for what belongs to this kit.
        outcomes: In the order in which they were asked.
        unavailable: Why the client could not be run at all; empty if it was.
    """

    client: str
    version: str = ""
    outcomes: Sequence[Outcome] = field(default_factory=tuple)
    unavailable: str = ""

    @property
    def failed(self) -> list[Outcome]:
        """The cases with a fault."""
        return [outcome for outcome in self.outcomes if outcome.fault]

    @property
    def skipped(self) -> list[Outcome]:
        """The cases that were not asked."""
        return [outcome for outcome in self.outcomes if outcome.skipped]

    @property
    def passed(self) -> int:
        """How many cases were asked and had no fault."""
        return len(self.outcomes) - len(self.failed) - len(self.skipped)

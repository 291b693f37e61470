"""The search for the highest load that keeps an objective: which load to try next, and when it is over.

    grow        1, 2, 4, … users while the objective is kept
    bisect      between the last load that kept it and the first that missed it, until they are within a tenth
    confirm     the load that was found once more; if it misses this time, bisect below it

Nothing here measures or waits: a step goes in, the next load comes out.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from loadtests.busy import SATURATED

FACTOR = 2
CLOSE = 10
"""The two ends are close enough when they differ by one part in so many of the lower one, or by one user."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one load gave.

    Attributes:
        users: How many there were, each with one request on its way at any time.
        requests: Answered or failed while it was measured.
        failures: How many of them were not answered, or wrongly.
        p99_ms: 99 of 100 took no longer.
        per_s: Requests in a second.
        rows_per_s: Rows in a second, of right answers only.
        busy: How busy the busiest process of the load generator was, 0 to about 1.
    """

    users: int
    requests: int
    failures: int
    p99_ms: float
    per_s: float
    rows_per_s: float
    busy: float

    def keeps(self, objective_p99_ms: float) -> bool:
        """Whether every answer was right, and 99 of 100 came in time."""
        return self.requests > 0 and self.failures == 0 and self.p99_ms <= objective_p99_ms

    @property
    def saturated(self) -> bool:
        """Whether the load generator itself was at its limit."""
        return self.busy > SATURATED


@dataclass
class Search:
    """The search's state.

    Attributes:
        objective_p99_ms: Longest time for 99 of 100 requests.
        most_users: No load is higher.
        users: The load to try now.
        steps: All that were tried, in order.
        found: The step that confirmed the capacity.
        reason: Why none was found, once the search is over without.
    """

    objective_p99_ms: float
    most_users: int
    users: int = 1
    steps: list[Step] = field(default_factory=list)
    found: Step | None = None
    reason: str = ""

    @property
    def over(self) -> bool:
        """Whether there is nothing to try any more."""
        return self.found is not None or bool(self.reason)

    @property
    def best(self) -> Step | None:
        """The last try of the highest load that kept the objective whenever it was tried."""
        missed = self._least_missed()
        kept = [step for step in self.steps if self._keeps(step) and (missed is None or step.users < missed)]
        return max(reversed(kept), key=lambda step: step.users, default=None)

    @property
    def unsteady(self) -> list[int]:
        """Loads that kept the objective once and missed it another time: something else uses the machine."""
        kept, missed = ({step.users for step in self.steps if self._keeps(step) is kind} for kind in (True, False))
        return sorted(kept & missed)

    def observe(self, step: Step) -> None:
        """Take the step at `users`, and choose the next load or end the search."""
        self.steps.append(step)
        best, missed = self.best, self._least_missed()
        if step.saturated:
            self.give_up("the load generator was at its limit, so its times are not the server's")
        elif best is None:
            self.give_up(f"even {step.users} user{'s' if step.users > 1 else ''} missed the objective")
        elif missed is None and best.users == self.most_users:
            self.give_up(f"the objective is kept at {self.most_users} users, the most that were allowed")
        elif missed is None:
            self.users = min(best.users * FACTOR, self.most_users)
        elif missed - best.users > max(1, best.users // CLOSE):
            self.users = (best.users + missed) // 2
        elif self._tries(best.users) > 1:
            self.found = best
        else:
            self.users = best.users

    def give_up(self, reason: str) -> None:
        """End the search without a capacity."""
        self.reason = reason

    def _keeps(self, step: Step) -> bool:
        return step.keeps(self.objective_p99_ms)

    def _least_missed(self) -> int | None:
        return min((step.users for step in self.steps if not self._keeps(step)), default=None)

    def _tries(self, users: int) -> int:
        return sum(step.users == users for step in self.steps)

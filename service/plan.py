"""How many rows to run now, and where: decided by what a batch of each size costs on this machine.

A batch is padded to the next size that the engine is prepared for, so that 33 rows may cost as much as 64. Running 32
of them now and one behind them is then sooner done than all 33 together, and sooner than waiting for more. And what
costs less than handing a batch to another thread and back runs where it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import takewhile

OVERHEAD_S = 100e-6
"""What a batch costs beside the engine: joining, splitting, and two changes of thread."""
GAIN = 0.9
"""Rows are only parted where that takes less than this share of the time: measured costs are not exact."""
SAME_S = 1e-9
"""Plans that differ by less take the same time; the larger part goes first then, so that more rows are done sooner."""
INLINE_S = 200e-6
"""Longest engine call in the event loop's own thread; as long as a body of 20 KB takes to be read."""
INLINE_SMALL_S = 1e-3
"""The same for many small requests, which cost the loop more than the engine: there is little to win beside it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with rows that wait.

    Attributes:
        take: By the number of rows that wait, up to the largest batch: how many to run now.
        inline_rows: Most rows that are worth running in the event loop's thread; 0 for none.
        inline_small_rows: The same, where they are those of small requests.
    """

    take: tuple[int, ...]
    inline_rows: int = 0
    inline_small_rows: int = 0


def whole(max_rows: int) -> Plan:
    """The plan where nothing is known of costs: always all rows that wait, in the engine's thread."""
    return Plan(tuple(range(max_rows + 1)))


def plan(cost_s: Mapping[int, float], *, inline: bool = True) -> Plan:
    """The plan that has all waiting rows done soonest.

    Args:
        cost_s: Seconds of one engine call, by each batch size that it is prepared for.
        inline: Whether short batches may run in the event loop's thread; not where it would wait for a device.
    """
    sizes = sorted(cost_s)
    take, done_s = [0], [0.0]
    for rows in range(1, sizes[-1] + 1):
        padded = next(size for size in sizes if size >= rows)
        best, best_s = rows, cost_s[padded] + OVERHEAD_S
        limit_s = best_s * GAIN
        for size in reversed([size for size in sizes if size < rows]):
            parted_s = cost_s[size] + OVERHEAD_S + done_s[rows - size]
            if parted_s < min(limit_s, best_s - SAME_S):
                best, best_s = size, parted_s
        take.append(best)
        done_s.append(best_s)

    def most_rows(limit_s: float) -> int:
        short = takewhile(lambda size: cost_s[size] <= limit_s, sizes)  # a kink must not let a larger one pass
        return max(short, default=0) if inline else 0

    return Plan(tuple(take), most_rows(INLINE_S), most_rows(INLINE_SMALL_S))

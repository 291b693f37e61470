"""What a scheduler should do, in a few lines and without threads."""

from __future__ import annotations

from dataclasses import dataclass, field

from service.batching import LARGE_ROWS

BATCH_ROWS = 8
QUEUE_ROWS = 20


@dataclass
class Entry:
    """What the model knows of one request."""

    rows: int
    deadline: float
    bad: bool
    taken: int = 0


@dataclass
class Model:
    """What a scheduler should do. Requests are numbers; a slice is (number, start, stop).

    Attributes:
        batches: The running one, and one that was handed over ahead.
    """

    take: tuple[int, ...]
    entries: dict[int, Entry] = field(default_factory=dict)
    queue: list[int] = field(default_factory=list)
    batches: list[list[tuple[int, int, int]]] = field(default_factory=list)
    started: float = 0.0
    batch_s: float = 0.0
    cut: int = -1

    def waiting(self, number: int) -> int:
        return self.entries[number].rows - self.entries[number].taken

    @property
    def queued_rows(self) -> int:
        return self.untaken_rows + sum(stop - start for batch in self.batches[1:] for _, start, stop in batch)

    @property
    def untaken_rows(self) -> int:
        return sum(self.waiting(number) for number in self.queue)

    def refuses(self, rows: int, deadline: float, now: float) -> bool:
        if self.queued_rows and self.queued_rows + rows > QUEUE_ROWS:
            return True
        rest = max(0.0, self.batch_s - (now - self.started))
        batches = self.untaken_rows // BATCH_ROWS + len(self.batches) - 1
        return bool(self.batches) and now + rest + self.batch_s * batches > deadline

    @property
    def takes_more(self) -> bool:
        others = sum(self.waiting(number) for number in self.queue if number != self.cut)
        ahead = others >= max(BATCH_ROWS, LARGE_ROWS * len(self.queue))
        return not self.batches or (len(self.batches) == 1 and ahead)

    def start(self, now: float) -> list[int]:
        """Take the next batches; the numbers that have expired."""
        expired: list[int] = []
        while self.takes_more and (batch := self.take_one(now, expired)):
            self.batches.append(batch)
            if len(self.batches) == 1:
                self.started = now
        return expired

    def take_one(self, now: float, expired: list[int]) -> list[tuple[int, int, int]]:
        if self.cut in self.queue:
            self.queue.remove(self.cut)
            self.queue.append(self.cut)
        space = self.take[min(self.untaken_rows, BATCH_ROWS)]
        batch: list[tuple[int, int, int]] = []
        self.cut = -1
        while space and self.queue:
            number = self.queue[0]
            if self.entries[number].deadline <= now:
                expired.append(self.queue.pop(0))
                continue
            start = self.entries[number].taken
            stop = self.entries[number].taken = start + min(space, self.waiting(number))
            batch.append((number, start, stop))
            space -= stop - start
            if self.waiting(number):
                self.cut = number
            else:
                self.queue.pop(0)
        return batch

"""Counts what one model version does, for the V2 protocol's statistics and for the metrics.

Everything belongs to the event loop's thread, so that counting needs no lock and costs next to nothing; what the
engine's thread measures comes back with its batch. Several workers count each for itself: once a second each writes
its counts into a file of its own, and whoever is asked adds the files up. Prometheus' own files would do for a few
counters, but times by batch size would be hundreds of series for every version.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from glob import escape
from pathlib import Path
from typing import Any

from service.counts import Counts
from service.execution import Run
from service.metrics import Metrics

log = logging.getLogger(__name__)

NS = 1_000_000_000
STAGES = ("input", "infer", "output")
NEVER = (0, 0, 0)

Spent = tuple[int, int, int]
"""Nanoseconds before, in and behind the engine."""


class Statistics(Counts):
    """The counts of one version in this process.

    Args:
        metrics: Where they are added up for operators, if anywhere.
        model: Name of the model.
        version: Its version.
    """

    __slots__ = ("_file", "_metrics", "_published", "_series", "_version")

    def __init__(self, metrics: Metrics | None = None, model: str = "", version: str = "") -> None:
        super().__init__()
        self._metrics = metrics
        self._version = (model, version)
        self._published = [0] * (len(STAGES) + 4)
        self._series: list[tuple[Any, int]] = []
        self._file: Path | None = None
        if metrics is not None and metrics.shared is not None:
            # with the time, because a worker that is started in the place of another may get its process number
            self._file = metrics.shared / f"counts@{model}@{version}@{os.getpid()}-{time.time_ns()}.json"
        if metrics is not None:
            requests = metrics["keras_serve_inference_requests_total"]
            seconds = metrics["keras_serve_compute_seconds_total"]
            self._series = [
                (metrics["keras_serve_inference_rows_total"].labels(model, version), 1),
                (metrics["keras_serve_executions_total"].labels(model, version), 1),
                *((requests.labels(model, version, outcome), 1) for outcome in ("ok", "failed")),
                *((seconds.labels(model, version, stage), NS) for stage in STAGES),
            ]

    def call(self) -> Call:
        """A block around one call from its head to its answer, which it counts."""
        return Call(self)

    def request(self, ok: bool, elapsed_s: float) -> None:
        """Count one call that is finished.

        Args:
            ok: Whether it was answered; false if with an error.
            elapsed_s: Seconds from its head to the answer.
        """
        if ok:
            self.success_count += 1
            self.success_ns += int(elapsed_s * NS)
        else:
            self.fail_count += 1
            self.fail_ns += int(elapsed_s * NS)

    def executed(self, runs: Sequence[Run]) -> Spent:
        """Count the engine calls of one batch.

        Returns:
            What they took together.
        """
        input_ns = infer_ns = output_ns = 0
        for rows, run_input_ns, run_infer_ns, run_output_ns in runs:
            size = self.sizes.get(rows)
            if size is None:
                size = self.sizes[rows] = [0, 0, 0, 0]
            size[0] += 1
            size[1] += run_input_ns
            size[2] += run_infer_ns
            size[3] += run_output_ns
            input_ns += run_input_ns
            infer_ns += run_infer_ns
            output_ns += run_output_ns
        self.execution_count += len(runs)
        self.last_inference_ms = time.time_ns() // 1_000_000
        return input_ns, infer_ns, output_ns

    def computed(self, rows: int, queue_s: float, spent: Spent) -> None:
        """Count one request whose rows are all computed.

        Args:
            rows: Its rows.
            queue_s: Seconds that it waited for the engine.
            spent: What the batches in which it rode took together.
        """
        self.inference_count += rows
        self.computed_count += 1
        self.queue_ns += int(queue_s * NS)
        self.input_ns += spent[0]
        self.infer_ns += spent[1]
        self.output_ns += spent[2]

    def publish(self) -> None:
        """Add what has come since the last time to the metrics, and tell the other workers; call it once a second."""
        if self._metrics is None:
            return
        stages = [sum(size[1 + stage] for size in self.sizes.values()) for stage in range(len(STAGES))]
        now = [self.inference_count, self.execution_count, self.success_count, self.fail_count, *stages]
        if now == self._published:
            return
        for (series, unit), count, published in zip(self._series, now, self._published, strict=True):
            series.inc((count - published) / unit)
        self._published = now
        if self._file is not None:
            draft = self._file.with_suffix(".draft")
            try:
                draft.write_bytes(self.encode())
                draft.replace(self._file)
            except OSError as error:  # no reason to stop serving
                log.warning("counts cannot be shared with the other workers: %s", error.strerror)

    def totals(self) -> Counts:
        """What all workers have counted for this version; the others' counts are a second old at most.

        A worker that has ended is counted as long as the service runs.
        """
        totals = Counts()
        totals.add(self)
        if self._file is not None:
            model, version = self._version
            for path in self._file.parent.glob(f"counts@{escape(model)}@{escape(version)}@*.json"):
                if path != self._file:
                    with suppress(FileNotFoundError):  # another worker has unloaded the version since
                        totals.add(Counts.decode(path.read_bytes()))
        return totals

    def forget(self) -> None:
        """Take the version's series and file away: it is unloaded."""
        self.publish()  # where workers share files, series stay, and should not lie
        if self._metrics is not None:
            self._metrics["keras_serve_queue_rows"].labels(*self._version).set(0)
            self._metrics.forget(*self._version)
            self._metrics = None
        if self._file is not None:
            self._file.unlink(missing_ok=True)


class Call:
    """Counts one call at the end of a block: answered, or, where the block raises, not."""

    __slots__ = ("_started", "_statistics")

    def __init__(self, statistics: Statistics) -> None:
        self._statistics = statistics

    def __enter__(self) -> None:
        self._started = time.perf_counter()

    def __exit__(self, kind: object, error: object, at: object) -> None:
        self._statistics.request(kind is None, time.perf_counter() - self._started)

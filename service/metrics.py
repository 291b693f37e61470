"""Every metric of the service, in one registry.

``SPECS`` is the whole list; ``docs/operations.md`` repeats it and a test compares. Label values come from code
words, dialects and loaded models only, so that no client can make series.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from weakref import WeakSet

import psutil

from service.tally import Tally

MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
VERSION = ("model", "version")
ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)


@dataclass(frozen=True, slots=True)
class Spec:
    """One metric: name, kind, labels, sentence; a histogram's buckets; how a gauge is put together over workers."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    labels: tuple[str, ...]
    sentence: str
    buckets: tuple[float, ...] = ()
    mode: str = "livesum"


SPECS = (
    Spec(
        "keras_serve_requests_total", "counter", ("dialect", "model", "code"), "Answers by code word; ok for a success."
    ),
    Spec(
        "keras_serve_request_seconds",
        "histogram",
        ("dialect", "model"),
        "Time from a request's head to its answer.",
        SECONDS,
    ),
    Spec("keras_serve_batch_rows", "histogram", VERSION, "Rows of each batch.", ROWS),
    Spec("keras_serve_batch_seconds", "histogram", VERSION, "Engine time of each batch.", SECONDS),
    Spec(
        "keras_serve_queue_seconds",
        "histogram",
        VERSION,
        "Time from queueing a request to its first batch.",
        SECONDS,
    ),
    Spec("keras_serve_inference_requests_total", "counter", (*VERSION, "outcome"), "Finished calls; ok or failed."),
    Spec("keras_serve_inference_rows_total", "counter", VERSION, "Rows of requests that were computed to the end."),
    Spec("keras_serve_executions_total", "counter", VERSION, "Engine calls, those of halving a failed batch included."),
    Spec(
        "keras_serve_compute_seconds_total",
        "counter",
        (*VERSION, "stage"),
        "Time of engine calls: input joins and pads, infer runs, output checks and splits.",
    ),
    Spec(
        "keras_serve_shadow_rows_total",
        "counter",
        (*VERSION, "outcome"),
        "Rows that a shadow was asked as well: agree, disagree, failed, skipped.",
    ),
    Spec("keras_serve_stream_lines_total", "counter", ("model", "outcome"), "Lines of streamed bodies; ok or failed."),
    Spec("keras_serve_queue_rows", "gauge", VERSION, "Rows waiting for a batch."),
    Spec("keras_serve_inflight_requests", "gauge", (), "Requests being read or answered."),
    Spec("keras_serve_models_ready", "gauge", (), "Model versions that are ready.", mode="livemax"),
    Spec("keras_serve_models_refused", "gauge", (), "Model versions that were refused at load.", mode="livemax"),
    Spec(
        "keras_serve_config_errors",
        "gauge",
        (),
        "Files of configuration that are refused now; what was in force stays in force.",
        mode="livemax",
    ),
)


class BatchMetrics:
    """What the scheduler of one model version counts."""

    def __init__(self, metrics: Metrics, model: str, version: str) -> None:
        self.rows = metrics.tally("keras_serve_batch_rows", model, version)
        self.seconds = metrics.tally("keras_serve_batch_seconds", model, version)
        self.queue_s = metrics.tally("keras_serve_queue_seconds", model, version)
        self.waiting = metrics["keras_serve_queue_rows"].labels(model, version)

    def batch(self, rows: int, elapsed_s: float) -> None:
        """Count one batch."""
        self.rows.observe(rows)
        self.seconds.observe(elapsed_s)


class Metrics:
    """The registry of one service process.

    Args:
        workers: Processes that serve. One keeps its metrics in memory; more share files.

    Attributes:
        shared: The folder of these files; None for one worker.
    """

    def __init__(self, workers: int = 1) -> None:
        # prometheus_client chooses between memory and files when it is first imported, by a variable that BentoML
        # sets for its workers. The files lie in BENTOML_HOME, and a second server there would empty them.
        if workers == 1:
            os.environ.pop(MULTIPROCESS, None)
        folder = os.environ.get(MULTIPROCESS)
        self.shared = Path(folder) if folder else None
        import prometheus_client

        prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]  # one more series per counter that nobody reads
        kinds: dict[str, Any] = {
            "counter": prometheus_client.Counter,
            "gauge": prometheus_client.Gauge,
            "histogram": prometheus_client.Histogram,
        }
        self._registry = prometheus_client.CollectorRegistry()
        self._metrics: dict[str, Any] = {}
        for spec in SPECS:
            extras: dict[str, dict[str, Any]] = {
                "histogram": {"buckets": spec.buckets},
                "gauge": {"multiprocess_mode": spec.mode},
            }
            extra = extras.get(spec.kind, {})
            make = kinds[spec.kind]
            self._metrics[spec.name] = make(spec.name, spec.sentence, spec.labels, registry=self._registry, **extra)
        self._requests: dict[tuple[str, str, str], Tally] = {}
        self._tallies: WeakSet[Tally] = WeakSet()

    def __getitem__(self, name: str) -> Any:
        """The metric of that name; an unlisted one is a KeyError."""
        return self._metrics[name]

    def request(self, dialect: str, model: str, code: str, elapsed_s: float) -> None:
        """Count one answer."""
        key = (dialect, model, code)
        tally = self._requests.get(key)
        if tally is None:
            counter = self["keras_serve_requests_total"].labels(*key)
            tally = self._requests[key] = self.tally("keras_serve_request_seconds", dialect, model, counter=counter)
        tally.observe(elapsed_s)

    def tally(self, name: str, *labels: str, counter: Any = None) -> Tally:
        """A tally for one series of a histogram; it counts as long as somebody keeps it."""
        tally = Tally(self[name].labels(*labels), counter)
        self._tallies.add(tally)
        return tally

    def hand_over(self) -> None:
        """Give Prometheus what the tallies have counted."""
        for tally in self._tallies:
            tally.hand_over()

    def forget(self, model: str, version: str) -> None:
        """Drop the series of a version that is unloaded, so that swaps without end do not gather series without end."""
        if self.shared is not None:  # nothing can be taken out of the files: they grow a little with every version
            self.hand_over()  # what the version's tallies hold would go with it
            return
        for spec in SPECS:
            if set(VERSION) <= set(spec.labels):
                self[spec.name].remove_by_labels({"model": model, "version": version})

    def exposition(self) -> bytes:
        """All series in Prometheus' text format, added up over the workers."""
        import prometheus_client
        from prometheus_client import multiprocess

        self.hand_over()
        registry = self._registry
        if self.shared is not None:
            for gauge in self.shared.glob("gauge_live*_*.db"):
                pid = int(gauge.stem.rsplit("_", 1)[1])
                if not psutil.pid_exists(pid):  # nobody tells of a worker that was killed
                    multiprocess.mark_process_dead(pid)  # type: ignore[no-untyped-call]
            registry = prometheus_client.CollectorRegistry()
            multiprocess.MultiProcessCollector(registry, str(self.shared))  # type: ignore[no-untyped-call]
        return prometheus_client.generate_latest(registry)

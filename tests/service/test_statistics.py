"""Counters of a version: each number is what the V2 protocol says it is, over all workers."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from service.counts import Counts
from service.metrics import Metrics
from service.statistics import Statistics


def published(metrics: Metrics) -> dict[str, float]:
    """Counters of the toy's version 1, by name and last label."""
    found = {}
    for family in text_string_to_metric_families(metrics.exposition().decode()):
        for sample in family.samples:
            labels = dict(sample.labels)
            if family.type == "counter" and (labels.pop("model"), labels.pop("version")) == ("toy", "1"):
                found[" ".join([sample.name.removeprefix("keras_serve_"), *labels.values()])] = sample.value
    return found


def worker(folder: Path, version: str = "1", model: str = "toy") -> Statistics:
    """The counts of one of several workers."""
    metrics = Metrics()
    metrics.shared = folder
    return Statistics(metrics, model, version)


def test_calls_are_counted_by_their_end() -> None:
    """Answered and failed calls are told apart, each with its time in nanoseconds."""
    statistics = Statistics()
    for ok, elapsed_s in ((True, 0.5), (True, 0.25), (False, 2.0)):
        statistics.request(ok, elapsed_s)
    assert (statistics.success_count, statistics.success_ns) == (2, 750_000_000)
    assert (statistics.fail_count, statistics.fail_ns) == (1, 2_000_000_000)


def test_engine_calls_are_counted_by_size() -> None:
    """Every call of a batch counts, under the rows that rode, and the batch has spent what all of them took."""
    statistics = Statistics()
    spent = statistics.executed([(4, 1, 10, 0), (2, 2, 20, 100), (2, 3, 30, 200)])
    statistics.executed([(4, 5, 50, 500)])
    assert spent == (6, 60, 300)
    assert statistics.execution_count == 4
    assert statistics.sizes == {4: [2, 6, 60, 500], 2: [2, 5, 50, 300]}


def test_the_last_batch_is_dated(monkeypatch: pytest.MonkeyPatch) -> None:
    """The date of the last batch is in milliseconds since 1970, and 0 while there was none."""
    statistics = Statistics()
    assert statistics.last_inference_ms == 0
    monkeypatch.setattr("time.time_ns", lambda: 1_767_225_600_123_999_999)
    statistics.executed([(1, 1, 1, 1)])
    assert statistics.last_inference_ms == 1_767_225_600_123


def test_requests_carry_their_rows_and_times() -> None:
    """A request that is computed adds its rows, its wait, and all that its batches took."""
    statistics = Statistics()
    statistics.computed(3, 0.5, (1, 10, 100))
    statistics.computed(1, 0.25, (2, 20, 200))
    assert (statistics.inference_count, statistics.computed_count, statistics.queue_ns) == (4, 2, 750_000_000)
    assert (statistics.input_ns, statistics.infer_ns, statistics.output_ns) == (3, 30, 300)


def test_metrics_get_what_has_come_since() -> None:
    """However often the counts are published, the metrics hold each of them once, times in seconds."""
    metrics = Metrics()
    statistics = Statistics(metrics, "toy", "1")
    assert set(published(metrics).values()) == {0.0}
    for _ in range(2):
        statistics.request(True, 1.0)
        statistics.executed([(2, 500_000_000, 1_000_000_000, 250_000_000), (1, 0, 0, 0)])
        statistics.computed(2, 1.0, (7, 7, 7))
        statistics.publish()
        statistics.publish()
    statistics.request(False, 1.0)
    statistics.publish()
    assert published(metrics) == {
        "inference_rows_total": 4,
        "executions_total": 4,
        "inference_requests_total ok": 2,
        "inference_requests_total failed": 1,
        "compute_seconds_total input": 1.0,
        "compute_seconds_total infer": 2.0,
        "compute_seconds_total output": 0.5,
    }


def test_one_worker_tells_its_own_counts_at_once() -> None:
    """With one worker the totals are the counts of this moment, and do not move afterwards."""
    statistics = Statistics(Metrics(), "toy", "1")
    statistics.computed(3, 0.5, (1, 10, 100))
    statistics.executed([(3, 1, 10, 100)])
    totals = statistics.totals()
    statistics.executed([(3, 1, 10, 100)])
    assert (totals.inference_count, totals.sizes) == (3, {3: [1, 1, 10, 100]})


def test_counts_add_up_over_workers(tmp_path: Path) -> None:
    """Every worker tells the same totals once all have published, and its own newest counts even before."""
    workers = [worker(tmp_path) for _ in range(3)]
    for number, one in enumerate(workers, 1):
        one.computed(10**number, 0.0, (0, 0, 0))
        one.executed([(number, 1, 1, 1)])
        one.publish()
    totals = [one.totals() for one in workers]
    assert totals[0] == totals[1] == totals[2]
    assert totals[0].inference_count == 1110
    assert totals[0].sizes.keys() == {1, 2, 3}
    workers[0].computed(1, 0.0, (0, 0, 0))
    assert [one.totals().inference_count for one in workers] == [1111, 1110, 1110]


def test_versions_and_models_are_kept_apart(tmp_path: Path) -> None:
    """A version's totals hold nothing of another version, or of a model whose name ends or begins alike."""
    toy = worker(tmp_path)
    for other in (worker(tmp_path, "11"), worker(tmp_path, model="a-toy"), worker(tmp_path, model="toy.b")):
        other.computed(5, 0.0, (0, 0, 0))
        other.publish()
    assert toy.totals() == Counts()


def test_a_worker_that_has_ended_is_still_counted(tmp_path: Path) -> None:
    """A worker that is started in another's place, even under its process number, does not undo its counts."""
    for _ in range(2):
        one = worker(tmp_path)
        one.computed(5, 0.0, (0, 0, 0))
        one.publish()
    assert one.totals().inference_count == 10


def test_an_unloaded_version_leaves_nothing(tmp_path: Path) -> None:
    """Neither series nor file of a version is left when it is forgotten, even if it still counts and publishes."""
    metrics = Metrics()
    alone = Statistics(metrics, "toy", "1")
    shared = worker(tmp_path)
    for statistics in (alone, shared):
        statistics.computed(5, 0.0, (0, 0, 0))
        statistics.publish()
    assert list(tmp_path.iterdir())
    for statistics in (alone, shared):
        statistics.forget()
        statistics.computed(5, 0.0, (0, 0, 0))
        statistics.publish()
        statistics.forget()
    assert published(metrics) == {}
    assert list(tmp_path.iterdir()) == []


def test_files_that_cannot_be_written_stop_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A worker that cannot tell the others goes on counting, and says so in the log."""
    one = worker(tmp_path / "missing")
    one.computed(5, 0.0, (0, 0, 0))
    one.publish()
    assert one.totals().inference_count == 5
    assert "counts cannot be shared" in caplog.text


def test_a_call_is_counted_by_how_its_block_ends() -> None:
    """A block that ends is an answer; one that raises, whatever it is, is none, and raises on."""
    statistics = Statistics()
    with statistics.call():
        pass
    for fault in (ValueError, asyncio.CancelledError):
        with pytest.raises(fault), statistics.call():
            raise fault
    assert (statistics.success_count, statistics.fail_count) == (1, 2)
    assert statistics.success_ns > 0
    assert statistics.fail_ns > 0

"""Every metric is listed, and no client can make series."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from service.metrics import MULTIPROCESS, SPECS, BatchMetrics, Metrics


def series(metrics: Metrics) -> dict[str, float]:
    """Every series with its value."""
    families = text_string_to_metric_families(metrics.exposition().decode())
    return {
        f"{sample.name}{sorted(sample.labels.items())}": sample.value
        for family in families
        for sample in family.samples
    }


def test_an_unlisted_metric_is_an_error() -> None:
    """Asking for a metric that is not in the list raises KeyError."""
    with pytest.raises(KeyError):
        Metrics()["keras_serve_surprises_total"]


def test_all_listed_metrics_are_there_with_their_sentence() -> None:
    """Each listed metric is exposed under its name and kind, with a sentence of help."""
    metrics = Metrics()
    families = {family.name: family for family in text_string_to_metric_families(metrics.exposition().decode())}
    assert families.keys() == {spec.name.removesuffix("_total") for spec in SPECS}
    for spec in SPECS:
        family = families[spec.name.removesuffix("_total")]
        assert (family.type, family.documentation) == (spec.kind, spec.sentence)


def test_names_follow_the_conventions() -> None:
    """Names differ, carry the prefix and end in their unit; counters end in total and histograms have buckets."""
    assert len({spec.name for spec in SPECS}) == len(SPECS)
    for spec in SPECS:
        assert spec.name.startswith("keras_serve_")
        assert spec.name.endswith("_total") == (spec.kind == "counter")
        assert bool(spec.buckets) == (spec.kind == "histogram")
        assert list(spec.buckets) == sorted(set(spec.buckets))
        assert spec.sentence.endswith(".")


def test_answers_are_counted_by_code_word() -> None:
    """Each answer adds one to its counter and its time to the histogram of its dialect and model."""
    metrics = Metrics()
    for code in ("ok", "ok", "wrong_shape"):
        metrics.request("tfserving", "toy", code, 0.25)
    found = series(metrics)
    labels = "('dialect', 'tfserving'), ('model', 'toy')]"
    assert found[f"keras_serve_requests_total[('code', 'ok'), {labels}"] == 2
    assert found[f"keras_serve_requests_total[('code', 'wrong_shape'), {labels}"] == 1
    assert found[f"keras_serve_request_seconds_count[{labels}"] == 3
    assert found[f"keras_serve_request_seconds_sum[{labels}"] == 0.75


def test_batches_are_counted_by_version() -> None:
    """A batch counts once, with its rows and its time."""
    metrics = Metrics()
    counts = BatchMetrics(metrics, "toy", "3")
    counts.batch(17, 0.5)
    found = series(metrics)
    labels = "[('model', 'toy'), ('version', '3')]"
    assert found[f"keras_serve_batch_rows_sum{labels}"] == 17
    assert found[f"keras_serve_batch_rows_count{labels}"] == 1
    assert found[f"keras_serve_batch_seconds_sum{labels}"] == 0.5


def test_registries_share_nothing() -> None:
    """Two registries in one process do not see each other's counts, and none gathers creation times."""
    one, other = Metrics(), Metrics()
    one.request("service", "", "ok", 0.1)
    assert not any("code" in name for name in series(other))
    assert not any("_created" in name for name in series(one))


def fill(metrics: Metrics, model: str, version: str) -> None:
    """Make every series that a version has."""
    counts = BatchMetrics(metrics, model, version)
    counts.batch(1, 0.5)
    metrics.hand_over()
    for spec in SPECS:
        if spec.labels[:2] == ("model", "version"):
            metrics[spec.name].labels(model, version, *["one"] * (len(spec.labels) - 2))


def test_an_unloaded_version_leaves_no_series() -> None:
    """When a version is forgotten all its series go, and those of other versions and models stay as they are."""
    metrics = Metrics()
    fill(metrics, "toy", "1")
    fill(metrics, "other", "2")
    metrics.request("tfserving", "toy", "ok", 0.25)
    before = series(metrics)
    for version in range(2, 30):
        fill(metrics, "toy", str(version))
        metrics.forget("toy", str(version))
        assert series(metrics) == before
    metrics.forget("toy", "1")
    kept = series(metrics)
    assert kept.keys() < before.keys()
    assert not any("('model', 'toy'), ('version'" in name for name in kept)


def test_several_workers_forget_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With files that workers share, forgetting a version is no error, though nothing can be taken out of them."""
    monkeypatch.setenv(MULTIPROCESS, str(tmp_path))
    metrics = Metrics(workers=2)
    assert metrics.shared == tmp_path
    fill(metrics, "toy", "1")
    metrics.forget("toy", "1")


def test_with_several_workers_nothing_counted_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a version has counted since somebody looked stays in the shared series, though the version itself goes."""
    monkeypatch.setenv(MULTIPROCESS, str(tmp_path))
    metrics = Metrics(workers=2)
    counts = BatchMetrics(metrics, "toy", "1")
    counts.batch(17, 0.5)
    metrics.forget("toy", "1")
    del counts
    labels = {"model": "toy", "version": "1"}
    assert metrics._registry.get_sample_value("keras_serve_batch_rows_sum", labels) == 17


def test_one_worker_keeps_its_metrics_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder that BentoML sets for many workers is not used by a single one, and is left for more."""
    monkeypatch.setenv(MULTIPROCESS, "/nowhere")
    Metrics(workers=2)
    assert os.environ[MULTIPROCESS] == "/nowhere"
    Metrics(workers=1)
    assert MULTIPROCESS not in os.environ

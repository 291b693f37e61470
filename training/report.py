"""The files of an artifact that people read, and those that describe its rows.

    report/metrics.json   metrics on the test rows, flat
    report/history.csv    losses and metrics, one line per epoch
    report/curves.png     the same as a picture
    report/card.md        the model card
    signature.json        tensors, fields, answers
    examples.jsonl        the example rows as records

The numbers in all of them are those of one run.
"""

import csv
import json
from pathlib import Path

from training.card import card
from training.config import TrainingConfig
from training.curves import History, draw_curves
from training.datasets.dataset import Dataset
from training.evaluate import Metrics
from training.signature import Signature


def write_report(
    folder: Path,
    config: TrainingConfig,
    signature: Signature,
    dataset: Dataset,
    history: History,
    metrics: Metrics,
    failures: list[str],
) -> None:
    """Write them all.

    Args:
        folder: The artifact.
        config: How the model was trained.
        signature: Tensors and fields, under the name in the store.
        dataset: What it was trained on.
        history: A list per loss and metric, one number per epoch.
        metrics: What it reached on the test rows.
        failures: What it missed of its gate.
    """
    report = folder / "report"
    report.mkdir()
    _write_json(report / "metrics.json", metrics)
    _write_history(report / "history.csv", history)
    draw_curves(report / "curves.png", f"{signature.name}: {config.preset}", config, history)
    (report / "card.md").write_text(card(config, signature, dataset, metrics, failures), encoding="utf-8")
    _write_json(folder / "signature.json", signature.as_dict())
    lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in dataset.records)
    (folder / "examples.jsonl").write_text("".join(lines), encoding="utf-8")


def _write_json(path: Path, content: object) -> None:
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def _write_history(path: Path, history: History) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["epoch", *history])
        writer.writerows([epoch, *row] for epoch, row in enumerate(zip(*history.values(), strict=True), start=1))

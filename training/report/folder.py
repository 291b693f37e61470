"""The files of an artifact that people read, and those that describe its rows.

    report/card.md          the model card
    report/metrics.json     metrics on the test rows, flat
    report/evaluation.json  the same, their 95 % intervals, and all tables
    report/history.csv      losses and metrics, one line per epoch
    report/*.png            pictures, which the card shows
    signature.json          tensors, fields, answers
    examples.jsonl          the example rows as records

The numbers in all of them are those of one run.
"""

import csv
import json
from dataclasses import asdict
from pathlib import Path

from training.datasets.dataset import Record
from training.report.card import bare_card, card
from training.report.curves import History
from training.report.layers import Layer
from training.report.pictures import draw_pictures
from training.report.run import Run
from training.signature import Signature


def write_report(folder: Path, run: Run) -> None:
    """Write them all for a model that was trained here.

    Args:
        folder: The artifact.
        run: The training run.

    Raises:
        ValueError: If a metric is not finite.
    """
    report = folder / "report"
    report.mkdir()
    _write_json(report / "metrics.json", run.evaluation.metrics)
    _write_json(report / "evaluation.json", asdict(run.evaluation))
    _write_history(report / "history.csv", run.history)
    draw_pictures(report, run)
    pictures = {path.name for path in report.glob("*.png")}
    (report / "card.md").write_text(card(run, pictures), encoding="utf-8")
    write_description(folder, run.signature, run.dataset.records)


def write_bare_report(
    folder: Path, signature: Signature, layers: list[Layer], origin: str, precision: str = ""
) -> None:
    """Write the card, all there is to report of a model that was trained elsewhere.

    Args:
        folder: The artifact.
        signature: Tensors and fields, under the name in the store.
        layers: What the model is made of.
        origin: How it came here, in whole sentences.
        precision: What it lost by being quantized, if it was: a section of the card.
    """
    report = folder / "report"
    report.mkdir()
    (report / "card.md").write_text(bare_card(signature, layers, origin, precision), encoding="utf-8")


def write_description(folder: Path, signature: Signature, records: list[Record]) -> None:
    """Write `signature.json` and `examples.jsonl`.

    Args:
        folder: The artifact.
        signature: Tensors and fields, under the name in the store.
        records: The example rows.
    """
    _write_json(folder / "signature.json", signature.as_dict())
    lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    (folder / "examples.jsonl").write_text("".join(lines), encoding="utf-8")


def _write_json(path: Path, content: object) -> None:
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def _write_history(path: Path, history: History) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["epoch", *history])
        writer.writerows([epoch, *row] for epoch, row in enumerate(zip(*history.values(), strict=True), start=1))

"""How good a trained model is on rows that it has not seen: beside baselines, beside the version stored before."""

import functools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from training.baselines import baselines
from training.datasets.dataset import Answers, Dataset, Rows
from training.evaluation.comparison import Difference, compare
from training.evaluation.evaluation import Evaluation, evaluate
from training.export import Int8, answer, largest_differences

FP32 = "fp32"
"""The contender that a quantized model was made from."""

LARGEST_DIFFERENCE = "_largest_difference"
"""End of the metric that tells how far a quantized model's answers lie from those of its contender."""

_PREDICT_ROWS = 4_096


def predict(model: keras.Model | Int8, rows: Rows) -> Answers:
    """The answers to all rows, by output name; float32, shape (rows, elements)."""
    ask = model.answer if isinstance(model, Int8) else functools.partial(answer, model)
    starts = range(0, len(rows), _PREDICT_ROWS)
    blocks = [ask(rows.take(slice(start, start + _PREDICT_ROWS)).inputs) for start in starts]
    return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}


def judge(model: keras.Model, dataset: Dataset, answers: Answers, int8: Int8 | None = None) -> Evaluation:
    """Hold model and baselines against the test rows, and against each variant of them.

    Args:
        model: The model in memory.
        dataset: Holds the rows.
        answers: What is judged answers to the test rows.
        int8: The quantized model, if that is judged. The model in memory is a contender of it then, and how far their
            answers lie apart is a metric.
    """
    parts = [dataset.test, *dataset.variants.values()]
    # Fitted once, the baselines answer all parts in one go.
    found = baselines(replace(dataset, test=functools.reduce(Rows.join, parts)))
    cut = {name: _cut(together, parts) for name, together in found.items()}
    if int8:
        cut[FP32] = [predict(model, rows) for rows in parts]
    evaluation = evaluate(dataset, answers, {name: pieces[0] for name, pieces in cut.items()})
    for number, (changed, rows) in enumerate(dataset.variants.items(), start=1):
        others = {name: pieces[number] for name, pieces in cut.items()}
        own = predict(int8 or model, rows)
        evaluation = evaluation.joined(changed, evaluate(replace(dataset, test=rows), own, others))
    apart = largest_differences(answers, cut[FP32][0]) if int8 else {}
    more = {f"{name}{LARGEST_DIFFERENCE}": value for name, value in apart.items()}
    return replace(evaluation, metrics=evaluation.metrics | more)


def _cut(answers: Answers, parts: list[Rows]) -> list[Answers]:
    """The answers to several parts, one after the other, as answers to each."""
    ends = np.cumsum([len(rows) for rows in parts])
    starts = ends - [len(rows) for rows in parts]
    return [
        {name: array[start:end] for name, array in answers.items()} for start, end in zip(starts, ends, strict=True)
    ]


def compare_with(before: Path, dataset: Dataset, answers: Answers) -> Difference | None:
    """Hold the answers to the test rows against those of a stored model; None if that has other tensors, or is gone."""
    try:
        stored = json.loads((before / "signature.json").read_bytes())
        if _tensors(stored) != _tensors(json.loads(json.dumps(dataset.signature.as_dict()))):
            return None
        model = _stored_model(before, [output["name"] for output in stored["outputs"]])
    except Exception:  # pruned or damaged while this one was trained, which must not be lost for that
        return None
    return compare(dataset, answers, predict(model, dataset.test))


def _stored_model(folder: Path, outputs: list[str]) -> keras.Model | Int8:
    """What a CPU serves of an artifact: of one that is quantized, `model.keras` is not that."""
    training = json.loads((folder / "manifest.json").read_bytes())["training"] or {}
    if training.get("precision") == "int8":
        return Int8((folder / "model.onnx").read_bytes(), outputs)
    return keras.models.load_model(folder / "model.keras", safe_mode=True, compile=False)


def _tensors(stored: dict[str, Any]) -> list[tuple[Any, ...]]:
    """What two versions must share: names, dtypes and shapes of inputs and outputs, in their order."""
    return [(t["name"], t["dtype"], t["shape"]) for part in ("inputs", "outputs") for t in stored[part]]

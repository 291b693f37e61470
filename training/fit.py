"""One training run, from the data files to a folder that holds everything but the number of its version."""

import functools
import importlib
import json
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from rich.console import Console

from training.architectures.intervals import pinball
from training.baselines import baselines
from training.config import TrainingConfig
from training.datasets.dataset import INTERVAL, Answers, Dataset, Rows
from training.errors import BelowGateError
from training.evaluation.comparison import Difference, compare
from training.evaluation.evaluation import Evaluation, evaluate
from training.evaluation.gate import failures_of
from training.export import answer, output_names, write_model
from training.fitting.calibrate import calibrate
from training.fitting.loop import fit
from training.machine import Machine
from training.report import write_report
from training.report.layers import describe
from training.report.run import Run
from training.storage.provenance import package_versions, revision

_PREDICT_ROWS = 4_096


@dataclass(frozen=True)
class Trained:
    """What a run gave beside the files.

    Attributes:
        evaluation: The model's metrics on the test rows, and its contenders'.
        files: sha256 of every data file read, by its path under `data/`.
        difference: From the version that was stored before, on the same rows; None if there was none to compare with.
    """

    evaluation: Evaluation
    files: dict[str, str]
    difference: Difference | None


def train_and_evaluate(
    config: TrainingConfig,
    workdir: Path,
    *,
    name: str,
    data_dir: Path,
    machine: Machine,
    console: Console,
    before: Path | None = None,
    allow_below_gate: bool = False,
) -> Trained:
    """Load, build, fit, calibrate, judge, export, report.

    Args:
        config: Decides everything about the model.
        workdir: An empty folder; receives the artifact.
        name: Name in the store, for signature and card.
        data_dir: The folder of the data files.
        machine: Where to run.
        console: Where to show progress.
        before: The artifact of the version that is stored now, to compare with.
        allow_below_gate: Export even a model that misses its gate; its card says so.

    Raises:
        DataError: If a data file is missing or damaged.
        BelowGateError: If the model misses its gate.
        ExportError: If an exported file does not answer as the model in memory does.
    """
    started_s = time.monotonic()
    make_reproducible(config.seed)
    dataset = load(config, data_dir)
    model, history = fit(lambda: build(config, dataset), config, dataset, machine, console, name)
    seconds = time.monotonic() - started_s
    # Where no rows are held out, those that are watched are the test rows, and must not decide anything.
    held_out = dataset.validation if config.hold_out_validation else None
    remarks = calibrate(model, held_out, predict(model, held_out)) if held_out else []
    answers = predict(model, dataset.test)
    evaluation = judge(model, dataset, answers)
    failures = failures_of(config.gate, evaluation.metrics)
    if failures and not allow_below_gate:
        raise BelowGateError(f"{name} was not stored. {' '.join(failures)} More epochs or another seed may help.")
    difference = compare_with(before, dataset, answers) if before else None
    if difference:
        remarks.append(f"Against {name}:{before.name if before else ''}, which was stored before: {difference}")
    forget_own_losses(model)
    signature = dataset.signature.named(name)
    write_model(model, signature, dataset.examples.inputs, workdir)
    write_report(
        workdir,
        Run(
            config=config,
            signature=signature,
            dataset=dataset,
            history=history,
            evaluation=evaluation,
            answers=answers,
            layers=describe(model),
            failures=failures,
            remarks=remarks,
            seconds=seconds,
            provenance={"git revision": revision() or "unknown", **package_versions()},
        ),
    )
    return Trained(evaluation, dataset.files, difference)


def help_to_train(config: TrainingConfig, name: str, data_dir: Path, machine: Machine, console: Console) -> None:
    """Do this machine's part of a training that the first worker judges and stores."""
    make_reproducible(config.seed)
    dataset = load(config, data_dir)
    fit(lambda: build(config, dataset), config, dataset, machine, console, name)


def make_reproducible(seed: int) -> None:
    """Make weights, shuffling and dropout depend on the seed alone (on one machine, with these packages)."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


def load(config: TrainingConfig, data_dir: Path) -> Dataset:
    """Load the data set of the configuration: the inputs and outputs that it names, with or without validation rows.

    Raises:
        DataError: If a data file is missing or damaged.
    """
    dataset: Dataset = importlib.import_module(f"training.datasets.{config.name}").load(data_dir)
    if config.inputs or config.outputs:
        signature = dataset.signature
        inputs = config.inputs or tuple(tensor.name for tensor in signature.inputs)
        dataset = dataset.select(inputs, config.outputs or tuple(output.name for output in signature.outputs))
    return dataset if config.hold_out_validation else dataset.without_validation()


def build(config: TrainingConfig, dataset: Dataset) -> keras.Model:
    """Build the model that the configuration names and compile it."""
    module, _, function = config.architecture.partition(":")
    architecture = getattr(importlib.import_module(f"training.architectures.{module}"), function)
    model: keras.Model = architecture(config, dataset)
    outputs = output_names(model)
    weights = dict(zip(dataset.train.targets, config.loss_weights or [1.0] * len(dataset.train.targets), strict=True))
    model.compile(
        optimizer=_optimizer(config, len(dataset.train)),
        loss=[pinball if output.endswith(INTERVAL) else config.loss for output in outputs],
        loss_weights=[weights[output.removesuffix(INTERVAL)] for output in outputs],
        metrics=[[] if output.endswith(INTERVAL) else [config.metric] for output in outputs],
    )
    return model


def judge(model: keras.Model, dataset: Dataset, answers: Answers) -> Evaluation:
    """Hold model and baselines against the test rows, and against each variant of them."""
    parts = [dataset.test, *dataset.variants.values()]
    # Fitted once, the baselines answer all parts in one go.
    found = baselines(replace(dataset, test=functools.reduce(Rows.join, parts)))
    cut = {name: _cut(together, parts) for name, together in found.items()}
    evaluation = evaluate(dataset, answers, {name: pieces[0] for name, pieces in cut.items()})
    for number, (changed, rows) in enumerate(dataset.variants.items(), start=1):
        others = {name: pieces[number] for name, pieces in cut.items()}
        evaluation = evaluation.joined(changed, evaluate(replace(dataset, test=rows), predict(model, rows), others))
    return evaluation


def _cut(answers: Answers, parts: list[Rows]) -> list[Answers]:
    """The answers to several parts, one after the other, as answers to each."""
    ends = np.cumsum([len(rows) for rows in parts])
    starts = ends - [len(rows) for rows in parts]
    return [
        {name: array[start:end] for name, array in answers.items()} for start, end in zip(starts, ends, strict=True)
    ]


def forget_own_losses(model: keras.Model) -> None:
    """Leave a loss that is not Keras' own out of what is saved, so that the model loads without this code."""
    if any(name.endswith(INTERVAL) for name in output_names(model)):
        model.compiled = False


def predict(model: keras.Model, rows: Rows) -> Answers:
    """The answers to all rows, by output name; float32, shape (rows, elements)."""
    starts = range(0, len(rows), _PREDICT_ROWS)
    blocks = [answer(model, rows.take(slice(start, start + _PREDICT_ROWS)).inputs) for start in starts]
    return {name: np.concatenate([block[name] for block in blocks]) for name in output_names(model)}


def compare_with(before: Path, dataset: Dataset, answers: Answers) -> Difference | None:
    """Hold the answers to the test rows against those of a stored model; None if that has other tensors, or is gone."""
    try:
        stored = json.loads((before / "signature.json").read_bytes())
        if _tensors(stored) != _tensors(json.loads(json.dumps(dataset.signature.as_dict()))):
            return None
        model = keras.models.load_model(before / "model.keras", safe_mode=True, compile=False)
    except Exception:  # pruned or damaged while this one was trained, which must not be lost for that
        return None
    return compare(dataset, answers, predict(model, dataset.test))


def _tensors(signature: dict[str, Any]) -> list[tuple[Any, ...]]:
    """What two versions must share: names, dtypes and shapes of inputs and outputs, in their order."""
    return [(t["name"], t["dtype"], t["shape"]) for part in ("inputs", "outputs") for t in signature[part]]


def _optimizer(config: TrainingConfig, rows: int) -> keras.optimizers.Optimizer:
    rate: Any = config.learning_rate
    if config.cosine_decay:
        steps = -(-rows // config.batch_rows) * config.epochs
        rising = int(steps * config.warmup)
        rate = keras.optimizers.schedules.CosineDecay(
            config.learning_rate / 20 if rising else config.learning_rate,
            steps - rising,
            warmup_target=config.learning_rate if rising else None,
            warmup_steps=rising,
        )
    optimizer = keras.optimizers.get(config.optimizer)
    optimizer.learning_rate = rate
    return optimizer

"""One training run, from the data files to a folder that holds everything but the number of its version."""

import importlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf
from rich.console import Console

from training.architectures.intervals import pinball
from training.config import TrainingConfig
from training.datasets.dataset import INTERVAL, Dataset
from training.errors import BelowGateError
from training.evaluation.comparison import Difference
from training.evaluation.evaluation import Evaluation
from training.evaluation.gate import failures_of
from training.export import Int8, Quantized, output_names, put_in_place, quantize, write_model
from training.fitting.calibrate import calibrate
from training.fitting.loop import fit
from training.judge import LARGEST_DIFFERENCE, compare_with, judge, predict
from training.machine import Machine
from training.report import write_report
from training.report.layers import describe
from training.report.run import Run
from training.storage.provenance import package_versions, revision


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
    int8 = quantize(model, dataset.signature, dataset.train.inputs) if config.precision == "int8" else None
    answers = predict(int8 or model, dataset.test)
    evaluation = judge(model, dataset, answers, int8)
    failures = failures_of(config.gate, evaluation.metrics)
    if failures and not allow_below_gate:
        remedies = f"More epochs or another seed{', or fp32,' if int8 else ''} may help."
        raise BelowGateError(f"{name} was not stored. {' '.join(failures)} {remedies}")
    difference = compare_with(before, dataset, answers) if before else None
    if difference:
        remarks.append(f"Against {name}:{before.name if before else ''}, which was stored before: {difference}")
    forget_own_losses(model)
    quantized = write(model, int8, dataset, name, evaluation, workdir)
    write_report(
        workdir,
        Run(
            config=config,
            signature=quantized.signature if quantized else dataset.signature.named(name),
            quantized=quantized,
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


def write(
    model: keras.Model, int8: Int8 | None, dataset: Dataset, name: str, evaluation: Evaluation, folder: Path
) -> Quantized | None:
    """Write the model in all its formats; None if `model.onnx` is as exact as the others."""
    signature = dataset.signature.named(name)
    write_model(model, signature, dataset.examples.inputs, folder)
    if int8 is None:
        return None
    largest = {output.name: evaluation.metrics[f"{output.name}{LARGEST_DIFFERENCE}"] for output in signature.outputs}
    return put_in_place(int8, signature, largest, folder)


def forget_own_losses(model: keras.Model) -> None:
    """Leave a loss that is not Keras' own out of what is saved, so that the model loads without this code."""
    if any(name.endswith(INTERVAL) for name in output_names(model)):
        model.compiled = False


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

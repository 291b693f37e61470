"""One training run, from the data files to a folder that holds everything but the number of its version."""

import importlib
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf
from numpy.typing import NDArray
from rich.console import Console

from training.baselines import regression_baseline
from training.config import TrainingConfig
from training.datasets.dataset import Dataset, Rows
from training.errors import BelowGateError
from training.evaluate import Metrics, evaluate, gate_failures
from training.export import input_names, write_model
from training.progress import progress
from training.report import write_report

History = dict[str, list[float]]

_PREDICT_ROWS = 4_096


def train_and_evaluate(
    config: TrainingConfig,
    workdir: Path,
    *,
    name: str,
    data_dir: Path,
    console: Console,
    allow_below_gate: bool = False,
) -> tuple[Metrics, dict[str, str]]:
    """Load, build, fit, judge, export, report.

    Args:
        config: Decides everything.
        workdir: An empty folder; receives the artifact.
        name: Name in the store, for signature and card.
        data_dir: The folder of the data files.
        console: Where to show progress.
        allow_below_gate: Export even a model that misses its gate; its card says so.

    Returns:
        The metrics on the test rows, and the sha256 of every data file read.

    Raises:
        DataError: If a data file is missing or damaged.
        BelowGateError: If the model misses its gate.
        ExportError: If an exported format disagrees with the model.
    """
    make_reproducible(config.seed)
    dataset = load(config, data_dir)
    model = build(config, dataset)
    history = fit(model, config, dataset, console, name)
    answers = predict(model, dataset.test)
    metrics = evaluate(dataset.signature.task, dataset.test, answers)
    if dataset.signature.task == "regression":
        metrics |= regression_baseline(dataset)
    failures = gate_failures(config, metrics)
    if failures and not allow_below_gate:
        raise BelowGateError(f"{name} was not stored. {' '.join(failures)} More epochs or another seed may help.")
    signature = dataset.signature.named(name)
    write_model(model, signature, dataset.examples.inputs, workdir)
    write_report(workdir, config, signature, dataset, history, metrics, failures)
    return metrics, dataset.files


def make_reproducible(seed: int) -> None:
    """Make weights, shuffling and dropout depend on the seed alone (on one machine, with these packages)."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


def load(config: TrainingConfig, data_dir: Path) -> Dataset:
    """Load the data set of the configuration, with or without validation rows kept out of training.

    Raises:
        DataError: If a data file is missing or damaged.
    """
    dataset: Dataset = importlib.import_module(f"training.datasets.{config.name}").load(data_dir)
    return dataset if config.hold_out_validation else dataset.without_validation()


def build(config: TrainingConfig, dataset: Dataset) -> keras.Model:
    """Build the model that the configuration names and compile it."""
    module, _, function = config.architecture.partition(":")
    architecture = getattr(importlib.import_module(f"training.architectures.{module}"), function)
    model: keras.Model = architecture(config, dataset)
    outputs = len(model.output_names)
    model.compile(
        optimizer=_optimizer(config, len(dataset.train)),
        loss=[config.loss] * outputs,
        loss_weights=list(config.loss_weights) or None,
        metrics=[[config.metric]] * outputs,
    )
    return model


def fit(model: keras.Model, config: TrainingConfig, dataset: Dataset, console: Console, title: str) -> History:
    """Fit the weights; the last epoch's are kept, so nothing is chosen by the rows that are watched.

    Returns:
        A list per loss and metric, one number per epoch.
    """
    with progress(console, title, config) as callback:
        history = model.fit(
            _inputs(model, dataset.train),
            _targets(model, dataset.train),
            batch_size=config.batch_rows,
            epochs=config.epochs,
            validation_data=(_inputs(model, dataset.validation), _targets(model, dataset.validation)),
            validation_batch_size=_PREDICT_ROWS,
            callbacks=[callback],
            verbose=0,
        )
    return dict(history.history)


def predict(model: keras.Model, rows: Rows) -> dict[str, NDArray[Any]]:
    """The answers to all rows, by output name; float32, shape (rows, elements)."""
    answers = model.predict(_inputs(model, rows), batch_size=_PREDICT_ROWS, verbose=0)
    listed = answers if isinstance(answers, list) else [answers]
    return dict(zip(model.output_names, listed, strict=True))


def _optimizer(config: TrainingConfig, rows: int) -> keras.optimizers.Optimizer:
    rate: Any = config.learning_rate
    if config.cosine_decay:
        steps = -(-rows // config.batch_rows) * config.epochs
        rate = keras.optimizers.schedules.CosineDecay(config.learning_rate, steps)
    optimizer = keras.optimizers.get(config.optimizer)
    optimizer.learning_rate = rate
    return optimizer


def _inputs(model: keras.Model, rows: Rows) -> Any:
    listed = [rows.inputs[name] for name in input_names(model)]
    # A model built on one tensor wants that tensor, not a list of one.
    return listed if len(listed) > 1 else listed[0]


def _targets(model: keras.Model, rows: Rows) -> list[NDArray[Any]]:
    return [rows.targets[name] for name in model.output_names]

"""One invented training run per model, and what is written of it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from training.datasets.dataset import INTERVAL, Answers, Dataset
from training.evaluation.evaluation import evaluate
from training.presets import NAMES, find_preset
from training.report import Layer, Run, write_report

CONTENDERS = ("linear_regression", "boosted_trees")
LAYERS = [Layer("flat", "Flatten", "784", 0), Layer("probabilities", "Dense", "10", 7850)]


@dataclass(frozen=True)
class Written:
    """A report: its run, the artifact's folder, and the figures behind the pictures by the names of their files."""

    run: Run
    folder: Path
    figures: dict[str, Figure]


def invent_run(dataset: Dataset, seed: int = 0) -> Run:
    """A run whose answers are right more often than not."""
    config = find_preset(dataset.signature.name, None)
    answers = _invent(dataset, seed)
    contenders = {name: _invent(dataset, seed + number) for number, name in enumerate(CONTENDERS, start=1)}
    metrics = [f"{name}_{config.metric}" for name in dataset.test.targets]
    keys = ["loss", *(metrics if len(metrics) > 1 else [config.metric])]
    history = {f"{prefix}{key}": [3.0, 2.0, 2.5] for prefix in ("", "val_") for key in keys}
    return Run(
        config=config,
        signature=dataset.signature,
        dataset=dataset,
        history=history | {"learning_rate": [0.1, 0.01, 0.001]},
        evaluation=evaluate(dataset, answers, contenders),
        answers=answers,
        layers=LAYERS,
        failures=[],
        remarks=["A remark."],
        seconds=12.3,
        provenance={"git revision": "abc", "keras": "3"},
    )


def _invent(dataset: Dataset, seed: int) -> Answers:
    random = np.random.default_rng(seed)
    answers: Answers = {}
    for output in dataset.signature.outputs:
        truth = dataset.test.target(output.name)[:, None]
        if dataset.signature.task == "regression":
            guess = truth + random.normal(0, 10, truth.shape)
            ends = guess + np.array([-13, 13])
            answers[output.name] = (ends if output.name.endswith(INTERVAL) else guess).astype(np.float32)
        elif output.shape == (1,):
            answers[output.name] = np.abs(truth - 0.1).astype(np.float32)
        else:
            logits = random.normal(0, 1, (len(truth), *output.shape)) + 3 * (truth == np.arange(output.shape[0]))
            exponentials = np.exp(logits)
            answers[output.name] = (exponentials / exponentials.sum(axis=1, keepdims=True)).astype(np.float32)
    return answers


@pytest.fixture(scope="session")
def runs(small_datasets: dict[str, Dataset]) -> dict[str, Run]:
    """A run of every model."""
    return {name: invent_run(small_datasets[name]) for name in NAMES}


@pytest.fixture(scope="session")
def reports(runs: dict[str, Run], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Written]:
    """A report on every model."""
    written = {}
    for name, run in runs.items():
        folder = tmp_path_factory.mktemp(name)
        with pytest.MonkeyPatch.context() as monkeypatch:
            figures = keep_figures(monkeypatch)
            write_report(folder, run)
        written[name] = Written(run, folder, figures)
    return written


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> dict[str, Figure]:
    """The figures that a test draws, by the names of their files."""
    return keep_figures(monkeypatch)


def keep_figures(monkeypatch: pytest.MonkeyPatch) -> dict[str, Figure]:
    """Let every figure that is written from now on be looked at."""
    kept: dict[str, Figure] = {}
    write = Figure.savefig

    def keep(figure: Figure, path: Path) -> None:
        write(figure, path)
        figure.set_layout_engine("none")  # it stays as it was written, however often it is drawn
        kept[path.name] = figure

    monkeypatch.setattr(Figure, "savefig", keep)
    return kept

"""The nets of the study: the three of a tutorial, with its settings, and this project's presets with theirs."""

import time
from dataclasses import dataclass
from functools import partial

import keras
from rich.console import Console
from rich.progress import track

from training import fit
from training.datasets.dataset import Dataset, Rows
from training.presets import presets_of
from training.study.convergence import Convergence, convergence
from training.study.ensemble import Build, Ensemble

SEEN = {"2-16-1": 54, "2-16-16-1": 11, "2-32-1": 86}
"""The tutorial's nets, by the units of their layers, and the epoch in which its one run of each was right."""

LIMIT_EPOCHS = 2_000
"""For the tutorial's nets; a preset has its own number."""


@dataclass(frozen=True)
class Study:
    """What was found.

    Attributes:
        tutorial: By net.
        presets: By preset.
    """

    tutorial: dict[str, Convergence]
    presets: dict[str, Convergence]


def study(dataset: Dataset, seeds: int, console: Console, limit_epochs: int = LIMIT_EPOCHS) -> Study:
    """Train every net from every seed.

    Args:
        dataset: The truth table.
        seeds: How many: 0, 1, 2, …
        console: Where to show progress.
        limit_epochs: Epochs of the tutorial's nets.
    """

    def converge(name: str, build: Build, epochs: int) -> Convergence:
        return _converge(name, build, epochs, dataset.train, seeds, console)

    return Study(
        {name: converge(name, partial(tutorial_net, name), limit_epochs) for name in SEEN},
        {
            name: converge(name, partial(fit.build, config, dataset), config.epochs)
            for name, config in presets_of("xor").items()
        },
    )


def tutorial_net(name: str) -> keras.Model:
    """A net with the tutorial's settings, which are Keras' own: Glorot-uniform weights, zero biases, Adam at 1e-3.

    Args:
        name: Units of the layers, such as `2-16-1`; hidden layers are ReLU, the last is a sigmoid.
    """
    features, *hidden, outputs = map(int, name.split("-"))
    layers = [keras.layers.Dense(units, activation="relu") for units in hidden]
    model = keras.Sequential([keras.Input((features,)), *layers, keras.layers.Dense(outputs, activation="sigmoid")])
    model.compile(optimizer="adam", loss=["mean_squared_error"], metrics=["binary_accuracy"])
    return model


def _converge(name: str, build: Build, epochs: int, rows: Rows, seeds: int, console: Console) -> Convergence:
    started_s = time.monotonic()
    bar = partial(track, console=console, transient=True, disable=not console.is_terminal)
    nets = Ensemble(build, bar(range(seeds), f"{name}: drawing weights"))
    right = nets.fit(rows, bar(range(epochs), f"{name}: training"))
    passed_s = time.monotonic() - started_s
    console.print(f"{name}: {seeds:,} nets, {epochs:,} epochs ({passed_s:.0f} s)", soft_wrap=True)
    return convergence(right)

"""Discovery: which models a server has, in which version, and which examples there are for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import numpy as np

from loadtests.errors import ServerGone
from loadtests.examples import Examples, read
from loadtests.forms import Instances
from loadtests.inventions import invent
from loadtests.target import Target

NAMED = ("fashion", "flights", "mnist", "xor")
"""Models that have a user of their own; their absence is worth a line."""
OK = 200


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found.

    Attributes:
        models: Examples of every model that can be loaded, by name.
        notes: One line for each model: how its answers are checked, or why it is left out.
    """

    models: Mapping[str, Examples]
    notes: tuple[str, ...]


def discover(target: Target, folder: Path | None, seed: int) -> Discovery:
    """Ask a server for its models.

    Args:
        target: The server.
        folder: Holds ``NAME/VERSION/`` with examples; None where there is none.
        seed: For rows that must be invented.

    Raises:
        ServerGone: The server does not answer, or has no list of models.
        BadExamples: There are examples of a model, and they are broken.
    """
    names = listed(target)
    models: dict[str, Examples] = {}
    notes = []
    for name in sorted({*names, *NAMED}):
        if name not in names:
            notes.append(f"{name}: left out, the server does not have it")
            continue
        try:
            examples = _examples(target, name, folder, seed)
        except ServerGone as error:
            notes.append(f"{name}: left out. {error}")
            continue
        models[name] = examples
        checked = "with the stored answers" if examples.goldens else "by shape, count and range"
        notes.append(f"{name}:{examples.version}: {examples.count} rows, answers checked {checked}")
    return Discovery(models, tuple(notes))


def listed(target: Target) -> list[str]:
    """Names of the models that a server lists.

    Raises:
        ServerGone: There is no such list.
    """
    status, answer = target.ask("/v1/models")
    if status != OK or not isinstance(answer, Mapping) or not isinstance(answer.get("models"), list):
        raise ServerGone(f"Expected a list of models at {target.url}/v1/models. Received status {status}, {answer}.")
    return [str(name) for name in answer["models"]]


def serving_version(target: Target, name: str) -> str:
    """The version that answers requests which name none: the highest that is available.

    Raises:
        ServerGone: None is.
    """
    status, answer = target.ask(f"/v1/models/{quote(name)}")
    states = answer.get("model_version_status", []) if isinstance(answer, Mapping) else []
    available = [str(entry["version"]) for entry in states if entry.get("state") == "AVAILABLE"]
    if not available:
        raise ServerGone(f"Expected an available version of {name}. Received status {status}, {answer}.")
    return max(available, key=lambda version: (len(version), version))


def _examples(target: Target, name: str, folder: Path | None, seed: int) -> Examples:
    version = serving_version(target, name)
    if folder is not None and (folder / name / version).is_dir():
        return read(folder / name / version, name, version)
    status, metadata = target.ask(f"/v2/models/{quote(name)}")
    if status != OK or not isinstance(metadata, Mapping):
        raise ServerGone(f"Expected the metadata of {name}. Received status {status}, {metadata}.")
    examples = invent(name, version, metadata, seed)
    _try(target, examples)
    return examples


def _try(target: Target, examples: Examples) -> None:
    """Send all invented rows once: a model that refuses them would show as failures of the server.

    Raises:
        ServerGone: They are refused.
    """
    form = Instances()
    everything = np.arange(examples.count, dtype=np.intp)
    status, answer = target.ask(form.path(examples.model), form.body(examples, everything, ""))
    if status != OK:
        raise ServerGone(
            f"Expected invented rows to be accepted; name a folder with examples. Received status {status}, {answer}."
        )

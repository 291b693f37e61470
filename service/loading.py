"""From a folder to a version that may answer: verify, load, run the examples, compare. Blocking; run in a thread."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

import numpy as np
import orjson
import simdjson

from service.artifact import Artifact, Examples, read_artifact
from service.buckets import Timed, agreeing_sizes, losses
from service.engines.engine import Engine, Name, load
from service.errors import ArtifactError, ServiceError
from service.execution import Executor
from service.interface import Interface
from service.plan import Plan, plan
from service.settings import Settings
from service.store import Stored

log = logging.getLogger(__name__)

DEFAULT_BATCH_ROWS = {"CPU": 64, "GPU": 256}
SHOWN_ROWS = 2
"""Examples that are kept to show what a request looks like."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A version that has passed every check.

    Attributes:
        sizes: Ascending batch sizes whose answers agree bit for bit on this machine.
        plan: How many rows to run at a time, by what these sizes cost on this machine.
        examples: The first rows of the artifact's examples.
        losses: In mixed precision, how far its answers to the examples are from the stored ones: the largest
            difference of each output. Empty in full precision.
    """

    stored: Stored
    interface: Interface
    engine: Engine
    sizes: list[int]
    plan: Plan
    examples: Examples
    losses: dict[str, float] = field(default_factory=dict)

    def executor(self) -> Executor:
        """A new executor of this version, for the thread of one scheduler."""
        return Executor(self.engine, self.interface.signature, self.sizes, self.plan)


def load_version(stored: Stored, settings: Settings, engine_name: Name) -> Loaded:
    """Verify, load and warm up one artifact.

    Raises:
        ArtifactError: The reason why it is refused.
    """
    try:
        return _load_version(stored, settings, engine_name)
    except ArtifactError:
        raise
    except Exception as error:  # one artifact that breaks a reader must not keep the others from loading
        raise ArtifactError(f"The artifact cannot be read: {type(error).__name__}.") from error


def _load_version(stored: Stored, settings: Settings, engine_name: Name) -> Loaded:
    artifact = read_artifact(stored.folder, stored.name, stored.version)
    interface = Interface(artifact.signature, stored.version, settings.max_request_rows)
    check_records(artifact, interface)
    options = {"xla": settings.xla, "mixed_precision": settings.mixed_precision}
    engine = load(engine_name, stored.folder, artifact.signature, settings.threads, **options)
    max_rows = settings.max_batch_rows or DEFAULT_BATCH_ROWS[engine.device]
    timed = Timed(engine)
    try:
        sizes = agreeing_sizes(timed, artifact, max_rows)
        lost = losses(engine, artifact, sizes[-1]) if engine.mixed_precision else {}
    except ArtifactError:
        raise
    except Exception as error:  # whatever an engine raises on its own examples
        raise ArtifactError(f"The engine fails on the examples: {type(error).__name__}.") from error
    if lost:
        log.info("mixed precision", extra={"tag": stored.tag, "largest_differences": lost})
    planned = plan({size: timed.fastest_s[size] for size in sizes}, inline=engine.device == "CPU")
    return Loaded(stored, interface, engine, sizes, planned, artifact.first(SHOWN_ROWS), lost)


def check_records(artifact: Artifact, interface: Interface) -> None:
    """The example records must become exactly the example tensors.

    Raises:
        ArtifactError: They do not: the signature's fields and the model were made for different inputs.
    """
    if interface.records is None:
        return
    # through bytes and the request parser, so that what is checked is what requests meet
    parsed = simdjson.Parser().parse(orjson.dumps(artifact.records))
    try:
        inputs = interface.records.decode(parsed)
    except ServiceError as error:
        raise ArtifactError(f"examples.jsonl does not fit the signature: {error.sentence}") from None
    for name, array in inputs.items():
        if not np.array_equal(array, artifact.inputs[name]):
            raise ArtifactError(f"examples.jsonl and examples.npz disagree on input {name}.")

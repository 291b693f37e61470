"""Where operations on a model stand: the paths of one subject, or templated ones for whatever model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from service.openapi.operation import label_parameter, model_parameter, version_parameter
from service.openapi.subject import Subject

OWN = "The bodies are those of the model's own path."


@dataclass(frozen=True, slots=True)
class Place:
    """A model in a path.

    Attributes:
        path: Behind ``/models/``.
        title: The model, for people.
        before: What its operation ids begin with, behind the dialect.
        after: What they end with.
        given: Parameters of the path.
        note: What the descriptions of its operations end with.
    """

    path: str
    title: str
    before: str = ""
    after: str = ""
    given: tuple[Any, ...] = ()
    note: str = ""

    def identity(self, dialect: str, action: str) -> str:
        """The id of an operation here, different from that of every other."""
        return "_".join(part for part in (dialect, self.before, action, self.after) if part)


def own(subject: Subject) -> Place:
    """The paths of a subject."""
    return Place(subject.path, subject.title, after=subject.key)


def templated(subjects: Sequence[Subject]) -> dict[str, Place]:
    """The paths of whatever version and label, by what they are templated by; none while nothing is loaded."""
    if not subjects:
        return {}
    names = sorted({subject.interface.name for subject in subjects})
    shown = subjects[0].interface
    model = model_parameter(names, shown.name)
    version, label = version_parameter(shown.version), label_parameter()
    return {
        "version": Place("{model}/versions/{version}", "a version of a model", "version", "", (model, version), OWN),
        "label": Place("{model}/labels/{label}", "a labelled version of a model", "label", "", (model, label), OWN),
    }

"""What a document describes: loaded versions, each under the path that answers from it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from service.artifact import Examples
from service.interface import Interface
from service.repository import Repository

Schema = dict[str, Any]
Paths = dict[str, dict[str, Any]]

JSON = "application/json"
UNNAMEABLE = re.compile(rb"[^A-Za-z0-9_-]")


@dataclass(frozen=True, slots=True)
class Subject:
    """One version with paths of its own.

    Attributes:
        interface: Its tensors, fields and result.
        examples: The first rows of its artifact.
        number: Its number, where the paths name it; None for the version that answers without one.
    """

    interface: Interface
    examples: Examples
    number: int | None = None

    @property
    def path(self) -> str:
        """Its part of a path, behind ``/models/``."""
        at = "" if self.number is None else f"/versions/{self.number}"
        return quote(self.interface.name, safe="") + at

    @property
    def title(self) -> str:
        """Its name for people."""
        return self.interface.name + ("" if self.number is None else f", version {self.number}")

    @property
    def key(self) -> str:
        """Its name in the names of components and operations, different for every subject."""
        return nameable(self.interface.name) + ("" if self.number is None else f".v{self.number}")

    def schema(self, *parts: str) -> str:
        """The name of one of its component schemas."""
        return ".".join((self.key, *(nameable(part) for part in parts)))

    def ref(self, *parts: str) -> Schema:
        """A reference to one of its component schemas."""
        return ref("schemas", self.schema(*parts))

    @property
    def readable(self) -> bool:
        """Whether its input tensors have a JSON form; half precision has none."""
        return all(tensor.dtype != "FP16" for tensor in self.interface.inputs.values())


def ref(kind: str, name: str) -> Schema:
    """A reference to a component."""
    return {"$ref": f"#/components/{kind}/{name}"}


def nameable(name: str) -> str:
    """A name in the letters that a component's name may have; different names stay different."""
    return UNNAMEABLE.sub(lambda found: b".%02x" % found[0][0], name.encode()).decode()


def subjects(repository: Repository) -> list[Subject]:
    """The default version of every model, and every other version whose signature differs from it.

    Versions that share the default's signature are reached by the templated paths, whose bodies are the same.
    """
    defaults = repository.ready
    found = [Subject(version.interface, version.examples) for _, version in sorted(defaults.items())]
    for version in repository.every():
        default = defaults.get(version.interface.name)
        if default is None or version.interface.signature != default.interface.signature:
            found.append(Subject(version.interface, version.examples, version.interface.version))
    return found

"""The document as bytes: made once for what is loaded, and again when that changes."""

from __future__ import annotations

import gc
import json
import weakref
from types import SimpleNamespace
from typing import Any

import pytest

from service.openapi import rendered
from service.settings import Settings
from tests.service.openapi.described import ROUTES, the_toy
from tests.service.openapi.described import described as describe
from tests.toy_signatures import interface


class Version:
    """A loaded version as far as it is read."""

    def __init__(self, subject: Any) -> None:
        self.interface = subject.interface
        self.examples = subject.examples


class Runtime:
    """A runtime as far as it is read; `made` counts documents."""

    def __init__(self, *versions: Version) -> None:
        self.settings = Settings()
        self.versions = list(versions)
        self.default = versions[0] if versions else None

    @property
    def repository(self) -> Any:
        ready = {self.default.interface.name: self.default} if self.default else {}
        return SimpleNamespace(ready=ready, every=lambda: self.versions)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The paths of the subjects of every document that is made."""
    calls: list[list[str]] = []
    real = rendered.document

    def document(subjects: Any, *rest: Any) -> Any:
        calls.append([subject.path for subject in subjects])
        return real(subjects, *rest)

    monkeypatch.setattr(rendered, "document", document)
    return calls


def render(runtime: Any) -> bytes:
    """The document."""
    return rendered.render(runtime, ROUTES)


def test_it_is_made_once(made: list[list[str]]) -> None:
    """The second reader gets the first one's bytes."""
    runtime = Runtime(Version(the_toy()))
    assert render(runtime) is render(runtime)
    assert made == [["toy"]]
    assert "/v1/models/toy:predict" in json.loads(render(runtime))["paths"]


def test_another_version_makes_another(made: list[list[str]]) -> None:
    """What is loaded, unloaded, replaced under the same number or made the default is seen at once."""
    one, other = Version(describe(interface(version=1))), Version(describe(interface(version=2, task="regression")))
    runtime = Runtime(one)
    render(runtime)
    runtime.versions = [one, other]
    render(runtime)
    runtime.default = other
    render(runtime)
    runtime.versions, runtime.default = [one], one
    render(runtime)
    again = Version(describe(interface(version=1)))
    runtime.versions, runtime.default = [again], again
    render(runtime)
    render(runtime)
    assert made == [["xor"], ["xor", "xor/versions/2"], ["xor", "xor/versions/1"], ["xor"], ["xor"]]


def test_services_do_not_share_documents(made: list[list[str]]) -> None:
    """Each runtime has its own, empty or not."""
    assert render(Runtime()) != render(Runtime(Version(the_toy())))
    assert made == [[], ["toy"]]


def test_nothing_is_kept_alive() -> None:
    """Neither a version that was unloaded nor a runtime that ended stays in memory for its document."""
    runtime = Runtime(Version(the_toy()))
    render(runtime)
    version, whole = weakref.ref(runtime.versions[0]), weakref.ref(runtime)
    runtime.versions, runtime.default = [], None
    gc.collect()
    assert version() is None
    del runtime
    gc.collect()
    assert whole() is None

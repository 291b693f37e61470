"""Stand-ins for the model and for the frameworks, which are not installed here."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from loadtests.benchmark.apps import model

App = Callable[..., ModuleType]


def means(images: Any) -> Any:
    """Stand-in for the model: ten times the mean of each digit."""
    assert images.dtype == np.uint8
    return np.repeat(images.mean(axis=(1, 2)).astype(np.float32)[:, None], 10, axis=1)


def digits(*levels: int) -> Any:
    """One even digit of each grey level: its answer is that level."""
    return np.array(levels, np.uint8)[:, None, None].repeat(28, 1).repeat(28, 2)


def unchanged(*_: Any, **__: Any) -> Callable[[Any], Any]:
    """A decorator that leaves what it decorates."""
    return lambda decorated: decorated


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> App:
    """Imports an app anew: its name, and what its framework's modules hold."""
    monkeypatch.setattr(model, "load", lambda: means)

    def imported(name: str, **modules: dict[str, Any]) -> ModuleType:
        for dotted, content in modules.items():
            stand_in = ModuleType(dotted.replace("__", "."))
            vars(stand_in).update(content)
            monkeypatch.setitem(sys.modules, stand_in.__name__, stand_in)
        # for the test alone: the next one imports it anew
        monkeypatch.delitem(sys.modules, f"loadtests.benchmark.apps.{name}", raising=False)
        found = importlib.import_module(f"loadtests.benchmark.apps.{name}")
        monkeypatch.setitem(sys.modules, found.__name__, found)
        return found

    return imported

"""A command alone, as the command line would call it."""

import argparse
from collections.abc import Callable
from types import ModuleType

import pytest

from training.commands.command import open_store
from training.storage.store import Store

Call = Callable[..., int]


@pytest.fixture
def home(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The empty store that commands find."""
    monkeypatch.setenv("BENTOML_HOME", str(store.home))
    assert open_store().home == store.home
    return store


def call(command: ModuleType, *arguments: str) -> int:
    """Parse the arguments, run the command, return its exit status."""
    parser = argparse.ArgumentParser()
    command.add(parser.add_subparsers(required=True))
    options = parser.parse_args(arguments)
    return int(options.run(options))

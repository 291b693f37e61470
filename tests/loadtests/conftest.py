"""What these tests share: the toy's examples, and a double of a server that answers for it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from loadtests.examples import Examples, read
from tests import toy
from tests.loadtests.double import Double, serving

# Locust rewires sockets and threads of the process that imports it, for the whole suite
os.environ["LOCUST_SKIP_MONKEY_PATCH"] = "1"
import locust  # noqa: F401

# processes that tests start must be rewired as usual
del os.environ["LOCUST_SKIP_MONKEY_PATCH"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A BentoML home with the toy in it."""
    toy.write(tmp_path / "bentoml")
    return tmp_path / "bentoml"


@pytest.fixture
def examples(home: Path) -> Examples:
    """The toy's examples."""
    return read(home / "models" / "toy" / "1", "toy", "1")


@pytest.fixture
def double() -> Iterator[Double]:
    """A server that answers rightly, until a test changes it."""
    with serving(Double()) as running:
        yield running

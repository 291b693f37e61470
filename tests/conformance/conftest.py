"""Servers that the kit is run against in the ordinary test run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.own_server import own_server
from tests.conformance.target import Target
from tests.servers import Server


@pytest.fixture(scope="session")
def target(server: Server) -> Iterator[Target]:
    """The server that all tests share: as people start it, nothing switched on."""
    with Target(server.url) as found:
        yield found


@pytest.fixture(scope="session")
def open_target(trained_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A server with everything on: gRPC, a key, a label. Few batch sizes have to be tried before it is ready."""
    folder = tmp_path_factory.mktemp("conformance")
    with own_server(folder, trained_home, KERAS_SERVE_MAX_BATCH_ROWS="8") as started:
        yield started

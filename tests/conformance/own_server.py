"""A server of this tree for the kit, with everything on: gRPC, a key, a label."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conformance.target import Target
from tests.servers import ROOT, free_port, serve

LABEL = "golden"


def home() -> Path:
    """The BentoML home whose models are served."""
    return Path(os.environ.get("BENTOML_HOME") or ROOT / ".bentoml")


@contextmanager
def own_server(folder: Path, store: Path, **settings: str) -> Iterator[Target]:
    """Serve the models of a BentoML home for the length of a block.

    Args:
        folder: Where the server's log and configuration go.
        store: The home.
        settings: Variables of its environment besides.
    """
    versions = [int(path.name) for path in (store / "models" / "xor").glob("[0-9]*")]
    config = folder / "serve.toml"
    config.write_text(f"[models.xor]\nlabels = {{ {LABEL} = {max(versions)} }}\n" if versions else "")
    key, port = secrets.token_hex(16), free_port()
    variables = {
        "BENTOML_HOME": str(store),
        "KERAS_SERVE_CONFIG": str(config),
        "KERAS_SERVE_REPOSITORY_KEY": key,
        "KERAS_SERVE_GRPC_PORT": str(port),
        "KERAS_SERVE_DRAIN_DELAY_MS": "0",
        **settings,
    }
    with serve(folder, variables) as server, Target(server.url, f"127.0.0.1:{port}", key, store) as target:
        yield target

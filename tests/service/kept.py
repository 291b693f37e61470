"""A keeper on a home full of toys, for the tests of what is served and how it changes."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import numpy as np

from service.deadlines import DeadlineWheel
from service.intentions import Intentions
from service.keeper import Keeper
from service.metrics import Metrics
from service.model import Model
from service.orders import Orders
from service.repository import Repository
from service.settings import Settings
from service.store import Home
from tests import toy


class Kept:
    """One keeper, its home and its configuration file.

    Args:
        home: Where the store is.
        orders: What calls have ordered; those of one worker if not given.
        settings: What is not as usual.
    """

    def __init__(self, home: Path, orders: Orders | None = None, **settings: Any) -> None:
        self.home = home
        self.file = home / "serve.toml"
        self.settings = Settings(config=self.file, **settings)
        self.metrics = Metrics()
        self.repository = Repository()
        self.intentions = Intentions(self.file, orders or Orders(1))
        wheel = DeadlineWheel(asyncio.get_running_loop())
        self.keeper = Keeper(self.repository, Home(home), self.intentions, self.settings, self.metrics, wheel)
        self.configure("")

    @property
    def model(self) -> Model:
        """The toy."""
        return self.repository.models["toy"]

    @property
    def ready(self) -> list[int]:
        """The toy's versions that answer."""
        return sorted(self.model.ready)

    @property
    def default(self) -> int | None:
        """The toy's version that answers requests without one."""
        return self.model.default.number if self.model.default else None

    def configure(self, text: str) -> None:
        """Write the configuration file."""
        self.file.write_text(text)

    def label(self, **labels: int) -> None:
        """Write the store's labels of the toy."""
        (self.home / "labels.json").write_text(json.dumps({"toy": labels}))

    def store(self, *versions: int, name: str = "toy", scale: float = 1.0) -> None:
        """Put sound versions into the store; their `total` is `scale` times the sum."""
        for version in versions:
            toy.write(self.home, name, version, scale=scale)

    def store_corrupt(self, version: int) -> None:
        """Put a version into the store whose model has a changed byte."""
        toy.write(self.home, version=version, sound=False)

    def store_other(self, version: int) -> None:
        """Put a version into the store that calls its input by another name in the signature only."""
        folder = toy.write(self.home, version=version)
        signature = json.loads((folder / "signature.json").read_text())
        signature["inputs"][0]["name"] = "other"
        for field in signature["fields"]:
            for fill in field["fills"]:
                fill["input"] = "other"
        (folder / "signature.json").write_text(json.dumps(signature))
        _rename_input(folder)
        toy.seal(folder, version=version)

    async def look(self) -> None:
        """One look, and the end of all that it retires."""
        await self.keeper.look()
        await self.keeper.settled()

    async def close(self) -> None:
        """End every thread."""
        await self.keeper.close()
        self.repository.close()


def _rename_input(folder: Path) -> None:
    import onnx

    model = onnx.load(folder / "model.onnx")
    model.graph.input[0].name = "other"
    for node in model.graph.node:
        for place, name in enumerate(node.input):
            if name == "x":
                node.input[place] = "other"
    onnx.save(model, folder / "model.onnx")
    with np.load(folder / "examples.npz") as arrays:
        kept = {("inputs/other" if name == "inputs/x" else name): arrays[name] for name in arrays.files}
    np.savez(folder / "examples.npz", **kept)

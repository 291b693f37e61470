"""What calls have ordered while serving: models to unload, and models to load by another policy.

With several workers a call reaches one of them; the orders lie in a file that all of them read. It lies where BentoML
keeps what its workers share and is emptied at every start, so that orders end with the service.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from service.configuration import Versions
from service.metrics import MULTIPROCESS


class Order(BaseModel):
    """What was ordered last of one model.

    Attributes:
        unload: Whether it should not be served.
        versions: Which versions to serve instead of the configured; None for those.
        count: How often this model was ordered, so that every worker sees a new order.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    unload: bool = False
    versions: Versions | None = None
    count: int = 0


class _File(BaseModel):
    orders: dict[str, Order]


class Orders:
    """All orders by model name.

    Args:
        workers: Processes that serve; with one, nothing is written.
    """

    def __init__(self, workers: int) -> None:
        folder = os.environ.get(MULTIPROCESS) if workers > 1 else None
        self._path = Path(folder) / "orders.json" if folder else None
        self._orders: dict[str, Order] = {}

    def of(self, name: str) -> Order:
        """The order of a model; one that changes nothing if there was none."""
        return self._orders.get(name, Order())

    def give(self, name: str, *, unload: bool, versions: Versions | None = None) -> None:
        """Order something new of a model, for all workers.

        Raises:
            OSError: The file cannot be written.
        """
        if self._path is None:
            self._note(name, unload, versions)
            return
        with self._path.with_name("orders.lock").open("w") as lock:  # another worker may be given one just now
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.refresh()
            self._note(name, unload, versions)
            draft = self._path.with_name(f"orders.{os.getpid()}")
            draft.write_text(_File(orders=self._orders).model_dump_json())
            draft.replace(self._path)

    def _note(self, name: str, unload: bool, versions: Versions | None) -> None:
        self._orders[name] = Order(unload=unload, versions=versions, count=self.of(name).count + 1)

    def refresh(self) -> None:
        """Read what other workers were told."""
        if self._path is None:
            return
        try:
            self._orders = dict(_File.model_validate_json(self._path.read_bytes()).orders)
        except (OSError, ValidationError):  # nobody has been told anything
            return

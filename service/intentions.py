"""What the operator wants of each model: the configuration file, the labels of the store, and the orders of calls."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from service.configuration import Configuration, ModelConfiguration, read_configuration
from service.errors import ConfigurationError
from service.orders import Orders
from service.store import Labels, Source

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Intention:
    """All that is wanted of one model.

    Attributes:
        model: Policy, canary and shadow; an order's policy stands before the file's.
        labels: The store's, with the file's on top.
        named: Versions that somebody named one by one.
        accepted: Those of them that are named to serve, and not only to be tried.
        unload: Whether it was ordered not to serve.
    """

    model: ModelConfiguration
    labels: Mapping[str, int]
    named: frozenset[int]
    accepted: frozenset[int]
    unload: bool


class Intentions:
    """Reads again whenever asked; what cannot be read leaves in force what was.

    Args:
        path: The configuration file, if there is one.
        orders: What calls have ordered.

    Attributes:
        complaints: What is wrong with the file or the labels as they are now; they are not in force.
    """

    def __init__(self, path: Path | None, orders: Orders) -> None:
        self._path = path
        self.orders = orders
        self.complaints: list[str] = []
        self._configuration = Configuration()
        self._labels: Labels = {}

    def refresh(self, source: Source) -> None:
        """Look at everything again. Blocking."""
        self.orders.refresh()
        complaints = []
        try:
            if self._path is not None:
                configuration = read_configuration(self._path)
                if configuration != self._configuration:
                    log.info("configuration in force", extra=configuration.model_dump(mode="json"))
                self._configuration = configuration
        except ConfigurationError as error:
            complaints.append(str(error))
        try:
            self._labels = source.labels()
        except ConfigurationError as error:
            complaints.append(str(error))
        for complaint in complaints:
            if complaint not in self.complaints:
                log.error("%s What was in force stays in force.", complaint)
        self.complaints = complaints

    @property
    def configured(self) -> frozenset[str]:
        """The names that the configuration file speaks of."""
        return frozenset(self._configuration.models)

    def of(self, name: str) -> Intention:
        """What is wanted of a model."""
        model, order = self._configuration.of(name), self.orders.of(name)
        if order.versions is not None:
            model = model.model_copy(update={"versions": order.versions})
        labels = {**self._labels.get(name, {}), **model.labels}
        labelled = frozenset(labels.values())
        return Intention(model, labels, model.named | labelled, model.accepted | labelled, order.unload)

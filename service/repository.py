"""The models that are served, and which version a request gets. Read by everybody, changed by the keeper."""

from __future__ import annotations

from collections.abc import Mapping

from service.errors import NotReady
from service.model import Model, State
from service.version import Version


class Repository:
    """Every model by name.

    Attributes:
        models: Ready, loading or refused.
        retiring: Versions that no request finds any more, until their last ones are answered.
        loaded: Whether the first look at the store has ended.
    """

    def __init__(self) -> None:
        self.models: dict[str, Model] = {}
        self.retiring: set[Version] = set()
        self.loaded = False

    def find(self, name: str, number: int | None = None, label: str = "", *, draw: bool = True) -> Version | None:
        """The version for a request: of that number, of that label, or the default.

        Args:
            name: The model.
            number: A version.
            label: A word that points to one.
            draw: Whether the canary gets its share of those that name neither.

        Raises:
            NotReady: It is on its way, or nobody knows yet what there is.
        """
        model = self._model(name)
        return model.find(number, label, draw=draw) if model is not None else None

    def _model(self, name: str) -> Model | None:
        if not self.models and not self.loaded:
            raise NotReady("The models are being loaded; try again.")
        return self.models.get(name)

    @property
    def ready(self) -> Mapping[str, Version]:
        """The version that answers requests without a version, by model name."""
        return {name: model.default for name, model in self.models.items() if model.default is not None}

    def serves(self, name: str) -> bool:
        """Whether a model of that name has a version that is ready."""
        model = self.models.get(name)
        return model is not None and bool(model.ready)

    def every(self) -> list[Version]:
        """All versions that are ready, by name and number."""
        return [model.ready[n] for _, model in sorted(self.models.items()) for n in sorted(model.ready)]

    def states(self, name: str) -> dict[int, State]:
        """The state of every known version of a model; empty if the model is unknown.

        Raises:
            NotReady: Nobody knows yet what there is.
        """
        model = self._model(name)
        return model.states if model is not None else {}

    def labels(self, name: str) -> dict[str, int]:
        """Where each label of a model points."""
        model = self.models.get(name)
        return dict(model.labels) if model is not None else {}

    def names(self) -> list[str]:
        """The names of the models that are ready or on their way."""
        return sorted(name for name, model in self.models.items() if model.ready or model.loading)

    @property
    def refused(self) -> dict[str, str]:
        """Why versions were refused, or wait for an operator, by tag."""
        return {
            f"{name}:{number}": state.reason
            for name, model in sorted(self.models.items())
            for number, state in sorted(model.states.items())
            if state.reason and state.state in ("START", "END")
        }

    def busy_s(self) -> float:
        """Longest time that any engine has been at its running batch."""
        return max((version.scheduler.busy_s() for version in (*self.every(), *self.retiring)), default=0.0)

    def close(self) -> None:
        """End every engine's thread."""
        for version in (*self.every(), *self.retiring):
            version.scheduler.close()

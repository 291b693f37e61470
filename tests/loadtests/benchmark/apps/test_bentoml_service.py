"""BentoML's service, with stand-ins for its decorators."""

from __future__ import annotations

from tests.loadtests.benchmark.apps.conftest import App, digits, unchanged


def test_rows_are_answered_in_order(app: App) -> None:
    """A batch goes through the model as it is, and each digit gets its own answer."""
    module = app("bentoml_service", bentoml={"service": unchanged, "api": unchanged})
    assert module.Digits().predict(digits(7, 3))[:, 0].tolist() == [7, 3]

"""`training.card`."""

import pytest

from training.card import card
from training.datasets.dataset import Dataset
from training.evaluate import Metrics
from training.presets import NAMES, find_preset

METRICS: Metrics = {"test_rows": 4, "test_accuracy": 0.75}


@pytest.mark.parametrize("name", NAMES)
def test_names_fields_licence_and_limits(small_datasets: dict[str, Dataset], name: str) -> None:
    """A reader finds the preset, every field, the origin of the data, the numbers and the limits."""
    dataset = small_datasets[name]
    text = card(find_preset(name, None), dataset.signature, dataset, METRICS, [])
    assert text.startswith(f"# {name}\n")
    for wanted in (find_preset(name, None).preset, dataset.about, dataset.limits, "0.75"):
        assert wanted in text
    for field in dataset.signature.fields:
        assert f"| {field.name} |" in text


def test_says_when_the_gate_was_not_met(small_datasets: dict[str, Dataset]) -> None:
    """Only a model that missed its gate is marked so, with the reason."""
    dataset, config = small_datasets["xor"], find_preset("xor", None)
    missed = card(config, dataset.signature, dataset, METRICS, ["Expected more. Received less."])
    assert "Not met" in missed
    assert "Expected more. Received less." in missed
    assert "Not met" not in card(config, dataset.signature, dataset, METRICS, [])


def test_says_whether_rows_were_kept_aside(small_datasets: dict[str, Dataset]) -> None:
    """The card of the published fashion split says that nothing was chosen by the rows watched."""
    for name, kept in (("fashion", False), ("mnist", True)):
        dataset = small_datasets[name]
        text = card(find_preset(name, None), dataset.signature, dataset, METRICS, [])
        assert ("rows are kept aside for validation: nothing was chosen" in text) is not kept
        assert (f"{len(dataset.validation):,} are kept aside for validation" in text) is kept

"""`training.report.precision`."""

from dataclasses import replace

import pytest

from training.export import Quantized
from training.report.card import card
from training.report.precision import bare_precision_section, precision_section
from training.report.run import Run


@pytest.fixture
def quantized(runs: dict[str, Run]) -> Run:
    """The run of the digits as if its model were quantized."""
    run = runs["mnist"]
    output = replace(run.signature.outputs[0], atol=0.051)
    signature = replace(run.signature, outputs=(output,))
    metrics = run.evaluation.metrics | {"test_accuracy": 0.75, "fp32_accuracy": 0.8125}
    return replace(
        run,
        signature=signature,
        evaluation=replace(run.evaluation, metrics=metrics),
        quantized=Quantized(signature, {"probabilities": 0.0335}, int8_bytes=1_234, fp32_bytes=4_321),
    )


def test_a_card_tells_what_was_lost(quantized: Run) -> None:
    """Precision, the gate's metrics in both, sizes, difference and tolerance, and what stays exact."""
    text = card(quantized, ())
    section = text.partition("## Precision\n")[2].partition("\n## ")[0]
    assert "(int8)" in section
    assert f"on the {len(quantized.dataset.train):,} training rows" in section
    assert f"measured on the {len(quantized.dataset.test):,} test rows" in section
    assert "| `test_accuracy` | 0.7500 | 0.8125 |" in section
    assert "| size of `model.onnx`, bytes | 1,234 | 4,321 |" in section
    assert "| `probabilities` | 0.03350 | 0.05100 |" in section
    assert "`saved_model/`, which a GPU serves, and `model.keras` are float32" in section
    assert "Computed in int8" in text.partition("## ")[0]


def test_an_exact_model_has_no_such_section(runs: dict[str, Run]) -> None:
    """The card of a model in float32 does not speak of another precision."""
    assert precision_section(runs["mnist"]) == ""
    assert "int8" not in card(runs["mnist"], ())


def test_a_model_trained_elsewhere(quantized: Run) -> None:
    """Of it no quality is told: rows, differences and sizes are all that is known."""
    assert quantized.quantized is not None
    section = bare_precision_section(quantized.quantized, 300, 40)
    assert "the 300 rows that were given for this" in section
    assert "measured on the 40 example rows" in section
    assert "is not known here" in section
    assert "accuracy" not in section

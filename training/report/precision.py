"""What a model lost by being quantized, as a section of its card."""

from typing import TYPE_CHECKING

from training.report.baselines import metric_of
from training.report.markdown import Cell, code, table
from training.report.run import Run

if TYPE_CHECKING:
    from training.export import Quantized

_STORY = (
    "`model.onnx`, which a CPU serves, computes its products in 8-bit whole numbers (int8), all but those that make "
    "the answers. The scales were fixed when it was made, by the ranges that each layer had on {rows}, so the "
    "answer to a row does not depend on the rows beside it. `saved_model/`, which a GPU serves, and `model.keras` "
    "are float32 (fp32)."
)

_TOLERANCE = (
    "The largest difference is the farthest that any number of an answer lay from that of the float32 model, measured "
    "on {rows}. The tolerance, `atol` in `signature.json`, is one and a half times as much: what a service may find "
    "before it refuses the model."
)


def precision_section(run: Run) -> str:
    """Metrics of the gate in both precisions, differences, tolerances and sizes; empty for a model in float32."""
    if run.quantized is None:
        return ""
    metrics, rows = run.evaluation.metrics, f"the {len(run.dataset.test):,} test rows"
    compared: list[tuple[Cell, ...]] = [
        (code(key), metrics[key], metrics[metric_of(run.evaluation, "fp32", key.removeprefix("test_"))])
        for key in dict.fromkeys(bound.metric for bound in run.config.gate)
    ]
    story = _STORY.format(rows=f"the {len(run.dataset.train):,} training rows")
    return f"{story}\n\n{_table(run.quantized, compared)}\n\n{_differences(run.quantized, rows)}"


def bare_precision_section(quantized: "Quantized", calibration_rows: int, example_rows: int) -> str:
    """The same for a model that was trained elsewhere: what it lost in quality is not known here."""
    story = _STORY.format(rows=f"the {calibration_rows:,} rows that were given for this")
    unknown = "How much quality was lost is not known here: measure it on labelled rows before you rely on it."
    differences = _differences(quantized, f"the {example_rows:,} example rows")
    return f"{story} {unknown}\n\n{_table(quantized, [])}\n\n{differences}"


def _table(quantized: "Quantized", compared: list[tuple[Cell, ...]]) -> str:
    size: tuple[Cell, ...] = ("size of `model.onnx`, bytes", quantized.int8_bytes, quantized.fp32_bytes)
    return table(("", "int8", "fp32"), [*compared, size])


def _differences(quantized: "Quantized", rows: str) -> str:
    atol = {output.name: output.atol for output in quantized.signature.outputs}
    apart: list[tuple[Cell, ...]] = [(code(name), value, atol[name]) for name, value in quantized.largest.items()]
    return f"{_TOLERANCE.format(rows=rows)}\n\n{table(('answer', 'largest difference', 'tolerance'), apart)}"

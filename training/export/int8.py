"""A model whose products are computed in 8-bit whole numbers: scales fixed beforehand, never read from a batch.

Scales that are read from the batch at hand ("dynamic quantization") would make the answer to a row depend on the rows
beside it. Here each tensor has one scale, from the smallest and largest value that it had on rows of the training part.

* Activations have 8 bits. Weights have 7, a scale for each output channel: two products of 8 by 8 bits overflow
  where a processor adds them in 16 bits (AVX2 and AVX-512 without VNNI). With 7 bits all sums are exact, and so the
  same on every processor.
* The products behind which no other product stands stay float32, and so does all that is no product: an answer has
  the resolution of its datatype, and a wide input that reaches it directly keeps its own.

References:
    Jacob et al.: *Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference*,
    https://arxiv.org/abs/1712.05877, 2018.
    *Quantize ONNX models*, https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import keras
import numpy as np
import onnx
import onnxruntime

from training.errors import ExportError
from training.export.formats import replace_onnx, traced
from training.export.interface import Arrays
from training.export.onnx_graph import onnx_graph
from training.signature import Signature

_PRODUCTS = ("Conv", "Gemm", "MatMul")
_PASSING = ("MaxPool", "Relu", "Reshape", "Transpose")
"""Operations that stand between products and give whole numbers back as they are."""

_CALIBRATION_ROWS = 256
"""Rows that are measured at once."""

_MARGIN = 1.5
"""How much farther than ever measured an answer may lie: rows that were not measured may lie farther."""


class Int8:
    """A quantized model in memory, computed as the service computes it: by ONNX Runtime, on one thread.

    Args:
        content: An ONNX file.
        outputs: Names of its outputs, in the order of the signature.
    """

    def __init__(self, content: bytes, outputs: Sequence[str]) -> None:
        self.content = content
        self._outputs = list(outputs)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])

    def answer(self, inputs: Arrays) -> Arrays:
        """Its answers, by output name.

        Args:
            inputs: By input name, shape (rows, …).
        """
        return dict(zip(self._outputs, self._session.run(self._outputs, inputs), strict=True))


@dataclass(frozen=True)
class Quantized:
    """What became of an artifact whose `model.onnx` is quantized.

    Attributes:
        signature: With tolerances that hold for it.
        largest: By output name: the largest difference from the answers of the model in memory.
        int8_bytes: Length of `model.onnx`.
        fp32_bytes: Its length before.
    """

    signature: Signature
    largest: dict[str, float]
    int8_bytes: int
    fp32_bytes: int


def quantize(model: keras.Model, signature: Signature, rows: Arrays) -> Int8:
    """Quantize a model; the same model and rows give the same weights, scales and answers.

    Args:
        model: A Keras model with the inputs and outputs of the signature, in its order.
        signature: Names, order, dtypes and shapes.
        rows: The rows that scales are taken from, by input name. What lies beyond their range is cut off when the
            model is used, so all rows of the training part are worth their time; test rows have no place here.

    Raises:
        ExportError: If an operation has no form in ONNX, or no product would become int8.
    """
    with TemporaryDirectory() as name:
        folder = Path(name)
        onnx.save(onnx_graph(traced(model, signature), signature), folder / "fp32.onnx")
        _quantize(folder / "fp32.onnx", folder / "fused.onnx", folder / "int8.onnx", rows)
        return Int8((folder / "int8.onnx").read_bytes(), [output.name for output in signature.outputs])


def largest_differences(answers: Arrays, exact: Arrays) -> dict[str, float]:
    """By output name: the farthest that any number of one lies from that of the other."""
    return {name: float(np.abs(array.astype(float) - exact[name]).max()) for name, array in answers.items()}


def put_in_place(int8: Int8, signature: Signature, largest: dict[str, float], folder: Path) -> Quantized:
    """Let `model.onnx` of an artifact be the quantized model.

    Args:
        int8: The quantized model.
        signature: That of the model in memory.
        largest: Differences that were measured, by output name. An answer may lie one and a half times as far from
            that of the model in memory, rounded up to two digits, besides `rtol`; never less far than before.
        folder: What `write_model` has filled.

    Raises:
        ExportError: If an answer to the examples lies farther from that of the model in memory.
    """
    outputs = tuple(
        replace(one, atol=max(one.atol, _rounded_up(_MARGIN * largest[one.name]))) for one in signature.outputs
    )
    wider = replace(signature, outputs=outputs)
    fp32_bytes = (folder / "model.onnx").stat().st_size
    replace_onnx(int8.content, wider, folder)
    return Quantized(wider, largest, len(int8.content), fp32_bytes)


def _rounded_up(value: float) -> float:
    """Two significant digits, as they are written."""
    if not value:
        return 0.0
    digits = 1 - math.floor(math.log10(value))
    return round(float(math.ceil(value * 10.0**digits) / 10.0**digits), max(digits, 0))


def _quantize(source: Path, fused: Path, target: Path, rows: Arrays) -> None:
    from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    onnxruntime.set_default_logger_severity(4)
    # a product and the addition of its bias become one operation, of which there is a form in whole numbers
    quant_pre_process(source, fused, skip_symbolic_shape=True)
    graph = onnx.load(fused).graph
    last = _last_products(graph)
    if not any(node.op_type in _PRODUCTS and node.name not in last for node in graph.node):
        raise ExportError(
            "Expected products (dense layers, convolutions) with others behind them, which int8 would speed up. "
            "Received a model without."
        )
    quantize_static(
        fused,
        target,
        _Reader(rows),
        quant_format=QuantFormat.QDQ,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        per_channel=True,
        reduce_range=True,
        calibrate_method=CalibrationMethod.MinMax,
        op_types_to_quantize=[*_PRODUCTS, *_PASSING],
        nodes_to_exclude=sorted(last),
    )


def _last_products(graph: onnx.GraphProto) -> set[str]:
    """Names of the products behind which no other stands."""
    multiplied: set[str] = set()
    last: set[str] = set()
    for node in reversed(graph.node):  # nodes stand behind all that they read
        is_followed, is_product = bool(multiplied.intersection(node.output)), node.op_type in _PRODUCTS
        if is_product and not is_followed:
            last.add(node.name)
        if is_product or is_followed:
            multiplied.update(node.input)
    return last


class _Reader:
    """Hands rows out in blocks, as ONNX Runtime's calibration asks for them."""

    def __init__(self, rows: Arrays) -> None:
        self._blocks = self._cut(rows)

    def get_next(self) -> Arrays | None:
        """The next block; None at the end."""
        return next(self._blocks, None)

    @staticmethod
    def _cut(rows: Arrays) -> Iterator[Arrays]:
        for start in range(0, len(next(iter(rows.values()))), _CALIBRATION_ROWS):
            yield {name: array[start : start + _CALIBRATION_ROWS] for name, array in rows.items()}

"""One model in three formats, each read back and held against the model in memory.

    formats         write_model: model.keras, saved_model/, model.onnx, examples.npz, and the comparison
      ├─ onnx_graph     the traced function as ONNX, or the operation for which there is none
      │   └─ operations     what the converter lacks, said in ONNX
      └─ interface      names, order and nesting of a model's inputs and outputs
    int8            the ONNX graph in 8-bit whole numbers, put in the place of model.onnx where that is asked for

All formats give the answers in `examples.npz` within the signature's tolerances, or there is no artifact.
"""

from training.export.formats import write_model
from training.export.int8 import Int8, Quantized, largest_differences, put_in_place, quantize
from training.export.interface import Arrays, answer, input_names, output_names

__all__ = [
    "Arrays",
    "Int8",
    "Quantized",
    "answer",
    "input_names",
    "largest_differences",
    "output_names",
    "put_in_place",
    "quantize",
    "write_model",
]

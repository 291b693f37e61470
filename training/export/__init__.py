"""One model in three formats, each read back and held against the model in memory.

    formats         write_model: model.keras, saved_model/, model.onnx, examples.npz, and the comparison
      ├─ onnx_graph     the traced function as ONNX, or the operation for which there is none
      │   └─ operations     what the converter lacks, said in ONNX
      └─ interface      names, order and nesting of a model's inputs and outputs

All formats give the answers in `examples.npz`, or there is no artifact.
"""

from training.export.formats import write_model
from training.export.interface import Arrays, answer, input_names, output_names

__all__ = ["Arrays", "answer", "input_names", "output_names", "write_model"]

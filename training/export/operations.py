"""TensorFlow operations that the converter to ONNX does not know, said in operations of ONNX.

Importing this module registers them with tf2onnx.

    Erfc        1 - Erf(x)                            activation gelu
    Expm1       Exp(x) - 1                            activation celu
    Bucketize   how many of the boundaries are ≤ x    layer Discretization
    Resize…     to a size; the converter writes a factor, 7 / 12 say, which as a float32 makes 6 of 12
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import TensorProto
from tf2onnx import utils
from tf2onnx.handler import tf_op
from tf2onnx.onnx_opset import nn


@tf_op("Erfc")
class Erfc:
    """What the error function leaves to 1."""

    @classmethod
    def version_13(cls, graph: Any, node: Any, **_: Any) -> None:
        """Replace the node."""
        erf = graph.make_node("Erf", node.input).output[0]
        _replace(graph, node, "Sub", [_one(graph, node), erf])


@tf_op("Expm1")
class Expm1:
    """The exponential less one."""

    @classmethod
    def version_13(cls, graph: Any, node: Any, **_: Any) -> None:
        """Replace the node."""
        exponential = graph.make_node("Exp", node.input).output[0]
        _replace(graph, node, "Sub", [exponential, _one(graph, node)])


@tf_op("Bucketize")
class Bucketize:
    """The number of the bucket that each element falls into."""

    @classmethod
    def version_13(cls, graph: Any, node: Any, **_: Any) -> None:
        """Replace the node."""
        dtype = utils.map_onnx_to_numpy_type(graph.get_dtype(node.input[0]))
        boundaries = _constant(graph, np.asarray(node.get_attr("boundaries").floats, dtype))
        last = _constant(graph, np.asarray([-1], np.int64))
        column = graph.make_node("Unsqueeze", [node.input[0], last]).output[0]
        reached = graph.make_node("GreaterOrEqual", [column, boundaries]).output[0]
        counted = graph.make_node("Cast", [reached], attr={"to": TensorProto.INT32}).output[0]
        _replace(graph, node, "ReduceSum", [counted, last], {"keepdims": 0})


@tf_op(["ResizeBilinear", "ResizeNearestNeighbor", "ResizeBicubic"])
class Resize:
    """Pictures of another size."""

    @classmethod
    def version_18(cls, graph: Any, node: Any, **_: Any) -> None:
        """Replace the node as the converter does where it does not know the size.

        A bicubic one is left as it is, which refuses it: ONNX Runtime weighs the neighbours in another way.
        """
        if node.type == "ResizeBicubic":
            return
        output, size = node.output[0], graph.make_node("Identity", [node.input[1]]).output[0]
        graph.replace_inputs(node, [node.input[0], size])
        nn.Resize.version_11(graph, node)
        resize = graph.get_node_by_output(output).inputs[0]
        if resize.get_attr_str("coordinate_transformation_mode") == "tf_half_pixel_for_nn":
            # its successor, which says the same of the nearest pixel
            resize.set_attr("coordinate_transformation_mode", "half_pixel")
            resize.set_attr("nearest_mode", "round_prefer_ceil")


def _one(graph: Any, node: Any) -> str:
    return _constant(graph, np.ones((), utils.map_onnx_to_numpy_type(graph.get_dtype(node.output[0]))))


def _constant(graph: Any, value: Any) -> str:
    name: str = graph.make_const(utils.make_name("constant"), value).output[0]
    return name


def _replace(graph: Any, node: Any, operation: str, inputs: Sequence[str], attr: dict[str, Any] | None = None) -> None:
    """Put `operation` in the node's place, under its name, with its outputs."""
    shapes, dtypes = node.output_shapes, node.output_dtypes
    graph.remove_node(node.name)
    graph.make_node(operation, inputs, attr=attr, name=node.name, outputs=node.output, shapes=shapes, dtypes=dtypes)

"""The traced function of a model as an ONNX graph, with the names and the order of its signature."""

import logging
import re
from collections.abc import Iterator
from typing import Any

import onnx
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from training.errors import ExportError
from training.signature import Signature

ONNX_OPSET = 18


def onnx_graph(serve: Any, signature: Signature) -> onnx.ModelProto:
    """Convert.

    Args:
        serve: A concrete function that takes the inputs as arguments by name and returns a dictionary by output name.
        signature: Names and order.

    Raises:
        ExportError: If ONNX has no form for an operation of the function; it is named.
    """
    import tf2onnx

    from training.export import operations  # noqa: F401  # importing it makes them known

    logging.getLogger("tf2onnx").setLevel(logging.CRITICAL)
    taken = serve.structured_input_signature[1]
    specs = [taken[tensor.name] for tensor in signature.inputs]
    proto: onnx.ModelProto
    proto, _ = tf2onnx.convert.from_function(_frozen(serve, signature), input_signature=specs, opset=ONNX_OPSET)
    _check_operations(proto)
    # The converter lists outputs by the alphabet, some without their lengths; engines hold both against the signature.
    datatypes = {output.name: output.type.tensor_type.elem_type for output in proto.graph.output}
    del proto.graph.output[:]
    proto.graph.output.extend(
        onnx.helper.make_tensor_value_info(output.name, datatypes[output.name], [None, *output.shape])
        for output in signature.outputs
    )
    try:
        onnx.checker.check_model(proto, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise refused_operation(error) from error
    return proto


def refused_operation(error: Exception) -> ExportError:
    """The sentence for an operation that ONNX has, but ONNX Runtime not, or not for the datatypes at hand."""
    text = " ".join(str(error).split())
    operation = re.search(r"(?:op_type:|implementation for |while running )(\w+)", text)
    datatype = re.search(r"type:? (tensor\(\w+\))", text)
    name = operation[1] if operation else text[:300]
    return ExportError(
        "Expected operations that ONNX Runtime has for their datatypes. Received "
        f"{name}{f' of {datatype[1]}' if datatype else ''}."
    )


def _frozen(serve: Any, signature: Signature) -> Any:
    """The function of unnamed arguments, with all that it captures made constant.

    Variables alone would not do: the converter takes other tensors that a function captures, such as the statistics
    of a Normalization layer, for inputs.
    """
    frozen = convert_variables_to_constants_v2(serve, lower_control_flow=False, aggressive_inlining=True)
    resources = {tensor.op.name for tensor in frozen.inputs if tensor.dtype == tf.resource}
    if resources:
        users = {op.type for op in frozen.graph.get_operations() if {x.op.name for x in op.inputs} & resources}
        raise _missing(users)
    outputs = sorted(serve.structured_outputs)

    def unnamed(*inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        named = {tensor.name: value for tensor, value in zip(signature.inputs, inputs, strict=True)}
        return dict(zip(outputs, frozen(**named), strict=True))

    return tf.function(unnamed)


def _missing(operations: set[str]) -> ExportError:
    return ExportError(f"Expected operations that ONNX has. Received {', '.join(sorted(operations))}.")


def _check_operations(proto: onnx.ModelProto) -> None:
    """The converter leaves what it does not know as it is."""
    unknown = {node.op_type for node in _nodes(proto.graph) if not onnx.defs.has(node.op_type, node.domain)}
    if unknown:
        raise _missing(unknown)


def _nodes(graph: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    """All nodes, those of loops and branches too."""
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                yield from _nodes(attribute.g)

"""TensorFlow Serving's REST classify and regress.

References:
    TensorFlow Serving, *RESTful API*, https://www.tensorflow.org/tfx/serving/api_rest (2024).
    ``tensorflow_serving/servables/tensorflow/classifier.cc`` and ``regressor.cc``, for the texts of their errors.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import orjson
import simdjson

from service.errors import MalformedRequest, WrongType
from service.interface import Interface
from service.json_tensor import parse
from service.protocols.tfserving_faults import check_signature, compact, keys_of, signature_name
from service.protocols.tfserving_features import ExampleReader, feature_fault
from service.request import Answer, InferRequest, InferResult
from service.signature import LabelResult, ThresholdResult


class ExampleCall(ABC):
    """A call that takes examples and answers from one output.

    Attributes:
        verb: Its name in the path.
        task: The task of the models that it is for.
    """

    verb: ClassVar[str]
    task: ClassVar[str]

    def decode(self, body: bytes, model: Interface, headers: Mapping[bytes, bytes] = {}) -> InferRequest:
        """Read the body of a call, whatever its headers say of it.

        Raises:
            BadInput: In TensorFlow Serving's words, where it has any, naming example and feature; also if the model
                is for another task.
            TooLarge: More examples than allowed.
            Unsupported: Half precision, which has no JSON form.
        """
        document = parse(body)
        document.reword = feature_fault
        keys = keys_of(document.root)
        named = signature_name(document.root) if "signature_name" in keys else ""
        self._check_task(model)
        output = self._output(model, named)
        reader = ExampleReader(document, model)
        context = reader.features(document.root["context"], "context") if "context" in keys else {}
        entries = self._entries(document.root, keys)
        model.check_rows(len(entries))
        inputs = reader.read(entries, context)
        document.settle()
        return InferRequest(inputs, len(entries), (output,), form=self.verb)

    def encode(self, request: InferRequest, result: InferResult, model: Interface) -> Answer:
        """Write the answer: one result an example, scores and values as floats in their shortest form."""
        values = result.outputs[request.outputs[0]].reshape(request.rows, -1)
        if values.dtype.kind != "f":
            values = values.astype(np.float32)
        return Answer(orjson.dumps({"results": self._results(values, model)}, option=orjson.OPT_SERIALIZE_NUMPY))

    def _check_task(self, model: Interface) -> None:
        task = model.signature.task
        if task != self.task:
            raise MalformedRequest(
                f"Expected {self.task} signature method_name to be tensorflow/serving/{self.verb}. "
                f"Was: tensorflow/serving/predict, of a model for {task}"
            )

    def _entries(self, root: Any, keys: Sequence[str]) -> Any:
        if "examples" not in keys:
            raise MalformedRequest(f"When method is {self.verb}, key 'examples' is expected and was not found")
        entries = root["examples"]
        if not isinstance(entries, simdjson.Array):
            raise WrongType("Expecting 'examples' value to be an list/array")
        if not len(entries):
            raise MalformedRequest("'examples' value is an empty array")
        return entries

    @abstractmethod
    def _output(self, model: Interface, signature: str) -> str:
        """The output that answers."""

    @abstractmethod
    def _results(self, values: np.ndarray, model: Interface) -> Any:
        """What is answered to the output's rows, shape [rows, size]."""


class Classify(ExampleCall):
    """All classes of each example with their scores, in the model's order."""

    verb = "classify"
    task = "classification"

    def _output(self, model: Interface, signature: str) -> str:
        check_signature(signature)
        entry = _classes_of(model)
        return entry.output if entry else model.output_names[0]

    def _results(self, values: np.ndarray, model: Interface) -> Any:
        entry = _classes_of(model)
        labels = [str(index) for index in range(values.shape[1])]
        if isinstance(entry, LabelResult):
            labels = [str(label) for label in entry.labels]
        elif entry is not None and values.shape[1] == 1 and 0 < entry.threshold < 1:
            labels = ["0", "1"]  # a probability: TensorFlow's binary heads name the two classes so
            values = np.concatenate([1 - values, values], axis=1)
        return [list(zip(labels, row, strict=True)) for row in values]


def _classes_of(model: Interface) -> LabelResult | ThresholdResult | None:
    """The key of the model's answer that tells its class."""
    for kind in (LabelResult, ThresholdResult):
        for entry in model.signature.result:
            if isinstance(entry, kind):
                return entry
    return None


class Regress(ExampleCall):
    """One number for each example; ``signature_name`` may name the output that gives it."""

    verb = "regress"
    task = "regression"

    def _output(self, model: Interface, signature: str) -> str:
        names: Sequence[str] = (signature,)
        if signature not in model.outputs:
            check_signature(signature)
            names = model.output_names
        for name in names:
            if model.outputs[name].size == 1:
                return name
        shapes = ", ".join(f"{name} {compact([-1, *model.outputs[name].shape])}" for name in names)
        raise MalformedRequest(
            f"Expected output Tensor shape to be either [batch_size] or [batch_size, 1] but got {shapes}"
        )

    def _results(self, values: np.ndarray, model: Interface) -> Any:
        return np.ascontiguousarray(values[:, 0])


CLASSIFY = Classify()
REGRESS = Regress()

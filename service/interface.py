"""A model's interface, compiled from its signature once at load for use in every request."""

from __future__ import annotations

from service.errors import TooLarge
from service.records import RecordCodec
from service.signature import Signature
from service.templates import Templates
from service.tensors import bounds_of


class Interface:
    """What a dialect may know of a model.

    Attributes:
        name: The model's name.
        version: The version.
        inputs: Input tensors by name, in order.
        outputs: Output tensors by name, in order.
        bounds: Declared ranges by input name, where there are any.
        records: The record form; None for a model without fields.
        max_rows: Most rows in one request.
        templates: What its clients' requests have in common.
    """

    def __init__(self, signature: Signature, version: int, max_rows: int) -> None:
        self.name = signature.name
        self.version = version
        self.signature = signature
        self.inputs = {tensor.name: tensor for tensor in signature.inputs}
        self.outputs = {tensor.name: tensor for tensor in signature.outputs}
        self.output_names = tuple(self.outputs)
        self.bounds = bounds_of(signature)
        self.records = RecordCodec(signature) if signature.fields else None
        self.max_rows = max_rows
        self.templates = Templates()

    def check_rows(self, rows: int) -> None:
        """Refuse a request with more rows than allowed, before its numbers are read.

        Raises:
            TooLarge: It has.
        """
        if rows > self.max_rows:
            raise TooLarge(f"Expected at most {self.max_rows} rows. Received {rows}.")

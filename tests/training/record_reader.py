"""A second reading of `docs/artifact.md`, written without the code under test: records to tensors."""

import base64
import io
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

DTYPES = {"FP32": np.float32, "UINT8": np.uint8}


def read_records(signature: dict[str, Any], records: list[dict[str, Any]]) -> dict[str, NDArray[Any]]:
    """Encode records as the page says, with the parsed content of `signature.json`.

    Returns:
        By input name, shape (records, *shape of the input).
    """
    tensors = {}
    for tensor in signature["inputs"]:
        rows = [_row(signature, tensor, record) for record in records]
        tensors[tensor["name"]] = np.stack(rows).reshape(len(records), *tensor["shape"])
    return tensors


def _row(signature: dict[str, Any], tensor: dict[str, Any], record: dict[str, Any]) -> NDArray[Any]:
    row = np.full(int(np.prod(tensor["shape"])), 255, DTYPES[tensor["dtype"]])
    for field in signature["fields"]:
        value = record.get(field["name"], field["default"])
        for place in field["fills"]:
            if place["input"] == tensor["name"]:
                where = slice(None) if place["index"] is None else place["index"]
                row[where] = _value(field, value)
    return row


def _value(field: dict[str, Any], value: Any) -> Any:
    match field["kind"]:
        case "number":
            assert field["minimum"] <= value <= field["maximum"]
            return value
        case "category":
            return field["vocabulary"].index(value)
        case "time":
            hours, minutes = value.split(":")
            return int(hours) * 60 + int(minutes)
        case "date":
            assert field["minimum"] <= value <= field["maximum"]
            return (date.fromisoformat(value) - date(1970, 1, 1)).days
        case "image":
            picture = Image.open(io.BytesIO(base64.b64decode(value, validate=True)))
            assert (picture.format, picture.mode) == ("PNG", "L")
            assert picture.size == (field["width"], field["height"])
            return np.asarray(picture).ravel()
        case kind:
            raise AssertionError(kind)

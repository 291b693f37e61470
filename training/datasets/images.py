"""What the two image data sets share: the tensor, the record of an image, and its PNG."""

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from training.datasets.checksum import read_verified
from training.datasets.dataset import Record, Rows
from training.datasets.idx import parse_idx
from training.signature import Image, Label, Output, Place, Signature, Tensor, Values

SIDE = 28


def read_images(data_dir: Path, stem: str, files: dict[str, str]) -> Rows:
    """Read the pair of IDX files `STEM-images-idx3-ubyte.gz` and `STEM-labels-idx1-ubyte.gz`.

    Returns:
        `image`: uint8, shape (rows, 28, 28), 0-255. `probabilities`: int32 class numbers, shape (rows,).

    Raises:
        DataError: If a file is missing or damaged.
    """
    arrays: list[NDArray[Any]] = []
    for part in ("images-idx3", "labels-idx1"):
        path = f"{stem}-{part}-ubyte.gz"
        arrays.append(parse_idx(read_verified(data_dir, path, files), path))
    return Rows({"image": arrays[0]}, {"probabilities": arrays[1].astype(np.int32)})


def image_record(pixels: NDArray[np.uint8]) -> Record:
    """A record carrying the image as base64 of an 8-bit grey PNG, which loses nothing.

    Args:
        pixels: uint8, shape (28, 28), 0-255.
    """
    buffer = io.BytesIO()
    Pillow.fromarray(pixels).save(buffer, format="PNG", optimize=True)
    return {"image": base64.b64encode(buffer.getvalue()).decode("ascii")}


def image_signature(name: str, subject: str, answer: str, labels: tuple[str, ...] | tuple[int, ...]) -> Signature:
    """Signature of a classifier of 28x28 grey images into ten classes.

    Args:
        name: Name of the model.
        subject: What the image shows, for the descriptions.
        answer: Key of the label in the answer.
        labels: The ten labels, in order of the class number.
    """
    picture = f"{subject}, light on black, as raw grey levels 0-255."
    return Signature(
        name=name,
        task="classification",
        inputs=(Tensor(name="image", dtype="UINT8", shape=(SIDE, SIDE), description=picture),),
        outputs=(
            Output(
                name="probabilities",
                dtype="FP32",
                shape=(len(labels),),
                description="Probability of each class, in order of the labels; they add up to 1.",
                rtol=1e-4,
                atol=1e-5,
            ),
        ),
        fields=(Image(name="image", description=picture, fills=(Place("image", None),), height=SIDE, width=SIDE),),
        result=(
            Label(name=answer, description="The most probable class.", output="probabilities", labels=labels),
            Values(name="probabilities", description="Probability of each class.", output="probabilities"),
        ),
    )

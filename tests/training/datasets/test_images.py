"""`training.datasets.images`."""

import numpy as np

from tests.training.record_reader import read_records
from training.datasets.images import image_record, image_signature


def test_png_loses_nothing() -> None:
    """An image survives the way through its record, every grey level of it."""
    pixels = np.random.default_rng(0).integers(0, 256, (28, 28), dtype=np.uint8)
    signature = image_signature("a", "A thing", "thing", tuple(range(10)))
    read = read_records(signature.as_dict(), [image_record(pixels)])
    assert np.array_equal(read["image"][0], pixels)


def test_as_many_probabilities_as_labels() -> None:
    """The output has one place per label."""
    signature = image_signature("a", "A thing", "thing", ("x", "y", "z"))
    assert signature.outputs[0].shape == (3,)

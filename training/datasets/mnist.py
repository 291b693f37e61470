"""MNIST: 70,000 handwritten digits, 28x28 grey.

References:
    LeCun, Cortes, Burges: *The MNIST database of handwritten digits*,
    http://yann.lecun.com/exdb/mnist/, 1998. Licence CC BY-SA 3.0.
"""

from pathlib import Path

from training.datasets.dataset import Dataset, example_positions
from training.datasets.images import image_record, image_signature, read_images

VALIDATION_ROWS = 5_000

SIGNATURE = image_signature("mnist", "A handwritten digit", "digit", tuple(range(10)))

ABOUT = (
    "MNIST handwritten digits (LeCun, Cortes, Burges; CC BY-SA 3.0): the 60,000 training images, of which the "
    "last 5,000 may be kept aside for validation, and the 10,000 test images of the published split."
)

INTENDED_USE = (
    "Reading single handwritten digits that were cut out, centred and scaled as those of MNIST; learning and teaching; "
    "comparing architectures and servers on a task that everybody knows."
)

LIMITS = (
    "Knows single digits, centred, light on black, written by American clerks and pupils around 1990. Any other "
    "picture gets a digit all the same, often with a high probability."
)


def load(data_dir: Path) -> Dataset:
    """Load MNIST with its published split; the last 5,000 training images are the validation rows.

    Args:
        data_dir: The folder that holds `mnist/` and `SHA256SUMS`.

    Raises:
        DataError: If a file is missing or damaged.
    """
    files: dict[str, str] = {}
    train = read_images(data_dir, "mnist/train", files)
    test = read_images(data_dir, "mnist/t10k", files)
    examples = test.take(example_positions(len(test)))
    return Dataset(
        signature=SIGNATURE,
        train=train.take(slice(None, -VALIDATION_ROWS)),
        validation=train.take(slice(-VALIDATION_ROWS, None)),
        test=test,
        examples=examples,
        records=[image_record(pixels) for pixels in examples.inputs["image"]],
        files=files,
        about=ABOUT,
        intended_use=INTENDED_USE,
        limits=LIMITS,
    )

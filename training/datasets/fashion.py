"""The 10,000 images of the Fashion-MNIST test set, split 8,000/2,000.

The published tutorial reads a CSV of this size and splits it so; there is no further test set here.

References:
    Xiao, Rasul, Vollgraf: *Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning
    Algorithms*, https://arxiv.org/abs/1708.07747, 2017. Licence MIT.
"""

from pathlib import Path

from training.datasets.dataset import Dataset, example_positions
from training.datasets.images import image_record, image_signature, read_images

TRAIN_ROWS = 8_000
VALIDATION_ROWS = 1_000

LABELS = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)

SIGNATURE = image_signature("fashion", "An article of clothing", "garment", LABELS)

ABOUT = (
    "The 10,000 images of the Fashion-MNIST test set (Zalando Research; MIT licence): the first 8,000 train, "
    "of which the last 1,000 may be kept aside for validation; the last 2,000 are the test rows. "
    "The numbers cannot be compared with those of models trained on the 60,000 images of the full set."
)

INTENDED_USE = (
    "Telling ten kinds of garments apart in small catalogue pictures; learning and teaching; comparing architectures "
    "on a task that is harder than digits."
)

LIMITS = (
    "Knows ten kinds of garments in catalogue pictures, light on black. Any other picture gets one of the ten all "
    "the same, often with a high probability."
)


def load(data_dir: Path) -> Dataset:
    """Load the images and split them in file order, which is random.

    Args:
        data_dir: The folder that holds `fashion-mnist/` and `SHA256SUMS`.

    Raises:
        DataError: If a file is missing or damaged.
    """
    files: dict[str, str] = {}
    rows = read_images(data_dir, "fashion-mnist/t10k", files)
    test = rows.take(slice(TRAIN_ROWS, None))
    examples = test.take(example_positions(len(test)))
    return Dataset(
        signature=SIGNATURE,
        train=rows.take(slice(None, TRAIN_ROWS - VALIDATION_ROWS)),
        validation=rows.take(slice(TRAIN_ROWS - VALIDATION_ROWS, TRAIN_ROWS)),
        test=test,
        examples=examples,
        records=[image_record(pixels) for pixels in examples.inputs["image"]],
        files=files,
        about=ABOUT,
        intended_use=INTENDED_USE,
        limits=LIMITS,
    )

"""The frozen configuration of a training run. Knows no framework, so that the command line starts at once."""

from dataclasses import asdict, dataclass
from typing import Literal

from training.errors import TrainingError

Precision = Literal["fp32", "int8"]
"""What the CPU engine computes products in."""

MEASURED = ("result", "quality", "parameters", "seconds")
"""Attributes of a configuration that tell what a run of it gave; they decide nothing."""


@dataclass(frozen=True, kw_only=True)
class Bound:
    """One condition of a gate: a metric against a number or against another metric.

    Attributes:
        metric: Key of `metrics.json`.
        at_least: The metric must not be smaller than this.
        at_most: The metric must not be larger than this.
        at_most_metric: The metric must not be larger than the metric of this key.
    """

    metric: str
    at_least: float | None = None
    at_most: float | None = None
    at_most_metric: str | None = None


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """How images are moved at random in training, each anew in every epoch; what moves in from outside is black.

    Attributes:
        shift_px: Farthest shift along either axis, in pixels.
        rotation_degrees: Largest turn either way.
        zoom: Largest share by which either axis is stretched or shrunk.
        shear: Largest shift of a row by its distance from the middle, in pixels per pixel.
    """

    shift_px: float
    rotation_degrees: float
    zoom: float
    shear: float


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """Everything that decides a training run. The same configuration and seed give the same weights.

    Attributes:
        name: Data set, and the name under which the default preset is stored.
        preset: Name of the architecture among the presets of `name`.
        description: One or two sentences: what the model is.
        result: The measured result in a sentence, with the command that gives it.
        quality: The same, as short as a table wants it.
        parameters: Weights of the model, those that are not trained included.
        seconds: What the training took on two CPU cores, with everything before and after it.
        inputs: Input tensors of the data set that the model takes; empty: all.
        outputs: Output tensors of the data set that the model answers; empty: all.
        architecture: `module:function` under `training.architectures` that builds the model.
        hidden: Units of the hidden layers, or filters of the convolutions, first to last.
        activations: Activation of each hidden layer.
        dropout: Share of each hidden layer's outputs dropped in training, 0 to 1; of a convolutional net, that of
            the last one's.
        weather_noise: Deviation of the noise added to standardised weather in training, 0 to 1.
        day_noise: Deviation of the noise added to the day in training, in days, 0 to 8; 0: days have no names, only
            their season and weekday are seen.
        day_dropout: Share of rows whose day is hidden in training, season and weekday excepted, 0 to 1.
        loss: Name of the Keras loss, the same for every output.
        loss_label: What the loss is called on the curves, with its unit.
        loss_weights: Weight of each target's loss; empty: 1 for each. An interval weighs as much as its answer.
        metric: Name of the Keras metric shown while training, for all outputs but intervals.
        metric_label: What the metric is called on the curves, with its unit.
        optimizer: Name of the Keras optimizer.
        learning_rate: Step size at the start.
        warmup: Share of all steps in which the step size rises from a twentieth to its full size.
        cosine_decay: Whether the step size falls to zero over the run, along half a cosine.
        batch_rows: Rows per optimizer step, over all devices together.
        epochs: Most passes over the training rows.
        keep_best: Whether the weights of the epoch with the smallest loss on the validation rows are kept, instead
            of the last epoch's.
        patience: Epochs without a smaller loss on the validation rows after which training stops; 0: it never does.
        augmentation: How images are moved in training; None: not at all.
        mixed_precision: Whether layers compute in float16 on a GPU, in bfloat16 elsewhere; weights stay float32.
        precision: What `model.onnx` computes in: float32, or 8-bit whole numbers where that is enough. Training, and
            every other format, is float32 either way.
        hold_out_validation: Whether validation rows are kept out of training. If not, the
            curves are drawn against the test rows, and nothing may be chosen by them.
        gate: Conditions that the model must meet to be stored.
        target: Conditions that we aim for; a model that misses one is stored, and its card says so.
        seed: Seed of weights, shuffling and dropout.
    """

    name: str
    preset: str
    description: str
    result: str
    quality: str
    parameters: int
    seconds: int
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    architecture: str
    hidden: tuple[int, ...]
    activations: tuple[str, ...]
    dropout: float = 0.0
    weather_noise: float = 0.0
    day_noise: float = 0.0
    day_dropout: float = 0.0
    loss: str
    loss_label: str
    loss_weights: tuple[float, ...] = ()
    metric: str
    metric_label: str
    optimizer: str = "adam"
    learning_rate: float
    warmup: float = 0.0
    cosine_decay: bool = False
    batch_rows: int
    epochs: int
    keep_best: bool = False
    patience: int = 0
    augmentation: Augmentation | None = None
    mixed_precision: bool = False
    precision: Precision = "fp32"
    hold_out_validation: bool = True
    gate: tuple[Bound, ...]
    target: tuple[Bound, ...] = ()
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what could only fail later.

        Raises:
            TrainingError: If the layers do not match or a count is not positive.
        """
        if len(self.hidden) != len(self.activations):
            raise TrainingError(
                f"Expected one activation per hidden layer. Received {len(self.hidden)} layers and "
                f"{len(self.activations)} activations."
            )
        if self.epochs < 1:
            raise TrainingError(f"Expected at least 1 epoch. Received {self.epochs}.")
        if (self.keep_best or self.patience) and not self.hold_out_validation:
            raise TrainingError("Expected validation rows to choose an epoch by. Received hold_out_validation=False.")
        if not 0 <= self.seed < 2**32:
            raise TrainingError(f"Expected a seed from 0 to 4294967295. Received {self.seed}.")

    @property
    def watched(self) -> str:
        """Which rows the curves are drawn against."""
        return "validation" if self.hold_out_validation else "test"

    def as_dict(self) -> dict[str, object]:
        """What decides the run, as JSON-compatible values, for the manifest; what a preset once measured does not."""
        return {key: value for key, value in asdict(self).items() if key not in MEASURED}

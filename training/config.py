"""The frozen configuration of a training run. Knows no framework, so that the command line starts at once."""

from dataclasses import asdict, dataclass

from training.errors import TrainingError


@dataclass(frozen=True, kw_only=True)
class Bound:
    """One condition of a gate: a metric against a number or against another metric.

    Attributes:
        metric: Key of `metrics.json`.
        at_least: The metric must not be smaller than this.
        at_most_metric: The metric must not be larger than the metric of this key.
    """

    metric: str
    at_least: float | None = None
    at_most_metric: str | None = None


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """Everything that decides a training run. The same configuration and seed give the same weights.

    Attributes:
        name: Data set, and the name under which the default preset is stored.
        preset: Name of the architecture among the presets of `name`.
        description: One or two sentences: what the model is.
        result: The measured result, and the command that gives it.
        architecture: `module:function` under `training.architectures` that builds the model.
        hidden: Units of the hidden layers, first to last.
        activations: Activation of each hidden layer.
        dropout: Share of each hidden layer's outputs dropped in training, 0 to 1.
        weather_noise: Deviation of the noise added to standardised weather in training, 0 to 1.
        loss: Name of the Keras loss, the same for every output.
        loss_label: What the loss is called on the curves, with its unit.
        loss_weights: Weight of each output's loss; empty: 1 for each.
        metric: Name of the Keras metric shown while training.
        metric_label: What the metric is called on the curves, with its unit.
        optimizer: Name of the Keras optimizer.
        learning_rate: Step size at the start.
        cosine_decay: Whether the step size falls to zero over the run, along half a cosine.
        batch_rows: Rows per optimizer step.
        epochs: Passes over the training rows.
        hold_out_validation: Whether validation rows are kept out of training. If not, the
            curves are drawn against the test rows, and nothing may be chosen by them.
        gate: Conditions that the model must meet to be stored.
        seed: Seed of weights, shuffling and dropout.
    """

    name: str
    preset: str
    description: str
    result: str
    architecture: str
    hidden: tuple[int, ...]
    activations: tuple[str, ...]
    dropout: float = 0.0
    weather_noise: float = 0.0
    loss: str
    loss_label: str
    loss_weights: tuple[float, ...] = ()
    metric: str
    metric_label: str
    optimizer: str = "adam"
    learning_rate: float
    cosine_decay: bool = False
    batch_rows: int
    epochs: int
    hold_out_validation: bool = True
    gate: tuple[Bound, ...]
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
        if not 0 <= self.seed < 2**32:
            raise TrainingError(f"Expected a seed from 0 to 4294967295. Received {self.seed}.")

    @property
    def watched(self) -> str:
        """Which rows the curves are drawn against."""
        return "validation" if self.hold_out_validation else "test"

    def as_dict(self) -> dict[str, object]:
        """What decides the run, as JSON-compatible values, for the manifest; the preset's own result does not."""
        return {key: value for key, value in asdict(self).items() if key != "result"}

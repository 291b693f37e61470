"""What every preset of a model must be."""

import re

from training import fit
from training.config import Bound, TrainingConfig
from training.datasets.dataset import Dataset


def check(config: TrainingConfig, dataset: Dataset) -> None:
    """The parameters it tells are those of its model; what it measured is told; its target is not below its gate."""
    if config.inputs or config.outputs:
        outputs = config.outputs or tuple(output.name for output in dataset.signature.outputs)
        dataset = dataset.select(config.inputs or tuple(tensor.name for tensor in dataset.signature.inputs), outputs)
    assert fit.build(config, dataset).count_params() == config.parameters
    assert re.search(r"\d", config.quality)
    assert config.seconds > 0
    gate = {bound.metric: bound for bound in config.gate}
    for bound in config.target:
        assert _is_as_strict(bound, gate[bound.metric])


def _is_as_strict(target: Bound, gate: Bound) -> bool:
    if target.at_least is not None and gate.at_least is not None and target.at_least < gate.at_least:
        return False
    return not (target.at_most is not None and gate.at_most is not None and target.at_most > gate.at_most)

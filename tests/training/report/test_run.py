"""`training.report.run`."""

from training.datasets.dataset import Dataset
from training.report.run import Run


def test_labels_of_classifiers(runs: dict[str, Run]) -> None:
    """By class number; a model that answers yes or no, or numbers, has none."""
    assert runs["mnist"].labels == tuple(range(10))
    assert runs["fashion"].labels[9] == "Ankle boot"
    assert runs["xor"].labels == runs["flights"].labels == ()


def test_units_are_those_of_the_targets(runs: dict[str, Run], small_datasets: dict[str, Dataset]) -> None:
    """A regressor's targets have units, the ends of their intervals are no targets; a classifier has none."""
    assert runs["flights"].units == {"arrival_delay": "min", "air_time": "min"}
    assert runs["flights"].units.keys() == small_datasets["flights"].test.targets.keys()
    assert runs["xor"].units == runs["mnist"].units == {}

"""`training.fitting.epochs`. That epochs begin anywhere with the same rows is asserted in `test_inputs`."""

import pytest
import tensorflow as tf

from tests.training.small_run import CONFIG, build, dataset
from training.fitting import epochs as module
from training.fitting.epochs import Epochs


@pytest.mark.parametrize(
    ("call_s", "told"),
    [(0.001, [[0, 2, 5], [5], [5]]), (0.04, [[0, 1, 2, 3, 4, 5]] * 3)],
)
def test_calls_grow_while_they_are_short(monkeypatch: pytest.MonkeyPatch, call_s: float, told: list[list[int]]) -> None:
    """Quick steps are done in ever larger calls, slow ones one at a time; every epoch has all of its six."""
    clock = iter(range(1000))
    monkeypatch.setattr(module.time, "monotonic", lambda: call_s * next(clock))
    epochs = Epochs(build(), tf.distribute.get_strategy(), CONFIG, dataset())
    epochs.start(0)
    seen: list[list[int]] = []
    for _ in told:
        seen.append([])
        epochs.run(seen[-1].append)
    assert seen == told
    assert epochs.steps == 6

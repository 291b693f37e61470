"""`training.fitting.steps`; several devices are held against one in `test_distribution`."""

from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.training.small_run import CONFIG, build, dataset, same
from training.fitting.inputs import Shares, training_batches, watched_batches
from training.fitting.steps import Steps

STILL = replace(CONFIG, augmentation=None)


def _steps(model: keras.Model) -> Steps:
    steps = Steps(model, tf.distribute.get_strategy())
    steps.build(dataset().train)
    return steps


def test_a_step_is_keras_own() -> None:
    """An epoch gives, bit for bit, the weights of Keras' own `train_on_batch`, dropout and normalisation included."""
    ours, theirs, rows = build(), build(), dataset().train
    steps = _steps(ours)
    steps.train(iter(training_batches(ours, rows, STILL, 0, Shares())), tf.constant(6))
    for (images,), (labels,), _ in training_batches(theirs, rows, STILL, 0, Shares()).take(6):
        theirs.train_on_batch(images, labels)
    assert same(ours, theirs)
    assert not same(ours, build())


def test_measures_are_keras_own() -> None:
    """Loss and metrics are those of Keras' `evaluate`, under its names, and begin anew at every call."""
    model, rows = build(), dataset().validation
    steps = _steps(model)
    expected = model.evaluate(rows.inputs["image"], [rows.targets["probabilities"]], return_dict=True, verbose=0)
    batches = iter(watched_batches(model, rows, Shares()))
    for _ in range(2):
        model.reset_metrics()
        steps.watch(batches, tf.constant(1))
        assert steps.measures() == pytest.approx(expected, rel=1e-5)


def test_the_cut_into_calls_changes_nothing() -> None:
    """Six steps in one call give the weights of six calls, bit for bit."""
    models = [build(), build()]
    for model, calls in zip(models, ([6], [1, 2, 3]), strict=True):
        steps, batches = _steps(model), iter(training_batches(model, dataset().train, CONFIG, 0, Shares()))
        for count in calls:
            steps.train(batches, tf.constant(count))
    assert same(*models)


def test_a_share_weighs_by_its_rows() -> None:
    """A step on a share of weight 2 goes twice as far as on one of weight 1, if gradients are steps."""
    moved = []
    for weight in (1.0, 2.0):
        model = build(plain=True)
        model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy")
        before = model.layers[-1].get_weights()[0]
        rows = dataset().train.take(slice(8))
        batch = ((rows.inputs["image"],), (rows.targets["probabilities"],), np.float32(weight))
        steps = _steps(model)
        steps.train(iter(tf.data.Dataset.from_tensors(batch)), tf.constant(1))
        moved.append(model.layers[-1].get_weights()[0] - before)
    assert np.allclose(moved[1], 2 * moved[0], rtol=1e-3, atol=1e-6)

"""Mixed precision: layers compute in 16 bits, weights and optimizer stay in 32."""

from collections.abc import Iterator
from contextlib import contextmanager

import keras
import tensorflow as tf

from training.config import TrainingConfig
from training.machine import Machine


@contextmanager
def compute_dtype(config: TrainingConfig, machine: Machine) -> Iterator[None]:
    """Models built inside compute as the configuration says; afterwards all is as it was.

    float16 is what every GPU with tensor cores is fast in, and needs its loss scaled. Keras decides on the scale by the
    gradients of one device, before they are summed, so several devices use bfloat16, which needs none.

    References:
        Micikevicius et al.: *Mixed Precision Training*, https://arxiv.org/abs/1710.03740, 2018.
    """
    former = keras.config.dtype_policy()
    if config.mixed_precision:
        alone_on_gpu = _on_gpu(machine.device) and machine.distribute == "none"
        keras.config.set_dtype_policy("mixed_float16" if alone_on_gpu else "mixed_bfloat16")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(former)


def _on_gpu(device: str | None) -> bool:
    return device.lower().startswith("gpu") if device else bool(tf.config.list_logical_devices("GPU"))

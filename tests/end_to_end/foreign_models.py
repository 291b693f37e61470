"""Trains nothing and saves four models that no preset makes, with rows and what `model(x)` answers to them.

    python -m tests.end_to_end.foreign_models FOLDER

A script of its own, as somebody elsewhere would have: it imports Keras and nothing of this project. Beside each
`NAME.keras` it writes `NAME.npz`, arrays `inputs/…` and `outputs/…` by the names that a client will use.
"""

import sys
from pathlib import Path

import keras
import numpy as np
from keras import Input, layers

ROWS = 10


def grey() -> keras.Model:
    """Sequential and convolutional: grey pictures into four classes."""
    return keras.Sequential(
        [
            Input((16, 16, 1), dtype="uint8", name="picture"),
            layers.Rescaling(1 / 255),
            layers.Conv2D(6, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(4, activation="softmax", name="classes"),
        ]
    )


def shop() -> keras.Model:
    """Functional, three inputs and two outputs in dictionaries, neither by the alphabet; adapted statistics."""
    numbers = Input((3,), name="numbers")
    weekday = Input((1,), name="weekday", dtype="int32")
    photo = Input((6, 6, 2), name="photo")
    normalization = layers.Normalization()
    normalization.adapt(np.random.default_rng(1).normal(50, 20, (30, 3)).astype(np.float32))
    seen = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3)(photo))
    day = layers.Flatten()(layers.Embedding(7, 2)(weekday))
    joined = layers.Dense(8, activation="tanh")(layers.Concatenate()([normalization(numbers), day, seen]))
    return keras.Model(
        {"numbers": numbers, "weekday": weekday, "photo": photo},
        {"price": layers.Dense(1)(joined), "demand": layers.Dense(2)(joined)},
    )


def words() -> keras.Model:
    """Whole-number ids of words, an embedding with a mask, a recurrent layer; built by its first call."""
    model = keras.Sequential(
        [layers.Embedding(200, 8, mask_zero=True), layers.LSTM(5), layers.Dense(1, activation="sigmoid", name="mood")]
    )
    model(np.ones((2, 12), np.int32))
    return model


def code() -> keras.Model:
    """A layer that holds Python code."""
    return keras.Sequential([Input((3,)), layers.Lambda(lambda x: x + 1)])


def inputs(name: str) -> dict[str, np.ndarray]:
    """Rows for a model."""
    random = np.random.default_rng(0)
    if name == "grey":
        return {"picture": random.integers(0, 256, (ROWS, 16, 16, 1)).astype(np.uint8)}
    if name == "words":
        return {"input_layer": random.integers(0, 200, (ROWS, 12)).astype(np.float32)}
    return {
        "numbers": random.normal(50, 20, (ROWS, 3)).astype(np.float32),
        "weekday": random.integers(0, 7, (ROWS, 1)).astype(np.int32),
        "photo": random.normal(size=(ROWS, 6, 6, 2)).astype(np.float32),
    }


def main(folder: Path) -> None:
    """Save them all."""
    keras.utils.set_random_seed(0)
    for make, output in ((grey, "classes"), (words, "mood"), (shop, ""), (code, None)):
        model, name = make(), make.__name__
        model.save(folder / f"{name}.keras")
        if output is None:
            continue
        rows = inputs(name)
        answers = model(rows if len(rows) > 1 else next(iter(rows.values())))
        named = answers if isinstance(answers, dict) else {output: answers}
        arrays = {f"inputs/{key}": value for key, value in rows.items()}
        np.savez(folder / f"{name}.npz", **arrays, **{f"outputs/{key}": np.asarray(y) for key, y in named.items()})


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""`training.foreign.bring`: small models of each kind, from their file to the store."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from tests.test_repository import table
from tests.training.record_reader import read_records
from training.errors import ExportError, ForeignModelError, StoreError
from training.foreign.bring import Brought, bring
from training.foreign.fields_file import NOTHING, Said
from training.signature import Bounded, Element, Image, Number, Place, Values
from training.storage.store import Store

layers, ops = keras.layers, keras.ops
Input, Sequential = keras.Input, keras.Sequential


def _adapted(shape: tuple[int, ...]) -> keras.layers.Layer:
    layer = layers.Normalization()
    layer.adapt(np.random.default_rng(0).normal(3, 2, (9, *shape)).astype(np.float32))
    return layer


def _attention() -> keras.Model:
    x = Input((5, 8))
    return keras.Model(x, layers.LayerNormalization()(x + layers.MultiHeadAttention(2, 4)(x, x, use_causal_mask=True)))


def _words(*rest: keras.layers.Layer, mask: bool = False) -> keras.Model:
    return Sequential([Input((6,), dtype="int32"), layers.Embedding(50, 4, mask_zero=mask), *rest])


def _on(shape: tuple[int, ...], *rest: keras.layers.Layer, dtype: str = "float32") -> keras.Model:
    return Sequential([Input(shape, dtype=dtype), *rest])


WORKING: dict[str, Callable[[], keras.Model]] = {
    "Dense": lambda: _on((3,), layers.Dense(4, "gelu"), layers.Dropout(0.5), layers.Dense(2, "softmax")),
    "Normalization": lambda: _on((3,), _adapted((3,)), layers.Dense(2)),
    "Rescaling, Conv2D": lambda: _on(
        (8, 8, 3), layers.Rescaling(1 / 255), layers.Conv2D(4, 3, groups=1), layers.MaxPooling2D(2), dtype="uint8"
    ),
    "Conv2D in groups": lambda: _on((6, 6, 4), layers.Conv2D(4, 3, groups=2), layers.GlobalAveragePooling2D()),
    "DepthwiseConv2D, BatchNormalization": lambda: _on(
        (6, 6, 2), layers.DepthwiseConv2D(3, padding="same"), layers.BatchNormalization(), layers.ReLU()
    ),
    "Conv2DTranspose, UpSampling2D": lambda: _on((3, 3, 2), layers.Conv2DTranspose(2, 3), layers.UpSampling2D()),
    "Conv1D": lambda: _on((8, 3), layers.Conv1D(4, 3, padding="causal", dilation_rate=2), layers.Flatten()),
    "Resizing, CenterCrop": lambda: _on((12, 9, 1), layers.Resizing(7, 5), layers.CenterCrop(4, 4)),
    "RandomFlip, RandomRotation": lambda: _on((6, 6, 1), layers.RandomFlip(), layers.RandomRotation(0.1)),
    "CategoryEncoding": lambda: _on((4,), layers.CategoryEncoding(9, output_mode="count"), dtype="int64"),
    "Discretization": lambda: _on((3,), layers.Discretization([-1.0, 0.0, 1.0])),
    "Embedding": lambda: _words(layers.GlobalAveragePooling1D(), layers.Dense(1, "sigmoid"), mask=True),
    "LSTM": lambda: _words(layers.LSTM(3), mask=True),
    "GRU": lambda: _on((5, 3), layers.GRU(4, return_sequences=True), layers.GRU(2)),
    "Bidirectional": lambda: _on((5, 3), layers.Bidirectional(layers.LSTM(2))),
    "MultiHeadAttention": _attention,
    "a model in a model": lambda: _on((3,), Sequential([Input((3,)), layers.Dense(2)]), layers.Dense(1)),
    "float64": lambda: _on((3,), layers.Dense(2, dtype="float64"), dtype="float64"),
    "mixed_float16": lambda: _on((3,), layers.Dense(4, dtype="mixed_float16"), layers.Dense(2, dtype="float32")),
    "bool": lambda: _on((3,), layers.Identity(), dtype="bool"),
}

REFUSED: dict[str, tuple[Callable[[], keras.Model], str]] = {
    "IntegerLookup": (
        lambda: _on((2,), layers.IntegerLookup(vocabulary=[3, 7]), dtype="int64"),
        r"^Expected operations that ONNX has\. Received LookupTableFindV2\.$",
    ),
    "Hashing": (lambda: _on((2,), layers.Hashing(9), dtype="int64"), "Received StringToHashBucketFast"),
    "Resizing with antialias": (lambda: _on((6, 6, 1), layers.Resizing(3, 3, antialias=True)), "ScaleAndTranslate"),
    "Fourier transform": (lambda: keras.Model(x := Input((8,)), ops.rfft(x)[0]), "Received .*RFFT"),
    "argmax of floats": (
        lambda: keras.Model(x := Input((3,)), ops.argmax(x, axis=-1)),
        "Received Bitcast",
    ),
    "bfloat16": (lambda: _on((3,), layers.Dense(2, dtype="mixed_bfloat16")), "Received bfloat16"),
    "rows that depend on each other": (
        lambda: keras.Model(x := Input((3,), name="x"), {"y": x - ops.mean(x, axis=0, keepdims=True)}),
        r"answer to each row by itself\. Received from output y",
    ),
    "an answer that is not one a row": (
        lambda: keras.Model(x := Input((3,)), {"y": ops.reshape(x, (-1, 1))}),
        r"answer to each row by itself\. Received from output y",
    ),
    "NaN": (lambda: keras.Model(x := Input((3,)), {"y": ops.log(x)}), "finite answers .* as output y"),
}


NO_LAYERS = {"rows that depend on each other", "an answer that is not one a row", "NaN"}


def test_what_was_tried_is_documented() -> None:
    """The table of layers names what is tried here, and says of each whether it is served."""
    rows = {name: text.startswith("served") for name, text in table("docs/bring-your-model.md", "| layers | result |")}
    assert rows == {name: name in WORKING for name in (WORKING | REFUSED).keys() - NO_LAYERS}


def _bring(model: keras.Model, folder: Path, store: Store, **keys: Any) -> Brought:
    model.save(folder / "some.keras")
    return bring(folder / "some.keras", "some", store, **keys)


def _artifact(tmp_path: Path) -> Path:
    return tmp_path / "home" / "models" / "some" / "1"


@pytest.mark.parametrize("make", WORKING.values(), ids=WORKING)
def test_models_of_each_kind(tmp_path: Path, store: Store, make: Callable[[], keras.Model]) -> None:
    """All formats agree with the file, or there were no artifact; the examples hold what `model(x)` answers."""
    keras.utils.set_random_seed(0)
    model = make()
    brought = _bring(model, tmp_path, store)
    assert brought.tag == "some:1"
    with np.load(_artifact(tmp_path) / "examples.npz") as arrays:
        (rows,) = (arrays[name] for name in arrays.files if name.startswith("inputs/"))
        (answers,) = (arrays[name] for name in arrays.files if name.startswith("outputs/"))
    assert len(rows) == 64
    assert np.allclose(answers, np.asarray(model(rows, training=False)), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("make", "message"), REFUSED.values(), ids=REFUSED)
def test_models_that_cannot_be_served(
    tmp_path: Path, store: Store, make: Callable[[], keras.Model], message: str
) -> None:
    """The reason is one line that names operation, output or input, and nothing is stored."""
    with pytest.raises((ExportError, ForeignModelError), match=message) as caught:
        _bring(make(), tmp_path, store)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "home" / "models").exists()


def test_names_order_and_nesting(tmp_path: Path, store: Store) -> None:
    """Dictionaries, a list within, and a renamed output: the signature says them in the order of the model."""
    z, a, ids = Input((2,), name="z"), Input((3,), name="a"), Input((1,), name="ids", dtype="int32")
    joined = layers.Concatenate()([z, a, layers.Flatten()(layers.Embedding(7, 2)(ids))])
    outputs = {"zz": layers.Dense(2)(joined), "a": [layers.Dense(1, name="last")(joined)]}
    brought = _bring(keras.Model({"z": z, "a": a, "ids": ids}, outputs), tmp_path, store)
    signature = json.loads((_artifact(tmp_path) / "signature.json").read_text())
    assert signature == json.loads(json.dumps(brought.signature.as_dict()))
    assert [tensor["name"] for tensor in signature["inputs"] + signature["outputs"]] == ["z", "a", "ids", "zz", "last"]
    assert (signature["inputs"][2]["minimum"], signature["inputs"][2]["maximum"]) == (0, 6)
    assert signature["task"] == "regression"
    assert brought.notes == ("64 example rows were drawn with seed 0.",)


def test_the_artifact_says_nothing_of_a_training(tmp_path: Path, store: Store) -> None:
    """Configuration, seed and data of a model trained elsewhere are unknown; records are raw tensors."""
    _bring(_on((2,), layers.Rescaling(2.0)), tmp_path, store, task="classification", seed=3)
    folder = _artifact(tmp_path)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert [manifest[key] for key in ("training", "seed", "data")] == [None, None, None]
    assert {"model.keras", "model.onnx", "examples.npz", "examples.jsonl", "signature.json"} < manifest["files"].keys()
    card = (folder / "report" / "card.md").read_text()
    assert "It came as the file some.keras; 64 example rows were drawn with seed 3." in card
    assert json.loads((folder / "signature.json").read_text())["task"] == "classification"
    with np.load(folder / "examples.npz") as arrays:
        rows = next(arrays[name] for name in arrays.files if name.startswith("inputs/"))
    records = [json.loads(line) for line in (folder / "examples.jsonl").read_text().splitlines()]
    assert [next(iter(record.values())) for record in records] == rows.tolist()


def _fields(name: str) -> Said:
    fields = tuple(
        Number(name=f"n{at}", description="", fills=(Place(name, at),), unit="", minimum=0, maximum=4, whole=True)
        for at in range(6)
    )
    return Said(fields, (Element(name="score", description="", output="y", index=0, unit=""),))


def test_fields_become_records(tmp_path: Path, store: Store) -> None:
    """With fields, the drawn rows are values of the fields and written by field; ranges are theirs."""
    ids = Input((6,), name="ids", dtype="int32")
    model = keras.Model(ids, {"y": layers.Dense(1)(layers.Flatten()(layers.Embedding(5, 2)(ids)))})
    brought = _bring(model, tmp_path, store, said=_fields("ids"))
    assert not any(isinstance(tensor, Bounded) for tensor in brought.signature.inputs)
    folder = _artifact(tmp_path)
    records = [json.loads(line) for line in (folder / "examples.jsonl").read_text().splitlines()]
    signature = json.loads((folder / "signature.json").read_text())
    with np.load(folder / "examples.npz") as arrays:
        rows = arrays["inputs/ids"]
        for at, record in enumerate(records):
            assert list(record.values()) == rows[at].tolist()
    assert len(records) == 64
    assert [field["name"] for field in signature["fields"]] == list(records[0])


def test_an_image_field(tmp_path: Path, store: Store) -> None:
    """A picture is drawn, written as PNG in the records, and read back as the tensor."""
    picture = Image(name="picture", description="", fills=(Place("p", None),), height=5, width=4)
    said = Said((picture,), (Values(name="all", description="", output="y"),))
    p = Input((5, 4, 1), name="p", dtype="uint8")
    _bring(keras.Model(p, {"y": layers.Flatten()(layers.Rescaling(1 / 255)(p))}), tmp_path, store, said=said)
    folder = _artifact(tmp_path)
    records = [json.loads(line) for line in (folder / "examples.jsonl").read_text().splitlines()]
    with np.load(folder / "examples.npz") as arrays:
        read = read_records(json.loads((folder / "signature.json").read_text()), records)
        assert np.array_equal(read["p"], arrays["inputs/p"])


def test_fields_that_do_not_fit_the_model(tmp_path: Path, store: Store) -> None:
    """Beyond the table, of another input, or of an output that is not there: nothing is stored."""
    ids = Input((6,), name="ids", dtype="int32")
    flat = layers.Flatten()(layers.Embedding(4, 2)(ids))
    for outputs, said, message in (
        ({"y": flat}, _fields("ids"), "numbers from 0 to 3, which the model looks up"),
        ({"y": flat}, _fields("other"), r"an input of the model \(ids\)"),
        ({"z": layers.Flatten()(ids)}, _fields("ids"), r"an output of the model \(z\)"),
    ):
        with pytest.raises(ForeignModelError, match=message):
            _bring(keras.Model(ids, outputs), tmp_path, store, said=said)
    assert not (tmp_path / "home" / "models").exists()


def test_examples_of_a_person(tmp_path: Path, store: Store) -> None:
    """Rows that were given travel with the model; rows that the model fails on are refused in a line."""
    x = Input((2,), name="x", dtype="int32")
    model = keras.Model(x, {"y": layers.Flatten()(layers.Embedding(4, 2)(x[:, :1]))})
    rows = np.array([[3, 70], [0, 80]], np.int32)
    np.savez(tmp_path / "rows.npz", x=rows)
    brought = _bring(model, tmp_path, store, examples_file=tmp_path / "rows.npz")
    assert brought.notes[-1] == "2 example rows were taken."
    with np.load(_artifact(tmp_path) / "examples.npz") as arrays:
        assert np.array_equal(arrays["inputs/x"], rows)
    np.savez(tmp_path / "rows.npz", x=rows + 1)
    with pytest.raises(ForeignModelError, match=r"^Expected answers to the examples\. Received from the model: .*4"):
        _bring(model, tmp_path, store, examples_file=tmp_path / "rows.npz")


def test_one_example_shows_rows_that_depend_on_each_other(tmp_path: Path, store: Store) -> None:
    """A single row is not compared with itself alone."""
    x = Input((3,), name="x")
    keras.Model(x, {"y": x - ops.mean(x, axis=0, keepdims=True)}).save(tmp_path / "m.keras")
    np.savez(tmp_path / "rows.npz", x=np.ones((1, 3), np.float32))
    with pytest.raises(ForeignModelError, match="answer to each row by itself"):
        bring(tmp_path / "m.keras", "m", store, said=NOTHING, examples_file=tmp_path / "rows.npz", task=None, seed=0)


def test_names_that_the_store_refuses(tmp_path: Path, store: Store) -> None:
    """A name that no URL could carry leaves nothing behind."""
    _on((2,), layers.Rescaling(2.0)).save(tmp_path / "some.keras")
    with pytest.raises(StoreError, match="Received 'A/b'"):
        bring(tmp_path / "some.keras", "A/b", store)
    assert not (tmp_path / "home").exists()

"""`training.foreign.examples`."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from training.datasets.columns import record
from training.datasets.flights_signature import SIGNATURE as FLIGHTS
from training.datasets.mnist import SIGNATURE as MNIST
from training.errors import ForeignModelError
from training.foreign.examples import draw, draw_fields, read_examples, read_fields, rows_of
from training.foreign.lookups import Table
from training.foreign.spans import span
from training.signature import DTYPES, Bounded, Category, Number, Place, Signature, Tensor

X = Tensor(name="x", dtype="FP32", shape=(2,), description="")
IDS = Bounded(name="ids", dtype="INT32", shape=(3,), description="", minimum=0, maximum=8)
SOUND: dict[str, np.ndarray] = {"x": np.ones((5, 2), np.float32), "ids": np.full((5, 3), 8, np.int32)}


def _file(folder: Path, **arrays: Any) -> Path:
    np.savez(folder / "examples.npz", **arrays)
    return folder / "examples.npz"


@pytest.mark.parametrize("prefix", ["", "inputs/"])
def test_arrays_are_taken_by_name(tmp_path: Path, prefix: str) -> None:
    """With or without the prefix that an artifact's own examples have, and beside its answers."""
    path = _file(tmp_path, **{f"{prefix}{name}": array for name, array in SOUND.items()}, **{"outputs/y": np.ones(5)})
    taken = read_examples(path, [X, IDS])
    assert list(taken) == ["x", "ids"]
    assert all(np.array_equal(taken[name], SOUND[name]) for name in SOUND)


def test_rows_are_spread_over_the_file(tmp_path: Path) -> None:
    """Of many rows 64 are taken, the first and the last among them."""
    rows = np.arange(2_000, dtype=np.float32).reshape(1_000, 2)
    taken = read_examples(_file(tmp_path, x=rows), [X])["x"]
    assert (len(taken), taken[0, 0], taken[-1, -1]) == (64, 0, 1_999)


@pytest.mark.parametrize(("shape", "rows"), [((2,), 64), ((224, 224, 3), 6), ((1024, 1024, 3), 4)])
def test_long_rows_are_few(shape: tuple[int, ...], rows: int) -> None:
    """As many rows as make about a million numbers, at least four."""
    assert rows_of([Tensor(name="x", dtype="FP32", shape=shape, description="")]) == rows


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": None}, "examples of the inputs x, ids. Received ids"),
        ({"y": np.ones(5)}, "Received x, ids, y"),
        ({"x": np.ones((5, 2))}, r"x as float32 rows of \[2\]\. Received float64 \[5, 2\]"),
        ({"x": np.ones((5, 3), np.float32)}, r"Received float32 \[5, 3\]"),
        ({"x": np.float32(1)}, r"Received float32 \[\]"),
        ({"x": np.ones((4, 2), np.float32)}, r"as many rows of each input.*'x': 4, 'ids': 5"),
        ({"x": np.ones((0, 2), np.float32), "ids": np.ones((0, 3), np.int32)}, "at least one"),
        ({"x": np.full((5, 2), np.nan, np.float32)}, "finite examples of x"),
        ({"ids": np.full((5, 3), 9, np.int32)}, "ids from 0 to 8. Received 9 to 9"),
        ({"ids": np.full((5, 3), -1, np.int32)}, "Received -1 to -1"),
        ({"x": np.array([["a", "b"]])}, "Received <U1"),
        ({"x": np.array([[None, 1]])}, "an .npz file of arrays of numbers"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    """Names, datatypes, shapes, row counts, numbers that are none, ids that are in no table."""
    arrays = {name: array for name, array in (SOUND | change).items() if array is not None}
    with pytest.raises(ForeignModelError, match=message):
        read_examples(_file(tmp_path, **arrays), [X, IDS])


def test_other_files_are_refused(tmp_path: Path) -> None:
    """No file, one array alone, text, half a file."""
    path = tmp_path / "some.npz"
    with pytest.raises(ForeignModelError, match="No such file"):
        read_examples(path, [X])
    whole = _file(tmp_path, x=SOUND["x"]).read_bytes()
    np.save(tmp_path / "array.npy", SOUND["x"])
    for content in ((tmp_path / "array.npy").read_bytes(), b"text", b"", whole[: len(whole) // 2]):
        path.write_bytes(content)
        with pytest.raises(ForeignModelError, match=r"^Expected an \.npz file"):
            read_examples(path, [X])


@pytest.mark.parametrize("dtype", DTYPES)
def test_drawn_rows_have_the_datatype(dtype: str) -> None:
    """The same seed draws the same rows, another seed others; all are numbers that the datatype holds."""
    tensor = Tensor(name="x", dtype=dtype, shape=(3, 2), description="")
    first, again, other = (draw([tensor], [[]], seed)["x"] for seed in (0, 0, 1))
    assert (first.dtype, first.shape) == (np.dtype(DTYPES[dtype]), (64, 3, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert len(np.unique(first)) > (1 if dtype == "BOOL" else 9)
    assert np.isfinite(first).all()


@pytest.mark.parametrize("dtype", ["INT32", "FP32", "UINT8"])
def test_drawn_places_are_in_the_shortest_table(dtype: str) -> None:
    """Every place of it is drawn, and none beyond."""
    tensor = Tensor(name="x", dtype=dtype, shape=(9,), description="")
    found = [Table("long", 100, whole=True), Table("short", 5, whole=False)]
    assert np.unique(draw([tensor], [found], 0)["x"]).tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("signature", [FLIGHTS, MNIST], ids=lambda signature: signature.name)
def test_drawn_fields_are_values_of_the_fields(signature: Signature) -> None:
    """All lie in their field's range, read back as they were drawn, and can be written as records."""
    inputs = draw_fields(signature, 0)
    columns = read_fields(signature, inputs)
    for field in signature.fields:
        allowed, values = span(field), columns[field.name]
        assert values.min() >= allowed.low
        assert values.max() <= allowed.high
        assert len(np.unique(values)) > 1
    assert record(signature, columns, 0).keys() == {field.name for field in signature.fields}


def _signature(**keys: Any) -> Signature:
    place = {"description": "", "fills": (Place("x", 0), Place("x", 1))}
    number = Number(**{"name": "n", "unit": "", "minimum": None, "maximum": None, **place, **keys})
    return Signature(name="s", task="regression", inputs=(X,), outputs=(), fields=(number,), result=())


@pytest.mark.parametrize("dtype", DTYPES)
def test_whole_numbers_in_any_datatype(dtype: str) -> None:
    """A field of 0 and 1 is drawn, read and written alike whatever the tensor is made of."""
    number = Number(name="n", description="", fills=(Place("x", 0),), unit="", minimum=0, maximum=1, whole=True)
    tensor = Tensor(name="x", dtype=dtype, shape=(1,), description="")
    signature = Signature(name="s", task="regression", inputs=(tensor,), outputs=(), fields=(number,), result=())
    inputs = draw_fields(signature, 0)
    assert inputs["x"].dtype == np.dtype(DTYPES[dtype])
    columns = read_fields(signature, inputs)
    written = [record(signature, columns, row)["n"] for row in range(len(inputs["x"]))]
    assert written == inputs["x"][:, 0].astype(int).tolist()
    assert {type(value) for value in written} == {int}


@pytest.mark.parametrize(
    ("keys", "low", "high"),
    [({}, 0, 10), ({"minimum": 5}, 5, 15), ({"maximum": 5}, -5, 5), ({"minimum": 1, "maximum": 1}, 1, 1)],
)
def test_open_ranges_are_drawn_near_their_end(keys: dict[str, float], low: float, high: float) -> None:
    """An open field gets numbers near the bound that it has, or near 0."""
    drawn = draw_fields(_signature(**keys), 0)["x"]
    assert low <= drawn.min() <= drawn.max() <= high


@pytest.mark.parametrize(
    ("keys", "row", "message"),
    [
        ({"maximum": 1.0}, [2, 2], r"examples of n: numbers from -inf to 1\. Received 2\.0"),
        ({"whole": True}, [0.5, 0.5], r"whole numbers .* Received 0\.5"),
        ({}, [1, 2], "equal numbers where one field fills several places. Received others in x"),
    ],
)
def test_rows_that_are_no_values_are_refused(keys: dict[str, Any], row: list[float], message: str) -> None:
    """Out of range, a fraction, or two numbers for one value."""
    with pytest.raises(ForeignModelError, match=message):
        read_fields(_signature(**keys), {"x": np.array([[1, 1], row], np.float32)})


def test_categories_are_read_as_words() -> None:
    """A row of places becomes words."""
    word = Category(name="w", description="", fills=(Place("x", 0), Place("x", 1)), vocabulary=("a", "b"))
    signature = Signature(name="s", task="regression", inputs=(X,), outputs=(), fields=(word,), result=())
    columns = read_fields(signature, {"x": np.array([[1, 1], [0, 0]], np.float32)})
    assert [record(signature, columns, row) for row in range(2)] == [{"w": "b"}, {"w": "a"}]

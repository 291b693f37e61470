"""Rows for models of which only the metadata is known."""

from __future__ import annotations

import numpy as np
import pytest

from loadtests.errors import ServerGone
from loadtests.inventions import COUNT, DTYPES, invent


def metadata(datatype: str, shape: list[int]) -> dict[str, object]:
    """A page of metadata with one input."""
    return {
        "inputs": [{"name": "x", "datatype": datatype, "shape": [-1, *shape]}],
        "outputs": [{"name": "y", "datatype": "FP32", "shape": [-1, 1]}],
    }


@pytest.mark.parametrize("datatype", DTYPES)
def test_rows_fit_the_metadata(datatype: str) -> None:
    """Invented rows have the datatype and shape that the server asks for."""
    examples = invent("m", "1", metadata(datatype, [3, 4]), seed=0)
    assert examples.arrays["x"].dtype == np.dtype(DTYPES[datatype])
    assert examples.arrays["x"].shape == (COUNT, 3, 4)
    assert not examples.goldens


def test_same_seed_same_rows() -> None:
    """A seed stands for its rows, and another seed for others."""
    page = metadata("UINT8", [28, 28])
    first, again, other = (invent("m", "1", page, seed).arrays["x"] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_pixels_take_all_values() -> None:
    """Eight bits are used in full, since 0-1 is no picture."""
    assert invent("m", "1", metadata("UINT8", [28, 28]), seed=0).arrays["x"].max() > 200


@pytest.mark.parametrize("datatype", ["FP16", "BYTES"])
def test_datatypes_without_json_are_refused(datatype: str) -> None:
    """What cannot be written as a JSON number is said, not guessed."""
    with pytest.raises(ServerGone, match=datatype):
        invent("m", "1", metadata(datatype, [2]), seed=0)


def test_other_pages_are_refused() -> None:
    """A page that is no metadata is an error of the server."""
    with pytest.raises(ServerGone, match="inputs"):
        invent("m", "1", {"name": "m"}, seed=0)


def test_published_ranges_are_kept() -> None:
    """Every element lies in the range that the page publishes, open ends included."""
    ranges = {"minimum": [-3.0, 5.5, None, None], "maximum": [3.0, None, 7.0, None], "whole": [True] * 4}
    page = {**metadata("FP32", [4]), "parameters": {"ranges": {"x": ranges}}}
    rows = invent("m", "1", page, seed=0).arrays["x"]
    assert (rows == np.floor(rows)).all()
    assert set(rows[:, 0]) == {-3, -2, -1, 0, 1, 2, 3}
    assert rows[:, 1].min() >= 5.5
    assert set(rows[:, 2]) == {6, 7}
    assert set(rows[:, 3]) == {0, 1}

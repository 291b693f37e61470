"""Reading an artifact's examples, sound and broken."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from loadtests.errors import BadExamples
from loadtests.examples import Examples, read
from tests import toy


def test_reads_what_the_artifact_holds(examples: Examples) -> None:
    """Rows, answers, records and tolerances are those of the files."""
    stored = toy.examples()
    np.testing.assert_array_equal(examples.arrays["x"], stored["inputs/x"])
    np.testing.assert_array_equal(examples.goldens["total"], stored["outputs/total"])
    assert examples.count == len(examples.records) == 5
    assert json.loads(examples.records[1])["colour"] == "green"
    assert [tensor.name for tensor in examples.outputs] == ["double", "total"]
    assert examples.outputs[0].rtol == 1e-6


@pytest.mark.parametrize("name", ["signature.json", "examples.npz", "examples.jsonl"])
def test_missing_file_is_named(home: Path, name: str) -> None:
    """A folder that lacks a file is refused, with the file's name."""
    folder = home / "models" / "toy" / "1"
    (folder / name).unlink()
    with pytest.raises(BadExamples, match=name):
        read(folder, "toy", "1")


def test_broken_array_file_is_refused(home: Path) -> None:
    """Bytes that are no arrays are an error of the examples, not a crash."""
    folder = home / "models" / "toy" / "1"
    (folder / "examples.npz").write_bytes(b"PK\x03\x04 no archive")
    with pytest.raises(BadExamples, match=r"toy:1"):
        read(folder, "toy", "1")


def test_counts_must_agree(home: Path) -> None:
    """A folder with fewer records than rows is refused: answers would belong to other rows."""
    folder = home / "models" / "toy" / "1"
    (folder / "examples.jsonl").write_text('{"size": 1.0}\n')
    with pytest.raises(BadExamples, match=r"Received counts \[1, 5\]"):
        read(folder, "toy", "1")

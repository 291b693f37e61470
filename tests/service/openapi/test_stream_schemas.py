"""Bodies of CSV and JSON lines: the examples are streams that the service reads and writes."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest

from service.openapi import examples, predict_schemas, stream_schemas
from service.openapi.subject import Subject
from service.protocols.chunk import Chunk
from service.protocols.csv_rows import CsvRows
from service.protocols.lines import Lines
from service.protocols.ndjson_rows import NdjsonRows
from tests.service.openapi.described import SUBJECTS

TAKERS = {name: subject for name, subject in SUBJECTS.items() if predict_schemas.takes_json(subject)}
READERS = {stream_schemas.CSV: CsvRows, stream_schemas.NDJSON: NdjsonRows}


def read(subject: Subject, kind: str, text: str) -> Chunk:
    """The rows of a whole stream."""
    reader = READERS[kind](subject.interface, 65536)
    lines = Lines(65536)
    lines.feed(text.encode())
    lines.end()
    assert reader.begin(lines)
    chunk = reader.decode(lines.take(100))
    for row in chunk.doubtful:
        chunk.settle(row)
    return chunk


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("subject", TAKERS.values(), ids=TAKERS)
def test_the_example_rows_are_read_as_the_artifacts_own(subject: Subject, kind: str) -> None:
    """What is shown as a request is, read by the service, the artifact's example tensors."""
    given, _ = stream_schemas.streams(subject)[kind]
    if kind == stream_schemas.CSV and subject.interface.name == "kinds":
        assert "examples" not in given  # its pictures are lists, which no cell holds
        return
    chunk = read(subject, kind, given["examples"][stream_schemas.EXAMPLE]["value"])
    assert chunk.faults == {}
    for name, array in chunk.inputs.items():
        np.testing.assert_array_equal(array, subject.examples.inputs[name])


@pytest.mark.parametrize("name", ["toy", "every kind of field and result", "half precision behind fields"])
def test_lines_of_answers_are_the_answers_to_records(name: str) -> None:
    """What is shown as an answer in JSON lines is what the same rows get as records."""
    subject = SUBJECTS[name]
    _, got = stream_schemas.streams(subject)[stream_schemas.NDJSON]
    lines = [json.loads(line) for line in got["examples"][stream_schemas.EXAMPLE]["value"].splitlines()]
    assert lines == examples.predict(subject)["records"][1]["predictions"]


def test_a_table_of_answers_has_a_head_and_a_column_for_errors() -> None:
    """What is shown as an answer in CSV has one cell a column in every row, the one for errors empty."""
    _, got = stream_schemas.streams(SUBJECTS["every kind of field and result"])[stream_schemas.CSV]
    head, *rows = csv.reader(io.StringIO(got["examples"][stream_schemas.EXAMPLE]["value"]))
    assert head == ["winner", "all[0]", "all[1]", "all[2]", "second", "large", "error"]
    assert [len(row) for row in rows] == [7, 7]
    assert [row[-1] for row in rows] == ["", ""]


def test_half_precision_has_no_rows_in_text() -> None:
    """The bodies of a model that takes none of them are told without an example."""
    for given, got in stream_schemas.streams(SUBJECTS["half precision"]).values():
        assert "examples" not in given
        assert "examples" not in got

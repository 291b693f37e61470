"""Bodies of ``:predict`` as CSV and JSON lines."""

from __future__ import annotations

from typing import Any

import orjson

from service.columns import columns_of
from service.openapi.operation import media
from service.openapi.predict_schemas import takes_json
from service.openapi.subject import Schema, Subject
from service.protocols.media_types import MediaType
from service.protocols.row_answers import RowAnswers, csv_line

CSV = "text/csv"
NDJSON = "application/x-ndjson"
DESCRIPTION = (
    "A body of CSV or JSON lines may be of any length. It is answered while it comes, a line a row in the order of the "
    "rows, in the form that `Accept` asks for or else in its own. A row at fault becomes a line that says why, and the "
    "others go on."
)
EXAMPLE = "records"
"""As that of the JSON body, so that Swagger UI keeps to it when the media type changes."""


def streams(subject: Subject) -> dict[str, tuple[Any, Any]]:
    """Request and answer by media type; with examples, where the model's rows have a form in text."""
    shown = takes_json(subject)
    rows, lines = (_table(subject), _lines(subject)) if shown else ({}, {})
    answers = {form: _answers(subject, form) if shown else {} for form in MediaType}
    table = _text("A head line of names in any order, then a row a line.")
    answered = _text("A head line, then a row a line; the last column is `error`.")
    told = _text("An answer a line, or `error`, `code` and `line`.")
    return {
        CSV: (media(table, rows), media(answered, answers[MediaType.CSV])),
        NDJSON: (media(_text("A record a line."), lines), media(told, answers[MediaType.NDJSON])),
    }


def _text(description: str) -> Schema:
    return {"type": "string", "description": description}


def _table(subject: Subject) -> dict[str, str]:
    """The example rows as CSV; nothing if they hold pictures as lists, which no cell does."""
    names = [column.name for column in columns_of(subject.interface).columns]
    rows = [[record.get(name, "") for name in names] for record in subject.examples.records]
    if subject.interface.records is None:
        inputs = [subject.examples.inputs[name] for name in subject.interface.inputs]
        rows = [[_cell(value) for array in inputs for value in array[row].ravel()] for row in range(len(rows))]
    if any(isinstance(cell, list) for cells in rows for cell in cells):
        return {}
    return {EXAMPLE: "".join(csv_line(cells).decode() + "\n" for cells in [names, *rows])}


def _cell(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY).decode()


def _lines(subject: Subject) -> dict[str, str]:
    return {EXAMPLE: "".join(orjson.dumps(record).decode() + "\n" for record in subject.examples.records)}


def _answers(subject: Subject, form: MediaType) -> dict[str, str]:
    """The stored answers to the example rows, as the stream writes them."""
    answers = RowAnswers(subject.interface, form)
    outputs = subject.examples.outputs
    lines = answers.rows(outputs, len(subject.examples.records))
    return {EXAMPLE: (answers.head + b"".join(line + b"\n" for line in lines)).decode()}

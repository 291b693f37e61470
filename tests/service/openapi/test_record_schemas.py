"""Schemas of records accept what the service takes as a record, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from service.errors import BadInput
from service.json_tensor import parse
from service.openapi import record_schemas
from tests.service.openapi.described import KINDS, SUBJECTS
from tests.service.openapi.mutants import mutants

MODEL = SUBJECTS["every kind of field and result"].interface


def takes(record: Any) -> bool:
    """Whether the service takes a record."""
    assert MODEL.records is not None
    try:
        MODEL.records.decode(parse(json.dumps([record]).encode()).root)
    except BadInput:
        return False
    return True


@given(st.sampled_from(KINDS).flatmap(mutants))
def test_a_record_is_taken_as_its_schema_says(record: Any) -> None:
    """With one thing changed, a record is valid exactly if the service takes it; texts are known by their form only."""
    valid = Draft202012Validator(record_schemas.record(MODEL)).is_valid(record)
    formed = isinstance(record.get("day"), str) and isinstance(record.get("picture"), str | list)
    if formed and (isinstance(record["picture"], str) or record["day"] not in [one["day"] for one in KINDS]):
        assert valid or not takes(record)
    else:
        assert valid == takes(record)


def test_fields_are_described_with_unit_default_and_vocabulary() -> None:
    """A schema says of a field what the signature says of it, and has no titles that nobody wrote."""
    schema = record_schemas.record(MODEL)
    properties = schema["properties"]
    assert list(properties) == ["size", "count", "colour", "start", "day", "picture"]
    assert properties["size"]["description"] == "One thing. Unit: m."
    assert (properties["size"]["minimum"], properties["size"]["maximum"]) == (-10.0, 10.0)
    assert (properties["colour"]["enum"], properties["colour"]["default"]) == (["red", "green", "blue"], "green")
    assert properties["day"]["description"] == "One thing. From 2013-01-01. Until 2013-12-31."
    assert schema["required"] == ["size", "count", "start", "day", "picture"]
    assert "title" not in json.dumps(schema)


def test_only_fields_with_a_default_may_be_null() -> None:
    """The typed form takes null for what may be left out, and is the same otherwise."""
    schema = record_schemas.record(MODEL)
    typed = Draft202012Validator(record_schemas.nullable(schema))
    assert typed.is_valid({**KINDS[0], "colour": None})
    assert typed.is_valid(KINDS[0])
    assert not typed.is_valid({**KINDS[0], "size": None})
    assert not typed.is_valid({**KINDS[0], "colour": "pink"})
    assert not Draft202012Validator(schema).is_valid({**KINDS[0], "colour": None})


SOUND: dict[str, Any] = {"winner": "b", "all": [0.5, 0.25, 0.25], "second": 0.25, "large": True}


@pytest.mark.parametrize(
    ("changed", "valid"),
    [
        ({}, True),
        ({"winner": "d"}, False),
        ({"winner": 1}, False),
        ({"all": [0.5, 0.5]}, False),
        ({"all": 0.5}, False),
        ({"second": "1"}, False),
        ({"large": 1}, False),
        ({"another": 1}, False),
    ],
)
def test_an_answer_has_its_keys_and_their_types(changed: dict[str, Any], valid: bool) -> None:
    """Labels come from the list, values in their number, numbers as numbers, thresholds as true or false."""
    schema = Draft202012Validator(record_schemas.result(MODEL))
    assert schema.is_valid({**SOUND, **changed}) == valid
    assert not schema.is_valid({key: value for key, value in SOUND.items() if key != "large"})


def test_units_and_thresholds_are_told() -> None:
    """A number's unit and a threshold's number are in the description."""
    properties = record_schemas.result(MODEL)["properties"]
    assert properties["second"]["description"] == "One thing. Unit: m."
    assert properties["large"]["description"] == "One thing. True from 0.5."

"""The types of the typed APIs."""

from __future__ import annotations

import inspect

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from service import answers

TYPES = [
    kind
    for _, kind in inspect.getmembers(answers, inspect.isclass)
    if issubclass(kind, BaseModel) and kind is not BaseModel
]
SOUND = {
    "Digit": {"digit": 7, "probabilities": [0.25] * 4},
    "Garment": {"garment": "Coat", "probabilities": [0.25] * 4},
    "Loyalty": {"loyal": True, "probability": 0.98},
    "Flight": {
        "arrival_delay": -3.25,
        "arrival_delay_low": -20.5,
        "arrival_delay_high": 12.75,
        "air_time": 187.5,
        "air_time_low": 180.25,
        "air_time_high": 196.5,
    },
}


@pytest.mark.parametrize("kind", TYPES)
def test_every_answer_is_explained(kind: type[BaseModel]) -> None:
    """The schema that clients are made from has a sentence for each key, all of which are required."""
    schema = kind.model_json_schema()
    assert all(entry["description"].endswith(".") for entry in schema["properties"].values())
    assert set(schema["required"]) == set(schema["properties"])


@pytest.mark.parametrize("kind", TYPES)
def test_an_answer_is_what_its_record_says(kind: type[BaseModel]) -> None:
    """An answer carries the values of a model's result unchanged, and nothing is left out in silence."""
    sound = SOUND[kind.__name__]
    assert kind(**sound).model_dump() == sound
    for name in sound:
        with pytest.raises(ValidationError, match=name):
            kind(**{key: value for key, value in sound.items() if key != name})


@pytest.mark.parametrize("value", [[[0, 255], [1, 2]], "aGVsbG8="])
def test_an_image_is_rows_or_text(value: object) -> None:
    """Both forms of an image pass through the type as they are."""
    assert TypeAdapter(answers.Image).validate_python(value) == value


@pytest.mark.parametrize("value", [None, 1, {"image": "x"}, [["a"]]])
def test_an_image_is_nothing_else(value: object) -> None:
    """What is neither text nor rows of whole numbers is no image."""
    with pytest.raises(ValidationError):
        TypeAdapter(answers.Image).validate_python(value)

"""`training.datasets.flights_signature`."""

import numpy as np
import pytest

from training.datasets.dataset import Dataset
from training.datasets.flights_signature import DEEP, SIGNATURE, WEATHER_FIELDS, WIDE
from training.signature import Category, Number


@pytest.mark.parametrize("field", WEATHER_FIELDS, ids=lambda field: field.name)
def test_default_is_the_median_of_the_training_flights(datasets: dict[str, Dataset], field: Number) -> None:
    """A flight without weather is an ordinary one: half of the training flights lie on either side."""
    values = datasets["flights"].without_validation().train.inputs["deep"][:, DEEP.index(field.name)]
    assert np.float32(field.default) == np.median(values)


def test_every_row_is_within_its_ranges(datasets: dict[str, Dataset]) -> None:
    """The service would accept every flight of the year: no value lies outside its field's range."""
    flights = datasets["flights"]
    for rows in (flights.train, flights.validation, flights.test):
        for index, field in SIGNATURE.columns("deep"):
            values = rows.inputs["deep"][:, index]
            if isinstance(field, Number):
                assert field.minimum <= values.min() <= values.max() <= field.maximum, field.name
            if isinstance(field, Category):
                assert values.min() >= 0
                assert values.max() < len(field.vocabulary)


def test_vocabularies_have_no_word_to_spare(datasets: dict[str, Dataset]) -> None:
    """Every word of every vocabulary occurs in the training rows, so each has been learned."""
    train = datasets["flights"].train.inputs["deep"]
    for index, field in SIGNATURE.columns("deep"):
        if isinstance(field, Category):
            assert set(train[:, index]) == set(range(len(field.vocabulary))), field.name


def test_inputs_overlap() -> None:
    """What is in `wide` is in `deep` too, and `deep` has more."""
    assert set(WIDE) < set(DEEP)

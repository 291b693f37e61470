"""`training.datasets.flights`."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from training.datasets.dataset import Dataset
from training.datasets.flights import minutes_after_midnight
from training.datasets.flights_signature import DEEP, WIDE


def _days(dataset: Dataset) -> list[set[int]]:
    column = DEEP.index("date")
    return [set(rows.inputs["deep"][:, column]) for rows in (dataset.train, dataset.validation, dataset.test)]


def test_no_day_is_in_two_parts(datasets: dict[str, Dataset]) -> None:
    """The parts share no day, and together they are the 365 days of 2013."""
    train, validation, test = _days(datasets["flights"])
    assert not train & validation
    assert not train & test
    assert not validation & test
    first = (date(2013, 1, 1) - date(1970, 1, 1)).days
    assert train | validation | test == set(range(first, first + 365))


def test_test_days_are_the_published_ones(datasets: dict[str, Dataset]) -> None:
    """The test rows are the 65,104 flights of the days whose number in the year is divisible by 5."""
    _, _, test = _days(datasets["flights"])
    for day in test:
        assert (date(1970, 1, 1) + timedelta(days=int(day))).timetuple().tm_yday % 5 == 0
    assert len(datasets["flights"].test) == 65_104


def test_all_flights_are_there(datasets: dict[str, Dataset]) -> None:
    """No flight is lost on the way through joins and splits."""
    flights = datasets["flights"]
    assert len(flights.train) + len(flights.validation) + len(flights.test) == 327_346


def test_wide_repeats_deep(datasets: dict[str, Dataset]) -> None:
    """A field that fills both inputs holds the same value in both."""
    rows = datasets["flights"].test.inputs
    for name in WIDE:
        assert np.array_equal(rows["wide"][:, WIDE.index(name)], rows["deep"][:, DEEP.index(name)])


def test_known_flight(datasets: dict[str, Dataset]) -> None:
    """The first flight of the file: UA 1545 from Newark to Houston on 1 January, 05:15, 2 minutes late."""
    flights = datasets["flights"]
    row = {name: flights.train.inputs["deep"][0, index] for index, name in enumerate(DEEP)}
    assert (row["scheduled_departure"], row["scheduled_arrival"]) == (5 * 60 + 15, 8 * 60 + 19)
    assert (row["departure_delay"], row["distance"]) == (2, 1400)
    assert flights.train.targets["arrival_delay"][0] == 11
    assert flights.train.targets["air_time"][0] == 227


def test_clock_times_become_minutes() -> None:
    """Written hhmm, every minute of the day has its own number, in order."""
    written = pd.Series([hour * 100 + minute for hour in range(24) for minute in range(60)])
    assert minutes_after_midnight(written).tolist() == list(range(1440))

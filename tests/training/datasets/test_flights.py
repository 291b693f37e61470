"""`training.datasets.flights`."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from training.datasets.columns import tensors
from training.datasets.dataset import Dataset, Rows
from training.datasets.flights import minutes_after_midnight, rule_of_thumb
from training.datasets.flights_signature import DEEP, SIGNATURE, WIDE


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


def _flights(ways: list[tuple[int, int]], departure_delay: list[float], **targets: list[float]) -> Rows:
    origin, dest = np.array(ways, np.float64).T
    columns = {field.name: np.zeros(len(ways)) for field in SIGNATURE.fields}
    columns |= {"origin": origin, "dest": dest, "departure_delay": np.array(departure_delay)}
    return Rows(tensors(SIGNATURE, columns), {name: np.array(minutes, np.float32) for name, minutes in targets.items()})


def test_rule_of_thumb_by_hand(datasets: dict[str, Dataset]) -> None:
    """The delay and the mean catch-up; in the air as others on the way, else to the place, else as all."""
    train = _flights(
        [(0, 1), (0, 1), (2, 1), (0, 3)], [0, 10, 20, 30], arrival_delay=[-4, 6, 8, 30], air_time=[50, 70, 90, 190]
    )
    test = _flights([(0, 3), (1, 1), (0, 1), (0, 9)], [0, 5, 60, 0], arrival_delay=[0] * 4, air_time=[0] * 4)
    few = replace(datasets["flights"], train=train, test=test)
    answers = rule_of_thumb(few)
    assert answers["arrival_delay"][:, 0].tolist() == [-5, 0, 55, -5]
    assert answers["air_time"][:, 0].tolist() == [190, 70, 60, 100]
    for target, expected in answers.items():
        (one,) = rule_of_thumb(few.select(("deep",), (target,))).items()
        assert one[0] == target
        assert np.array_equal(one[1], expected)


def test_rule_of_thumb_as_published(datasets: dict[str, Dataset]) -> None:
    """Its error on the test days is the 13.01 minutes that data/README.md gives for the same rule."""
    flights = datasets["flights"].without_validation()
    errors = rule_of_thumb(flights)["arrival_delay"][:, 0] - flights.test.targets["arrival_delay"]
    assert round(float(np.abs(errors).mean()), 2) == 13.01


def test_another_year_is_the_same_but_for_its_date(datasets: dict[str, Dataset]) -> None:
    """The variant of the test rows has their weekday and all else, on days outside the training rows."""
    flights = datasets["flights"]
    variant = flights.variants["another_year"]
    place = DEEP.index("date")
    moved = variant.inputs["deep"] - flights.test.inputs["deep"]
    assert set(np.flatnonzero(moved.any(axis=0))) == {place}
    assert set(moved[:, place] % 7) == {0}
    assert variant.inputs["deep"][:, place].min() > flights.train.inputs["deep"][:, place].max()
    assert variant.inputs["wide"] is flights.test.inputs["wide"]
    assert variant.targets is flights.test.targets

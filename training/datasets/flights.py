"""Flights that left New York City in 2013, predicted at the moment they depart.

Split by day, never by row: flights of one day share its weather and congestion, so a random split would
let a model memorise the day.

References:
    Wickham: *nycflights13: Flights that Departed NYC in 2013*, https://github.com/tidyverse/nycflights13,
    2021; from the US Bureau of Transportation Statistics. Licence CC0.
"""

import gzip
import io
from pathlib import Path

import numpy as np
import pandas as pd

from training.datasets.checksum import read_verified
from training.datasets.columns import Columns, columns_of, record, tensors
from training.datasets.dataset import Answers, Dataset, Rows, example_positions
from training.datasets.flights_signature import SIGNATURE, VOCABULARIES
from training.datasets.weather import with_weather

TEST_DAY_MODULUS = 5
"""A day of the year divisible by this is held out for the test."""

YEAR_OF_WEEKS_DAYS = 364
"""52 weeks: the weekday stays, the season moves by a day."""

VALIDATION_DAY_MODULUS = 10
VALIDATION_DAY_REMAINDER = 3

ABOUT = (
    "Every flight that left New York City's three airports in 2013 and arrived (US Bureau of Transportation "
    "Statistics, package nycflights13; CC0), with the hourly weather at its origin. Test rows: days of the year "
    "divisible by 5; validation rows: days of the year that end in 3; all others train."
)

INTENDED_USE = (
    "Estimating, at the moment a flight leaves New York City, how late it will arrive and how long it will fly: for "
    "planning by passengers and ground staff who can live with an error of some minutes; learning and teaching."
)

LIMITS = (
    "Has seen one year, three airports of departure and the flights that arrived: no cancelled or diverted ones. "
    "Winds and congestion of a day are read off the days around it, which a date outside 2013 does not have: there, "
    "expect the errors of the metrics that begin with `another_year`. Errors grow with the delay and in storms."
)


def load(data_dir: Path) -> Dataset:
    """Load flights with their weather and split them by day.

    Args:
        data_dir: The folder that holds `flights/` and `SHA256SUMS`.

    Raises:
        DataError: If a file is missing or damaged.
    """
    files: dict[str, str] = {}
    flights = _read_table(data_dir, "flights/flights.csv.gz", files)
    weather = _read_table(data_dir, "flights/weather.csv.gz", files)
    columns = field_columns(flights, weather)
    targets = {"arrival_delay": flights["arr_delay"], "air_time": flights["air_time"]}
    rows = Rows(
        tensors(SIGNATURE, columns),
        {name: minutes.to_numpy(np.float32) for name, minutes in targets.items()},
    )
    day_of_year = scheduled_day(flights).dt.day_of_year.to_numpy()
    is_test = day_of_year % TEST_DAY_MODULUS == 0
    is_validation = day_of_year % VALIDATION_DAY_MODULUS == VALIDATION_DAY_REMAINDER
    test = rows.take(is_test)
    examples = np.flatnonzero(is_test)[example_positions(int(is_test.sum()))]
    return Dataset(
        signature=SIGNATURE,
        train=rows.take(~is_test & ~is_validation),
        validation=rows.take(is_validation),
        test=test,
        examples=rows.take(examples),
        records=[record(SIGNATURE, columns, int(row)) for row in examples],
        files=files,
        about=ABOUT,
        intended_use=INTENDED_USE,
        limits=LIMITS,
        variants={"another_year": _moved(test, YEAR_OF_WEEKS_DAYS)},
        rule_of_thumb=rule_of_thumb,
    )


def _moved(rows: Rows, days: int) -> Rows:
    """The same flights, told as those of another day."""
    inputs = dict(rows.inputs)
    for tensor in SIGNATURE.inputs:
        for index, field in SIGNATURE.columns(tensor.name):
            if field.name == "date":
                inputs[tensor.name] = rows.inputs[tensor.name].copy()
                inputs[tensor.name][:, index] += days
    return Rows(inputs, rows.targets)


def scheduled_day(flights: pd.DataFrame) -> "pd.Series[pd.Timestamp]":
    """Midnight of the day for which each flight is scheduled to depart."""
    return pd.to_datetime(flights[["year", "month", "day"]])


def field_columns(flights: pd.DataFrame, weather: pd.DataFrame) -> Columns:
    """One column per field of the signature, in the numbers that the tensors hold.

    Args:
        flights: Columns of `flights.csv`.
        weather: Columns of `weather.csv`.

    Returns:
        float64 arrays of shape (rows,), by field name.
    """
    day = scheduled_day(flights)
    departure = minutes_after_midnight(flights["sched_dep_time"])
    columns = {
        "date": (day - pd.Timestamp("1970-01-01")).dt.days,
        "scheduled_departure": departure,
        "scheduled_arrival": minutes_after_midnight(flights["sched_arr_time"]),
        "departure_delay": flights["dep_delay"],
        "distance": flights["distance"],
    }
    for name, vocabulary in VOCABULARIES.items():
        columns[name] = pd.Series(pd.Categorical(flights[name], categories=list(vocabulary)).codes)
    departed = day + pd.to_timedelta(departure + flights["dep_delay"], unit="min")
    columns |= with_weather(flights["origin"], departed, weather)
    return {name: column.to_numpy(np.float64) for name, column in columns.items()}


def minutes_after_midnight(hhmm: "pd.Series[int]") -> "pd.Series[int]":
    """515 is 05:15, which is 315 minutes."""
    return hhmm // 100 * 60 + hhmm % 100


def rule_of_thumb(dataset: Dataset) -> Answers:
    """A flight catches up as much as flights do on average, and is in the air as long as others on its way.

    Where no training flight took the same way, those to the same destination count; failing these, all do.

    Returns:
        The answers to the test rows in minutes, float32, shape (rows, 1).
    """
    train, test = (pd.DataFrame(columns_of(dataset.signature, rows.inputs)) for rows in (dataset.train, dataset.test))
    truth = {name: minutes.astype(np.float64) for name, minutes in dataset.train.targets.items()}
    minutes = {}
    if "arrival_delay" in truth:
        catch_up = (truth["arrival_delay"] - train["departure_delay"]).mean()
        minutes["arrival_delay"] = test["departure_delay"] + catch_up
    if "air_time" in truth:
        minutes["air_time"] = pd.Series(truth["air_time"].mean(), test.index)
        for way in (["dest"], ["origin", "dest"]):
            means = train.assign(mean=truth["air_time"]).groupby(way)["mean"].mean()
            minutes["air_time"] = test.join(means, on=way)["mean"].fillna(minutes["air_time"])
    return {name: column.to_numpy(np.float32)[:, None] for name, column in minutes.items()}


def _read_table(data_dir: Path, path: str, files: dict[str, str]) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(gzip.decompress(read_verified(data_dir, path, files))))

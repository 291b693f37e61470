"""`training.datasets.weather`."""

import numpy as np
import pandas as pd

from training.datasets.flights_signature import WEATHER_FIELDS
from training.datasets.weather import SOURCE_COLUMNS, with_weather


def _observation(hour: int, **values: float) -> dict[str, object]:
    ordinary = dict.fromkeys(SOURCE_COLUMNS.values(), 5.0) | {"pressure": 1000.0}
    return {"origin": "EWR", "year": 2013, "month": 1, "day": 1, "hour": hour, **ordinary, **values}


def _joined(departed: str, *observations: dict[str, object]) -> dict[str, float]:
    columns = with_weather(pd.Series(["EWR"]), pd.Series([pd.Timestamp(departed)]), pd.DataFrame(list(observations)))
    return {name: float(column.iloc[0]) for name, column in columns.items()}


def test_nothing_from_the_future() -> None:
    """A flight gets the last full hour before it departs, even one minute before the next."""
    observations = [_observation(10, temp=10), _observation(11, temp=11)]
    assert _joined("2013-01-01 10:59", *observations)["temperature"] == 10
    assert _joined("2013-01-01 11:00", *observations)["temperature"] == 11


def test_gaps_get_the_default() -> None:
    """Where nothing was observed, or not that value, the field's default stands."""
    defaults = {field.name: field.default for field in WEATHER_FIELDS}
    assert _joined("2013-01-01 12:00", _observation(10)) == defaults
    partial = _joined("2013-01-01 10:30", _observation(10, pressure=np.nan))
    assert partial["pressure"] == defaults["pressure"]
    assert partial["temperature"] == 5


def test_the_impossible_gets_the_default() -> None:
    """A wind of 1,048 mph was never observed."""
    joined = _joined("2013-01-01 10:30", _observation(10, wind_speed=1048.4))
    assert joined["wind_speed"] == next(f.default for f in WEATHER_FIELDS if f.name == "wind_speed")


def test_repeated_hour_adds_no_row() -> None:
    """The hour that the clocks repeat does not double the flights."""
    columns = with_weather(
        pd.Series(["EWR", "JFK"]),
        pd.Series([pd.Timestamp("2013-01-01 10:30")] * 2),
        pd.DataFrame([_observation(10, temp=1), _observation(10, temp=2)]),
    )
    assert {len(column) for column in columns.values()} == {2}
    assert columns["temperature"].iloc[0] == 1

"""The weather at the origin when a flight departs, from hourly observations."""

import pandas as pd

from training.datasets.flights_signature import WEATHER_FIELDS
from training.signature import Number

SOURCE_COLUMNS = {
    "temperature": "temp",
    "humidity": "humid",
    "wind_direction": "wind_dir",
    "wind_speed": "wind_speed",
    "precipitation": "precip",
    "visibility": "visib",
    "pressure": "pressure",
}
"""Field of the signature to column of `weather.csv`."""


def with_weather(
    origin: "pd.Series[str]", departed: "pd.Series[pd.Timestamp]", weather: pd.DataFrame
) -> "dict[str, pd.Series[float]]":
    """The observation of the full hour before departure, which is known when the flight departs.

    What was not observed gets the field's default, as it does in a record that leaves the field out; so
    does what lies outside the field's range (one wind of 1,048 mph).

    Args:
        origin: Airport codes, shape (rows,).
        departed: Local time of departure, shape (rows,).
        weather: Columns of `weather.csv`.

    Returns:
        A column of shape (rows,) per weather field, without gaps.
    """
    observed = pd.to_datetime(weather[["year", "month", "day", "hour"]])
    keys = ["origin", "observed"]
    # The hour that the clocks repeat in November stands twice; its first observation counts.
    table = weather.assign(observed=observed).drop_duplicates(keys).set_index(keys)
    wanted = pd.MultiIndex.from_arrays([origin, departed.dt.floor("h")])
    matched = table.reindex(wanted).reset_index(drop=True)
    return {field.name: _filled(matched[SOURCE_COLUMNS[field.name]], field) for field in WEATHER_FIELDS}


def _filled(column: "pd.Series[float]", field: Number) -> "pd.Series[float]":
    lowest, highest = (float(bound) for bound in (field.minimum, field.maximum) if bound is not None)
    return column.where(column.between(lowest, highest), float(field.default or 0))

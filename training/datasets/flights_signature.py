"""The tensors, fields and answers of every model named `flights`.

`wide` and `deep` overlap: what is known for sure about a flight fills both, date and weather only `deep`.
"""

from training.datasets.dataset import INTERVAL
from training.signature import (
    Category,
    Date,
    Element,
    Field,
    Number,
    Output,
    Place,
    Signature,
    Tensor,
    Time,
)

_CARRIERS = "9E AA AS B6 DL EV F9 FL HA MQ OO UA US VX WN YV"
_ORIGINS = "EWR JFK LGA"
_DESTINATIONS = """
    ABQ ACK ALB ANC ATL AUS AVL BDL BGR BHM BNA BOS BQN BTV BUF BUR BWI BZN CAE CAK CHO CHS CLE CLT CMH CRW
    CVG DAY DCA DEN DFW DSM DTW EGE EYW FLL GRR GSO GSP HDN HNL HOU IAD IAH ILM IND JAC JAX LAS LAX LEX LGB
    MCI MCO MDW MEM MHT MIA MKE MSN MSP MSY MTJ MVY MYR OAK OKC OMA ORD ORF PBI PDX PHL PHX PIT PSE PSP PVD
    PWM RDU RIC ROC RSW SAN SAT SAV SBN SDF SEA SFO SJC SJU SLC SMF SNA SRQ STL STT SYR TPA TUL TVC TYS XNA
"""

VOCABULARIES = {
    name: tuple(words.split())
    for name, words in (("carrier", _CARRIERS), ("origin", _ORIGINS), ("dest", _DESTINATIONS))
}

WIDE = ("carrier", "origin", "dest", "scheduled_departure", "scheduled_arrival", "departure_delay", "distance")
DEEP = (
    *WIDE,
    "date",
    "temperature",
    "humidity",
    "wind_direction",
    "wind_speed",
    "precipitation",
    "visibility",
    "pressure",
)


def _fills(name: str) -> tuple[Place, ...]:
    inputs = (("wide", WIDE), ("deep", DEEP))
    return tuple(Place(tensor, names.index(name)) for tensor, names in inputs if name in names)


def _category(name: str, description: str) -> Category:
    return Category(name=name, description=description, fills=_fills(name), vocabulary=VOCABULARIES[name])


def _number(name: str, description: str, unit: str, span: tuple[float, float], default: float | None = None) -> Number:
    minimum, maximum = span
    return Number(
        name=name,
        description=description,
        fills=_fills(name),
        default=default,
        unit=unit,
        minimum=minimum,
        maximum=maximum,
    )


# The defaults are the medians over the training flights, so that a flight without weather is an ordinary one.
WEATHER_FIELDS = (
    _number("temperature", "Air temperature at the origin.", "°F", (-60, 130), 57.02),
    _number("humidity", "Relative humidity at the origin.", "%", (0, 100), 57.3),
    _number("wind_direction", "Direction that the wind at the origin comes from.", "°", (0, 360), 220),
    _number("wind_speed", "Wind speed at the origin.", "mph", (0, 200), 10.35702),
    _number("precipitation", "Precipitation at the origin within the hour.", "in", (0, 20), 0),
    _number("visibility", "Visibility at the origin; 10 also stands for more.", "mi", (0, 10), 10),
    _number("pressure", "Air pressure at the origin, reduced to sea level.", "hPa", (850, 1100), 1018),
)

_FIELDS: tuple[Field, ...] = (
    Date(
        name="date",
        description="Day of the scheduled departure; season and weekday are drawn from it. Trained on 2013.",
        fills=_fills("date"),
        minimum="2000-01-01",
        maximum="2099-12-31",
    ),
    _category("carrier", "Two-character code of the airline."),
    _category("origin", "Airport of departure."),
    _category("dest", "Airport of arrival."),
    Time(
        name="scheduled_departure",
        description="Scheduled departure, local time at the origin.",
        fills=_fills("scheduled_departure"),
    ),
    Time(
        name="scheduled_arrival",
        description="Scheduled arrival, local time at the destination.",
        fills=_fills("scheduled_arrival"),
    ),
    _number("departure_delay", "How late the flight departed; negative is early.", "min", (-120, 3000)),
    _number("distance", "Distance between the two airports.", "mi", (1, 6000)),
    *WEATHER_FIELDS,
)


def _minutes(name: str, description: str, subject: str) -> tuple[tuple[Output, ...], tuple[Element, ...]]:
    """The outputs of one target, and the keys of the answer that are drawn from them."""
    interval = f"{name}{INTERVAL}"
    ends = f"Low and high end of the minutes between which {subject} lies in four flights of five."
    outputs = (
        Output(name=name, dtype="FP32", shape=(1,), description=description, rtol=1e-4, atol=1e-2),
        Output(name=interval, dtype="FP32", shape=(2,), description=ends, rtol=1e-4, atol=1e-2),
    )
    keys = (
        Element(name=name, description=description, output=name, index=0, unit="min"),
        Element(
            name=f"{name}_low",
            description=f"In one flight of ten, {subject} is shorter.",
            output=interval,
            index=0,
            unit="min",
        ),
        Element(
            name=f"{name}_high",
            description=f"In one flight of ten, {subject} is longer.",
            output=interval,
            index=1,
            unit="min",
        ),
    )
    return outputs, keys


_ARRIVAL_DELAY = _minutes(
    "arrival_delay", "How late the flight will arrive, in minutes; negative is early.", "the arrival delay"
)
_AIR_TIME = _minutes("air_time", "How long the flight will be in the air, in minutes.", "the air time")

SIGNATURE = Signature(
    name="flights",
    task="regression",
    inputs=(
        Tensor(name="wide", dtype="FP32", shape=(len(WIDE),), description="What is scheduled, and the delay."),
        Tensor(name="deep", dtype="FP32", shape=(len(DEEP),), description="The same, with date and weather."),
    ),
    outputs=tuple(target[0][place] for place in (0, 1) for target in (_ARRIVAL_DELAY, _AIR_TIME)),
    fields=_FIELDS,
    result=(*_ARRIVAL_DELAY[1], *_AIR_TIME[1]),
)

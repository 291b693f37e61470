"""What the typed APIs take and answer, for BentoML's docs page and clients.

The truth about fields is each model's signature, against which every call is checked; these types describe the
interface that all versions of a model share.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

Image = Annotated[
    # the string first: BentoML's schema keeps only the first of a union, and its client makes lists of strings
    str | list[list[int]],
    Field(description="Base64 of an 8-bit grey PNG of 28 x 28 pixels, or 28 rows of 28 whole numbers 0-255."),
]
Probabilities = Annotated[
    list[float], Field(description="Ten probabilities, in the order of the classes; their sum is 1.")
]


class Digit(BaseModel):
    """Answer of ``classify_digit``."""

    digit: int = Field(description="The most probable digit.")
    probabilities: Probabilities


class Garment(BaseModel):
    """Answer of ``classify_garment``."""

    garment: str = Field(description="The most probable garment.")
    probabilities: Probabilities


class Loyalty(BaseModel):
    """Answer of ``loyal_customer``."""

    loyal: bool = Field(description="Whether the probability reaches one half.")
    probability: float = Field(description="Probability that the customer is loyal, 0-1.")


class Flight(BaseModel):
    """Answer of ``predict_flight``."""

    arrival_delay: float = Field(description="Minutes behind the scheduled arrival; negative: early.")
    arrival_delay_low: float = Field(description="In one flight of ten, the arrival delay is shorter.")
    arrival_delay_high: float = Field(description="In one flight of ten, the arrival delay is longer.")
    air_time: float = Field(description="Minutes between take-off and landing.")
    air_time_low: float = Field(description="In one flight of ten, the air time is shorter.")
    air_time_high: float = Field(description="In one flight of ten, the air time is longer.")
